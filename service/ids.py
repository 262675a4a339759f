"""Identifiers: sortable by time, safe in addresses, prefixed by what they name.

A random part makes them unguessable; the time part (48 bits of milliseconds, as in
RFC 9562 UUIDv7) keeps index pages hot and lists in order of creation.
"""

import hashlib
import os
import random
import secrets

from service.clock import Clock
from service.domain.model import DocumentId, JobId, TaskId

_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"  # Crockford base 32, lower case
_TIME_CHARS = 10
_RANDOM_CHARS = 16
_numbers = random.Random()  # noqa: S311 - see `new_message_id`
os.register_at_fork(after_in_child=_numbers.seed)


def new_job_id(clock: Clock) -> JobId:
    """Give a new job id, like ``job_01m2…``."""
    return JobId(f"job_{_sortable(clock)}")


def new_document_id(clock: Clock) -> DocumentId:
    """Give a new document id, like ``doc_01m2…``."""
    return DocumentId(f"doc_{_sortable(clock)}")


def attachment_document_id(parent_id: TaskId, number: int) -> DocumentId:
    """Derive the id of a document's attachment `number`, from 1.

    Whoever handles the document again finds the same id. It sorts beside its job, and
    is as hard to guess as the job's id, whose random part it is made from.
    """
    job_part = parent_id.partition(".")[0].removeprefix("job_")[:_TIME_CHARS]
    digest = hashlib.blake2b(f"{parent_id}.{number}".encode(), digest_size=10).digest()
    return DocumentId(f"doc_{job_part}{_base32(int.from_bytes(digest), _RANDOM_CHARS)}")


def new_message_id() -> str:
    """Give an id for one message: 128 random bits as hex.

    Not a secret: nothing is reached by it. Seeded by the system once, for a call to it
    for each of many messages makes the threads of a worker wait for each other.
    """
    return f"{_numbers.getrandbits(128):032x}"


def _sortable(clock: Clock) -> str:
    milliseconds = int(clock.now().timestamp() * 1000)
    random_part = "".join(secrets.choice(_ALPHABET) for _ in range(_RANDOM_CHARS))
    return _base32(milliseconds, _TIME_CHARS) + random_part


def _base32(number: int, chars: int) -> str:
    return "".join(
        _ALPHABET[(number >> (5 * place)) & 31] for place in reversed(range(chars))
    )
