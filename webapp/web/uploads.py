"""Files that people send: decoded, turned upright, made smaller and written anew; what can't be decoded is refused."""

from __future__ import annotations

import contextlib
import io
import re
import struct
import threading
import warnings
import zipfile
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

import pillow_heif
from PIL import Image, ImageOps, UnidentifiedImageError
from werkzeug.datastructures import FileStorage

LONGEST_SIDE = 1600
MOST_PIXELS = 50_000_000
MOST_DECODED = 25_000_000  # what is held unpacked; a JPEG is made smaller while it is decoded
MOST_BYTES = 20_000_000
MOST_VIDEO_BYTES = 16_000_000
MOST_FRAMES, MOST_FRAME_BYTES = 4, 120_000
_FOREIGN = re.compile(rb"<script|<!doctype|<html[\s>]|<\?php", re.IGNORECASE)
_KEY = re.compile(r"[\w-]{10,22}", re.ASCII)
_BROKEN = (OSError, SyntaxError, ValueError, EOFError, struct.error, IndexError, KeyError, TypeError)
_one_by_one = threading.Lock()  # each picture may take 200 MB for a moment
_FORMATS = ("JPEG", "PNG", "WEBP", "HEIF", "GIF", "BMP")

pillow_heif.register_heif_opener()
Image.init()  # all formats are known from the start, whichever comes first
Image.MAX_IMAGE_PIXELS = MOST_PIXELS


class UploadFault(StrEnum):
    """Why a file is refused; each has its own words."""

    EMPTY = "empty"
    TOO_LARGE = "too_large"
    NOT_A_PICTURE = "not_a_picture"
    DAMAGED = "damaged"
    MORE_THAN_A_PICTURE = "more_than_a_picture"
    TOO_MANY_PIXELS = "too_many_pixels"
    TOO_SMALL = "too_small"
    NOT_A_VIDEO = "not_a_video"


class BadUpload(Exception):
    """The file can't be used; `fault` says why."""

    def __init__(self, fault: UploadFault) -> None:
        self.fault = fault
        super().__init__(fault.value)


@dataclass(frozen=True, slots=True)
class Upload:
    """A clean file: JPEG without metadata, or a video as it came (the worker decodes it)."""

    data: bytes
    media_type: str
    width: int = 0
    height: int = 0


def clean_picture(file: FileStorage, *, longest_side: int = LONGEST_SIDE) -> Upload:
    """The picture as an upright RGB JPEG of at most `longest_side` pixels, nothing else of the file kept.

    Raises BadUpload: for what is no picture, for one that breaks off or claims too many pixels, and for a file that is a
    page, a program, an archive or a PDF as well. (The film behind a phone's moving photo is no harm; it is left behind.)
    """
    raw = _bytes_of(file, MOST_BYTES)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # what a damaged file's metadata makes Pillow say
        warnings.simplefilter("error", Image.DecompressionBombWarning)
        try:
            with _one_by_one:
                return _rewritten(raw, longest_side)
        except (Image.DecompressionBombError, Image.DecompressionBombWarning):
            raise BadUpload(UploadFault.TOO_MANY_PIXELS) from None
        except UnidentifiedImageError:
            raise BadUpload(UploadFault.NOT_A_PICTURE) from None
        except _BROKEN:
            raise BadUpload(UploadFault.DAMAGED) from None


def clean_frames(files: Iterable[FileStorage]) -> list[Upload]:
    """Further looks at the same thing, at most four small ones: they help a reader, so a bad one is left out unsaid."""
    clean = []
    for file in list(files)[:MOST_FRAMES]:
        raw = file.stream.read(MOST_FRAME_BYTES + 1)
        if raw and len(raw) <= MOST_FRAME_BYTES:
            with contextlib.suppress(BadUpload):
                clean.append(clean_picture(FileStorage(io.BytesIO(raw))))
    return clean


def upload_key(given: str | None) -> str:
    """The name that a page gave its picture, or "" when it isn't one."""
    return given if given and _KEY.fullmatch(given) else ""


def _rewritten(raw: bytes, longest_side: int) -> Upload:
    with Image.open(io.BytesIO(raw), formats=_FORMATS) as opened:
        if opened.width * opened.height > MOST_PIXELS:
            raise BadUpload(UploadFault.TOO_MANY_PIXELS)
        if _is_more_than_a_picture(raw):
            raise BadUpload(UploadFault.MORE_THAN_A_PICTURE)
        opened.draft("RGB", (longest_side, longest_side))
        if opened.width * opened.height > MOST_DECODED:
            raise BadUpload(UploadFault.TOO_MANY_PIXELS)
        picture = opened if opened.mode in ("RGB", "L") else opened.convert("RGB")
        picture.thumbnail((longest_side, longest_side), Image.Resampling.LANCZOS)
        picture = ImageOps.exif_transpose(picture).convert("RGB")
    if min(picture.size) < 200:
        raise BadUpload(UploadFault.TOO_SMALL)
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=88)
    return Upload(out.getvalue(), "image/jpeg", *picture.size)


def _is_more_than_a_picture(raw: bytes) -> bool:
    """True for a polyglot: readers of PDF look at the first kilobyte, those of ZIP at the end, browsers anywhere."""
    return b"%PDF-" in raw[:1024] or bool(_FOREIGN.search(raw)) or zipfile.is_zipfile(io.BytesIO(raw))


def clean_video(file: FileStorage) -> Upload:
    """A WebM or MP4 by its first bytes. How long it is and what it shows is found out by decoding, in the worker."""
    raw = _bytes_of(file, MOST_VIDEO_BYTES)
    if raw[:4] == b"\x1aE\xdf\xa3":
        return Upload(raw, "video/webm")
    if raw[4:8] == b"ftyp":
        return Upload(raw, "video/mp4")
    raise BadUpload(UploadFault.NOT_A_VIDEO)


def _bytes_of(file: FileStorage, most: int) -> bytes:
    raw = file.stream.read(most + 1)
    if not raw:
        raise BadUpload(UploadFault.EMPTY)
    if len(raw) > most:
        raise BadUpload(UploadFault.TOO_LARGE)
    return raw
