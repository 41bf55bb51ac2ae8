"""Comparing two wordings, and what the words of a message may hold."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

PLACEHOLDER = re.compile(r"%\((\w+)\)s")
_TOKENS = re.compile(r"[A-Za-z0-9]+|%\(\w+\)s|\s+|.", re.DOTALL)
SAME, GONE, NEW = "same", "gone", "new"


@dataclass(frozen=True, slots=True)
class Piece:
    """A run of words that stayed, went or came."""

    kind: str
    text: str


Paragraph = Sequence[Piece]


def tidy(body: str) -> str:
    """A body as it is kept: lines without blanks at their ends, paragraphs parted by one empty line."""
    lines = "\n".join(line.strip() for line in body.replace("\r\n", "\n").replace("\r", "\n").split("\n"))
    return re.sub(r"\n{2,}", "\n\n", lines).strip()


def differences(old: str, new: str) -> Sequence[Paragraph]:
    """The new text paragraph by paragraph, with what went and what came marked, down to characters and words."""
    before, after = _paragraphs(old), _paragraphs(new)
    found: list[Paragraph] = []
    for deed, a1, a2, b1, b2 in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if deed == "equal":
            found += [[Piece(SAME, text)] for text in before[a1:a2]]
            continue
        pairs = min(a2 - a1, b2 - b1)
        found += [_within(before[a1 + n], after[b1 + n]) for n in range(pairs)]
        found += [[Piece(GONE, text)] for text in before[a1 + pairs : a2]]
        found += [[Piece(NEW, text)] for text in after[b1 + pairs : b2]]
    return found


def _paragraphs(text: str) -> list[str]:
    return [paragraph for paragraph in text.split("\n\n") if paragraph]


def _within(old: str, new: str) -> Paragraph:
    before, after = _TOKENS.findall(old), _TOKENS.findall(new)
    matcher = SequenceMatcher(None, before, after, autojunk=False)
    if matcher.ratio() < 0.3:  # another paragraph rather than a changed one
        return [Piece(GONE, old), Piece(NEW, new)]
    pieces: list[Piece] = []
    for deed, a1, a2, b1, b2 in matcher.get_opcodes():
        if deed == "equal":
            pieces.append(Piece(SAME, "".join(before[a1:a2])))
            continue
        pieces += [Piece(GONE, "".join(before[a1:a2]))] if a2 > a1 else []
        pieces += [Piece(NEW, "".join(after[b1:b2]))] if b2 > b1 else []
    return pieces


def unknown_placeholders(body: str, known: Sequence[str]) -> list[str]:
    """What a message's words would have filled in and can't; "%" for a percent sign that stands alone."""
    found = [name for name in PLACEHOLDER.findall(body) if name not in known]
    bare = PLACEHOLDER.sub("", body).replace("%%", "")
    return found + (["%"] if "%" in bare else [])


def filled(body: str, facts: Mapping[str, str]) -> str:
    """A message's words with its facts in place."""
    return body % facts
