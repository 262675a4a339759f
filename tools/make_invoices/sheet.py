"""A page to draw on, in any order; the order is what readers of PDFs stumble on."""

import io
import random
from dataclasses import dataclass, field
from typing import Literal

from reportlab.lib.pagesizes import A4
from reportlab.pdfgen import canvas

Align = Literal["left", "right", "centre"]


@dataclass(slots=True)
class Sheet:
    """What is drawn on one page."""

    chance: random.Random
    _drawn: list[tuple[float, float, str, float, bool, Align]] = field(
        default_factory=list
    )

    def put(
        self,
        x: float,
        y: float,
        text: str,
        *,
        size: float = 9,
        bold: bool = False,
        align: Align = "left",
    ) -> None:
        """Draw text whose baseline is `y` points below the page's top."""
        self._drawn.append((x, y, text, size, bold, align))

    def pdf(self, *, shuffled: bool = False) -> bytes:
        """Give the page as a PDF."""
        drawn = list(self._drawn)
        if shuffled:
            self.chance.shuffle(drawn)
        target = io.BytesIO()
        page = canvas.Canvas(target, pagesize=A4, invariant=1)
        for x, y, text, size, bold, align in drawn:
            page.setFont("Helvetica-Bold" if bold else "Helvetica", size)
            if align == "left":
                page.drawString(x, A4[1] - y, text)
            elif align == "right":
                page.drawRightString(x, A4[1] - y, text)
            else:
                page.drawCentredString(x, A4[1] - y, text)
        page.showPage()
        page.save()
        return target.getvalue()
