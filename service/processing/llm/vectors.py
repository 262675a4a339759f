"""Texts as vectors: the request to ``/embeddings`` and its answer."""

import math
from collections.abc import Sequence

import msgspec

from service.processing.llm.conversation import Reply, Request
from service.processing.llm.problems import ModelError, Trouble, Usage
from service.processing.llm.prompts import CHARS_A_TOKEN
from service.processing.llm.transport import HttpAnswer
from service.processing.llm.wire import VECTORS, usage_of

PATH = "/embeddings"
Matrix = tuple[tuple[float, ...], ...]


def embedding_request(model: str, texts: Sequence[str]) -> Request[Matrix]:
    """Give the request for the texts as vectors."""
    tokens = sum(map(len, texts)) // CHARS_A_TOKEN + 1

    def read(answer: HttpAnswer) -> Reply[Matrix]:
        try:
            found = VECTORS.decode(answer.body)
        except (msgspec.MsgspecError, UnicodeError, RecursionError) as error:
            raise ModelError(Trouble.BAD_ANSWER) from error
        usage = usage_of(found.usage) or Usage(prompt_tokens=tokens)
        by_index = {each.index: each.embedding for each in found.data}
        wanted = range(len(texts))
        matrix = tuple(by_index[index] for index in wanted if index in by_index)
        if len(matrix) != len(texts) or not _is_even(matrix):
            raise ModelError(Trouble.BAD_ANSWER, usage=usage)
        return Reply(matrix, usage)

    body = {"model": model, "input": list(texts)}
    return Request(path=PATH, body=body, estimated_tokens=tokens, read=read)


def _is_even(matrix: Matrix) -> bool:
    """Say whether all vectors have the same length and real numbers in them."""
    lengths = {len(vector) for vector in matrix}
    return (
        lengths != {0}
        and len(lengths) == 1
        and all(math.isfinite(sum(vector)) for vector in matrix)
    )
