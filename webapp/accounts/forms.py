"""The forms of signing in: a phone number, a code."""

from __future__ import annotations

from functools import cache
from typing import Any

from babel import Locale
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import BooleanField, RadioField, SelectField, StringField, ValidationError

from webapp.accounts.rules import REGIONS, PhoneFault, calling_code, check_phone
from webapp.core.by_name import order_of
from webapp.core.folding import folded
from webapp.web.context import in_order
from webapp.web.fields import options
from webapp.web.locale import current_language
from webapp.web.present import settings

PHONE_WORDS = {
    PhoneFault.EMPTY: _l("请输入手机号码。"),
    PhoneFault.NOT_A_NUMBER: _l("这不是手机号码。大陆号码共 11 位；境外号码请选择国家或地区代码。"),
    PhoneFault.ONE_SHORT: _l("少了 1 位：大陆手机号码共 11 位。"),
    PhoneFault.NOT_ASSIGNED: _l("没有这样的手机号码，请检查号码和国家或地区代码。"),
    PhoneFault.CANNOT_TAKE_SMS: _l("这是固定电话，收不到短信。请换一个手机号码。"),
}
FREQUENT = (
    "CN", "HK", "MO", "TW", "US", "GB", "DE", "FR", "JP", "KR", "SG", "MY", "AU", "VN", "TH", "ID", "IN", "RU", "IT", "ES", "PT",
)  # fmt: skip
CHINA = {"CN": _l("中国大陆"), "HK": _l("中国香港"), "MO": _l("中国澳门"), "TW": _l("中国台湾")}


def country_codes() -> list[tuple[str, str]]:
    """(region, "name +code"), in the visitor's language: China and its parts first, then frequent ones, then by name."""
    language = current_language().code
    names = Locale.parse(language).territories
    regions = (*FREQUENT, *_others(language))
    return [(region, f"{CHINA.get(region) or names[region]} {in_order(calling_code(region))}") for region in regions]


@cache
def _others(language: str) -> tuple[str, ...]:
    names, order = Locale.parse(language).territories, order_of(language)
    return tuple(sorted(REGIONS.difference(FREQUENT), key=lambda region: order(names[region])))


class PhoneForm(FlaskForm):
    """A number to send a code to. `.number` is E.164 once valid."""

    region = SelectField(_l("国家或地区代码"), default="CN")
    phone = StringField(_l("手机号码"))
    number = ""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.region.choices = options(country_codes())

    def validate_phone(self, field: StringField) -> None:
        """Turns what was typed into E.164, or says what is wrong with it."""
        checked = check_phone(
            field.data or "", region=self.region.data or "CN", allow_test_numbers=settings().test_phones
        )
        if checked.fault:
            raise ValidationError(PHONE_WORDS[checked.fault])
        self.number = checked.value


class CodeForm(FlaskForm):
    """The six digits of an SMS."""

    code = StringField(_l("短信验证码"))

    def validate_code(self, field: StringField) -> None:
        """Six digits, whatever spaces came with them."""
        field.data = "".join(folded(field.data or "").split())
        if not (field.data.isdecimal() and len(field.data) == 6):
            raise ValidationError(_l("验证码是 6 位数字。"))


class WhoForm(FlaskForm):
    """Which of the people who share a phone is signing in."""

    who = RadioField(_l("请选择您是谁"))

    def __init__(self, people: list[tuple[str, Any]], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.who.choices = options(people)


class AgreeForm(FlaskForm):
    """A tick under a text."""

    agree = BooleanField(_l("我已阅读并同意"))

    def validate_agree(self, field: BooleanField) -> None:
        """Nothing goes on without it."""
        if not field.data:
            raise ValidationError(_l("请先阅读，再勾选同意。"))
