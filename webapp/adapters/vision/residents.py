"""What the printed lines of a resident's card say: the person on the front, authority and validity on the back.

A number counts only with its own check digit right (GB 11643, ISO 7064 MOD 11-2), a name only behind its label.
"""

from __future__ import annotations

import re
from datetime import date
from typing import NamedTuple

from stdnum.iso7064 import mod_11_2

from webapp.adapters.vision.text import Line

SURE_NAME, SURE_NUMBER = 0.85, 0.95
WIDEST_GAP, WITHIN = 3.0, 0.8  # heights of a line: between a label and its value, between pieces of one text
MOST_PIECES = 7
LONG_TERM = "9999-12-31"  # 长期: such a card doesn't expire
_NUMBER = re.compile(r"(?<![0-9])[1-9][0-9]{16}[0-9Xx](?![0-9Xx])")
_NAME = re.compile(r".*姓名[::]?([\u3400-\u9fff\U00020000-\U0003ffff·]{2,20})$")
_LABELS = re.compile(r"号码|性别|民族|出生|住址|地址|单位|电话|证件|银行|签名|日期")
"""What stands behind 姓名 on a form that lies below the card: no name."""
_LATIN_NAME = re.compile(r"姓名 ?[::]? ?([A-Z][A-Z '’.,-]{1,78}[A-Z])")
_SEX = re.compile(r"性别[::]?([男女])")
_BORN = re.compile(r"出生[::]?([12][0-9]{3})年([0-9]{1,2})月([0-9]{1,2})")
_HOME = re.compile(r"住址[::]?.*|址")  # 地址 of a form, its 地 cut off, is somebody else's
_LABEL = re.compile(r"^住?址[::]?")
_AUTHORITY = re.compile(r"签发机关[::]?([\u4e00-\u9fff]{4,24})$")
SEXES = {"男": "M", "女": "F"}
SHORTEST_ADDRESS = 6
LABEL_WIDTH, NEXT_LINE, FULL_LINE = (
    4.0,
    (0.5, 2.2),
    0.85,
)  # heights: of 住址 with its gap, between lines; of the widest line
NATIONS = frozenset((
    "汉", "蒙古", "回", "藏", "维吾尔", "苗", "彝", "壮", "布依", "朝鲜", "满", "侗", "瑶", "白",
    "土家", "哈尼", "哈萨克", "傣", "黎", "傈僳", "佤", "畲", "高山", "拉祜", "水", "东乡", "纳西", "景颇",
    "柯尔克孜", "土", "达斡尔", "仫佬", "羌", "布朗", "撒拉", "毛南", "仡佬", "锡伯", "阿昌", "普米", "塔吉克", "怒",
    "乌孜别克", "俄罗斯", "鄂温克", "德昂", "保安", "裕固", "京", "塔塔尔", "独龙", "鄂伦春", "赫哲", "门巴", "珞巴", "基诺",
))  # fmt: skip
"""GB/T 3304."""
_NATION = re.compile(rf"民族[::]?({'|'.join(sorted(NATIONS, key=len, reverse=True))})")
_PERMIT = re.compile(r"[HM]A?[0-9]{8}(?:[0-9]{2})?|[0-9]{8}(?:[0-9]{2})?")  # re-issue digits may follow
_DAY = r"([12][0-9]{3})[.,·]?([01][0-9])[.,·]?([0-3][0-9])"
_SPAN = re.compile(rf"{_DAY}[-—–~至一]+(?:{_DAY}|(长期))")


class Read(NamedTuple):
    """One field: its value, and the least confidence of the lines that it stands on (0 … 1)."""

    value: str
    confidence: float


Fields = dict[str, Read]


def front_fields(lines: list[Line]) -> Fields:
    """`name`, `number`, `sex` (M or F), `nation` (民族), `birth_date` and `address`, each if surely read.

    The number's check digit vouches for the birth date and the sex it holds: what is printed otherwise is left out.
    """
    rows = _row_texts(lines)
    fields = _details([text for text in rows if text[1] >= SURE_NAME])
    for text, confidence in rows:
        number = _NUMBER.search(text)
        if number and mod_11_2.is_valid(number.group().upper()):
            fields.setdefault("number", Read(number.group().upper(), confidence))
    if name := _name(rows):
        fields["name"] = name
    if address := _address(lines):
        fields["address"] = address
    return _vouched(fields)


def _details(rows: list[tuple[str, float]]) -> Fields:
    fields: Fields = {}
    for text, confidence in rows:
        for name, found in (("sex", _SEX.search(text)), ("nation", _NATION.search(text))):
            if found:
                fields.setdefault(name, Read(SEXES.get(found.group(1), found.group(1)), confidence))
        born = _BORN.search(text)
        if born and (day := _day(born.groups())):
            fields.setdefault("birth_date", Read(day.isoformat(), confidence))
    return fields


def _name(rows: list[tuple[str, float]]) -> Read | None:
    """What stands behind 姓名; None where two names do, for one of them is on a paper below the card."""
    names: Fields = {}
    for text, confidence in rows:
        found = _NAME.fullmatch(text)
        if found is None or confidence < SURE_NAME or _LABELS.search(found.group(1)):
            continue
        name = found.group(1).strip("·")
        if not any(name.startswith(known) for known in names):  # the same with what stands farther to the right
            names[name] = Read(name, confidence)
    return next(iter(names.values())) if len(names) == 1 else None


def _vouched(fields: Fields) -> Fields:
    """Without the fields that the number says otherwise; with those that only the number says."""
    if "number" not in fields:
        return fields
    number, confidence = fields["number"]
    known = {
        "birth_date": f"{number[6:10]}-{number[10:12]}-{number[12:14]}",
        "sex": "M" if int(number[16]) % 2 else "F",
    }
    for name, value in known.items():
        if name in fields and fields[name].value != value:
            del fields[name]
        else:
            fields.setdefault(name, Read(value, confidence))
    return fields


def _address(lines: list[Line]) -> Read | None:
    """What stands behind 住址 and below it, as far as the lines begin at the same place and follow each other closely.

    None where two lines are labelled so, and where the last line is a full one and ends in a digit: a 室 alone on the next line is easily missed.
    """
    labelled = [line for line in lines if _HOME.fullmatch(_plain(line))]
    if len(labelled) != 1:
        return None
    first = labelled[0]
    value, start, slack = _LABEL.sub("", _plain(first)), _start(first), LABEL_WIDTH * first.box.height
    parts = [Line(value, first.confidence, first.box)] if value else []
    if not value:
        beside = [line for line in lines if line is not first and _beside(first, line) and _start(line) > start]
        if not beside:
            return None
        parts = [min(beside, key=_start)]
        start, slack = _start(parts[0]), 0.0
    for line in sorted(lines, key=lambda one: one.box.centre[1]):
        height = parts[-1].box.height
        close = NEXT_LINE[0] * height < _down(parts[-1], line) < NEXT_LINE[1] * height
        if close and -height < _start(line) - start < slack + height:
            if _NUMBER.search(_plain(line)) or "号码" in _plain(line):
                break
            parts.append(line)
    text = "".join(_plain(part) for part in parts)
    least, longest = _least(parts), max(len(_plain(part)) for part in parts)
    cut = text[-1:].isdigit() and len(_plain(parts[-1])) >= longest
    return Read(text, least) if least >= SURE_NAME and len(text) >= SHORTEST_ADDRESS and not cut else None


def _plain(line: Line) -> str:
    return "".join(line.text.replace("|", "").split())  # the rim of a letter, or of the card


def _start(line: Line) -> float:
    """Where the line begins, in pixels along itself."""
    return float(line.box.centre[0] * line.box.along[0] + line.box.centre[1] * line.box.along[1] - line.box.width / 2)


def _down(one: Line, other: Line) -> float:
    """How far below the one the other lies, in pixels across the lines."""
    gap = (other.box.centre[0] - one.box.centre[0], other.box.centre[1] - one.box.centre[1])
    return float(gap[0] * one.box.across[0] + gap[1] * one.box.across[1])


def permit_fields(lines: list[Line]) -> Fields:
    """`number` of a travel permit and a name in Latin letters, each if surely read; such a number has no check digit."""
    fields: Fields = {}
    for text, confidence in _row_texts(lines, between=" "):
        number = _PERMIT.fullmatch(text.replace(" ", "").removeprefix("证件号码"))
        if number and confidence >= SURE_NUMBER:
            fields.setdefault("number", Read(number.group(), confidence))
        name = _LATIN_NAME.fullmatch(text)
        if name and confidence >= SURE_NAME:
            fields.setdefault("name", Read(" ".join(name.group(1).split()), confidence))
    return fields


def back_fields(lines: list[Line]) -> Fields:
    """`authority` if surely read; `expiry_date`, ISO, if the span of validity is read whole and makes sense."""
    fields: Fields = {}
    for text, confidence in _row_texts(lines):
        authority = _AUTHORITY.search(text)
        if authority and confidence >= SURE_NAME:
            fields.setdefault("authority", Read(authority.group(1), confidence))
        span = _SPAN.search(text)
        if span and "expiry_date" not in fields and (end := _end(span)):
            fields["expiry_date"] = Read(end, confidence)
    return fields


def _end(span: re.Match[str]) -> str:
    start = _day(span.groups()[:3])
    if span.group(7):
        return LONG_TERM if start else ""
    end = _day(span.groups()[3:6])
    return end.isoformat() if end and (start or end) < end else ""


def _row_texts(lines: list[Line], *, between: str = "") -> list[tuple[str, float]]:
    """What stands beside each other, from each piece on: alone, with the next one, and so on, with its least confidence.

    So a label and its value are one text whatever lies behind the card at the same height. Spaces become `between`.
    """
    following = {id(line): _right_of(line, lines) for line in lines}
    texts = []
    for first in sorted(lines, key=lambda line: line.box.centre[1]):
        row = [first]
        while len(row) < MOST_PIECES:
            while (near := following[id(row[-1])]) is not None and _gap(row[-1], near) < WITHIN * near.box.height:
                row.append(near)
            texts.append((between.join(word for one in row for word in one.text.split()), _least(row)))
            if near is None:
                break
            row.append(near)
    return texts


def _right_of(line: Line, lines: list[Line]) -> Line | None:
    """The nearest line to the right on the line's own slope, about as high as it; none beyond a wide gap."""
    beside = [
        other
        for other in lines
        if other is not line
        and 0.55 < other.box.height / line.box.height < 1.8
        and other.box.centre[0] > line.box.centre[0]
        and -WITHIN < _gap(line, other) / line.box.height < WIDEST_GAP
        and _beside(line, other)
    ]
    return min(beside, key=lambda other: _gap(line, other), default=None)


def _gap(left: Line, right: Line) -> float:
    return right.box.centre[0] - left.box.centre[0] - (left.box.width + right.box.width) / 2


def _least(part: list[Line]) -> float:
    return min(one.confidence for one in part)


def _beside(one: Line, other: Line) -> bool:
    """Whether the other's centre lies on the one's line, along its own slope."""
    gap_x, gap_y = other.box.centre[0] - one.box.centre[0], other.box.centre[1] - one.box.centre[1]
    offset = abs(gap_x * float(one.box.across[0]) + gap_y * float(one.box.across[1]))
    return offset < 0.4 * max(one.box.height, other.box.height)


def _day(parts: tuple[str | None, ...]) -> date | None:
    try:
        return date(*(int(part or 0) for part in parts))
    except ValueError:
        return None
