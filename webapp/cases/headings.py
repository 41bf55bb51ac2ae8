"""Which column of a register is which: by its heading, as courts write them, or as a clerk has said."""

from __future__ import annotations

import itertools
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

NEEDED = ("name", "number", "amount")
FIELDS = ("name", "type", "number", "amount", "phone")
LOOKED_AT = 15  # rows from the top, among which the headings must be: a title and a date often stand above them
SPELLINGS: Mapping[str, frozenset[str]] = {
    "name": frozenset({
        "姓名", "领款人", "领款人姓名", "当事人", "当事人姓名", "申请执行人", "申请执行人姓名", "申请人", "申请人姓名", "债权人", "债权人姓名",
        "集资参与人", "集资参与人姓名", "投资人", "投资人姓名", "被害人", "被害人姓名", "受害人", "受害人姓名", "收款人", "收款人姓名", "权利人",
        "权利人姓名", "户名", "真实姓名", "名字", "姓名/名称", "姓名或名称", "name", "fullname", "payee", "payeename", "姓名(name)",
    }),
    "type": frozenset({"证件类型", "证件种类", "证件名称", "证件类别", "身份证件类型", "type", "documenttype", "idtype", "doctype"}),
    "number": frozenset({
        "证件号码", "身份证号", "身份证号码", "证件号", "身份证", "身份证件号码", "身份证件号", "公民身份号码", "公民身份证号码", "居民身份证号码",
        "居民身份证号", "身份号码", "有效证件号码", "证件编号", "护照号码", "统一社会信用代码/身份证号", "身份证号码/统一社会信用代码",
        "number", "idnumber", "idno", "idcard", "idcardno", "documentnumber", "identitynumber", "id",
    }),
    "amount": frozenset({
        "金额", "应发金额", "应发", "发放金额", "金额(元)", "发放金额(元)", "应发金额(元)", "应受偿金额", "受偿金额", "应受偿金额(元)", "分配金额",
        "分配金额(元)", "执行款金额", "执行款", "案款金额", "案款", "应退金额", "应退还金额", "返还金额", "退赔金额", "应退赔金额", "清退金额",
        "债权金额", "应付金额", "实发金额", "本次发放金额", "本次分配金额", "应领金额", "金额人民币", "金额(人民币)", "amount", "sum", "amountcny",
        "amount(yuan)", "amount(cny)",
    }),
    "phone": frozenset({
        "手机", "手机号", "手机号码", "联系电话", "电话", "电话号码", "联系方式", "移动电话", "联系手机", "预留手机号", "phone", "mobile", "tel",
        "phonenumber", "telephone", "mobilephone", "cellphone",
    }),
}  # fmt: skip
_NUMBER = re.compile(r"(?!(?:19|20)\d{6}$)(?=(?:.*\d){5})[A-Za-z]{0,3}\d[A-Za-z0-9()]{4,18}|\d(?:\.\d+)?[eE]\+1[0-9]")
"""A document number as registers hold it, also one that a spreadsheet has turned into a float."""
_PARTS: Mapping[str, tuple[str, ...]] = {
    "type": ("证件类", "证件种", "type"),
    "number": ("身份证", "证件号", "身份号", "护照", "idn", "idcard"),
    "phone": ("手机", "电话", "phone", "mobile"),
    "amount": ("金额", "款额", "amount", "（元）", "(元)"),
    "name": ("姓名", "名称", "人名", "name"),
}


@dataclass(frozen=True, slots=True)
class Head:
    """Where a file's headings stand (its row, from 0), and what is known of them.

    `columns` gives the place of each field. `sure`: every needed one was found by a known spelling or by what a clerk
    has said before, and none twice.
    """

    row: int
    headings: tuple[str, ...]
    columns: Mapping[str, int] = field(default_factory=dict)
    sure: bool = False


def plain(heading: str) -> str:
    """A heading without what makes no difference: width, case, spaces, a star that marks it as needed."""
    return re.sub(r"[\s_*:：]", "", unicodedata.normalize("NFKC", heading)).lower()


def find_head(rows: Sequence[Sequence[str]], remembered: Mapping[str, str]) -> Head | None:
    """The likeliest row of headings among the first rows, or None in a file that begins with people.

    `remembered` gives the field of a plain heading, or "" for one that means nothing.
    """
    above = itertools.takewhile(lambda pair: not _names_somebody(pair[1]), enumerate(rows[:LOOKED_AT]))
    heads = [_head(place, row, remembered) for place, row in above if any(c.strip() for c in row)]
    known = [head for head in heads if head.columns]
    return max(known, key=lambda head: (len(head.columns), -head.row), default=heads[0] if heads else None)


def _head(place: int, row: Sequence[str], remembered: Mapping[str, str]) -> Head:
    headings = tuple(cell.strip()[:80] for cell in row)
    said = [_by_spelling(plain(heading), remembered) for heading in headings]
    columns = {name: said.index(name) for name in FIELDS if name in said}
    doubled = any(said.count(name) > 1 for name in FIELDS)
    sure = all(name in columns for name in NEEDED) and not doubled
    if not sure:
        for at, heading in enumerate(headings):
            guess = _by_part(plain(heading)) if said[at] is None else None
            if guess and guess not in columns:
                columns[guess] = at
    return Head(place, headings, columns, sure)


def _names_somebody(cells: Sequence[str]) -> bool:
    """True for a row with a document number among its cells: a person, whom nobody may take for headings, nor anything below.

    A line above the headings that only says when and by whom the list was made has fewer cells, or a day.
    """
    said = [re.sub(r"[\s-]", "", unicodedata.normalize("NFKC", cell)) for cell in cells if cell.strip()]
    return len(said) >= len(NEEDED) and any(map(_NUMBER.fullmatch, said))


def _by_spelling(heading: str, remembered: Mapping[str, str]) -> str | None:
    if heading in remembered:
        return remembered[heading]
    return next((name for name, spellings in SPELLINGS.items() if heading in spellings), None)


def _by_part(heading: str) -> str | None:
    return next((name for name, parts in _PARTS.items() if any(part in heading for part in parts)), None)
