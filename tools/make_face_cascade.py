"""Packs OpenCV's frontal face cascade for the page: static/vendor/face-cascade.bin, with its licence beside it.

    python tools/make_face_cascade.py

The source is haarcascade_frontalface_alt.xml of the package opencv-python-headless. Little-endian; first the number of
stages (u16), then each stage: number of stumps (u16), threshold (f32); each stump: number of rectangles (u8), of each x, y,
width, height (u8) and weight (i8), then threshold, value below it, value from it on (f32).
"""

from __future__ import annotations

import struct
from pathlib import Path
from xml.etree import ElementTree

import cv2

SOURCE = Path(cv2.data.haarcascades) / "haarcascade_frontalface_alt.xml"
VENDOR = Path(__file__).parents[1] / "static" / "vendor"
EPSILON = 1e-5  # OpenCV takes it from each stage's threshold


def packed(source: str) -> bytes:
    """The cascade as bytes."""
    root = ElementTree.fromstring(source).find("cascade")  # noqa: S314 (a file of a package that is installed)
    if root is None:
        raise ValueError("no cascade")
    rectangles = [
        [rect.text.split() for rect in feature.iterfind("rects/_")] for feature in root.iterfind("features/_")
    ]
    stages = list(root.iterfind("stages/_"))
    out = [struct.pack("<H", len(stages))]
    for stage in stages:
        stumps = list(stage.iterfind("weakClassifiers/_"))
        out.append(struct.pack("<Hf", len(stumps), float(stage.findtext("stageThreshold", "")) - EPSILON))
        for stump in stumps:
            _left, _right, feature, threshold = stump.findtext("internalNodes", "").split()
            rects = rectangles[int(feature)]
            out.append(struct.pack("<B", len(rects)))
            out.extend(struct.pack("<4Bb", *map(int, place), round(float(weight))) for *place, weight in rects)
            out.append(struct.pack("<3f", float(threshold), *map(float, stump.findtext("leafValues", "").split())))
    return b"".join(out)


if __name__ == "__main__":
    text = SOURCE.read_text()
    (VENDOR / "face-cascade.bin").write_bytes(packed(text))
    (VENDOR / "face-cascade-LICENSE").write_text(text.split("<!--", 1)[1].split("-->", 1)[0].strip() + "\n")
