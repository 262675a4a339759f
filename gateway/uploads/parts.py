"""A multipart body as a sequence of small facts, parsed as it comes."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from python_multipart import MultipartParser
from python_multipart.exceptions import FormParserError
from python_multipart.multipart import parse_options_header

from gateway.problems import ProblemError
from gateway.uploads.names import decoded_name, is_windows_path


@dataclass(frozen=True, slots=True)
class PartBegan:
    """A part's headers were read."""

    field: str
    file_name: str | None
    """None for a plain field."""
    whole_path: bool
    """The name was a path with a drive; `file_name` is its last part."""
    media_type: str | None


@dataclass(frozen=True, slots=True)
class PartData:
    """Some of the present part's content."""

    data: bytes


@dataclass(frozen=True, slots=True)
class PartEnded:
    """The present part is complete."""


Fact = PartBegan | PartData | PartEnded

NOT_UTF8: Final = "\ufffd"


class Parts:
    """Turns pieces of a body into facts.

    Args:
        content_type: The request's Content-Type, with the boundary.

    Raises:
        ProblemError: It has no usable boundary.
    """

    def __init__(self, content_type: str) -> None:
        _, options = parse_options_header(content_type)
        boundary = options.get(b"boundary")
        if not boundary:
            raise _malformed("The Content-Type names no boundary.")
        self._facts: list[Fact] = []
        self._headers: dict[bytes, bytes] = {}
        self._name = self._value = b""
        self._ended = False
        try:
            self._parser = MultipartParser(
                boundary,
                {
                    "on_part_begin": self._headers.clear,
                    "on_header_field": self._on_header_name,
                    "on_header_value": self._on_header_value,
                    "on_header_end": self._on_header_end,
                    "on_headers_finished": self._on_headers,
                    "on_part_data": self._on_data,
                    "on_part_end": self._on_part_end,
                    "on_end": self._on_end,
                },
            )
        except FormParserError as error:
            raise _malformed(f"{error}.") from error

    def feed(self, piece: bytes) -> Iterator[Fact]:
        """Parse one more piece of the body and give what it tells.

        Raises:
            ProblemError: It is no multipart form.
        """
        try:
            self._parser.write(piece)
        except FormParserError as error:
            raise _malformed(f"{error}.") from error
        facts, self._facts = self._facts, []
        yield from facts

    def finish(self) -> None:
        """Make sure that the body was whole.

        Raises:
            ProblemError: It ended before its last boundary.
        """
        if not self._ended:
            raise ProblemError(
                "incomplete_body", "The form ended before its last boundary."
            )

    def _on_header_name(self, data: bytes, start: int, end: int) -> None:
        self._name += data[start:end]

    def _on_header_value(self, data: bytes, start: int, end: int) -> None:
        self._value += data[start:end]

    def _on_header_end(self) -> None:
        self._headers[self._name.lower()] = self._value
        self._name = self._value = b""

    def _on_headers(self) -> None:
        disposition = self._headers.get(b"content-disposition", b"")
        _, options = parse_options_header(disposition)
        if b"name" not in options:
            raise _malformed("A part has no name in its Content-Disposition.")
        raw_name = options.get(b"filename")
        media_type, _ = parse_options_header(self._headers.get(b"content-type", b""))
        self._facts.append(
            PartBegan(
                field=options[b"name"].decode("utf-8", errors="replace"),
                file_name=None if raw_name is None else _text(raw_name),
                whole_path=is_windows_path(disposition.decode("latin-1")),
                media_type=media_type.decode("latin-1") or None,
            )
        )

    def _on_data(self, data: bytes, start: int, end: int) -> None:
        self._facts.append(PartData(data[start:end]))

    def _on_part_end(self) -> None:
        self._facts.append(PartEnded())

    def _on_end(self) -> None:
        self._ended = True


def _text(raw: bytes) -> str:
    text = decoded_name(raw)
    return raw.decode("utf-8", errors="replace") if text is None else text


def _malformed(detail: str) -> ProblemError:
    return ProblemError("malformed_form", detail)
