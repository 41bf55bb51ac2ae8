"""What every template can use."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import Flask, request

from webapp.core.clock import in_china
from webapp.core.ids import new_token
from webapp.web.locale import LANGUAGES, current_language, large_text
from webapp.web.present import settings
from webapp.web.rendering import wants_part
from webapp.web.security import nonce


@dataclass(frozen=True, slots=True)
class Court:
    """The court of this deployment, as pages name it."""

    name: str
    short_name: str
    platform: str
    phone: str


def _context() -> dict[str, Any]:
    chosen, language = settings(), current_language()
    return {
        "nonce": nonce(),
        "language": language.tag,
        "language_code": language.code,
        "languages": LANGUAGES,
        "direction": language.direction,
        "large_text": large_text(),
        "court": Court(chosen.court_name, chosen.court_short_name, chosen.platform_name, chosen.court_phone),
        "once": new_token,
        "demo": chosen.demo,
        "surface": "clerk" if request.path.startswith("/desk") else "payee",
        "path": request.full_path.rstrip("?"),
        "layout": "layouts/page.html",
        "part": wants_part(),  # htmx would bring what stands in <noscript> to life
    }


def moment_text(moment: datetime) -> str:
    """A moment as a wall clock in China shows it, zone included: 2026-11-23 14:05 (UTC+8)."""
    return f"{in_china(moment):%Y-%m-%d %H:%M} (UTC+8)"


def init_context(app: Flask) -> None:
    """Installs the context processor."""
    app.context_processor(_context)
    app.add_template_filter(moment_text, "moment")
