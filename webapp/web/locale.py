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
    Language("ja", "ja", "日本語"),
    Language("ko", "ko", "한국어"),
    Language("fr", "fr", "Français"),
    Language("de", "de", "Deutsch"),
    Language("es", "es", "Español"),
    Language("pt", "pt", "Português"),
    Language("ru", "ru", "Русский"),
    Language("ar", "ar", "العربية", direction="rtl"),
    Language("it", "it", "Italiano"),
    Language("vi", "vi", "Tiếng Việt"),
    Language("th", "th", "ไทย"),
    Language("id", "id", "Bahasa Indonesia"),
    Language("hi", "hi", "हिन्दी"),
)
BY_CODE = {language.code: language for language in LANGUAGES}
DESK_LANGUAGES = ("zh_Hans", "en")
COOKIE, DESK_COOKIE = "language", "desk_speaks"
"""What this browser was told to speak; the desk's is that of the clerk who was last signed in here."""
_TRADITIONAL = {"zh-hant", "zh-tw", "zh-hk", "zh-mo"}
_OLD_NAMES = {"in": "id"}  # Indonesian, as old Androids call it (RFC 5646 took over ISO 639's change of 1989)


def current_language() -> Language:
    """The account's choice, else the cookie's, else the browser's, else Simplified Chinese."""
    chosen = getattr(current_user, "language", None)
    if not chosen and request.path.startswith("/desk"):
        chosen = request.cookies.get(DESK_COOKIE)
    chosen = chosen or request.cookies.get(COOKIE)
    return BY_CODE.get(chosen or "") or _of_browser()


def languages_for_reader() -> tuple[Language, ...]:
    """All languages, in the order of a sheet: those that the browser asks for come first."""
    wanted = list(dict.fromkeys(filter(None, map(_language_of_tag, request.accept_languages.values()))))
    return (*wanted, *(one for one in LANGUAGES if one not in wanted))


def _of_browser() -> Language:
    return languages_for_reader()[0]


def _language_of_tag(tag: str) -> Language | None:
    """Ours for a BCP 47 tag as browsers send it, or None."""
    wanted = tag.lower().replace("_", "-")
    first = wanted.split("-")[0]
    if first == "zh":
        return BY_CODE["zh_Hant" if any(wanted.startswith(one) for one in _TRADITIONAL) else "zh_Hans"]
    return BY_CODE.get(_OLD_NAMES.get(first, first))


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
