"""Photographing the document first: the worker reads it, and what it says fills the form in, to be checked by the payee."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from flask import Blueprint, abort, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response

from webapp.accounts.queries import phones_of
from webapp.core import jobs
from webapp.core.clock import in_china
from webapp.core.db import unit_of_work
from webapp.evidence.showing import photo_for
from webapp.evidence.usecases import TooManyDrafts, keep_draft
from webapp.identity.forms import DocumentPhotoForm
from webapp.identity.jobs import READ_DOCUMENT, photo_kinds
from webapp.identity.words import reason_text, validity_words
from webapp.web.access import Access, open_to
from webapp.web.present import now, seams
from webapp.web.rendering import fragment, go
from webapp.web.uploads import upload_key

FILLED = ("name", "number", "nationality")

bp = Blueprint("photo_first", __name__)


@bp.post("/verify/document/photo")
@open_to(Access.PAYEE)
def photo() -> Response:
    """A photo of the document comes; the worker reads it. Only from whoever has proved a phone: reading takes the worker's time."""
    if not phones_of(current_user.id):
        abort(404)
    form = DocumentPhotoForm()
    if not form.validate():
        return fragment("identity/_read_failed.html", 422, words=str(next(iter(form.errors.values()))[0]))
    kind = next(iter(photo_kinds(form.kind.data).values()))
    try:
        kept = keep_draft(
            current_user.id,
            kind,
            form.document_picture.sent,
            upload_key=upload_key(form.key.data),
            store=seams().store,
            now=now(),
        )
    except TooManyDrafts:
        return fragment("identity/_read_failed.html", 429, words=_("今天拍的照片太多了。请直接填写，或明天再试。"))
    with unit_of_work():
        jobs.enqueue(READ_DOCUMENT, {"photo": kept.id}, now=now(), key=f"{READ_DOCUMENT}:{kept.id}")
    return go(url_for("photo_first.read", photo_id=kept.id))


@bp.get("/verify/document/photo/<photo_id>")
@open_to(Access.PAYEE)
def read(photo_id: str) -> Response:
    """What was read: still waiting, some fields, or why none."""
    found = photo_for(current_user, photo_id) or abort(404)
    if found.reading is None:
        return fragment("identity/_read_waiting.html", here=request.path)
    return fragment("identity/_read.html", **told(found.reading, today=in_china(now()).date()))


def told(reading: Mapping[str, Any], *, today: date) -> dict[str, Any]:
    """What the page says of a photographed document: fields to fill in, and words on what is wrong or runs out."""
    fields = {name: value for name, value in reading.get("fields", {}).items() if name in FILLED}
    words = ""
    if not fields:
        words = reason_text(f"photo:{reading.get('fault') or 'no_document'}")
    return {"fields": fields, "words": words, "until": validity_words([reading], today=today)}
