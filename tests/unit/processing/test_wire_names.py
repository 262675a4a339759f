"""What results are made of is called in camelCase, down to the last key."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from service.processing.registry import build_registry
from service.processing.results import FIELD_NAMES, BatchResult
from tests.unit.processing.batch.made import finished, made
from tests.unit.processing.running import SAMPLES, extract

_CAMEL = re.compile(r"[a-z][a-zA-Z0-9]*")
_BY_CODE = frozenset({"issueCounts"})
"""Maps whose keys are no names but codes."""
_REGISTRY = build_registry()
_JOB_TYPES = ("QUALITY_CHECK", "DATA_EXTRACTION", "FULL_ANALYSIS", "BATCH_ANALYSIS")
ODD_INVOICE = """Rechnung

Rechnungsdatum: 15.11.2026
Zahlbar bis: 01.11.2026
USt-IdNr.: DE123456789
IBAN: DE00 3704 0044 0532 0130 00
Nettobetrag: 100,00 EUR
MwSt. 19 %: 19,00 EUR
Gesamtbetrag: 130,00 EUR
Umgerechnet: 140,00 USD
"""


def keys(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for key, inner in value.items():
            yield key
            if key not in _BY_CODE:
                yield from keys(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from keys(inner)


def odd(value: Any) -> set[str]:
    over_the_wire = msgspec.json.decode(msgspec.json.encode(value))
    found = set(keys(over_the_wire))
    assert found
    return {key for key in found if not _CAMEL.fullmatch(key)}


@pytest.mark.parametrize("job_type", _JOB_TYPES)
@pytest.mark.parametrize(
    "name",
    ["invoice-facturx.pdf", "report-tables.pdf", "mail-with-invoice.eml", "stock.csv"],
)
def test_every_key_of_a_result_is_camel_case(job_type: str, name: str) -> None:
    assert odd(extract(SAMPLES / name, job_type=job_type).data) == set()


def test_every_key_of_a_batch_result_is_camel_case() -> None:
    result = finished(made(1), made(2), made(2), made(4), failed=1)

    assert isinstance(result, BatchResult)
    assert odd(result) == set()


@pytest.mark.parametrize("job_type", _JOB_TYPES)
def test_every_name_in_a_schema_is_camel_case(job_type: str) -> None:
    schema, parts = msgspec.json.schema_components([_REGISTRY.get(job_type).result])
    for part in parts.values():
        for name in part.get("properties", {}):
            assert _CAMEL.fullmatch(name), name
    assert schema
    assert len(parts) > 5


def test_evidence_names_fields_as_the_result_does(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text(ODD_INVOICE)

    anomalies = extract(path, job_type="FULL_ANALYSIS").data["anomalies"]

    assert {each["code"] for each in anomalies} >= {
        "TOTAL_MISMATCH",
        "DUE_BEFORE_ISSUE",
        "INVALID_IBAN",
        "INVALID_VAT_ID",
        "MIXED_CURRENCIES",
        "MISSING_FIELD",
    }
    assert odd(anomalies) == set()
    evidence = [each["evidence"] for each in anomalies]
    named = {each["field"] for each in evidence if "field" in each}
    assert named
    assert named <= set(FIELD_NAMES.values())
