"""The staff's own codes in words."""

from __future__ import annotations

from collections.abc import Collection

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from webapp.accounts.models import Role

ROLES = {
    Role.REVIEWER: _l("审核员"),
    Role.MANAGER: _l("管理员"),
    Role.AUDITOR: _l("审计员"),
    Role.ADMINISTRATOR: _l("系统管理员"),
}

BROWSERS = (
    ("MicroMessenger", "WeChat"), ("Edg", "Edge"), ("OPR", "Opera"), ("Firefox", "Firefox"), ("Chrome", "Chrome"), ("Safari", "Safari"),
)  # fmt: skip
SYSTEMS = (
    ("HarmonyOS", "HarmonyOS"), ("Android", "Android"), ("iPhone", "iOS"), ("iPad", "iPadOS"), ("Windows", "Windows"), ("Mac OS", "macOS"),
    ("Linux", "Linux"),
)  # fmt: skip


def browser_words(agent: str) -> str:
    """A browser as its owner would name it: Chrome · Windows. An unknown one as it names itself."""
    named = [next((title for mark, title in table if mark in agent), "") for table in (BROWSERS, SYSTEMS)]
    return " · ".join(filter(None, named)) or agent


def court_words(courts: Collection[str], known: Collection[str]) -> str:
    """The courts of a clerk; all of them are said in a word."""
    if len(known) > 1 and set(known) <= set(courts):
        return str(_("全部法院（%(n)s 个）", n=len(known)))
    return "、".join(court for court in (*known, *sorted(set(courts) - set(known))) if court in courts)
