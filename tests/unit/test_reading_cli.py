"""`flask read`: a line for every file, whatever is in it."""

from __future__ import annotations

import json
from io import BytesIO
from pathlib import Path

import pytest
from flask import Flask
from PIL import Image

from tests.fakes import FakeCards, Fakes
from webapp.ports.document_reader import DocumentReading, DocumentSide
from webapp.ports.liveness import Gesture
from webapp.ports.video_inspector import VideoFault, VideoInspection


def _asked(app: Flask, *files: Path) -> tuple[int, list[dict[str, object]]]:
    result = app.test_cli_runner().invoke(args=["read", "card", *map(str, files)])
    return result.exit_code, [json.loads(line) for line in result.stdout.splitlines()]


def test_a_clerk_hears_the_number_of_each_picture_of_whatever_format(app: Flask, tmp_path: Path) -> None:
    files = [tmp_path / name for name in ("card.jpg", "card.png", "card.heic")]
    for file in files:
        Image.new("RGB", (640, 480), (30, 60, 90)).save(file)
    code, lines = _asked(app, *files)
    assert code == 0
    assert [(line["file"], line["number"]) for line in lines] == [(str(file), FakeCards.number) for file in files]


def test_a_photo_that_lies_on_its_side_is_turned_as_its_camera_says(app: Flask, tmp_path: Path) -> None:
    file, exif = tmp_path / "turned.jpg", Image.Exif()
    exif[0x0112] = 6
    Image.new("RGB", (640, 480)).save(file, exif=exif)
    _asked(app, file)
    cards: FakeCards = app.extensions["seams"].cards
    with Image.open(BytesIO(cards.seen[-1][0])) as seen:
        assert seen.size == (480, 640)


def test_a_bad_file_gets_a_line_with_an_error_and_spoils_no_other(app: Flask, tmp_path: Path) -> None:
    good, bad = tmp_path / "good.png", tmp_path / "bad.jpg"
    Image.new("RGB", (640, 480)).save(good)
    bad.write_bytes(b"not a picture")
    code, lines = _asked(app, bad, tmp_path / "absent.jpg", good)
    assert code == 0
    assert ["error" in line for line in lines] == [True, True, False]


def test_nothing_readable_at_all_is_a_failure(app: Flask, tmp_path: Path) -> None:
    code, lines = _asked(app, tmp_path / "absent.jpg")
    assert (code, len(lines)) == (1, 1)


def test_documents_are_told_by_the_side_of_which_most_is_read(app: Flask, tmp_path: Path) -> None:
    file = tmp_path / "card.png"
    Image.new("RGB", (640, 480)).save(file)
    readings = app.extensions["seams"].documents.readings
    readings[DocumentSide.RESIDENT_FRONT] = DocumentReading(None, {})
    readings[DocumentSide.RESIDENT_BACK] = DocumentReading(None, {"expiry_date": "2036-05-20"}, milliseconds=7)
    arguments = ["read", "document", "--type", "resident_id", str(file)]
    [line] = map(json.loads, app.test_cli_runner().invoke(args=arguments).output.splitlines())
    assert line["side"] == "resident_back"
    assert {name: value for name, value in line["fields"].items() if value} == {"expiry_date": "2036-05-20"}
    assert {"name", "number", "sex", "address", "authority"} <= line["fields"].keys() == line["confidence"].keys()
    front = ["read", "document", "--type", "resident_id", "--side", "front", str(file)]
    [line] = map(json.loads, app.test_cli_runner().invoke(args=front).output.splitlines())
    assert line["side"] is None


def test_two_faces_are_compared_and_each_is_judged(app: Flask, tmp_path: Path) -> None:
    one, other = tmp_path / "one.png", tmp_path / "other.png"
    for file in (one, other):
        Image.new("RGB", (640, 480)).save(file)
    lines = app.test_cli_runner().invoke(args=["read", "face", str(one), str(other)]).output.splitlines()
    live, compared = map(json.loads, lines)
    assert (live["fault"], compared["likeness"], compared["similarity"]) == (None, "agree", 0.71)


def test_a_film_is_held_against_what_was_asked(app: Flask, fakes: Fakes, tmp_path: Path) -> None:
    film = tmp_path / "film.webm"
    film.write_bytes(b"film")
    arguments = ["read", "liveness", "--challenge", "turn_left,nod", str(film), str(tmp_path / "absent.webm")]
    line, absent = map(json.loads, app.test_cli_runner().invoke(args=arguments).stdout.splitlines())
    assert line["gestures"] == {"turn_left": 2.0, "nod": 4.0}
    assert (line["same_face"], line["frozen"], line["fault"]) == (True, False, None)
    assert "error" in absent
    assert fakes.videos.challenges == [(Gesture.TURN_LEFT, Gesture.NOD)]
    fakes.videos.inspection = VideoInspection(VideoFault.TOO_LONG, 9.0)
    [line] = map(json.loads, app.test_cli_runner().invoke(args=arguments[:-1]).output.splitlines())
    assert line["gestures"] == {"turn_left": None, "nod": None}
    assert (line["same_face"], line["confidence"], line["fault"]) == (None, None, "too_long")


def test_a_gesture_that_nobody_knows_is_refused(app: Flask, tmp_path: Path) -> None:
    asked = app.test_cli_runner().invoke(args=["read", "liveness", "--challenge", "dance", str(tmp_path)])
    assert asked.exit_code != 0
    assert "turn_left" in asked.output


COMMANDS = (
    ["card"], ["document", "--type", "resident_id"], ["face"], ["liveness", "--challenge", "turn_left,nod"],
)  # fmt: skip


@pytest.mark.parametrize("command", COMMANDS, ids=[command[0] for command in COMMANDS])
def test_what_can_t_be_read_at_all_is_nulls_and_a_failure_and_why_is_said_apart(
    app: Flask, fakes: Fakes, tmp_path: Path, command: list[str]
) -> None:
    fakes.videos.inspection = VideoInspection(VideoFault.NOT_A_VIDEO)
    page, absent = tmp_path / "page.txt", tmp_path / "absent"
    page.write_text("neither a picture nor a film")
    result = app.test_cli_runner().invoke(args=["read", *command, str(page), str(absent)])
    lines = [json.loads(line) for line in result.stdout.splitlines()]
    said = result.stderr.splitlines()
    assert result.exit_code == 1
    assert [line.pop("file") for line in lines] == [str(page), str(absent)]
    assert [said[0].startswith(f"{page}: "), str(absent) in said[1]] == [True, True]
    for line in lines:
        assert line.pop("error") in ("UnidentifiedImageError", "NoVideo", "FileNotFoundError")
        parts = [value for one in line.values() for value in (one.values() if isinstance(one, dict) else [one])]
        assert len(parts) >= 4
        assert set(parts) == {None}
