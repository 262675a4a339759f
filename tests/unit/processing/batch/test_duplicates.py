import random

import pytest

from service.processing.batch.alike import MOST_BITS
from service.processing.batch.duplicates import duplicate_invoices, find_duplicates
from service.processing.batch.similar import (
    CANDIDATES_LIMIT,
    NEIGHBOURS,
    THRESHOLD,
    similar_texts,
)
from tests.unit.processing.batch.made import (
    Made,
    like,
    made,
    random_signature,
    records,
    signature,
)


def pairs(*documents: Made) -> list[tuple[str, str, str]]:
    found = find_duplicates(records(*documents)).pairs
    return [(pair.a[-1], pair.b[-1], pair.basis) for pair in found]


def text(number: int, numbers: list[int], **given: object) -> Made:
    return made(number, minhash=signature(numbers), **given)


def test_copies_are_paired_with_the_first_and_with_nothing_else() -> None:
    same = {"sha256": "ab", "minhash": signature(random_signature(1))}
    found = find_duplicates(records(made(1, **same), made(2, **same), made(3, **same)))
    assert [(pair.a[-1], pair.b[-1]) for pair in found.pairs] == [
        ("1", "2"),
        ("1", "3"),
    ]
    assert {pair.basis for pair in found.pairs} == {"bytes"}
    assert found.copies == {"doc_000002", "doc_000003"}


def test_the_same_text_in_another_file_is_a_duplicate() -> None:
    numbers = random_signature(1)
    assert pairs(text(1, numbers), text(2, numbers)) == [("1", "2", "text")]


@pytest.mark.parametrize(("share", "found"), [(0.95, True), (0.82, True), (0.7, False)])
def test_texts_are_alike_from_the_threshold_on(share: float, found: bool) -> None:
    first = random_signature(1)
    other = like(first, share=share, seed=2)
    assert bool(pairs(text(1, first), text(2, other))) is found


def test_a_text_is_paired_with_the_one_before_it_that_is_most_like_it() -> None:
    first = random_signature(1)
    near, nearer = (like(first, share=s, seed=7) for s in (0.9, 0.97))
    found = pairs(text(1, first), text(2, near), text(3, nearer))
    assert found == [("1", "2", "text"), ("1", "3", "text")]


def test_chance_brings_hardly_any_pair_of_a_share_over_the_threshold_apart() -> None:
    missed = 0
    for seed in range(400):
        first = random_signature(seed)
        other = like(first, share=0.82, seed=seed)
        raw = [bytes.fromhex("".join(f"{n:08x}" for n in s)) for s in (first, other)]
        missed += not similar_texts(raw)[0]
    assert missed <= 6


def test_many_texts_with_one_passage_are_not_all_compared_and_that_is_said() -> None:
    base = random_signature(0)
    alike = [
        text(n, like(base, share=0.75, seed=n), issuer=None, invoiceNumber=None)
        for n in range(NEIGHBOURS * 12)
    ]
    found = find_duplicates(records(*alike))
    assert CANDIDATES_LIMIT in found.limits_hit
    assert all(pair.similarity >= THRESHOLD for pair in found.pairs)


def test_hundreds_of_versions_of_one_text_are_each_paired_once() -> None:
    base = random_signature(0)
    versions = [text(n, like(base, share=0.95, seed=n)) for n in range(300)]
    found = find_duplicates(records(*versions)).pairs
    assert len({pair.b for pair in found}) == len(found) == 299


def test_the_same_number_date_and_amount_are_the_same_invoice() -> None:
    other = {"issuer": None, "invoiceNumber": "RE 0001"}
    assert pairs(made(1), made(2, **other)) == [("1", "2", "fields")]
    assert pairs(made(1), made(2, **other, total="1.00")) == []
    assert pairs(made(1, issueDate=None), made(2, **other, issueDate=None)) == []


def looks(*pages: int) -> dict[str, tuple[str, ...]]:
    return {"page_hashes": tuple(f"{page:064x}" for page in pages)}


UNREAD = {"invoiceNumber": None, "issueDate": None, "total": None}
PAGE, OTHER = (random.Random(seed).getrandbits(256) for seed in (1, 2))
DIFFERENT = (1 << MOST_BITS) - 1
"""As many bits as may differ."""


def test_scans_are_alike_while_few_bits_of_their_pages_differ() -> None:
    first = made(1, **UNREAD, **looks(PAGE))
    close = made(2, **UNREAD, **looks(PAGE ^ DIFFERENT))
    far = made(3, **UNREAD, **looks(PAGE ^ (DIFFERENT << 1 | 1)))
    assert pairs(first, close) == [("1", "2", "image")]
    assert pairs(first, far) == []


def test_scans_are_alike_only_page_by_page() -> None:
    first = made(1, **UNREAD, **looks(PAGE, OTHER))
    assert pairs(first, made(2, **UNREAD, **looks(PAGE))) == []
    assert pairs(first, made(2, **UNREAD, **looks(OTHER, PAGE))) == []
    again = made(2, **UNREAD, **looks(PAGE ^ 1, OTHER ^ 2))
    assert pairs(first, again) == [("1", "2", "image")]


def test_a_scan_is_paired_with_the_one_before_it_that_it_looks_most_like() -> None:
    versions = [made(n, **UNREAD, **looks(PAGE ^ bits)) for n, bits in
                enumerate((0, 0b1111, 0b111))]  # fmt: skip
    assert pairs(*versions) == [("0", "1", "image"), ("1", "2", "image")]


@pytest.mark.parametrize(
    "read", [{"invoiceNumber": "RE-9"}, {"issueDate": "2026-09-01"}, {"total": "7.00"}]
)
def test_what_was_read_tells_scans_apart_that_look_alike(read: dict[str, str]) -> None:
    known = {"invoiceNumber": None, "issueDate": "2026-10-01", "total": "5.00"}
    first = made(1, **known | {"invoiceNumber": "RE-1"}, **looks(PAGE))
    assert pairs(first, made(2, **known | read, **looks(PAGE))) == []
    assert pairs(first, made(2, **known, **looks(PAGE))) == [("1", "2", "image")]


def test_scans_whose_text_is_nearly_the_same_are_paired_by_that() -> None:
    numbers = random_signature(1)
    first = text(1, numbers, **UNREAD, **looks(PAGE))
    assert pairs(first, text(2, numbers, **UNREAD, **looks(PAGE))) == [
        ("1", "2", "text")
    ]
    misread = like(numbers, share=0.5, seed=2)
    assert pairs(first, text(2, misread, **UNREAD, **looks(PAGE))) == [
        ("1", "2", "image")
    ]


def test_very_many_scans_that_look_alike_are_not_all_looked_at_and_that_is_said() -> (
    None
):
    receipts = [
        made(n, total=f"{n}.00", invoiceNumber=None, **looks(PAGE)) for n in range(70)
    ]
    found = find_duplicates(records(*receipts))
    assert found.pairs == []
    assert found.limits_hit == [CANDIDATES_LIMIT]


def test_one_invoice_in_several_documents_is_named() -> None:
    found = duplicate_invoices(
        records(
            made(1),
            made(2, invoiceNumber="re-0001", issuer="MÜLLER"),
            made(3, issuer="Kunz AG", invoiceNumber="RE-0001"),
            made(4, issuer=None, invoiceNumber="RE-0001"),
        )
    )
    (invoice,) = found
    assert (invoice.issuer, invoice.invoice_number) == ("Müller GmbH", "RE-0001")
    assert invoice.document_ids == ("doc_000001", "doc_000002")
