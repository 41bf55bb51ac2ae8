"""The letter's pages: preview, full text, 「提交并签名」, the signed PDF."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, abort, make_response, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response

from webapp.cases.models import Case
from webapp.cases.queries import text_of_case
from webapp.core import audit
from webapp.core.db import unit_of_work
from webapp.core.once import AlreadyDone, spend
from webapp.evidence.usecases import open_file
from webapp.identity.models import Identity
from webapp.identity.queries import signature_of
from webapp.ledger.rules import LineState
from webapp.ledger.words import LINE
from webapp.payee.corrections import NothingToKeep, keep_old, letter_kept_by
from webapp.payee.forms import MailForm, SignForm
from webapp.payee.letters import companion_content, letter_content, texts_in
from webapp.payee.mailing import NothingToMail, TooManyMails, latest_mail, post_letter
from webapp.payee.models import Letter, LetterState, Submission, SubmissionState
from webapp.payee.queries import account_is_fixed, latest_submission, progress_of, standing_letter
from webapp.payee.shown import ShownOtherwise, is_what_was_shown, mark_of
from webapp.payee.usecases import LOOK_AT, CannotSign, differs_from_register, hold_entry, sign_letter
from webapp.payee.views import entry_or_404, unproved_here
from webapp.payee.words import LOOKED_AT, REGISTER_DIFFERS, STAGE, STATE, stage_note, verdict_words
from webapp.texts.models import TextKind, TextVersion
from webapp.web.access import Access, open_to
from webapp.web.locale import current_language
from webapp.web.present import now, once_token, seams, settings
from webapp.web.rendering import go, show

letters = Blueprint("letters", __name__)


@letters.get("/cases/<public_id>/letter/preview")
@open_to(Access.PAYEE)
def preview(public_id: str) -> Response:
    """「预览及签名」."""
    return _show_letter(public_id, "payee/preview.html")


@letters.get("/cases/<public_id>/letter/text")
@open_to(Access.PAYEE)
def letter_text(public_id: str) -> Response:
    """The full text, before signing or after."""
    return _show_letter(public_id, "payee/letter_text.html", signed_too=True)


def _show_letter(public_id: str, template: str, *, signed_too: bool = False) -> Response:
    entry, found, identity = entry_or_404(public_id)
    submission, standing = latest_submission(entry.id), standing_letter(entry.id)
    if (
        signed_too
        and standing is not None
        and submission is not None
        and submission.state in (SubmissionState.SIGNED, SubmissionState.ACCEPTED)
    ):
        return show(template, content=standing.content, public_id=public_id, signed=True, form=SignForm())
    if submission is None or submission.state != SubmissionState.CHECKED:
        return go(url_for("payee.case", public_id=public_id))
    if submission.identity_id != identity.id:  # verified anew since: the bank checked somebody's older details
        return go(url_for("payee.account", public_id=public_id, again=1))
    text, content = _content(found, identity, submission)
    missing = seams().letters.missing(texts_in(content))
    return show(
        template,
        content=content,
        public_id=public_id,
        typed=content["typed"],
        signed=False,
        form=SignForm(data={"shown": _mark(submission, text, content)}),
        changed="changed" in request.args,
        missing=missing,
        old_letter=letter_kept_by(entry.id),
        needs_review=submission.needs_review or current_user.helped_by is not None,
        verdict=_review_words(submission),
    )


def _content(found: Case, identity: Identity, submission: Submission) -> tuple[TextVersion, dict[str, Any]]:
    """The text in force, and the letter: in Chinese, and beside it in the language that its signer has chosen."""
    specimen, moment = settings().specimen_bank, now()
    text = text_of_case(found, TextKind.LETTER, "zh_Hans", now=moment)
    content = letter_content(found, identity, submission, text, specimen=specimen, now=moment)
    beside = companion_content(
        content, submission, identity, current_user.language, seams().letters.missing, specimen=specimen, now=moment
    )
    standing = standing_letter(submission.case_payee_id)
    previous = standing.number if standing else ""
    return text, {**content, "companion": beside, "previous_letter": previous, "typed": _is_typed()}


def _mark(submission: Submission, text: TextVersion, content: dict[str, Any]) -> str:
    signature = signature_of(current_user.id)
    return mark_of(submission, text, signature.id if signature else "", content)


def _is_typed() -> bool:
    """Whether the reserved signature is a typed name: the question before it is used says so, and so does the letter."""
    signature = signature_of(current_user.id)
    return signature is not None and signature.made_by == "typed"


def _review_words(submission: Submission) -> str:
    """Why a person of the court looks at this account after it is signed."""
    if submission.verdict in LOOK_AT:
        return verdict_words(submission.verdict)
    return str(REGISTER_DIFFERS if differs_from_register(submission) else LOOKED_AT)


@letters.route("/cases/<public_id>/letter/sign", methods=["GET", "POST"])
@open_to(Access.PAYEE)
def sign(public_id: str) -> Response:
    """「提交并签名」 → 「确定」: the GET is the dialog as a page, for browsers without one. Both know what was shown before."""
    entry, found, identity = entry_or_404(public_id)
    form, submission = SignForm(), latest_submission(entry.id)
    if submission is None or submission.state != SubmissionState.CHECKED or submission.identity_id != identity.id:
        signed = submission is not None and submission.state in (SubmissionState.SIGNED, SubmissionState.ACCEPTED)
        return go(url_for("letters.letter", public_id=public_id)) if signed else _show_again(public_id)
    text, content = _content(found, identity, submission)
    if seams().letters.missing(texts_in(content)):  # it could never be made: the preview says what to do
        return go(url_for("letters.preview", public_id=public_id))
    if request.method == "GET":
        form.shown.data = request.args.get("shown", "")
        if not is_what_was_shown(form.shown.data, _mark(submission, text, content)):
            return _show_again(public_id)
        return show("payee/confirm_sign.html", form=form, public_id=public_id, typed=content["typed"])
    try:
        with unit_of_work():
            spend(once_token(), now=now())
            _sign(entry.id, found, identity, form.shown.data or "")
    except (AlreadyDone, CannotSign):
        pass  # signed already, from this tab or another: the letter is shown
    except ShownOtherwise:
        return _show_again(public_id)
    return go(url_for("letters.letter", public_id=public_id))


def _sign(entry_id: int, found: Case, identity: Identity, shown: str) -> None:
    """Signs what was shown and nothing else. Inside a unit of work. Raises CannotSign, ShownOtherwise."""
    hold_entry(entry_id)
    fresh = latest_submission(entry_id)
    if fresh is None or fresh.state != SubmissionState.CHECKED:
        raise CannotSign
    if fresh.identity_id != identity.id or identity.superseded_at is not None:
        raise CannotSign
    text, content = _content(found, identity, fresh)
    if not is_what_was_shown(shown, _mark(fresh, text, content)):
        raise ShownOtherwise
    sign_letter(
        fresh, found, text, content, helped_by=current_user.helped_by, unproved_visit=unproved_here(), now=now()
    )


def _show_again(public_id: str) -> Response:
    return go(url_for("letters.preview", public_id=public_id, changed=1))


@letters.get("/cases/<public_id>/letter")
@open_to(Access.PAYEE)
def letter(public_id: str) -> Response:
    """Signed: 「查看签名」, 「返回案件」, share and save. While the PDF is being made, this address waits."""
    entry, found, _person = entry_or_404(public_id)
    standing, submission = standing_letter(entry.id), latest_submission(entry.id)
    if standing is None or submission is None:
        return go(url_for("payee.case", public_id=public_id))
    if standing.state == LetterState.SIGNING:
        return show("payee/making.html", poll=url_for("letters.letter", public_id=public_id))
    progress = progress_of(entry, submission)
    words, kind = STAGE[progress.stage] if progress else STATE[SubmissionState(submission.state)]
    payments = progress.payments if progress else ()
    return show(
        "payee/signed.html",
        letter=standing,
        case=found,
        public_id=public_id,
        mark=words,
        kind=kind,
        note=stage_note(progress) if progress else "",
        payments=[(line, LINE[LineState(line.state)]) for line in payments],
        may_correct=submission.state != SubmissionState.ACCEPTED and not account_is_fixed(entry),
        mail_offered=seams().mail is not None,
        mail=latest_mail(standing.id),
    )


@letters.post("/cases/<public_id>/letter/keep")
@open_to(Access.PAYEE)
def keep(public_id: str) -> Response:
    """「保留原来的账户」: the correction that was begun is given up."""
    entry, _found, _person = entry_or_404(public_id)
    try:
        with unit_of_work():
            spend(once_token(), now=now())
            hold_entry(entry.id)
            keep_old(entry.id, now=now())
    except (AlreadyDone, NothingToKeep):
        pass  # kept already, or signed meanwhile: what stands is shown
    return go(url_for("payee.case", public_id=public_id))


@letters.route("/cases/<public_id>/letter/mail", methods=["GET", "POST"])
@open_to(Access.PAYEE)
def mail(public_id: str) -> Response:
    """「发送到我的邮箱」: an address is typed, the letter is on its way."""
    entry, _found, _person = entry_or_404(public_id)
    standing = standing_letter(entry.id)
    if seams().mail is None or standing is None or standing.state != LetterState.CURRENT:
        return go(url_for("letters.letter", public_id=public_id))
    form = MailForm()
    if request.method == "POST" and form.validate():
        try:
            with unit_of_work():
                spend(once_token(), now=now())
                post_letter(standing.id, form.address.data, language=current_language().code, now=now())
        except TooManyMails:
            form.address.errors = [_("今天发送的次数太多了，请明天再试，或保存文件后自己发送。")]
        except (AlreadyDone, NothingToMail):
            pass  # the same form once more, or replaced meanwhile: the letter's page says what is so
        if not form.errors:
            return go(url_for("letters.letter", public_id=public_id, mailed=1))
    return show("payee/mail.html", 422 if form.errors else 200, form=form, public_id=public_id, letter=standing)


@letters.get("/cases/<public_id>/letter.pdf")
@open_to(Access.PAYEE)
def letter_pdf(public_id: str) -> Response:
    """The signed PDF, to look at or (`save`) to keep."""
    entry, _found, _person = entry_or_404(public_id)
    standing: Letter = standing_letter(entry.id) or abort(404)
    if standing.pdf_key is None:
        abort(404)
    pdf = open_file(standing.pdf_key, store=seams().store)
    with unit_of_work():
        audit.record(audit.Actor("payee", current_user.id), "payee.letter_shown", ("letter", standing.id), now=now())
    how = "attachment" if "save" in request.args else "inline"
    headers = {
        "Content-Type": "application/pdf",
        "Content-Disposition": f'{how}; filename="{_ascii(standing.number)}.pdf"',
    }
    return make_response(pdf, 200, headers)


def _ascii(number: str) -> str:
    return "letter-" + "".join(c for c in number if c.isalnum() or c == "-")
