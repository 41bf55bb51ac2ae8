"""The letter's pages: preview, full text, 「提交并签名」, the signed PDF."""

from __future__ import annotations

from flask import Blueprint, abort, make_response, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from webapp.core import audit
from webapp.core.db import db, unit_of_work
from webapp.core.once import AlreadyDone, spend
from webapp.evidence.usecases import open_file
from webapp.payee.forms import SignForm
from webapp.payee.letters import letter_content, texts_in
from webapp.payee.models import Letter, LetterState, Submission, SubmissionState
from webapp.payee.queries import latest_submission, standing_letter
from webapp.payee.usecases import LOOK_AT, CannotSign, sign_letter
from webapp.payee.views import entry_or_404
from webapp.payee.words import REGISTER_DIFFERS, STATE, verdict_words
from webapp.texts.models import TextKind
from webapp.texts.queries import text_in_force
from webapp.web.access import Access, open_to
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
    text = text_in_force(TextKind.LETTER, "zh_Hans", now=now())
    content = letter_content(found, identity, submission, text, specimen=settings().specimen_bank, now=now())
    content["previous_letter"] = standing.number if standing else ""
    missing = seams().letters.missing(texts_in(content))
    return show(
        template,
        content=content,
        public_id=public_id,
        signed=False,
        form=SignForm(),
        missing=missing,
        needs_review=submission.needs_review,
        verdict=verdict_words(submission.verdict) if submission.verdict in LOOK_AT else str(REGISTER_DIFFERS),
    )


@letters.route("/cases/<public_id>/letter/sign", methods=["GET", "POST"])
@open_to(Access.PAYEE)
def sign(public_id: str) -> Response:
    """「提交并签名」 → 「确定」: the GET is the dialog as a page, for browsers without one."""
    entry, found, identity = entry_or_404(public_id)
    form = SignForm()
    if request.method == "GET":
        return show("payee/confirm_sign.html", form=form, public_id=public_id)
    submission = latest_submission(entry.id)
    text = text_in_force(TextKind.LETTER, "zh_Hans", now=now())
    if submission is not None and submission.identity_id == identity.id:
        content = letter_content(found, identity, submission, text, specimen=settings().specimen_bank, now=now())
        if seams().letters.missing(texts_in(content)):  # it could never be made: the preview says what to do
            return go(url_for("letters.preview", public_id=public_id))
    try:
        with unit_of_work():
            spend(once_token(), now=now())
            fresh = db.session.get(Submission, submission.id if submission else "")
            if fresh is None or fresh.identity_id != identity.id or identity.superseded_at is not None:
                raise CannotSign  # noqa: TRY301 (nothing to sign, as when it was signed already)
            content = letter_content(found, identity, fresh, text, specimen=settings().specimen_bank, now=now())
            sign_letter(fresh, found, text, content, now=now())
    except (AlreadyDone, CannotSign):
        pass  # signed already, from this tab or another: the letter is shown
    return go(url_for("letters.letter", public_id=public_id))


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
    words, kind = STATE[SubmissionState(submission.state)]
    return show(
        "payee/signed.html",
        letter=standing,
        case=found,
        public_id=public_id,
        mark=words,
        kind=kind,
        may_correct=submission.state != SubmissionState.ACCEPTED,
    )


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
