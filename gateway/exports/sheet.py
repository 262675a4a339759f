"""Results as a table for spreadsheets: a row for each document."""

import csv
import io
import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

import msgspec

from gateway.exports.source import Export
from gateway.job_bodies import ErrorBody
from gateway.views import why_without_result
from service.store.rows import TaskView

FIELDS: Final = (
    "documentKind",
    "invoiceNumber",
    "issueDate",
    "dueDate",
    "issuer",
    "recipient",
    "netTotal",
    "taxTotal",
    "total",
    "amountDue",
    "currency",
    "iban",
    "bic",
    "vatId",
    "paymentReference",
)
COLUMNS: Final = (
    *("documentId", "name", "status", "errorCode", "error", "attempts"),
    *("resultStatus", "mediaType", "pages", "language", "qualityScore", "grade"),
    *("label", *FIELDS, "summary"),
)
BYTE_ORDER_MARK: Final = b"\xef\xbb\xbf"
"""Without it spreadsheets read UTF-8 as the machine's old encoding."""

_NUMBER = re.compile(r"[+-]?\d+(\.\d+)?")
_ACTIVE = re.compile(
    r"^(?=[\t\r\n])|(?:^|(?<=[;\t\r\n]))(?=\s{0,9}[=+@\-\uff1d\uff0b\uff20\uff0d])"
)
"""Where a formula would begin, full-width signs among them: at the front of a cell, or
behind what separates cells where the comma is the decimal sign."""


def as_csv(export: Export) -> Iterator[bytes]:
    """Give the table (RFC 4180)."""
    yield BYTE_ORDER_MARK + _line(COLUMNS)
    for view in export.documents():
        result = export.result(view)
        error = why_without_result(view) if result is None else None
        row = {**_of_task(view, error), **_of_result(result)}
        yield _line([harmless(row.get(column)) for column in COLUMNS])


def harmless(value: object) -> str:
    """Give a cell that no spreadsheet takes for a formula.

    An apostrophe stands before what begins as formulas do, as OWASP advises against
    CSV injection; a number stays one.
    """
    text = "" if value is None else str(value)
    return text if _NUMBER.fullmatch(text) else _ACTIVE.sub("'", text)


def _of_task(view: TaskView, error: ErrorBody | None) -> dict[str, object]:
    return {
        "documentId": view.task.document_id,
        "name": view.document_name,
        "status": view.task.status.value,
        "errorCode": error.code if error else None,
        "error": error.message if error else None,
        "attempts": view.task.attempts,
    }


def _of_result(result: bytes | None) -> dict[str, object]:
    found = msgspec.json.decode(result) if result is not None else None
    if not isinstance(found, dict):
        return {}
    extraction, quality = _part(found, "extraction"), _part(found, "quality")
    fields = _part(extraction, "fields")
    pages = extraction.get("pages", found.get("pages"))
    values = {name: _part(fields, name).get("value") for name in FIELDS}
    return {
        "resultStatus": found.get("status"),
        "mediaType": _part(found, "source").get("mediaTypeDetected"),
        "pages": len(pages) if isinstance(pages, list) else None,
        "language": extraction.get("language"),
        "qualityScore": quality.get("score"),
        "grade": quality.get("grade"),
        "label": _part(found, "classification").get("label"),
        "summary": _part(found, "summary").get("text"),
        **values,
    }


def _part(found: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """Give a part of a result; one that is flat is its own part."""
    part = found.get(name)
    if isinstance(part, dict):
        return part
    return found if name in {"extraction", "quality"} else {}


def _line(cells: Iterator[str] | tuple[str, ...] | list[str]) -> bytes:
    buffer = io.StringIO()
    csv.writer(buffer).writerow(cells)
    return buffer.getvalue().encode("utf-8", "replace")
