"""Pages leave packed, whoever stands in front: a phone on a slow network waits for every kilobyte.

A page holds a secret (the form's token), and may repeat what its address says. So that nobody can guess the secret from how
well a page packs (BREACH), each answer is lengthened by a random amount, as Django's GZipMiddleware does it: gzip lets a
file name of any length stand in its head ("Heal the BREACH").
"""

from __future__ import annotations

import gzip
import io
import secrets

from flask import Flask, Response, request

PACKED = {"text/html", "application/manifest+json", "text/javascript"}
LEAST, MOST_PADDING, LEVEL = 500, 100, 6


def packed(data: bytes) -> bytes:
    """`data` as gzip, longer by 1 to `MOST_PADDING` random bytes."""
    out = io.BytesIO()
    name = "a" * (1 + secrets.randbelow(MOST_PADDING))
    with gzip.GzipFile(filename=name, mode="wb", fileobj=out, compresslevel=LEVEL, mtime=0) as file:
        file.write(data)
    return out.getvalue()


def pack(response: Response) -> Response:
    """Packs a page of some size for a browser that takes it; a file that is sent as it lies stays as it is."""
    if response.mimetype not in PACKED or response.direct_passthrough or response.is_streamed:
        return response
    response.vary.add("Accept-Encoding")
    data = response.get_data()
    if len(data) < LEAST or "Content-Encoding" in response.headers or not request.accept_encodings["gzip"] > 0:
        return response
    response.set_data(packed(data))
    response.headers["Content-Encoding"] = "gzip"
    return response


def init_packing(app: Flask) -> None:
    """Installs it."""
    app.after_request(pack)
