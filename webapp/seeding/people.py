"""The people of a demo's third case, each left at another place of the way, and the pictures that they hand in.

Their numbers use region 440301 with made-up dates, their phones the range 100…, their cards the specimen bank's prefix: nobody's.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntEnum
from types import MappingProxyType


class Goal(IntEnum):
    """How far somebody of the case has come; whoever stands further went through what stands before."""

    NAMED = 0
    BEGUN = 1
    PROVED = 2
    CHECKED = 3
    SIGNED = 4


@dataclass(frozen=True, slots=True)
class Claimant:
    """Somebody of the case. `card` is empty for who has given no account; `printed` is the name on the document, if another.

    `pictures`: field of the step with the document's photos → file of `pictures`; `card_picture` is one too.
    """

    name: str
    number: str
    goal: Goal
    document_type: str = "resident_id"
    nationality: str = "CHN"
    language: str = "zh_Hans"
    card: str = ""
    film: str = "film-1"
    printed: str = ""
    pictures: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    card_picture: str = ""


def resident(body: str) -> str:
    """An 18-character number with its check digit (GB 11643)."""
    weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
    return body + "10X98765432"[sum(int(d) * w for d, w in zip(body, weights, strict=True)) % 11]


def specimen_card(four: str) -> str:
    """A 19-digit number of the specimen bank; the `four` digits before the check digit are its weather in the sandbox."""
    body = f"62999900000000{four}"
    total = sum(sum(divmod(int(d) * (2 if i % 2 == 0 else 1), 10)) for i, d in enumerate(reversed(body)))
    return body + str(-total % 10)


def _resident(
    name: str, born: str, serial: str, goal: Goal, card: str = "", picture: str = "", shown: str = ""
) -> Claimant:
    pictures = {"front": f"resident-{picture}", "back": "resident-back"} if picture else {}
    number = specimen_card(card) if card else ""
    return Claimant(
        name, resident(f"440301{born}{serial}"), goal, card=number, pictures=MappingProxyType(pictures), card_picture=shown
    )  # fmt: skip


def _passport(
    name: str, number: str, nationality: str, language: str, goal: Goal, picture: str, *, card: str = "", **more: str
) -> Claimant:
    page = MappingProxyType({"data_page": f"passport-{picture}"})
    account = specimen_card(card) if card else ""
    return Claimant(name, number, goal, "passport", nationality, language, account, pictures=page, **more)


OVERDUE = _passport("NOVAKOVA JANA", "C23X41K08", "CZE", "en", Goal.BEGUN, "novakova")
OTHER_NAME = _passport(
    "BAUER LUKAS MARTIN", "C57R20M61", "DEU", "de", Goal.BEGUN, "bauer", printed="WEBER LUKAS MARTIN"
)
OTHER_FACE = Claimant(
    "黄嘉欣", "H24681357", Goal.BEGUN, "hk_macao_permit", "CHN", "zh_Hant", film="film-2",
    pictures=MappingProxyType({"front": "permit-huang-front", "back": "permit-huang-back"}),
)  # fmt: skip
FRESH = _passport("TANAKA YUKI", "C80T36P25", "JPN", "ja", Goal.BEGUN, "tanaka")
SENT_BACK = _passport("DUBOIS CLAIRE", "C14F93V70", "FRA", "fr", Goal.BEGUN, "dubois")

KIM = _passport("KIM MINJUN", "C60K12S84", "KOR", "ko", Goal.SIGNED, "kim", card="1101", card_picture="card-kim")
SILVA = _passport("SILVA MARIA", "C35B77L19", "BRA", "pt", Goal.SIGNED, "silva", card="1102", card_picture="card-silva")
NO_ANSWER = _resident("郑晓彤", "19920714", "042", Goal.SIGNED, "9014", "zheng", "card-zheng")
ACCOUNT_BACK = _resident("冯丽华", "19680302", "046", Goal.SIGNED, "9003", "feng", "card-feng")

PAID = (
    _resident("许国强", "19610918", "051", Goal.SIGNED, "1111", "xu"),
    _resident("邓秀英", "19570623", "048", Goal.SIGNED, "1112", "deng"),
)
CAME_BACK = _resident("曹志明", "19740211", "053", Goal.SIGNED, "1113", "cao")
BATCHED = (
    _resident("彭雪梅", "19811105", "044", Goal.SIGNED, "1114", "peng"),
    _resident("曾伟东", "19790829", "055", Goal.SIGNED, "1115", "zeng"),
)
JUST_SIGNED = _resident("韩玉兰", "19630417", "062", Goal.SIGNED, "1116", "han")
UNSIGNED = _resident("程立新", "19880130", "057", Goal.CHECKED, "1117", "cheng")
BANK_SAYS_NO = _resident("蔡美华", "19760925", "064", Goal.CHECKED, "9001", "cai")
NO_ACCOUNT = _resident("萧文斌", "19950512", "059", Goal.PROVED)
BEGUN = (_resident("潘国庆", "19661001", "071", Goal.BEGUN), _resident("袁秋菊", "19590908", "066", Goal.BEGUN))

ACTING = (
    OVERDUE, OTHER_NAME, OTHER_FACE, FRESH, SENT_BACK, KIM, SILVA, NO_ANSWER, ACCOUNT_BACK, *PAID, CAME_BACK, *BATCHED,
    JUST_SIGNED, UNSIGNED, BANK_SAYS_NO, NO_ACCOUNT, *BEGUN,
)  # fmt: skip

_ONLY_NAMED = (
    "蒋海燕", "余德昌", "杜桂芳", "叶振华", "魏春生", "苏明辉", "吕淑珍", "丁建军",
    "任晓峰", "沈玉珠", "姚志远", "卢秀兰", "傅国栋", "钟丽萍", "汪永康", "田翠花",
    "范志刚", "方文静", "石大勇", "邹美玲", "熊建华", "白雪松", "孟庆丰", "秦桂英",
    "江伟民", "尹素芬", "黎志坚", "常爱国",
)  # fmt: skip
NAMED = (
    *ACTING,
    *(
        Claimant(name, resident(f"440301{1950 + place}0{1 + place % 9}1{place % 10}{101 + 2 * place}"), Goal.NAMED)
        for place, name in enumerate(_ONLY_NAMED)
    ),
)
"""Everybody whom the register names, in its order."""


def phone_of(person: Claimant) -> str:
    """The number of somebody who has begun, E.164."""
    return f"+86100000001{ACTING.index(person) + 10:02d}"
