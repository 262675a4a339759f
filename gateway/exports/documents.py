"""Results one after the other: a line of JSON each, or a chapter of Markdown each."""

from collections.abc import Iterable, Iterator

import msgspec

from gateway.exports.source import Export, TextPart, known
from gateway.views import failure_body, result_body
from service.processing.outputs import MARKDOWN_OUTPUT, TEXT_OUTPUT
from service.store.rows import TaskView

_JSON = msgspec.json.Encoder()
_CUT_OFF = b"\n\n*The rest was stored, and its file is gone.*"


def as_ndjson(export: Export) -> Iterator[bytes]:
    """Give a line for each document: its whole result, or why it has none."""
    for view in export.documents():
        result = export.result(view)
        if result is None:
            yield _JSON.encode(failure_body(view)) + b"\n"
            continue
        body = msgspec.structs.replace(
            result_body(view), data=msgspec.Raw(result), data_url=None
        )
        yield _JSON.encode(body) + b"\n"


def as_markdown(export: Export) -> Iterator[bytes]:
    """Give a chapter for each document."""
    for view in export.documents():
        yield f"# {escaped(view.document_name)}\n\n".encode()
        result = export.result(view)
        if result is None:
            yield f"*{failure_body(view).error.message}*\n".encode()
        else:
            yield from markdown(export, view, result)
        yield b"\n\n"


def markdown(export: Export, view: TaskView, result: bytes) -> Iterator[bytes]:
    """Give a document as Markdown, or the text of one that has none."""
    found = known(result)
    for name, output in (("markdown", MARKDOWN_OUTPUT), ("text", TEXT_OUTPUT)):
        part = found.find(name)
        if part is not None:
            whole = whole_text(export, view, part, output)
            yield from (part.preview.encode(), _CUT_OFF) if whole is None else whole
            return


def whole_text(
    export: Export, view: TaskView, part: TextPart, name: str
) -> Iterable[bytes] | None:
    """Give the whole of a text, which may be its preview; None when it is gone."""
    return export.output(view, name) if part.object_key else (part.preview.encode(),)


def escaped(text: str) -> str:
    """Give text that Markdown shows as it is, on one line."""
    return "".join(f"\\{each}" if each in "\\`*_[]<>#|" else each for each in text)
