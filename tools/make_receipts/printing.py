"""Prints lines on a roll of paper, and photographs it not quite well."""

import random
from collections.abc import Sequence
from io import BytesIO
from pathlib import Path

import numpy as np
import reportlab
from PIL import Image, ImageDraw, ImageFilter, ImageFont

from tools.make_receipts.layouts import Row

_FONTS = Path(reportlab.__file__).parent / "fonts"
_NAMES = ("cob_____.pfb", "com_____.pfb", "Vera.ttf", "VeraBd.ttf", "_a______.pfb")
"""Courier bold and regular, Bitstream Vera, a Helvetica: what tills print with."""
_WIDTH, _MARGIN, _SIZE = 520, 26, 20
_COARSE = 0.6
"""Dots of a coarse printer to pixels of the photograph."""
_LARGE_SHARE, _LEADING = 1.4, 1.45


def photograph(rows: Sequence[Row], chance: random.Random) -> bytes:
    """Give a picture of the printed rows, as PNG or JPEG."""
    name = chance.choice(_NAMES)
    coarse = chance.random() < 0.3
    printed = _printed(rows, name, coarse=coarse)
    turned = printed.rotate(
        chance.uniform(-2.0, 2.0), Image.Resampling.BICUBIC, expand=True, fillcolor=255
    )
    blurred = turned.filter(ImageFilter.GaussianBlur(chance.uniform(0.0, 0.9)))
    levels = np.asarray(blurred, dtype=np.float64)
    noise = np.random.default_rng(chance.getrandbits(32))
    paper, ink = chance.uniform(205, 252), chance.uniform(15, 85)
    shade = np.linspace(0.0, chance.uniform(-25.0, 10.0), levels.shape[0])[:, None]
    levels = ink + levels / 255.0 * (paper - ink) + shade
    levels += noise.normal(0.0, chance.uniform(0.0, 7.0), levels.shape)
    picture = Image.fromarray(levels.clip(0, 255).astype(np.uint8))
    content = BytesIO()
    if chance.random() < 0.5:
        picture.save(content, "JPEG", quality=chance.randint(55, 92))
    else:
        picture.save(content, "PNG")
    return content.getvalue()


def _printed(rows: Sequence[Row], name: str, *, coarse: bool) -> Image.Image:
    share = _COARSE if coarse else 1.0
    width, margin = round(_WIDTH * share), round(_MARGIN * share)
    fonts = {large: _font(name, share, large=large) for large in (False, True)}
    heights = [round(fonts[row.large].size * _LEADING) for row in rows]
    paper = Image.new("L", (width, sum(heights) + 4 * margin), 255)
    draw = ImageDraw.Draw(paper)
    draw.fontmode = "1" if coarse else "L"
    top = 2 * margin
    for row, height in zip(rows, heights, strict=True):
        font = fonts[row.large]
        draw.text((margin, top), row.left, 0, font)
        draw.text((width - margin, top), row.right, 0, font, anchor="ra")
        draw.text((width // 2, top), row.middle, 0, font, anchor="ma")
        top += height
    if not coarse:
        return paper
    full = round(paper.width / share), round(paper.height / share)
    return paper.resize(full, Image.Resampling.NEAREST)


def _font(name: str, share: float, *, large: bool) -> ImageFont.FreeTypeFont:
    size = _SIZE * share * (_LARGE_SHARE if large else 1.0)
    return ImageFont.truetype(str(_FONTS / name), round(size))
