"""The mark of a letter that was shown: it goes with 「确定」, so that nobody signs anything but what they saw.

Another tab may have handed in another account since, a clerk may have put another text into force, another signature may be
reserved. A mark tells nothing without the court's key, and can't be made up.
"""

from __future__ import annotations

import hmac
import json
from collections.abc import Mapping
from typing import Any

from webapp.core.sealing import keyed_hash
from webapp.payee.models import Submission
from webapp.texts.models import TextVersion

DATES = frozenset(("signed_on_chinese", "signed_on"))
"""The day of signing is the day on which it is signed, also for a page that was opened before midnight."""


class ShownOtherwise(Exception):
    """What would be signed isn't what the page showed."""


def mark_of(submission: Submission, text: TextVersion, signature_id: str, content: Mapping[str, Any]) -> str:
    """The mark of this account in this letter under this signature."""
    seen = json.dumps([submission.id, text.id, signature_id, _undated(content)], ensure_ascii=False, sort_keys=True)
    return f"{submission.id}.{keyed_hash('letter.shown', seen).hex()}"


def is_what_was_shown(mark: str, expected: str) -> bool:
    """Whether the page that `mark` comes from showed what would be signed now."""
    return hmac.compare_digest(mark.encode(), expected.encode())


def _undated(content: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: _undated(value) if isinstance(value, Mapping) else value
        for name, value in content.items()
        if name not in DATES
    }
