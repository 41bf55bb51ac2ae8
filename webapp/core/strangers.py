"""What leads elsewhere in a text that goes out in the court's name: addresses of the web, mail addresses, phone numbers.

Somebody who gets the court's SMS does what it says. So what one person writes into it may name the court's own address and
numbers and no other, however it is spelled: full-width, with spaces or words for the dot, in Chinese numerals.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator

_NUMERALS = str.maketrans("〇零一二三四五六七八九幺壹贰叁肆伍陆柒捌玖", "001234567891123456789")
_NUMERAL_RUN = re.compile(
    r"[〇零一二三四五六七八九幺壹贰叁肆伍陆柒捌玖](?:[\s-]{0,3}[〇零一二三四五六七八九幺壹贰叁肆伍陆柒捌玖]){6,}"
)
_SPELLED = re.compile(r"(?<!\S)(?:[!-~][^\S\n]){3,}[!-~](?!\S)")
_WELL_KNOWN = "com|net|org|cn|gov|edu|xyz|cc|biz|hk|tw|mo|ltd|wang|icu|ly|gl|tv|io"
"""Ends of addresses that no sentence begins with: a dot and a space before one of these is a dot in disguise."""
_CHINESE_ENDS = "中国|中國|公司|网络|網絡|网址|集团|商城|在线|政务|公益|香港|台湾|手机|网店|商店|移动|中文网|我爱你"
_GAP = r"[^\S\n]{0,3}"
_SPREAD_DOT = re.compile(
    rf"{_GAP}(?:[\[({{【<]{_GAP}(?:\.|dot|DOT|点|點){_GAP}[\])}}】>]|(?<=\s)(?:dot|DOT)(?=\s)|[.点點]){_GAP}"
    rf"(?=(?:{_WELL_KNOWN}|{_WELL_KNOWN.upper()})(?![A-Za-z0-9]))"
)
_SPREAD_AT = re.compile(rf"{_GAP}[\[({{【<]{_GAP}(?:@|at|AT){_GAP}[\])}}】>]{_GAP}|(?<=\w){_GAP}@{_GAP}(?=\w)")
_CORE = re.compile(
    rf"""
        (?<![A-Za-z0-9+.\-])[A-Za-z0-9+.\-]+:/{{1,3}}[^\s，。；、！？]  # any scheme
      | \bwww\.\w
      | \w@\w                                                       # a mail address, or a name of some network
      | (?<![\d.])\d{{1,3}}(?:\.\d{{1,3}}){{3}}(?![\d.])              # a bare address of the network
      | (?<![\w\-])[\w\-]+\.(?:[A-Za-z]{{2,24}}(?![A-Za-z])|xn--[a-z0-9\-]+|(?:{_CHINESE_ENDS}))
    """,
    re.VERBOSE,
)
"""What every address has; the rest around it is what may stand in one."""
_BEFORE, _AFTER = re.compile(r"[A-Za-z0-9@:/._~%?#=&+\-]*$"), re.compile(r"[A-Za-z0-9@:/._~%?#=&+!$*,;\\\-]*")
_LONGEST = 120
_DATES = re.compile(
    r"(?<![\d-])(?:19|20)\d\d(?P<mark>[-./])\d{1,2}(?P=mark)\d{1,2}(?:[ T]+\d{1,2}:\d\d(?::\d\d)?)?(?![\d-])"
)
_AMOUNTS = re.compile(r"(?<![\d.])\d{1,3}(?:\d{0,5}|(?:,\d{3})+)\.\d\d(?![\d.])")
_PHONE = re.compile(r"\+?\(?\d(?:[\s()./·~_–—-]{0,3}\d){6,}")


def first_stranger(text: str, *, addresses: Iterable[str] = (), numbers: Iterable[str] = ()) -> str:
    """The first part of `text` that leads elsewhere, as it reads once unfolded; empty where nothing does.

    `addresses`: whole addresses of the court's own; what stands below one may be named. `numbers`: texts that hold the phone
    numbers which may be named.
    """
    plain = _unfolded(text)
    own = tuple(address.lower().rstrip("/") for address in addresses if address)
    for reading in dict.fromkeys((plain, _joined(plain))):
        if link := next((link for link in _links_in(reading) if not _is_below(link, own)), ""):
            return link
    return _phone_in(plain, numbers)


def _unfolded(text: str) -> str:
    """In plain letters and digits, without what nobody sees, with one dot for all dots."""
    seen = "".join(
        c for c in unicodedata.normalize("NFKC", text) if unicodedata.category(c) not in ("Cf", "Cc") or c in "\n\t"
    )
    dots = re.sub(r"(?<=[A-Za-z0-9])[。．｡․·•](?=[A-Za-z0-9])", ".", seen)
    digits = "".join(str(unicodedata.decimal(c)) if c.isdecimal() else c for c in dots)
    return digits.replace("／", "/").replace("∕", "/").replace("⁄", "/")


def _joined(text: str) -> str:
    """Letters that stand one by one, and dots that are spelled, put together."""
    together = _SPELLED.sub(lambda found: re.sub(r"\s", "", found.group()), text)
    return _SPREAD_AT.sub("@", _SPREAD_DOT.sub(".", together))


def _links_in(text: str) -> Iterator[str]:
    end = 0
    for found in _CORE.finditer(text):
        if found.end() <= end:
            continue  # a part of the one before
        before = _BEFORE.search(text[max(end, found.start() - _LONGEST) : found.start()])
        after = _AFTER.match(text, found.end())
        start, end = found.start() - len(before.group() if before else ""), after.end() if after else found.end()
        yield text[start:end].strip(".,;:!?-")


def _is_below(link: str, own: tuple[str, ...]) -> bool:
    """Whether a link is one of the court's own addresses, with or without https:// before it, or leads below it."""
    said = link.lower()
    if "@" in said:
        return False
    for address in own:
        for spelled in (address, address.split("://", 1)[-1]):
            if said.startswith(spelled) and said[len(spelled) :][:1] in ("", "/", "?", "#"):
                return True
    return False


def _phone_in(text: str, numbers: Iterable[str]) -> str:
    digits = _NUMERAL_RUN.sub(lambda found: found.group().translate(_NUMERALS), text)
    rest = _AMOUNTS.sub("\n", _DATES.sub("\n", digits))
    for own in {re.sub(r"\D", "", found.group()) for one in numbers for found in _PHONE.finditer(_unfolded(one))}:
        spelled = r"[\s()./·–—-]{0,3}".join(own)
        rest = re.sub(rf"(?<!\d)(?:{spelled}|\+86[\s-]?{spelled.removeprefix('0')})(?!\d)", "\n", rest)
    found = _PHONE.search(rest.replace("\n", "\x00"))
    return found.group().strip() if found else ""
