"""The step that reads bar codes and QR codes off the pages."""

import contextlib
from collections.abc import Iterator
from contextlib import closing
from typing import Literal

import pypdfium2
import zxingcpp
from PIL import Image

from service.errors import DocumentError
from service.processing.context import StepContext
from service.processing.formats.code_areas import CodeArea, CodeAreas
from service.processing.formats.content import cleaned, parsing
from service.processing.formats.pdf import open_document
from service.processing.formats.pdf_frame import rounded
from service.processing.formats.pictures import frames
from service.processing.formats.rendering import rendered
from service.processing.results import Box, Code

Kind = Literal["swiss_qr", "epc", "other"]

_MAX_CODES = 200
_MAX_FRAMES = 10
_MAX_SIDE_PX = 3_000
"""Larger pictures read no better, and cost by the pixel."""
_MAX_AREAS = 40
_MAX_PAGES = 10
"""A page costs about 45 ms, an area about 5 ms."""
_LARGE = 0.5
"""Share of a page from which an area costs as much as all of it."""
_DPI_LARGE, _DPI_SMALL = 150, 200
"""A module of a Swiss QR code is then 4 pixels wide or more."""
_QUIET_PT = 12.0
"""White space to keep around a code: four modules (ISO/IEC 18004 §5.3.8)."""
_SMALLEST_PX = 400
"""A small area is enlarged to this: a module should be some pixels wide."""


def read_codes(context: StepContext) -> None:
    """Fill `codes`: off pictures, and off what looks like codes on PDF pages."""
    found: dict[Code, None] = {}
    if context.media_type.startswith("image/"):
        codes = _off_pictures(context)
    elif context.media_type == "application/pdf":
        codes = _off_pdf(context, CodeAreas.of(context))
    else:
        return
    for code in codes:
        if len(found) == _MAX_CODES:
            message = f"Only the first {_MAX_CODES} codes were kept."
            context.hit_limit("codes", message)
            break
        found[code] = None
    context.extraction["codes"] = tuple(found)


def kind_of(text: str) -> Kind:
    """Say what a code's text is, by how such texts begin.

    Swiss QR bill: Implementation Guidelines QR-bill v2.3 §4.2.2 (``SPC``). EPC QR code:
    EPC069-12 v3 §3 (``BCD``).
    """
    first = text.split("\n", 1)[0].strip()
    match first:
        case "SPC":
            return "swiss_qr"
        case "BCD":
            return "epc"
        case _:
            return "other"


def _off_pictures(context: StepContext) -> Iterator[Code]:
    pages = [page.number or n for n, page in enumerate(context.read().pages, 1)]
    if len(pages) > _MAX_FRAMES:
        message = f"Codes were looked for on the first {_MAX_FRAMES} pages only."
        context.hit_limit("code_pages", message)
    with contextlib.suppress(DocumentError):  # that it is damaged was said already
        for number, frame in frames(
            context.source.path, pages[:_MAX_FRAMES], longest_px=_MAX_SIDE_PX
        ):
            for text, name, _ in _decoded(context, frame.convert("L")):
                yield _code(text, name, number, None)


def _off_pdf(context: StepContext, areas: CodeAreas) -> Iterator[Code]:
    document = open_document(context) if areas.areas else None
    if document is None:
        return
    empty: set[Box] = set()
    pages_left, areas_left = _MAX_PAGES, _MAX_AREAS
    with closing(document):
        for area in areas:
            if area.box in empty:
                continue  # the letterhead's picture again: the same place, no code
            large = _covers(context, area) >= _LARGE
            pages_left, areas_left = pages_left - large, areas_left - 1
            if min(pages_left, areas_left) < 0:
                areas.complete = False
                break
            codes = list(_off_area(context, document, area))
            if not codes and not large:
                empty.add(area.box)
            yield from codes
    if not areas.complete:
        message = "Codes were not looked for on all of the pages."
        context.hit_limit("code_pages", message)


def _covers(context: StepContext, area: CodeArea) -> float:
    """Give the share of its page that an area covers."""
    left, top, right, bottom = area.box
    for page in context.read().pages:
        if page.number == area.page and page.width_pt and page.height_pt:
            return (right - left) * (bottom - top) / (page.width_pt * page.height_pt)
    return 1.0


def _off_area(
    context: StepContext, document: pypdfium2.PdfDocument, area: CodeArea
) -> Iterator[Code]:
    left, top, right, bottom = area.box
    box = (
        left - _QUIET_PT,
        top - _QUIET_PT,
        right + _QUIET_PT,
        bottom + _QUIET_PT,
    )
    longest = max(box[2] - box[0], box[3] - box[1])
    dpi: float = _DPI_LARGE if _covers(context, area) >= _LARGE else _DPI_SMALL
    dpi = max(dpi, 72 * _SMALLEST_PX / longest)
    try:
        picture, place, scale = rendered(
            document, area.page, box=box, dpi=dpi, longest_px=_MAX_SIDE_PX
        )
    except DocumentError:
        return  # the page could be read, its picture cannot be drawn
    for text, name, (x0, y0, x1, y1) in _decoded(context, picture.convert("L")):
        found = (
            place[0] + x0 / scale,
            place[1] + y0 / scale,
            place[0] + x1 / scale,
            place[1] + y1 / scale,
        )
        yield _code(text, name, area.page, rounded(found))


def _decoded(
    context: StepContext, picture: Image.Image
) -> Iterator[tuple[str, str, Box]]:
    """Give each code's text, format and place in pixels."""
    context.use_engine("zxing-cpp")
    with parsing():
        found = zxingcpp.read_barcodes(picture, formats=_formats(), try_invert=False)
    for each in found:
        place = each.position
        corners = (
            place.top_left,
            place.top_right,
            place.bottom_left,
            place.bottom_right,
        )
        across, down = [c.x for c in corners], [c.y for c in corners]
        box = (min(across), min(down), max(across), max(down))
        yield each.text, each.format.name, box


def _code(text: str, name: str, page: int, box: Box | None) -> Code:
    text = cleaned(text)
    return Code(format=name, text=text, kind=kind_of(text), page=page, bbox_pt=box)


def _formats() -> zxingcpp.BarcodeFormats:
    """Give those with a checksum: without one, hatching and print are read as codes."""
    # Not kept: of what is left of its types at the end, the library complains.
    return zxingcpp.BarcodeFormats(
        [
            zxingcpp.BarcodeFormat.QRCode,
            zxingcpp.BarcodeFormat.DataMatrix,
            zxingcpp.BarcodeFormat.PDF417,
            zxingcpp.BarcodeFormat.Code128,
            zxingcpp.BarcodeFormat.EAN13,
        ]
    )
