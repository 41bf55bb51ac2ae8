"""A time stamp authority (RFC 3161) on this machine, with weather of its own."""

from __future__ import annotations

import threading
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType

from asn1crypto import keys as asn1_keys
from asn1crypto import tsp
from asn1crypto import x509 as asn1
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from pyhanko.sign.timestamps.dummy_client import DummyTimeStamper

from webapp.adapters.seal.keys import certificates_in
from webapp.adapters.seal.stamping import QUERY, REPLY
from webapp.core.clock import system_clock

REJECTION = bytes.fromhex("30053003020102")  # a TimeStampResp whose status is 2, without a token


class StampStandIn:
    """`url` is where it listens, `roots` whom its stamps lead to; `weather` is fair, down, nonsense, refused, page or cut_off."""

    def __init__(self, folder: Path) -> None:
        root_key, key = rsa.generate_private_key(65537, 2048), rsa.generate_private_key(65537, 2048)
        root, own = _certificate("时间戳根", root_key, root_key), _certificate("时间戳", key, root_key)
        (folder / "tsa.pem").write_bytes(root.public_bytes(Encoding.PEM))
        self.roots_file = folder / "tsa.pem"
        self.roots = certificates_in(self.roots_file)
        private = key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
        self._stamper = DummyTimeStamper(
            asn1.Certificate.load(own.public_bytes(Encoding.DER)), asn1_keys.PrivateKeyInfo.load(private)
        )
        self.weather, self.asked = "fair", 0
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.url = f"http://127.0.0.1:{self._server.server_port}/tsa"

    def __enter__(self) -> StampStandIn:
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()

    def answer(self, query: bytes) -> tuple[int, str, bytes]:
        """What the weather makes of a question."""
        self.asked += 1
        return {
            "down": (503, "text/plain", b""),
            "nonsense": (200, REPLY, b"nonsense"),
            "refused": (200, REPLY, REJECTION),
            "page": (200, "text/html", b"<h1>Sign in</h1>"),
        }.get(self.weather) or (200, REPLY, self._stamper.request_tsa_response(tsp.TimeStampReq.load(query)).dump())

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        stand_in = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                query = self.rfile.read(int(self.headers["Content-Length"]))
                if stand_in.weather == "cut_off":
                    return
                known = self.headers["Content-Type"] == QUERY
                status, kind, body = stand_in.answer(query) if known else (415, "text/plain", b"")
                self.send_response(status)
                self.send_header("Content-Type", kind)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002 (the library's name)
                pass

        return Handler


def _certificate(name: str, key: rsa.RSAPrivateKey, by: rsa.RSAPrivateKey) -> x509.Certificate:
    def named(text: str) -> x509.Name:
        return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])

    now, authority = system_clock(), key is by
    builder = (
        x509.CertificateBuilder()
        .subject_name(named(name))
        .issuer_name(named("时间戳根"))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=30))
        .add_extension(x509.BasicConstraints(ca=authority, path_length=None), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(by.public_key()), critical=False)
    )
    if not authority:
        builder = builder.add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING]), critical=True)
    return builder.sign(by, hashes.SHA256())
