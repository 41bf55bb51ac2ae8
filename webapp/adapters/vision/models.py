"""The model files, by name, size and hash. What doesn't match is not loaded."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class ModelFile:
    """One file as its maker published it."""

    size: int
    sha256: str


TEXT_FINDER = "PP-OCRv6_det_small.onnx"
TEXT_READER = "PP-OCRv6_rec_small.onnx"
SECOND_READER = "ch_PP-OCRv4_rec_infer.onnx"
FACE_FINDER = "face_detection_yunet_2023mar_int8bq.onnx"
FACE_DESCRIBER = "face_recognition_sface_2021dec_int8bq.onnx"
FACE_MESH = "face_landmark.tflite"
EYE_CONTOUR = "iris_landmark.tflite"

FILES = {
    TEXT_FINDER: ModelFile(9929594, "090f04abcd9d9a7498bc4ebf677e4cb9bdce1fe4197ddb7e529f1ef44e1ff94f"),
    TEXT_READER: ModelFile(21234383, "6f327246b50388f3c176ae304bd95767ea6dc0c9ae92153ef8cbe210b3c14884"),
    SECOND_READER: ModelFile(10857958, "48fc40f24f6d2a207a2b1091d3437eb3cc3eb6b676dc3ef9c37384005483683b"),
    FACE_FINDER: ModelFile(122489, "49f000ec501fef24739071fc7e68267d32209045b6822c0c72dce1da25726f10"),
    FACE_DESCRIBER: ModelFile(10667852, "fb143eea07838aa532d1c95df5f69899974ea0140e1fba05e94204be13ed74ee"),
    FACE_MESH: ModelFile(2439440, "2efcb4f4de43c7614b80a3cc3e8a37354b3b3b40f75cce20f6f38f0f25d65493"),
    EYE_CONTOUR: ModelFile(2640568, "d1744d2a09c25f501d39eba4faff47e53ecca8852c5ce19bce8eeac39357521f"),
}


class ModelMissing(Exception):
    """A model file isn't there or isn't what it should be: run `make models`."""


def model_path(folder: Path, name: str) -> Path:
    """The checked path of a model; raises ModelMissing."""
    path = folder / name
    if not path.exists():
        raise ModelMissing(f"{name} is missing; `make models` fetches it")
    if hashlib.sha256(path.read_bytes()).hexdigest() != FILES[name].sha256:
        raise ModelMissing(f"{name} is not the published file; `make models` fetches it anew")
    return path
