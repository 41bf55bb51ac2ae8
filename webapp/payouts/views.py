"""The pages of payments: a case's money, its rounds, its batches, and letting a batch go."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from flask import Blueprint, Response, abort, make_response, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_login import current_user
from werkzeug.wrappers import Response as BaseResponse

from webapp.accounts.models import Clerk
from webapp.accounts.queries import may_see_court
from webapp.accounts.sessions import spend_proof
from webapp.cases.models import Case
from webapp.cases.queries import cases_of
from webapp.cases.rules import format_amount
from webapp.core.clock import in_china
from webapp.core.db import db, unit_of_work
from webapp.core.masking import mask_card, mask_name
from webapp.core.once import AlreadyDone, spend
from webapp.ledger.models import PayoutBatch, PayoutLine
from webapp.ledger.rules import Answer, BatchState, LineState, RoundKind
from webapp.ledger.words import LINE, reason_words
from webapp.payouts import queries
from webapp.payouts.forms import BatchForm, ReleaseForm, RoundForm
from webapp.payouts.rules import AGAIN, BACK, Flag, LeftOut
from webapp.payouts.templates import template_of
from webapp.payouts.usecases import batches, files
from webapp.payouts.usecases.batches import BatchRefused
from webapp.payouts.usecases.rounds import RoundAsked, RoundRefused, open_round
from webapp.payouts.words import AGAINS, ANSWERS, BATCH, DECISIONS, FLAG_WORDS, FLAGS, KIND, LEFT_OUT, REFUSED, RESULT
from webapp.web import desk_nav
from webapp.web.access import Access, ProofWanted, open_to, require_fresh
from webapp.web.numbers import BEYOND_COUNTS, typed_number
from webapp.web.present import now, once_token, seams, settings
from webapp.web.rendering import go, show

bp = Blueprint("desk_payouts", __name__, url_prefix="/desk/payouts")
bp.add_app_template_filter(format_amount, "yuan")
MAY_LOOK = (Access.MANAGER, Access.AUDITOR)
MAY_PAY = (Access.MANAGER,)
"""Who makes and releases. Administrators set the system up and never move money; reviewers decide on people."""
desk_nav.add("desk_payouts.index", _l("款项发放"), MAY_LOOK, order=50)


def case_or_404(case_id: str) -> Case:
    """The case of an address: the one place that decides which cases this clerk may see the money of."""
    found: Case = db.session.get(Case, case_id) or abort(404)
    if not may_see_court(current_user, found.court):
        abort(404)
    return found


def batch_or_404(batch_id: str) -> tuple[PayoutBatch, Case]:
    """The batch of an address, with its case."""
    batch: PayoutBatch = db.session.get(PayoutBatch, batch_id) or abort(404)
    return batch, case_or_404(batch.case_id)


def may_pay() -> bool:
    """True when the asker may make, release and import."""
    return bool(current_user.marks & set(MAY_PAY))


def refused_words(refused: Exception) -> str:
    """Why a deed isn't possible, in words."""
    return str(REFUSED[str(refused)])


def take_proof(back: str) -> None:
    """Takes the clerk's fresh proof for this one deed, inside its unit of work. Raises ProofWanted."""
    if not spend_proof(current_user.session_id, now=now()):
        raise ProofWanted(back)


@bp.get("/")
@open_to(*MAY_LOOK)
def index() -> Response:
    """Every case with its balance."""
    rows = [(case, queries.balance_of(case.id)) for case in cases_of(current_user.courts)]
    return show("desk/payouts/index.html", rows=rows, waiting=queries.waiting_batches(current_user.courts))


@bp.get("/cases/<case_id>")
@open_to(*MAY_LOOK)
def case(case_id: str) -> Response:
    """A case's money: balance, rounds, batches, results."""
    found = case_or_404(case_id)
    context: dict[str, Any] = {
        "balance": queries.balance_of(case_id),
        "rounds": queries.rounds_of(case_id),
        "batches": queries.batches_of(case_id),
        "results": queries.results_of(case_id)[:20],
        "held": len(queries.held_lines(case_id)),
        "KIND": KIND,
        "BATCH": BATCH,
        "RESULT": RESULT,
        "may_pay": may_pay(),
    }
    return show("desk/payouts/case.html", case=found, **context)


@bp.route("/cases/<case_id>/rounds/new", methods=["GET", "POST"])
@open_to(*MAY_PAY)
def new_round(case_id: str) -> BaseResponse:
    """A round is opened: everything, a percentage, or a sum to be divided."""
    found, form, words = case_or_404(case_id), RoundForm(), ""
    require_fresh(url_for("desk_payouts.new_round", case_id=case_id))
    if request.method == "POST" and form.validate():
        asked = RoundAsked(RoundKind(form.kind.data), form.part, form.fen)
        try:
            with unit_of_work():
                spend(once_token(), now=now())
                open_round(case_id, asked, clerk_id=current_user.id, now=now())
            return go(url_for("desk_payouts.case", case_id=case_id))
        except AlreadyDone:
            return go(url_for("desk_payouts.case", case_id=case_id))
        except RoundRefused as refused:
            words = refused_words(refused)
    balance = queries.balance_of(case_id)
    return show(
        "desk/payouts/round.html",
        422 if form.errors or words else 200,
        case=found,
        form=form,
        words=words,
        balance=balance,
    )


@bp.route("/cases/<case_id>/batches/new", methods=["GET", "POST"])
@open_to(*MAY_PAY)
def new_batch(case_id: str) -> BaseResponse:
    """A batch is made of whoever is due; it takes a fresh proof of who makes it."""
    found, form, words, here = case_or_404(case_id), BatchForm(), "", url_for("desk_payouts.new_batch", case_id=case_id)
    if request.method == "GET":
        require_fresh(here)
    if request.method == "POST" and form.validate():
        try:
            with unit_of_work():
                spend(once_token(), now=now())
                take_proof(here)
                made = batches.make_batch(case_id, form.template.data, clerk_id=current_user.id, now=now())
            return go(url_for("desk_payouts.batch", batch_id=made.id))
        except AlreadyDone:
            return go(url_for("desk_payouts.case", case_id=case_id))
        except BatchRefused as refused:
            words = refused_words(refused)
    return show("desk/payouts/new_batch.html", 422 if form.errors or words else 200, case=found, form=form, words=words)


@bp.get("/batches/<batch_id>")
@open_to(*MAY_LOOK)
def batch(batch_id: str) -> Response:
    """A batch: totals, checks, lines, and what may be done with it now."""
    return _show_batch(batch_id, ReleaseForm())


def _show_batch(
    batch_id: str, form: ReleaseForm, words: str = "", *, status: int = 200, password: str = ""
) -> Response:
    found, its_case = batch_or_404(batch_id)
    if found.state in (BatchState.MAKING, BatchState.WRITING):
        return show("desk/payouts/working.html", batch=found, case=its_case, BATCH=BATCH)
    flag, state, after = (
        request.args.get("flag", ""),
        request.args.get("state", ""),
        typed_number(request.args, "after", most=BEYOND_COUNTS),
    )
    lines = queries.page_of_lines(batch_id, flag=flag, state=state, after=after)
    states, flags = queries.states_in(batch_id), queries.flags_in(batch_id)
    again = {key: count for key in AGAINS if (count := queries.count_paid_again(batch_id, key))}
    first = {key: queries.page_of_lines(batch_id, flag=key, state="", after=0)[: queries.PAGE] for key in again}
    named = {line.id for line in itertools.chain(lines, *first.values())}
    doubts = queries.doubts_of(batch_id, named) if again else {}
    told = [line.submission_id for line in lines]
    beside = queries.helpers_of(told), queries.unproved_of(told)
    form.control.data = found.control
    people = {who: db.session.get_one(Clerk, who).display_name for who in (found.made_by, found.released_by) if who}
    context = {
        "people": people,
        "format_title": template_of(found.template).title,
        "rows": [_line(line, doubts.get(line.id, ()), *beside) for line in lines[: queries.PAGE]],
        "more": lines[queries.PAGE - 1].number if len(lines) > queries.PAGE else None,
        "states": [(LINE[LineState(key)], *value, key) for key, value in states.items()],
        "flags": [(FLAGS[key], count, key) for key, count in flags.items()],
        "again": [
            *((key, count, _told(first[key], doubts)) for key, count in again.items()),
            *_later(batch_id, flags.get(Flag.LATER, 0)),
        ],
        "by_maker": [
            (words, count)
            for words, count in (
                (
                    _("再付一次的付款里，银行结果由这一批的制作人本人导入的笔数："),
                    queries.count_again_by_maker(batch_id),
                ),
                (
                    _("由后来的名册加入或改过金额，而且名册由这一批的制作人本人导入的笔数："),
                    queries.count_later_by_maker(batch_id),
                ),
            )
            if count
        ],
        "barred": _barred(batch_id) if again else "",
        "left_out": [(LEFT_OUT[LeftOut(key)], count) for key, count in found.left_out.items()],
        "flag": flag,
        "state": state,
        "FLAGS": FLAG_WORDS,
        "LINE": LINE,
        "BATCH": BATCH,
        "may_pay": may_pay(),
        "mine": found.made_by == current_user.id,
        "released_here": found.released_by == current_user.id,
    }
    return show(
        "desk/payouts/batch.html",
        status,
        batch=found,
        case=its_case,
        form=form,
        words=words,
        password=password,
        **context,
    )


def _told(lines: Iterable[PayoutLine], doubts: Mapping[int, list[queries.Doubt]]) -> list[tuple[PayoutLine, list[str]]]:
    """Lines that pay again, with the story of each; first those that do by an answer that the maker imported."""
    by_maker = {line_id for line_id, stories in doubts.items() if any(story.by_maker for story in stories)}
    ordered = sorted(lines, key=lambda line: line.id not in by_maker)
    return [(line, doubt_words(doubts.get(line.id, ()))) for line in ordered]


def _later(batch_id: str, count: int) -> list[tuple[str, int, list[tuple[PayoutLine, list[str]]]]]:
    """Those who came, or are owed another sum, by a later register; first those by one that the maker imported."""
    if not count:
        return []
    lines = queries.page_of_lines(batch_id, flag=Flag.LATER, state="", after=0)[: queries.PAGE]
    stories = queries.later_registers(batch_id, [line.id for line in lines])
    ordered = sorted(lines, key=lambda line: not any(story.by_maker for story in stories.get(line.id, ())))
    told = [(line, [_register_words(story) for story in stories.get(line.id, ())]) for line in ordered]
    return [(Flag.LATER.value, count, told)]


def _register_words(story: queries.Later) -> str:
    facts = {"file": story.file or "—", "by": story.brought_by or "—", "day": f"{in_china(story.at):%Y-%m-%d}"}
    if story.before is None or story.after is None:
        words = str(_("由名册“%(file)s”加入（%(by)s于 %(day)s 导入）。", **facts))
    else:
        sums = {"before": format_amount(story.before), "after": format_amount(story.after)}
        words = str(_("名册“%(file)s”把金额从 %(before)s 改为 %(after)s（%(by)s于 %(day)s 导入）。", **facts, **sums))
    return words + (str(_("导入人就是这一批的制作人。")) if story.by_maker else "")


def _barred(batch_id: str) -> str:
    """Why this clerk can't release a batch that somebody else made, in words; "" if they can."""
    if queries.decided_to_pay_again(batch_id, current_user.id):
        return str(REFUSED["decided_again"])
    return str(REFUSED["brought_back"]) if queries.brought_back(batch_id, current_user.id) else ""


def _line(
    line: PayoutLine, doubts: Sequence[queries.Doubt], helpers: Mapping[str, str], unproved: Mapping[str, str]
) -> dict[str, Any]:
    words = {flag: FLAGS[flag] for flag in map(Flag, filter(None, line.flags.split(",")))}
    if Flag.AT_COUNTER in words and (helper := helpers.get(line.submission_id)):
        words[Flag.AT_COUNTER] = _("在柜台由 %(name)s 陪同签署", name=helper)
    if Flag.UNPROVED in words and (reason := unproved.get(line.submission_id)):
        words[Flag.UNPROVED] = _("在柜台打开账户时没有经过本人手机验证：%(reason)s", reason=reason)
    return {
        "line": line,
        "name": mask_name(line.name),
        "card": mask_card(line.card_number),
        "flags": list(words.values()),
        "again": AGAINS[AGAIN if any(doubt.booked for doubt in doubts) else BACK] if doubts else "",
        "doubts": doubt_words(doubts),
        "reason": reason_words(line.reason),
        "mark": LINE[LineState(line.state)],
    }


def doubt_words(doubts: Iterable[queries.Doubt]) -> list[str]:
    """Why an earlier payment counts as not paid: what was known, what the bank said then, who made what of it."""
    return [_doubt(doubt) for doubt in doubts]


def _doubt(doubt: queries.Doubt) -> str:
    story = {
        "number": doubt.export_no,
        "known": _said(LINE[doubt.known][0], doubt.known_words),
        "said": _said(ANSWERS[doubt.says], doubt.words),
        "file_by": doubt.brought_by,
        "file": doubt.file or "—",
    }
    words = str(
        _("付款 %(number)s：原记为%(known)s，后来的银行结果是%(said)s（文件“%(file)s”由%(file_by)s导入）。", **story)
    )
    if doubt.by_maker:
        words += str(_("导入人就是这一批的制作人。"))
    if doubt.decision is None and doubt.says is Answer.PAID:
        return words + str(_("还没有核实。"))
    if doubt.decision is None:
        return words + str(_("无需决定，按银行结果退回。"))
    return words + str(_("%(name)s 决定：%(decision)s。", name=doubt.decided_by, decision=DECISIONS[doubt.decision]))


def _said(state: object, words: str) -> str:
    return str(_("“%(state)s：%(words)s”", state=state, words=words) if words else _("“%(state)s”", state=state))


def _deed(batch_id: str, deed: Callable[[], object]) -> BaseResponse:
    """Does something with a batch once, and shows it again; why it wasn't possible is said."""
    batch_or_404(batch_id)
    try:
        with unit_of_work():
            spend(once_token(), now=now())
            deed()
    except AlreadyDone:
        pass
    except BatchRefused as refused:
        return _show_batch(batch_id, ReleaseForm(formdata=None), refused_words(refused), status=422)
    return go(url_for("desk_payouts.batch", batch_id=batch_id))


def _may_touch(batch_id: str) -> str:
    """Goes on with a batch of the clerk's courts if they proved lately who they are; returns the batch's page."""
    batch_or_404(batch_id)
    here = url_for("desk_payouts.batch", batch_id=batch_id)
    require_fresh(here)
    return here


@bp.post("/batches/<batch_id>/release")
@open_to(*MAY_PAY)
def release(batch_id: str) -> BaseResponse:
    """The second person lets the batch go; it takes a fresh proof of who that is."""
    batch_or_404(batch_id)
    form = ReleaseForm()
    if not form.validate():
        return _show_batch(batch_id, form, status=422)
    control = form.control.data or ""

    def let_go() -> None:
        batches.release_batch(batch_id, control, clerk_id=current_user.id, now=now())
        take_proof(url_for("desk_payouts.batch", batch_id=batch_id))  # last: a refusal is told, whoever asks

    return _deed(batch_id, let_go)


@bp.post("/batches/<batch_id>/cancel")
@open_to(*MAY_PAY)
def cancel(batch_id: str) -> BaseResponse:
    """A batch that never went out is cancelled."""
    _may_touch(batch_id)
    return _deed(batch_id, lambda: batches.cancel_batch(batch_id, clerk_id=current_user.id, now=now()))


@bp.post("/batches/<batch_id>/lines/<export_no>/drop")
@open_to(*MAY_PAY)
def drop(batch_id: str, export_no: str) -> BaseResponse:
    """One payment is taken out before the release."""
    _may_touch(batch_id)
    return _deed(batch_id, lambda: batches.drop_line(batch_id, export_no, clerk_id=current_user.id, now=now()))


@bp.post("/batches/<batch_id>/password")
@open_to(*MAY_PAY)
def password(batch_id: str) -> BaseResponse:
    """The envelope's password, once, to the releaser."""
    _may_touch(batch_id)
    try:
        with unit_of_work():
            spend(once_token(), now=now())
            shown = files.show_password(batch_id, clerk_id=current_user.id, now=now())
    except AlreadyDone:
        shown = None
    except BatchRefused as refused:
        return _show_batch(batch_id, ReleaseForm(formdata=None), refused_words(refused), status=422)
    words = "" if shown else _("密码已经显示过了。没有记下的，请重新封装文件。")
    return _show_batch(batch_id, ReleaseForm(formdata=None), words, password=shown or "")


@bp.post("/batches/<batch_id>/envelope")
@open_to(*MAY_PAY)
def envelope(batch_id: str) -> BaseResponse:
    """A lost password: the same file in a fresh envelope."""
    here = _may_touch(batch_id)
    try:
        with unit_of_work():
            spend(once_token(), now=now())
        certificate = settings().bank_certificate_file
        files.new_envelope(batch_id, certificate=certificate, clerk_id=current_user.id, store=seams().store, now=now())
    except AlreadyDone:
        pass
    except BatchRefused as refused:
        return _show_batch(batch_id, ReleaseForm(formdata=None), refused_words(refused), status=422)
    return go(here)


@bp.get("/batches/<batch_id>/file")
@open_to(*MAY_PAY)
def file(batch_id: str) -> BaseResponse:
    """The file in its envelope, as it was written; each time leaves an audit row."""
    _may_touch(batch_id)
    try:
        data, name = files.fetch_file(batch_id, clerk_id=current_user.id, store=seams().store, now=now())
    except BatchRefused:
        abort(404)
    headers = {"Content-Type": "application/octet-stream", "Content-Disposition": f'attachment; filename="{name}"'}
    return make_response(data, 200, headers)
