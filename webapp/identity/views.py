"""The verification: rules, then one address for all steps. Which step is open comes from the table alone."""

from __future__ import annotations

from contextlib import suppress

from flask import Blueprint, abort, make_response, redirect, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response

from webapp.accounts.forms import AgreeForm, CodeForm, WhoForm
from webapp.accounts.loading import device, set_cookie
from webapp.accounts.models import WebSession
from webapp.accounts.phones import CodeOutcome, check_code, keep_phone, number_hash
from webapp.accounts.queries import accounts_with_phone, phones_of, primary_phone
from webapp.accounts.sessions import move_session, note_code
from webapp.accounts.views import (
    OUTCOME_WORDS,
    ask_for_code,
    keep_language,
    number_of,
    number_ticket,
    open_account,
    phone_form,
    prove_again,
    show_code_page,
    take_in_hand,
    wants_another_code,
)
from webapp.core import audit
from webapp.core.clock import in_china
from webapp.core.db import db, unit_of_work
from webapp.core.masking import mask_name, mask_phone
from webapp.core.once import AlreadyDone, spend
from webapp.evidence.usecases import open_file
from webapp.handover.usecases import Offer
from webapp.handover.views import begin as begin_handover
from webapp.identity import pages
from webapp.identity.challenges import ChallengeSpent, NothingLeft, draw_challenge
from webapp.identity.forms import DocumentForm, SignatureForm
from webapp.identity.jobs import photo_kinds
from webapp.identity.journeys import Means
from webapp.identity.models import StepRecord, Verification
from webapp.identity.pages import PAGES, WAITING, made_signature, photo_address
from webapp.identity.queries import (
    identity_of,
    latest_refusal,
    signature_of,
    standing_records,
    states_of,
    table_of,
    verification_of,
)
from webapp.identity.signing import reserve_signature
from webapp.identity.usecases import StepClosed, begin, choose_means, hurry, waits_out
from webapp.identity.words import AT_DOCUMENT, FILMED, GESTURES, STEPS, reason_code, reason_text, validity_words
from webapp.journey.engine import StepState, current_step, may_answer, progress, step_before
from webapp.texts.models import TextKind
from webapp.texts.queries import consent_to, text_in_force
from webapp.texts.usecases import give_consent
from webapp.typed.views import typed_here
from webapp.web.access import Access, findable, open_to, safe_next
from webapp.web.context import with_number
from webapp.web.locale import current_language
from webapp.web.present import browser, now, once_token, seams
from webapp.web.rendering import go, show
from webapp.web.tickets import open_ticket, seal_ticket

bp = Blueprint("identity", __name__)


@bp.get("/verify")
@open_to(Access.EVERYONE)
def verify() -> Response:
    """Wherever the journey stands: its current step, its end, or its beginning."""
    if not current_user.is_authenticated:
        return go(url_for("identity.rules"))
    verification = verification_of(current_user.id)
    if verification is None or consent_to(current_user.id, TextKind.RULES) is None:
        return go(url_for("identity.rules"))
    states = states_of(verification.id)
    step = current_step(table_of(verification), states)
    if step is not None and states.get(step.key) is StepState.ANSWERED:
        return go(url_for("identity.step", key=step.key, waited=1))  # it may be decided before the next request comes
    return go(url_for("identity.step", key=step.key) if step else url_for("identity.done"))


@bp.route("/verify/rules", methods=["GET", "POST"])
@open_to(Access.EVERYONE)
@findable
def rules() -> Response:
    """The rules, a tick, 「同意，开始认证」. The account begins here."""
    form, text = AgreeForm(), text_in_force(TextKind.RULES, current_language().code, now=now())
    if request.method == "POST" and form.validate():
        response = make_response(redirect(url_for("identity.verify"), code=303))
        try:
            with unit_of_work():
                spend(once_token(), now=now())
                account_id = current_user.id if current_user.is_authenticated else open_account(response)
                give_consent(account_id, text, client=browser(), now=now())
                begin(account_id, now=now())
        except AlreadyDone:
            return go(url_for("identity.verify"))
        return response
    return show("identity/rules.html", 422 if form.errors else 200, form=form, text=text)


@bp.route("/verify/<key>", methods=["GET", "POST"])
@open_to(Access.PAYEE)
def step(key: str) -> Response:
    """One step. Not open: to the one that is."""
    verification = verification_of(current_user.id)
    if verification is None or key not in STEPS or table_of(verification).step(key) is None:
        return go(url_for("identity.verify"))
    states = states_of(verification.id)
    if states.get(key) is StepState.ANSWERED:
        return _waiting(verification, key)
    if request.method == "GET" and "waited" in request.args and states.get(key) is StepState.ACCEPTED:
        return go(url_for("identity.verify"))
    if key not in PAGES or not may_answer(table_of(verification), states, key):
        return go(url_for("identity.verify"))
    if key == "face" and consent_to(current_user.id, TextKind.FACE) is None:
        return go(url_for("identity.face_agreement"))
    if key == "phone" and not phones_of(current_user.id):
        return _first_phone(verification)
    return (
        _answer(verification, key)
        if request.method == "POST"
        else _ask(verification, key, PAGES[key].form(verification))
    )


def _answer(verification: Verification, key: str) -> Response:
    form = PAGES[key].form(verification)
    if isinstance(form, DocumentForm) and "take" in request.form:
        form.take(request.form["take"])
        return _ask(verification, key, form, status=422)
    if not form.validate():
        PAGES[key].keep(form)
        return _ask(verification, key, form, status=422)
    with suppress(
        AlreadyDone, ChallengeSpent, StepClosed
    ):  # the same form once more, or another tab was quicker: what stands is shown
        PAGES[key].answer(verification, form)
    response = go(url_for("identity.verify"))
    if identity_of(current_user.id) is not None:  # this browser may now see cases and sign letters
        with unit_of_work():
            take_in_hand(response, proved=False)
    return response


@bp.post("/verify/<key>/challenge")
@open_to(Access.PAYEE)
def challenge(key: str) -> Response:
    """Draws what is to be done before the camera; `cannot` names a gesture that this person can't do."""
    verification = verification_of(current_user.id)
    open_ = verification is not None and may_answer(table_of(verification), states_of(verification.id), key)
    if verification is None or not open_ or key not in FILMED:
        return go(url_for("identity.verify"))
    cannot, wanted = request.form.get("cannot", ""), pages.wanted_gestures(key)
    try:
        with unit_of_work():
            draw_challenge(verification, current_user.session_id, key, now=now(), cannot=cannot, wanted=wanted)
    except NothingLeft:
        return go(url_for("identity.step", key=key, none_left=1))
    return go(url_for("identity.step", key=key))


def _ask(verification: Verification, key: str, form: object, status: int = 200) -> Response:
    journey, states = table_of(verification), states_of(verification.id)
    record = standing_records(verification.id).get(key)
    returned = record if record is not None and record.state == StepState.RETURNED else None
    refused = returned or _mended_here(verification, key) or pages.still_refused(verification, key)
    earlier = step_before(journey, key)
    return show(
        PAGES[key].template,
        status,
        form=form,
        progress=progress(journey, states, key),
        step_title=STEPS[key],
        refused=reason_text(refused.reason, refused.reason_words) if refused else "",
        mend_at=_mend_at(key, refused),
        refused_field=(refused.reason or "").split("/")[0] if refused and "/" in (refused.reason or "") else "",
        back_to=url_for("identity.step", key=earlier.key) if earlier else url_for("home.index"),
        until=validity_words(pages.readings_of(verification), today=in_china(now()).date()),
        known=pages.last_answer(verification, key),
        photo_address=photo_address,
        verification=verification,
        key=key,
        by_court=key == "court_review",
        gestures=GESTURES,
        taken="take" in request.form,
        asked=pages.contradicted(verification) if key == "evidence" else (),
        document=pages.last_answer(verification, "document") if key == "evidence" else {},
        typed=typed_here("document", again=form.typed and status == 200) if isinstance(form, DocumentForm) else None,
        notice=text_in_force(TextKind.NOTICE, current_language().code, now=now()) if key == "signature" else None,
    )


def _mend_at(key: str, refused: StepRecord | None) -> str:
    """The address where name and number are put right, when it's they that a later step was refused for; else ""."""
    elsewhere = refused is not None and key != "document" and reason_code(refused.reason) in AT_DOCUMENT
    return url_for("identity.step", key="document") if elsewhere else ""


def _mended_here(verification: Verification, key: str) -> StepRecord | None:
    """A refusal of a later step that is mended at this one, until this one is answered again."""
    refusal, journey = latest_refusal(verification.id), table_of(verification)
    step_of = journey.step(refusal.step) if refusal else None
    here = step_of is not None and step_of.mended_by == key and step_of.key != key
    return refusal if here and key not in standing_records(verification.id) else None


def _waiting(verification: Verification, key: str) -> Response:
    """Somebody else's turn; `again` has work that waits out an outage tried at once."""
    title, note = WAITING[key]
    journey, record = table_of(verification), standing_records(verification.id).get(key)
    if "again" in request.args and record is not None:
        with unit_of_work():
            hurry(record, now=now())
        return go(url_for("identity.verify"))
    return show(
        "identity/waiting.html",
        heading=title(),
        note=note(),
        poll=url_for("identity.verify"),
        key=key,
        by_court=key == "court_review",
        down=record is not None and waits_out(record),
        again=f"{url_for('identity.step', key=key)}?again=1",
        progress=progress(journey, states_of(verification.id), key),
        step_title=STEPS[key],
    )


def _first_phone(verification: Verification) -> Response:
    """No number proved yet: type one, get a code."""
    form = phone_form(number_of("first"))
    if request.method == "POST" and form.validate() and ask_for_code(form, current_user.id):
        return go(url_for("identity.phone_code", number=number_ticket("first", form.number)))
    bar = progress(table_of(verification), {}, "phone")
    return show(
        "identity/first_phone.html", 422 if form.errors else 200, form=form, progress=bar, step_title=STEPS["phone"]
    )


@bp.route("/verify/phone/code", methods=["GET", "POST"])
@open_to(Access.PAYEE)
def phone_code() -> Response:
    """The code of the first number. If the number has been here before, the visitor says who they are."""
    form, number = CodeForm(), number_of("first")
    if not number or phones_of(current_user.id):  # a further number goes by way of the known ones
        return go(url_for("identity.step", key="phone"))
    if request.method == "POST" and not wants_another_code() and form.validate():
        response = make_response(redirect(url_for("identity.step", key="phone"), code=303))
        chooses = make_response(redirect(url_for("identity.who", number=request.args["number"]), code=303))
        with unit_of_work():
            outcome = check_code(number, form.code.data, device=device(), now=now())
            others = (
                accounts_with_phone(number_hash(number), besides=current_user.id)
                if outcome is CodeOutcome.RIGHT
                else ()
            )
            if others:
                session = db.session.get_one(WebSession, current_user.session_id)
                session.proved_hash, session.proved_at = number_hash(number), now()
                take_in_hand(chooses, proved=False)
            elif outcome is CodeOutcome.RIGHT:
                keep_phone(current_user.id, number, now=now())
                take_in_hand(response)
        if others:
            return chooses
        if outcome is CodeOutcome.RIGHT:
            return response
        form.code.errors = [OUTCOME_WORDS[outcome]()]
    back = url_for("identity.step", key="phone", number=request.args["number"])
    return show_code_page(form, number, back=back)


@bp.route("/signin/who", methods=["GET", "POST"])
@open_to(Access.PAYEE)
def who() -> Response:
    """Several people share a phone: which of them is here? Only just after that phone was proved."""
    session = db.session.get_one(WebSession, current_user.session_id)
    if session.proved_hash is None or session.proved_at is None or (now() - session.proved_at).total_seconds() > 900:
        return go(url_for("home.index"))
    people = [(account.id, _name_of(account.id)) for account in accounts_with_phone(session.proved_hash, besides="")]
    number = number_of("first")
    new = number and number_hash(number) == session.proved_hash  # a ticket alone proves nothing
    if new and not phones_of(current_user.id):
        people.append(("new", _("为另一个人认证")))
    form = WhoForm(people)
    onward = safe_next(request.args.get("next"), url_for("identity.verify"))
    if request.method == "POST" and form.validate():
        return _become(form.who.data, number, onward)
    return show("accounts/who.html", 422 if form.errors else 200, form=form)


def _become(chosen: str, number: str, onward: str) -> Response:
    response = make_response(redirect(onward, code=303))
    with unit_of_work():
        if chosen == "new":
            session = db.session.get_one(WebSession, current_user.session_id)
            session.proved_hash = None
            keep_phone(current_user.id, number, now=now())
            take_in_hand(response)
        else:
            set_cookie(response, "payee", move_session(current_user.session_id, chosen))
            keep_language(chosen)
            note_code(current_user.session_id, now=now())
            audit.record(audit.Actor("payee", chosen), "accounts.signed_in", ("account", chosen), now=now())
    return response


def _name_of(account_id: str) -> str:
    identity, verification = identity_of(account_id), verification_of(account_id)
    if identity is not None:
        return mask_name(identity.name)
    document = standing_records(verification.id).get("document") if verification else None
    return mask_name(document.answer["name"]) if document else _("尚未填写姓名的认证")


@bp.route("/verify/face/agreement", methods=["GET", "POST"])
@open_to(Access.PAYEE)
def face_agreement() -> Response:
    """The separate consent to face recognition, with the other way beside it."""
    verification = verification_of(current_user.id)
    if verification is None or not may_answer(table_of(verification), states_of(verification.id), "face"):
        return go(url_for("identity.verify"))
    form, text = AgreeForm(), text_in_force(TextKind.FACE, current_language().code, now=now())
    if request.method == "POST" and form.validate():
        with unit_of_work():
            give_consent(current_user.id, text, client=browser(), now=now())
        return go(url_for("identity.step", key="face"))
    bar = progress(table_of(verification), states_of(verification.id), "face")
    return show(
        "identity/face_agreement.html",
        422 if form.errors else 200,
        form=form,
        text=text,
        progress=bar,
        step_title=STEPS["face"],
    )


@bp.post("/verify/evidence/handover")
@open_to(Access.PAYEE)
def hand_over() -> Response:
    """The photos of this step are taken with a phone."""
    verification = verification_of(current_user.id)
    if verification is None or not may_answer(table_of(verification), states_of(verification.id), "evidence"):
        return go(url_for("identity.verify"))
    wanted = photo_kinds(str(verification.document_type))
    return begin_handover(Offer(wanted, _name_of(current_user.id), url_for("identity.step", key="evidence")))


@bp.post("/verify/by-court")
@open_to(Access.PAYEE)
def by_court() -> Response:
    """The other way: no face recognition, a clerk reviews."""
    verification = verification_of(current_user.id)
    if verification is not None and verification.document_type and verification.finished_at is None:
        with unit_of_work():
            choose_means(db.session.get_one(Verification, verification.id), Means.COURT, now=now())
    return go(url_for("identity.verify"))


@bp.get("/verify/done")
@open_to(Access.PAYEE)
def done() -> Response:
    """「返回首页」."""
    identity = identity_of(current_user.id)
    return show("identity/done.html", name=identity.name) if identity else go(url_for("identity.verify"))


@bp.get("/signature")
@open_to(Access.ALONE)
def my_signature() -> Response:
    """The reserved signature, and the way to replace it."""
    return show(
        "identity/my_signature.html",
        signature=signature_of(current_user.id),
        proved=identity_of(current_user.id) is not None,
    )


@bp.get("/signature.png")
@open_to(Access.ALONE)
def signature_picture() -> Response:
    """The picture of the asker's own signature."""
    signature = signature_of(current_user.id) or abort(404)
    return make_response(open_file(signature.picture_key, store=seams().store), 200, {"Content-Type": "image/png"})


@bp.route("/signature/renew", methods=["GET", "POST"])
@open_to(Access.ALONE)
def renew_signature() -> Response:
    """A new signature needs a fresh phone code first: the code goes to the primary number."""
    identity, phone = identity_of(current_user.id), primary_phone(current_user.id)
    if identity is None or phone is None:
        return go(url_for("identity.verify"))
    if open_ticket("renew", request.args.get("proof", "")) != current_user.id:
        onward = url_for("identity.renew_signature", proof=seal_ticket("renew", current_user.id))
        why = with_number(_("更换签名之前，需要向 %(phone)s 发送短信验证码。"), phone=mask_phone(phone.number))
        return prove_again(phone.number, onward, why)
    form = SignatureForm(name=identity.name)
    if request.method == "POST" and form.validate():
        signature = made_signature(form)
        with unit_of_work():
            reserve_signature(signature, now=now())
        return go(url_for("identity.my_signature"))
    return show("identity/renew_signature.html", 422 if form.errors else 200, form=form)
