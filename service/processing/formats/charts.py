"""Charts of office documents: their words, and the values that were drawn.

The values are kept with the chart, since the workbook behind it may be elsewhere
(ECMA-376 part 1, §21.2).
"""

from itertools import islice

from lxml import etree

from service.processing.formats.archive import local_name
from service.processing.formats.content import parsing
from service.processing.formats.flow import Flow
from service.processing.formats.office_walk import number
from service.processing.formats.sheet_formats import general

_NUMBERS = frozenset({"numCache", "numLit"})
_POINTS_MAX = 10_000
"""Of one row of values; more are no chart that anybody reads."""
_SERIES_MAX = 255
"""As many as programs draw in one."""


def add_chart(flow: Flow, root: etree._Element | None, *, values: bool = True) -> None:
    """Add a chart as a section: its titles, and a table of its values.

    Args:
        flow: The page it stands on.
        root: The chart; None = there is none.
        values: Whether its values are wanted: in a workbook they are in the cells.
    """
    if root is None:
        return
    flow.add_section()
    with parsing():
        for paragraph in root.iter("{*}p"):
            texts = (each.text or "" for each in paragraph.iter("{*}t"))
            flow.add("".join(texts))
        rows, complete = _rows(root) if values else ([], True)
    if not complete:
        message = (
            f"Charts were cut off at {_SERIES_MAX} series or {_POINTS_MAX} places."
        )
        flow.hit_limit("table_cells", message)
    if rows:
        flow.add_table(rows, has_header=True)


def _rows(root: etree._Element) -> tuple[list[list[str]], bool]:
    """Give a chart's values as a table, and whether that is all of them."""
    names: list[str] = []
    columns: list[dict[int, str]] = []
    categories: dict[int, str] = {}
    drawn = list(islice(root.iter("{*}ser"), _SERIES_MAX + 1))
    for series in drawn[:_SERIES_MAX]:
        names.append(" ".join(_points(series.find("{*}tx")).values()))
        columns.append(_points(_first(series, "val", "yVal")))
        categories = _points(_first(series, "cat", "xVal")) | categories
    places = sorted({place for column in (*columns, categories) for place in column})
    complete = len(drawn) <= _SERIES_MAX and len(places) <= _POINTS_MAX
    rows = [
        [categories.get(place, ""), *(each.get(place, "") for each in columns)]
        for place in places[:_POINTS_MAX]
    ]
    return [["", *names], *rows] if rows else [], complete


def _first(series: etree._Element, *names: str) -> etree._Element | None:
    found = (series.find(f"{{*}}{name}") for name in names)
    return next((each for each in found if each is not None), None)


def _points(element: etree._Element | None) -> dict[int, str]:
    """Give the values of a reference by their places, or what is written at once."""
    if element is None:
        return {}
    found: dict[int, str] = {}
    for point in element.iter("{*}v"):
        parent = point.getparent()
        index = None
        text = point.text or ""
        if parent is not None and local_name(parent) == "pt":
            index = number(parent.get("idx"))
            kept = parent.getparent()
            if kept is not None and local_name(kept) in _NUMBERS:
                text = _shown(text)
        found[len(found) if index is None else index] = text
        if len(found) > _POINTS_MAX:  # one too many says that there are more
            break
    return found


def _shown(text: str) -> str:
    try:
        return general(float(text))
    except ValueError:
        return text
