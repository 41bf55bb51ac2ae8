"""One address, two renderings: a whole page for a browser, the inside of #page for htmx. The template is the same."""

from __future__ import annotations

from typing import Any

from flask import Response, make_response, redirect, render_template, request
from flask_htmx import HTMX
from werkzeug.wrappers import Response as BaseResponse

from webapp.web.static_files import assets_version
from webapp.web.way_back import page_address, takes_forms_only

htmx = HTMX()


def wants_part() -> bool:
    """True when htmx asks for the inside of the page; a restored history entry gets the whole."""
    return bool(htmx) and not htmx.history_restore_request


def show(template: str, status: int = 200, **context: Any) -> Response:
    """Renders a page template in the layout that the asker needs; `status` 422 for a form with faults."""
    older = _of_another_version()
    if older and request.method == "GET":
        return _whole_page_anew()
    desk = request.blueprint.startswith("desk") if request.blueprint else request.path.startswith("/desk")
    whole, part = (
        ("layouts/desk.html", "layouts/desk_part.html") if desk else ("layouts/page.html", "layouts/part.html")
    )
    layout = part if wants_part() and not older else whole
    response = make_response(render_template(template, layout=layout, **context), status)
    if (
        older
    ):  # a deed can't be asked for anew: its answer is a whole page, which app.js puts in the place of the old one
        response.headers["X-Assets"] = assets_version()
    if wants_part() and request.method == "GET" and not htmx.boosted and htmx.target == "page":
        response.headers["HX-Replace-Url"] = request.full_path.rstrip("?")
    if wants_part() and takes_forms_only() and (status >= 400 or htmx.boosted):
        # "reload" leads back to the page with the form, or above what was shown once, not to an address that only takes one
        response.headers["HX-Push-Url"] = "false" if status >= 400 else page_address()
    return response


def _of_another_version() -> bool:
    """True when the page that htmx would put this part into has scripts and styles of another version of the product."""
    page = request.headers.get("X-Assets")
    into_page = request.method == "GET" or htmx.boosted or htmx.target == "page"
    return wants_part() and into_page and page is not None and page != assets_version()


def _whole_page_anew() -> Response:
    response = make_response("", 204)
    response.headers["HX-Redirect"] = request.full_path.rstrip("?")
    return response


def fragment(template: str, status: int = 200, **context: Any) -> Response:
    """Renders a small part that htmx puts inside a page."""
    return make_response(render_template(template, **context), status)


def go(address: str) -> BaseResponse:
    """After a deed: 303 to the page that shows its result. htmx follows it by itself."""
    return redirect(address, code=303)
