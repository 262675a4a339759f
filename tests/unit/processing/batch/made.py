"""Results of documents as a batch worker finds them, made up."""

import base64
import random
import struct
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import msgspec

from service.clock import SystemClock
from service.domain.model import Counts, DocumentId, JobId
from service.processing.batch.finish import finish
from service.processing.batch.finishing import FinishContext
from service.processing.batch.record import DocumentResult, Record, record_of
from service.processing.results import BatchResult

Made = tuple[DocumentId, dict[str, Any]]


def made(number: int, **given: Any) -> Made:
    """Build the result of an invoice; what is given is a field or part of a print."""
    fields: dict[str, str | None] = {
        "documentKind": "invoice",
        "invoiceNumber": f"RE-{number:04d}",
        "issueDate": "2026-10-01",
        "issuer": "Müller GmbH",
        "netTotal": "100.00",
        "taxTotal": "19.00",
        "total": "119.00",
        "currency": "EUR",
    }
    values = fields | {name: given.pop(name) for name in tuple(given) if name in fields}
    issues = given.pop("issues", ())
    result = {
        "status": given.pop("status", "ok"),
        "jobType": "BATCH_ANALYSIS",
        "quality": {
            "score": given.pop("score", 90),
            "issues": [{"code": code, "severity": "info"} for code in issues],
        },
        "extraction": {
            "text": {"preview": "not read"},
            "fields": {
                name: None if value is None else {"value": value, "confidence": 1.0}
                for name, value in values.items()
            },
        },
        "classification": {"label": "other", "method": "llm"},
        "fingerprint": {
            "sha256": given.pop("sha256", f"{number:064x}"),
            "minhash": given.pop("minhash", None),
            "pageHashes": given.pop("page_hashes", ()),
            "kind": given.pop("label", "invoice"),
        },
    }
    assert not given, given
    return DocumentId(f"doc_{number:06d}"), result


def records(*documents: Made) -> list[Record]:
    """Give what is kept of them."""
    return [record_of(id_, msgspec.convert(r, DocumentResult)) for id_, r in documents]


def finished(*documents: Made, **counts: int) -> BatchResult:
    """Finish a job of these documents, and of others without a result."""
    done = Counts(**({"completed": len(documents)} | counts))
    return finish(context_of(lambda: iter(documents), done))


def context_of(
    documents: Callable[[], Iterator[Made]], counts: Counts
) -> FinishContext:
    return FinishContext(
        job_id=JobId("job_1"),
        job_type="BATCH_ANALYSIS",
        counts=counts,
        clock=SystemClock(),
        read=lambda: ((id_, msgspec.json.encode(each)) for id_, each in documents()),
    )


def signature(numbers: Sequence[int]) -> str:
    """Write a MinHash as results do."""
    packed = struct.pack(f"<{len(numbers)}I", *numbers)
    return base64.b64encode(packed).decode()


def random_signature(seed: int) -> list[int]:
    chance = random.Random(seed)
    return [chance.getrandbits(32) for _ in range(128)]


def like(numbers: Sequence[int], *, share: float, seed: int) -> list[int]:
    """Give a signature of which this share is equal."""
    chance = random.Random(seed)
    changed = chance.sample(range(128), round(128 * (1 - share)))
    return [
        chance.getrandbits(32) if place in changed else number
        for place, number in enumerate(numbers)
    ]
