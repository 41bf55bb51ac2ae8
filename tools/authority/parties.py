"""The parties themselves: each checks a request's signature and answers by the sandbox's published digits.

The vendor's codes are written down here a second time, from its documents, so that a slip in the adapters' tables shows.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import re
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl

from webapp.adapters.sandbox.weather import SLOW, UNAVAILABLE, row_for
from webapp.core.signed_http import BadSignature, ClockSkew, check_request, sign_reply

APP = "court-of-test"
SECRET = "a secret that is known to everybody, for tests"  # noqa: S105 (the stand-in's; it opens nothing)
TENCENT_WINDOW = 300


@dataclass(frozen=True, slots=True)
class Asked:
    """A request as it came: `path` includes the query."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Answer:
    """A reply to be sent. `headers` hold the signature, where the party signs."""

    status: int
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass
class Memory:
    """What the stand-in remembers: answers by request id, messages by key, how often it was asked what."""

    answers: dict[str, dict[str, Any]] = field(default_factory=dict)
    counts: dict[str, int] = field(default_factory=dict)
    messages: dict[str, str] = field(default_factory=dict)
    questions: list[dict[str, Any]] = field(default_factory=list)
    receipts: list[dict[str, str]] = field(default_factory=list)
    calls: list[str] = field(default_factory=list)
    spent_codes: set[str] = field(default_factory=set)
    nonces: set[str] = field(default_factory=set)
    serial: int = 0
    lock: threading.RLock = field(default_factory=threading.RLock)

    def number(self, prefix: str) -> str:
        """A fresh reference."""
        with self.lock:
            self.serial += 1
            return f"{prefix}-{self.serial:06d}"

    def times(self, name: str) -> int:
        """How often this was asked, this time included."""
        with self.lock:
            self.counts[name] = self.counts.get(name, 0) + 1
            return self.counts[name]


class Down(Exception):
    """The party is out of order for this question."""


def outcome(memory: Memory, port: str, digits: str, request: str) -> str | None:
    """The verdict of the published table, None in fair weather; raises Down in a storm."""
    row = row_for(port, digits)
    if row is None or (row.lasts and memory.times(f"{port}:{request}") > row.lasts):
        return None
    if row.outcome == UNAVAILABLE:
        raise Down
    return None if row.outcome == SLOW else row.outcome


def plain(status: int, content: object) -> Answer:
    """An unsigned JSON answer."""
    return Answer(status, json.dumps(content, ensure_ascii=False).encode(), {"Content-Type": "application/json"})


# --- our own signed JSON: immigration authority, SMS webhook ---------------------------------------------------------


def signed_party(asked: Asked, memory: Memory, *, now: float) -> Answer:
    """Checks LK1-HMAC-SHA256 and that no nonce comes twice; signs the answer."""
    try:
        nonce = check_request(
            SECRET, asked.headers, app=APP, method=asked.method, path=asked.path, body=asked.body, now=now
        )
    except ClockSkew:
        return plain(401, {"error": "clock_skew"})
    except BadSignature:
        return plain(401, {"error": "bad_signature"})
    with memory.lock:
        if nonce in memory.nonces:
            return plain(401, {"error": "replayed"})
        memory.nonces.add(nonce)
    deed = _SIGNED.get((asked.method, asked.path))
    if deed is None:
        return plain(404, {"error": "path"})
    try:
        told = deed(json.loads(asked.body or b"{}"), memory)
    except Down:
        return plain(503, {"error": "down"})
    except (KeyError, ValueError):
        return plain(422, {"error": "content"})
    return sign(told, nonce, now=now)


def sign(told: object, nonce: str, *, now: float, secret: str = SECRET) -> Answer:
    """A signed answer to the request of this nonce."""
    body = json.dumps(told, ensure_ascii=False).encode()
    headers = sign_reply(secret, status=200, nonce=nonce, body=body, timestamp=int(now))
    return Answer(200, body, {**headers, "Content-Type": "application/json"})


def _verification(told: dict[str, Any], memory: Memory) -> dict[str, Any]:
    request_id = told["request_id"]
    right = re.fullmatch(r"0[1-4]", told["document_type"]) and re.fullmatch(r"[A-Z]{3}", told["nationality"])
    if not (right and told["name"] and told["number"] and request_id):
        raise ValueError("question")
    digits = re.sub(r"[^0-9]", "", told["number"])[-2:]
    verdict = outcome(memory, "immigration", digits, request_id) or "agreed"
    with memory.lock:
        known = memory.answers.setdefault(request_id, {"reference": memory.number("IMM")})
        return {"request_id": request_id, "verdict": verdict, "reference": known["reference"]}


def _message(told: dict[str, Any], memory: Memory) -> dict[str, Any]:
    key, phone = told["key"], told["phone"]
    verdict = outcome(memory, "sms", phone[-2:], key) or "accepted"
    with memory.lock:
        known = memory.answers.setdefault(f"sms:{key}", {"reference": memory.number("SMS")})
        if verdict == "accepted":
            memory.messages.setdefault(key, f"【{told['signature']}】{told['body']}")
        return {"key": key, "verdict": verdict, "reference": known["reference"]}


_SIGNED: dict[tuple[str, str], Callable[[dict[str, Any], Memory], dict[str, Any]]] = {
    ("GET", "/v1/ping"): lambda _told, _memory: {"ok": True},
    ("POST", "/v1/verifications"): _verification,
    ("POST", "/v1/messages"): _message,
}

# --- Tencent Cloud ---------------------------------------------------------------------------------------------------


def tencent(asked: Asked, memory: Memory, *, now: float) -> Answer:
    """Checks TC3-HMAC-SHA256 as Tencent documents it (cloud.tencent.com/document/api/1007/31325)."""
    fault = tc3_fault(asked, now=now)
    if fault:
        return _tencent_error(fault, memory)
    told, action = json.loads(asked.body), asked.headers.get("X-TC-Action", "")
    memory.questions.append(told)
    try:
        answer = _ACTIONS[action](told, memory)
    except Down:
        return _tencent_error("InternalError", memory)
    except KeyError:
        return _tencent_error("InvalidParameter", memory)
    if isinstance(answer, str):
        return _tencent_error(answer, memory)
    return plain(200, {"Response": {**answer, "RequestId": memory.number("TC")}})


def tc3_fault(asked: Asked, *, now: float, secret_id: str = APP, secret_key: str = SECRET) -> str:
    """The error code for a request that isn't rightly signed, or nothing."""
    found = re.fullmatch(
        r"TC3-HMAC-SHA256 Credential=([^/]+)/([\d-]+)/(\w+)/tc3_request, SignedHeaders=([\w;-]+), Signature=([0-9a-f]{64})",
        asked.headers.get("Authorization", ""),
    )
    if not found:
        return "AuthFailure.InvalidAuthorization"
    sent_id, date, service, names, signature = found.groups()
    if sent_id != secret_id:
        return "AuthFailure.SecretIdNotFound"
    stamp = asked.headers.get("X-TC-Timestamp", "0")
    if abs(int(stamp) - now) > TENCENT_WINDOW or f"{datetime.fromtimestamp(int(stamp), UTC):%Y-%m-%d}" != date:
        return "AuthFailure.SignatureExpire"
    lines = "".join(f"{name}:{_header(asked, name)}\n" for name in names.split(";"))
    digest = hashlib.sha256(asked.body).hexdigest()
    canonical = f"{asked.method}\n{asked.path}\n\n{lines}\n{names}\n{digest}"
    hashed = hashlib.sha256(canonical.encode()).hexdigest()
    to_sign = f"TC3-HMAC-SHA256\n{stamp}\n{date}/{service}/tc3_request\n{hashed}"
    key = b"TC3" + secret_key.encode()
    for part in (date, service, "tc3_request"):
        key = hmac.new(key, part.encode(), hashlib.sha256).digest()
    expected = hmac.new(key, to_sign.encode(), hashlib.sha256).hexdigest()
    return "" if hmac.compare_digest(expected, signature) else "AuthFailure.SignatureFailure"


def _header(asked: Asked, name: str) -> str:
    value = asked.headers.get(name, "").strip()
    return value.lower() if name == "x-tc-action" else value


def _tencent_error(code: str, memory: Memory) -> Answer:
    error = {"Code": code, "Message": "the stand-in says so"}
    return plain(200, {"Response": {"Error": error, "RequestId": memory.number("TC")}})


BANK_RESULTS = {
    "agreed": "0", "not_agreed": "-1", "name_unclear": "-2", "document_differs": "-3", "card_invalid": "-9",
    "phone_differs": "-5", "name_differs": "-6", "not_open_online": "-7", "no_issuer": "-10", "dormant": "-11",
    "lost": "-13", "expired": "-14", "restricted": "-15", "unsupported_issuer": "-17", "limit_reached": "-19",
    "credit_card": "-17", "unsupported_document": "-20",
}  # fmt: skip
FACE_RESULTS = {
    "no_match": "FailedOperation.CompareLowSimilarity",
    "name_mismatch": "FailedOperation.IdNameMisMatch",
    "no_record": "FailedOperation.IdNoExistSystem",
    "no_portrait": "FailedOperation.IdPhotoNoExist",
    "poor_picture": "FailedOperation.LifePhotoPoorQuality",
    "not_live": "FailedOperation.LivessDetectFake",
    "limit_reached": "FailedOperation.IdentityAuthLimitExceeded",
}


def _bank(told: dict[str, Any], memory: Memory) -> dict[str, Any]:
    card = told["BankCard"]
    if not (told["Name"] and told["IdCard"] and re.fullmatch(r"1\d{10}", told["Phone"])):
        return {"Result": "-5", "Description": ""}
    verdict = outcome(memory, "account_check", card[-5:-1], card) or "agreed"
    return {"Result": BANK_RESULTS[verdict], "Description": ""}


def _face(told: dict[str, Any], memory: Memory) -> dict[str, Any] | str:
    number = told["IdCard"]
    if not (told["Name"] and (told.get("ImageBase64") or told.get("VideoBase64"))):
        return "InvalidParameter"
    if told.get("LivenessType") == "ACTION" and told.get("ValidateData") not in ("1,2", "2,1"):
        return "FailedOperation.ActionFirstAction"
    verdict = outcome(memory, "face_authority", number[14:17], number)
    if verdict is None:
        return {"Result": "Success", "Description": "", "Sim": 96.5}
    if verdict == "no_match":
        return {"Result": FACE_RESULTS[verdict], "Description": "", "Sim": 31.0}
    return FACE_RESULTS[verdict]


def _sms(told: dict[str, Any], memory: Memory) -> dict[str, Any]:
    (phone,), key = told["PhoneNumberSet"], told["SessionContext"]
    if not (told["SmsSdkAppId"] and told["SignName"] and told["TemplateId"]):
        raise KeyError("SmsSdkAppId")
    verdict = outcome(memory, "sms", phone[-2:], key)
    code = "FailedOperation.PhoneNumberInBlacklist" if verdict == "refused" else "Ok"
    with memory.lock:
        if code == "Ok":  # like Tencent, it doesn't look whether it knows the context: twice is twice
            memory.messages[f"{key}#{len(memory.messages)}"] = "|".join(told["TemplateParamSet"])
        serial = memory.number("SN")
        if code == "Ok":
            memory.receipts.append({"SerialNo": serial, "PhoneNumber": phone, **_report(phone)})
        status = {"SerialNo": serial, "PhoneNumber": phone, "Code": code, "SessionContext": key}
        return {"SendStatusSet": [status]}


def _report(phone: str) -> dict[str, str]:
    """Phones that end in 80 are off, those in 81 don't exist; all others get their message."""
    failed = {"80": "用户关机", "81": "空号"}.get(phone[-2:])
    return {"ReportStatus": "FAIL" if failed else "SUCCESS", "Description": failed or "用户短信送达成功"}


def _receipts(told: dict[str, Any], memory: Memory) -> dict[str, Any]:
    with memory.lock:
        told_now, memory.receipts = memory.receipts[: told["Limit"]], memory.receipts[told["Limit"] :]
    return {"PullSmsSendStatusSet": told_now}


def _packages(told: dict[str, Any], _memory: Memory) -> dict[str, Any]:
    used = 1000 if told["SmsSdkAppId"] == "empty" else 10
    return {"SmsPackagesStatisticsSet": [{"PackageAmount": 1000, "CurrentUsage": used}]}


_ACTIONS: dict[str, Callable[[dict[str, Any], Memory], dict[str, Any] | str]] = {
    "BankCard4EVerification": _bank,
    "ImageRecognitionV2": _face,
    "LivenessRecognition": _face,
    "GetActionSequence": lambda _told, _memory: {"ActionSequence": "1,2"},
    "SendSms": _sms,
    "SmsPackagesStatistics": _packages,
    "PullSmsSendStatus": _receipts,
}

# --- WeChat ----------------------------------------------------------------------------------------------------------


def wechat(asked: Asked, memory: Memory) -> Answer:
    """The calls that we use; a token is checked, a code works once."""
    path, _, query = asked.path.partition("?")
    token = re.search(r"access_token=([^&]+)", query)
    told = json.loads(asked.body) if asked.body else {}
    if path == "/cgi-bin/stable_token":
        right = (told.get("appid"), told.get("secret")) == (APP, SECRET)
        memory.times("wechat:token")
        good = {"access_token": "token-for-tests", "expires_in": 7200}
        return plain(200, good if right else {"errcode": 40125, "errmsg": "invalid appsecret"})
    if path == "/sns/jscode2session":
        return plain(200, _session(query, memory))
    if token is None or token[1] != "token-for-tests":
        return plain(200, {"errcode": 40001, "errmsg": "invalid credential"})
    return plain(200, _wechat(path, told, memory))


def _session(query: str, memory: Memory) -> dict[str, Any]:
    given = dict(parse_qsl(query))
    code = given.get("js_code", "")
    if (given.get("appid"), given.get("secret")) != (APP, SECRET):
        return {"errcode": 40125, "errmsg": "invalid appsecret"}
    if code in memory.spent_codes or not code.startswith("login-"):
        return {"errcode": 40029, "errmsg": "invalid code"}
    memory.spent_codes.add(code)
    return {"openid": code.removeprefix("login-"), "session_key": "kept by nobody"}


def _wechat(path: str, told: dict[str, Any], memory: Memory) -> dict[str, Any]:
    if path == "/cgi-bin/ticket/getticket":
        return {"errcode": 0, "ticket": "ticket-for-tests", "expires_in": 7200}
    if path == "/wxa/business/getuserphonenumber":
        if told["code"] in memory.spent_codes or not told["code"].startswith("code-"):
            return {"errcode": 40029, "errmsg": "invalid code"}
        memory.spent_codes.add(told["code"])
        digits = told["code"].removeprefix("code-")
        return {"errcode": 0, "phone_info": {"phoneNumber": digits, "purePhoneNumber": digits, "countryCode": "86"}}
    if path == "/cgi-bin/message/subscribe/send":
        if told["touser"] == "refuses":
            return {"errcode": 43101, "errmsg": "user refuse to accept the msg"}
        memory.messages[memory.number("WX")] = json.dumps(told["data"], ensure_ascii=False)
        return {"errcode": 0}
    return {"errcode": 40066, "errmsg": "invalid url"}


def now() -> float:
    """Unix seconds."""
    return time.time()
