"""Scans that look alike: the same page scanned anew, and others of the same template.

The pages are made invoices, each laid on the scanner twice: a little askew and aside,
in another resolution, with other paper, noise and compression.
"""

import random
from collections.abc import Iterator
from io import BytesIO
from itertools import combinations

import numpy as np
import pypdfium2
from PIL import Image, ImageFilter

from benchmarks.figures import Figure, Target, at_least, at_most
from service.processing.batch.alike import MOST_BITS
from service.processing.batch.looks import look
from tools.make_invoices.making import make_all

_SEEDS = (1, 2)
_DPI = 100


def measure() -> Iterator[Figure]:
    """Give how often scans of one page are paired, and scans of two."""
    chance = random.Random(3)
    same: list[int] = []
    other: list[int] = []
    for pages in _templates().values():
        looks = [(_scan(page, chance), _scan(page, chance)) for page in pages]
        same += [_differing(*twice) for twice in looks]
        other += [_differing(a[0], b[0]) for a, b in combinations(looks, 2)]
    yield _share(f"{len(same)} pages scanned anew that are paired", same, at_least(55))
    yield _share(
        f"{len(other)} pairs of two invoices of a template that are paired",
        other,
        at_most(0),
    )


def _share(name: str, differing: list[int], target: Target) -> Figure:
    paired = sum(bits <= MOST_BITS for bits in differing)
    return Figure(
        name=name,
        unit="%",
        values=(100 * paired / len(differing),),
        baseline="bits of 256 that differ",
        baseline_values=tuple(differing),
        baseline_unit="bits",
        target=target,
    )


def _templates() -> dict[str, list[bytes]]:
    """Give invoices by layout and locale, which differ only in what they say."""
    found: dict[str, list[bytes]] = {}
    for seed in _SEEDS:
        for made in make_all(seed):
            if made.name.endswith(".pdf"):
                found.setdefault(made.name, []).append(made.content)
    return found


def _scan(content: bytes, chance: random.Random) -> int:
    """Scan the first page, and give how it looks."""
    page = pypdfium2.PdfDocument(content)[0].render(scale=_DPI / 72).to_pil()
    laid = page.convert("L").rotate(
        chance.uniform(-0.7, 0.7),
        Image.Resampling.BICUBIC,
        translate=(chance.randint(-7, 7), chance.randint(-9, 9)),
        fillcolor=255,
    )
    size = chance.uniform(0.7, 1.2)
    sized = laid.resize((round(laid.width * size), round(laid.height * size)))
    blurred = sized.filter(ImageFilter.GaussianBlur(chance.uniform(0.0, 1.0)))
    ink, contrast = chance.uniform(0, 40), chance.uniform(180, 215)
    levels = ink + np.asarray(blurred, dtype=np.float32) / 255 * contrast
    noise = np.random.default_rng(chance.getrandbits(32))
    levels += noise.normal(0.0, 5.0, levels.shape)
    scan = BytesIO()
    picture = Image.fromarray(levels.clip(0, 255).astype(np.uint8))
    picture.save(scan, "JPEG", quality=70)
    seen = look(Image.open(scan))
    assert seen is not None
    return int(seen, 16)


def _differing(one: int, other: int) -> int:
    return (one ^ other).bit_count()
