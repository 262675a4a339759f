"""Makes PDFs for tests: pages drawn by small functions, then turned or cropped."""

import io
from collections.abc import Callable
from pathlib import Path

from pypdf import PdfReader, PdfWriter
from pypdf.generic import RectangleObject
from reportlab.graphics import renderPDF
from reportlab.graphics.barcode.qr import QrCodeWidget
from reportlab.graphics.shapes import Drawing
from reportlab.pdfgen.canvas import Canvas

Draw = Callable[[Canvas], None]

WIDTH, HEIGHT = 600, 800


def drawn(folder: Path, *pages: Draw, name: str = "drawn.pdf") -> Path:
    """Save a PDF of 600 by 800 points a page."""
    path = folder / name
    canvas = Canvas(str(path), pagesize=(WIDTH, HEIGHT), invariant=1)
    for draw in pages:
        draw(canvas)
        canvas.showPage()
    canvas.save()
    return path


def changed(path: Path, change: Callable[[PdfWriter], None]) -> Path:
    """Change a PDF in place."""
    writer = PdfWriter(clone_from=PdfReader(io.BytesIO(path.read_bytes())))
    change(writer)
    with path.open("wb") as file:
        writer.write(file)
    return path


def turned(path: Path, degrees: int) -> Path:
    """Turn all pages clockwise."""

    def turn(writer: PdfWriter) -> None:
        for page in writer.pages:
            page.rotate(degrees)

    return changed(path, turn)


def cropped(path: Path, left: float, bottom: float, right: float, top: float) -> Path:
    """Leave only a part of each page visible."""

    def crop(writer: PdfWriter) -> None:
        for page in writer.pages:
            page.cropbox = RectangleObject((left, bottom, right, top))

    return changed(path, crop)


def words(*lines: tuple[float, float, str], size: float = 10) -> Draw:
    """Draw lines of text: left, distance from the page's top, and what they say."""

    def draw(canvas: Canvas) -> None:
        canvas.setFont("Helvetica", size)
        for left, down, line in lines:
            canvas.drawString(left, HEIGHT - down, line)

    return draw


def together(*draws: Draw) -> Draw:
    """Draw several things on one page."""

    def draw(canvas: Canvas) -> None:
        for each in draws:
            canvas.saveState()
            each(canvas)
            canvas.restoreState()

    return draw


def qr_code(text: str, left: float, down: float, side: float) -> Draw:
    """Draw a QR code out of small squares; its top left corner is given."""

    def draw(canvas: Canvas) -> None:
        widget = QrCodeWidget(text)
        x0, y0, x1, y1 = widget.getBounds()
        scale = side / (x1 - x0)
        drawing = Drawing(side, side, transform=[scale, 0, 0, side / (y1 - y0), 0, 0])
        drawing.add(widget)
        renderPDF.draw(drawing, canvas, left, HEIGHT - down - side)

    return draw


def grid(lefts: list[float], downs: list[float], width: float = 0.5) -> Draw:
    """Rule a table."""

    def draw(canvas: Canvas) -> None:
        canvas.setLineWidth(width)
        canvas.grid(lefts, [HEIGHT - down for down in downs])

    return draw
