"""Arabic letters as they are joined to their neighbours, each form a character of its own (Unicode's presentation forms).

xhtml2pdf joins them too, but drops vowel signs and writes الله as one sign also within a word, where its first letter must
be joined to the one before. Which way a line runs is its business in a letter: it orders each line by the Unicode algorithm.
"""

from __future__ import annotations

import re
import unicodedata

from arabic_reshaper import ArabicReshaper  # type: ignore[import-untyped]  # it ships no types

_RUN = re.compile("[\u0600-\u06ff\u200c\u200d]+")
_FORMS = (*range(0xFB50, 0xFC00), *range(0xFE80, 0xFEFD))
_RIGHT_TO_LEFT = re.compile("[\u0600-\u06ff\ufb50-\ufdff\ufe70-\ufefc]")
_joiner = ArabicReshaper(configuration={"delete_harakat": False, "ARABIC LIGATURE ALLAH": False})
WRITTEN = {
    chr(form): letters
    for form in _FORMS
    if len(letters := unicodedata.normalize("NFKC", chr(form))) == 1 and letters != chr(form)
}
"""Form → the letter it stands for. Lam with alef is left out: a reader that turns the line round turns a pair of letters in
the wrong way, but knows what to make of the one sign."""


def joined(text: str) -> str:
    """The same text, in the order it is read, with the joined forms of Arabic letters; other scripts stay as they are."""
    return _RUN.sub(lambda found: str(_joiner.reshape(found[0])), text)


def drawn_order(text: str) -> str:
    """One line of joined text in the order in which it is drawn from the left (Unicode's bidirectional algorithm, UAX 9)."""
    if text.isascii() or not _RIGHT_TO_LEFT.search(text):
        return text
    from xhtml2pdf.bidi import get_display  # noqa: PLC0415  (few names need it, and the package is large)

    return str(get_display(text, None))
