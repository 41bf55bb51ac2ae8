"""Web Push for real: a push service on this machine that checks the proof and can only be read with the browser's key."""

from __future__ import annotations

import base64
import json
import os
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import ClassVar

import http_ece  # type: ignore[import-untyped]
import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from tests.seams.contracts import PushGatewayContract
from tests.seams.test_sandbox_seams import example
from webapp.adapters.push.web_push import WebPushGateway
from webapp.adapters.sandbox.push import SandboxPush
from webapp.adapters.sandbox.weather import UNAVAILABLE
from webapp.ports.failures import SeamMisused, SeamUnavailable
from webapp.ports.push_gateway import PushQuestion, PushVerdict


def b64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def unb64(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


@dataclass
class Browser:
    """A browser's end of a subscription: its key pair and its secret."""

    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))
    auth: bytes = field(default_factory=lambda: os.urandom(16))

    @property
    def p256dh(self) -> str:
        return b64(self.key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint))

    def read(self, body: bytes) -> bytes:
        plain: bytes = http_ece.decrypt(body, private_key=self.key, auth_secret=self.auth, version="aes128gcm")
        return plain


BROWSER = Browser()


@dataclass
class PushService:
    """What it was sent, by path; a path of three digits is answered with that status, `/hang` not in time."""

    origin: str = ""
    got: list[tuple[str, dict[str, str], bytes]] = field(default_factory=list)

    def proof_is_good(self, headers: dict[str, str]) -> bool:
        token, _, key = headers["Authorization"].removeprefix("vapid t=").partition(",k=")
        head, claims, signature = token.split(".")
        point = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), unb64(key))
        raw = unb64(signature)
        der = encode_dss_signature(int.from_bytes(raw[:32], "big"), int.from_bytes(raw[32:], "big"))
        try:
            point.verify(der, f"{head}.{claims}".encode(), ec.ECDSA(hashes.SHA256()))
        except InvalidSignature:
            return False
        said = json.loads(unb64(claims))
        fresh = time.time() < int(said["exp"]) < time.time() + 86400
        return fresh and said["aud"] == self.origin and said["sub"] == "mailto:court@example.org"


@pytest.fixture
def service(socket_enabled: None) -> Iterator[PushService]:
    held = PushService()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            headers = dict(self.headers)
            wanted = self.path.strip("/")
            status = int(wanted) if wanted.isdecimal() else (201 if held.proof_is_good(headers) else 403)
            if wanted == "302":
                self.send_response(302)
                self.send_header("Location", f"{held.origin}/201")
            else:
                held.got.append((self.path, headers, body))
                self.send_response(status)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    held.origin = f"http://127.0.0.1:{server.server_port}"
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield held
    server.shutdown()
    server.server_close()


def gateway_for(origin: str) -> WebPushGateway:
    key = ec.generate_private_key(ec.SECP256R1()).private_numbers().private_value.to_bytes(32, "big")
    return WebPushGateway(b64(key), contact="mailto:court@example.org", trusts=lambda e: e.startswith(origin + "/"))


def question(endpoint: str, key: str = "k1", **changed: object) -> PushQuestion:
    payload = json.dumps({"title": "深圳移动微法院", "body": "有了结果", "tag": key}).encode()
    return replace(
        PushQuestion(key, endpoint, BROWSER.p256dh, b64(BROWSER.auth), payload, 3600, False),
        **changed,  # type: ignore[arg-type]
    )


class TestSandboxPush(PushGatewayContract):
    questions: ClassVar[dict[PushVerdict, PushQuestion]] = {
        PushVerdict.ACCEPTED: question("https://push.example/11", "a"),
        PushVerdict.GONE: question(example("push", PushVerdict.GONE), "g"),
        PushVerdict.REFUSED: question(example("push", PushVerdict.REFUSED), "r"),
    }
    storm = question("https://push.example/98", "s")

    @pytest.fixture
    def seam(self, tmp_path: Path) -> SandboxPush:
        return SandboxPush(tmp_path, sleep=lambda _: None)

    def test_a_message_of_one_key_is_shown_once(self, seam: SandboxPush) -> None:
        seam.send(self.questions[PushVerdict.ACCEPTED])
        seam.send(self.questions[PushVerdict.ACCEPTED])
        assert [shown.body for shown in seam.inbox()] == ["有了结果"]

    def test_its_storm_passes_at_the_third_ask(self, seam: SandboxPush) -> None:
        asked = question(example("push", UNAVAILABLE), "c")
        for _ in range(2):
            with pytest.raises(SeamUnavailable):
                seam.send(asked)
        assert seam.send(asked).verdict is PushVerdict.ACCEPTED


class TestWebPush(PushGatewayContract):
    @pytest.fixture
    def seam(self, service: PushService) -> WebPushGateway:
        self.questions = {  # type: ignore[misc]
            PushVerdict.ACCEPTED: question(f"{service.origin}/browser"),
            PushVerdict.GONE: question(f"{service.origin}/410"),
            PushVerdict.REFUSED: question(f"{service.origin}/400"),
        }
        self.storm = question(f"{service.origin}/503")
        return gateway_for(service.origin)

    def test_only_the_browser_can_read_it(self, seam: WebPushGateway, service: PushService) -> None:
        seam.send(self.questions[PushVerdict.ACCEPTED])
        [(_, headers, body)] = service.got
        assert BROWSER.read(body) == self.questions[PushVerdict.ACCEPTED].payload
        assert b"title" not in body
        with pytest.raises(http_ece.ECEException):
            Browser().read(body)
        assert headers["Content-Encoding"] == "aes128gcm"
        assert headers["TTL"] == "3600"

    def test_a_repeat_replaces_what_was_not_fetched_yet(self, seam: WebPushGateway, service: PushService) -> None:
        first = self.questions[PushVerdict.ACCEPTED]
        for asked in (first, first, replace(first, key="k2")):
            seam.send(asked)
        one, same, other = [headers["Topic"] for _, headers, _ in service.got]
        assert one == same != other
        assert len(one) <= 32

    @pytest.mark.parametrize("status", ["429", "500", "502"])
    def test_a_service_that_is_busy_is_asked_again(
        self, seam: WebPushGateway, service: PushService, status: str
    ) -> None:
        with pytest.raises(SeamUnavailable):
            seam.send(question(f"{service.origin}/{status}"))

    def test_a_service_that_refuses_our_key_is_our_defect(self, seam: WebPushGateway, service: PushService) -> None:
        with pytest.raises(SeamMisused):
            seam.send(question(f"{service.origin}/403"))

    def test_it_leads_nowhere_else(self, seam: WebPushGateway, service: PushService) -> None:
        assert seam.send(question(f"{service.origin}/302")).verdict is PushVerdict.REFUSED
        assert seam.send(question("http://127.0.0.1:1/x")).verdict is PushVerdict.REFUSED
        assert service.got == []

    def test_nobody_there_is_asked_again(self, service: PushService) -> None:
        gone = "http://127.0.0.1:9"
        with pytest.raises(SeamUnavailable):
            gateway_for(gone).send(question(f"{gone}/x"))

    def test_unusable_keys_are_final(self, seam: WebPushGateway, service: PushService) -> None:
        asked = question(f"{service.origin}/browser", p256dh=b64(b"\x04" + bytes(64)))
        assert seam.send(asked).verdict is PushVerdict.REFUSED

    def test_its_public_key_is_a_point(self, seam: WebPushGateway) -> None:
        assert len(unb64(seam.public_key)) == 65
