"""Names: written one way, compared kindly.

A difference between two names is for staff to judge: a payee is asked about it once, and never refused by it.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from enum import StrEnum

from webapp.identity.rules.characters import plain_character

DOT = "\u00b7"  # the only dot in names, by the rule of the 国家民委 (GB 18030 A1A4)
LONGEST = 100
MRZ_NAME = 39  # ICAO Doc 9303 part 4: characters of a name in a passport's MRZ
_CLASS = "\u3007\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff\ue000-\uf8ff"
_HAN = re.compile(f"[{_CLASS}]")
_DOTS = r"\s*[·•・･‧．.﹒∙⋅]\s*"
_DOT_AT_HAN = re.compile(f"(?<=[{_CLASS}]){_DOTS}|{_DOTS}(?=[{_CLASS}])")
_SPACE_IN_HAN = re.compile(f"(?<=[{_CLASS}]) (?=[{_CLASS}])")
_COMPATIBILITY = re.compile("([\uf900-\ufaff\U0002f800-\U0002fa1f]+)")
_PRIVATE = re.compile(r"[\ue000-\uf8ff\U000f0000-\U0010fffd]")
_FULL_WIDTH = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {0x3000: 0x20}
_ALLOWED = " '’-.,·〇"
_MRZ_LETTERS = str.maketrans({
    "Ä": "AE", "Ö": "OE", "Ü": "UE", "Å": "AA", "Æ": "AE", "Ø": "OE", "Þ": "TH", "Ð": "D", "Ł": "L",
    "Đ": "D", "Œ": "OE", "ẞ": "SS",
})  # fmt: skip
_PLAIN_LETTERS = str.maketrans({
    "Æ": "AE", "Ø": "O", "Þ": "TH", "Ð": "D", "Ł": "L", "Đ": "D", "Œ": "OE", "ẞ": "SS",
})  # fmt: skip


class NameFault(StrEnum):
    """Why a name can't be a whole name; each has its own words."""

    EMPTY = "empty"
    TOO_SHORT = "too_short"
    TOO_LONG = "too_long"
    DIGIT = "digit"
    BAD_CHARACTER = "bad_character"


class NameLikeness(StrEnum):
    """CLOSE: the same but for dots, spaces, case, order, accents, a twin character or a cut."""

    EXACT = "exact"
    CLOSE = "close"
    DIFFERENT = "different"


@dataclass(frozen=True, slots=True)
class CheckedName:
    """`value` is the name in its one way of writing, also when there is a fault.

    `character` is the one that BAD_CHARACTER and DIGIT mean. `private_use`: it holds a glyph of
    a private font, which nobody else can see, so staff must look.
    """

    value: str
    fault: NameFault | None = None
    character: str = ""
    private_use: bool = False


def check_name(typed: str) -> CheckedName:
    """Normalises and judges a name as typed. Nothing is refused for being unusual."""
    value = re.sub(r"\s+", " ", _composed(typed.translate(_FULL_WIDTH))).strip()
    value = _SPACE_IN_HAN.sub("", _DOT_AT_HAN.sub(DOT, value)).strip(DOT + " ")
    fault, character = _fault(value)
    return CheckedName(value, fault, character, bool(_PRIVATE.search(value)))


def in_latin(name: str) -> bool:
    """True when all its letters are Latin ones, as in the machine-readable zone of every passport."""
    return all(unicodedata.name(c, "").startswith("LATIN ") for c in name if c.isalpha())


def _composed(text: str) -> str:
    """NFC but for compatibility ideographs: they are somebody's way of writing their name."""
    parts = _COMPATIBILITY.split(text)
    return "".join(part if _COMPATIBILITY.match(part) else unicodedata.normalize("NFC", part) for part in parts)


def _fault(value: str) -> tuple[NameFault | None, str]:
    digit = next((c for c in value if c.isdigit()), "")
    if digit:
        return NameFault.DIGIT, digit
    if strange := next((c for c in value if not _belongs(c)), ""):
        return NameFault.BAD_CHARACTER, strange
    if len(value) > LONGEST:
        return NameFault.TOO_LONG, ""
    if len(value) < 2:
        return (NameFault.TOO_SHORT if value else NameFault.EMPTY), ""
    return None, ""


def _belongs(character: str) -> bool:
    letter = unicodedata.category(character)[0] in "LM"
    return letter or character in _ALLOWED or _PRIVATE.match(character) is not None


def may_be_written_otherwise(name: str) -> bool:
    """True for names that a bank's books often hold in another way: with a dot, a rare or traditional character, in Latin.

    Rare is what GB 2312 hasn't got, the character set of the banks' older systems.
    """
    value = check_name(name).value
    return DOT in value or any(letter.isalpha() and not _is_common(letter) for letter in value)


def _is_common(letter: str) -> bool:
    if not _HAN.match(letter) or plain_character(letter) != letter:
        return False
    try:
        letter.encode("gb2312")
    except UnicodeEncodeError:
        return False
    return True


def same_name(one: str, other: str) -> NameLikeness:
    """How alike two names are, both as typed or read anywhere. For staff only."""
    first, second = check_name(one).value, check_name(other).value
    if first == second:
        return NameLikeness.EXACT
    alike = any(_alike(left, right) for left in _folds(first) for right in _folds(second))
    return NameLikeness.CLOSE if alike else NameLikeness.DIFFERENT


def same_script(one: str, other: str) -> bool:
    """True when both names are in Chinese characters, or neither: 周海 and ZHOU HAI can't be told apart, or together."""
    return bool(_HAN.search(one)) == bool(_HAN.search(other))


def name_key(name: str) -> str:
    """A name by which its bearer is looked up: without dots, marks and case, its parts in one order."""
    parts = check_name(name).value.casefold().split()
    plain = ("".join(c for c in part if c not in f"{DOT}'’-.,") for part in parts)
    return " ".join(sorted(filter(None, plain)))


def _alike(left: str, right: str) -> bool:
    if not left or not right:
        return False
    words = sorted(left.split()) == sorted(right.split())
    return words or left.replace(" ", "") == right.replace(" ", "") or _cut(left, right)


def _cut(left: str, right: str) -> bool:
    """True when one is the other as an MRZ cuts it: 39 characters, of which two are the divider."""
    short, long = sorted((left, right), key=len)
    return len(short) >= MRZ_NAME - 2 and long.startswith(short)


def _folds(name: str) -> set[str]:
    """A name without what gets lost on the way: MÜLLER gives MUELLER (Doc 9303) and MULLER."""
    return {_folded(name.upper().translate(table)) for table in (_MRZ_LETTERS, _PLAIN_LETTERS)}


def _folded(name: str) -> str:
    letters = (c for c in unicodedata.normalize("NFKD", name) if not unicodedata.combining(c))
    plain = re.sub(r"['’]", "", "".join(plain_character(c) for c in letters))
    between = "" if _HAN.search(plain) else " "
    return re.sub(r"[\s,·.\-<]+", between, plain).strip()
