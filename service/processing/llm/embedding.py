"""Passages as vectors, a few at a time."""

from collections.abc import Sequence

from service.processing.llm.client import Model
from service.processing.llm.conversation import Reply
from service.processing.llm.patience import Patience
from service.processing.llm.problems import ModelError, Trouble, Usage
from service.processing.results import Chunk, Embedding, Embeddings

BATCH = 64
"""Texts of one request: more is refused by some servers."""
PASSAGES_MAX = 256
"""Passages of one document: with 1 536 numbers each, about 5 MB of result."""
PASSAGE_CHARS = 8_000
"""Of one passage; models read no more than about 8 000 tokens."""
PASSAGES = "embeddings"
"""The limit that leaves passages without a vector."""
_DIGITS = 6
"""Vectors are made of numbers with 24 bits or fewer."""


def embed(
    model: Model, chunks: Sequence[Chunk], patience: Patience
) -> tuple[Reply[Embeddings], list[str]]:
    """Give the passages as vectors, and the limits that were hit.

    Raises:
        ModelError: There are none.
        ProcessingStoppedError: Told to stop while waiting.
    """
    kept = chunks[:PASSAGES_MAX]
    vectors: list[Embedding] = []
    usage = Usage()
    for start in range(0, len(kept), BATCH):
        batch = kept[start : start + BATCH]
        try:
            reply = model.embed([each.text[:PASSAGE_CHARS] for each in batch], patience)
        except ModelError as error:
            error.add_usage(usage)
            raise
        usage += reply.usage
        if vectors and len(reply.value[0]) != len(vectors[0].vector):
            raise ModelError(Trouble.BAD_ANSWER, usage=usage)
        vectors += [
            Embedding(chunk=each.index, vector=_rounded(vector))
            for each, vector in zip(batch, reply.value, strict=True)
        ]
    limits = [PASSAGES] if len(chunks) > len(kept) else []
    found = Embeddings(
        model=model.config.name,
        dimensions=len(vectors[0].vector),
        vectors=tuple(vectors),
    )
    return Reply(found, usage), limits


def _rounded(vector: Sequence[float]) -> tuple[float, ...]:
    return tuple(float(f"{number:.{_DIGITS}g}") for number in vector)
