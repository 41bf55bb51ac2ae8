"""The public page behind the QR code of a letter: genuine, current, replaced; for a code or for a file. Nobody signs in."""

from __future__ import annotations

from flask import Blueprint, Response
from flask_babel import gettext as _

from webapp.core.db import unit_of_work
from webapp.genuine.forms import AskForm
from webapp.genuine.queries import Answer, by_code
from webapp.genuine.usecases import TooManyLooks, check_file, count_look
from webapp.genuine.words import ONLY_A_CODE, WHOLE, WORDS
from webapp.web.access import Access, findable, open_to
from webapp.web.present import client, now, seams
from webapp.web.rendering import show

bp = Blueprint("genuine", __name__)


@bp.get("/letters")
@open_to(Access.EVERYONE)
@findable
def ask() -> Response:
    """The question: a code, or a file."""
    return show("genuine/ask.html", form=AskForm(), words="")


@bp.get("/letters/<code>")
@open_to(Access.EVERYONE)
def by_link(code: str) -> Response:
    """Where the QR code leads."""
    return _counted() or _told(by_code(code), code=code)


@bp.post("/letters")
@open_to(Access.EVERYONE)
def answer() -> Response:
    """A file that was chosen goes first; else the code that was typed."""
    form = AskForm()
    if not form.validate():
        return show("genuine/ask.html", 422, form=form, words="")
    if (too_many := _counted()) is not None:
        return too_many
    found = check_file(form.pdf, sealer=seams().sealer) if form.pdf else by_code(form.code.data or "")
    return _told(found, code="" if form.pdf else form.code.data or "")


def _counted() -> Response | None:
    """Counts this question; the page that says so when there were too many."""
    try:
        with unit_of_work():
            count_look(client(), now=now())
    except TooManyLooks as looks:
        minutes = max(1, -(-int(looks.wait.total_seconds()) // 60))
        words = _("查询次数太多，请 %(n)s 分钟后再试。", n=minutes)
        return show("genuine/ask.html", 429, form=AskForm(), words=words)
    return None


def _told(answer: Answer, *, code: str) -> Response:
    """The answer; a code that nobody gave stands in its field again, to be put right. `code` is empty for a file."""
    title, words, kind = WORDS[answer.standing]
    more = "" if not answer.number else ONLY_A_CODE if code else WHOLE
    form = AskForm(formdata=None, data={"code": code}) if code and not answer.number else None
    return show("genuine/answer.html", answer=answer, title=title, words=words, kind=kind, more=more, form=form)
