"""One row of a register: a person with a number and an amount, or everything that is wrong with it.

A register may have a million rows, so what most rows are (a Chinese name, a sound resident ID, plain yuan) is known by
tables and two patterns; anything else goes through the full rules.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from webapp.accounts.rules import check_phone
from webapp.cases.rules import MOST_FEN, parse_amount
from webapp.core.workbooks import Cell
from webapp.identity.rules.documents import DocumentType, check_number, guess_types, normalise
from webapp.identity.rules.names import check_name

TYPES = {
    "居民身份证": DocumentType.RESIDENT_ID, "身份证": DocumentType.RESIDENT_ID, "二代身份证": DocumentType.RESIDENT_ID,
    "中华人民共和国居民身份证": DocumentType.RESIDENT_ID, "公民身份证": DocumentType.RESIDENT_ID,
    "港澳居民来往内地通行证": DocumentType.HK_MACAO_PERMIT, "回乡证": DocumentType.HK_MACAO_PERMIT, "港澳通行证": DocumentType.HK_MACAO_PERMIT,
    "港澳居民通行证": DocumentType.HK_MACAO_PERMIT,
    "台湾居民来往大陆通行证": DocumentType.TAIWAN_PERMIT, "台湾居民来往内地通行证": DocumentType.TAIWAN_PERMIT, "台胞证": DocumentType.TAIWAN_PERMIT,
    "外国人永久居留身份证": DocumentType.FOREIGN_PERMANENT_RESIDENT, "外国人永久居留证": DocumentType.FOREIGN_PERMANENT_RESIDENT,
    "华侨护照": DocumentType.OVERSEAS_CHINESE_PASSPORT, "中国护照": DocumentType.OVERSEAS_CHINESE_PASSPORT,
    "护照": DocumentType.PASSPORT, "普通护照": DocumentType.PASSPORT, "外国护照": DocumentType.PASSPORT,
    "港澳台居民居住证": DocumentType.RESIDENCE_PERMIT, **{kind.value: kind for kind in DocumentType},
}  # fmt: skip
DOUBLED = "row:doubled"
"""Of a row that says wholly the same as an earlier one, whose number is the hint: no fault, but somebody must look at it."""
REASONS = {
    "number:rounded": "a spreadsheet has rounded this number: its last digits are lost; save the column as text",
    "number:unknown_type": "unknown document type",
    "number:merged": "this entry was merged into another one: undo the merge first",
    DOUBLED: "wholly the same as an earlier row: leave it out, or say that both are meant",
    "name:other": "this number stands in an earlier row with another name",
    "amount:bad": "not an amount of yuan with at most two decimals",
    "amount:moved": "less than what was transferred from this person to others already",
    "rows:none": "the file holds no people",
    "rows:rounded": "too many numbers end with 000: a spreadsheet has rounded them; save the column as text",
    "headings:missing": "no column for name, number or amount among the headings",
    "headings:unsure": "which column is which isn't certain",
    "file:encoding": "the file is neither UTF-8 nor GB18030 text",
    "file:old_excel": "an old .xls file: save it as .xlsx",
    "file:broken_csv": "the text breaks off or isn't a table",
    "file:quote": "a quote isn't closed, or stands alone: it would swallow the rows that follow",
    "file:line_break": "a cell of this row spans lines: a stray quote would swallow the rows that follow",
    "file:sheets": "several sheets hold rows: keep one",
    "file:huge_xlsx": "the workbook unpacks to too much, or a cell stands far from the others; save it as CSV",
    "file:broken_xlsx": "the workbook can't be opened",
}
_TOTALS = frozenset({"合计", "总计", "小计", "共计", "总合计", "total", "sum"})
_SOUND_NAME = re.compile("[\u4e00-\u9fff]{2,4}")
_PLAIN_AMOUNT = re.compile(r"([0-9]{1,11})(?:\.([0-9]{1,2}))?")
_MOBILE = re.compile(r"1[3-9][0-9]{9}")
_ROUNDED = re.compile(r"[0-9.]+E\+?[0-9]+", re.IGNORECASE)
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECK = "10X98765432"
_LARGEST_WHOLE = 10**15  # a spreadsheet keeps 15 digits


@dataclass(frozen=True, slots=True)
class RowFault:
    """What is wrong in one row. `row_number` counts as a spreadsheet does; `code` is `field:what`."""

    row_number: int
    column: str
    code: str
    value_hint: str = ""

    @property
    def reason(self) -> str:
        """The fault in English, for the command line."""
        said = REASONS.get(self.code) or f"not a {self.column}: {self.code.split(':')[1]}"
        return f"{said} ({self.value_hint})" if self.code == "number:unknown_type" else said


class RegisterRow(NamedTuple):
    """One person of a register. `other_type` is a second reading of a number that came without its type; `phone` is E.164."""

    row_number: int
    name: str
    number: str
    document_type: str
    other_type: str | None
    amount: int
    phone: str | None


class _Sums(dict[str, int]):
    """Weighted digit sums of a part of resident IDs (ISO 7064 MOD 11-2), each computed once; -1 for a part that isn't sound."""

    def __init__(self, start: int, sound: Callable[[str], bool]) -> None:
        super().__init__()
        self._start, self._sound = start, sound

    def __missing__(self, part: str) -> int:
        total = -1
        if part.isascii() and part.isdigit() and self._sound(part):
            total = sum(int(digit) * _WEIGHTS[self._start + place] for place, digit in enumerate(part))
        self[part] = total
        return total


class RowReader:
    """Reads rows by where their columns are. `bad_phones` counts phone numbers that nobody can call."""

    def __init__(self, columns: Mapping[str, int], *, today: date, test_phones: bool = False) -> None:
        self._today, self._test_phones = today, test_phones
        self._name, self._number, self._amount = columns["name"], columns["number"], columns["amount"]
        self._type, self._phone = columns.get("type", -1), columns.get("phone", -1)
        self._width = max(columns.values())
        self._regions = _Sums(0, lambda part: self._sound(f"{part}19850101001"))
        self._dates = _Sums(6, lambda part: self._sound(f"440301{part}001"))
        self._serials = _Sums(14, lambda _: True)
        self.bad_phones = self.end_with_zeros = 0

    def _sound(self, seventeen: str) -> bool:
        total = sum(int(digit) * weight for digit, weight in zip(seventeen, _WEIGHTS, strict=True))
        number = seventeen + _CHECK[total % 11]
        return check_number(DocumentType.RESIDENT_ID, number, today=self._today).fault is None

    def read(self, place: int, cells: Sequence[Cell]) -> RegisterRow | list[RowFault] | None:
        """The person of a row, its faults, or None for a row that is empty or adds the others up."""
        if len(cells) <= self._width:
            cells = [*cells, *[""] * (self._width + 1 - len(cells))]
        name, number, amount = cells[self._name], cells[self._number], cells[self._amount]
        kind = str(cells[self._type]).strip() if self._type >= 0 else ""
        if type(name) is str and type(number) is str and _SOUND_NAME.fullmatch(name) and self._resident(number):
            fen = self._fen(amount)
            if fen is not None and TYPES.get(kind, kind) in ("", DocumentType.RESIDENT_ID):
                if number.endswith("000"):
                    self.end_with_zeros += 1
                phone = self._mobile(cells[self._phone]) if self._phone >= 0 else None
                return RegisterRow(place, name, number, "resident_id", None, fen, phone)
        return self._carefully(place, cells, kind)

    def _resident(self, number: str) -> bool:
        """True for a sound resident ID of 18 characters, as it should be written."""
        if len(number) != 18:
            return False
        region, born, serial = self._regions[number[:6]], self._dates[number[6:14]], self._serials[number[14:17]]
        if region < 0 or born < 0 or serial < 0:
            return False
        return _CHECK[(region + born + serial) % 11] == number[17]

    def _carefully(self, place: int, cells: Sequence[Cell], kind: str) -> RegisterRow | list[RowFault] | None:
        name, number = _text(cells[self._name]), _text(cells[self._number])
        if not number and (not any(_text(c) for c in cells) or any(_is_total(c) for c in cells)):
            return None
        faults = []
        checked = check_name(name)
        if checked.fault:
            faults.append(RowFault(place, "name", f"name:{checked.fault.value}"))
        fen = self._fen(cells[self._amount])
        if fen is None:
            faults.append(RowFault(place, "amount", "amount:bad", _text(cells[self._amount])[:20]))
        types = () if _is_rounded(cells[self._number]) else self._types(kind, number)
        if not types:
            faults.append(RowFault(place, "number", *self._number_fault(kind, cells[self._number])))
        if faults or fen is None:
            return faults
        clean = check_number(types[0], number, today=self._today).value
        other = next((k.value for k in types[1:] if k is not types[0]), None)
        phone = self._mobile(cells[self._phone]) if self._phone >= 0 else None
        return RegisterRow(place, checked.value, clean, types[0].value, other, fen, phone)

    def _types(self, kind: str, number: str) -> tuple[DocumentType, ...]:
        """The type of the row if it says one and the number fits it; else every type that the number fits."""
        if not kind:
            return guess_types(number, today=self._today)
        said = _said(kind)
        fits = said is not None and check_number(said, number, today=self._today).fault is None
        return (said,) if said is not None and fits else ()

    def _number_fault(self, kind: str, cell: Cell) -> tuple[str, str]:
        number = normalise(_text(cell))
        hint = f"…{number[-4:]}" if number else ""
        if _is_rounded(cell) or re.fullmatch(r"[0-9]{15}000", number):
            return "number:rounded", hint
        if kind and _said(kind) is None:
            return "number:unknown_type", kind[:20]
        fault = check_number(_said(kind) or DocumentType.RESIDENT_ID, number, today=self._today).fault
        return f"number:{fault.value if fault else 'bad_form'}", hint

    def _fen(self, cell: Cell) -> int | None:
        if isinstance(cell, float):
            if not math.isfinite(cell):
                return None
            fen = round(cell * 100)
            return fen if abs(cell * 100 - fen) < 1e-4 and 0 <= fen < MOST_FEN else None
        text = str(cell)
        if plain := _PLAIN_AMOUNT.fullmatch(text):
            yuan, cents = plain.groups()
            fen = int(yuan) * 100 + (int(cents) * (10 if len(cents) == 1 else 1) if cents else 0)
            return fen if fen < MOST_FEN else None
        return parse_amount(text)

    def _mobile(self, cell: Cell) -> str | None:
        text = _text(cell)
        if _MOBILE.fullmatch(text):
            return f"+86{text}"
        phone = check_phone(text, allow_test_numbers=self._test_phones).value if text else ""
        self.bad_phones += bool(text) and not phone
        return phone or None


def _text(cell: Cell) -> str:
    return str(int(cell)) if isinstance(cell, float) and cell.is_integer() else str(cell).strip()


def _said(kind: str) -> DocumentType | None:
    return TYPES.get(re.sub(r"\s", "", unicodedata.normalize("NFKC", kind)))


def _is_total(cell: Cell) -> bool:
    return re.sub(r"[\s:：]", "", str(cell)).lower() in _TOTALS


def _is_rounded(cell: Cell) -> bool:
    """True for a number that a spreadsheet keeps as a number though it has more digits than that can hold."""
    if isinstance(cell, str):
        return _ROUNDED.fullmatch(cell.strip()) is not None
    return cell >= _LARGEST_WHOLE
