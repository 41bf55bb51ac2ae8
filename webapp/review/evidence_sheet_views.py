"""The evidence sheet of a letter, made anew each time and sealed like the letter: a page for the court's file."""

from __future__ import annotations

from flask import Blueprint, abort, current_app, make_response
from flask_login import current_user
from werkzeug.wrappers import Response

from webapp.cases.desk_views import case_or_404
from webapp.core import audit
from webapp.core.clock import in_china
from webapp.core.db import db, end_reading, unit_of_work
from webapp.payee.models import Letter
from webapp.review.evidence_sheet import drawable, sheet_content
from webapp.review.usecases import note_sheet
from webapp.web.access import Access, open_to
from webapp.web.present import now, seams

bp = Blueprint("desk_sheets", __name__, url_prefix="/desk")
SHEETS = (Access.REVIEWER, Access.MANAGER, Access.AUDITOR)


@bp.get("/letters/<letter_id>/evidence.pdf")
@open_to(*SHEETS)
def sheet(letter_id: str) -> Response:
    """Made, sealed, and its hash written into the audit chain with the name of who asked, before it is handed out."""
    letter = db.session.get(Letter, letter_id)
    if letter is None or letter.pdf_key is None:
        abort(404)
    case_or_404(letter.case_id)
    number = f"{letter.number}-E{in_china(now()):%Y%m%d%H%M%S}"
    content = sheet_content(letter, number=number, now=now())
    html = current_app.jinja_env.get_template("letters/evidence_sheet.html").render(**content)
    end_reading()
    pdf = seams().sealer.seal(seams().letters.render(drawable(html, seams().letters), {}))
    with unit_of_work():
        note_sheet(letter_id, number, pdf, actor=audit.Actor("clerk", current_user.id), now=now())
    name = "".join(c for c in number if c.isalnum() or c == "-")
    headers = {"Content-Type": "application/pdf", "Content-Disposition": f'inline; filename="evidence-{name}.pdf"'}
    return make_response(pdf, 200, headers)
