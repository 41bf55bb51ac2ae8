"""What only WeChat can do: tell a mini-program user's phone, send a subscribe message, let a page share itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol


class PhoneVerdict(StrEnum):
    """CODE_USED: the code was used before or is older than five minutes; the payee taps once more."""

    TOLD = "told"
    CODE_USED = "code_used"


class MessageVerdict(StrEnum):
    """REFUSED: the user doesn't want such messages; an SMS goes out instead."""

    ACCEPTED = "accepted"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class PhoneAnswer:
    """`phone` is E.164, empty unless told."""

    verdict: PhoneVerdict
    phone: str = ""


@dataclass(frozen=True, slots=True)
class PageSignature:
    """What `wx.config` needs; `timestamp` is in Unix seconds."""

    app_id: str
    timestamp: int
    nonce: str
    signature: str


class WeChat(Protocol):
    """Raises SeamUnavailable or SeamMisused. `openid` tells the user of a login code, "" for one that was used or is old."""

    def phone(self, code: str) -> PhoneAnswer: ...

    def notify(
        self, openid: str, template_id: str, fields: Mapping[str, str], *, page: str = "", language: str = "zh_CN"
    ) -> MessageVerdict: ...

    def openid(self, login: str) -> str: ...

    def sign_page(self, url: str) -> PageSignature: ...
