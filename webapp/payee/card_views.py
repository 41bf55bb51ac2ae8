"""A bank card before the camera: its photo comes, the worker reads it, the number is shown to be checked."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

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
from webapp.payee.rules.cards import in_groups, surely_read
from webapp.payee.usecases import READ_CARD
from webapp.payee.views import entry_or_404
from webapp.payee.words import BANK_DIFFERS, CARD_FAULTS, CREDIT, PREPAID
from webapp.ports.card_reader import BankSeen, CardKind, CardPhotoFault
from webapp.web.access import Access, open_to
from webapp.web.present import now, seams
from webapp.web.rendering import fragment, go

bp = Blueprint("cards", __name__)


@bp.route("/cases/<public_id>/card", methods=["GET", "POST"])
@open_to(Access.PAYEE)
def card(public_id: str) -> Response:
    """A photo of the card comes; the worker reads it; the number is shown to be checked. Also without JavaScript."""
    entry_or_404(public_id)
    form = CardPhotoForm()
    if request.method == "POST" and (
        taken := own_photo(request.form.get("taken"), current_user.id, PhotoKind.BANK_CARD, now=now())
    ):
        return _have_read(public_id, taken)
    if request.method == "POST" and form.validate():
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
            return _have_read(public_id, photo.id)
    words = str(form.card_picture.errors[0]) if form.errors else ""
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
    return {"number": shown, "fill": bool(surely_read(reading)), "bank": bank, "words": str(words)}
