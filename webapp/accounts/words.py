"""Until when another SMS code can't be had, in words: as the server says it, and as a page counts it down."""

from __future__ import annotations

from dataclasses import dataclass

from flask_babel import get_locale, ngettext
from flask_babel import gettext as _

COUNTED = 120
"""Seconds below which a wait is told in seconds, and ticks."""


@dataclass(frozen=True, slots=True)
class NextCode:
    """What a page says of the next code. `ticking`: the sentence for each CLDR plural category, with `#` for the seconds."""

    seconds: int
    said: str
    ticking: dict[str, str]
    free: str


def next_code_here(seconds: int) -> NextCode:
    """Beside the button that asks for a code."""
    free = _("现在可以获取验证码。")
    if seconds <= 0:
        return NextCode(0, "", {}, free)
    if seconds >= COUNTED:
        return NextCode(seconds, wait_words(seconds), {}, free)
    category = getattr(get_locale(), "plural_form", lambda _n: "other")
    ticking = {category(n): _seconds_here(n).replace(str(n), "#", 1) for n in range(seconds, 0, -1)}
    return NextCode(seconds, _seconds_here(seconds), ticking, free)


def _seconds_here(seconds: int) -> str:
    return str(ngettext("%(num)s 秒后可以再次获取验证码。", "%(num)s 秒后可以再次获取验证码。", seconds))


def wait_words(seconds: int) -> str:
    """How long until the next code may be asked for."""
    minutes, hours = -(-seconds // 60), -(-seconds // 3600)
    if seconds < COUNTED:
        return str(
            ngettext("验证码发送太频繁，请 %(num)s 秒后再试。", "验证码发送太频繁，请 %(num)s 秒后再试。", seconds)
        )
    if seconds < 7200:
        return str(
            ngettext("验证码发送太频繁，请 %(num)s 分钟后再试。", "验证码发送太频繁，请 %(num)s 分钟后再试。", minutes)
        )
    return str(
        ngettext(
            "今天的验证码次数已用完，请 %(num)s 小时后再试，或换用登录过的浏览器，或拨打法院电话。",
            "今天的验证码次数已用完，请 %(num)s 小时后再试，或换用登录过的浏览器，或拨打法院电话。",
            hours,
        )
    )
