"""What WeChat lets a subscribe message say: named fields of bounded length, none of them empty."""

from __future__ import annotations

from collections.abc import Mapping

LONGEST = {"thing": 20, "phrase": 5, "character_string": 32, "name": 10}
"""Characters of each kind of field, by the beginning of its name (mini-program document, 订阅消息参数值内容限制说明)."""


def field_map(text: str) -> dict[str, str]:
    """`thing1:headline,time2:time` as a table of a template's fields; raises ValueError for anything else."""
    pairs = [pair.partition(":") for pair in text.split(",") if pair.strip()]
    found = {name.strip(): what.strip() for name, colon, what in pairs if colon}
    if len(found) != len(pairs) or not set(found.values()) <= {"headline", "time", "platform"}:
        raise ValueError("write field:headline, field:time or field:platform, comma-separated")
    return found


def filled(fields: Mapping[str, str], words: Mapping[str, str]) -> dict[str, str]:
    """The template's fields with the words that belong there, cut to what WeChat takes."""
    return {name: _cut(name, words[what]) for name, what in fields.items()}


def _cut(name: str, text: str) -> str:
    most = next((longest for kind, longest in LONGEST.items() if name.startswith(kind)), 32)
    return text if len(text) <= most else text[: most - 1] + "…"
