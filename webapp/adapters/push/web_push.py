"""Web Push: the message sealed for one browser (RFC 8291, aes128gcm), the sender proved by VAPID (RFC 8292)."""

from __future__ import annotations

import base64
import hashlib
import os
import time
from collections.abc import Callable
from urllib.parse import urlsplit

import http_ece  # type: ignore[import-untyped]
import requests
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from py_vapid import Vapid02  # type: ignore[import-untyped]

from webapp.ports.failures import SeamMisused, SeamUnavailable
from webapp.ports.push_gateway import PushAnswer, PushQuestion, PushVerdict

TIMEOUT = (3.05, 10.0)  # seconds to connect, to answer
PROOF_LIFE = 3600  # seconds; services accept at most a day


class WebPushGateway:
    """Talks to whichever push service the browser has named, if `trusts` says yes to its address.

    `private_key` is the raw P-256 scalar in base64url; `contact` a mailto: or https: address.
    """

    def __init__(self, private_key: str, *, contact: str, trusts: Callable[[str], bool]) -> None:
        self._vapid = Vapid02.from_string(private_key)
        self._contact, self._trusts = contact, trusts
        self._http = requests.Session()

    @property
    def public_key(self) -> str:
        """What a browser subscribes with."""
        point = self._vapid.public_key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
        return base64.urlsafe_b64encode(point).decode().rstrip("=")

    def send(self, question: PushQuestion) -> PushAnswer:
        """Raises SeamUnavailable when the service is down, slow or asks us to slow down."""
        if not self._trusts(question.endpoint):
            return PushAnswer(PushVerdict.REFUSED, "not a push service")
        try:
            body = _sealed(question)
        except Exception:  # noqa: BLE001 (a browser's broken keys end in whatever the curve raises)
            return PushAnswer(PushVerdict.REFUSED, "unusable keys")
        try:
            answer = self._http.post(
                question.endpoint, data=body, headers=self._headers(question), timeout=TIMEOUT, allow_redirects=False
            )
        except requests.RequestException as down:
            raise SeamUnavailable(type(down).__name__) from None
        return self._read(answer)

    def _headers(self, question: PushQuestion) -> dict[str, str]:
        address = urlsplit(question.endpoint)
        claims = {
            "aud": f"{address.scheme}://{address.netloc}",
            "exp": str(int(time.time()) + PROOF_LIFE),
            "sub": self._contact,
        }
        topic = base64.urlsafe_b64encode(hashlib.sha256(question.key.encode()).digest())[:32].decode()
        return {
            **self._vapid.sign(claims),
            "Content-Encoding": "aes128gcm",
            "Content-Type": "application/octet-stream",
            "TTL": str(question.ttl_seconds),
            "Urgency": "high" if question.urgent else "normal",
            "Topic": topic,
        }

    def _read(self, answer: requests.Response) -> PushAnswer:
        status = answer.status_code
        if 200 <= status < 300:
            return PushAnswer(PushVerdict.ACCEPTED, answer.headers.get("Location") or str(status))
        if status in (404, 410):
            return PushAnswer(PushVerdict.GONE, str(status))
        if status == 429 or status >= 500:
            raise SeamUnavailable(f"push service: {status}")
        if status in (401, 403):
            raise SeamMisused(f"push service refuses our key: {status}")
        return PushAnswer(PushVerdict.REFUSED, str(status))


def _sealed(question: PushQuestion) -> bytes:
    """The payload under a key that the browser's own, its secret and one made for this message alone give (RFC 8291)."""
    body: bytes = http_ece.encrypt(
        question.payload,
        salt=os.urandom(16),
        private_key=ec.generate_private_key(ec.SECP256R1()),
        dh=_bytes(question.p256dh),
        auth_secret=_bytes(question.auth),
        version="aes128gcm",
    )
    return body


def _bytes(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
