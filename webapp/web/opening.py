"""Office hours in words: 周一至周五 09:00–12:00和14:00–18:00（北京时间，法定节假日除外）."""

from __future__ import annotations

from datetime import time

from babel.dates import get_day_names
from babel.lists import format_list
from flask_babel import gettext as _

from webapp.core.hours import OfficeHours, OpenDays
from webapp.web.locale import current_language


def office_hours(hours: OfficeHours) -> str:
    """When somebody is there, in the reader's language; empty where nothing is said about it."""
    if not hours.days:
        return ""
    code = current_language().code
    when = format_list([_open_days(days, code) for days in hours.days], locale=code)
    return str(_("%(when)s（北京时间，法定节假日除外）", when=when))


def _open_days(days: OpenDays, code: str) -> str:
    names = get_day_names("abbreviated", locale=code)
    first, last = names[days.first], names[days.last]
    name = first if days.first == days.last else _("%(first)s至%(last)s", first=first, last=last)
    return f"{name} {format_list([_span(*span) for span in days.times], locale=code)}"


def _span(start: time, end: time) -> str:
    """Never broken in two, and in its own order also where the sentence runs from right to left."""
    span = f"{start:%H:%M}\u2060–\u2060{end:%H:%M}"
    return f"\u2066{span}\u2069" if current_language().direction == "rtl" else span
