"""Which language a page speaks. Simplified Chinese is the source; the others are catalogues."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Flask, has_request_context, request
from flask_babel import Babel
from flask_login import current_user


@dataclass(frozen=True, slots=True)
class Language:
    """`code` is Babel's name, `tag` the one of HTML (BCP 47), `name` how its speakers write it."""

    code: str
    tag: str
    name: str
    direction: str = "ltr"


LANGUAGES = (
    Language("zh_Hans", "zh-Hans", "简体中文"),
    Language("zh_Hant", "zh-Hant", "繁體中文"),
    Language("en", "en", "English"),
)
BY_CODE = {language.code: language for language in LANGUAGES}
DESK_LANGUAGES = ("zh_Hans", "en")
COOKIE = "language"
_WANTED = {"zh-hant": "zh_Hant", "zh-tw": "zh_Hant", "zh-hk": "zh_Hant", "zh-mo": "zh_Hant"}


def current_language() -> Language:
    """The account's choice, else the cookie's, else the browser's, else Simplified Chinese."""
    chosen = getattr(current_user, "language", None) or request.cookies.get(COOKIE)
    return BY_CODE.get(chosen or "") or _of_browser()


def _of_browser() -> Language:
    for wanted in request.accept_languages.values():
        tag = wanted.lower()
        code = _WANTED.get(tag) or next((c for prefix, c in _WANTED.items() if tag.startswith(prefix)), None)
        code = code or {"zh": "zh_Hans", "en": "en"}.get(tag.split("-")[0])
        if code:
            return BY_CODE[code]
    return LANGUAGES[0]


def large_text() -> bool:
    """True in the large-text mode, by the account or the cookie."""
    return bool(getattr(current_user, "large_text", False)) or request.cookies.get("text") == "large"


def init_locale(app: Flask, translations: str) -> None:
    """Installs Flask-Babel with our own choice of language and China's clock."""
    Babel(
        app,
        default_locale="zh_Hans",
        default_timezone="Asia/Shanghai",
        default_translation_directories=translations,
        locale_selector=lambda: current_language().code if has_request_context() else "zh_Hans",
    )
