"""A real model, where the environment names one; skipped elsewhere."""

import io
import os
from pathlib import Path

import pytest
from PIL import Image, ImageDraw

from actors.sandbox import Sandbox
from tests.integration.model.desk import INVOICE, desk
from tests.integration.model.test_documents import HOSTILE

PREFIX = "DOCMILL_TEST_MODEL_"
SETTINGS = {
    "model_url": "URL",
    "model_name": "NAME",
    "model_api_key": "KEY",
    "model_vision_name": "VISION_NAME",
    "model_embedding_name": "EMBEDDING_NAME",
}
GIVEN = {
    setting: value
    for setting, name in SETTINGS.items()
    if (value := os.environ.get(PREFIX + name))  # noqa: TID251 - opt-in by the developer
}
LIMIT_S = 300.0

pytestmark = [
    pytest.mark.skipif("model_url" not in GIVEN, reason=f"{PREFIX}URL names no model"),
    pytest.mark.timeout(LIMIT_S + 30),
]


def test_an_invoice_is_read(sandbox: Sandbox, tmp_path: Path) -> None:
    with desk(sandbox, tmp_path, None, **GIVEN, model_deadline_s=LIMIT_S) as worker:
        found = worker.process(INVOICE, model="required", time_limit_s=LIMIT_S)
    assert found["llm"]["used"]
    assert found["classification"]["label"] == "invoice"
    assert "119" in found["summary"]["text"]
    if "model_embedding_name" in GIVEN:
        assert len(found["embeddings"]["vectors"]) == len(found["extraction"]["chunks"])


def test_instructions_in_a_document_are_content(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    with desk(sandbox, tmp_path, None, **GIVEN, model_deadline_s=LIMIT_S) as worker:
        found = worker.process(HOSTILE, time_limit_s=LIMIT_S)
    assert found["classification"]["label"] == "invoice"


@pytest.mark.skipif("model_vision_name" not in GIVEN, reason="no vision model is named")
def test_a_picture_is_looked_at(sandbox: Sandbox, tmp_path: Path) -> None:
    out = io.BytesIO()
    image = Image.new("RGB", (600, 300), "white")
    ImageDraw.Draw(image).text(
        (50, 50), "RECEIPT  Total EUR 4.20", "black", font_size=40
    )
    image.save(out, "PNG")
    with desk(sandbox, tmp_path, None, **GIVEN, model_deadline_s=LIMIT_S) as worker:
        found = worker.process(
            out.getvalue(), name="a.png", model="required", time_limit_s=LIMIT_S
        )
    assert "4.20" in found["image"]["text"]
