"""Clean pages in several styles, drawn as PDF and rendered."""

import functools
import io
from collections.abc import Callable, Mapping, Sequence

import numpy as np
import pypdfium2
from PIL import Image
from reportlab.lib.pagesizes import A4
from reportlab.pdfgen import canvas

_LETTER = (
    "Thank you for your letter of last Thursday about the delivery to our "
    "warehouse. We have looked into the matter together with the carrier and can "
    "confirm that two of the seven pallets were left behind by mistake. They will "
    "be brought to you on Monday morning free of charge, and the driver will take "
    "the damaged packaging back. Please have somebody check the goods while he is "
    "there and sign for what is complete."
)
_BERICHT = (
    "Im abgelaufenen Quartal wurden alle Maschinen der Halle planmäßig gewartet. "
    "Größere Störungen gab es nicht, jedoch mussten an der zweiten Presse zwei "
    "Lager vorzeitig getauscht werden. Die Kosten dafür trägt der Hersteller. Für "
    "das kommende Jahr wird empfohlen, die Beleuchtung zu erneuern und den Boden im"
    " Bereich der Tore zu ebnen."
)
_AVIS = (
    "Nous vous informons que les travaux prévus dans le bâtiment seront réalisés au"
    " cours du mois prochain. Pendant cette période, l'accès se fera par la porte "
    "située à l'arrière, côté jardin. Nous vous prions de bien vouloir excuser la "
    "gêne occasionnée et restons à votre disposition pour toute question relative à"
    " cette opération."
)
_GOODS = (
    ("Oak shelf board, oiled", 4, "38.50"),
    ("Bracket, brushed steel", 12, "6.20"),
    ("Wall plugs and screws, set", 3, "4.95"),
    ("Fitting, by the hour", 6, "54.00"),
    ("Disposal of packaging", 1, "18.00"),
)
_POINTS_PER_INCH = 72

Page = canvas.Canvas


def _paragraphs(
    page: Page, texts: Sequence[str], *, font: str, size: float, width: int
) -> None:
    text = page.beginText(64, A4[1] - 90)
    text.setFont(font, size, leading=size * 1.35)
    for part in texts:
        for line in _wrapped(part, width):
            text.textLine(line)
        text.textLine("")
    page.drawText(text)


def _wrapped(text: str, width: int) -> list[str]:
    lines = [""]
    for word in text.split():
        if len(lines[-1]) + len(word) >= width:
            lines.append("")
        lines[-1] = f"{lines[-1]} {word}".strip()
    return lines


def _letter(page: Page) -> None:
    _paragraphs(
        page, [_LETTER, _LETTER, _LETTER], font="Times-Roman", size=11, width=88
    )


def _report(page: Page) -> None:
    page.setFont("Helvetica-Bold", 18)
    page.drawString(64, A4[1] - 64, "Bericht zur Instandhaltung")
    _paragraphs(page, [_BERICHT] * 5, font="Helvetica", size=10, width=86)


def _small_print(page: Page) -> None:
    _paragraphs(
        page, [_AVIS, _BERICHT, _LETTER] * 4, font="Helvetica", size=8, width=112
    )


def _typewriter(page: Page) -> None:
    _paragraphs(page, [_AVIS] * 4, font="Courier", size=10, width=76)


def _short_note(page: Page) -> None:
    _paragraphs(page, [_AVIS], font="Times-Italic", size=12, width=70)


def _invoice(page: Page) -> None:
    page.setFont("Helvetica-Bold", 16)
    page.drawString(64, 760, "Ashdown Joinery")
    page.setFont("Helvetica", 10)
    for number, line in enumerate(
        ("Invoice AJ-2026-0193", "Date 4 November 2026", "Customer 20417")
    ):
        page.drawString(64, 720 - 15 * number, line)
    for number, (name, count, price) in enumerate(_GOODS):
        y = 640 - 22 * number
        page.line(60, y - 6, 530, y - 6)
        page.drawString(64, y, name)
        page.drawRightString(330, y, str(count))
        page.drawRightString(430, y, price)
        page.drawRightString(526, y, f"{count * float(price):.2f}")
    page.drawString(64, 500, "Payable within 14 days without deduction.")
    page.drawString(64, 484, "Please state the invoice's number with your payment.")


_STYLES: Mapping[str, Callable[[Page], None]] = {
    "letter": _letter,
    "report": _report,
    "small print": _small_print,
    "typewriter": _typewriter,
    "short note": _short_note,
    "invoice": _invoice,
}
STYLES = tuple(_STYLES)


def clean_pdf(style: str) -> bytes:
    """Give a page as a digital PDF."""
    target = io.BytesIO()
    page = canvas.Canvas(target, pagesize=A4, invariant=1)
    _STYLES[style](page)
    page.showPage()
    page.save()
    return target.getvalue()


@functools.cache
def clean_scan(style: str, *, dpi: int = 150) -> Image.Image:
    """Give a page as a good scanner does: paper not quite white, a trace of noise.

    Made once: not to be changed in place.
    """
    document = pypdfium2.PdfDocument(clean_pdf(style))
    try:
        rendered = document[0].render(scale=dpi / _POINTS_PER_INCH, grayscale=True)
        ink = np.asarray(rendered.to_pil().convert("L"), np.float32) / 255
    finally:
        document.close()
    chance = np.random.default_rng(STYLES.index(style))
    levels = 28 + ink * (243 - 28) + chance.normal(0, 1.2, ink.shape)
    return Image.fromarray(levels.clip(0, 255).astype(np.uint8))


def blank_scan(*, dpi: int = 150) -> Image.Image:
    """Give the empty back of a page: paper, its grain and some dust."""
    chance = np.random.default_rng(99)
    size = (round(11.69 * dpi), round(8.27 * dpi))
    levels = chance.normal(240, 1.5, size)
    for row, column in chance.integers(40, min(size) - 40, (12, 2)):
        levels[row, column] = 120
    return Image.fromarray(levels.clip(0, 255).astype(np.uint8))
