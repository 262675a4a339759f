"""Which damage must be called what."""

from collections.abc import Callable
from dataclasses import dataclass

from PIL import Image

from tools.make_scans import damage
from tools.make_scans.pages import clean_scan


@dataclass(frozen=True, slots=True)
class Case:
    """One way to make a page worse, and what is to be found then."""

    name: str
    make: Callable[[str], Image.Image]
    """Gives the page of a style."""
    expected: str | None
    """The issue's code; None = nothing may be found."""
    allowed: frozenset[str] = frozenset()
    """Codes that are not wrong either."""


def _damaged(
    name: str,
    expected: str | None,
    harm: Callable[[Image.Image], Image.Image],
    *allowed: str,
) -> Case:
    def make(style: str) -> Image.Image:
        return harm(clean_scan(style))

    return Case(name, make, expected, frozenset(allowed))


def _at_dpi(dpi: int, expected: str | None) -> Case:
    def make(style: str) -> Image.Image:
        return clean_scan(style, dpi=dpi)

    return Case(f"{dpi} dpi", make, expected, frozenset({"SOFT"}))


def _blurred(sigma: float, expected: str) -> Case:
    name = f"blur, sigma {sigma:g}"
    return _damaged(name, expected, lambda page: damage.blurred(page, sigma))


def _noisy(sigma: float, expected: str | None) -> Case:
    name = f"noise, sigma {sigma:g}"
    return _damaged(name, expected, lambda page: damage.noisy(page, sigma))


def _blurred_and_noisy(blur: float) -> Case:
    def harm(page: Image.Image) -> Image.Image:
        return damage.noisy(damage.blurred(page, blur), 10)

    return _damaged(f"blur {blur:g} and noise 10", "NOISY", harm, "BLURRY")


def _skewed(degrees: float, expected: str | None) -> Case:
    name = f"skew {degrees:g}°"
    return _damaged(name, expected, lambda page: damage.skewed(page, degrees))


def _turned(degrees: int) -> Case:
    name = f"turned {degrees}°"
    return _damaged(name, "ROTATED", lambda page: damage.turned(page, degrees))


def _faded(share: float, expected: str | None) -> Case:
    name = f"contrast x {share:g}"
    return _damaged(name, expected, lambda page: damage.faded(page, share))


def _jpeg(quality: int) -> Case:
    return _damaged(
        f"JPEG, quality {quality}", None, lambda page: damage.jpeg(page, quality)
    )


CASES = (
    _damaged("clean", None, lambda page: page),
    _at_dpi(100, None),
    _at_dpi(200, None),
    _at_dpi(300, None),
    _jpeg(40),
    _jpeg(20),
    _damaged("light from one side", None, lambda page: damage.shaded(page, 90)),
    _noisy(2, None),
    _skewed(0.4, None),
    _faded(0.6, None),
    _blurred(1, "SOFT"),
    _blurred(1.5, "BLURRY"),
    _blurred(2, "BLURRY"),
    _blurred(3, "BLURRY"),
    _noisy(10, "NOISY"),
    _noisy(20, "NOISY"),
    _blurred_and_noisy(1.5),
    _blurred_and_noisy(3),
    _skewed(1.5, "SKEWED"),
    _skewed(-3, "SKEWED"),
    _skewed(7, "SKEWED"),
    _skewed(-12, "SKEWED"),
    _turned(90),
    _turned(180),
    _turned(270),
    _faded(0.3, "LOW_CONTRAST"),
    _faded(0.15, "LOW_CONTRAST"),
    _at_dpi(50, "LOW_RESOLUTION"),
    _at_dpi(40, "LOW_RESOLUTION"),
)
