"""Reading a register: a CSV as courts have them, row by row, each fault with its row and its reason."""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from webapp.cases.rules import parse_amount
from webapp.identity.rules.documents import DocumentType, check_number, guess_types, normalise
from webapp.identity.rules.names import check_name

HEADINGS = {
    "name": {"姓名", "领款人", "领款人姓名", "当事人", "当事人姓名", "name"},
    "number": {"证件号码", "身份证号", "身份证号码", "证件号", "number", "idnumber"},
    "type": {"证件类型", "证件种类", "type", "documenttype"},
    "amount": {"金额", "应发金额", "应发", "发放金额", "金额（元）", "金额(元)", "amount"},
}
TYPES = {
    "居民身份证": DocumentType.RESIDENT_ID, "身份证": DocumentType.RESIDENT_ID,
    "港澳居民来往内地通行证": DocumentType.HK_MACAO_PERMIT, "回乡证": DocumentType.HK_MACAO_PERMIT,
    "台湾居民来往大陆通行证": DocumentType.TAIWAN_PERMIT, "台湾居民来往内地通行证": DocumentType.TAIWAN_PERMIT, "台胞证": DocumentType.TAIWAN_PERMIT,
    "外国人永久居留身份证": DocumentType.FOREIGN_PERMANENT_RESIDENT, "华侨护照": DocumentType.OVERSEAS_CHINESE_PASSPORT,
    "中国护照": DocumentType.OVERSEAS_CHINESE_PASSPORT, "护照": DocumentType.PASSPORT, "普通护照": DocumentType.PASSPORT,
    "港澳台居民居住证": DocumentType.RESIDENCE_PERMIT, **{kind.value: kind for kind in DocumentType},
}  # fmt: skip
_ROUNDED = re.compile(r"[0-9.]+E\+?[0-9]+", re.IGNORECASE)


class UnreadableRegister(Exception):
    """The file as a whole can't be a register; the message says why."""


@dataclass(frozen=True, slots=True)
class RowFault:
    """What is wrong in one row. `row_number` counts as a spreadsheet does (the headings are row 1)."""

    row_number: int
    column: str
    reason: str
    value_hint: str = ""


@dataclass(frozen=True, slots=True)
class RegisterRow:
    """One person of a register. `other_type` is a second reading of a number that came without its type."""

    row_number: int
    name: str
    number: str
    document_type: DocumentType
    other_type: DocumentType | None
    amount: int


def read_register(data: bytes, *, today: date) -> Iterator[RegisterRow | RowFault]:
    """Rows and faults in the file's order. Raises UnreadableRegister for a file without the needed headings."""
    reader = csv.reader(io.StringIO(_decoded(data)), delimiter=_delimiter(data))
    columns = _columns(next(reader, []))
    for place, cells in enumerate(reader, start=2):
        if any(cell.strip() for cell in cells):
            yield from _row(place, cells, columns, today)


def _decoded(data: bytes) -> str:
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise UnreadableRegister("the file is neither UTF-8 nor GB18030 text")


def _delimiter(data: bytes) -> str:
    first = data.splitlines()[0] if data.strip() else b""
    return max(",;\t", key=lambda mark: first.count(mark.encode()))


def _columns(headings: Sequence[str]) -> dict[str, int]:
    plain = [re.sub(r"[\s_]", "", unicodedata.normalize("NFKC", heading)).lower() for heading in headings]
    wanted = {key: {unicodedata.normalize("NFKC", name).lower() for name in names} for key, names in HEADINGS.items()}
    found = {key: plain.index(heading) for key, names in wanted.items() for heading in plain if heading in names}
    missing = [key for key in ("name", "number", "amount") if key not in found]
    if missing:
        raise UnreadableRegister(
            f"no column for {', '.join(missing)} among the headings {', '.join(headings) or '(none)'}"
        )
    return found


def _row(place: int, cells: Sequence[str], columns: dict[str, int], today: date) -> Iterator[RegisterRow | RowFault]:
    given = {key: cells[at].strip() if at < len(cells) else "" for key, at in columns.items()}
    faults = [
        RowFault(place, *fault) for fault in (_name_fault(given["name"]), _amount_fault(given["amount"])) if fault
    ]
    types = _types(given, today)
    if types:
        number = check_number(types[0], given["number"], today=today).value
        if not faults:
            amount = parse_amount(given["amount"]) or 0
            other = next((kind for kind in types[1:] if kind is not types[0]), None)
            yield RegisterRow(place, check_name(given["name"]).value, number, types[0], other, amount)
    else:
        faults.append(RowFault(place, "number", *_number_reason(given, today)))
    yield from faults


def _name_fault(name: str) -> tuple[str, str] | None:
    fault = check_name(name).fault
    return ("name", f"not a name: {fault}") if fault else None


def _amount_fault(amount: str) -> tuple[str, str, str] | None:
    return (
        None
        if parse_amount(amount) is not None
        else ("amount", "not an amount of yuan with at most two decimals", amount[:20])
    )


def _types(given: dict[str, str], today: date) -> tuple[DocumentType, ...]:
    """The type of the row if it says one and the number fits it; else every type that the number fits."""
    said = TYPES.get(unicodedata.normalize("NFKC", given.get("type", "")).strip())
    if given.get("type") and said is None:
        return ()
    if said is None:
        return guess_types(given["number"], today=today)
    return (said,) if check_number(said, given["number"], today=today).fault is None else ()


def _number_reason(given: dict[str, str], today: date) -> tuple[str, str]:
    number = normalise(given["number"])
    hint = f"…{number[-4:]}" if number else "empty"
    if _ROUNDED.fullmatch(given["number"].strip()) or re.fullmatch(r"[0-9]{15}000", number):
        return "a spreadsheet has rounded this number: its last digits are lost; save the column as text", hint
    if given.get("type") and TYPES.get(unicodedata.normalize("NFKC", given["type"]).strip()) is None:
        return f"unknown document type {given['type'][:20]}", hint
    said = TYPES.get(unicodedata.normalize("NFKC", given.get("type", "")).strip(), DocumentType.RESIDENT_ID)
    return f"not a number of {said.value}: {check_number(said, given['number'], today=today).fault}", hint
