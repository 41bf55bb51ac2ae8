"""Files that people send, the good and the bad: cleaned, or refused with words beside their field."""

from __future__ import annotations

import contextlib
import io
import random
import struct
import zipfile
import zlib

import numpy as np
import pytest
from PIL import Image
from werkzeug.datastructures import FileStorage

from tests.walker import Walker, picture_bytes
from tests.web.test_verification import PASSPORT, at_document
from webapp.web.uploads import BadUpload, UploadFault, clean_picture, clean_video


def sent(data: bytes) -> FileStorage:
    return FileStorage(io.BytesIO(data), filename="x")


def huge_png(side: int = 20_000) -> bytes:
    """A PNG that claims 400 megapixels in a few kilobytes."""
    header = side.to_bytes(4, "big") * 2 + b"\x08\x00\x00\x00\x00"

    def chunk(kind: bytes, data: bytes) -> bytes:
        return len(data).to_bytes(4, "big") + kind + data + zlib.crc32(kind + data).to_bytes(4, "big")

    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(bytes(1000))) + chunk(b"IEND", b"")
    )


def hundred_megapixels() -> bytes:
    """A JPEG whose header says 12,000 × 9,000."""
    return picture_bytes(400, 300).replace(struct.pack(">HH", 300, 400), struct.pack(">HH", 9000, 12000), 1)


def zipped() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("run.js", "alert(1)")
    return out.getvalue()


def with_exif() -> bytes:
    """A picture turned by its EXIF, with a place in it."""
    picture = Image.new("RGB", (900, 600), "#445566")
    exif = picture.getexif()
    exif[0x0112] = 6
    exif[0x010E] = "a secret place"
    out = io.BytesIO()
    picture.save(out, "JPEG", exif=exif)
    return out.getvalue()


def heic() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (800, 600), "#224466").save(out, "HEIF")
    return out.getvalue()


def test_a_picture_comes_out_upright_and_without_its_metadata() -> None:
    upload = clean_picture(sent(with_exif()))
    assert (upload.width, upload.height) == (600, 900)
    assert b"secret" not in upload.data
    assert not Image.open(io.BytesIO(upload.data)).getexif()


def test_what_phones_send_is_read() -> None:
    for data in (picture_bytes(), picture_bytes(kind="PNG"), picture_bytes(kind="WEBP"), heic()):
        assert clean_picture(sent(data)).media_type == "image/jpeg"


def test_a_large_picture_is_made_smaller() -> None:
    upload = clean_picture(sent(picture_bytes(4000, 3000)))
    assert (upload.width, upload.height) == (1600, 1200)


@pytest.mark.parametrize(
    ("data", "fault"),
    [
        (b"", UploadFault.EMPTY),
        (b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>", UploadFault.NOT_A_PICTURE),
        (b"%PDF-1.7 hello", UploadFault.NOT_A_PICTURE),
        (picture_bytes()[:3000], UploadFault.DAMAGED),
        (huge_png(), UploadFault.TOO_MANY_PIXELS),
        (hundred_megapixels(), UploadFault.TOO_MANY_PIXELS),
        (picture_bytes(100, 100), UploadFault.TOO_SMALL),
        (b"\xff\xd8\xff\xe0" + b"junk" * 100, UploadFault.DAMAGED),
        (bytes(20_000_001), UploadFault.TOO_LARGE),
    ],
    ids=["empty", "svg", "pdf", "truncated", "bomb", "hundred megapixels", "tiny", "junk", "large"],
)
def test_what_is_no_usable_picture_is_refused(data: bytes, fault: UploadFault) -> None:
    with pytest.raises(BadUpload) as refused:
        clean_picture(sent(data))
    assert refused.value.fault is fault


@pytest.mark.parametrize(
    "more",
    [b"<script>alert(1)</script>", b"<!DOCTYPE html><html><body>", b"<?php phpinfo();", zipped()],
    ids=["script", "page", "program", "archive"],
)
def test_a_picture_that_is_something_else_as_well_is_refused(more: bytes) -> None:
    with pytest.raises(BadUpload) as refused:
        clean_picture(sent(picture_bytes() + more))
    assert refused.value.fault is UploadFault.MORE_THAN_A_PICTURE


def test_the_film_behind_a_moving_photo_is_left_behind() -> None:
    upload = clean_picture(sent(picture_bytes() + b"\x00\x00\x00\x18ftypmp42 and a film"))
    assert b"ftyp" not in upload.data


@pytest.mark.parametrize("data", [b"", b"GIF89a", b"#EXTM3U\nhttp://x/", picture_bytes()])
def test_what_is_no_video_is_refused(data: bytes) -> None:
    with pytest.raises(BadUpload):
        clean_video(sent(data))


def test_a_bad_photo_is_told_beside_its_field_and_the_rest_is_kept(walker: Walker) -> None:
    at_document(walker).give_document(**PASSPORT).press(
        "下一步", court="深圳市南山区人民法院", files={"data_page": b"nonsense"}
    )
    assert walker.response.status_code == 422
    assert "不是照片" in walker.errors[0]
    assert walker.page.cssselect("[name=court] option[selected]")[0].get("value") == "深圳市南山区人民法院"


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "HEIF"])
def test_a_damaged_file_is_only_ever_a_bad_upload(kind: str) -> None:
    chance = random.Random(7)  # noqa: S311 (the same damage every time)
    picture = Image.fromarray(np.random.default_rng(1).integers(0, 255, (60, 80, 3), dtype=np.uint8)).resize((320, 240))
    exif = picture.getexif()
    exif[274], exif[271], exif[306], exif[282] = 6, "Maker", "2026:01:01 00:00:00", 72.0
    exif.get_ifd(0x8769)[36867] = "2026:01:01 00:00:00"
    whole = io.BytesIO()
    picture.save(whole, kind, exif=exif.tobytes())
    head = min(len(whole.getvalue()), 700)
    for turn in range(120):
        damaged = bytearray(whole.getvalue())
        if turn % 4 == 0:
            damaged = damaged[: chance.randrange(1, len(damaged))]
        for _ in range(chance.choice((1, 3, 10, 40)) if turn % 4 else 0):
            damaged[chance.randrange(head if turn % 4 == 1 else len(damaged))] ^= 1 << chance.randrange(8)
        with contextlib.suppress(BadUpload):
            clean_picture(FileStorage(io.BytesIO(bytes(damaged)), filename="a"))


def test_only_a_picture_that_shrinks_while_it_is_decoded_may_have_more_pixels_than_memory_holds_well() -> None:
    large, files = Image.new("RGB", (6000, 4400), "white"), {}
    for kind in ("JPEG", "PNG"):
        files[kind] = io.BytesIO()
        large.save(files[kind], kind)
    assert clean_picture(sent(files["JPEG"].getvalue())).width == 1600
    with pytest.raises(BadUpload) as refused:
        clean_picture(sent(files["PNG"].getvalue()))
    assert refused.value.fault is UploadFault.TOO_MANY_PIXELS
