"""What pdfminer can still read of PDFs that PDFium refuses."""

from collections.abc import Iterable, Iterator

from pdfminer.converter import PDFPageAggregator
from pdfminer.layout import (
    LAParams,
    LTChar,
    LTFigure,
    LTImage,
    LTItem,
    LTPage,
    LTTextBox,
    LTTextLine,
)
from pdfminer.pdfdocument import (
    PDFDocument,
    PDFEncryptionError,
    PDFPasswordIncorrect,
)
from pdfminer.pdfinterp import PDFPageInterpreter, PDFResourceManager
from pdfminer.pdfpage import PDFPage
from pdfminer.pdfparser import PDFParser

from service.processing.context import StepContext
from service.processing.formats import columns, layout
from service.processing.formats.content import (
    Content,
    PageContent,
    Run,
    cleaned,
    parsing,
    refused,
    select_pages,
)
from service.processing.formats.pdf_frame import rounded
from service.processing.results import Metadata

_MAX_PAGES = 200
"""pdfminer is 50 times slower than PDFium: it gets a page budget of its own."""
_MAX_LINES = 5_000
"""Of a page."""
_BOLD_NAMES = ("bold", "black", "heavy")


def read(context: StepContext) -> Content:
    """Read the text of a broken PDF.

    Raises:
        DocumentError: ``encrypted``; ``no_pages`` when it has none of the chosen ones;
            ``corrupt`` when pdfminer finds no page either.
    """
    context.use_engine("pdfminer.six")
    with context.source.path.open("rb") as file, parsing():
        try:
            document = PDFDocument(PDFParser(file))
        except (PDFPasswordIncorrect, PDFEncryptionError) as error:
            raise refused("encrypted") from error
        found = list(_found(context, document))
        if not found:
            raise refused("corrupt")
        pages = list(_pages(context, found))
    message = "The file is damaged; what could be read was."
    context.add_issue("REPAIRED", "error", message)
    return Content(
        pages=tuple(layout.structured(pages)),
        metadata=Metadata(page_count=len(found)),
    )


def _found(context: StepContext, document: PDFDocument) -> Iterator[PDFPage]:
    budget = min(_MAX_PAGES, context.limits.max_pages)
    for number, page in enumerate(PDFPage.create_pages(document), 1):
        if number > budget:
            message = f"Only the first {budget} pages of the damaged file were read."
            context.hit_limit("damaged_pages", message)
            return
        yield page


def _pages(context: StepContext, found: list[PDFPage]) -> Iterator[PageContent]:
    resources = PDFResourceManager()
    device = PDFPageAggregator(resources, laparams=LAParams())
    interpreter = PDFPageInterpreter(resources, device)
    chosen = select_pages(context, len(found))
    for place, number in enumerate(chosen, 1):
        context.report_page(place, len(chosen))
        interpreter.process_page(found[number - 1])
        yield _page(context, device.get_result(), number)


def _page(context: StepContext, page: LTPage, number: int) -> PageContent:
    boxes = [item for item in page if isinstance(item, LTTextBox)]
    lines = [line for box in boxes for line in box if isinstance(line, LTTextLine)]
    if len(lines) > _MAX_LINES:
        message = f"Only the first {_MAX_LINES} lines of a page were given places."
        context.hit_limit("page_runs", message)
    runs = tuple(
        run for line in lines[:_MAX_LINES] if (run := _run(line, page)) is not None
    )
    tables = tuple(columns.tables(runs)) if context.options.tables else ()
    return PageContent(
        text="\n".join(box.get_text() for box in boxes).strip("\f\n"),
        number=number,
        picture=True,
        width_pt=round(page.width, 2),
        height_pt=round(page.height, 2),
        rotation_deg=int(page.rotate) % 360,
        runs=runs,
        tables=tables,
        pictures=_pictures(page),
    )


def _run(line: LTTextLine, page: LTPage) -> Run | None:
    letters = [item for item in line if isinstance(item, LTChar)]
    text = cleaned(line.get_text()).strip()
    if not letters or not text:
        return None
    bold = any(word in letters[0].fontname.lower() for word in _BOLD_NAMES)
    box = (
        line.x0 - page.x0,
        page.y1 - line.y1,
        line.x1 - page.x0,
        page.y1 - line.y0,
    )
    return Run(
        text=text,
        bbox=rounded(box),
        size_pt=round(letters[0].size, 1),
        bold=bold,
    )


def _pictures(items: Iterable[LTItem]) -> int:
    return sum(
        isinstance(item, LTImage)
        or (isinstance(item, LTFigure) and any(isinstance(i, LTImage) for i in item))
        for item in items
    )
