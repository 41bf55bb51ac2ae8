"""Asking a time stamp authority (RFC 3161) over HTTP; what goes wrong there is a seam that is down, or misused."""

from __future__ import annotations

import asyncio
import hashlib
from typing import Protocol

import requests
from asn1crypto import tsp
from asn1crypto.parser import parse
from pyhanko.sign.timestamps import TimeStamper

from webapp.ports.failures import SeamMisused, SeamUnavailable, Trouble

QUERY, REPLY = "application/timestamp-query", "application/timestamp-reply"
GRANTED = {"granted", "granted_with_mods"}


class StampAuthority(Protocol):
    """Takes a request and gives the answer, both as RFC 3161 writes them."""

    def ask(self, query: bytes) -> bytes: ...


class HttpStampAuthority:
    """`url` takes an application/timestamp-query; `seconds` bounds one read of the answer."""

    def __init__(self, url: str, *, seconds: float) -> None:
        self._url, self._seconds = url, seconds

    def ask(self, query: bytes) -> bytes:
        """Raises SeamUnavailable while the authority is down, SeamMisused when it doesn't take our question."""
        try:
            answer = requests.post(self._url, query, headers={"Content-Type": QUERY}, timeout=self._seconds)
        except requests.Timeout:
            raise SeamUnavailable("tsa", Trouble.TIMEOUT) from None
        except requests.RequestException as fault:
            raise SeamUnavailable(f"tsa: {type(fault).__name__}", Trouble.UNREACHABLE) from None
        if answer.status_code >= 500 or answer.status_code == 429:
            raise SeamUnavailable(f"tsa: {answer.status_code}", Trouble.SERVER)
        if answer.status_code != 200 or answer.headers.get("Content-Type") != REPLY:
            raise SeamMisused(f"tsa: {answer.status_code}", Trouble.QUESTION)
        return answer.content


class StampProbe:
    """Asks for one time stamp, to see whether the authority gives any."""

    def __init__(self, authority: StampAuthority) -> None:
        self._stamper = AskedTimeStamper(authority)

    def ping(self) -> None:
        """Raises what the authority raises."""
        asyncio.run(self._stamper.async_timestamp(hashlib.sha256(b"probe").digest(), "sha256"))


class AskedTimeStamper(TimeStamper):
    """What pyHanko asks for its time stamps; it checks that an answer belongs to its question."""

    def __init__(self, authority: StampAuthority) -> None:
        super().__init__()
        self._authority = authority

    async def async_request_tsa_response(self, req: tsp.TimeStampReq) -> tsp.TimeStampResp:
        """Raises what the authority raises, SeamUnavailable for nonsense, SeamMisused for a refusal."""
        content = self._authority.ask(req.dump())
        try:
            status = tsp.PKIStatusInfo.load(parse(content)[4])[
                "status"
            ].native  # a refusal is a status with nothing after it
            if status in GRANTED:
                return tsp.TimeStampResp.load(content)
        except (ValueError, TypeError):
            raise SeamUnavailable("tsa: no time stamp", Trouble.NONSENSE) from None
        raise SeamMisused(f"tsa: {status}", Trouble.QUESTION)
