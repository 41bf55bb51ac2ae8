"""What makes the libraries quick for many letters of one kind; a letter looks the same without it.

Style sheets are parsed once, not once a letter: all but those with an @page rule, whose frames belong to one document.
Streams are written as they are instead of as ASCII, which every reader and every signature takes.
"""

from __future__ import annotations

from collections import OrderedDict
from typing import Any

from reportlab import rl_config  # type: ignore[import-untyped]  # it ships no types
from xhtml2pdf.context import pisaContext

MOST_SHEETS = 32
_parsed: OrderedDict[tuple[str, str], Any] = OrderedDict()


def quicken() -> None:
    """Wraps the parser of style sheets; a second call changes nothing. The caller holds a lock, as for each letter."""
    original: Any = pisaContext._parseCSSSource
    if getattr(original, "quickened", False):
        return

    def parse(self: Any, text: str, source: str) -> Any:
        if "@" in text:
            return original(self, text, source)
        key = (source, text)
        if key not in _parsed:
            _parsed[key] = original(self, text, source)
            while len(_parsed) > MOST_SHEETS:
                _parsed.popitem(last=False)
        return _parsed[key]

    parse.quickened = True  # type: ignore[attr-defined]  # so that it is wrapped only once
    pisaContext._parseCSSSource = parse
    rl_config.useA85 = 0
