"""WeChat's twin: codes tell by themselves what they stand for, and each works once."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Mapping
from pathlib import Path

from webapp.adapters.sandbox.memory import SandboxMemory
from webapp.ports.failures import SeamMisused, SeamUnavailable, Trouble
from webapp.ports.wechat import MessageVerdict, PageSignature, PhoneAnswer, PhoneVerdict


class SandboxWeChat:
    """`code-13800000000` is the code of that phone, `login-abc` that of the user abc; the user `refuses` wants no messages.

    What ends in 98 is a storm.
    """

    def __init__(self, folder: Path) -> None:
        self._memory = SandboxMemory(folder)

    def phone(self, code: str) -> PhoneAnswer:
        """See the port."""
        digits = self._spend(code, "code-")
        if not digits.isdigit():
            return PhoneAnswer(PhoneVerdict.CODE_USED)
        return PhoneAnswer(PhoneVerdict.TOLD, f"+86{digits}")

    def openid(self, login: str) -> str:
        """See the port."""
        return self._spend(login, "login-")

    def notify(
        self, openid: str, template_id: str, fields: Mapping[str, str], *, page: str = "", language: str = "zh_CN"
    ) -> MessageVerdict:
        """See the port."""
        if not (openid and template_id):
            raise SeamMisused("an openid and a template are needed", Trouble.QUESTION)
        _weather(openid)
        return MessageVerdict.REFUSED if openid == "refuses" else MessageVerdict.ACCEPTED

    def sign_page(self, url: str) -> PageSignature:
        """See the port."""
        return PageSignature("sandbox", int(time.time()), "sandbox", hashlib.sha256(url.encode()).hexdigest()[:40])

    def _spend(self, code: str, kind: str) -> str:
        if not code:
            raise SeamMisused("a code is needed", Trouble.QUESTION)
        _weather(code)
        fresh = self._memory.count("wechat-code", code) == 1
        return code.removeprefix(kind) if fresh and code.startswith(kind) else ""


def _weather(code: str) -> None:
    if code.endswith("98"):
        raise SeamUnavailable("sandbox weather")
