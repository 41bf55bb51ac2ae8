"""Where a number may stand in a picture, told from boxes alone: across the card, or in groups under each other."""

from __future__ import annotations

import numpy as np
import pytest

from webapp.adapters.vision.boxes import Box
from webapp.adapters.vision.card_lines import OTHER_WAYS, WAYS, Look, NumberLine, stacks


def group(x: float, y: float, *, width: float = 160, height: float = 60, angle: float = 0.0) -> Box:
    return Box((x, y), width, height, angle)


FOUR = tuple(group(300, 400 + 70 * row) for row in range(4))


def test_four_groups_under_each_other_are_one_number() -> None:
    assert stacks(list(FOUR)) == [FOUR]


def test_the_last_group_may_be_shorter() -> None:
    shorter = group(280, 680, width=120)
    assert stacks([*FOUR, shorter]) == [(*FOUR, shorter)]


@pytest.mark.parametrize(
    "other",
    [group(300, 800), group(420, 680), group(300, 680, height=30), group(300, 680, angle=20.0)],
    ids=["farther down", "from another edge", "smaller", "at another slope"],
)
def test_what_stands_otherwise_is_no_group_of_it(other: Box) -> None:
    assert stacks([*FOUR, other]) == [FOUR]


def test_lines_beside_each_other_are_no_groups() -> None:
    assert stacks([group(300, 400), group(900, 400)]) == []


def test_groups_are_seen_beside_each_other_in_their_order() -> None:
    picture = np.zeros((700, 600, 3), np.uint8)
    for place, box in enumerate(FOUR):
        y = round(box.centre[1])
        picture[y - 30 : y + 30, 220:380] = 60 * (place + 1)
    cut = NumberLine(picture, FOUR).cut()
    middle = cut[cut.shape[0] // 2, :, 0]
    assert [int(middle[round(cut.shape[1] * share)]) for share in (0.15, 0.4, 0.6, 0.85)] == [60, 120, 180, 240]


def test_a_picture_whose_text_runs_up_or_down_stands_on_end() -> None:
    picture = np.zeros((10, 10, 3), np.uint8)
    assert Look(picture, [group(1, 1, angle=88.0), group(2, 2, angle=-89.0)]).stands_on_end
    assert not Look(picture, list(FOUR)).stands_on_end
    assert not Look(picture, []).stands_on_end


def test_relief_on_a_blue_card_is_plain_in_its_strongest_colour() -> None:
    """Half as much light again on a blue is a step of six in grey."""
    picture = np.zeros((300, 1200, 3), np.uint8)
    picture[...] = (90, 4, 4)
    for left in range(200, 1000, 40):
        picture[125:175, left : left + 12] = (140, 4, 4)
    line = NumberLine(picture, (Box((600, 150), 1000, 100, 0.0),))
    grey, *_ = (float(way.see(line).std()) for way in WAYS)
    assert all(float(way.see(line).std()) > 3 * grey for way in OTHER_WAYS)
    shapes = {round(seen.shape[1] / seen.shape[0], 1) for seen in (way.see(line) for way in OTHER_WAYS)}
    assert len(shapes) == 3, "two heights, one of them also stretched"
