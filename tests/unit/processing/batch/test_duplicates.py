import random

import pytest

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


def test_pictures_are_alike_by_up_to_three_bits() -> None:
    one = random.Random(1).getrandbits(64)
    first = made(1, image_hash=f"{one:016x}")
    close = made(2, image_hash=f"{one ^ 0b10011:016x}")
    far = made(3, image_hash=f"{one ^ 0b1111:016x}")
    assert pairs(first, close) == [("1", "2", "image")]
    assert pairs(first, far) == []


def test_text_decides_over_pictures() -> None:
    picture = {"image_hash": "00ff00ff00ff00ff"}
    first = text(1, random_signature(1), **picture)
    assert pairs(first, text(2, random_signature(2), **picture)) == []


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
