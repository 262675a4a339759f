"""What a result says of a document's content, out of what its reader found."""

from collections.abc import Iterator, Sequence

from service.processing import markdown
from service.processing.chunks import chunks
from service.processing.context import StepContext
from service.processing.formats.content import PageContent, TableContent
from service.processing.outputs import MARKDOWN_OUTPUT, TEXT_OUTPUT
from service.processing.page_text import page_lengths, source_of
from service.processing.results import (
    Chunk,
    Embedded,
    Markdown,
    Page,
    Table,
    Text,
    TextSource,
)

PREVIEW_CHARS = 2_000
TEXT_TYPE = "text/plain; charset=utf-8"
MARKDOWN_TYPE = "text/markdown; charset=utf-8"


def fill(context: StepContext) -> None:
    """Put everything of `results.Extraction` that comes from the reader alone."""
    content = context.read()
    context.extraction |= {
        "text": _text(context),
        "markdown": _markdown(context),
        "pages": _pages(context),
        "metadata": content.metadata,
        "tables": tuple(_tables(context)),
        "chunks": _chunks(context),
        "embedded": tuple(
            Embedded(
                name=file.name,
                media_type=file.media_type,
                size_bytes=file.size_bytes,
                role=file.role,
                document_id=file.document_id,
            )
            for file in content.embedded
        ),
    }


def _text(context: StepContext) -> Text:
    content, text = context.read(), context.text
    kinds = {page.text_source for page in content.pages if page.text.strip()}
    kind: TextSource = kinds.pop() if len(kinds) == 1 else "mixed"
    object_key = None
    if len(text) > PREVIEW_CHARS:
        object_key = context.write(TEXT_OUTPUT, text.encode(), TEXT_TYPE)
    return Text(
        char_count=len(text),
        preview=text[:PREVIEW_CHARS],
        object_key=object_key,
        truncated="text_chars" in context.limits_hit,
        source=source_of(text, kind),
        encoding=content.encoding,
    )


def _markdown(context: StepContext) -> Markdown | None:
    """Give the document as Markdown; None when there is no text to write."""
    whole = "".join(_up_to(context, context.limits.max_text_chars)).strip()
    if not whole:
        return None
    object_key = None
    if len(whole) > PREVIEW_CHARS:
        object_key = context.write(MARKDOWN_OUTPUT, whole.encode(), MARKDOWN_TYPE)
    return Markdown(
        char_count=len(whole), preview=whole[:PREVIEW_CHARS], object_key=object_key
    )


def _up_to(context: StepContext, limit: int) -> Iterator[str]:
    length = 0
    for piece in markdown.pieces(context.read().pages):
        length += len(piece)
        if length > limit:
            if "text_chars" in context.limits_hit:
                return  # the same limit has cut the text already
            message = f"Only the first {limit} characters of the Markdown were kept."
            context.hit_limit("markdown_chars", message)
            return
        yield piece


def _pages(context: StepContext) -> tuple[Page, ...]:
    pages = context.read().pages
    lengths = page_lengths(context.text, context.page_starts)
    return tuple(
        Page(
            page=page.number or place,
            char_count=length,
            source=page.text_source if length else None,
            name=page.name,
            width_px=page.width_px,
            height_px=page.height_px,
            width_pt=page.width_pt,
            height_pt=page.height_pt,
        )
        for place, (page, length) in enumerate(zip(pages, lengths, strict=True), 1)
    )


def _tables(context: StepContext) -> Iterator[Table]:
    left = context.limits.max_table_cells
    for place, page in enumerate(context.read().pages, 1):
        for found in page.tables:
            width = max((len(row) for row in found.rows), default=0)
            if width == 0:
                continue
            table = _table(page, place, found, rows_left=left // width)
            if table is None or len(table.rows) + found.has_header < len(found.rows):
                message = "Tables were cut off: they have more cells than the limit."
                context.hit_limit("table_cells", message)
            if table is None:
                return
            left -= (len(table.rows) + found.has_header) * width
            yield table


def _table(
    page: PageContent, place: int, found: TableContent, *, rows_left: int
) -> Table | None:
    """Give a table as the result shows it; None when there is no room for a row."""
    if rows_left == 0:
        return None
    width = max(len(row) for row in found.rows)
    rows = [_equalised(row, width) for row in found.rows[:rows_left]]
    header = rows.pop(0) if found.has_header else ()
    return Table(
        page=page.number or place,
        bbox_pt=found.bbox,
        header=header,
        rows=tuple(rows),
        row_count=(found.row_count or len(found.rows)) - found.has_header,
        column_count=width,
        method=found.method,
        confidence=found.confidence,
    )


def _equalised(row: Sequence[str], width: int) -> tuple[str, ...]:
    return (*row, *[""] * (width - len(row)))


def _chunks(context: StepContext) -> tuple[Chunk, ...]:
    limit = context.limits.max_chunks
    found, complete = chunks(
        context.text, context.read().pages, context.page_starts, limit
    )
    if not complete:
        message = f"Only the first {limit} passages were cut out of the text."
        context.hit_limit("chunks", message)
    return tuple(found)
