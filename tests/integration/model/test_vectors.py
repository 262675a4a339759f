"""Passages of documents as vectors."""

import json
from pathlib import Path
from typing import Any

import pytest

from actors.sandbox import Sandbox
from service.errors import DocumentError
from service.processing.llm.embedding import PASSAGES_MAX
from tests.integration.model.desk import desk
from tests.servers import model as servers
from tests.servers.model import Behaviour, ModelServer


def test_passages_become_vectors(
    sandbox: Sandbox, server: ModelServer, tmp_path: Path
) -> None:
    with desk(sandbox, tmp_path, server, model_embedding_name="vec") as worker:
        found = worker.process()
    chunks = found["extraction"]["chunks"]
    assert chunks
    assert found["embeddings"]["model"] == "vec"
    assert found["embeddings"]["dimensions"] == 2
    vectors: list[dict[str, Any]] = found["embeddings"]["vectors"]
    assert [each["chunk"] for each in vectors] == [each["index"] for each in chunks]
    assert vectors[0]["vector"] == [0.123457, 0.0]
    assert server.asked[-1]["input"] == [each["text"] for each in chunks]
    assert found["llm"]["promptTokens"] == 107


def test_many_passages_are_sent_a_few_at_a_time_and_the_rest_is_named(
    sandbox: Sandbox, server: ModelServer, tmp_path: Path
) -> None:
    paragraphs = [f"Paragraph {n}. " + "It has words. " * 100 for n in range(400)]
    with desk(sandbox, tmp_path, server, model_embedding_name="vec") as worker:
        found = worker.process("\n\n".join(paragraphs))
    assert len(found["extraction"]["chunks"]) > PASSAGES_MAX
    assert len(found["embeddings"]["vectors"]) == PASSAGES_MAX
    assert "embeddings" in found["limitsHit"]
    sizes = [len(asked["input"]) for asked in server.asked if "input" in asked]
    assert sizes == [64] * 4


def vectors_of(*sizes: int) -> Behaviour:
    """Answer requests for vectors with some of these lengths, one after the other."""
    left = list(sizes)

    def answer(handler: servers.Handler) -> None:
        if not handler.path.endswith("/embeddings"):
            servers.helpful(handler)
            return
        size, texts = left.pop(0), handler.server.asked[-1]["input"]
        data = [{"index": n, "embedding": [0.5] * size} for n in range(len(texts))]
        body = {"data": data, "usage": {"prompt_tokens": 7}}
        handler.answer(200, json.dumps(body).encode())

    return answer


@pytest.mark.parametrize(("sizes", "spent"), [((2, 3), 114), ((2, 0), 114)])
def test_vectors_of_several_lengths_are_none(
    sandbox: Sandbox,
    server: ModelServer,
    tmp_path: Path,
    sizes: tuple[int, ...],
    spent: int,
) -> None:
    server.usual = vectors_of(*sizes)
    paragraphs = [f"Paragraph {n}. " + "It has words. " * 100 for n in range(100)]
    with desk(sandbox, tmp_path, server, model_embedding_name="vec") as worker:
        found = worker.process("\n\n".join(paragraphs))
    assert found["embeddings"] is None
    assert found["llm"]["fallbackReason"] == "bad_answer"
    assert found["llm"]["promptTokens"] == spent, "100 for the text, 7 for each request"


def test_without_vectors_the_rest_of_the_result_stays(
    sandbox: Sandbox, server: ModelServer, tmp_path: Path
) -> None:
    def no_vectors(handler: servers.Handler) -> None:
        refuse = handler.path.endswith("/embeddings")
        (servers.fails(404) if refuse else servers.helpful)(handler)

    server.usual = no_vectors
    with desk(sandbox, tmp_path, server, model_embedding_name="vec") as worker:
        found = worker.process()
        assert found["embeddings"] is None
        assert found["summary"]["method"] == "llm"
        assert found["llm"]["used"]
        assert found["llm"]["fallbackReason"] == "rejected"
        with pytest.raises(DocumentError):
            worker.process(model="required")
