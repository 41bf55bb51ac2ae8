"""WeChat's official HTTP API: stable access token, phone by code, subscribe message, JS-SDK signature.

https://developers.weixin.qq.com/miniprogram/dev/OpenApiDoc/ and …/doc/offiaccount/OA_Web_Apps/JS-SDK.html. The token goes
in the query, as WeChat demands; addresses are therefore never logged.
"""

from __future__ import annotations

import hashlib
import json
import secrets
import threading
import time
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlencode

from webapp.adapters.http.client import HttpClient, json_object, refuse_bad_status, text_of
from webapp.ports.failures import SeamMisused, SeamUnavailable, Trouble
from webapp.ports.wechat import MessageVerdict, PageSignature, PhoneAnswer, PhoneVerdict

_STALE_TOKEN = {40001, 40014, 42001}
_AGAIN = {-1: Trouble.SERVER, 45011: Trouble.BUSY, 45009: Trouble.QUOTA, 50002: Trouble.PERMISSION}
_MEND = {
    40013: Trouble.SECRET,
    40125: Trouble.SECRET,
    41002: Trouble.SECRET,
    40164: Trouble.PERMISSION,
    48001: Trouble.PERMISSION,
    61024: Trouble.PERMISSION,
}
EARLY = 300  # seconds before its end a token is replaced


class OfficialWeChat:
    """One app. Tokens are kept in this process; `stable_token` gives every process the same one."""

    def __init__(
        self, url: str, *, app_id: str, secret: str, seconds: float, clock: Callable[[], float] = time.time
    ) -> None:
        self._url, self._app_id, self._secret, self._clock = url.rstrip("/"), app_id, secret, clock
        self._http = HttpClient(seconds)
        self._lock = threading.Lock()
        self._kept: dict[str, tuple[str, float]] = {}

    def phone(self, code: str) -> PhoneAnswer:
        """The phone behind the code of a `getPhoneNumber` button; a code works once, for five minutes."""
        if not code:
            raise SeamMisused("a code is needed", Trouble.QUESTION)
        told = self._with_token("/wxa/business/getuserphonenumber", {"code": code})
        if told.get("errcode") in (40029, 40163):
            return PhoneAnswer(PhoneVerdict.CODE_USED)
        _refuse(told)
        info = told.get("phone_info")
        country, number = (
            str(info.get(k, "")) if isinstance(info, dict) else "" for k in ("countryCode", "purePhoneNumber")
        )
        if not (country.isdigit() and number.isdigit()):
            raise SeamUnavailable("no phone in the answer", Trouble.NONSENSE)
        return PhoneAnswer(PhoneVerdict.TOLD, f"+{country}{number}")

    def notify(
        self, openid: str, template_id: str, fields: Mapping[str, str], *, page: str = "", language: str = "zh_CN"
    ) -> MessageVerdict:
        """Sends a subscribe message; a user who has not subscribed (any more) is REFUSED."""
        if not (openid and template_id):
            raise SeamMisused("an openid and a template are needed", Trouble.QUESTION)
        content = {
            "touser": openid,
            "template_id": template_id,
            "page": page,
            "lang": language,
            "data": {name: {"value": value} for name, value in fields.items()},
        }
        told = self._with_token("/cgi-bin/message/subscribe/send", content)
        if told.get("errcode") == 43101:
            return MessageVerdict.REFUSED
        _refuse(told)
        return MessageVerdict.ACCEPTED

    def openid(self, login: str) -> str:
        """The user behind the code of `wx.login`; a code works once, for five minutes."""
        if not login:
            raise SeamMisused("a code is needed", Trouble.QUESTION)
        query = {"appid": self._app_id, "secret": self._secret, "js_code": login, "grant_type": "authorization_code"}
        reply = self._http.call("GET", f"{self._url}/sns/jscode2session?{urlencode(query)}", headers={})
        refuse_bad_status(reply)
        told = json_object(reply.body)
        if told.get("errcode") in (40029, 40163):
            return ""
        _refuse(told)
        return text_of(told, "openid")

    def sign_page(self, url: str) -> PageSignature:
        """The JS-SDK's signature for a page; what follows # is left out."""
        ticket = self._keep("ticket", self._new_ticket)
        timestamp, nonce = int(self._clock()), secrets.token_hex(8)
        signature = page_signature(ticket, nonce=nonce, timestamp=timestamp, url=url)
        return PageSignature(self._app_id, timestamp, nonce, signature)

    def ping(self) -> None:
        """Raises what stands in the way of a token."""
        self._new_token()

    def _with_token(self, path: str, content: Mapping[str, Any]) -> dict[str, Any]:
        told = self._post(path, content, access_token=self._keep("token", self._new_token))
        if told.get("errcode") in _STALE_TOKEN:  # WeChat may end a token early: one fresh one, once
            self._kept.pop("token", None)
            told = self._post(path, content, access_token=self._keep("token", self._new_token))
        return told

    def _new_token(self) -> tuple[str, float]:
        asked = {"grant_type": "client_credential", "appid": self._app_id, "secret": self._secret}
        told = self._post("/cgi-bin/stable_token", asked)
        _refuse(told)
        return text_of(told, "access_token", most=1000), _seconds(told)

    def _new_ticket(self) -> tuple[str, float]:
        query = {"access_token": self._keep("token", self._new_token), "type": "jsapi"}
        reply = self._http.call("GET", f"{self._url}/cgi-bin/ticket/getticket?{urlencode(query)}", headers={})
        refuse_bad_status(reply)
        told = json_object(reply.body)
        _refuse(told)
        return text_of(told, "ticket", most=1000), _seconds(told)

    def _keep(self, name: str, make: Callable[[], tuple[str, float]]) -> str:
        value, until = self._kept.get(name, ("", 0.0))
        if self._clock() < until:
            return value
        fresh, seconds = make()
        with self._lock:
            self._kept[name] = (fresh, self._clock() + max(0.0, seconds - EARLY))
        return fresh

    def _post(self, path: str, content: Mapping[str, Any], **query: str) -> dict[str, Any]:
        address = f"{self._url}{path}" + (f"?{urlencode(query)}" if query else "")
        body = json.dumps(content, ensure_ascii=False).encode()
        reply = self._http.call("POST", address, body=body, headers={"Content-Type": "application/json"})
        refuse_bad_status(reply)
        return json_object(reply.body)


def page_signature(ticket: str, *, nonce: str, timestamp: int, url: str) -> str:
    """SHA-1 of the sorted fields, as the JS-SDK's document gives it (appendix 1)."""
    page = url.partition("#")[0]
    line = f"jsapi_ticket={ticket}&noncestr={nonce}&timestamp={timestamp}&url={page}"
    return hashlib.sha1(line.encode()).hexdigest()  # noqa: S324 (WeChat's choice; it protects nothing of ours)


def _refuse(told: Mapping[str, Any]) -> None:
    code = told.get("errcode", 0)
    if code == 0:
        return
    if not isinstance(code, int) or code in _AGAIN:
        raise SeamUnavailable(f"errcode {code}", _AGAIN.get(code, Trouble.NONSENSE))
    raise SeamMisused(f"errcode {code}", _MEND.get(code, Trouble.QUESTION))


def _seconds(told: Mapping[str, Any]) -> float:
    seconds = told.get("expires_in")
    return float(seconds) if isinstance(seconds, int) else 0.0
