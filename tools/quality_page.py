"""The page ``docs/quality.md``, made from the rules of quality themselves."""

from collections.abc import Iterator

from service.processing.quality.rule import Bound
from service.processing.quality.thresholds import GRADES, OTHER_PENALTIES, RULES

HEAD = """\
# Quality

Made by `make docs` from `service/processing/quality/thresholds.py`; do not edit.

`QUALITY_CHECK` says how good a document is for being read by a program: a score of
0-100, a grade, whether it is `readable` at all, and its issues, each with what was
measured and the threshold it was judged by. The same is the `quality` of
`FULL_ANALYSIS` and `BATCH_ANALYSIS`.

The score is 100 minus the penalties of all issues. An issue on one page takes that
page's share of the penalty: one blurry page of ten takes a tenth. A document that
cannot be opened scores 0. An `error` means that content is missing or cannot be read;
with one, the result's status is `degraded`.

A document is `readable` when at least half of its pages that are not blank can be made
out, by a program or by OCR.

"""
RULES_HEAD = """\
## Issues

| code | severity | penalty | threshold | meaning | source |
|---|---|---|---|---|---|
"""
GRADES_HEAD = """
## Grades

| grade | score from |
|---|---|
"""
OTHERS = """
Issues that other steps find and this table does not name take {warning} points as a
`warning`, {error} as an `error`, nothing as an `info`.

Not told apart from what is seen: text in a layer of a PDF that is switched off, text
of a tenth of a point, and text under something white.
"""
MEASURES_HEAD = """
## What is measured

Only pages that are pictures are measured as such: image files, and scans with or
without text over them. Sizes are those of the picture's own pixels.

| measure | how |
|---|---|
"""
MEASURES = {
    "textHeightPx": "median height of connected ink that has the shape of letters",
    "effectiveDpi": "pixels of the largest picture for each inch that it covers",
    "sharpness": "edge steepness: the largest step between neighbouring pixels of an "
    "8x8 block as share of its range; median over the blocks with an edge, after a 3x3 "
    "median",
    "contrastLevels": "mean paper minus mean ink; paper is looked at in tiles, for "
    "light falls unevenly",
    "noiseSigma": "standard deviation on the quietest quarter of 8x8 blocks",
    "skewDeg": "the angle at which ink gathers most in rows, -15 to 15, clockwise",
    "orientationDeg": "whether ink gathers in rows or columns, and on which side "
    "letters stand on a line, or how the page had to be turned for OCR; clockwise, "
    "null when in doubt",
    "inkShare": "share of the page, margins aside, that is darker than 200 of 255 at "
    "50 dpi; what is dark along an edge, up to an eighth of the page, does not count",
}


def quality_page() -> str:
    """Give the page as Markdown."""
    rows = "".join(_rows())
    grades = "".join(f"| {grade} | {least} |\n" for least, grade in GRADES)
    others = OTHERS.format_map({k: f"{v:g}" for k, v in OTHER_PENALTIES.items()})
    measures = "".join(f"| `{name}` | {how} |\n" for name, how in MEASURES.items())
    issues = f"{RULES_HEAD}{rows}{others}"
    return f"{HEAD}{issues}{GRADES_HEAD}{grades}{MEASURES_HEAD}{measures}"


def _rows() -> Iterator[str]:
    for rule in RULES:
        cells = (
            f"`{rule.code}`",
            rule.severity,
            f"{rule.penalty:g}",
            _threshold(rule.bound),
            rule.message,
            rule.source,
        )
        yield f"| {' | '.join(cells)} |\n"


def _threshold(bound: Bound | None) -> str:
    if bound is None:
        return "-"
    words = "from" if bound.side == "from" else "under"
    return f"{words} {bound.value:g} {bound.unit}"
