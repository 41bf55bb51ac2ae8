"""What every template can use."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from babel.dates import format_date, format_time
from flask import Flask, request
from flask_babel import gettext as _
from markupsafe import Markup

from webapp.core.clock import in_china
from webapp.core.hours import OfficeHours
from webapp.core.ids import new_token
from webapp.web.locale import current_language, languages_for_reader, large_text
from webapp.web.naming import court_title
from webapp.web.opening import office_hours
from webapp.web.present import settings
from webapp.web.rendering import wants_part
from webapp.web.security import nonce
from webapp.web.way_back import page_address


@dataclass(frozen=True, slots=True)
class Court:
    """The court of this deployment, as pages name it."""

    name: str
    short_name: str
    platform: str
    phone: str
    address: str
    week: OfficeHours

    @property
    def hours(self) -> str:
        """When somebody answers the phone, in the reader's language; empty where that isn't said."""
        return office_hours(self.week)


def _context() -> dict[str, Any]:
    chosen, language = settings(), current_language()
    return {
        "nonce": nonce(),
        "language": language.tag,
        "language_code": language.code,
        "languages": languages_for_reader(),
        "direction": language.direction,
        "large_text": large_text(),
        "court": Court(
            chosen.court_name,
            chosen.court_short_name,
            chosen.platform_name,
            chosen.court_phone,
            chosen.court_address,
            chosen.court_hours,
        ),
        "once": new_token,
        "demo": chosen.demo,
        "surface": _surface(),
        "path": page_address(),
        "layout": "layouts/page.html",
        "part": wants_part(),  # htmx would bring what stands in <noscript> to life
    }


def moment_text(moment: datetime) -> str:
    """A moment as a wall clock in China shows it, in the reader's own way, with the zone called as with office hours.

    At the desk always 2026-11-23 14:05 (UTC+8): columns of it are compared at a glance.
    """
    local = in_china(moment)
    if _surface() == "clerk":
        return f"{local:%Y-%m-%d %H:%M} (UTC+8)"
    code = current_language().code
    when = f"{format_date(local, 'long', locale=code)} {format_time(local, 'HH:mm', locale=code)}"
    return str(_("北京时间 %(when)s", when=when))


def _surface() -> str:
    return "clerk" if request.path.startswith("/desk") else "payee"


def day_text(moment: datetime) -> str:
    """The day of a moment in China, short: 11-26."""
    return f"{in_china(moment):%m-%d}"


def in_order(number: str) -> str:
    """A number within a sentence, kept in its own order where the sentence runs from right to left."""
    return f"\u2066{number}\u2069" if current_language().direction == "rtl" else number


def unbroken(number: str) -> Markup:
    """A phone number on one line, in its own order: it would break at its hyphen, and be read as two."""
    return Markup('<span class="unbroken">{}</span>').format(in_order(number))


def with_number(words: str, **numbers: str) -> Markup:
    """A sentence with phone numbers in it that don't break: "…%(phone)s…" and the number, for a page (an SMS stays plain)."""
    return Markup.escape(words) % {name: unbroken(number) for name, number in numbers.items()}


def init_context(app: Flask) -> None:
    """Installs the context processor."""
    app.context_processor(_context)
    app.add_template_filter(moment_text, "moment")
    app.add_template_filter(day_text, "day")
    app.add_template_filter(in_order, "in_order")
    app.add_template_filter(unbroken, "unbroken")
    app.add_template_filter(court_title, "court_title")
