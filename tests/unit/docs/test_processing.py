import re
from collections.abc import Iterator
from typing import Any, get_args

import msgspec
import pytest

from service.domain.options import ProcessingOptions
from service.processing.results import (
    Analysis,
    AnomalyCode,
    BatchResult,
    Extraction,
    Fields,
    Quality,
    Result,
)
from tests.unit.docs.pages import PROCESSING, names, rows, section

RESULT_PARTS: dict[str, tuple[type[msgspec.Struct], frozenset[str]]] = {
    "What every result has": (Result, frozenset()),
    "`QUALITY_CHECK`": (Quality, frozenset()),
    "`DATA_EXTRACTION`": (Extraction, frozenset()),
    "`FULL_ANALYSIS`": (Analysis, frozenset({"quality", "extraction"})),
    "`BATCH_ANALYSIS`": (BatchResult, frozenset()),
}
"""Section to the part of a result; which of its fields have sections of their own."""


def structs_in(kind: Any) -> Iterator[type[msgspec.Struct]]:
    """Give the structs that a field's type is made of."""
    if isinstance(kind, type) and issubclass(kind, msgspec.Struct):
        yield kind
    for part in get_args(kind):
        yield from structs_in(part)


def wire_names(kind: type[msgspec.Struct], without: frozenset[str]) -> set[str]:
    """Give the names of a part's fields on the wire, and of those inside them."""
    found = set()
    for each in msgspec.structs.fields(kind):
        found.add(each.encode_name)
        for inner in () if each.name in without else structs_in(each.type):
            found |= wire_names(inner, frozenset()) if inner is not Fields else set()
    return found


@pytest.mark.parametrize("title", RESULT_PARTS)
def test_every_field_of_a_result_is_on_the_page_of_processing(title: str) -> None:
    kind, without = RESULT_PARTS[title]
    text = section(PROCESSING, title)
    own = {each.encode_name for each in msgspec.structs.fields(kind)}
    listed = [
        name
        for row in rows(text)
        for name in names(row[0])
        if not name.isupper()  # codes of anomalies have a table of their own
    ]
    assert set(listed) == own
    assert len(listed) == len(own)
    without_code = re.sub(r"```.*?```", "", text, flags=re.DOTALL)
    assert wire_names(kind, without) <= set(names(without_code))


def test_every_processing_option_is_on_the_page_of_processing() -> None:
    listed = [names(row[0])[0] for row in rows(section(PROCESSING, "Options"))]
    options = msgspec.structs.fields(ProcessingOptions)
    submitted = [each for each in options if each.name != "expand_bytes"]
    assert listed == [each.encode_name for each in submitted]


def test_every_field_of_an_invoice_is_on_the_page_of_processing() -> None:
    listed = set(names(section(PROCESSING, "Fields")))
    assert wire_names(Fields, frozenset()) <= listed


def test_every_anomaly_is_on_the_page_of_processing() -> None:
    text = section(PROCESSING, "`FULL_ANALYSIS`")
    listed = {name for row in rows(text) for name in names(row[0]) if name.isupper()}
    assert listed == set(get_args(AnomalyCode))
