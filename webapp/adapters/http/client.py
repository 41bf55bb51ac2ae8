"""One HTTP call to a party: bounded in time and size, no redirect followed, every failure told as what it is."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import urllib3
from urllib3.exceptions import (
    ConnectTimeoutError,
    HTTPError,
    NameResolutionError,
    NewConnectionError,
    ProtocolError,
    ReadTimeoutError,
    SSLError,
)

from webapp.ports.failures import SeamMisused, SeamUnavailable, Trouble

MOST_BYTES = 1_000_000
_TROUBLES: tuple[tuple[type[HTTPError], Trouble], ...] = (
    (NameResolutionError, Trouble.NAME),
    (SSLError, Trouble.CERTIFICATE),
    (ConnectTimeoutError, Trouble.UNREACHABLE),
    (NewConnectionError, Trouble.UNREACHABLE),
    (ReadTimeoutError, Trouble.TIMEOUT),
    (ProtocolError, Trouble.CUT_OFF),
)


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back, whole."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class HttpClient:
    """Keeps connections to one party. `seconds` bounds the connection and each read; the guard bounds the whole."""

    def __init__(self, seconds: float) -> None:
        self._pool = urllib3.PoolManager(
            num_pools=2, maxsize=8, retries=False, timeout=urllib3.Timeout(connect=min(3.0, seconds), read=seconds)
        )

    def call(self, method: str, url: str, *, body: bytes | None = None, headers: Mapping[str, str]) -> Reply:
        """Any status is a Reply; raises SeamUnavailable for everything that isn't one."""
        try:
            answer = self._pool.request(
                method, url, body=body, headers=dict(headers), redirect=False, preload_content=False
            )
            try:
                got = answer.read(MOST_BYTES + 1)
            finally:
                answer.drain_conn() if answer.status < 300 else answer.close()
        except HTTPError as fault:
            trouble = next((trouble for kind, trouble in _TROUBLES if isinstance(fault, kind)), Trouble.OTHER)
            raise SeamUnavailable(type(fault).__name__, trouble) from None
        if len(got) > MOST_BYTES:
            raise SeamUnavailable("the reply is too long", Trouble.NONSENSE)
        return Reply(answer.status, answer.headers, got)


def json_object(body: bytes) -> dict[str, Any]:
    """The JSON object in `body`; raises SeamUnavailable for anything else."""
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise SeamUnavailable("not a JSON object", Trouble.NONSENSE)
    return found


def text_of(found: Mapping[str, Any], name: str, *, most: int = 80) -> str:
    """A text field that must be there; raises SeamUnavailable otherwise."""
    value = found.get(name)
    if not isinstance(value, str) or not 0 < len(value) <= most:
        raise SeamUnavailable(f"no usable {name}", Trouble.NONSENSE)
    return value


_BY_WORD = {
    "clock_skew": Trouble.CLOCK,
    "bad_signature": Trouble.SECRET,
    "unknown_app": Trouble.SECRET,
    "quota": Trouble.QUOTA,
}


def refuse_bad_status(reply: Reply) -> None:
    """Raises for every status but 200, by docs/seams.md: 5xx and 429 pass, the other 4xx are ours to mend."""
    if reply.status == 200:
        return
    if reply.status >= 500:
        raise SeamUnavailable(f"status {reply.status}", Trouble.SERVER)
    if reply.status == 429:
        raise SeamUnavailable("too many questions", Trouble.BUSY)
    word = str(json_object(reply.body).get("error", "")) if reply.body[:1] == b"{" else ""
    by_status = {401: Trouble.SECRET, 403: Trouble.PERMISSION}.get(reply.status, Trouble.QUESTION)
    raise SeamMisused(f"status {reply.status}", _BY_WORD.get(word, by_status))
