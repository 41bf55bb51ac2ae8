"""The clerks' desk: its door, its queues, its evidence screens, its cases."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, abort, make_response, redirect, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response as BaseResponse

from webapp.accounts import sessions
from webapp.accounts.forms import ClerkForm
from webapp.accounts.loading import drop_cookie, lifetime_of, set_cookie
from webapp.accounts.models import Account, Clerk
from webapp.cases.models import Case, CasePayee
from webapp.core import audit, jobs
from webapp.core.clock import in_china
from webapp.core.db import db, unit_of_work
from webapp.core.masking import mask_name, mask_number
from webapp.core.once import AlreadyDone, spend
from webapp.evidence.models import Photo
from webapp.evidence.usecases import open_file
from webapp.evidence.views import photo_response
from webapp.identity.models import Identity, StepRecord, Verification
from webapp.identity.queries import earlier_tries, standing_records
from webapp.identity.rules.nationalities import country_name
from webapp.identity.usecases import NothingToDecide
from webapp.identity.words import document_name, reason_text
from webapp.notices.words import text_of
from webapp.payee.models import Letter, Submission
from webapp.payee.rules.banks import bank_by_code
from webapp.payee.rules.cards import in_groups
from webapp.payee.words import verdict_words
from webapp.review import evidence as evidence_rows
from webapp.review import queries
from webapp.review.forms import DecisionForm, ReturnForm
from webapp.review.usecases import (
    TooManyTries,
    begin_try,
    check_password,
    claim,
    decide_account,
    decide_identity,
    let_in,
    looked,
)
from webapp.review.words import JOBS, ROLES, doubt_text
from webapp.web.access import DESK, Access, open_to, safe_next
from webapp.web.locale import BY_CODE, DESK_LANGUAGES, current_language
from webapp.web.present import browser, client, now, once_token, seams, settings
from webapp.web.rendering import go, show

door = Blueprint("desk_door", __name__, url_prefix="/desk")
desk = Blueprint("desk", __name__, url_prefix="/desk")
blueprints = (door, desk)
MAY_DECIDE = (Access.REVIEWER, Access.MANAGER)
MAY_REVIVE = (Access.REVIEWER, Access.MANAGER, Access.ADMINISTRATOR)


@door.app_context_processor
def desk_context() -> dict[str, Any]:
    """The desk's navigation with its counts."""
    if not request.path.startswith("/desk") or not current_user.is_authenticated:
        return {}
    items = (
        ("desk.identities", _("身份审核"), queries.count_waiting_identities()),
        ("desk.accounts", _("账户审核"), queries.count_waiting_accounts()),
        ("desk.cases", _("涉众案件"), None),
        ("desk.find_letter", _("核对确认书"), None),
        ("desk_seams.health", _("外部接口"), None),
        *([("desk.dead_jobs", _("后台任务"), dead)] if (dead := jobs.count_dead()) else []),
    )
    nav = [
        {"href": url_for(end), "title": title, "count": count, "here": request.path.startswith(url_for(end))}
        for end, title, count in items
    ]
    return {
        "desk_nav": nav,
        "role_name": ROLES[current_user.role],
        "may_decide": bool(current_user.marks & set(MAY_DECIDE)),
    }


@door.route("/sign-in", methods=["GET", "POST"])
@open_to(Access.EVERYONE)
def sign_in() -> BaseResponse:
    """Name and password; failures say the same whichever was wrong."""
    form, words = ClerkForm(), ""
    onward = safe_next(request.args.get("next"), url_for("desk.identities"))
    if request.method == "POST":
        try:
            token = _try_door(form.username.data or "", form.password.data or "")
            if token is not None:
                response = make_response(redirect(onward, code=303))
                set_cookie(response, "clerk", token)
                return response
            words = _("用户名或密码不对。")
        except TooManyTries as tries:
            words = _("尝试次数太多，请 %(n)s 秒后再试。", n=max(1, int((tries.until - now()).total_seconds())))
    return show("desk/sign_in.html", 422 if words else 200, form=form, words=words)


def _try_door(username: str, password: str) -> str | None:
    """The new session's token, or None. Two short writes, with the slow look at the password between them."""
    with unit_of_work():
        try_id = begin_try(username, client=client(), now=now())
    clerk_id = check_password(username, password)
    if clerk_id is None:
        return None
    with unit_of_work():
        return let_in(clerk_id, try_id, lifetime=lifetime_of("clerk"), browser=browser(), now=now())


@door.post("/sign-out")
@open_to(Access.EVERYONE)
def sign_out() -> BaseResponse:
    """Ends this browser's session."""
    response = make_response(redirect(url_for("desk_door.sign_in"), code=303))
    if current_user.is_authenticated:
        with unit_of_work():
            sessions.end_session(current_user.session_id, now=now())
            audit.record(
                audit.Actor("clerk", current_user.id), "desk.signed_out", ("clerk", current_user.id), now=now()
            )
    drop_cookie(response, "clerk")
    return response


@door.get("/language/<to>")
@open_to(*DESK)
def language(to: str) -> BaseResponse:
    """The clerk's language, kept with the clerk."""
    if to in DESK_LANGUAGES:
        with unit_of_work():
            db.session.get_one(Clerk, current_user.id).language = to
    return go(url_for("desk.identities"))


@desk.get("/")
@open_to(*DESK)
def index() -> BaseResponse:
    """The first queue."""
    return go(url_for("desk.identities"))


@desk.get("/identity")
@open_to(*DESK)
def identities() -> Response:
    """Identity reviews that wait, the oldest first."""
    return show(
        "desk/identities.html",
        rows=[_queue_row(r, v) for r, v in queries.waiting_identities()],
        done=request.args.get("done", ""),
    )


def _queue_row(record: StepRecord, verification: Verification) -> dict[str, Any]:
    records = standing_records(verification.id)
    document, evidence = records["document"].answer, records["evidence"].answer
    return {
        "href": url_for("desk.identity", record_id=record.id), "name": document["name"], "type": document_name(verification.document_type),
        "nationality": country_name(document["nationality"], current_language().code), "number": mask_number(document["number"]),
        "court": evidence["court"], "age": _age(record), "tries": len(earlier_tries(verification.id, "court_review")),
        "holder": queries.holder_of(record.id, now=now()),
    }  # fmt: skip


def _age(record: StepRecord | Submission) -> str:
    since = record.answered_at if isinstance(record, StepRecord) else record.submitted_at
    minutes = int((now() - since).total_seconds() // 60)
    if minutes < 60:
        return str(_("%(n)s 分钟", n=minutes))
    return str(_("%(n)s 小时", n=minutes // 60) if minutes < 48 * 60 else _("%(n)s 天", n=minutes // 1440))


@desk.route("/identity/<record_id>", methods=["GET", "POST"])
@open_to(*DESK)
def identity(record_id: str) -> BaseResponse:
    """The evidence screen. A decision needs the role of a reviewer or a manager, and the item in one's own hand."""
    record = db.session.get(StepRecord, record_id)
    if record is None or record.step != "court_review":
        abort(404)
    form = DecisionForm()
    if request.method == "POST":
        return _decide_identity(record_id, form)
    return _show_identity(record, form)


def _decide_identity(record_id: str, form: DecisionForm) -> BaseResponse:
    if not current_user.marks & set(MAY_DECIDE):
        abort(404)
    if "take_over" in request.form:
        with unit_of_work():
            claim(record_id, current_user.id, now=now(), take_over=True)
        return go(url_for("desk.identity", record_id=record_id))
    approved = request.form.get("decision") == "approve"
    if not approved and not form.validate():
        return _show_identity(db.session.get_one(StepRecord, record_id), form, status=422)
    try:
        with unit_of_work():
            spend(once_token(), now=now())
            if not claim(record_id, current_user.id, now=now()):
                raise NothingToDecide(record_id)  # noqa: TRY301 (the same end as when somebody else decided)
            reason, words = (None, None) if approved else (form.reason.data, form.words.data)
            decide_identity(
                record_id, clerk_id=current_user.id, approved=approved, reason=reason, words=words, now=now()
            )
    except (NothingToDecide, AlreadyDone):
        return go(url_for("desk.identities", done="elsewhere"))
    following = queries.waiting_identities()
    if following:
        return go(url_for("desk.identity", record_id=following[0][0].id, done="approved" if approved else "refused"))
    return go(url_for("desk.identities", done="approved" if approved else "refused"))


def _show_identity(record: StepRecord, form: DecisionForm, status: int = 200) -> Response:
    verification = db.session.get_one(Verification, record.verification_id)
    with unit_of_work():
        mine = bool(current_user.marks & set(MAY_DECIDE)) and claim(record.id, current_user.id, now=now())
        looked(current_user.id, ("verification", verification.id), now=now())
    records = standing_records(verification.id)
    language = BY_CODE[db.session.get_one(Account, verification.account_id).language]
    if record.superseded_at is not None or "document" not in records:
        return show("desk/gone.html", 200)
    document, evidence, video = records["document"].answer, records["evidence"].answer, records["video"].answer
    photos = queries.photos_by_id([*evidence["photos"].values(), video.get("still"), video.get("video")])
    read = evidence_rows.read_fields([photos[p] for p in evidence["photos"].values() if p in photos])
    rows = evidence_rows.compared_document(document, read, today=in_china(now()).date())
    rows.append(evidence_rows.compared_face(video.get("likeness")))
    return show(
        "desk/identity.html", status, record=record, document=document, rows=rows, photos=evidence["photos"], video=video, form=form,
        court_chosen=evidence["court"], type_name=document_name(verification.document_type),
        country=country_name(document["nationality"], current_language().code),
        mine=mine, holder=queries.holder_of(record.id, now=now()), waiting=record.state == "answered", done=request.args.get("done", ""),
        tries=[(t, reason_text(t.reason, t.reason_words)) for t in earlier_tries(verification.id, "court_review") if t.id != record.id],
        doubts=[doubt_text(r.answer["doubt"]) for r in (records["evidence"], records["video"]) if r.answer.get("doubt")],
        differing=sum(row.verdict == "no" for row in rows), preview=_preview(document["name"], record, language.code), reads=language, age=_age(record),
    )  # fmt: skip


def _preview(name: str, record: StepRecord, language: str) -> str:
    facts = {"name": name, "time": f"{in_china(record.answered_at):%Y-%m-%d %H:%M:%S}", "reason": "……"}
    return f"【{settings().court_short_name}】{text_of('review_refused', facts, language, at=now())}"


@desk.get("/photos/<photo_id>")
@open_to(*DESK)
def photo(photo_id: str) -> Response:
    """A picture or video of somebody's, with a row in the audit trail."""
    found = db.session.get(Photo, photo_id)
    if found is None or found.deleted_at is not None:
        abort(404)
    with unit_of_work():
        looked(current_user.id, ("photo", photo_id), now=now())
    return photo_response(found)


@desk.get("/accounts")
@open_to(*DESK)
def accounts() -> Response:
    """Accounts that the bank couldn't judge."""
    rows = []
    for submission in queries.waiting_accounts():
        person, case = (
            db.session.get_one(Identity, submission.identity_id),
            db.session.get_one(Case, submission.case_id),
        )
        rows.append({
            "href": url_for("desk.account", submission_id=submission.id), "name": person.name, "type": document_name(person.document_type),
            "case": case.number, "verdict": verdict_words(submission.verdict), "age": _age(submission),
            "holder": queries.holder_of(submission.id, now=now()),
        })  # fmt: skip
    return show("desk/accounts.html", rows=rows, done=request.args.get("done", ""))


@desk.route("/accounts/<submission_id>", methods=["GET", "POST"])
@open_to(*DESK)
def account(submission_id: str) -> BaseResponse:
    """One account with its evidence: accept it, or give it back with words."""
    submission, form = db.session.get(Submission, submission_id) or abort(404), ReturnForm()
    if request.method == "GET":
        return _show_account(submission, form)
    if not current_user.marks & set(MAY_DECIDE):
        abort(404)
    if "take_over" in request.form:
        with unit_of_work():
            claim(submission_id, current_user.id, now=now(), take_over=True)
        return go(url_for("desk.account", submission_id=submission_id))
    accepted = request.form.get("decision") == "approve"
    if not accepted and not form.validate():
        return _show_account(submission, form, status=422)
    try:
        with unit_of_work():
            spend(once_token(), now=now())
            if not claim(submission_id, current_user.id, now=now()):
                raise NothingToDecide(submission_id)  # noqa: TRY301 (the same end as when somebody else decided)
            decide_account(
                submission_id, clerk_id=current_user.id, accepted=accepted, words=form.words.data or "", now=now()
            )
    except (NothingToDecide, AlreadyDone):
        return go(url_for("desk.accounts", done="elsewhere"))
    return go(url_for("desk.accounts", done="approved" if accepted else "refused"))


def _show_account(submission: Submission, form: ReturnForm, status: int = 200) -> Response:
    with unit_of_work():
        mine = bool(current_user.marks & set(MAY_DECIDE)) and claim(submission.id, current_user.id, now=now())
        looked(current_user.id, ("submission", submission.id), now=now())
    person, case = db.session.get_one(Identity, submission.identity_id), db.session.get_one(Case, submission.case_id)
    ids = {
        "front": submission.front_photo_id,
        "back": submission.back_photo_id,
        "card": submission.card_photo_id,
        "face": person.face_photo_id,
    }
    photos = queries.photos_by_id(list(ids.values()))
    documents = [photos[i] for i in (submission.front_photo_id, submission.back_photo_id) if i in photos]
    typed = {"name": person.name, "number": person.number, "nationality": person.nationality}
    rows = [
        *evidence_rows.compared_document(typed, evidence_rows.read_fields(documents), today=in_china(now()).date()),
        evidence_rows.compared_face(submission.likeness),
        evidence_rows.compared_register(db.session.get_one(CasePayee, submission.case_payee_id).name, person.name),
    ]
    bank = bank_by_code(submission.bank_code, include_specimen=settings().specimen_bank)
    return show(
        "desk/account.html", status, submission=submission, person=person, case=case, rows=rows, photos={k: v for k, v in ids.items() if v}, form=form,
        bank=bank.title(current_language().code) if bank else submission.bank_code, card=in_groups(submission.card_number), mine=mine,
        verdict=verdict_words(submission.verdict), waiting=queries.waits(submission), holder=queries.holder_of(submission.id, now=now()),
    )  # fmt: skip


@desk.get("/cases")
@open_to(*DESK)
def cases() -> Response:
    """Every case with how far it has come."""
    return show("desk/cases.html", rows=[(case, queries.counts_of(case.id)) for case in queries.all_cases()])


@desk.get("/cases/<case_id>")
@open_to(*DESK)
def case(case_id: str) -> Response:
    """One case: people, letters."""
    found = db.session.get(Case, case_id) or abort(404)
    page = max(1, request.args.get("page", 1, type=int))
    letters, total = queries.letters_of(case_id, page=page)
    rows = [(letter, mask_name(letter.content["party"]["name"])) for letter in letters]
    return show("desk/case.html", case=found, counts=queries.counts_of(case_id), rows=rows, total=total, page=page,
                pages=-(-total // queries.PAGE), link=f"{settings().public_url}/c/{found.code}")  # fmt: skip


@desk.get("/letters/<letter_id>.pdf")
@open_to(*DESK)
def letter(letter_id: str) -> Response:
    """A signed letter, with a row in the audit trail."""
    found = db.session.get(Letter, letter_id)
    if found is None or found.pdf_key is None:
        abort(404)
    with unit_of_work():
        looked(current_user.id, ("letter", letter_id), now=now())
    return make_response(open_file(found.pdf_key, store=seams().store), 200, {"Content-Type": "application/pdf"})


@desk.get("/letters")
@open_to(*DESK)
def find_letter() -> BaseResponse:
    """The letter of a verification code or number that somebody shows at the counter."""
    code = request.args.get("code", "")
    found = queries.letter_by_code(code) if code else None
    return show("desk/find_letter.html", code=code, letter=found, case=db.session.get(Case, found.case_id) if found else None,
                name=mask_name(found.content["party"]["name"]) if found else "")  # fmt: skip


@desk.get("/jobs")
@open_to(*DESK)
def dead_jobs() -> Response:
    """What the worker gave up: somebody waits for each of these, so they are here to be tried again."""
    rows = [(job, JOBS.get(job.kind, job.kind)) for job in jobs.dead_jobs()]
    may_revive = bool(current_user.marks & set(MAY_REVIVE))
    return show("desk/jobs.html", rows=rows, total=jobs.count_dead(), may_revive=may_revive, back=request.args.get("back", type=int))  # fmt: skip


@desk.post("/jobs")
@open_to(*MAY_REVIVE)
def revive_jobs() -> BaseResponse:
    """Puts one dead job (`job`), or all of them, back into the queue."""
    one = request.form.get("job", type=int)
    chosen = None if "all" in request.form else [one] if one is not None else []
    with unit_of_work():
        count = jobs.revive(chosen, actor=audit.Actor("clerk", current_user.id), now=now())
    return go(url_for("desk.dead_jobs", back=count))
