"""Collects the files inside a document, within limits."""

from io import BytesIO

from service.processing.context import StepContext
from service.processing.formats.content import EmbeddedFile, Role, cleaned_name
from service.processing.sniff import sniff

MAX_EXPANDED_BYTES = 100_000_000
"""Of all files that are to become documents, together."""


class Attachments:
    """The files found so far; their content is kept only when it is asked for."""

    def __init__(self, context: StepContext) -> None:
        self._context = context
        self._files: list[EmbeddedFile] = []
        left = context.options.expand_bytes
        self._bytes_left = min(
            MAX_EXPANDED_BYTES if left is None else left, MAX_EXPANDED_BYTES
        )

    def full(self) -> bool:
        """Say whether no more are listed, and name the limit if so."""
        limit = self._context.limits.max_embedded
        if len(self._files) < limit:
            return False
        self._context.hit_limit(
            "embedded", f"Only the first {limit} attachments are listed."
        )
        return True

    def leave_out(self) -> None:
        """Name the limit that left out parts in which there may be more."""
        message = "Not all parts of the message were looked at."
        self._context.hit_limit("message_parts", message)

    def add(
        self,
        name: str | None,
        data: bytes,
        *,
        media_type: str | None = None,
        role: Role = "attachment",
        listed_only: bool = False,
    ) -> None:
        """Add a file; one over the number that may be listed is left out.

        Args:
            name: What it is called; folders and unprintable characters go.
            data: Its content.
            media_type: Where it is known; found by content else.
            role: One that is the invoice itself is read with its document, and becomes
                none of its own: the invoice would be there twice.
            listed_only: It becomes no document, for it has no content of its own.
        """
        if self.full():
            return
        expands = self._context.options.expand_attachments and not listed_only
        kept = expands and role == "attachment"
        if kept and len(data) > self._bytes_left:
            kept = False
            message = "Not all files inside it became documents: it holds too much."
            self._context.hit_limit("embedded_bytes", message)
        self._bytes_left -= len(data) if kept else 0
        self._files.append(
            EmbeddedFile(
                name=cleaned_name(name),
                media_type=media_type or sniff(BytesIO(data)),
                size_bytes=len(data),
                role=role,
                data=data if kept else None,
            )
        )

    def files(self) -> tuple[EmbeddedFile, ...]:
        """Give what was found."""
        return tuple(self._files)
