"""The signature on JSON between courts and their partners, as docs/seams.md specifies it (LK1-HMAC-SHA256).

A request is signed over its method, its path with the query, a time stamp, a nonce and its body; a reply over its
status, the nonce of the request that it answers, a time stamp and its body. So neither can be altered, sent a second
time to another address, or given as the answer to another question.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Mapping

SCHEME = "LK1-HMAC-SHA256"
APP, TIMESTAMP, NONCE, SIGNATURE = "X-Lk-App", "X-Lk-Timestamp", "X-Lk-Nonce", "X-Lk-Signature"
WINDOW = 300
"""Seconds that the two clocks may differ."""
_NONCE = re.compile(r"[0-9a-f]{32}")


class BadSignature(Exception):
    """Not from our partner, or not as it was sent."""


class Unsigned(BadSignature):
    """The headers of a signature are missing or have not their form."""


class ClockSkew(BadSignature):
    """Rightly signed, but too long ago or in the future."""


def sign_request(
    secret: str, *, app: str, method: str, path: str, body: bytes, timestamp: int, nonce: str
) -> dict[str, str]:
    """Headers for a request; `path` begins with a slash and includes the query, `timestamp` is in Unix seconds."""
    signature = _mac(secret, SCHEME, method.upper(), path, str(timestamp), nonce, _digest(body))
    return {APP: app, TIMESTAMP: str(timestamp), NONCE: nonce, SIGNATURE: signature}


def check_request(
    secret: str, headers: Mapping[str, str], *, app: str, method: str, path: str, body: bytes, now: float
) -> str:
    """Returns the nonce of a request that is in order, for the caller to spend; raises BadSignature."""
    stamp, nonce, signature = _parts(headers)
    expected = _mac(secret, SCHEME, method.upper(), path, stamp, nonce, _digest(body))
    if headers.get(APP, "") != app or not hmac.compare_digest(expected, signature):
        raise BadSignature("the signature doesn't fit")
    _check_time(stamp, now)
    return nonce


def sign_reply(secret: str, *, status: int, nonce: str, body: bytes, timestamp: int) -> dict[str, str]:
    """Headers for the reply to the request that carried `nonce`."""
    signature = _mac(secret, SCHEME + "-REPLY", str(status), nonce, str(timestamp), _digest(body))
    return {TIMESTAMP: str(timestamp), NONCE: nonce, SIGNATURE: signature}


def check_reply(secret: str, headers: Mapping[str, str], *, status: int, nonce: str, body: bytes, now: float) -> None:
    """Raises BadSignature unless this is our partner's reply to the request that carried `nonce`."""
    stamp, _, signature = _parts(headers)
    expected = _mac(secret, SCHEME + "-REPLY", str(status), nonce, stamp, _digest(body))
    if not hmac.compare_digest(expected, signature):
        raise BadSignature("the reply's signature doesn't fit")
    _check_time(stamp, now)


def _parts(headers: Mapping[str, str]) -> tuple[str, str, str]:
    stamp, nonce, signature = (headers.get(name, "") for name in (TIMESTAMP, NONCE, SIGNATURE))
    if not (stamp.isascii() and stamp.isdigit() and len(stamp) <= 12 and _NONCE.fullmatch(nonce) and signature):
        raise Unsigned("no signature")
    return stamp, nonce, signature if signature.isascii() else ""


def _check_time(stamp: str, now: float) -> None:
    if abs(int(stamp) - now) > WINDOW:
        raise ClockSkew("the clocks differ by more than five minutes")


def _digest(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()


def _mac(secret: str, *lines: str) -> str:
    return hmac.new(secret.encode(), "\n".join(lines).encode(), hashlib.sha256).hexdigest()
