"""Static files with their content's hash in the address, so that a browser may keep them for a year.

A page gets the scripts of its own version or none: a module's imports carry hashes too, and a script that is asked for by
another version's hash (two servers while one is being renewed, a page that was open meanwhile) is not there. htmx tells the
version of the page that it is on, and gets the whole page where the next one is of another.
"""

from __future__ import annotations

import gzip
import hashlib
import mimetypes
import re
from functools import cache
from pathlib import Path

from flask import Flask, Response, abort, current_app, request, url_for
from werkzeug.security import safe_join

from webapp.web.access import Access, open_to

IMPORT = re.compile(rb'(?<=from ")\./([a-z_]+\.js)(?=")')
PACKED = {".css", ".js", ".svg"}
VERSIONED = ("js/*.js", "vendor/*.js", "*.css", "icons/sprite.svg")


@cache
def _content(path: Path, modified: float) -> bytes:  # noqa: ARG001 (a changed file is a new cache entry)
    """The file; in one of our modules each import names the hash of what it imports."""
    data = path.read_bytes()
    if path.parent.name != "js":
        return data
    return IMPORT.sub(lambda m: b"./" + m[1] + b"?v=" + _fingerprint(path.parent / m[1].decode()).encode(), data)


@cache
def _packed(path: Path, modified: float) -> bytes:
    return gzip.compress(_content(path, modified), mtime=0)


def _fingerprint(path: Path) -> str:
    return hashlib.sha256(_content(path, path.stat().st_mtime)).hexdigest()[:12]


def _root() -> Path:
    return Path(current_app.static_folder or "")


def static_url(name: str) -> str:
    """The address of static/`name` with its fingerprint."""
    return url_for("static", filename=name, v=_fingerprint(_root() / name))


def assets_version() -> str:
    """One name for all scripts and styles as they are now."""
    known: str | None = current_app.extensions.get("assets_version")
    if known is None:
        parts = [_fingerprint(path) for pattern in VERSIONED for path in sorted(_root().glob(pattern))]
        known = current_app.extensions["assets_version"] = hashlib.sha256("".join(parts).encode()).hexdigest()[:12]
    return known


@open_to(Access.EVERYONE)
def send_static(filename: str) -> Response:
    """A static file, for ever where its address names its content, packed where that helps."""
    asked, found = request.args.get("v"), safe_join(str(_root()), filename)
    path = Path(found or "")
    if asked is None or found is None or not path.is_file():
        return current_app.send_static_file(filename)
    current = asked == _fingerprint(path)
    if not current and path.suffix == ".js":
        abort(404)  # better no script than another version's: every page works without
    response = _send_packed(path) if path.suffix in PACKED else current_app.send_static_file(filename)
    response.headers["Cache-Control"] = "public, max-age=31536000, immutable" if current else "no-store"
    return response


def _send_packed(path: Path) -> Response:
    modified = path.stat().st_mtime
    takes_gzip = request.accept_encodings["gzip"] > 0
    data = _packed(path, modified) if takes_gzip else _content(path, modified)
    response = Response(data, mimetype=mimetypes.guess_type(path.name)[0])
    response.headers["Vary"] = "Accept-Encoding"
    if takes_gzip:
        response.headers["Content-Encoding"] = "gzip"
    return response


def let_browsers_keep_static_files(response: Response) -> Response:
    """A file without a fingerprint is asked for again each time."""
    if request.endpoint == "static" and "v" not in request.args and response.status_code in (200, 206, 304):
        response.headers["Cache-Control"] = "public, no-cache"
    return response


def init_static_files(app: Flask) -> None:
    """Installs `static_url` in templates, and the way that static files are sent."""
    app.view_functions["static"] = send_static
    app.jinja_env.globals.update(static_url=static_url, assets_version=assets_version)
    app.after_request(let_browsers_keep_static_files)
