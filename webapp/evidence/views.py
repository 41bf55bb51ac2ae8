"""Taking in pictures as they are taken, and showing payees their own, and nobody else's."""

from __future__ import annotations

from flask import Blueprint, Response, abort, jsonify, url_for
from flask_babel import gettext as _
from flask_login import current_user

from webapp.accounts.queries import phones_of
from webapp.evidence.forms import DraftForm
from webapp.evidence.models import Photo, PhotoKind
from webapp.evidence.showing import photo_for
from webapp.evidence.usecases import TooManyDrafts, keep_draft, open_photo
from webapp.web.access import Access, open_to
from webapp.web.present import now, seams

bp = Blueprint("evidence", __name__)


@bp.post("/photos")
@open_to(Access.PAYEE)
def draft() -> Response:
    """A picture that was just taken, before its form is handed in. 201 {"id", "src"}; refused: 4xx {"words"}.

    Only from whoever has proved a phone, before which no page asks for one: accounts without are free to open.
    """
    if not phones_of(current_user.id):
        abort(404)
    return receive_draft(DraftForm(), current_user.id)


def receive_draft(form: DraftForm, account_id: str) -> Response:
    """Keeps the picture of a draft's form for this account, and answers with its id."""
    if not form.validate():
        return refused_draft(str(next(iter(form.errors.values()))[0]), 422)
    try:
        photo = keep_draft(
            account_id,
            PhotoKind(form.kind.data),
            form.picture.sent,
            form.clean_frames,
            upload_key=form.upload_key,
            store=seams().store,
            now=now(),
        )
    except TooManyDrafts:
        return refused_draft(_("今天拍的照片太多了。请明天再试，或拨打法院电话。"), 429)
    response = jsonify({"id": photo.id, "src": url_for("evidence.photo", photo_id=photo.id)})
    response.status_code = 201
    return response


def refused_draft(words: str, status: int) -> Response:
    """Why a picture was not kept, for the page to say beside its field."""
    response = jsonify({"words": words})
    response.status_code = status
    return response


@bp.get("/photos/<photo_id>")
@open_to(Access.PAYEE)
def photo(photo_id: str) -> Response:
    """One picture or video of the asker's own; with a clerk beside, none that this clerk has no business with."""
    return photo_response(photo_for(current_user, photo_id) or abort(404))


def photo_response(found: Photo) -> Response:
    """The file as an answer that browsers don't keep and don't run."""
    response = Response(open_photo(found, store=seams().store), mimetype=found.media_type)
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response
