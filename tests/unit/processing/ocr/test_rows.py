"""Rows made anew from boxes; needs no engine."""

import math
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from service.processing.ocr.rows import Found, confidence_of, rows, text_of

LINES = (("Invoice number", "HF-4711"), ("Total", "EUR 1,658.38"), ("Thank you",))


def page(angle_deg: float) -> list[Found]:
    """Three lines of labels with values far right of them, on a page laid in askew."""
    return [
        Found(text, 0.97, turned(40.0 + 380.0 * column, 60.0 + 30.0 * line, angle_deg))
        for line, texts in enumerate(LINES)
        for column, text in enumerate(texts)
    ]


def turned(
    left: float, top: float, angle_deg: float, *, height: float = 14.0
) -> list[tuple[float, float]]:
    sin, cos = math.sin(math.radians(angle_deg)), math.cos(math.radians(angle_deg))
    right, bottom = left + 90.0, top + height
    corners = [(left, top), (right, top), (right, bottom), (left, bottom)]
    return [(x * cos - y * sin, x * sin + y * cos) for x, y in corners]


@given(st.floats(-8.0, 8.0), st.randoms(use_true_random=False))
def test_label_and_value_share_a_row_however_the_page_lies(
    angle_deg: float, random: Random
) -> None:
    found = page(angle_deg)
    random.shuffle(found)
    assert text_of(rows(found)).splitlines() == [" ".join(line) for line in LINES]


def test_boxes_are_those_of_a_page_laid_in_straight() -> None:
    [[run]] = rows([Found("Total", 0.9, turned(40.0, 60.0, 3.0))])
    left, top, right, bottom = run.bbox
    assert (round(right - left), round(bottom - top)) == (90, 14)


def test_lines_of_nearly_one_height_are_of_one_size_of_type() -> None:
    heights = [14.0, 12.5, 15.5, 14.5, 30.0]
    found = [
        Found("A line", 0.9, turned(40.0, 60.0 + 40.0 * n, 0.0, height=height))
        for n, height in enumerate(heights)
    ]
    *body, heading = (run.size_pt for row in rows(found) for run in row)
    assert len(set(body)) == 1
    assert heading > 1.5 * body[0]


def test_what_is_recognised_is_never_quite_certain() -> None:
    placed = rows([Found("abc", 1.0, turned(40.0, 60.0, 0.0))])
    assert confidence_of(placed) == placed[0][0].confidence < 1


def test_an_empty_page_has_no_rows() -> None:
    assert rows([]) == []
    assert text_of([]) == ""
    assert confidence_of([]) == 0.0
