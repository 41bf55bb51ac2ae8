"""People of a case at the desk: the list, one person with papers and transfers, adding, paying others instead, merging, reminders."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, abort, make_response, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response as BaseResponse

from webapp.accounts.models import Clerk
from webapp.cases import people as deeds
from webapp.cases.desk_views import case_or_404
from webapp.cases.finding import PAGE, is_pending, people_page
from webapp.cases.forms import MergeForm, PaperForm, PersonForm, ReminderForm, TransferForm
from webapp.cases.models import Case, CasePayee, Collection, Stage
from webapp.cases.people import AlreadyNamed, CannotMove, Person
from webapp.cases.people_models import PayeePaper, TransferKind
from webapp.cases.queries import amounts_of, payee_of, tally_of
from webapp.cases.register_models import RegisterAmount, RegisterImport
from webapp.cases.reminders import NotCollecting, Preview, begin_reminder, preview_reminder, reminders_of
from webapp.cases.rules import format_amount
from webapp.cases.spent import money_of
from webapp.cases.words import STAGES, TRANSFERS
from webapp.core import audit
from webapp.core.clock import in_china
from webapp.core.db import db, unit_of_work
from webapp.core.masking import mask_number, mask_phone
from webapp.core.once import AlreadyDone, spend
from webapp.evidence.usecases import open_file
from webapp.identity.rules.documents import DocumentType, guess_types
from webapp.identity.usecases import document_hash
from webapp.identity.words import document_name
from webapp.web.access import DESK, Access, open_to, require_fresh
from webapp.web.fields import WORDS as UPLOAD_WORDS
from webapp.web.numbers import typed_number
from webapp.web.present import now, once_token, seams, settings
from webapp.web.rendering import go, show
from webapp.web.uploads import BadUpload, clean_picture

bp = Blueprint("desk_people", __name__, url_prefix="/desk/cases/<case_id>/people")
MAY_CHANGE = (Access.MANAGER,)
MOST_PAPER = 20_000_000


def _why_not(why: str) -> str:
    words = {
        "signed": _("已经签署的金额不能再变动。"),
        "receiver_signed": _("收款的一方已经签署，金额不能再增加。请另外指定一位在本案没有签署过的人领取。"),
        "apart": _("单位的钱和个人的钱（或者两个单位的钱）不能放在同一个人名下一起发放。请另外指定一位代表人。"),
        "too_much": _("金额超过了此人还剩的份额。"),
        "same": _("两条是同一条。"),
        "merged": _("其中一条已经合并到别处。"),
        "pending": _("本案有一份名册在等待处理，请先导入或放弃。"),
        "changed": _("有人刚刚更正了对方的证件号码，请重新查看后再办理。"),
        "undone": _("这笔划转已经撤销。"),
        "paid": _("这笔金额已经发放，或者正在发放，不能再划给别人。"),
        "passed_on": _("收到的金额已经划给别人，请先撤销那一笔。"),
    }
    return str(words[why])


def payee_or_404(case_id: str, payee_id: str) -> tuple[Case, CasePayee]:
    """A person of a case that this clerk may see."""
    number = int(payee_id) if payee_id.isascii() and payee_id.isdigit() and len(payee_id) < 19 else 0
    return case_or_404(case_id), payee_of(case_id, number) or abort(404)


def may_change() -> bool:
    """True for those who may change who is paid."""
    return bool(current_user.marks & set(MAY_CHANGE))


@bp.route("", methods=["GET", "POST"])
@open_to(*DESK)
def people(case_id: str) -> Response:
    """The list, a page at a time. A search is a POST: what is searched for must stand in no address."""
    found = case_or_404(case_id)
    stage = request.values.get("stage", "")
    typed = request.form.get("q", "").strip()[:60]
    after = typed_number(request.values, "after")
    chosen = Stage(stage) if stage in set(Stage) else None
    page = people_page(found, stage=chosen, typed=typed, after=after, today=in_china(now()).date())
    if typed:
        with unit_of_work():
            by = audit.Actor("clerk", current_user.id)
            audit.record(by, "cases.searched", ("case", case_id), now=now(), found=[row.id for row in page.rows])
    options = [("", _("全部状态")), *((s.value, STAGES[s][0]) for s in Stage)]
    return show(
        "desk/cases_people.html", case=found, rows=[_row(row) for row in page.rows], page=page, stage=stage, q=typed, after=after,
        options=options, named=tally_of(found).named, may_change=may_change(), pending=is_pending(case_id), size=PAGE,
    )  # fmt: skip


def _row(payee: CasePayee) -> dict[str, Any]:
    return {
        "href": url_for("desk_people.person", case_id=payee.case_id, payee_id=payee.id), "name": payee.name, "number": mask_number(payee.number),
        "type": document_name(payee.document_type) if payee.document_type else "", "amount": format_amount(payee.amount),
        "stage": STAGES[Stage(payee.stage)], "by_hand": payee.import_id is None, "merged": payee.merged_into_id is not None,
        "company": deeds.ActsFor(payee.company["name"], payee.company.get("code", "")).company_titled if payee.company else "",
    }  # fmt: skip


@bp.get("/<payee_id>")
@open_to(*DESK)
def person(case_id: str, payee_id: str) -> Response:
    """One person: amount, stage, papers, what came from and went to others. The look leaves a row in the audit trail."""
    return _show_person(case_id, payee_id)


def _show_person(
    case_id: str, payee_id: str, status: int = 200, words: str = "", paper: PaperForm | None = None
) -> Response:
    found, payee = payee_or_404(case_id, payee_id)
    with unit_of_work():
        audit.record(audit.Actor("clerk", current_user.id), "desk.looked", ("case_payee", str(payee.id)), now=now())
    transfers = [_transfer(made, other, payee) for made, other in deeds.transfers_of(payee.id)]
    kept = payee_of(case_id, payee.merged_into_id) if payee.merged_into_id else None
    return show(
        "desk/cases_person.html", status, case=found, payee=payee, stage=STAGES[Stage(payee.stage)], words=words, paper=paper or PaperForm(),
        papers=deeds.papers_of(payee.id), transfers=transfers, kept=kept, may_change=may_change(), settled=payee.stage in deeds.SETTLED,
        may_counter=bool(current_user.marks & {Access.REVIEWER, Access.MANAGER}) and not kept,
        type_name=document_name(payee.document_type) if payee.document_type else "", amount=format_amount(payee.amount),
        sums=[_sum(*change) for change in amounts_of(payee.id)], moved=format_amount(abs(payee.moved)), phone=mask_phone(payee.phone) if payee.phone else "",
    )  # fmt: skip


def _sum(change: RegisterAmount, register: RegisterImport, by: str) -> dict[str, Any]:
    return {
        "file": register.file_name, "by": by, "at": register.applied_at, "before": format_amount(change.before),
        "after": format_amount(change.after),
    }  # fmt: skip


def _transfer(made: Any, other: CasePayee, payee: CasePayee) -> dict[str, Any]:
    clerk = db.session.get(Clerk, made.made_by)
    return {
        "id": made.id, "kind": TRANSFERS[TransferKind(made.kind)], "out": made.from_id == payee.id, "amount": format_amount(made.amount),
        "other": other.name, "href": url_for("desk_people.person", case_id=other.case_id, payee_id=other.id), "reason": made.reason,
        "by": clerk.display_name if clerk else "", "at": made.made_at, "undone": made.undone_at is not None,
    }  # fmt: skip


@bp.route("/add", methods=["GET", "POST"])
@open_to(*MAY_CHANGE)
def add(case_id: str) -> BaseResponse:
    """Naming somebody whom no register names."""
    found, form, words = case_or_404(case_id), PersonForm(), ""
    require_fresh(url_for("desk_people.add", case_id=case_id))
    if request.method == "POST" and form.validate():
        try:
            with unit_of_work():
                spend(once_token(), now=now())
                made = deeds.add_payee(
                    found, _person(form), form.fen, form.reason.data, clerk_id=current_user.id, now=now()
                )
            return go(url_for("desk_people.person", case_id=case_id, payee_id=made.id))
        except AlreadyDone:
            return go(url_for("desk_people.people", case_id=case_id))
        except AlreadyNamed:
            form.number.errors = [_("本案已有这个证件号码的人。")]
        except CannotMove as cannot:
            words = _why_not(cannot.why)
    return show(
        "desk/cases_add.html", 422 if form.errors or words else 200, case=found, form=form, words=words, payee=None
    )


def _person(form: PersonForm) -> Person:
    return Person(form.name.data, form.document_type.data, form.clean_number, phone=form.e164, company=form.acts_for)


@bp.route("/<payee_id>/instead", methods=["GET", "POST"])
@open_to(*MAY_CHANGE)
def instead(case_id: str, payee_id: str) -> BaseResponse:
    """An heir, a representative or a company is paid what this person is owed, or a part of it."""
    found, payee = payee_or_404(case_id, payee_id)
    require_fresh(url_for("desk_people.instead", case_id=case_id, payee_id=payee_id))
    form, words = TransferForm(), ""
    if request.method == "POST" and form.validate():
        try:
            with unit_of_work():
                spend(once_token(), now=now())
                deeds.pay_instead(
                    found,
                    payee.id,
                    TransferKind(form.kind.data),
                    _person(form),
                    form.fen,
                    form.reason.data,
                    clerk_id=current_user.id,
                    now=now(),
                )
            return go(url_for("desk_people.person", case_id=case_id, payee_id=payee_id))
        except AlreadyDone:
            return go(url_for("desk_people.person", case_id=case_id, payee_id=payee_id))
        except CannotMove as cannot:
            if cannot.why == "too_much":
                form.amount.errors = [_why_not(cannot.why)]
            else:
                words = _why_not(cannot.why)
    return show(
        "desk/cases_add.html", 422 if form.errors or words else 200, case=found, form=form, words=words, payee=payee,
        left=format_amount(payee.amount),
    )  # fmt: skip


@bp.route("/<payee_id>/merge", methods=["GET", "POST"])
@open_to(*MAY_CHANGE)
def merge(case_id: str, payee_id: str) -> BaseResponse:
    """This entry and another are one person: the other one goes into this one, once a clerk has seen whose money that is."""
    found, payee = payee_or_404(case_id, payee_id)
    require_fresh(url_for("desk_people.merge", case_id=case_id, payee_id=payee_id))
    form, words, other = MergeForm(), "", None
    if request.method == "POST" and form.validate():
        other = _by_number(case_id, form.other.data or "")
        if other is None:
            form.other.errors = [_("本案没有这个证件号码的人。")]
        elif request.form.get("sure") == str(other.id):  # the very one whose money was shown
            try:
                with unit_of_work():
                    spend(once_token(), now=now())
                    deeds.merge_entries(
                        found, other.id, payee.id, form.reason.data, clerk_id=current_user.id, now=now()
                    )
                return go(url_for("desk_people.person", case_id=case_id, payee_id=payee_id))
            except AlreadyDone:
                return go(url_for("desk_people.person", case_id=case_id, payee_id=payee_id))
            except CannotMove as cannot:
                words = _why_not(cannot.why)
    return show(
        "desk/cases_merge.html", 422 if form.errors or words else 200, case=found, form=form, words=words, payee=payee, other=other,
        both=[_whose(one) for one in (payee, other)] if other is not None else [],
    )  # fmt: skip


def _whose(payee: CasePayee) -> dict[str, Any]:
    """Whose money it is that would be merged: owed, paid, on its way, and into which account."""
    money = money_of(payee.id)
    with unit_of_work():
        audit.record(audit.Actor("clerk", current_user.id), "desk.looked", ("case_payee", str(payee.id)), now=now())
    return {
        **_row(payee),
        "paid": format_amount(money.paid),
        "way": format_amount(money.on_its_way),
        "account": money.account,
    }


def _by_number(case_id: str, typed: str) -> CasePayee | None:
    kinds = guess_types(typed, today=in_china(now()).date()) or tuple(DocumentType)
    rows = [row for kind in kinds if (row := deeds.entry_by_hash(case_id, document_hash(kind, typed)))]
    return payee_of(case_id, rows[0].id) if rows else None


@bp.post("/<payee_id>/transfers/<transfer_id>/undo")
@open_to(*MAY_CHANGE)
def undo(case_id: str, payee_id: str, transfer_id: str) -> BaseResponse:
    """Takes a transfer or a merge back, as long as nobody has signed."""
    found, payee = payee_or_404(case_id, payee_id)
    if transfer_id not in {made.id for made, _other in deeds.transfers_of(payee.id)}:
        abort(404)
    require_fresh(url_for("desk_people.person", case_id=case_id, payee_id=payee_id))
    try:
        with unit_of_work():
            deeds.take_back(found, transfer_id, clerk_id=current_user.id, now=now())
    except CannotMove as cannot:
        return _show_person(case_id, payee_id, 409, _why_not(cannot.why))
    return go(url_for("desk_people.person", case_id=case_id, payee_id=payee_id))


@bp.post("/<payee_id>/papers")
@open_to(*MAY_CHANGE)
def add_paper(case_id: str, payee_id: str) -> BaseResponse:
    """Keeps a paper, sealed."""
    _found, payee = payee_or_404(case_id, payee_id)
    form = PaperForm()
    if not form.validate():
        return _show_person(case_id, payee_id, 422, paper=form)
    try:
        data, media_type = _clean_paper(form.paper.data)
    except BadUpload as bad:
        form.paper.errors = [UPLOAD_WORDS[bad.fault]]
        return _show_person(case_id, payee_id, 422, paper=form)
    paper = deeds.seal_paper(
        payee.id, form.title.data, data, media_type, clerk_id=current_user.id, store=seams().store, now=now()
    )
    try:
        with unit_of_work():
            spend(once_token(), now=now())
            deeds.keep_paper(paper, now=now())
    except AlreadyDone:
        seams().store.delete(paper.object_key)
    return go(url_for("desk_people.person", case_id=case_id, payee_id=payee_id))


def _clean_paper(file: Any) -> tuple[bytes, str]:
    """A PDF as it came, or a picture made anew."""
    head = file.stream.read(5)
    file.stream.seek(0)
    if head == b"%PDF-":
        data = file.stream.read(MOST_PAPER + 1)
        if len(data) <= MOST_PAPER:
            return data, "application/pdf"
    clean = clean_picture(file, longest_side=2400)
    return clean.data, clean.media_type


@bp.get("/<payee_id>/papers/<paper_id>")
@open_to(*DESK)
def paper(case_id: str, payee_id: str, paper_id: str) -> Response:
    """One paper, with a row in the audit trail. A PDF is handed down as a file, and runs nothing of ours."""
    _case, payee = payee_or_404(case_id, payee_id)
    found = db.session.get(PayeePaper, paper_id)
    if found is None or found.payee_id != payee.id:
        abort(404)
    with unit_of_work():
        audit.record(audit.Actor("clerk", current_user.id), "desk.looked", ("paper", paper_id), now=now())
    response = make_response(open_file(found.object_key, store=seams().store), 200)
    kind = "pdf" if found.media_type == "application/pdf" else "jpg"
    response.headers["Content-Type"] = found.media_type
    response.headers["Content-Disposition"] = (
        f'{"attachment" if kind == "pdf" else "inline"}; filename="{paper_id}.{kind}"'
    )
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response


@bp.route("/reminders", methods=["GET", "POST"])
@open_to(*MAY_CHANGE)
def reminders(case_id: str) -> BaseResponse:
    """Whom to remind; then how many that are and what it costs; then it is sent."""
    found, form, preview = case_or_404(case_id), ReminderForm(), None
    if request.method == "POST" and form.validate():
        stages = [Stage(stage) for stage in form.stages.data]
        preview = _preview(found, stages)
        if "send" in request.form:
            try:
                with unit_of_work():
                    spend(once_token(), now=now())
                    begin_reminder(
                        db.session.get_one(Case, found.id), stages, preview, clerk_id=current_user.id, now=now()
                    )
            except AlreadyDone:
                pass
            except NotCollecting:
                form.stages.errors = [_("本案现在不在登记期间，不能发提醒。")]
                return _show_reminders(found, form, None)
            return go(url_for("desk_people.reminders", case_id=case_id))
    return _show_reminders(found, form, preview)


def _preview(found: Case, stages: list[Stage]) -> Preview:
    facts = reminder_facts() | {"case": found.number}
    return preview_reminder(found, stages, facts=facts, signature=settings().court_short_name, now=now())


def reminder_facts() -> dict[str, str]:
    """What a reminder says besides the person and the case."""
    return {"link": settings().public_url, "phone": settings().court_phone}


def _show_reminders(found: Case, form: ReminderForm, preview: Preview | None) -> Response:
    is_open = found.collection(now()) is Collection.OPEN
    return show(
        "desk/cases_reminders.html", 422 if form.errors else 200, case=found, form=form, preview=preview, is_open=is_open,
        rounds=reminders_of(found.id), words=STAGES,
    )  # fmt: skip
