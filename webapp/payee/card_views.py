"""A bank card before the camera: its photo comes, the worker reads it, the number is shown to be checked."""

from __future__ import annotations

from flask import Blueprint, abort, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response

from webapp.core import jobs
from webapp.core.db import unit_of_work
from webapp.evidence.models import PhotoKind
from webapp.evidence.queries import frames_of, own_photo
from webapp.evidence.showing import photo_for
from webapp.evidence.usecases import TooManyDrafts, keep_draft
from webapp.payee.forms import CardPhotoForm
from webapp.payee.photographed import read_off
from webapp.payee.usecases import READ_CARD
from webapp.payee.views import entry_or_404, keep_for_later, show_again
from webapp.web.access import Access, open_to
from webapp.web.present import now, seams
from webapp.web.rendering import fragment, go, show, wants_part

bp = Blueprint("cards", __name__)


@bp.route("/cases/<public_id>/card", methods=["GET", "POST"])
@open_to(Access.PAYEE)
def card(public_id: str) -> Response:
    """A photo of the card comes; the worker reads it; the number is shown to be checked.

    Without JavaScript the whole form comes along, is kept, and the account's page comes back with what was read.
    """
    entry_or_404(public_id)
    if request.method == "GET":  # a page that answered here is loaded anew
        return go(url_for("payee.account", public_id=public_id))
    form = CardPhotoForm()
    if taken := own_photo(request.form.get("taken"), current_user.id, PhotoKind.BANK_CARD, now=now()):
        return _have_read(public_id, taken)
    if form.validate():
        try:
            photo = keep_draft(
                current_user.id,
                PhotoKind.BANK_CARD,
                form.card_picture.sent,
                form.clean_frames,
                upload_key=form.upload_key,
                store=seams().store,
                now=now(),
            )
        except TooManyDrafts:
            form.card_picture.errors = [_("今天拍的照片太多了。请直接输入卡号，或明天再试。")]
        else:
            if not wants_part():
                keep_for_later(public_id, photo.id)
            return _have_read(public_id, photo.id)
    words = str(form.card_picture.errors[0])
    if not wants_part():
        return show_again(public_id, words)
    return fragment("payee/_card_failed.html", 422, public_id=public_id, words=words)


def _have_read(public_id: str, photo_id: str) -> Response:
    """Has the worker read a card's photo, with the frames taken along with it, once."""
    with unit_of_work():
        work = {"photo": photo_id, "frames": list(frames_of(photo_id))}
        jobs.enqueue(READ_CARD, work, now=now(), key=f"{READ_CARD}:{photo_id}")
    return go(url_for("cards.card_read", public_id=public_id, photo_id=photo_id))


@bp.get("/cases/<public_id>/card/<photo_id>")
@open_to(Access.PAYEE)
def card_read(public_id: str, photo_id: str) -> Response:
    """What was read: still waiting, a number, or not sure enough."""
    entry_or_404(public_id)
    photo = photo_for(current_user, photo_id) or abort(404)
    here = url_for("cards.card_read", public_id=public_id, photo_id=photo_id)
    if not wants_part():
        if photo.reading is None:
            return show("payee/reading_card.html", here=here, public_id=public_id)
        return go(url_for("payee.account", public_id=public_id, card=photo_id))
    if photo.reading is None:
        return fragment("payee/_card_waiting.html", here=here)
    return fragment("payee/_card_read.html", photo_id=photo_id, **read_off(photo.reading))
