"""The stand-in server: one port of 127.0.0.1 that plays every outside party, in any weather.

    with Authority() as authority:
        authority.weather = Weather.CUT_OFF
        … ask authority.url …

By hand: `python -m tools.authority --port 9960`, then `curl -X POST http://127.0.0.1:9960/_weather/slow`.
"""

from __future__ import annotations

import contextlib
import json
import socket
import struct
import threading
import time
from collections.abc import Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any
from urllib.request import Request, urlopen

from tools.authority import parties
from tools.authority.parties import Answer, Asked, Memory
from tools.authority.weather import Weather
from webapp.core.signed_http import NONCE, sign_request


class Authority:
    """Runs in a thread while the block lasts. `weather` may be changed at any time; `slow_seconds` is how slow slow is."""

    def __init__(self, port: int = 0, *, slow_seconds: float = 8.0) -> None:
        self.weather, self.slow_seconds, self.memory = Weather.FAIR, slow_seconds, Memory()
        self._closing = threading.Event()
        self._server = ThreadingHTTPServer(("127.0.0.1", port), _handler(self))
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)

    @property
    def url(self) -> str:
        """Its base address."""
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self) -> Authority:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._closing.set()
        self._server.shutdown()
        self._server.server_close()

    def nap(self, seconds: float) -> None:
        """Sleeps, unless the server ends."""
        self._closing.wait(seconds)

    def answer(self, asked: Asked) -> Answer:
        """What the right party says to this, in this weather."""
        self.memory.calls.append(asked.path.partition("?")[0])
        now = parties.now() + (600 if self.weather is Weather.CLOCK_SKEW else 0)
        if "X-TC-Action" in asked.headers:
            return self._bent(parties.tencent(asked, self.memory, now=now), asked)
        if asked.path.startswith("/v1/"):
            return self._bent(parties.signed_party(asked, self.memory, now=now), asked)
        return self._bent(parties.wechat(asked, self.memory), asked)

    def _bent(self, answer: Answer, asked: Asked) -> Answer:
        """The same answer, as the weather bends its content."""
        fixed = {
            Weather.MALFORMED: Answer(200, b'{"Response": {"Result"', answer.headers),
            Weather.FORGED: Answer(answer.status, answer.body + b" ", answer.headers),
            Weather.BROKEN: parties.plain(500, {"error": "broken"}),
            Weather.REDIRECT: Answer(302, b"", {"Location": self.url + "/elsewhere"}),
        }
        if self.weather is Weather.HUGE:
            return Answer(200, b"[" + b"0," * 1_000_000 + b"0]", answer.headers)
        if self.weather is Weather.WRONG_SHAPE:
            return self._resigned([{"Response": 7}], asked)
        if self.weather is Weather.WRONG_ANSWER:
            another = {"request_id": "another", "key": "another", "Response": {"Result": "0"}}
            return self._resigned({**json.loads(answer.body), **another}, asked)
        if self.weather is Weather.RATE_LIMITED:
            return self._limited(asked)
        return fixed.get(self.weather, answer)

    def _resigned(self, told: object, asked: Asked) -> Answer:
        return parties.sign(told, asked.headers.get(NONCE, ""), now=parties.now())

    def _limited(self, asked: Asked) -> Answer:
        if "X-TC-Action" in asked.headers:
            error = {"Code": "RequestLimitExceeded", "Message": "slower"}
            return parties.plain(200, {"Response": {"Error": error, "RequestId": "r"}})
        if asked.path.startswith("/v1/"):
            return parties.plain(429, {"error": "slower"})
        return parties.plain(200, {"errcode": 45011, "errmsg": "api minute-quota reach limit"})

    def call_back(
        self,
        url: str,
        path: str,
        content: Mapping[str, Any],
        *,
        times: int = 1,
        late: float = 0.0,
        secret: str = parties.SECRET,
    ) -> list[int]:
        """Tells the court something by itself, `late` seconds from now, `times` times over (each signed afresh).

        Returns the statuses that came back.
        """
        self.nap(late)
        return [_post(url + path, signed_callback(path, content, serial=n, secret=secret)) for n in range(times)]


def signed_callback(
    path: str, content: Mapping[str, Any], *, serial: int = 0, secret: str = parties.SECRET, now: float | None = None
) -> tuple[bytes, dict[str, str]]:
    """Body and headers of a call to the court, as the contract says."""
    body = json.dumps(content, ensure_ascii=False).encode()
    moment = parties.now() if now is None else now
    nonce = f"{time.monotonic_ns():024x}{serial:08x}"
    headers = sign_request(
        secret, app=parties.APP, method="POST", path=path, body=body, timestamp=int(moment), nonce=nonce
    )
    return body, {**headers, "Content-Type": "application/json"}


def _post(url: str, message: tuple[bytes, dict[str, str]]) -> int:
    body, headers = message
    with contextlib.closing(urlopen(Request(url, body, headers), timeout=10)) as reply:  # noqa: S310 (an address that the developer gives)
        return int(reply.status)


def _handler(authority: Authority) -> type[BaseHTTPRequestHandler]:
    return type("Handler", (_Handler,), {"authority": authority})


class _Handler(BaseHTTPRequestHandler):
    authority: Authority
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self._serve()

    def do_POST(self) -> None:
        self._serve()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 (the library's signature)
        """Says nothing: an address may hold a token."""

    def _serve(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        if self.path.startswith("/_weather/"):
            self.authority.weather = Weather(self.path.removeprefix("/_weather/"))
            self._send(parties.plain(200, {"weather": self.authority.weather}))
            return
        headers: Mapping[str, Any] = self.headers  # type: ignore[assignment]  # a message is a mapping that ignores case
        answer = self.authority.answer(Asked(self.command, self.path, headers, body))
        with contextlib.suppress(OSError):  # the other side has given up
            self._in_weather(answer)

    def _in_weather(self, answer: Answer) -> None:
        deeds = {Weather.RESET: self._reset, Weather.CUT_OFF: self._cut_off, Weather.TRICKLE: self._trickle}
        if self.authority.weather is Weather.SLOW:
            self.authority.nap(self.authority.slow_seconds)
        deeds.get(self.authority.weather, self._send)(answer)

    def _reset(self, _answer: Answer) -> None:
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.close_connection = True
        self.connection.close()

    def _cut_off(self, answer: Answer) -> None:
        self._head(answer)
        self.wfile.write(answer.body[: len(answer.body) // 2])
        self.close_connection = True

    def _trickle(self, answer: Answer) -> None:
        self._head(answer)
        for byte in answer.body:
            self.authority.nap(self.authority.slow_seconds / 8)
            self.wfile.write(bytes([byte]))
            self.wfile.flush()

    def _send(self, answer: Answer) -> None:
        self._head(answer)
        self.wfile.write(answer.body)

    def _head(self, answer: Answer) -> None:
        self.send_response(answer.status)
        for name, value in answer.headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(answer.body)))
        self.end_headers()
