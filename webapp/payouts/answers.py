"""Reading the bank's result file: CSV or XLSX, whatever it calls its columns, wherever its headings stand."""

from __future__ import annotations

import io
import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from webapp.cases.rules import parse_amount
from webapp.core.tables import HEAD_ROWS, UnreadableTable, csv_rows, delimiter_of, encoding_of, is_workbook
from webapp.core.workbooks import Cell, Workbook
from webapp.ledger.reasons import Follows, find_reason
from webapp.ledger.rules import Answer

HEADINGS: Mapping[str, frozenset[str]] = {
    "export_no": frozenset(
        [
            "客户参考号",
            "参考号",
            "业务参考号",
            "客户业务编号",
            "企业流水号",
            "商户流水号",
            "明细编号",
            "明细流水号",
            "导出编号",
            "reference",
            "clientreference",
            "endtoendid",
        ]
    ),
    "account": frozenset(
        [
            "收款账号",
            "收款人账号",
            "账号",
            "卡号",
            "收款卡号",
            "对方账号",
            "收方账号",
            "account",
            "accountnumber",
            "creditaccount",
        ]
    ),
    "amount": frozenset(["金额", "交易金额", "金额(元)", "交易金额(元)", "发生额", "付款金额", "实发金额", "amount"]),
    "state": frozenset(
        ["状态", "交易状态", "处理状态", "处理结果", "交易结果", "结果", "付款状态", "status", "state", "result"]
    ),
    "code": frozenset(
        ["返回码", "错误码", "错误代码", "失败代码", "响应码", "原因码", "reasoncode", "code", "errorcode"]
    ),
    "words": frozenset(
        [
            "原因",
            "失败原因",
            "错误原因",
            "退汇原因",
            "错误信息",
            "返回信息",
            "失败信息",
            "处理信息",
            "备注",
            "reason",
            "message",
            "remark",
        ]
    ),
}
STATES: Mapping[Answer, frozenset[str]] = {
    Answer.PAID: frozenset(
        [
            "成功",
            "交易成功",
            "处理成功",
            "付款成功",
            "已入账",
            "入账成功",
            "已付款",
            "success",
            "succeeded",
            "ok",
            "paid",
            "s",
            "accc",
            "acsc",
        ]
    ),
    Answer.PROCESSING: frozenset(
        [
            "处理中",
            "交易处理中",
            "银行处理中",
            "已受理",
            "待处理",
            "已提交",
            "processing",
            "pending",
            "p",
            "acsp",
            "pdng",
        ]
    ),
    Answer.FAILED: frozenset(
        [
            "失败",
            "交易失败",
            "处理失败",
            "付款失败",
            "拒绝",
            "已拒绝",
            "fail",
            "failed",
            "failure",
            "rejected",
            "f",
            "rjct",
        ]
    ),
    Answer.RETURNED: frozenset(
        ["退汇", "已退汇", "退票", "退回", "已退回", "被退回", "returned", "refunded", "r", "rtrn"]
    ),
}
SEARCHED = HEAD_ROWS
MOST_COLUMNS = 100
MOST_BYTES = 40_000_000
_MARKS = ",\t|;"
_EXPORT = re.compile(r"[2-9A-HJ-NP-Z]{8}[0-9]{7}")


class UnreadableResult(Exception):
    """The file as a whole is no result file: a code for the page's words, the sheets meant, and the row where there is one."""

    def __init__(self, code: str, detail: str = "", row: int = 0) -> None:
        self.code, self.detail, self.row = code, detail, row
        super().__init__(code)


@dataclass(frozen=True, slots=True)
class BankRow:
    """What one row says. `fault` is a code where it can't be understood; the rest is then not to be used."""

    row: int
    export_no: str = ""
    account: str = ""
    amount: int | None = None
    answer: Answer | None = None
    code: str = ""
    words: str = ""
    fault: str = ""


def read_answers(data: bytes) -> Iterator[BankRow]:
    """Each row below the headings, counted as a spreadsheet counts (from 1). Raises UnreadableResult at the first step."""
    if not data or len(data) > MOST_BYTES:
        raise UnreadableResult("empty" if not data else "too_large")
    columns: dict[str, int] = {}
    for place, cells in enumerate(_rows(data), start=1):
        if not columns:
            columns = _columns(cells)
            if not columns and place >= SEARCHED:
                break
        elif any(cells):
            yield _row(place, cells, columns)
    if not columns:
        raise UnreadableResult("no_headings")


def _rows(data: bytes) -> Iterator[list[str]]:
    try:
        rows = _sheet(data) if is_workbook(data) else _text(data)
        for cells in rows:
            yield _cells(cells)
    except UnreadableTable as broken:
        code = {"broken_csv": "damaged", "broken_xlsx": "damaged", "huge_xlsx": "too_large"}.get(
            broken.code, broken.code
        )
        row = broken.row if code in ("quote", "line_break") else 0
        raise UnreadableResult(code, broken.detail if code == "sheets" else "", row) from None


def _text(data: bytes) -> Iterator[Sequence[Cell]]:
    encoding = encoding_of(lambda: iter([data]), data)
    text = io.TextIOWrapper(io.BytesIO(data), encoding, newline="")
    return csv_rows(text, delimiter_of(data[:1_000_000], encoding, _MARKS))


def _sheet(data: bytes) -> Iterator[Sequence[Cell]]:
    """The one sheet with headings that we know; a cover before it, or notes behind it, are passed over."""
    with Workbook(data) as book:
        known = [at for at, sheet in enumerate(book.sheets) if any(_columns(_cells(row)) for row in sheet.first)]
        if len(known) > 1:
            raise UnreadableTable("sheets", "、".join(book.sheets[at].name for at in known)[:80])
        if known:
            yield from book.rows(known[0])


def _cells(row: Sequence[Cell]) -> list[str]:
    return [_cell(value) for value in row[:MOST_COLUMNS]]


def _cell(value: Cell) -> str:
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value).strip()


def _plain(text: str) -> str:
    return re.sub(r"[\s_（）()\-:：*]", "", unicodedata.normalize("NFKC", text)).lower()


_KNOWN = {_plain(name): key for key, names in HEADINGS.items() for name in names}
_SAID = {_plain(name): answer for answer, names in STATES.items() for name in names}


def _columns(cells: Sequence[str]) -> dict[str, int]:
    """Which column holds what, when these cells are the headings; else nothing."""
    found: dict[str, int] = {}
    for place, cell in enumerate(cells):
        key = _KNOWN.get(_plain(cell))
        if key is not None:
            found.setdefault(key, place)
    named = "export_no" in found or ("account" in found and "amount" in found)
    return found if named and "state" in found else {}


def _row(place: int, cells: Sequence[str], columns: Mapping[str, int]) -> BankRow:
    given = {key: cells[at] if at < len(cells) else "" for key, at in columns.items()}
    export_no = _plain(given.get("export_no", "")).upper().lstrip("'")
    amount = parse_amount(given.get("amount", "").lstrip("'"))
    account = re.sub(r"[\s']", "", given.get("account", ""))
    if not (_EXPORT.fullmatch(export_no) or (account and amount is not None)):
        return BankRow(place, fault="nobody")
    answer = _SAID.get(_plain(given.get("state", "")))
    if answer is None:
        return BankRow(place, export_no, fault="state_unknown")
    code, words = given.get("code", "")[:40], given.get("words", "")[:200]
    if answer is Answer.FAILED and find_reason(code, words).follows is Follows.WAIT:
        answer = Answer.PROCESSING  # the bank doesn't know itself: it is asked again, and nothing is sent
    known = export_no if _EXPORT.fullmatch(export_no) else ""
    return BankRow(place, known, account, amount, answer, code, words)
