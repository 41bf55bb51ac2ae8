"""A sheet on a table, as a phone's camera sees it: tilt, light, fingers, glare, blur, noise, JPEG.

`hardness` runs from 0 (somebody who takes care, by a window) to 1 (in a hurry, at night, with an old phone).
"""

from __future__ import annotations

import io
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from drawing.tables import table

Array = NDArray[Any]
SIZE = (1600, 1067)
SKIN = ((224, 178, 146), (198, 146, 112), (160, 112, 82), (236, 196, 170))


def photograph(
    sheet: Image.Image,
    rng: np.random.Generator,
    hardness: float,
    *,
    corner: float = 0.037,
    size: tuple[int, int] = SIZE,
) -> Image.Image:
    """An RGB picture of `size` px with the sheet on some table; `corner` is its corners' radius by its width."""
    scene = table(size, rng)
    where = _corners(sheet.size, size, rng, hardness)
    scene = _laid(scene, sheet, where, corner, rng)
    if rng.random() < 0.25 + 0.3 * hardness:
        scene = _fingers(scene, where, rng)
    scene = _light(scene, rng, hardness)
    if rng.random() < 0.15 + 0.6 * hardness:
        scene = _glare(scene, where, rng, hardness)
    scene = _blurred(scene, rng, hardness)
    grain = rng.standard_normal(scene.shape[:2], dtype=np.float32) * np.float32(1.2 + 7 * hardness * rng.random())
    scene = scene + grain[..., None]
    return Image.open(io.BytesIO(jpeg(Image.fromarray(_bytes(scene)), rng, hardness))).convert("RGB")


def jpeg(picture: Image.Image, rng: np.random.Generator, hardness: float) -> bytes:
    """As a phone or a messenger packs it: quality 92 down to 45."""
    packed = io.BytesIO()
    picture.save(packed, "JPEG", quality=round(92 - 47 * hardness * rng.random()))
    return packed.getvalue()


def _bytes(scene: Array) -> Array:
    return np.clip(scene, 0, 255).astype(np.uint8)


def _corners(sheet: tuple[int, int], size: tuple[int, int], rng: np.random.Generator, hardness: float) -> Array:
    """Where the sheet's corners come to lie: a camera a little off its middle, the sheet a little turned."""
    fill = rng.uniform(0.84 - 0.16 * hardness, 0.95 - 0.05 * hardness)
    width, height = sheet
    scale = fill * min(size[0] / width, size[1] / height * 0.98)
    flat = np.array([[-width, -height], [width, -height], [width, height], [-width, height]], np.float32) / 2 * scale
    turn = np.radians(rng.normal(0, 1.2 + 3.2 * hardness))
    pitch, yaw = (np.radians(rng.normal(0, 3 + 9 * hardness)) for _ in range(2))
    depth = 2.2 * size[0]
    x = flat[:, 0] * np.cos(turn) - flat[:, 1] * np.sin(turn)
    y = flat[:, 0] * np.sin(turn) + flat[:, 1] * np.cos(turn)
    far = depth + x * np.sin(yaw) + y * np.sin(pitch)
    seen = np.stack([x * np.cos(yaw) * depth / far, y * np.cos(pitch) * depth / far], axis=1)
    middle = np.array(size) / 2 + rng.normal(0, 0.008 + 0.012 * hardness, 2) * size
    return np.asarray(seen - seen.mean(axis=0) + middle, np.float32)


def _laid(scene: Array, sheet: Image.Image, where: Array, corner: float, rng: np.random.Generator) -> Array:
    width, height = sheet.size
    mask = Image.new("L", sheet.size, 0)
    ImageDraw.Draw(mask).rounded_rectangle((1, 1, width - 2, height - 2), max(2, corner * width), fill=255)
    source = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)
    matrix = cv2.getPerspectiveTransform(source, where)
    size = (scene.shape[1], scene.shape[0])
    laid = cv2.warpPerspective(np.asarray(sheet.convert("RGB")), matrix, size, flags=cv2.INTER_AREA)
    cover = cv2.warpPerspective(np.asarray(mask, np.float32) / 255, matrix, size)
    lamp = rng.uniform(0, 2 * np.pi)
    thick = rng.uniform(4, 16)
    move = np.array([[1, 0, thick * np.cos(lamp)], [0, 1, thick * np.sin(lamp)]], np.float32)
    wide = int(rng.uniform(5, 15)) * 2 + 1
    shadow = cv2.blur(cv2.blur(cv2.warpAffine(cover, move, size), (wide, wide)), (wide, wide))[..., None]
    under = scene * (1 - np.float32(rng.uniform(0.3, 0.6)) * shadow)
    return np.asarray(cv2.blendLinear(laid.astype(np.float32), under, cover, 1 - cover))


def _fingers(scene: Array, where: Array, rng: np.random.Generator) -> Array:
    """One or two finger tips over an edge, with a nail; a seventh of the height deep at most, never far into a line."""
    skin = np.array(SKIN[rng.integers(len(SKIN))], np.float32)
    for _ in range(rng.integers(1, 3)):
        side = rng.integers(4)
        one, other = where[side], where[(side + 1) % 4]
        at = one + (other - one) * rng.uniform(0.12, 0.88)
        out = at - where.mean(axis=0)
        out = out / np.linalg.norm(out)
        thick = rng.uniform(75, 120)
        tip = at - out * rng.uniform(-0.2, 0.35) * thick
        far = tip + out * 900 + np.array([-out[1], out[0]]) * rng.uniform(-260, 260)
        _finger(scene, skin, tip, far, thick)
    return scene


def _finger(scene: Array, skin: Array, tip: Array, far: Array, thick: float) -> None:
    """Draws one into the scene; only the part that it may touch is looked at."""
    room = thick / 2 + 40
    low = np.clip(np.minimum(tip, far) - room, 0, None).astype(int)
    high = (np.maximum(tip, far) + room).astype(int)
    part = scene[low[1] : high[1], low[0] : high[0]]
    if not part.size:
        return
    tip, far = tip - low, far - low
    layer, nail = np.zeros(part.shape[:2], np.uint8), np.zeros(part.shape[:2], np.uint8)
    cv2.line(layer, tuple(int(v) for v in tip), tuple(int(v) for v in far), 255, int(thick), cv2.LINE_AA)
    cover = cv2.GaussianBlur(layer, (0, 0), 2.5).astype(np.float32)[..., None] / 255
    round_ = cv2.blur(cv2.blur(layer, (int(thick / 2),) * 2), (int(thick / 2),) * 2)[..., None] / np.float32(255)
    shadow = cv2.blur(cv2.blur(layer, (31, 31)), (31, 31))[..., None] / np.float32(255)
    out = (far - tip) / np.linalg.norm(far - tip)
    angle = float(np.degrees(np.arctan2(out[1], out[0])))
    centre = tuple(float(v) for v in tip + out * thick * 0.12)
    cv2.ellipse(nail, (centre, (thick * 0.62, thick * 0.5), angle), 255, -1, cv2.LINE_AA)
    shine = cv2.GaussianBlur(nail, (0, 0), 2).astype(np.float32)[..., None] / 255 * np.float32(0.5)
    body = part * (1 - np.float32(0.35) * shadow) * (1 - cover) + skin * (0.45 + 0.6 * round_) * cover
    part[:] = body * (1 - shine) + np.clip(skin * 1.08 + 6, 0, 255) * shine


def _light(scene: Array, rng: np.random.Generator, hardness: float) -> Array:
    """A lamp to one side, its colour, how long the camera looked; in hard ones the shadow of the phone or a hand."""
    x, y = _coarse(scene)
    angle = rng.uniform(0, 2 * np.pi)
    along = x * np.cos(angle) + y * np.sin(angle)
    light = 1 + (0.1 + 0.45 * hardness * rng.random()) * along
    if rng.random() < 0.1 + 0.35 * hardness:
        edge = rng.uniform(-0.3, 0.3)
        light *= 1 - rng.uniform(0.15, 0.45) / (1 + np.exp(-(along - edge) * rng.uniform(12, 60)))
    warm = rng.normal(0, 0.03 + 0.05 * hardness)
    exposure = rng.normal(1.0, 0.06) - 0.42 * hardness * rng.random() ** 2
    colour = np.array([1 + warm, 1, 1 - warm], np.float32) * exposure
    return np.asarray(scene * (_fine(light, scene)[..., None] * colour), np.float32)


def _glare(scene: Array, where: Array, rng: np.random.Generator, hardness: float) -> Array:
    """A lamp or a window mirrored in the plastic: it veils, and in its middle burns out."""
    height, width = scene.shape[:2]
    inside = rng.dirichlet(np.ones(4)) @ where
    x, y = _coarse(scene)
    dx, dy = (x + 0.5) * width - inside[0], (y + 0.5) * height - inside[1]
    angle = rng.uniform(0, np.pi)
    u, v = dx * np.cos(angle) + dy * np.sin(angle), dy * np.cos(angle) - dx * np.sin(angle)
    long, short = rng.uniform(90, 420), rng.uniform(30, 110)
    veil = np.exp(-(np.abs(u / long) ** 2.5) - np.abs(v / short) ** 2.5)
    bright = 70 + 110 * hardness * rng.random()
    return np.asarray(scene + bright * _fine(veil, scene)[..., None], np.float32)


def _coarse(scene: Array) -> tuple[Array, Array]:
    """x and y from −0.5 to 0.5 on a quarter of the picture's pixels: light has no fine parts."""
    height, width = (side // 4 for side in scene.shape[:2])
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    return x / width - 0.5, y / height - 0.5


def _fine(light: Array, scene: Array) -> Array:
    return np.asarray(cv2.resize(light.astype(np.float32), (scene.shape[1], scene.shape[0])), np.float32)


def _blurred(scene: Array, rng: np.random.Generator, hardness: float) -> Array:
    """Out of focus, and in hard ones a hand that moved."""
    scene = cv2.GaussianBlur(scene, (0, 0), 0.5 + (0.3 + 1.7 * hardness) * rng.random())
    if rng.random() < 0.5 * hardness:
        length = int(rng.uniform(3, 4 + 7 * hardness))
        kernel = np.zeros((length, length), np.float32)
        angle = rng.uniform(0, np.pi)
        middle = (length - 1) / 2
        end = np.array([np.cos(angle), np.sin(angle)]) * middle
        one, other = middle - end, middle + end
        cv2.line(kernel, tuple(round(float(v)) for v in one), tuple(round(float(v)) for v in other), 1.0, 1)
        scene = cv2.filter2D(scene, -1, kernel / max(kernel.sum(), 1))
    return np.asarray(scene, np.float32)
