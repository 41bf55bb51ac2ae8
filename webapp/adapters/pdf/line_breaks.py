"""Where a Chinese line may break: xhtml2pdf's own breaker keeps a full stop off a line's beginning, and nothing more.

Here no line begins with a mark that closes, none ends with one that opens, and no number or Latin word is cut in two. A mark
that would begin a line stands in the margin behind the line before, as printers do; everything else goes down to the next line.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from xhtml2pdf import reportlab_paragraph
from xhtml2pdf.reportlab_paragraph import ParaLines, cjkU, makeCJKParaLine

from webapp.adapters.pdf.punctuation import CANNOT_END, CANNOT_START

SLACK = 0.01  # points; sums of widths are never exact
WORD = set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-./:@_&'+")


def break_by_our_rules() -> None:
    """Puts our breaker in the place of the library's; a second call changes nothing."""
    reportlab_paragraph.cjkFragSplit = _split


def _split(frags: Sequence[Any], widths: Sequence[float], bounds: bool, encoding: str = "utf8") -> Any:
    units = [unit for frag in frags for unit in _units(frag, encoding)]
    lines: list[Any] = []
    start = 0
    while start < len(units):
        room = widths[min(len(lines), len(widths) - 1)]
        end, used = _line_end(units, start, room)
        lines.append(makeCJKParaLine(units[start:end], room - used, bounds))
        start = end + (end < len(units) and hasattr(units[end].frag, "lineBreak"))
    return ParaLines(kind=1, lines=lines)


def _units(frag: Any, encoding: str) -> list[Any]:
    text = frag.text if isinstance(frag.text, str) else frag.text.decode(encoding)
    return [cjkU(character, frag, encoding) for character in text] or [cjkU(text, frag, encoding)]


def _line_end(units: Sequence[Any], start: int, room: float) -> tuple[int, float]:
    """Where the line that begins at `start` ends, and how wide it is."""
    used, place = 0.0, start
    while place < len(units) and not hasattr(units[place].frag, "lineBreak"):
        if used + units[place].width > room + SLACK and place > start:
            break
        used += units[place].width
        place += 1
    else:
        return place, used
    alone = units[place - 1] not in CANNOT_START and (place + 1 == len(units) or units[place + 1] not in CANNOT_START)
    if units[place] in CANNOT_START and alone:
        return place + 1, used  # it hangs in the margin
    end = place
    while end > start + 1 and not _may_break(units[end - 1], units[end]):
        end -= 1
    end = place if end == start + 1 and not _may_break(units[start], units[end]) else end
    return end, used - sum(unit.width for unit in units[end:place])


def _may_break(before: str, after: str) -> bool:
    return not (before in CANNOT_END or after in CANNOT_START or (before in WORD and after in WORD))
