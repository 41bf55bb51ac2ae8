"""The collection of chapter 3: case list, privacy policy, account, letter."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from flask import Blueprint, abort, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response
from wtforms import ValidationError

from webapp.accounts.queries import phones_of
from webapp.cases.counter import unproved_visit
from webapp.cases.models import Case, CasePayee, Collection
from webapp.cases.people import acts_for
from webapp.cases.queries import entries_of, entry_of, text_of_case
from webapp.cases.rules import format_amount
from webapp.core.db import db, unit_of_work
from webapp.core.masking import mask_name, mask_number, mask_phone
from webapp.core.once import AlreadyDone, spend
from webapp.core.sealing import keyed_hash
from webapp.evidence.models import Photo, PhotoKind
from webapp.evidence.queries import latest_draft, own_photo
from webapp.evidence.showing import photo_for
from webapp.evidence.usecases import DRAFT_LIFE, store_photo, take_in
from webapp.handover.usecases import Offer, handed
from webapp.handover.views import begin
from webapp.identity.jobs import photo_kinds
from webapp.identity.models import Identity
from webapp.identity.pages import photo_address
from webapp.identity.queries import identity_of
from webapp.identity.words import document_name
from webapp.ledger.models import PayoutLine
from webapp.payee.corrections import letter_kept_by
from webapp.payee.forms import AccountForm, PrivacyForm
from webapp.payee.models import Submission, SubmissionState
from webapp.payee.photographed import read_off
from webapp.payee.queries import (
    account_is_fixed,
    checks_left,
    is_anothers,
    latest_submission,
    money_back,
    progress_of,
    suggested_branches,
    verdict_known,
)
from webapp.payee.rules.banks import bank_by_code, english_of, find_prefix
from webapp.payee.rules.cards import check_card_number, in_groups, surely_read
from webapp.payee.usecases import AccountGiven, CannotSign, bank_is_down, hurry_check, submit_account
from webapp.payee.words import (
    CONFIRM_RETURNED,
    FIELD,
    NOT_OPEN,
    STAGE,
    STATE,
    VERDICT,
    acts_for_line,
    acts_for_rows,
    came_back_words,
    causes_of,
    return_text,
    stage_note,
)
from webapp.ports.account_check import AccountVerdict
from webapp.texts.models import TextKind
from webapp.texts.queries import consent_to
from webapp.texts.usecases import give_consent
from webapp.typed.usecases import close_typed, keep_typed, typed_before
from webapp.typed.views import typed_here
from webapp.web.access import Access, open_to
from webapp.web.context import in_order
from webapp.web.locale import current_language
from webapp.web.naming import with_english
from webapp.web.present import browser, now, once_token, seams, settings
from webapp.web.rendering import go, show, wants_part

bp = Blueprint("payee", __name__)
bp.add_app_template_filter(format_amount, "yuan")
bp.add_app_template_filter(in_groups)
FIELDS = ("front", "back", "data_page")


def _identity() -> Identity | None:
    return identity_of(current_user.id)


def entry_or_404(public_id: str) -> tuple[CasePayee, Case, Identity]:
    """The entry of an address, if it names the asker; else 404, as if it didn't exist."""
    identity = _identity() or abort(404)
    entry, case = entry_of(public_id, identity.match_hash, current_user.courts) or abort(404)
    if is_anothers(latest_submission(entry.id), identity):
        abort(show("payee/anothers.html", 409, case=case))
    return entry, case, identity


@bp.get("/cases")
@open_to(Access.PAYEE)
def case_list() -> Response:
    """「涉众案件登记」: the cases that name this document number, each with what is to be done next."""
    identity = _identity()
    if identity is None:
        return show("payee/not_verified.html")
    rows = [_row(entry, case, identity) for entry, case in entries_of(identity.match_hash, current_user.courts)]
    return show("payee/case_list.html", rows=rows)


@bp.get("/cases/named")
@open_to(Access.PAYEE)
def named_case() -> Response:
    """From a message to its case, by the number that the message names; else the list of cases."""
    identity, number = _identity(), request.args.get("case", "")
    named = entries_of(identity.match_hash, current_user.courts) if identity is not None else ()
    entry = next((entry for entry, case in named if case.number == number), None)
    return go(url_for("payee.case", public_id=entry.public_id) if entry else url_for("payee.case_list"))


def _row(entry: CasePayee, case: Case, identity: Identity) -> dict[str, Any]:
    submission = latest_submission(entry.id)
    if is_anothers(submission, identity):
        submission = None  # how far somebody else has come is nobody's business; the page says whom to call
    progress = progress_of(entry, submission)
    words, kind = (
        STAGE[progress.stage] if progress else STATE[SubmissionState(submission.state) if submission else None]
    )
    closed = case.collection(now()) is not Collection.OPEN and submission is None
    return {
        "case": case,
        "acts_for": acts_for_line(acts_for(entry)),
        "href": url_for("payee.case", public_id=entry.public_id),
        "mark": str(NOT_OPEN[case.collection(now())]) if closed else str(words),
        "kind": "bad" if closed else kind,
        "asks": not closed and kind in ("todo", "bad"),
    }


@bp.get("/cases/<public_id>")
@open_to(Access.PAYEE)
def case(public_id: str) -> Response:
    """Where this case stands for this payee: the page that is next."""
    entry, found, _person = entry_or_404(public_id)
    submission = latest_submission(entry.id)
    if submission is not None and submission.state in (SubmissionState.SIGNED, SubmissionState.ACCEPTED):
        return go(url_for("letters.letter", public_id=public_id))
    if submission is not None and submission.state == SubmissionState.CHECKED:
        return go(url_for("letters.preview", public_id=public_id))
    if consent_to(current_user.id, TextKind.PRIVACY, about=found.id) is None:
        return go(url_for("payee.privacy", public_id=public_id))
    return go(url_for("payee.account", public_id=public_id))


@bp.route("/cases/<public_id>/privacy", methods=["GET", "POST"])
@open_to(Access.PAYEE)
def privacy(public_id: str) -> Response:
    """The partner bank's privacy policy dialog: read, tick, 「确认」. Whoever has agreed isn't asked again."""
    entry, found, _person = entry_or_404(public_id)
    form, text = PrivacyForm(), text_of_case(found, TextKind.PRIVACY, current_language().code, now=now())
    if request.method == "POST" and form.validate():
        with unit_of_work():
            give_consent(current_user.id, text, client=browser(), now=now(), about=found.id)
        return go(url_for("payee.case", public_id=public_id))
    return show(
        "payee/privacy.html",
        422 if form.errors else 200,
        form=form,
        text=text,
        agreed=consent_to(current_user.id, TextKind.PRIVACY, about=found.id) is not None,
        case=found,
        public_id=public_id,
        bank=with_english(found.partner_bank, english_of(found.partner_bank)),
        acts=acts_for_rows(acts_for(entry)),
    )


@bp.route("/cases/<public_id>/account", methods=["GET", "POST"])
@open_to(Access.PAYEE)
def account(public_id: str) -> Response:
    """Identity (filled in, not editable) and bank card. While the bank is asked, this address waits."""
    entry, found, identity = entry_or_404(public_id)
    submission = latest_submission(entry.id)
    if (elsewhere := _before_the_form(public_id, entry, found, submission)) is not None:
        return elsewhere
    form = _account_form(identity, submission, _typed_before(public_id), found)
    form.take(request.form.get("take", ""))
    if request.method == "GET" and (read := _read_of(request.args.get("card"))):
        _fill_in(form, read)
        return _show_account(public_id, found, identity, submission, form, read=read)
    if request.method == "POST" and "edit" not in request.form and form.validate():
        if not _may_ask(entry, identity, form):
            form.card_number.errors = [VERDICT[AccountVerdict.LIMIT_REACHED]]
        elif _unchanged(form, submission):
            return _show_account(public_id, found, identity, submission, form, unchanged=True)
        elif _came_back(entry, form) is not None and not form.still_right.data:
            form.still_right.errors = [CONFIRM_RETURNED]
        elif _read_back(form, submission, entry):
            return _hand_in(entry, identity, form, public_id)
        else:
            return _show_read_back(public_id, found, identity, form)
    return _show_account(public_id, found, identity, submission, form)


def _before_the_form(public_id: str, entry: CasePayee, found: Case, submission: Submission | None) -> Response | None:
    """What is to be seen instead of the form, as things stand."""
    if consent_to(current_user.id, TextKind.PRIVACY, about=found.id) is None:
        return go(url_for("payee.privacy", public_id=public_id))
    if submission is None:
        standing = found.collection(now())
        early = standing is Collection.NOT_YET
        return None if standing is Collection.OPEN else show("payee/closed.html", case=found, early=early, now=now())
    if submission.state == SubmissionState.CHECKING:
        return _checking(submission.id, public_id)
    if submission.state == SubmissionState.ACCEPTED or account_is_fixed(entry):
        return go(url_for("letters.letter", public_id=public_id))
    asks_again = request.method == "POST" or "again" in request.args
    if submission.state == SubmissionState.CHECKED and not asks_again:
        return go(url_for("letters.preview", public_id=public_id))
    return None


def _read_of(photo_id: str | None) -> dict[str, Any] | None:
    """What was read of this photo of a card, if it is the asker's: a browser without JavaScript comes back with it."""
    own = _own_photo(photo_id, PhotoKind.BANK_CARD)
    reading = db.session.get_one(Photo, own).reading if own else None
    return {"photo_id": own, **read_off(reading)} if reading is not None else None


def _fill_in(form: AccountForm, read: Mapping[str, Any]) -> None:
    form.card_photo.data = read["photo_id"]
    if read["fill"]:
        prefix = find_prefix(check_card_number(read["number"]).value, include_specimen=settings().specimen_bank)
        form.card_number.data = read["number"]
        form.bank.data = read["bank"] or (prefix.bank_code if prefix else form.bank.data)


def keep_for_later(public_id: str, photo_id: str) -> None:
    """Keeps an account form that was sent to have this photo of a card read: what is typed in it, and the photos of it."""
    _entry, _case, identity = entry_or_404(public_id)
    _save_photos(identity, _sent_early(public_id, identity))
    given = {**request.form.to_dict(), "card_photo": photo_id}
    if _number_on(request.form.get("card_photo")) == check_card_number(given.get("card_number", "")).value:
        given["card_number"] = ""  # it came from the photo whose place the new one takes
    keep_typed(current_user.id, _place(public_id), given, drawn=now(), now=now())


def show_again(public_id: str, words: str) -> Response:
    """The account's page as it was sent, with `words` on what is wrong with the photo of the card."""
    entry, found, identity = entry_or_404(public_id)
    submission = latest_submission(entry.id)
    if (elsewhere := _before_the_form(public_id, entry, found, submission)) is not None:
        return elsewhere
    form = _sent_early(public_id, identity)
    return _show_account(public_id, found, identity, submission, form, card_fault=words)


def _sent_early(public_id: str, identity: Identity) -> AccountForm:
    """The form that isn't judged yet; only its photos are taken in, and a bad one is said when it is handed in."""
    entry, found, _person = entry_or_404(public_id)
    form = _account_form(identity, latest_submission(entry.id), {}, found)
    for name in form.kept:
        with suppress(ValidationError):
            form[name].pre_validate(form)
    return form


def _unchanged(form: AccountForm, submission: Submission | None) -> bool:
    """True when a correction corrects nothing: the letter that was signed would be put aside for one that says the same."""
    if submission is None or submission.state != SubmissionState.SIGNED:
        return False
    phone = next(p.number for p in phones_of(current_user.id) if p.id == form.phone.data)
    given = form.card_number.data, form.bank.data, form.branch.data, phone
    stood = submission.card_number, submission.bank_code, submission.branch, submission.phone
    kept = form.kept
    photos = {kept.get("front") or kept.get("data_page"), kept.get("back"), form.card_photo.data or None}
    known = {None, submission.front_photo_id, submission.back_photo_id, submission.card_photo_id}
    return given == stood and photos <= known and not any(form[name].upload for name in kept)


def _read_back(form: AccountForm, submission: Submission | None, entry: CasePayee) -> bool:
    """True when the payee has seen this very number in groups and said that it's right; after the bank gave it back, again."""
    known = submission is not None and _came_back(entry, form) is None
    seen = {request.form.get("read_back"), submission.card_number if submission is not None and known else None}
    return form.card_number.data in seen


def _came_back(entry: CasePayee, form: AccountForm) -> PayoutLine | None:
    """The payment that the bank gave back last from the account whose number stands in the form."""
    number = check_card_number(form.card_number.data or "").value
    return money_back(entry.id, keyed_hash("card", number)) if number else None


def _show_read_back(public_id: str, found: Case, identity: Identity, form: AccountForm) -> Response:
    """The number in large groups, once more, before it goes to the bank."""
    form.process_kept(_save_photos(identity, form))
    bank = bank_by_code(form.bank.data, include_specimen=settings().specimen_bank) or abort(422)
    phone = next(p.number for p in phones_of(current_user.id) if p.id == form.phone.data)
    keep_typed(current_user.id, _place(public_id), request.form, drawn=now(), now=now())  # for the browser's "back"
    response = show(
        "payee/read_back.html",
        form=form,
        case=found,
        name=identity.name,
        groups=in_groups(form.card_number.data).split(),
        bank=bank,
        phone=mask_phone(phone),
        public_id=public_id,
    )
    if wants_part():  # a page of its own in the history, so that "back" leads to the form
        response.headers["HX-Push-Url"] = url_for("payee.account", public_id=public_id, comparing=1)
    return response


def _may_ask(entry: CasePayee, identity: Identity, form: AccountForm) -> bool:
    """False when today's checks are used up and the bank would have to be asked: what stands is left as it is."""
    digest = keyed_hash("card", form.card_number.data)
    left, _ = checks_left(identity.match_hash, digest, now=now())
    phone = next(p.number for p in phones_of(current_user.id) if p.id == form.phone.data)
    known = verdict_known(entry.id, identity.id, card_hash=digest, bank_code=form.bank.data, phone=phone, now=now())
    return left > 0 or known is not None or seams().account_check is None


def _checking(submission_id: str, public_id: str) -> Response:
    """Waits for the bank; `again` has a check that waits out an outage tried at once."""
    here = url_for("payee.account", public_id=public_id)
    if "again" in request.args:
        with unit_of_work():
            hurry_check(submission_id, now=now())
        return go(here)
    return show("payee/checking.html", poll=here, again=f"{here}?again=1", down=bank_is_down(submission_id))


def _typed_before(public_id: str) -> dict[str, str]:
    """What was typed into this form and not handed in; a photo of the card that has been swept is not in it."""
    typed = typed_before(current_user.id, _place(public_id), now=now())
    if "card_photo" in typed and _own_photo(typed["card_photo"], PhotoKind.BANK_CARD) is None:
        del typed["card_photo"]
    return typed


def _place(public_id: str) -> str:
    return f"account/{public_id}"


def _account_form(identity: Identity, submission: Submission | None, typed: dict[str, str], found: Case) -> AccountForm:
    phones = [(phone.id, in_order(mask_phone(phone.number))) for phone in phones_of(current_user.id)]
    wanted = photo_kinds(identity.document_type)
    data: dict[str, Any] = {"phone": identity.phone_id}
    if submission is not None:
        same = next((p.id for p in phones_of(current_user.id) if p.number == submission.phone), identity.phone_id)
        data = {
            "card_number": in_groups(submission.card_number),
            "bank": submission.bank_code,
            "branch": submission.branch,
            "phone": same,
            "card_confirmed": submission.luhn_confirmed,
            "card_photo": "" if _must_renew(submission, "card") else submission.card_photo_id or "",
            **_meant(submission),
        }
    again = not typed.items() <= data.items()
    form = AccountForm(
        phones=phones, wanted=tuple(wanted), kept=_kept(submission, wanted), data=data | typed, typed=again
    )
    if request.method == "POST" and not form.card_photo.data:
        form.card_photo.data = _card_draft(found)  # without JavaScript the form doesn't know of the photo
    form.reading = _reading_of(_own_photo(form.card_photo.data, PhotoKind.BANK_CARD))
    return form


def _meant(submission: Submission) -> dict[str, str]:
    """What was confirmed against a photo or a prefix when this account was handed in: it isn't asked about again."""
    prefix = find_prefix(submission.card_number, include_specimen=settings().specimen_bank)
    read = {"card_number": surely_read(_reading_of(submission.card_photo_id)), "bank": prefix and prefix.bank_code}
    return {f"meant_{name}": read[name] or "" for name in submission.insisted.split()}


def _reading_of(photo_id: str | None) -> Mapping[str, Any]:
    """What was read of a photo; nothing while it is being read."""
    return (db.session.get_one(Photo, photo_id).reading if photo_id else None) or {}


def _kept(submission: Submission | None, wanted: Mapping[str, PhotoKind]) -> dict[str, str | None]:
    """Photos that are here already: sent as they were taken, or by a phone, else those of the last submission."""
    kept: dict[str, str | None] = {}
    taken = handed(request.args.get("handover"), current_user.session_id, now=now())
    since = max(filter(None, (submission and submission.submitted_at, current_user.helped_since)), default=None)
    for name, kind in wanted.items():
        posted = _own_photo(request.form.get(f"kept_{name}") or taken.get(name), kind)
        last = (submission.back_photo_id if name == "back" else submission.front_photo_id) if submission else None
        last = None if _must_renew(submission, "documents") else _own_photo(last)
        kept[name] = posted or latest_draft(current_user.id, kind, since=since, now=now()) or last
    return kept


def _must_renew(submission: Submission | None, what: str) -> bool:
    """True for photos that a clerk gave back: the same ones would be given back again."""
    return (
        submission is not None and submission.state == SubmissionState.RETURNED and what in submission.redo.split(",")
    )


def _own_photo(photo_id: str | None, kind: PhotoKind | None = None) -> str | None:
    own = own_photo(photo_id, current_user.id, kind, now=now())
    return own if own and photo_for(current_user, own) else None


def _show_account(
    public_id: str,
    found: Case,
    identity: Identity,
    submission: Submission | None,
    form: AccountForm,
    *,
    unchanged: bool = False,
    read: Mapping[str, Any] | None = None,
    card_fault: str = "",
) -> Response:
    """The page, filled in. Photos that arrived with a faulty form are saved, so that nothing is taken twice."""
    kept = (
        _save_photos(identity, form)
        if request.method == "POST"
        else _kept(submission, photo_kinds(identity.document_type))
    )
    verdict = _refusal_of(form, submission) if request.method == "GET" else None
    if verdict is not None:
        form.card_number.errors = ()
        field = form[FIELD.get(verdict, "card_number")]
        field.errors = [VERDICT[verdict]]
    left, free_at = checks_left(identity.match_hash, submission.card_hash if submission else None, now=now())
    entry, _found, _person = entry_or_404(public_id)
    back = _came_back(entry, form)
    return show(
        "payee/account.html",
        422 if card_fault or (form.errors and request.method == "POST") else 200,
        form=form,
        case=found,
        facts=_facts(entry, found, identity),
        kept=kept,
        card_draft=None if form.card_number.data or read else _card_draft(found),
        read=read,
        card_fault=card_fault,
        card_shown=_number_on(form.card_photo.data),
        kinds=photo_kinds(identity.document_type),
        photo_address=photo_address,
        public_id=public_id,
        left=left,
        free_at=free_at,
        old_letter=letter_kept_by(submission.case_payee_id) if submission is not None else None,
        branches=suggested_branches(form.bank.data or "", form.branch.data or ""),
        marks=form.marks,
        causes=causes_of(verdict),
        unchanged=unchanged,
        returned=_returned(public_id, submission),
        came_back=came_back_words(back) if back is not None else "",
        correcting=submission is not None and submission.state == SubmissionState.SIGNED,
        resident=identity.document_type == "resident_id",
        typed=typed_here(_place(public_id), again=form.typed and request.method == "GET" and not read),
    )


def _refusal_of(form: AccountForm, submission: Submission | None) -> AccountVerdict | None:
    """The bank's no, where the form shows what the bank was asked about; not where something else has been typed since."""
    if submission is None or not submission.verdict or submission.state != SubmissionState.REFUSED:
        return None
    phone = next((p.number for p in phones_of(current_user.id) if p.id == form.phone.data), None)
    shown = check_card_number(form.card_number.data or "").value, form.bank.data, phone
    asked = submission.card_number, submission.bank_code, submission.phone
    return AccountVerdict(submission.verdict) if shown == asked else None


def _card_draft(found: Case) -> str | None:
    """The card's photo that was taken since this case's form could be opened, and since a clerk sits beside; one on which no
    number was found stays behind."""
    agreed = consent_to(current_user.id, TextKind.PRIVACY, about=found.id)
    since = max(filter(None, (agreed and agreed.given_at, current_user.helped_since)), default=None)
    draft = latest_draft(current_user.id, PhotoKind.BANK_CARD, since=since, now=now())
    reading = db.session.get_one(Photo, draft).reading if draft else None
    return draft if reading is None or reading.get("number") else None


def _returned(public_id: str, submission: Submission | None) -> str:
    """Why the account came back: a clerk's words, or the bank's reason for a payment that it returned."""
    if submission is None or submission.state != SubmissionState.RETURNED:
        return ""
    progress = progress_of(entry_or_404(public_id)[0], submission)
    return stage_note(progress) if progress else return_text(submission.reason, submission.reason_words)


def _save_photos(identity: Identity, form: AccountForm) -> dict[str, str | None]:
    kinds, kept, fresh = photo_kinds(identity.document_type), {}, []
    for name, kind in kinds.items():
        upload = form[name].upload
        kept[name] = getattr(form, f"kept_{name}")
        if upload is not None:
            photo = store_photo(
                current_user.id,
                kind,
                upload.data,
                upload.media_type,
                size=(upload.width, upload.height),
                store=seams().store,
                now=now(),
            )
            photo.draft_until = now() + DRAFT_LIFE  # until the form is taken in; else it is swept
            fresh.append(photo)
            kept[name] = photo.id
    if fresh:
        with unit_of_work():
            db.session.add_all(fresh)
    return kept


def _number_on(photo_id: str | None) -> str | None:
    """The number that was read on this photo of a card of the asker's."""
    own = _own_photo(photo_id, PhotoKind.BANK_CARD)
    reading = db.session.get_one(Photo, own).reading if own else None
    return reading.get("number") if reading else None


def _photo_of_card(form: AccountForm) -> str | None:
    """The card's photo, unless another number is read on it than was handed in: it would show a clerk the wrong card.

    Where the payee has confirmed the contradiction, the clerk sees it.
    """
    photo_id = _own_photo(form.card_photo.data, PhotoKind.BANK_CARD)
    shown = _reading_of(photo_id).get("number")
    fits = not shown or shown == form.card_number.data or "card_number" in form.read_otherwise()
    return photo_id if fits else None


def unproved_here() -> str | None:
    """The visit at the counter that goes on in this browser, where it was opened without a code to the payee's phone."""
    return unproved_visit(current_user.session_id) if current_user.helped_by else None


def _hand_in(entry: CasePayee, identity: Identity, form: AccountForm, public_id: str) -> Response:
    photos = _save_photos(identity, form)
    phone = next(p.number for p in phones_of(current_user.id) if p.id == form.phone.data)
    given = AccountGiven(
        card_number=form.card_number.data,
        card_hash=keyed_hash("card", form.card_number.data),
        bank_code=form.bank.data,
        branch=form.branch.data,
        phone=phone,
        front_photo_id=photos.get("front") or photos.get("data_page"),
        back_photo_id=photos.get("back"),
        card_photo_id=_photo_of_card(form),
        luhn_confirmed=bool(form.card_confirmed.data),
        insisted=" ".join(form.read_otherwise()),
    )
    try:
        with unit_of_work():
            spend(once_token(), now=now())
            take_in([given.front_photo_id, given.back_photo_id, given.card_photo_id])
            close_typed(current_user.id, _place(public_id), now=now())
            submit_account(
                db.session.get_one(CasePayee, entry.id),
                db.session.get_one(Identity, identity.id),
                given,
                helped_by=current_user.helped_by,
                unproved_visit=unproved_here(),
                now=now(),
            )
    except (AlreadyDone, CannotSign):
        pass  # the same form once more, or accepted meanwhile: what stands is shown
    return go(url_for("payee.account", public_id=public_id))


def _facts(entry: CasePayee, found: Case, identity: Identity) -> list[tuple[str, str]]:
    phone = next((p.number for p in phones_of(current_user.id) if p.id == identity.phone_id), "")
    return [
        (_("案号"), found.number),
        *acts_for_rows(acts_for(entry)),
        (_("姓名"), identity.name),
        (_("手机号"), mask_phone(phone) if phone else ""),
        (
            document_name(identity.document_type) if identity.document_type != "resident_id" else _("身份证号"),
            mask_number(identity.number),
        ),
    ]


@bp.post("/cases/<public_id>/handover")
@open_to(Access.PAYEE)
def hand_over(public_id: str) -> Response:
    """The pictures of this page are taken with a phone."""
    _entry, _case, identity = entry_or_404(public_id)
    wanted = {"card_picture": PhotoKind.BANK_CARD, **photo_kinds(identity.document_type)}
    return begin(Offer(wanted, mask_name(identity.name), url_for("payee.account", public_id=public_id)))
