"""The step ``fingerprint``: by what a document is compared with others of its job.

Imported only inside the sandbox, as it opens pictures.
"""

import base64
import re
import struct
from itertools import islice

from rensa import RMinHash

from service.processing.batch.looks import page_hashes
from service.processing.context import StepContext
from service.processing.results import Fingerprint

PERMUTATIONS = 128
"""Estimates differ from the true share by 0.025 at most, as measured."""
SEED = 42
"""The same for ever: signatures of one job are compared with each other."""
SHINGLE_WORDS = 5
LEAST_SHINGLES = 10
"""Shorter texts, such as a stamp, would be alike by chance."""
MOST_WORDS = 200_000
"""Words that are compared, about 500 pages; ``fingerprint_words`` names the cut."""

_WORD = re.compile(r"\w+")


def take(context: StepContext) -> None:
    """Take the signatures of the document's bytes, text and pages."""
    shingles = _shingles(context)
    kind = context.analysis.get("classification")
    context.use_engine("rensa")
    context.analysis["fingerprint"] = Fingerprint(
        sha256=context.source.sha256,
        minhash=_signature(shingles) if len(shingles) >= LEAST_SHINGLES else None,
        shingles=len(shingles),
        page_hashes=page_hashes(context),
        kind=kind.label if kind is not None else None,
    )


def _shingles(context: StepContext) -> set[str]:
    found = (match[0].lower() for match in _WORD.finditer(context.text))
    words = list(islice(found, MOST_WORDS))
    if len(words) == MOST_WORDS and next(found, None) is not None:
        message = f"Only the first {MOST_WORDS} words are compared with others."
        context.hit_limit("fingerprint_words", message, severity="info")
    neighbours = (words[start:] for start in range(SHINGLE_WORDS))
    return set(map(" ".join, zip(*neighbours, strict=False)))


def _signature(shingles: set[str]) -> str:
    signature = RMinHash(num_perm=PERMUTATIONS, seed=SEED)
    signature.update(list(shingles))
    packed = struct.pack(f"<{PERMUTATIONS}I", *signature.digest())
    return base64.b64encode(packed).decode("ascii")
