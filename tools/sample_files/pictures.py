"""Pictures of documents: scanned pages, a receipt, a photographed note, a fax."""

import io

import pypdfium2
from PIL import Image, ImageChops, ImageFilter
from reportlab.lib.pagesizes import A4
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen import canvas

from tools.sample_files import pdfs

_RECEIPT = (
    "GREENLEAF GROCERY",
    "88 Orchard Road",
    "",
    "12/10/2026  18:42   till 3",
    "--------------------------------",
    "Oat milk 1 l              1.95 A",
    "Rye bread 750 g           3.40 A",
    "Tomatoes 0.84 kg          2.51 A",
    "Coffee beans 500 g        9.80 A",
    "Dish brush                2.75 B",
    "--------------------------------",
    "TOTAL EUR                20.41",
    "Card                     20.41",
    "",
    "VAT A  7 %   1.16",
    "VAT B 19 %   0.44",
    "",
    "Thank you, see you soon!",
)
_PIXELS_PER_POINT = 110 / 72


def receipt_png() -> bytes:
    """Give a till receipt, greyscale."""
    target = io.BytesIO()
    page = canvas.Canvas(target, pagesize=(210, 330), invariant=1)
    for number, line in enumerate(_RECEIPT):
        page.setFont("Courier-Bold" if line.startswith("TOTAL") else "Courier", 9)
        page.drawString(16, 300 - 15 * number, line)
    page.save()
    return _png(_noisy(_page_image(target.getvalue(), 0, scale=2.0), seed=7))


def photo_jpeg() -> bytes:
    """Give an invoice photographed on a desk: turned a little, with a dark rim."""
    paper = _page_image(pdfs.invoice(), 0, scale=1.3).convert("RGB")
    desk = Image.new("RGB", (paper.width + 160, paper.height + 140), (92, 70, 52))
    desk.paste(paper, (80, 70))
    photo = desk.rotate(2.5, Image.Resampling.BICUBIC, fillcolor=(92, 70, 52))
    target = io.BytesIO()
    photo.save(target, "JPEG", quality=72)
    return target.getvalue()


def fax_tiff() -> bytes:
    """Give two pages in black and white, as a fax machine stores them."""
    pages = [
        _page_image(pdfs.report(), number, scale=1.6).convert("1") for number in (0, 1)
    ]
    target = io.BytesIO()
    pages[0].save(
        target,
        "TIFF",
        compression="group4",
        save_all=True,
        append_images=pages[1:],
        dpi=(115, 115),
    )
    return target.getvalue()


def scanned_pdf() -> bytes:
    """Give a PDF whose two pages are nothing but images."""
    target = io.BytesIO()
    document = canvas.Canvas(target, pagesize=A4, invariant=1)
    document.setTitle("Scan 2026-10-14")
    for number, pdf in enumerate((pdfs.invoice(), pdfs.facturx_invoice())):
        clean = _page_image(pdf, 0, scale=_PIXELS_PER_POINT)
        turned = clean.rotate(
            0.6 - 1.1 * number, Image.Resampling.BICUBIC, fillcolor=250
        )
        scan = io.BytesIO()
        _noisy(turned, seed=number).save(scan, "JPEG", quality=55)
        document.drawImage(ImageReader(scan), 0, 0, *A4)
        document.showPage()
    document.save()
    return target.getvalue()


def _page_image(pdf: bytes, page: int, *, scale: float) -> Image.Image:
    document = pypdfium2.PdfDocument(pdf)
    try:
        image: Image.Image = document[page].render(scale=scale).to_pil()
        return image.convert("L")
    finally:
        document.close()


def _noisy(image: Image.Image, *, seed: int) -> Image.Image:
    """Soften the image and lay the grain of paper over it, the same every time."""
    soft = image.filter(ImageFilter.GaussianBlur(0.4))
    state, grain = seed + 1, bytearray()
    for _ in range(64 * 64):
        state = (1_103_515_245 * state + 12_345) % 2**31
        grain.append(244 + (state >> 16) % 12)
    tile = Image.frombytes("L", (64, 64), bytes(grain))
    paper = Image.new("L", image.size)
    for left in range(0, image.width, 64):
        for top in range(0, image.height, 64):
            paper.paste(tile, (left, top))
    return ImageChops.multiply(soft, paper)


def _png(image: Image.Image) -> bytes:
    target = io.BytesIO()
    image.quantize(16).save(target, "PNG", optimize=True)
    return target.getvalue()
