"""Hands over the files inside a document, which become documents of the same job."""

from collections.abc import Iterator
from dataclasses import replace

from service.domain.task_ids import MAX_ATTACHMENT_DEPTH, attachment_depth
from service.ids import attachment_document_id
from service.processing.context import StepContext
from service.processing.formats.content import Content, EmbeddedFile
from service.processing.outputs import ATTACHMENT_OUTPUT


def handed_over(context: StepContext, content: Content) -> Content:
    """Write each file that its reader kept, and give the content without their data."""
    task_id = context.task_id
    if all(file.data is None for file in content.embedded):
        return content
    if task_id is not None and attachment_depth(task_id) >= MAX_ATTACHMENT_DEPTH:
        context.hit_limit(
            "attachment_depth",
            "The files inside it became no documents: it is itself inside of "
            f"{MAX_ATTACHMENT_DEPTH} others.",
        )
        files = tuple(replace(file, data=None) for file in content.embedded)
    else:
        files = tuple(_written(context, content.embedded))
    return replace(content, embedded=files)


def _written(
    context: StepContext, files: tuple[EmbeddedFile, ...]
) -> Iterator[EmbeddedFile]:
    task_id, number = context.task_id, 0
    for file in files:
        if file.data is None:
            yield file
            continue
        number += 1
        name = ATTACHMENT_OUTPUT.format(number)
        context.write(name, file.data, file.media_type, title=file.name)
        becomes = None if task_id is None else attachment_document_id(task_id, number)
        yield replace(file, data=None, document_id=becomes)
