"""What happens to pages on their way through scanners and cameras."""

import io

import numpy as np
from PIL import Image, ImageFilter
from reportlab.lib.pagesizes import A4
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen import canvas

_PAPER = 243


def blurred(page: Image.Image, sigma: float) -> Image.Image:
    """Put it out of focus; `sigma` in pixels."""
    return page.filter(ImageFilter.GaussianBlur(sigma))


def noisy(page: Image.Image, sigma: float) -> Image.Image:
    """Lay noise over it; `sigma` in levels of 255."""
    clean = np.asarray(page, np.float32)
    levels = clean + np.random.default_rng(7).normal(0, sigma, clean.shape)
    return Image.fromarray(levels.clip(0, 255).astype(np.uint8))


def skewed(page: Image.Image, degrees: float) -> Image.Image:
    """Turn it a little, clockwise, as a page that was fed askew."""
    return page.rotate(-degrees, Image.Resampling.BICUBIC, fillcolor=_PAPER)


def turned(page: Image.Image, degrees: int) -> Image.Image:
    """Turn it by quarters, clockwise."""
    return page.rotate(-degrees, expand=True)


def faded(page: Image.Image, share: float) -> Image.Image:
    """Leave only a share of the contrast."""
    levels = np.asarray(page, np.float32)
    return Image.fromarray(
        (_PAPER - (_PAPER - levels) * share).clip(0, 255).astype("B")
    )


def shaded(page: Image.Image, depth: int) -> Image.Image:
    """Let the light fall from the left, so that the right is darker by `depth`."""
    levels = np.asarray(page, np.float32)
    shade = np.linspace(1, 1 - depth / 255, levels.shape[1], dtype=np.float32)
    return Image.fromarray((levels * shade).astype(np.uint8))


def jpeg(page: Image.Image, quality: int) -> Image.Image:
    """Compress it and open it again."""
    target = io.BytesIO()
    page.save(target, "JPEG", quality=quality)
    return Image.open(io.BytesIO(target.getvalue())).convert("L")


def png(page: Image.Image) -> bytes:
    """Give it as a PNG file."""
    target = io.BytesIO()
    page.save(target, "PNG", compress_level=1)
    return target.getvalue()


def scanned_pdf(*pages: Image.Image) -> bytes:
    """Give pages as a PDF of pictures of A4 size."""
    target = io.BytesIO()
    document = canvas.Canvas(target, pagesize=A4, invariant=1)
    for page in pages:
        upright = page.height >= page.width
        size = A4 if upright else (A4[1], A4[0])
        document.setPageSize(size)
        scan = io.BytesIO()
        page.save(scan, "JPEG", quality=85)
        document.drawImage(ImageReader(scan), 0, 0, *size)
        document.showPage()
    document.save()
    return target.getvalue()
