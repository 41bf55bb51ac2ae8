"""A few of the documents that `make eval` draws by the hundred: enough to see that neither drawing nor reading broke."""

from __future__ import annotations

import pytest
from evaluate_documents import drawn

from tests.databases import ROOT
from webapp.adapters.vision.documents import OnnxDocumentReader
from webapp.ports.document_reader import DocumentReader, DocumentSide

SEED = 5
VOUCHED = {
    DocumentSide.RESIDENT_FRONT: ("name", "number", "sex", "birth_date"),
    DocumentSide.RESIDENT_BACK: ("expiry_date",),
    DocumentSide.PERMIT_BACK: ("number", "birth_date", "expiry_date", "nationality"),
    DocumentSide.DATA_PAGE: ("number", "birth_date", "expiry_date", "nationality"),
}


@pytest.fixture(scope="module")
def reader() -> DocumentReader:
    return OnnxDocumentReader(ROOT / "models")


@pytest.mark.parametrize("side", VOUCHED)
def test_drawn_documents_are_read_and_never_wrongly(reader: DocumentReader, side: DocumentSide) -> None:
    right = every = 0
    for place in range(3):
        picture, fields, _ = drawn(side, place, SEED)
        seen = reader.read(picture, side)
        for name in VOUCHED[side]:
            assert seen.fields.get(name) in (fields[name], None), f"{side} {place}: {name}"
            right += name in seen.fields
            every += 1
        assert seen.confidences.keys() == seen.fields.keys()
    assert right >= every - 1
