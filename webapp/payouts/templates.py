"""How each bank wants its file: the tables of data/templates.toml, and a line written by one of them."""

from __future__ import annotations

import csv
import io
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import xlsxwriter

from webapp.core.cells import guarded
from webapp.payouts.rules import Control, Payment

TABLE = Path(__file__).parent / "data" / "templates.toml"
SUFFIX = {"csv": "csv", "xlsx": "xlsx", "fixed": "txt"}


class DoesNotFit(Exception):
    """A value is longer than the bank's file has room for; cutting it would change whom the bank pays."""


@dataclass(frozen=True, slots=True)
class Column:
    """One column. `width` is in bytes of the file's encoding; 0: as long as it is."""

    holds: str
    heading: str = ""
    width: int = 0
    right: bool = False
    filler: str = " "


@dataclass(frozen=True, slots=True)
class Template:
    """One bank's way of writing a file; see the head of data/templates.toml."""

    code: str
    title: str
    kind: str
    encoding: str
    most: int
    columns: tuple[Column, ...]
    delimiter: str = ","
    quoted: bool = True
    headings: bool = True
    head: str = ""
    tail: str = ""
    newline: str = field(default="\r\n")

    @property
    def suffix(self) -> str:
        """The ending of its files' names."""
        return "txt" if self.delimiter == "|" else SUFFIX[self.kind]

    def fits(self, name: str, branch: str) -> bool:
        """True when a payee's name and branch have room in this file, and nothing in them would end a column or a line."""
        given = {"name": name, "branch": branch}
        written = {column.holds for column in self.columns} & set(given)
        ends = {"\r", "\n"} | ({self.delimiter} if self.kind not in ("xlsx", "fixed") and not self.quoted else set())
        if any(mark in given[key] for key in written for mark in ends):
            return False
        widths = {column.holds: column.width for column in self.columns if column.width}
        return all(len(self._bytes(text)) <= widths.get(key, len(self._bytes(text))) for key, text in given.items())

    def write(self, payments: Sequence[Payment], control: Control, batch: str) -> bytes:
        """A whole file of at most `most` lines. Raises DoesNotFit."""
        return self._sheet(payments) if self.kind == "xlsx" else self._text(payments, control, batch)

    def _text(self, payments: Sequence[Payment], control: Control, batch: str) -> bytes:
        out = io.StringIO(newline="")
        said = {
            "batch": batch,
            "count": control.count,
            "yuan": yuan(control.total),
            "fen": control.total,
            "sha256": control.sha256,
        }
        if self.head:
            out.write(self.head.format(**said) + self.newline)
        write = self._fixed if self.kind == "fixed" else self._separated
        write(out, payments)
        if self.tail:
            out.write(self.tail.format(**said) + self.newline)
        return out.getvalue().encode(self.encoding)

    def _separated(self, out: io.StringIO, payments: Sequence[Payment]) -> None:
        if self.quoted:
            writer = csv.writer(out, delimiter=self.delimiter, lineterminator=self.newline)
            if self.headings:
                writer.writerow([column.heading for column in self.columns])
            writer.writerows([guarded(text) for text in self._cells(payment)] for payment in payments)
            return
        for payment in payments:
            cells = self._cells(payment)
            if any(self.delimiter in cell for cell in cells):
                raise DoesNotFit(payment.export_no)
            out.write(self.delimiter.join(cells) + self.newline)

    def _fixed(self, out: io.StringIO, payments: Sequence[Payment]) -> None:
        for payment in payments:
            cells = zip(self.columns, self._cells(payment), strict=True)
            out.write("".join(self._padded(column, text) for column, text in cells) + self.newline)

    def _cells(self, payment: Payment) -> list[str]:
        values = {
            "": "",
            "number": str(payment.number),
            "export_no": payment.export_no,
            "name": payment.name,
            "account": payment.account,
            "yuan": yuan(payment.amount),
            "fen": str(payment.amount),
            "bank": payment.bank,
            "bank_number": payment.bank_number,
            "branch": payment.branch,
            "remark": payment.remark,
        }
        cells = [values[column.holds] for column in self.columns]
        for column, text in zip(self.columns, cells, strict=True):
            if column.width and len(self._bytes(text)) > column.width:
                raise DoesNotFit(payment.export_no)
        return cells

    def _padded(self, column: Column, text: str) -> str:
        space = column.filler * (column.width - len(self._bytes(text)))
        return space + text if column.right else text + space

    def _bytes(self, text: str) -> bytes:
        return text.encode(self.encoding.removesuffix("-sig"))

    def _sheet(self, payments: Sequence[Payment]) -> bytes:
        out = io.BytesIO()
        book = xlsxwriter.Workbook(out, {"in_memory": True, "strings_to_formulas": False})
        sheet, plain = book.add_worksheet(), book.add_format({"num_format": "@"})
        for place, column in enumerate(self.columns):
            sheet.write_string(0, place, column.heading)
            sheet.set_column(place, place, 24 if column.holds in ("account", "branch", "remark") else 16)
        for row, payment in enumerate(payments, start=1):
            for place, text in enumerate(self._cells(payment)):
                sheet.write_string(row, place, text, plain)  # an account number as a number would lose its last digits
        book.close()
        return out.getvalue()


def yuan(fen: int) -> str:
    """123450 → 1234.50"""
    return f"{fen // 100}.{fen % 100:02d}"


@cache
def templates() -> Mapping[str, Template]:
    """Every template by its code, in the table's order."""
    with TABLE.open("rb") as file:
        tables = tomllib.load(file)
    return {code: _template(code, table) for code, table in tables.items()}


def _template(code: str, table: dict[str, object]) -> Template:
    columns = tuple(Column(**column) for column in table.pop("columns"))  # type: ignore[attr-defined]
    return Template(code=code, columns=columns, **table)  # type: ignore[arg-type]


def template_of(code: str) -> Template:
    """One template. Raises KeyError."""
    return templates()[code]
