"""The step that reads the fields of a business document."""

from collections.abc import Mapping, Sequence

from service.processing.context import StepContext
from service.processing.entities.reading import reading_of
from service.processing.fields.candidates import distinct
from service.processing.fields.codes import code_fields
from service.processing.fields.stated import invoice_fields, known_dates
from service.processing.fields.text import text_fields
from service.processing.results import Field, Fields

CANDIDATES = "field_candidates"
"""Under this the context's state keeps what was not chosen."""
MAX_CANDIDATES = 5
"""Values of a field that are kept beside the chosen one."""


def read_fields(context: StepContext) -> None:
    """Read the fields, each from the most trusted source that states it.

    What other sources state, and what the text may say instead, is left under
    `CANDIDATES` in the context's state: ``dict[str, list[Field]]`` by field, the values
    that differ from the chosen one as well as those that confirm it.
    """
    stated = invoice_fields(context)
    by_text = text_fields(reading_of(context, known_dates(stated)))
    by_trust: Sequence[Mapping[str, Sequence[Field]]] = (
        {name: [field] for name, field in _present(stated).items()},
        _without_due(code_fields(context.extraction.get("codes") or ()), by_text),
        by_text,
    )
    chosen: dict[str, Field] = {}
    candidates: dict[str, list[Field]] = {}
    for name in Fields.__struct_fields__:
        found = [each for source in by_trust for each in source.get(name, ())]
        if found:
            chosen[name] = found[0]
            others = [
                best
                for source in by_trust
                for best in distinct(source.get(name, ()))
                if best is not found[0]
            ]
            candidates[name] = others[:MAX_CANDIDATES]
    context.state[CANDIDATES] = candidates
    context.extraction["fields"] = Fields(**chosen)


def _without_due(
    codes: dict[str, list[Field]], by_text: Mapping[str, Sequence[Field]]
) -> dict[str, list[Field]]:
    """Leave a total to the text where a code asks for what the text calls due."""
    due, total = by_text.get("amount_due"), by_text.get("total")
    asked = codes.get("amount_due")
    if due and total and asked and due[0].value == asked[0].value:
        codes.pop("total", None)
    return codes


def _present(fields: Fields) -> Mapping[str, Field]:
    found = {name: getattr(fields, name) for name in Fields.__struct_fields__}
    return {name: field for name, field in found.items() if field is not None}
