"""The collection of chapter 3: case list, privacy policy, account, letter."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, abort, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response

from webapp.accounts.queries import phones_of
from webapp.cases.models import Case, CasePayee
from webapp.cases.queries import entries_of, entry_of
from webapp.core import jobs
from webapp.core.db import db, unit_of_work
from webapp.core.masking import mask_number, mask_phone
from webapp.core.once import AlreadyDone, spend
from webapp.core.sealing import keyed_hash
from webapp.evidence.models import Photo, PhotoKind
from webapp.evidence.usecases import store_photo
from webapp.identity.jobs import photo_kinds
from webapp.identity.models import Identity
from webapp.identity.pages import photo_address
from webapp.identity.queries import identity_of
from webapp.identity.words import document_name
from webapp.payee.forms import AccountForm, CardPhotoForm, PrivacyForm
from webapp.payee.models import Submission, SubmissionState
from webapp.payee.queries import checks_left, latest_submission, suggested_branches, verdict_known
from webapp.payee.rules.banks import find_prefix, search_banks
from webapp.payee.rules.cards import in_groups
from webapp.payee.usecases import READ_CARD, AccountGiven, CannotSign, bank_is_down, hurry_check, submit_account
from webapp.payee.words import BANK_DIFFERS, CARD_FAULTS, CREDIT, FIELD, PREPAID, STATE, VERDICT
from webapp.ports.account_check import AccountVerdict
from webapp.ports.card_reader import BankSeen, CardKind, CardPhotoFault
from webapp.texts.models import TextKind
from webapp.texts.queries import consent_to, text_in_force
from webapp.texts.usecases import give_consent
from webapp.web.access import Access, open_to
from webapp.web.locale import current_language
from webapp.web.present import browser, now, once_token, seams, settings
from webapp.web.rendering import fragment, go, show

bp = Blueprint("payee", __name__)
FIELDS = ("front", "back", "data_page")


def _identity() -> Identity | None:
    return identity_of(current_user.id)


def entry_or_404(public_id: str) -> tuple[CasePayee, Case, Identity]:
    """The entry of an address, if it names the asker; else 404, as if it didn't exist."""
    identity = _identity() or abort(404)
    found = entry_of(public_id, identity.match_hash) or abort(404)
    return found[0], found[1], identity


@bp.get("/cases")
@open_to(Access.PAYEE)
def case_list() -> Response:
    """「涉众案件登记」: the cases that name this document number, each with what is to be done next."""
    identity = _identity()
    if identity is None:
        return show("payee/not_verified.html")
    rows = [_row(entry, case) for entry, case in entries_of(identity.match_hash)]
    return show("payee/case_list.html", rows=rows)


def _row(entry: CasePayee, case: Case) -> dict[str, Any]:
    submission = latest_submission(entry.id)
    words, kind = STATE[SubmissionState(submission.state) if submission else None]
    closed = case.closed_at is not None and submission is None
    return {
        "case": case,
        "href": url_for("payee.case", public_id=entry.public_id),
        "mark": _("登记已截止") if closed else str(words),
        "kind": "bad" if closed else kind,
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
    """The partner bank's privacy policy dialog: read, tick, 「确认」."""
    _named, found, identity = entry_or_404(public_id)
    form, text = PrivacyForm(), text_in_force(TextKind.PRIVACY, current_language().code, now=now())
    if request.method == "POST" and form.validate():
        with unit_of_work():
            give_consent(current_user.id, text, client=browser(), now=now(), about=found.id)
        return go(url_for("payee.case", public_id=public_id))
    return show(
        "payee/privacy.html",
        422 if form.errors else 200,
        form=form,
        text=text,
        case=found,
        facts=_facts(found, identity),
    )


@bp.route("/cases/<public_id>/account", methods=["GET", "POST"])
@open_to(Access.PAYEE)
def account(public_id: str) -> Response:
    """Identity (filled in, not editable) and bank card. While the bank is asked, this address waits."""
    entry, found, identity = entry_or_404(public_id)
    submission = latest_submission(entry.id)
    if consent_to(current_user.id, TextKind.PRIVACY, about=found.id) is None:
        return go(url_for("payee.privacy", public_id=public_id))
    if submission is not None and submission.state == SubmissionState.CHECKING:
        return _checking(submission.id, public_id)
    if submission is not None and submission.state == SubmissionState.ACCEPTED:
        return go(url_for("letters.letter", public_id=public_id))
    if (
        request.method == "GET"
        and submission is not None
        and submission.state == SubmissionState.CHECKED
        and "again" not in request.args
    ):
        return go(url_for("letters.preview", public_id=public_id))
    if found.closed_at is not None and submission is None:
        return show("payee/closed.html", case=found)
    form = _account_form(identity, submission)
    if request.method == "POST" and form.validate():
        if _may_ask(entry, identity, form):
            return _hand_in(entry, identity, form, public_id)
        form.card_number.errors = [VERDICT[AccountVerdict.LIMIT_REACHED]]
    return _show_account(public_id, found, identity, submission, form)


def _may_ask(entry: CasePayee, identity: Identity, form: AccountForm) -> bool:
    """False when today's checks are used up and the bank would have to be asked: what stands is left as it is."""
    digest = keyed_hash("card", form.card_number.data)
    left, _ = checks_left(current_user.id, digest, now=now())
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


def _account_form(identity: Identity, submission: Submission | None) -> AccountForm:
    phones = [(phone.id, mask_phone(phone.number)) for phone in phones_of(current_user.id)]
    wanted = tuple(photo_kinds(identity.document_type))
    data: dict[str, Any] = {"phone": identity.phone_id}
    if submission is not None:
        same = next((p.id for p in phones_of(current_user.id) if p.number == submission.phone), identity.phone_id)
        data = {
            "card_number": in_groups(submission.card_number),
            "bank": submission.bank_code,
            "branch": submission.branch,
            "phone": same,
            "card_confirmed": submission.luhn_confirmed,
            "card_photo": submission.card_photo_id or "",
        }
    return AccountForm(phones=phones, wanted=wanted, kept=_kept(submission, wanted), data=data)


def _kept(submission: Submission | None, wanted: tuple[str, ...]) -> dict[str, str | None]:
    """Photos that are saved already: those posted with a form that had other faults, else those of the last submission."""
    kept: dict[str, str | None] = {}
    for name in wanted:
        posted = _own_photo(request.form.get(f"kept_{name}"))
        last = (submission.back_photo_id if name == "back" else submission.front_photo_id) if submission else None
        kept[name] = posted or _own_photo(last)
    return kept


def _own_photo(photo_id: str | None) -> str | None:
    photo = db.session.get(Photo, photo_id) if photo_id else None
    return photo.id if photo is not None and photo.account_id == current_user.id else None


def _show_account(
    public_id: str, found: Case, identity: Identity, submission: Submission | None, form: AccountForm
) -> Response:
    """The page, filled in. Photos that arrived with a faulty form are saved, so that nothing is taken twice."""
    kept = (
        _save_photos(identity, form)
        if request.method == "POST"
        else _kept(submission, tuple(photo_kinds(identity.document_type)))
    )
    verdict = (
        AccountVerdict(submission.verdict)
        if submission is not None and submission.verdict and submission.state == SubmissionState.REFUSED
        else None
    )
    if request.method == "GET" and verdict is not None:
        form.card_number.errors = ()
        field = form[FIELD.get(verdict, "card_number")]
        field.errors = [VERDICT[verdict]]
    left, free_at = checks_left(current_user.id, submission.card_hash if submission else None, now=now())
    return show(
        "payee/account.html",
        422 if request.method == "POST" else 200,
        form=form,
        case=found,
        facts=_facts(found, identity),
        kept=kept,
        photo_address=photo_address,
        public_id=public_id,
        left=left,
        free_at=free_at,
        branches=suggested_branches(form.bank.data or ""),
        returned=submission.reason_words
        if submission is not None and submission.state == SubmissionState.RETURNED
        else "",
        correcting=submission is not None and submission.state == SubmissionState.SIGNED,
        resident=identity.document_type == "resident_id",
    )


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
            fresh.append(photo)
            kept[name] = photo.id
    if fresh:
        with unit_of_work():
            db.session.add_all(fresh)
    return kept


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
        card_photo_id=_own_photo(form.card_photo.data),
        luhn_confirmed=bool(form.card_confirmed.data),
    )
    try:
        with unit_of_work():
            spend(once_token(), now=now())
            submit_account(
                db.session.get_one(CasePayee, entry.id), db.session.get_one(Identity, identity.id), given, now=now()
            )
    except (AlreadyDone, CannotSign):
        pass  # the same form once more, or accepted meanwhile: what stands is shown
    return go(url_for("payee.account", public_id=public_id))


def _facts(found: Case, identity: Identity) -> list[tuple[str, str]]:
    phone = next((p.number for p in phones_of(current_user.id) if p.id == identity.phone_id), "")
    return [
        (_("案号"), found.number),
        (_("姓名"), identity.name),
        (_("手机号"), mask_phone(phone) if phone else ""),
        (
            document_name(identity.document_type) if identity.document_type != "resident_id" else _("身份证号"),
            mask_number(identity.number),
        ),
    ]


@bp.route("/cases/<public_id>/card", methods=["GET", "POST"])
@open_to(Access.PAYEE)
def card(public_id: str) -> Response:
    """A photo of the card comes; the worker reads it; the number is shown to be checked. Also without JavaScript."""
    entry_or_404(public_id)
    form = CardPhotoForm()
    if request.method == "POST" and form.validate():
        upload = form.card_picture.sent
        photo = store_photo(
            current_user.id,
            PhotoKind.BANK_CARD,
            upload.data,
            upload.media_type,
            size=(upload.width, upload.height),
            store=seams().store,
            now=now(),
        )
        with unit_of_work():
            db.session.add(photo)
            jobs.enqueue(READ_CARD, {"photo": photo.id}, now=now(), key=f"{READ_CARD}:{photo.id}")
        return go(url_for("payee.card_read", public_id=public_id, photo_id=photo.id))
    words = str(form.card_picture.errors[0]) if form.errors else ""
    return fragment("payee/_card_failed.html", 422, public_id=public_id, words=words)


@bp.get("/cases/<public_id>/card/<photo_id>")
@open_to(Access.PAYEE)
def card_read(public_id: str, photo_id: str) -> Response:
    """What was read: still waiting, a number, or not sure enough."""
    entry_or_404(public_id)
    photo = db.session.get(Photo, photo_id)
    if photo is None or photo.account_id != current_user.id:
        abort(404)
    here = url_for("payee.card_read", public_id=public_id, photo_id=photo_id)
    if photo.reading is None:
        return fragment("payee/_card_waiting.html", here=here)
    return fragment("payee/_card_read.html", photo_id=photo_id, **_read_off(photo.reading))


def _read_off(reading: Mapping[str, Any]) -> dict[str, Any]:
    """What the page says of a photographed card.

    A card that can't receive money, or whose printed name is another bank's than its number's, is told in words and not
    filled in: the payee looks again and types.
    """
    number, fault, kind = reading.get("number"), reading.get("fault"), reading.get("kind")
    refused = {CardKind.CREDIT: CREDIT, CardKind.PREPAID: PREPAID}.get(CardKind(kind)) if kind else None
    if refused is None and reading.get("bank_seen") == BankSeen.DIFFERS:
        refused = BANK_DIFFERS
    words = refused or (CARD_FAULTS[CardPhotoFault(fault)] if fault else "")
    shown = in_groups(number) if number else ""
    bank = reading.get("bank") or ""
    return {"number": shown, "fill": bool(number) and refused is None, "bank": bank, "words": str(words)}


@bp.post("/banks")
@open_to(Access.PAYEE)
def bank_of_card() -> Response:
    """Which bank a typed number belongs to, for the form to choose by itself. POST: no address may hold the number."""
    prefix = find_prefix(
        "".join(c for c in request.form.get("card_number", "") if c.isdigit())[:19],
        include_specimen=settings().specimen_bank,
    )
    return fragment("payee/_bank_of_card.html", prefix=prefix)


@bp.get("/banks/search")
@open_to(Access.PAYEE)
def search_bank() -> Response:
    """The list of banks, narrowed to what was typed: Chinese, English, code, pinyin or its initials."""
    found = search_banks(request.args.get("bank_search", ""), include_specimen=settings().specimen_bank)
    return fragment("payee/_bank_options.html", banks=[(b.code, b.title(current_language().code)) for b in found])
