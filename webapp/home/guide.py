"""The guide on the help page: one picture and a sentence or two for each step of the way."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flask_babel import lazy_gettext as _l

WIDTH, HEIGHT = 300, 460
"""Of every picture, in pixels; tools/make_guide.py takes them."""


@dataclass(frozen=True, slots=True)
class Part:
    """A step of the guide. `name` is that of its picture, and of its place on the help page."""

    name: str
    title: Any
    words: Any


PARTS = (
    Part("language", _l("选择语言"), _l("选您看得懂的语言，点“继续”。任何时候都可以再换。")),
    Part("rules", _l("在线诉讼规程"), _l("看完规程，勾选“我已阅读并同意”，点“同意，开始认证”。")),
    Part("phone", _l("手机验证"), _l("填手机号码，点“获取验证码”。把短信里的 6 位数字填进来。")),
    Part("document", _l("证件核验"), _l("选证件类型，照着证件填姓名和号码，一个字都不要错。非身份证还要拍证件照片。")),
    Part("face", _l("人脸核验"), _l("找一个亮的地方，把手机举到与眼睛一样高。照着屏幕上的大字，慢慢做两个动作。")),
    Part("signature", _l("预留签名"), _l("看完告知书，用手指在框里写您的名字。写得不好可以重写。")),
    Part("cases", _l("涉众案件登记"), _l("点与您有关的案件。只有您本人能看到。")),
    Part("card", _l("身份信息和银行卡"), _l("拍银行卡，卡号会自动填好。请与卡面逐组核对，再选银行、填支行。")),
    Part("preview", _l("预览及签名"), _l("看一遍确认书。姓名、卡号都对，就点“提交并签名”。")),
    Part("signed", _l("确认书已签署"), _l("完成了。可以保存或打印确认书，等法院的短信。")),
)

OF_PAGES: Mapping[str, str] = {
    "home.language": "language",
    "identity.rules": "rules",
    "accounts.sign_in": "phone",
    "accounts.sign_in_code": "phone",
    "identity.face_agreement": "face",
    "payee.case_list": "cases",
    "payee.privacy": "card",
    "payee.account": "card",
    "letters.preview": "preview",
    "letters.letter_text": "preview",
    "letters.letter": "signed",
}
OF_STEPS: Mapping[str, str] = {
    "phone": "phone",
    "document": "document",
    "evidence": "document",
    "face": "face",
    "video": "face",
    "signature": "signature",
}


def part_of(endpoint: str | None, step: str | None = None) -> str:
    """The name of the part that helps with a page, or '' where none is about it."""
    return OF_STEPS.get(step or "", "") or OF_PAGES.get(endpoint or "", "")


def pictures(static: Path, language: str) -> dict[str, str]:
    """Each part's picture below `static`: in the reader's language, else in English; a part without one is left out."""
    found = {}
    for part in PARTS:
        names = (f"guide/{code}/{part.name}.webp" for code in (language, "en", "zh_Hans"))
        picture = next((name for name in names if (static / name).exists()), None)
        if picture:
            found[part.name] = picture
    return found
