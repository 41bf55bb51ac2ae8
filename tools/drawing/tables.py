"""What lies behind and below: desks, cloth, newspapers, forms, screens; also the pictures without any card."""

from __future__ import annotations

import subprocess
from functools import cache
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

Array = NDArray[Any]
WOODS = ((150, 112, 78), (104, 74, 52), (188, 156, 118), (86, 66, 54), (206, 186, 158))
PLAINS = ((232, 230, 226), (60, 62, 66), (118, 126, 136), (176, 190, 182), (210, 196, 188), (40, 60, 92))
WORDS = (
    "人民法院公告收款账户确认书联系电话地址年月日本院受理申请执行人被执行人案件款发放登记表单位姓名证件号码开户银行"
    "请于收到之日起十五日内领取逾期不领的将依法提存特此通知天气预报新闻今日要闻经济市场价格商品房屋出租服务热线"
)


@cache
def font(family: str, size: int) -> ImageFont.FreeTypeFont:
    """A font of this machine, found by fontconfig; `size` in pixels."""
    command = ["fc-match", "-f", "%{file}\n%{index}", family]
    file, index = subprocess.run(command, check=True, capture_output=True, text=True).stdout.split("\n")
    return ImageFont.truetype(file, size, index=int(index))


def table(size: tuple[int, int], rng: np.random.Generator) -> Array:
    """An RGB float32 picture of something that a card may lie on."""
    kinds = (_wood, _plain, _cloth, _paper, _wood, _plain)
    return kinds[rng.integers(len(kinds))](size, rng)


def noise(size: tuple[int, int], grain: tuple[float, float], rng: np.random.Generator) -> Array:
    """Smooth noise around 0, about ±1; `grain` is how many pixels wide and high its blots are."""
    shape = (max(2, int(size[1] / grain[1]) + 2), max(2, int(size[0] / grain[0]) + 2))
    small = rng.standard_normal(shape, dtype=np.float32)
    return np.asarray(cv2.resize(small, size, interpolation=cv2.INTER_CUBIC), np.float32)


def _wood(size: tuple[int, int], rng: np.random.Generator) -> Array:
    colour = np.array(WOODS[rng.integers(len(WOODS))], np.float32) * rng.uniform(0.85, 1.12)
    grain = 7 * noise(size, (420, 5), rng) + 4 * noise(size, (160, 2), rng) + 9 * noise(size, (900, 60), rng)
    return np.asarray(colour + grain[..., None] * np.array([1, 0.85, 0.7], np.float32), np.float32)


def _plain(size: tuple[int, int], rng: np.random.Generator) -> Array:
    colour = np.array(PLAINS[rng.integers(len(PLAINS))], np.float32)
    return np.asarray(colour + 3 * noise(size, (300, 300), rng)[..., None] + noise(size, (2, 2), rng)[..., None])


def _cloth(size: tuple[int, int], rng: np.random.Generator) -> Array:
    y, x = np.mgrid[0 : size[1], 0 : size[0]].astype(np.float32)
    step, wide = rng.uniform(3, 7), rng.uniform(40, 160)
    weave = 8 * (np.sin(2 * np.pi * x / step) * np.sin(2 * np.pi * y / step))
    checks = ((x // wide + (y // wide) * (rng.random() < 0.6)) % 2)[..., None]
    one, other = (np.array(rng.integers(60, 235, 3), np.float32) for _ in range(2))
    return np.asarray(one * (1 - 0.5 * checks) + other * 0.5 * checks + weave[..., None], np.float32)


def _paper(size: tuple[int, int], rng: np.random.Generator) -> Array:
    return np.asarray(printed_page(size, rng), np.float32)


def printed_page(size: tuple[int, int], rng: np.random.Generator) -> Image.Image:
    """A newspaper, form or receipt: lines of Chinese with dates, sums, phone and other long numbers between."""
    page = Image.new("RGB", size, tuple(int(v) for v in rng.integers(222, 252, 3)))
    pen = ImageDraw.Draw(page)
    letter = font(("Noto Serif CJK SC", "Noto Sans CJK SC")[rng.integers(2)], int(rng.integers(22, 46)))
    ink = tuple(int(v) for v in rng.integers(20, 90, 3))
    y = int(rng.integers(0, 30))
    while y < size[1]:
        words: list[str] = []
        while len("".join(words)) < size[0] // letter.size:
            start, length = int(rng.integers(len(WORDS) - 14)), int(rng.integers(3, 13))
            words.append(WORDS[start : start + length])
            if rng.random() < 0.35:
                words.append(number_like(rng))
        pen.text((int(rng.integers(-40, 30)), y), "，".join(words), font=letter, fill=ink)
        y += int(letter.size * rng.uniform(1.3, 1.9))
    return page.rotate(float(rng.normal(0, 6)), resample=Image.Resampling.BICUBIC, fillcolor=(238, 236, 230))


def number_like(rng: np.random.Generator) -> str:
    """A number as papers are full of, none of them a bank card's: phone, sum, date, order, barcode."""
    digits = "".join(str(d) for d in rng.integers(0, 10, 24))
    return (
        "1" + digits[:10],
        f"{digits[:4].lstrip('0') or '7'}.{digits[4:6]}元",
        f"20{digits[:2]}年{int(digits[2]) + 1}月{int(digits[3]) + 1}日",
        "202" + digits[: int(rng.integers(9, 19))],
        "69" + digits[:11],
        f"（20{digits[:2]}）京01执{digits[2:5]}号",
        f"010-{digits[:8]}",
    )[rng.integers(7)]
