"""Files that people send: decoded, turned upright, made smaller and written anew; what can't be decoded is refused."""

from __future__ import annotations

import io
import struct
import warnings
from dataclasses import dataclass
from enum import StrEnum

import pillow_heif
from PIL import Image, ImageOps, UnidentifiedImageError
from werkzeug.datastructures import FileStorage

LONGEST_SIDE = 1600
MOST_PIXELS = 50_000_000
MOST_BYTES = 20_000_000
MOST_VIDEO_BYTES = 16_000_000
_FORMATS = ("JPEG", "PNG", "WEBP", "HEIF", "GIF", "BMP")

pillow_heif.register_heif_opener()
Image.init()  # all formats are known from the start, whichever comes first
Image.MAX_IMAGE_PIXELS = MOST_PIXELS


class UploadFault(StrEnum):
    """Why a file is refused; each has its own words."""

    EMPTY = "empty"
    TOO_LARGE = "too_large"
    NOT_A_PICTURE = "not_a_picture"
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
    """The picture as an upright RGB JPEG of at most `longest_side` pixels, nothing else of the file kept."""
    raw = _bytes_of(file, MOST_BYTES)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # what a damaged file's metadata makes Pillow say
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            return _rewritten(raw, longest_side)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise BadUpload(UploadFault.TOO_MANY_PIXELS) from None
    except (
        UnidentifiedImageError,
        OSError,
        SyntaxError,
        ValueError,
        EOFError,
        struct.error,
        IndexError,
        KeyError,
        TypeError,
    ):
        raise BadUpload(UploadFault.NOT_A_PICTURE) from None


def _rewritten(raw: bytes, longest_side: int) -> Upload:
    with Image.open(io.BytesIO(raw), formats=_FORMATS) as opened:
        if opened.width * opened.height > MOST_PIXELS:
            raise BadUpload(UploadFault.TOO_MANY_PIXELS)
        opened.draft("RGB", (longest_side, longest_side))
        picture = ImageOps.exif_transpose(opened).convert("RGB")
    picture.thumbnail((longest_side, longest_side), Image.Resampling.LANCZOS)
    if min(picture.size) < 200:
        raise BadUpload(UploadFault.TOO_SMALL)
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=88)
    return Upload(out.getvalue(), "image/jpeg", *picture.size)


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
