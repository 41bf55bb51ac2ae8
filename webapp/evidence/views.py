"""Showing payees their own pictures, and nobody else's."""

from __future__ import annotations

from flask import Blueprint, Response, abort
from flask_login import current_user

from webapp.core.db import db
from webapp.evidence.models import Photo
from webapp.evidence.usecases import open_photo
from webapp.web.access import Access, open_to
from webapp.web.present import seams

bp = Blueprint("evidence", __name__)


@bp.get("/photos/<photo_id>")
@open_to(Access.PAYEE)
def photo(photo_id: str) -> Response:
    """One picture or video of the asker's own."""
    found = db.session.get(Photo, photo_id)
    if found is None or found.account_id != current_user.id or found.deleted_at is not None:
        abort(404)
    return photo_response(found)


def photo_response(found: Photo) -> Response:
    """The file as an answer that browsers don't keep and don't run."""
    response = Response(open_photo(found, store=seams().store), mimetype=found.media_type)
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response
