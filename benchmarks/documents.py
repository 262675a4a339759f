"""Documents to process: long PDFs whose work is real, small files, and made-up work."""

import io
import shutil
from collections.abc import Sequence
from pathlib import Path

from reportlab.lib.pagesizes import A4
from reportlab.lib.units import mm
from reportlab.pdfgen import canvas

from benchmarks.service import ROOT

SMALL = ("minutes-utf8.txt", "stock.csv", "mail-with-invoice.eml")
"""Samples that take about a millisecond each."""

_LINES = 52
_CELLS = 6
_TOP_MM = 280
_STEP_MM = 5
_TEXT = (
    "the harbour ferry carried more passengers in every quarter of the year and the "
    "new vessels entered service as planned while cost per crossing fell by a tenth"
)
_WORDS = tuple(_TEXT.split())


def long_pdfs(folder: Path, pages: Sequence[int]) -> list[Path]:
    """Write reports of so many pages, with running text and tables."""
    return [_written(folder / f"report-{n}.pdf", long_pdf(n)) for n in pages]


def small_files(folder: Path, name: str, number: int) -> list[Path]:
    """Copy one sample so many times."""
    source = ROOT / "samples" / name
    copies = [folder / f"{index}-{name}" for index in range(number)]
    for copy in copies:
        shutil.copyfile(source, copy)
    return copies


def texts(folder: Path, content: str, number: int) -> list[Path]:
    """Write so many files of the same content, the argument of made-up work."""
    return [
        _written(folder / f"work-{index}.txt", content.encode())
        for index in range(number)
    ]


def long_pdf(pages: int) -> bytes:
    """Give a PDF of text pages; every fourth is a table."""
    target = io.BytesIO()
    page = canvas.Canvas(target, pagesize=A4, invariant=1)
    for number in range(pages):
        page.setFont("Helvetica", 9)
        for line in range(_LINES):
            y = (_TOP_MM - _STEP_MM * line) * mm
            if number % 4 == 3:
                for cell in range(_CELLS):
                    figure = (number * 31 + line * 17 + cell * 7) % 9973
                    page.drawString((18 + 30 * cell) * mm, y, f"{figure:,}.50")
            else:
                page.drawString(18 * mm, y, _sentence(number * _LINES + line))
        page.showPage()
    page.save()
    return target.getvalue()


def _sentence(seed: int) -> str:
    start = seed % len(_WORDS)
    return " ".join([*_WORDS[start:], *_WORDS[:start]])[:110]


def _written(path: Path, content: bytes) -> Path:
    path.write_bytes(content)
    return path
