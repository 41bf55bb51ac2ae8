"""SMS by Tencent Cloud, SendSms (2021-01-11). It sends registered templates alone, so a text is led back to its own.

Codes: https://cloud.tencent.com/document/product/382/55981.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from tencentcloud.sms.v20210111.sms_client import SmsClient

from webapp.adapters.tencent.api import Refused, TencentAccount, call, failure_of
from webapp.core.clock import in_china, system_clock
from webapp.ports.failures import SeamMisused, SeamUnavailable, Trouble
from webapp.ports.sms_gateway import SmsAnswer, SmsQuestion, SmsReceipt, SmsVerdict

REFUSED = frozenset(
    {
        "FailedOperation.ContainSensitiveWord",
        "FailedOperation.PhoneNumberInBlacklist",
        "FailedOperation.MarketingSendTimeConstraint",
        "InvalidParameterValue.IncorrectPhoneNumber",
        "InvalidParameterValue.ProhibitedUseUrlInTemplateParameter",
        "InvalidParameterValue.TemplateParameterLengthLimit",
        "LimitExceeded.PhoneNumberDailyLimit",
        "LimitExceeded.PhoneNumberSameContentDailyLimit",
        "UnsupportedOperation.UnsupportedRegion",
    }
)
"""About this phone or this text: sending it again would not help."""


_FAULTS = (
    ("permanent", ("空号", "停机", "不存在", "黑名单", "退订", "REJECTD", "BLACK", "UNKNOWN SUBSCRIBER")),
    ("temporary", ("关机", "不在服务区", "超时", "存储已满", "繁忙", "EXPIRED", "ABSENT", "MEMORY", "BUSY")),
)


@dataclass(frozen=True, slots=True)
class Template:
    """A text registered with Tencent, with {1} {2} … where it varies. `abroad`: for phones outside the mainland."""

    id: str
    text: str
    abroad: bool = False

    def parameters(self, body: str) -> list[str] | None:
        """What stands at {1} {2} … in `body`, or None when it isn't a text of this template."""
        parts = re.split(r"\{(\d+)\}", self.text)
        names = parts[1::2]
        pattern = "".join(f"(?P<p{part}>.+?)" if i % 2 else re.escape(part) for i, part in enumerate(parts))
        found = re.fullmatch(pattern, body, re.DOTALL)
        return [found[f"p{name}"] for name in sorted(names, key=int)] if found else None


def read_templates(file: Path) -> list[Template]:
    """A JSON list of {"id", "text", "abroad"}; raises ValueError for anything else, OSError for no file."""
    rows = json.loads(file.read_text(encoding="utf-8"))
    if not isinstance(rows, list):
        raise ValueError("a JSON list is needed")  # noqa: TRY004 (the file's content is meant)
    try:
        return [Template(str(row["id"]), row["text"], bool(row.get("abroad"))) for row in rows]
    except (KeyError, TypeError, AttributeError):
        raise ValueError("each row needs an id and a text") from None


class TencentSms:
    """Has no keys of ours: to be wrapped in RememberedSms."""

    def __init__(self, account: TencentAccount, *, app_id: str, templates: Sequence[Template]) -> None:
        self._client: Any = account.client(SmsClient)
        self._app_id, self._templates = app_id, templates

    def send(self, question: SmsQuestion) -> SmsAnswer:
        """See the port; a text that fits no template is our defect."""
        if not (question.phone.startswith("+") and question.body and question.key):
            raise SeamMisused("an E.164 number, a text and a key are needed", Trouble.QUESTION)
        template, parameters = self._fit(question)
        asked = {
            "PhoneNumberSet": [question.phone],
            "SmsSdkAppId": self._app_id,
            "SignName": question.signature,
            "TemplateId": template.id,
            "TemplateParamSet": parameters,
            "SessionContext": question.key,
        }
        try:
            told = call(self._client, "SendSms", asked)
        except Refused as refused:
            return _answer(refused.code, refused.reference)
        try:
            (status,) = told["SendStatusSet"]
            code, serial = str(status["Code"]), str(status["SerialNo"])
        except (KeyError, TypeError, ValueError):
            raise SeamUnavailable("no status of the message", Trouble.NONSENSE) from None
        return _answer(code, serial or told["RequestId"])

    def fetch(self) -> list[SmsReceipt]:
        """What became of messages, by PullSmsSendStatus: at most 100, and each is told once."""
        try:
            told = call(self._client, "PullSmsSendStatus", {"SmsSdkAppId": self._app_id, "Limit": 100})
        except Refused as refused:
            raise failure_of(refused.code) from None
        try:
            return [_receipt(row) for row in told["PullSmsSendStatusSet"] or ()]
        except (KeyError, TypeError):
            raise SeamUnavailable("no receipts in the answer", Trouble.NONSENSE) from None

    def ping(self) -> None:
        """Raises what stands in the way; an empty package is QUOTA."""
        now: datetime = in_china(system_clock())
        span = {"BeginTime": f"{now - timedelta(days=365):%Y%m%d%H}", "EndTime": f"{now:%Y%m%d%H}"}
        try:
            told = call(
                self._client, "SmsPackagesStatistics", {"SmsSdkAppId": self._app_id, "Limit": 10, "Offset": 0, **span}
            )
        except Refused as refused:
            raise failure_of(refused.code) from None
        packages = told.get("SmsPackagesStatisticsSet")
        if isinstance(packages, list) and packages and not any(_left(package) for package in packages):
            raise SeamMisused("all packages are used up", Trouble.QUOTA)

    def _fit(self, question: SmsQuestion) -> tuple[Template, list[str]]:
        abroad = not question.phone.startswith("+86")
        for template in self._templates:
            parameters = template.parameters(question.body) if template.abroad == abroad else None
            if parameters is not None:
                return template, parameters
        raise SeamMisused("no registered template has this text", Trouble.QUESTION)


def _answer(code: str, reference: str) -> SmsAnswer:
    if code == "Ok":
        return SmsAnswer(SmsVerdict.ACCEPTED, reference[:80])
    if code in REFUSED:
        return SmsAnswer(SmsVerdict.REFUSED, (reference or code)[:80])
    raise failure_of(code)


def _receipt(row: Any) -> SmsReceipt:
    delivered, words = row["ReportStatus"] == "SUCCESS", str(row.get("Description", ""))
    return SmsReceipt(str(row["SerialNo"]), delivered, "unknown" if delivered else fault_of(words))


def fault_of(words: str) -> str:
    """Whether a carrier's words mean that this number will never take an SMS, or not just now; "unknown" for others.

    The words are the carriers' own (CMPP, SGIP and SMGP states, or Chinese), and new ones come up; an unknown one isn't
    sent again.
    """
    upper = words.upper()
    return next((fault for fault, marks in _FAULTS if any(mark in upper for mark in marks)), "unknown")


def _left(package: Any) -> bool:
    return bool(isinstance(package, dict) and package.get("PackageAmount", 0) > package.get("CurrentUsage", 0))
