"""The letters of a case: which parts there are, the ZIP, and the index alone."""

from __future__ import annotations

from collections.abc import Iterator

from flask import Blueprint, Response, abort, request, stream_with_context
from flask_login import current_user

from webapp.core import audit
from webapp.core.clock import in_china
from webapp.core.db import unit_of_work
from webapp.core.sheets import TYPE, sheet
from webapp.payouts.letters import PART, Sent, index_rows, is_letter_of, letters_zip, parts_of
from webapp.payouts.views import case_or_404
from webapp.web.access import Access, open_to
from webapp.web.present import now, seams
from webapp.web.rendering import show

bp = Blueprint("desk_letters", __name__, url_prefix="/desk/archive")
MAY_FETCH = (Access.MANAGER, Access.AUDITOR)
MAY_LIST = (*MAY_FETCH, Access.REVIEWER)


@bp.get("/<case_id>")
@open_to(*MAY_LIST)
def parts(case_id: str) -> Response:
    """How many letters there are, and in which parts they can be fetched."""
    found = case_or_404(case_id)
    listed = parts_of(case_id)
    total = sum(part.count for part in listed)
    may_fetch = bool(current_user.marks & set(MAY_FETCH))
    return show("desk/payouts/letters.html", case=found, parts=listed, total=total, size=PART, may_fetch=may_fetch)


@bp.get("/<case_id>/letters.zip")
@open_to(*MAY_FETCH)
def archive(case_id: str) -> Response:
    """All letters, or (`after`, `part`) ten thousand after a number; begun and finished each leave an audit row."""
    found = case_or_404(case_id)
    after, most = request.args.get("after", ""), PART if "part" in request.args else None
    if after and not is_letter_of(case_id, after):
        abort(404)
    _note("payouts.letters_begun", case_id, after=after, most=most)
    sent = Sent()

    def pieces() -> Iterator[bytes]:
        yield from letters_zip(case_id, store=seams().store, sent=sent, after=after, most=most)
        _note("payouts.letters_sent", case_id, after=after, count=sent.count, faults=len(sent.faults))

    name = f"letters-{found.code}-{in_china(now()):%Y%m%d}{f'-{after[-6:]}' if after else ''}.zip"
    return _download(pieces(), name, "application/zip")


@bp.get("/<case_id>/index.xlsx")
@open_to(*MAY_LIST)
def index(case_id: str) -> Response:
    """The index alone; who may not fetch the letters sees names masked."""
    found = case_or_404(case_id)
    masked = not current_user.marks & set(MAY_FETCH)
    _note("payouts.index_taken", case_id, masked=masked)
    name = f"letters-{found.code}-{in_china(now()):%Y%m%d}.xlsx"
    return _download(sheet(index_rows(case_id, masked=masked)), name, TYPE)


def _note(deed: str, case_id: str, **detail: object) -> None:
    with unit_of_work():
        audit.record(audit.Actor("clerk", current_user.id), deed, ("case", case_id), now=now(), **detail)


def _download(pieces: Iterator[bytes], name: str, media_type: str) -> Response:
    headers = {"Content-Type": media_type, "Content-Disposition": f'attachment; filename="{name}"'}
    return Response(stream_with_context(pieces), 200, headers)
