"""How numbers are written: separators of thousands and decimals, signs.

What one number leaves open (``1.234``) the document's others decide, then the language.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

Point = Literal[".", ","]
"""The decimal separator."""

NUMERAL = r"\d+(?:[.,'\u2019\u00b4]\d+|[ \u00a0\u202f]\d{3}(?!\d))*"
"""A number without sign: each separator stands between digits, a space before three."""
_MAX_DIGITS = 18
_GROUPS = "'\u2019\u00b4 \u00a0\u202f"
_POINTS: Mapping[str, Point] = {
    "en": ".", "zh": ".", "ja": ".",
    "de": ",", "fr": ",", "it": ",", "es": ",", "nl": ",", "pt": ",",
    "da": ",", "sv": ",", "nb": ",", "no": ",", "fi": ",", "pl": ",", "cs": ",",
    "hu": ",", "ro": ",", "tr": ",",
}  # fmt: skip
"""The usual decimal separator of a language (Unicode CLDR 44)."""


@dataclass(frozen=True, slots=True)
class Numeral:
    """A number as it was written."""

    value: str
    """Digits with a point: ``1234.50``."""
    decimals: int
    ambiguous: bool = False
    """Whether its separator may mean thousands as well as decimals."""


class Convention:
    """Which decimal separator a document uses."""

    def __init__(self, numerals: Iterable[str], language: str | None = None) -> None:
        votes = {".": 0, ",": 0}
        for written in numerals:
            point = _certain_point(written)
            if point is not None:
                votes[point] += 1
        self.point: Point | None = _POINTS.get(language or "")
        if votes["."] != votes[","]:
            self.point = "." if votes["."] > votes[","] else ","
        self.stated = votes["."] != votes[","]

    def read(self, written: str) -> Numeral | None:
        """Read a numeral; None when its separators make no number."""
        digits = sum(char.isdigit() for char in written)
        if digits > _MAX_DIGITS:
            return None
        for group in _GROUPS:
            if group in written:
                return _grouped(written, group)
        separators = [char for char in written if char in ".,"]
        if not separators:
            return Numeral(written.lstrip("0") or "0", 0)
        if len(set(separators)) == 2:
            return _with_point(written, separators[-1])
        separator = separators[0]
        if len(separators) > 1:
            return _without_point(written, separator)
        return self._single(written, separator)

    def _single(self, written: str, separator: str) -> Numeral | None:
        before, _, after = written.partition(separator)
        if len(after) != 3 or len(before) > 3 or before.startswith("0"):
            return _with_point(written, separator)
        if self.point is None:
            # More often thousands: amounts with three decimals are rare.
            return Numeral(before + after, 0, ambiguous=True)
        if self.point == separator and self.stated:
            return _with_point(written, separator)
        return Numeral(before + after, 0, ambiguous=not self.stated)


def _certain_point(written: str) -> Point | None:
    separators = [char for char in written if char in ".,"]
    if not separators:
        return None
    last = separators[-1]
    after = len(written) - written.rfind(last) - 1
    if len(set(separators)) == 1 and len(separators) > 1:
        return "," if last == "." else "."  # 1.234.567 groups by it
    if len(set(separators)) == 2 or after in {1, 2, 4}:
        return "." if last == "." else ","
    return None


def _with_point(written: str, point: str) -> Numeral | None:
    whole, _, decimals = written.rpartition(point)
    group = "," if point == "." else "."
    if point in whole or not _groups_hold(whole, group):
        return None
    return _numeral(whole.replace(group, ""), decimals)


def _without_point(written: str, group: str) -> Numeral | None:
    if not _groups_hold(written, group):
        return None
    return _numeral(written.replace(group, ""), "")


def _grouped(written: str, group: str) -> Numeral | None:
    """Read a number whose thousands are apart by apostrophes or spaces."""
    last = max(written.rfind("."), written.rfind(","))
    whole, decimals = written, ""
    if last > written.rfind(group):
        whole, decimals = written[:last], written[last + 1 :]
    if "." in whole or "," in whole or not _groups_hold(whole, group):
        return None
    return _numeral(whole.replace(group, ""), decimals)


def _groups_hold(whole: str, group: str) -> bool:
    """Say whether groups have three digits, or two but the last as in India."""
    first, *others = whole.split(group)
    if not others:
        return first.isdigit()
    if not 1 <= len(first) <= 3 or len(others[-1]) != 3:
        return False
    inner = {len(other) for other in others[:-1]}
    return inner <= {3} or (inner == {2} and len(first) <= 2)


def _numeral(whole: str, decimals: str) -> Numeral | None:
    if not whole.isdigit() or (decimals and not decimals.isdigit()):
        return None
    whole = whole.lstrip("0") or "0"
    return Numeral(f"{whole}.{decimals}" if decimals else whole, len(decimals))
