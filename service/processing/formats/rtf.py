"""Rich Text Format as a document of its own."""

from dataclasses import replace

from service.processing.context import StepContext
from service.processing.formats.attachments import Attachments
from service.processing.formats.content import Content, parsing, refused
from service.processing.formats.flow import Flow
from service.processing.formats.ole_objects import unwrapped
from service.processing.formats.rich_text import RichText
from service.processing.sniff_packed import OLE_MAGIC


def read_rtf(context: StepContext) -> Content:
    """Read a rich text document; its headers and footers where they are written."""
    if context.source.path.stat().st_size > context.limits.max_part_bytes:
        raise refused("too_large")
    flow, found = Flow(context), Attachments(context)
    with parsing():
        rich = RichText(context, context.source.path.read_bytes())
        rich.write(flow)
    if not rich.complete:
        message = "The file's end is missing; what is there was read."
        context.add_issue("TRUNCATED", "error", message)
    for data in rich.objects:
        name, inner = unwrapped(data[max(data.find(OLE_MAGIC), 0) :])
        found.add(name or "object.bin", inner)
    return Content(
        pages=(replace(flow.page(), picture=rich.has_pictures),),
        metadata=rich.metadata(),
        embedded=found.files(),
    )
