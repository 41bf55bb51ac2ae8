"""A spreadsheet that is written as it is sent: any number of rows, in the memory of one, and no temporary file.

Cells are texts, so that no number loses its digits and nothing is taken for a formula (ECMA-376, inline strings).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from xml.sax.saxutils import escape

from zipstream import ZIP_DEFLATED, ZipStream

TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_ML = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_PARTS = {
    "[Content_Types].xml": f'<Types xmlns="{_PACKAGE}/content-types"><Default Extension="rels"'
    ' ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml"'
    f' ContentType="application/xml"/><Override PartName="/xl/workbook.xml" ContentType="{_ML}.sheet.main+xml"/>'
    f'<Override PartName="/xl/worksheets/sheet1.xml" ContentType="{_ML}.worksheet+xml"/></Types>',
    "_rels/.rels": f'<Relationships xmlns="{_PACKAGE}/relationships"><Relationship Id="rId1" Type="{_OFFICE}/officeDocument"'
    ' Target="xl/workbook.xml"/></Relationships>',
    "xl/workbook.xml": f'<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}"><sheets><sheet name="Sheet1" sheetId="1" r:id="rId1"/>'
    "</sheets></workbook>",
    "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{_PACKAGE}/relationships"><Relationship Id="rId1"'
    f' Type="{_OFFICE}/worksheet" Target="worksheets/sheet1.xml"/></Relationships>',
}
_ILLEGAL = dict.fromkeys([*range(9), 11, 12, *range(14, 32), 0xFFFE, 0xFFFF])  # XML 1.0 has no way to write these
_AT_ONCE = 200


def sheet(rows: Iterable[Sequence[str]]) -> Iterator[bytes]:
    """The XLSX of these rows, piece by piece."""
    archive = ZipStream(compress_type=ZIP_DEFLATED)
    for name, part in _PARTS.items():
        archive.add(_HEAD + part, name)
    archive.add(_worksheet(rows), "xl/worksheets/sheet1.xml")
    yield from archive


def _worksheet(rows: Iterable[Sequence[str]]) -> Iterator[bytes]:
    yield f'{_HEAD}<worksheet xmlns="{_MAIN}"><sheetData>'.encode()
    pieces: list[str] = []
    for row in rows:
        pieces.append(f"<row>{''.join(map(_cell, row))}</row>")
        if len(pieces) >= _AT_ONCE:
            yield "".join(pieces).encode()
            pieces.clear()
    yield f"{''.join(pieces)}</sheetData></worksheet>".encode()


def _cell(text: str) -> str:
    return f'<c t="inlineStr"><is><t xml:space="preserve">{escape(text.translate(_ILLEGAL))}</t></is></c>'
