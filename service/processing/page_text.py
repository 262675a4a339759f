"""The pages of a document as one text, and where in it each of them begins."""

from service.processing.context import StepContext
from service.processing.formats.content import Content, cleaned
from service.processing.ocr.handing_on import hardly_has_text
from service.processing.quality.thresholds import LOW_TEXT_DENSITY
from service.processing.results import TextSource

PAGE_SEPARATOR = "\n\n"


def join_pages(context: StepContext, content: Content) -> tuple[str, tuple[int, ...]]:
    """Give the whole text and where each page begins in it; name what is missing.

    A page without text begins where the one before it ends.
    """
    parts: list[str] = []
    starts: list[int] = []
    without: list[int] = []
    length = 0
    for place, page in enumerate(content.pages, 1):
        text = cleaned(page.text).strip("\n")
        if page.picture and not text.strip() and page.text_source != "ocr":
            without.append(page.number or place)
        elif text.strip() and hardly_has_text(page):
            rule, number = LOW_TEXT_DENSITY, page.number or place
            context.add_issue(rule.code, rule.severity, rule.message, page=number)
        text = "\n".join((text, *map(cleaned, page.comments))).strip("\n")
        if text and parts:
            length += len(PAGE_SEPARATOR)
        starts.append(length)
        parts.extend([text] if text else ())
        length += len(text)
    _note_missing_text(context, without, len(content.pages))
    text = PAGE_SEPARATOR.join(parts)
    limit = context.limits.max_text_chars
    if length > limit:
        context.hit_limit("text_chars", f"Only the first {limit} characters were kept.")
    return text[:limit], tuple(min(start, limit) for start in starts)


def page_lengths(text: str, starts: tuple[int, ...]) -> list[int]:
    """Give how many characters of the text are each page's."""
    ends = (*starts[1:], len(text)) if starts else ()
    return [
        len(text[start:end].strip("\n"))
        for start, end in zip(starts, ends, strict=True)
    ]


def source_of(text: str, kind: TextSource = "text_layer") -> TextSource | None:
    """Give how text was got, None for none."""
    return kind if text.strip() else None


def _note_missing_text(context: StepContext, without: list[int], pages: int) -> None:
    if without and len(without) == pages:
        message = "The document is a picture: it has no text before OCR."
        context.add_issue("NO_TEXT_LAYER", "error", message)
        return
    for number in without:
        message = "The page is a picture: it has no text before OCR."
        context.add_issue("NO_TEXT_LAYER", "error", message, page=number)
