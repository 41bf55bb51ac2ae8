"""Static files with their content's hash in the address, so that a browser may keep them for a year."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path

from flask import Flask, Response, current_app, request, url_for


@cache
def _fingerprint(path: Path, modified: float) -> str:  # noqa: ARG001 (a changed file is a new cache entry)
    return hashlib.sha256(path.read_bytes()).hexdigest()[:12]


def static_url(name: str) -> str:
    """The address of static/`name` with its fingerprint."""
    path = Path(current_app.static_folder or "") / name
    return url_for("static", filename=name, v=_fingerprint(path, path.stat().st_mtime))


def let_browsers_keep_static_files(response: Response) -> Response:
    """A fingerprinted file never changes; any other is asked for again."""
    if request.endpoint == "static" and response.status_code in (200, 206, 304):
        kept = "public, max-age=31536000, immutable" if "v" in request.args else "public, no-cache"
        response.headers["Cache-Control"] = kept
    return response


def init_static_files(app: Flask) -> None:
    """Installs `static_url` in templates and the caching headers."""
    app.jinja_env.globals["static_url"] = static_url
    app.after_request(let_browsers_keep_static_files)
