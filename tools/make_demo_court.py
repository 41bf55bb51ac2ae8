"""Draws what the people of a demo's court hand in, into webapp/seeding/pictures, and writes down what the readers say of it.

Takes a minute or two; needs the models and the fonts that the tests need too. See webapp/seeding/readers.py.
"""

from __future__ import annotations

import json
import sys
from dataclasses import fields
from pathlib import Path
from typing import Any

from PIL import Image, ImageEnhance, ImageFilter, ImageOps

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "tools")]

import numpy as np  # noqa: E402 (the paths above must come first)
from make_specimens import NAVY, PASSPORT, PERMIT, RESIDENT, STEEL, TEAL, WINE  # noqa: E402
from specimen_art import cards, documents  # noqa: E402
from specimen_art.documents import Bearer  # noqa: E402
from specimen_art.paper import photographed, save  # noqa: E402

from webapp.adapters.sandbox.moving_face import MovingFace, Script, as_webm, film  # noqa: E402
from webapp.adapters.vision.cards import OnnxCardReader  # noqa: E402
from webapp.adapters.vision.documents import OnnxDocumentReader  # noqa: E402
from webapp.adapters.vision.faces import OpenCvFaceChecker  # noqa: E402
from webapp.adapters.vision.videos import OpenCvVideoInspector  # noqa: E402
from webapp.identity.jobs import photo_kinds  # noqa: E402
from webapp.payee.rules.banks import banks_named  # noqa: E402
from webapp.ports.document_reader import DocumentSide  # noqa: E402
from webapp.ports.liveness import Gesture  # noqa: E402
from webapp.seeding.people import ACTING, Claimant  # noqa: E402
from webapp.seeding.readers import FOLDER, picture  # noqa: E402
from webapp.wiring import card_issuer  # noqa: E402

SPECIMENS = ROOT / "static" / "specimens"
WIDE = 1000
FILMED, RATE = (224, 300), 10  # small, as OpenCV writes many bits for each pixel, and a file is to stay below 1 MB
FILMS = {
    "film-1": ("face", (Gesture.TURN_LEFT, Gesture.OPEN_MOUTH)),
    "film-2": ("face-of-another", (Gesture.OPEN_MOUTH, Gesture.TURN_LEFT)),
}
COLOURS = (NAVY, STEEL, WINE, TEAL)


def main() -> None:
    """Draws, then reads."""
    FOLDER.mkdir(exist_ok=True)
    models = ROOT / "models"
    faces = OpenCvFaceChecker(models)
    seen = {name: _film(name, face, gestures, faces) for name, (face, gestures) in FILMS.items()}
    _draw()
    written: dict[str, Any] = {"films": seen, "documents": {}, "cards": {}, "likeness": {}}
    reader = OnnxDocumentReader(models)
    card_reader = OnnxCardReader(
        models,
        issuer_of=lambda number: card_issuer(number, include_specimen=True),
        banks_named=lambda words: banks_named(words, include_specimen=True),
    )
    for place, person in enumerate(ACTING):
        for field, name in person.pictures.items():
            if name not in written["documents"]:
                side = DocumentSide(photo_kinds(person.document_type)[field])
                written["documents"][name] = _plain(reader.read(picture(name), side))
        if person.pictures:
            portrait = person.pictures.get("data_page") or person.pictures["front"]
            alike = faces.compare(picture(f"{person.film}-still"), picture(portrait))
            written["likeness"][f"{person.film}-still {portrait}"] = [alike.likeness, alike.similarity]
        print(f"{place + 1} of {len(ACTING)}: {person.name}", flush=True)
    for name in sorted({person.card_picture for person in ACTING} - {""}):
        written["cards"][name] = _plain(card_reader.read([picture(name)]))
    (FOLDER / "readings.json").write_text(json.dumps(written, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def _plain(reading: Any) -> dict[str, Any]:
    values = {one.name: getattr(reading, one.name) for one in fields(reading)}
    return {key: dict(value) if hasattr(value, "items") else value for key, value in values.items()}


def _film(name: str, face: str, gestures: tuple[Gesture, ...], faces: OpenCvFaceChecker) -> dict[str, Any]:
    """Somebody does the gestures before a camera; what is seen of it."""
    photo = np.asarray(Image.open(SPECIMENS / f"{face}.jpg").convert("RGB").resize(FILMED))[..., ::-1].copy()
    script = Script(gestures)
    frames = film(MovingFace(photo, faces.mesh(photo).points), script.pose, script.seconds, seed=7, rate=RATE)
    made = as_webm(frames, RATE)
    (FOLDER / f"{name}.webm").write_bytes(made)
    found = OpenCvVideoInspector(faces).inspect(made, longest=7.0, challenge=gestures)
    live = found.liveness
    if found.fault is not None or live is None or live.fault is not None:
        raise SystemExit(f"{name}: {found.fault or live}")
    (FOLDER / f"{name}-still.jpg").write_bytes(live.best)
    return {
        "seconds": found.seconds, "size": [found.width, found.height], "seen": {one.gesture: one.at for one in live.seen},
        "confidence": live.confidence, "rate": live.rate, "similarity": live.similarity,
    }  # fmt: skip


def _draw() -> None:
    portrait = _portrait()
    for seed, person in enumerate(ACTING, start=1):
        for name, page in _pages(person, portrait).items():
            _photograph(page, name, seed)
        if person.card_picture:
            page = cards.bank_card(person.card, "借记卡", colours=COLOURS[seed % 4], embossed=seed % 2 == 0, seed=seed)
            _photograph(page, person.card_picture, seed)
    _photograph(documents.resident_back(RESIDENT), "resident-back", 4)


def _pages(person: Claimant, portrait: Image.Image) -> dict[str, Image.Image]:
    """The pages of somebody's document, by the names of their photos."""
    if not person.pictures:
        return {}
    bearer = _bearer(person)
    if person.document_type == "passport":
        return {person.pictures["data_page"]: documents.data_page("PASSPORT · 样本", bearer, portrait, PASSPORT)}
    if person.document_type == "hk_macao_permit":
        title = "港澳居民来往内地通行证 · 样本"
        front = documents.identity_front(title, bearer, portrait, PERMIT)
        return {person.pictures["front"]: front, person.pictures["back"]: documents.permit_back(title, bearer, PERMIT)}
    return {person.pictures["front"]: documents.identity_front("居民身份证 · 样本", bearer, portrait, RESIDENT)}


def _bearer(person: Claimant) -> Bearer:
    name = person.printed or person.name
    if person.document_type == "resident_id":
        born = person.number[6:14]
        return Bearer(name, person.number, "CHN", f"{born[:4]}-{born[4:6]}-{born[6:]}", "2036-05-20", "")
    latin = (
        "HUANG<<JIAXIN" if person.document_type == "hk_macao_permit" else name.replace(" ", "<<", 1).replace(" ", "<")
    )
    return Bearer(name, person.number, person.nationality, "1986-04-09", "2036-03-31", latin)


def _portrait() -> Image.Image:
    """The face of the specimens, as a document shows it: mirrored, paler and less sharp."""
    face = Image.open(SPECIMENS / "face.jpg").convert("RGB").crop((60, 10, 654, 752))
    shot = ImageOps.mirror(ImageOps.fit(face, documents.PORTRAIT, Image.Resampling.LANCZOS))
    shot = ImageEnhance.Color(shot).enhance(0.75)
    return ImageEnhance.Contrast(shot).enhance(0.9).filter(ImageFilter.GaussianBlur(0.6))


def _photograph(page: Image.Image, name: str, seed: int) -> None:
    turn = (-1.2, 0.7, -0.4, 1.1)[seed % 4]
    shot = photographed(page, corner=20 if page.height > 1000 else 56, turn=turn, seed=seed)
    small = shot.resize((WIDE, round(WIDE * shot.height / shot.width)), Image.Resampling.LANCZOS)
    save(small, FOLDER / f"{name}.jpg", most=100_000)


if __name__ == "__main__":
    main()
