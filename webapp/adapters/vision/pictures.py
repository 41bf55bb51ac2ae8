"""Pictures as arrays, and how good they are: brightness 0–255, sharpness as the variance of the Laplacian."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]

cv2.setNumThreads(1)


def decode(picture: bytes) -> Array | None:
    """BGR array of a JPEG or PNG, or None when it can't be decoded."""
    if not picture:
        return None
    try:
        found = cv2.imdecode(np.frombuffer(picture, np.uint8), cv2.IMREAD_COLOR)
    except cv2.error:  # sides that no camera has
        return None
    return None if found is None else np.asarray(found)


def encode(array: Array, *, quality: int = 88) -> bytes:
    """JPEG bytes of a BGR array."""
    _, packed = cv2.imencode(".jpg", array, [cv2.IMWRITE_JPEG_QUALITY, quality])
    return packed.tobytes()


def fit(array: Array, longest: int) -> Array:
    """Shrunk so that neither side is above `longest`; never enlarged."""
    scale = longest / max(array.shape[:2])
    return array if scale >= 1 else cv2.resize(array, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)


def brightness(array: Array) -> float:
    """Mean of the grey picture."""
    return float(_grey(array).mean())


def sharpness(array: Array, *, width: int = 640) -> float:
    """Variance of the Laplacian at a width of at most `width` px, so that numbers of different cameras compare."""
    grey = _grey(array)
    scale = width / grey.shape[1]
    even = cv2.resize(grey, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA) if scale < 1 else grey
    return float(cv2.Laplacian(even, cv2.CV_64F).var())


def glare_share(array: Array) -> float:
    """The largest burnt-out blotch as a share of the picture; white paper is not one, its edge to the rest is soft."""
    grey = fit(_grey(array), 640)
    burnt = np.asarray(cv2.morphologyEx((grey >= 253).astype(np.uint8), cv2.MORPH_OPEN, np.ones((5, 5), np.uint8)))
    count, _, stats, _ = cv2.connectedComponentsWithStats(burnt)
    return float(stats[1:, cv2.CC_STAT_AREA].max() / grey.size) if count > 1 else 0.0


def _grey(array: Array) -> Array:
    return array if array.ndim == 2 else np.asarray(cv2.cvtColor(array, cv2.COLOR_BGR2GRAY))
