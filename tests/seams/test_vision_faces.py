"""Looking at faces: which photo may be used, what is wrong with another, and whether two show the same person."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest
from drawing.face_clips import BLACK, BLUE, WHITE, actor, in_sunglasses, masked
from PIL import Image, ImageOps

from tests.seams.vision_pictures import (
    MODELS,
    astronaut,
    beside,
    blurred,
    data_page,
    desk,
    dimmed,
    hopper,
    jpeg,
    opened,
    photographed,
    resident_front,
)
from webapp.adapters.sandbox.moving_face import NEUTRAL, Pose
from webapp.adapters.vision.faces import OpenCvFaceChecker, likeness, turned
from webapp.adapters.vision.pictures import encode
from webapp.ports.face_checker import FaceChecker, FaceFault, Likeness

Damage = Callable[[Image.Image], Image.Image]


@pytest.fixture(scope="module")
def faces() -> FaceChecker:
    return OpenCvFaceChecker(MODELS)


@pytest.mark.parametrize("picture", [hopper(), astronaut()], ids=["hopper", "astronaut"])
def test_a_clear_photo_of_one_person_may_be_used(faces: FaceChecker, picture: bytes) -> None:
    seen = faces.inspect(picture)
    assert seen.fault is None
    assert seen.box is not None
    x, y, width, height = seen.box
    whole = opened(picture)
    assert 0 <= x < x + width <= whole.width
    assert 0 <= y < y + height <= whole.height
    assert seen.sharpness > 0
    assert 0 < seen.brightness < 255


@pytest.mark.parametrize(
    ("spoil", "fault"),
    [
        (lambda face: desk(), FaceFault.NO_FACE),
        (lambda face: beside(face, opened(hopper())), FaceFault.MANY_FACES),
        (lambda face: ImageOps.expand(face, 300, (90, 90, 90)), FaceFault.TOO_SMALL),
        (lambda face: face.crop((80, 95, 360, 375)), FaceFault.CUT_OFF),
        (lambda face: face.crop((212, 0, 512, 300)), FaceFault.CUT_OFF),
        (lambda face: face.crop((80, 0, 360, 152)), FaceFault.CUT_OFF),
        (lambda face: dimmed(face, 0.15), FaceFault.TOO_DARK),
        (lambda face: dimmed(face, 2.0), FaceFault.TOO_BRIGHT),
        (lambda face: blurred(face, 6), FaceFault.BLURRED),
    ],
    ids=["nobody", "two people", "far away", "no brow", "half a face", "no chin", "dark", "washed out", "blurred"],
)
def test_each_fault_of_a_face_photo_has_its_own_name(faces: FaceChecker, spoil: Damage, fault: FaceFault) -> None:
    assert faces.inspect(jpeg(spoil(opened(astronaut())))).fault is fault


@pytest.mark.parametrize("spoil", [lambda f: dimmed(f, 0.45), lambda f: blurred(f, 1.5), lambda f: f.rotate(8)])
def test_an_ordinary_selfie_is_not_sent_back(faces: FaceChecker, spoil: Damage) -> None:
    assert faces.inspect(jpeg(spoil(opened(hopper())), quality=60)).fault is None


@pytest.mark.parametrize(
    ("degrees", "fault"),
    [
        (0, None),
        (-15, None),
        (20, None),
        (-40, FaceFault.TURNED_AWAY),
        (45, FaceFault.TURNED_AWAY),
        (90, FaceFault.TURNED_AWAY),
    ],
)
def test_who_looks_aside_is_asked_to_look_at_the_camera(degrees: float, fault: FaceFault | None) -> None:
    """A head in millimetres, seen from afar: eyes 63 apart, the nose's tip 30 before them."""
    turn = math.radians(degrees)
    right_eye, left_eye, nose = (x * math.cos(turn) + z * math.sin(turn) for x, z in ((-31.5, 0), (31.5, 0), (0, 30)))
    assert turned([0, 0, 120, 160, right_eye, 50, left_eye, 50, nose, 90, -20, 120, 20, 120, 0.9]) is fault


@pytest.mark.parametrize("make", [resident_front, data_page], ids=["card", "passport"])
def test_a_person_is_known_again_on_her_document(faces: FaceChecker, make: Callable[[str, str], Image.Image]) -> None:
    found = faces.compare(
        jpeg(ImageOps.mirror(opened(hopper()))), jpeg(photographed(make("张三", "110101199003076376")))
    )
    assert found.likeness is Likeness.AGREE
    assert found.similarity is not None
    assert found.similarity > 0.6


def test_another_person_is_not_taken_for_her(faces: FaceChecker) -> None:
    found = faces.compare(astronaut(), jpeg(photographed(resident_front("张三", "110101199003076376"))))
    assert found.likeness is Likeness.DIFFER


@pytest.mark.parametrize(
    ("cosine", "band"),
    [
        (0.45, Likeness.AGREE),
        (0.449, Likeness.UNSURE),
        (0.36, Likeness.UNSURE),
        (0.359, Likeness.DIFFER),
        (-1.0, Likeness.DIFFER),
    ],
)
def test_between_the_two_limits_a_clerk_looks(cosine: float, band: Likeness) -> None:
    assert likeness(cosine) is band


@pytest.mark.parametrize("nothing", [b"", b"nonsense", jpeg(desk())])
def test_where_there_is_no_face_nothing_is_compared(faces: FaceChecker, nothing: bytes) -> None:
    assert faces.inspect(nothing).fault is FaceFault.NO_FACE
    for pair in ((hopper(), nothing), (nothing, hopper())):
        found = faces.compare(*pair)
        assert (found.likeness, found.similarity) == (Likeness.NO_FACE, None)


@pytest.mark.parametrize("who", ["collins", "hopper"])
def test_who_has_shut_eyes_or_bends_the_head_is_told_so(faces: FaceChecker, who: str) -> None:
    face = actor(who, 640)
    assert faces.inspect(encode(face.frame(NEUTRAL))).fault is None
    assert faces.inspect(encode(face.frame(Pose(lids=1)))).fault is FaceFault.EYES_CLOSED
    assert faces.inspect(encode(face.frame(Pose(pitch=30)))).fault is FaceFault.TURNED_AWAY


@pytest.mark.parametrize("who", ["collins", "hopper"])
@pytest.mark.parametrize("colour", [WHITE, BLUE, BLACK], ids=["white", "blue", "black"])
def test_a_mask_is_to_be_taken_off(faces: FaceChecker, who: str, colour: tuple[int, int, int]) -> None:
    assert faces.inspect(encode(masked(who, colour))).fault is FaceFault.COVERED


@pytest.mark.parametrize("who", ["collins", "hopper"])
def test_sunglasses_are_to_be_taken_off_and_spectacles_are_not(faces: FaceChecker, who: str) -> None:
    """One of the two wears spectacles in the photo itself."""
    assert faces.inspect(encode(in_sunglasses(who))).fault is FaceFault.COVERED
    assert faces.inspect(encode(actor(who, 640).photo)).fault is None


@pytest.mark.parametrize("who", ["collins", "hopper"])
@pytest.mark.parametrize("gains", [(0.6, 0.8, 1.1), (1.15, 1.0, 0.75), (0.6, 0.6, 0.6)], ids=["warm", "cold", "dim"])
def test_lamps_of_any_colour_cover_nobody(faces: FaceChecker, who: str, gains: tuple[float, float, float]) -> None:
    lit = np.clip(actor(who, 640).photo * np.array(gains), 0, 255).astype(np.uint8)
    assert faces.inspect(encode(lit)).fault is None
