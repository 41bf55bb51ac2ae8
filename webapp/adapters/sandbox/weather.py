"""Which input gives which answer: the table that the sandboxes follow, and that docs and the sandbox page show.

The face authority looks at the three serial digits of an 18-digit number (characters 15 to 17), the immigration
authority at the last two digits of the number, the bank at the four digits before the card's check digit, the SMS
gateway at the last two digits of the phone, the push service at the last two characters of a browser's address, the mail server at the last two before the @.
Everything not in the table is fair weather: the answer is yes.
"""

from __future__ import annotations

from dataclasses import dataclass

from webapp.ports.account_check import AccountVerdict
from webapp.ports.face_authority import FaceVerdict
from webapp.ports.immigration_authority import ImmigrationVerdict
from webapp.ports.mail_gateway import MailVerdict
from webapp.ports.push_gateway import PushVerdict
from webapp.ports.sms_gateway import SmsVerdict

UNAVAILABLE, SLOW = "unavailable", "slow"


@dataclass(frozen=True, slots=True)
class Weather:
    """One row: an input of `port` whose deciding digits are `digits` gives `outcome`.

    `outcome` is a verdict of the port, "unavailable" or "slow"; `example` is a whole number with right check digits;
    `lasts` is how many asks of one request it takes to clear up, 0: never.
    """

    port: str
    digits: str
    outcome: str
    example: str
    meaning: str
    lasts: int = 0


def _luhn(body: str) -> str:
    total = sum(sum(divmod(int(d) * (2 if i % 2 == 0 else 1), 10)) for i, d in enumerate(reversed(body)))
    return body + str(-total % 10)


def _resident(serial: str) -> str:
    body = "44030119850101" + serial
    weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
    return body + "10X98765432"[sum(int(d) * w for d, w in zip(body, weights, strict=True)) % 11]


TWICE = "前两次不可用，第三次相符"
_FACE = (
    ("901", FaceVerdict.NO_MATCH, "不是本人", 0),
    ("902", FaceVerdict.NAME_MISMATCH, "姓名与证件号码不符", 0),
    ("903", FaceVerdict.NO_RECORD, "库中无此号码", 0),
    ("904", FaceVerdict.NO_PORTRAIT, "库中无照片", 0),
    ("905", FaceVerdict.POOR_PICTURE, "照片质量不够", 0),
    ("906", FaceVerdict.NOT_LIVE, "不是活体", 0),
    ("907", FaceVerdict.LIMIT_REACHED, "今日次数已用完", 0),
    ("908", UNAVAILABLE, "对方系统不可用（一直）", 0),
    ("909", SLOW, "回答很慢，之后相符", 0),
    ("910", UNAVAILABLE, TWICE, 2),
)
_IMMIGRATION = (
    ("91", ImmigrationVerdict.NUMBER_UNKNOWN, "查无此证件", 0),
    ("92", ImmigrationVerdict.NAME_DIFFERS, "姓名不符", 0),
    ("93", ImmigrationVerdict.NATIONALITY_DIFFERS, "国籍不符", 0),
    ("94", ImmigrationVerdict.EXPIRED, "证件已过期", 0),
    ("95", ImmigrationVerdict.PENDING, "前两次答复“处理中”，第三次相符", 2),
    ("96", UNAVAILABLE, TWICE, 2),
    ("97", UNAVAILABLE, "对方系统不可用（一直）", 0),
    ("98", SLOW, "回答很慢，之后相符", 0),
)
_BANK = (
    ("9001", AccountVerdict.NOT_AGREED, "信息不一致", 0),
    ("9002", AccountVerdict.NAME_DIFFERS, "户名不符", 0),
    ("9003", AccountVerdict.NAME_UNCLEAR, "户名写法不同，转人工", 0),
    ("9004", AccountVerdict.DOCUMENT_DIFFERS, "证件号码不符", 0),
    ("9005", AccountVerdict.CARD_INVALID, "卡号无效", 0),
    ("9006", AccountVerdict.PHONE_DIFFERS, "预留手机号不符", 0),
    ("9007", AccountVerdict.NOT_OPEN_ONLINE, "未开通网上业务", 0),
    ("9008", AccountVerdict.NO_ISSUER, "找不到发卡行", 0),
    ("9009", AccountVerdict.DORMANT, "睡眠户", 0),
    ("9010", AccountVerdict.LOST, "已挂失", 0),
    ("9011", AccountVerdict.EXPIRED, "卡已过期", 0),
    ("9012", AccountVerdict.RESTRICTED, "账户受限", 0),
    ("9013", AccountVerdict.CREDIT_CARD, "信用卡", 0),
    ("9014", AccountVerdict.UNSUPPORTED_ISSUER, "发卡行不支持核验，转人工", 0),
    ("9015", AccountVerdict.LIMIT_REACHED, "今日次数已用完", 0),
    ("9016", UNAVAILABLE, "银行系统不可用（一直）", 0),
    ("9017", SLOW, "回答很慢，之后相符", 0),
    ("9018", UNAVAILABLE, TWICE, 2),
)
_SMS = (
    ("96", UNAVAILABLE, "前两次不可用，第三次送达", 2),
    ("97", SmsVerdict.REFUSED, "号码不能接收短信", 0),
    ("98", UNAVAILABLE, "短信通道不可用（一直）", 0),
    ("99", SLOW, "短信很慢", 0),
)
_PUSH = (
    ("96", UNAVAILABLE, "前两次不可用，第三次送达", 2),
    ("97", PushVerdict.GONE, "浏览器已取消订阅", 0),
    ("98", UNAVAILABLE, "推送服务不可用（一直）", 0),
    ("99", PushVerdict.REFUSED, "推送服务拒收", 0),
)
_MAIL = (
    ("96", UNAVAILABLE, "前两次不可用，第三次送达", 2),
    ("97", MailVerdict.REFUSED, "邮箱不存在", 0),
    ("98", UNAVAILABLE, "邮件服务器不可用（一直）", 0),
)

WEATHER = (
    *(Weather("face_authority", digits, outcome, _resident(digits), zh, n) for digits, outcome, zh, n in _FACE),
    *(Weather("immigration", digits, outcome, f"H123456{digits}", zh, n) for digits, outcome, zh, n in _IMMIGRATION),
    *(
        Weather("account_check", digits, outcome, _luhn(f"62999900000000{digits}"), zh, n)
        for digits, outcome, zh, n in _BANK
    ),
    Weather(
        "account_check",
        "",
        AccountVerdict.UNSUPPORTED_DOCUMENT,
        "H12345678",
        "证件不是居民身份证：银行无法核验，转人工",
    ),
    *(Weather("push", digits, outcome, f"https://push.example/{digits}", zh, n) for digits, outcome, zh, n in _PUSH),
    *(Weather("mail", digits, outcome, f"someone{digits}@example.com", zh, n) for digits, outcome, zh, n in _MAIL),
    *(Weather("sms", digits, outcome, f"100000000{digits}", zh, n) for digits, outcome, zh, n in _SMS),
)


def row_for(port: str, digits: str) -> Weather | None:
    """The row of these digits, or None in fair weather."""
    return next((row for row in WEATHER if digits and (row.port, row.digits) == (port, digits)), None)
