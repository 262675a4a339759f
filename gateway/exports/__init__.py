"""A job's results as files: NDJSON, CSV, Markdown and ZIP, made while they are sent."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from gateway.exports.archive import as_zip
from gateway.exports.documents import as_markdown, as_ndjson
from gateway.exports.sheet import as_csv
from gateway.exports.source import Export

__all__ = ["FORMATS", "Export", "Format"]


@dataclass(frozen=True, slots=True)
class Format:
    """One form in which results can be had."""

    media_type: str
    extension: str
    pieces: Callable[[Export], Iterator[bytes]]


FORMATS: Mapping[str, Format] = {
    "ndjson": Format("application/x-ndjson", "ndjson", as_ndjson),
    "csv": Format("text/csv; charset=utf-8", "csv", as_csv),
    "markdown": Format("text/markdown; charset=utf-8", "md", as_markdown),
    "zip": Format("application/zip", "zip", as_zip),
}
