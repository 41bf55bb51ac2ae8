"""The worker's handlers of this room, each for one kind of job."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import current_app

from webapp.core.jobs import Handler
from webapp.payee import usecases
from webapp.ports.seams import Seams


def handlers(seams: Seams) -> Mapping[str, Handler]:
    """Kind of job → what does it."""

    def now() -> Any:
        return current_app.extensions["clock"]()

    return {
        usecases.CHECK_ACCOUNT: lambda p: usecases.check_account(p["submission"], seams=seams, now=now()),
        usecases.READ_CARD: lambda p: usecases.read_card(p["photo"], p.get("frames", ()), seams=seams, now=now()),
        usecases.MAKE_LETTER: lambda p: usecases.make_letter(p["letter"], seams=seams, html=letter_html, now=now()),
    }


def letter_html(content: Mapping[str, Any]) -> str:
    """The letter's page, as the renderer wants it; it depends on its content alone, not on who asks."""
    return current_app.jinja_env.get_template("letters/account_confirmation.html").render(**content)
