"""A party that speaks the signed JSON of docs/seams.md: the immigration authority, and SMS providers by webhook."""

from __future__ import annotations

import json
import secrets
import time
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlsplit

from webapp.adapters.http.client import HttpClient, json_object, refuse_bad_status
from webapp.core.signed_http import BadSignature, ClockSkew, check_reply, sign_request
from webapp.ports.failures import SeamMisused, SeamUnavailable, Trouble


class SignedParty:
    """`url` is the party's base address, without a slash at its end. The secret is never logged."""

    def __init__(
        self, url: str, *, app: str, secret: str, seconds: float, clock: Callable[[], float] = time.time
    ) -> None:
        self._url, self._app, self._secret, self._clock = url.rstrip("/"), app, secret, clock
        self._prefix = urlsplit(self._url).path
        self._http = HttpClient(seconds)

    def post(self, path: str, content: Mapping[str, Any]) -> dict[str, Any]:
        """Asks; returns the object of a reply that is signed for this very request."""
        return self._ask("POST", path, json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode())

    def ping(self) -> None:
        """Raises what stands in the way; a party answers `GET /v1/ping` with `{"ok": true}`."""
        self._ask("GET", "/v1/ping", b"")

    def _ask(self, method: str, path: str, body: bytes) -> dict[str, Any]:
        nonce = secrets.token_hex(16)
        headers = sign_request(
            self._secret, app=self._app, method=method, path=self._prefix + path, body=body,
            timestamp=int(self._clock()), nonce=nonce,
        )  # fmt: skip
        headers["Content-Type"] = "application/json"
        reply = self._http.call(method, self._url + path, body=body, headers=headers)
        refuse_bad_status(reply)
        try:
            check_reply(
                self._secret, reply.headers, status=reply.status, nonce=nonce, body=reply.body, now=self._clock()
            )
        except ClockSkew as skew:
            raise SeamMisused(str(skew), Trouble.CLOCK) from None
        except BadSignature:
            raise SeamUnavailable("the reply is not rightly signed", Trouble.NONSENSE) from None
        return json_object(reply.body)
