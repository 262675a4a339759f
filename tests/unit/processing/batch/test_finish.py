import subprocess
import sys
import tracemalloc
from datetime import datetime

import msgspec
import pytest

from service.clock import SystemClock
from service.processing.batch import finish as finishing
from service.processing.results import BatchResult, CurrencyTotal, DateRange
from tests.unit.processing.batch.made import (
    finished,
    like,
    made,
    random_signature,
    records,
    signature,
)
from tests.unit.processing.running import REPOSITORY

KB = 1024


def test_documents_are_counted_by_what_came_of_them() -> None:
    counts = finished(
        made(1), made(2, status="degraded"), failed=2, timeout=1, cancelled=3
    ).counts
    assert (counts.total, counts.ok, counts.degraded) == (8, 1, 1)
    assert (counts.failed, counts.cancelled) == (3, 3)


def test_the_result_says_what_it_is_and_when_it_was_made() -> None:
    result = finished(made(1))
    assert (result.job_id, result.job_type) == ("job_1", "BATCH_ANALYSIS")
    assert result.schema_version == 1
    made_at = datetime.fromisoformat(result.finished_at)
    assert 0 <= (SystemClock().now() - made_at).total_seconds() < 60
    assert result.limits_hit == ()


def test_it_survives_the_way_over_the_wire() -> None:
    result = finished(made(1), made(2), made(4))
    assert msgspec.json.decode(msgspec.json.encode(result), type=BatchResult) == result
    assert b'"dateRange":{"from":"2026-10-01"' in msgspec.json.encode(result)


def test_amounts_are_added_up_by_currency_exactly() -> None:
    result = finished(
        made(1, total="0.10", netTotal="0.08", taxTotal="0.02"),
        made(2, total="0.20", netTotal="0.17", taxTotal="0.03"),
        made(3, total="5.00", currency="USD", netTotal=None),
    )
    assert result.totals == (
        CurrencyTotal(
            currency="EUR",
            documents=2,
            net_total="0.25",
            tax_total="0.05",
            total="0.30",
        ),
        CurrencyTotal(
            currency="USD", documents=1, net_total=None, tax_total="19.00", total="5.00"
        ),
    )
    assert result.left_out == ()


def test_a_credit_note_is_taken_off_with_either_sign() -> None:
    credit = {"documentKind": "credit_note"}
    result = finished(
        made(1, total="100.00"),
        made(2, total="30.00", **credit),
        made(3, total="-20.00", **credit),
    )
    assert result.totals[0].total == "50.00"


def test_documents_that_do_not_count_are_named_with_the_reason() -> None:
    result = finished(
        made(1),
        made(2, total=None),
        made(3, currency=None),
        made(4, documentKind=None, label="letter"),
        made(5, sha256=f"{1:064x}"),
        made(6, invoiceNumber="re 0001"),
    )
    reasons = {each.document_id: each.reason for each in result.left_out}
    assert reasons == {
        "doc_000002": "no_total",
        "doc_000003": "no_currency",
        "doc_000004": "not_an_invoice",
        "doc_000005": "duplicate",
        "doc_000006": "duplicate",
    }
    assert result.totals[0].documents == 1


def test_the_kind_is_taken_from_the_fields_before_the_words() -> None:
    assert finished(made(1, label="letter")).left_out == ()
    assert finished(made(1, documentKind=None, label="receipt")).left_out == ()


def test_documents_are_grouped_by_issuer_however_it_is_written() -> None:
    result = finished(
        made(1),
        made(2, issuer="MULLER G.m.b.H."),
        made(3, issuer="Müller GmbH", total=None),
        made(4, issuer="Kunz AG"),
        made(5, issuer=None),
    )
    first, second = result.groups
    assert (first.issuer, first.documents) == ("Müller GmbH", 3)
    assert (first.totals[0].total, first.totals[0].documents) == ("238.00", 2)
    assert (second.issuer, second.documents) == ("Kunz AG", 1)


def test_the_range_of_dates_is_that_of_the_certain_ones() -> None:
    days = ("2026-03-01", "2025-12-31", None, "no date", "2026-02-01")
    result = finished(*(made(n, issueDate=day) for n, day in enumerate(days)))
    assert result.date_range == DateRange(first="2025-12-31", last="2026-03-01")
    assert finished().date_range == DateRange(first=None, last=None)


def test_quality_is_shown_over_all_documents() -> None:
    quality = finished(
        made(1, score=90, issues=("SKEWED", "SKEWED", "BLURRY")),
        made(2, score=40, issues=("SKEWED",)),
        made(3, score=70),
    ).quality
    assert (quality.score_median, quality.score_min) == (70.0, 40)
    assert quality.issue_counts == {"SKEWED": 2, "BLURRY": 1}


def test_a_job_without_a_result_is_finished_too() -> None:
    result = finished(failed=2)
    assert result.counts.failed == 2
    assert result.quality.score_median is None
    assert result.outliers_skipped_reason == "too_few_values"
    lists = result.totals, result.groups, result.near_duplicates, result.number_gaps
    assert not any(lists)


def test_a_list_that_is_cut_off_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(finishing, "MOST_LISTED", 3)
    result = finished(*(made(n, sha256="00") for n in range(8)))
    assert len(result.near_duplicates) == len(result.left_out) == 3
    assert result.limits_hit == ("left_out", "near_duplicates")


def test_an_absurd_amount_is_no_amount() -> None:
    totals = ("1e400", "NaN", "Infinity", "-", "1" * 30)
    result = finished(*(made(n, total=each) for n, each in enumerate(totals)))
    assert {each.reason for each in result.left_out} == {"no_total"}


def test_a_result_of_another_form_is_an_error() -> None:
    with pytest.raises(msgspec.ValidationError):
        finished(("doc_1", {"status": "ok"}))  # type: ignore[arg-type]  # on purpose


def test_similar_texts_are_found_among_thousands() -> None:
    first = random_signature(0)
    documents = [
        made(n, minhash=signature(random_signature(n)), issuer=None)
        for n in range(1, 3_000)
    ]
    documents.insert(0, made(0, minhash=signature(first), issuer=None))
    documents.append(
        made(5_000, minhash=signature(like(first, share=0.85, seed=1)), issuer=None)
    )
    (pair,) = finished(*documents).near_duplicates
    assert (pair.a, pair.b, pair.basis) == ("doc_000000", "doc_005000", "text")
    assert pair.similarity == pytest.approx(0.85, abs=0.01)


def test_about_a_kilobyte_is_kept_of_each_document() -> None:
    number = 1_000
    documents = [
        made(n, minhash=signature(random_signature(n)), issuer=f"Firma {n % 50}")
        for n in range(number)
    ]
    tracemalloc.start()
    kept = records(*documents)
    size, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert len(kept) == number
    assert size / number < 1.5 * KB


MEASURED = """
import random, resource, sys
from service.domain.model import Counts
from service.processing.batch.finish import finish
from tests.unit.processing.batch.made import *


def documents(number):
    for n in range(number):
        yield made(n, minhash=signature(random_signature(n)), issuer=f"Firma {n % 500}",
                   total=f"{100 + n % 77}.00", issues=("SKEWED",),
                   page_hashes=(f"{random.Random(n).getrandbits(256):064x}",))

def peak():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss

finish(context_of(lambda: documents(100), Counts(completed=100)))
before = peak()
number = int(sys.argv[1])
finish(context_of(lambda: documents(number), Counts(completed=number)))
print(peak() - before)
"""


@pytest.mark.slow
def test_memory_grows_by_little_with_ten_thousand_documents() -> None:
    def growth_kb(number: int) -> int:
        answer = subprocess.run(
            [sys.executable, "-c", MEASURED, str(number)],
            cwd=REPOSITORY,
            capture_output=True,
            check=True,
            text=True,
        )
        return int(answer.stdout)

    few, many = growth_kb(1_000), growth_kb(10_000)
    # Records, prints side by side and their comparison: all of it under 4 KB.
    assert (many - few) * KB < 9_000 * 4 * KB
