"""The demo's pictures: small, marked as what they are, and readable by the very readers that the demo runs."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from PIL import Image

from tools.make_camera_clip import make_camera_clip
from webapp.adapters.vision.cards import OnnxCardReader
from webapp.adapters.vision.documents import OnnxDocumentReader
from webapp.adapters.vision.faces import OpenCvFaceChecker
from webapp.adapters.vision.videos import OpenCvVideoInspector
from webapp.demo_people import PEOPLE
from webapp.payee.rules.banks import CardType, banks_named, find_prefix
from webapp.ports.document_reader import DocumentSide, PictureFault
from webapp.ports.face_checker import FaceFault, Likeness
from webapp.wiring import card_issuer

ROOT = Path(__file__).parents[2]
SPECIMENS, MODELS = ROOT / "static" / "specimens", ROOT / "models"
HE, OUYANG, ABLET, CHEN, LIN, ZHOU, _, MUELLER = PEOPLE


def picture(name: str) -> bytes:
    return (SPECIMENS / f"{name}.jpg").read_bytes()


@pytest.fixture(scope="module")
def documents() -> OnnxDocumentReader:
    return OnnxDocumentReader(MODELS)


@pytest.fixture(scope="module")
def faces() -> OpenCvFaceChecker:
    return OpenCvFaceChecker(MODELS)


@pytest.fixture(scope="module")
def cards() -> OnnxCardReader:
    return OnnxCardReader(
        MODELS,
        issuer_of=lambda number: card_issuer(number, include_specimen=True),
        banks_named=lambda words: banks_named(words, include_specimen=True),
    )


def test_a_slow_phone_can_load_every_picture() -> None:
    pictures = sorted(SPECIMENS.glob("*.jpg"))
    assert len(pictures) >= 20
    assert [path.name for path in pictures if path.stat().st_size > 200_000] == []
    assert (SPECIMENS / "face.webm").stat().st_size < 500_000


@pytest.mark.parametrize(
    ("name", "number"),
    [
        ("bank-card-flat-19", HE.card),
        ("bank-card-embossed-19", OUYANG.card),
        ("bank-card-embossed-16", "6299991234567896"),
        ("bank-card-credit", "6299980000005678"),
        ("bank-card-not-agreed", "6299990000000090013"),
    ],
)
def test_the_number_of_a_specimen_card_is_read_off_its_picture(cards: OnnxCardReader, name: str, number: str) -> None:
    assert cards.read([picture(name)]).number == number


def test_the_credit_card_is_known_as_one() -> None:
    prefix = find_prefix("6299980000005678", include_specimen=True)
    assert prefix is not None
    assert prefix.card_type is CardType.CREDIT


@pytest.mark.parametrize(
    ("name", "side", "number", "said"),
    [
        ("resident-he-front", DocumentSide.RESIDENT_FRONT, HE.number, HE.name),
        ("resident-ouyang-front", DocumentSide.RESIDENT_FRONT, OUYANG.number, OUYANG.name),
        ("resident-ablet-front", DocumentSide.RESIDENT_FRONT, ABLET.number, ABLET.name),
        ("hk-permit-front", DocumentSide.PERMIT_FRONT, CHEN.number, CHEN.name),
        ("taiwan-permit-front", DocumentSide.PERMIT_FRONT, LIN.number, LIN.name),
        ("permanent-resident-front", DocumentSide.PERMIT_FRONT, "911124198108030024", "SMITH JOHN"),
        ("hk-permit-back", DocumentSide.PERMIT_BACK, CHEN.number, "CHEN DAWEN"),
        ("taiwan-permit-back", DocumentSide.PERMIT_BACK, LIN.number, "LIN MEILING"),
        ("passport-zhou", DocumentSide.DATA_PAGE, ZHOU.number, "ZHOU HAI"),
        ("passport-mueller", DocumentSide.DATA_PAGE, MUELLER.number, MUELLER.name),
    ],
)
def test_a_specimen_document_says_who_its_bearer_is(
    documents: OnnxDocumentReader, name: str, side: DocumentSide, number: str, said: str
) -> None:
    reading = documents.read(picture(name), side)
    assert reading.fault is None
    assert reading.fields["number"] == number
    assert reading.fields["name"] == said
    assert reading.mrz_valid in (None, True)


def test_the_blurred_document_is_sent_back(documents: OnnxDocumentReader) -> None:
    reading = documents.read(picture("resident-he-blurred"), DocumentSide.RESIDENT_FRONT)
    assert reading.fault is PictureFault.BLURRED


@pytest.mark.parametrize(
    ("name", "fault"),
    [
        ("face", None),
        ("face-of-another", None),
        ("face-too-dark", FaceFault.TOO_DARK),
        ("face-blurred", FaceFault.BLURRED),
    ],
)
def test_a_live_specimen_is_judged_as_it_is_called(
    faces: OpenCvFaceChecker, name: str, fault: FaceFault | None
) -> None:
    assert faces.inspect(picture(name)).fault is fault


@pytest.mark.parametrize(
    ("name", "likeness"),
    [
        ("resident-he-front", Likeness.AGREE),
        ("hk-permit-front", Likeness.AGREE),
        ("passport-mueller", Likeness.AGREE),
        ("resident-he-other-face", Likeness.DIFFER),
        ("passport-mueller-other-face", Likeness.DIFFER),
    ],
)
def test_the_live_face_agrees_with_its_own_documents_alone(
    faces: OpenCvFaceChecker, name: str, likeness: Likeness
) -> None:
    assert faces.compare(picture("face"), picture(name)).likeness is likeness


def test_the_film_is_a_usable_face_video(faces: OpenCvFaceChecker) -> None:
    film = (SPECIMENS / "face.webm").read_bytes()
    seen = OpenCvVideoInspector(faces).inspect(film, longest=7)
    assert seen.fault is None
    assert 3 <= seen.seconds <= 5


def test_a_camera_clip_is_two_seconds_of_whole_jpegs_that_differ(tmp_path: Path) -> None:
    make_camera_clip(SPECIMENS / "face.jpg", tmp_path / "clip.mjpeg")
    starts = (tmp_path / "clip.mjpeg").read_bytes().split(b"\xff\xd8\xff\xe0")[1:]
    frames = [Image.open(io.BytesIO(b"\xff\xd8\xff\xe0" + rest)) for rest in starts]
    assert [frame.size for frame in frames] == [(1280, 720)] * 30
    assert len({frame.tobytes() for frame in frames}) > 10
