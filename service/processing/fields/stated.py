"""What a document's machine-readable form states."""

from datetime import date

from service.errors import DocumentError
from service.processing import invoice_xml
from service.processing.context import StepContext
from service.processing.results import Fields, ProcessingError


def invoice_fields(context: StepContext) -> Fields:
    """Give the fields of the invoice's machine-readable form, read when first asked."""
    content = context.read().invoice_xml
    if context.invoice is None:
        context.invoice = Fields()
        if content is not None:
            try:
                context.invoice = invoice_xml.read_fields(content)
            except DocumentError as error:
                message = "The embedded invoice data could not be read."
                context.errors.append(
                    ProcessingError(code=error.code, stage="fields", message=message)
                )
    return context.invoice


def known_dates(fields: Fields) -> frozenset[date]:
    """Give the dates that the machine-readable form states."""
    stated = (fields.issue_date, fields.due_date)
    return frozenset(date.fromisoformat(each.value) for each in stated if each)
