"""What the account form asks while it is filled in: whose number, which banks, which branches."""

from __future__ import annotations

from flask import Blueprint, request
from werkzeug.wrappers import Response

from webapp.payee.queries import suggested_branches
from webapp.payee.rules.banks import find_prefix, search_banks
from webapp.web.access import Access, open_to
from webapp.web.locale import current_language
from webapp.web.present import settings
from webapp.web.rendering import fragment

bp = Blueprint("banks", __name__, url_prefix="/banks")


@bp.post("")
@open_to(Access.PAYEE)
def of_card() -> Response:
    """Which bank a typed number belongs to, for the form to choose by itself. POST: no address may hold the number."""
    prefix = find_prefix(
        "".join(c for c in request.form.get("card_number", "") if c.isdigit())[:19],
        include_specimen=settings().specimen_bank,
    )
    return fragment("payee/_bank_of_card.html", prefix=prefix)


@bp.get("/search")
@open_to(Access.PAYEE)
def search() -> Response:
    """The list of banks, narrowed to what was typed: Chinese, English, code, pinyin or its initials.

    Before anything is typed: those that most people use.
    """
    query = request.args.get("bank_search", "")
    found = search_banks(query, include_specimen=settings().specimen_bank)
    shown = [bank for bank in found if bank.main] if not query.strip() else found
    named = [(bank, bank.title(current_language().code)) for bank in shown]
    return fragment("payee/_bank_options.html", banks=named, all_shown=len(shown) == len(found))


@bp.post("/branches")
@open_to(Access.PAYEE)
def branches() -> Response:
    """Branches of the chosen bank, in the city that is being typed. POST: what somebody types stays out of addresses."""
    found = suggested_branches(request.form.get("bank", ""), request.form.get("branch", "")[:80])
    return fragment("payee/_branches.html", branches=found)
