"""Which address leads back to the page that is being shown. An address that takes forms only shows none to whoever opens it."""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import current_app, request
from werkzeug.exceptions import HTTPException

from webapp.web.access import may_open, safe_next


def takes_forms_only() -> bool:
    """True while a form is answered at an address that no link can lead to."""
    return request.url_rule is not None and "GET" not in (request.url_rule.methods or ())


def page_address() -> str:
    """This page's own address; where that takes forms only, the one of the nearest page above it that its reader may open."""
    if not takes_forms_only():
        return request.full_path.rstrip("?")
    path = request.path.rstrip("/")
    while path:
        path = path.rpartition("/")[0]
        for one in (path, f"{path}/"):
            if one and _shows_a_page(one):
                return one
    return "/"


def page_before() -> str:
    """The page of the same application from which a form was sent; "" where the browser doesn't say, or links can't lead there."""
    said = urlsplit(request.headers.get("HX-Current-URL") or request.referrer or "")
    ours = said.netloc == request.host and said.path.startswith("/desk") == request.path.startswith("/desk")
    if not ours or not _endpoint_at(said.path):
        return ""
    return safe_next(said.path + (f"?{said.query}" if said.query else ""), "")


def _shows_a_page(path: str) -> bool:
    endpoint = _endpoint_at(path)
    return bool(endpoint) and may_open(endpoint)


def _endpoint_at(path: str) -> str:
    adapter = current_app.create_url_adapter(request)
    try:
        endpoint, _arguments = adapter.match(path, method="GET") if adapter else ("", {})
    except HTTPException:  # nothing there, or it takes forms only as well
        return ""
    return str(endpoint)
