import json
from pathlib import Path
from typing import Any

import msgspec
import pytest

from service.errors import DocumentError
from service.processing.pipeline import Outcome
from service.processing.results import ExtractionResult
from tests.unit.processing.running import REPOSITORY, SAMPLES, extract, issues, text
from tools.make_samples import FOLDER, problems

EXPECTED: dict[str, dict[str, str]] = json.loads(
    (SAMPLES / "expected.json").read_text()
)["files"]


def run(name: str, tmp_path: Path) -> Outcome:
    path = tmp_path / name
    path.write_bytes((SAMPLES / name).read_bytes())
    return extract(path)


@pytest.mark.parametrize("name", EXPECTED)
def test_each_sample_ends_as_expected(name: str, tmp_path: Path) -> None:
    expected = EXPECTED[name]
    if expected["status"] == "FAILED":
        with pytest.raises(DocumentError) as caught:
            run(name, tmp_path)
        assert caught.value.code == expected["code"]
    else:
        assert run(name, tmp_path).status == expected["resultStatus"]


@pytest.mark.parametrize(
    "name", [name for name, how in EXPECTED.items() if how["status"] == "COMPLETED"]
)
def test_each_result_keeps_to_its_schema(name: str, tmp_path: Path) -> None:
    outcome = run(name, tmp_path)
    over_the_wire = msgspec.json.decode(msgspec.json.encode(outcome.data))

    result: Any = msgspec.convert(over_the_wire, ExtractionResult)

    assert result.pages
    assert result.source.extension_matches is True
    assert result.engines or result.text.encoding
    assert set(over_the_wire) == {
        field.encode_name for field in msgspec.structs.fields(ExtractionResult)
    }


def test_the_committed_set_is_complete() -> None:
    assert FOLDER == REPOSITORY / "samples"
    assert problems(FOLDER) == []


def test_the_check_names_what_is_wrong(tmp_path: Path) -> None:
    assert "invoice.pdf is missing" in problems(tmp_path)
    for path in SAMPLES.iterdir():
        (tmp_path / path.name).write_bytes(path.read_bytes())
    (tmp_path / "invoice.pdf").write_bytes(b"no longer a PDF")
    (tmp_path / "expected.json").write_text("{}")

    assert problems(tmp_path) == [
        "expected.json does not say what is expected of the samples",
        "invoice.pdf is text/plain, not application/pdf",
    ]
    (tmp_path / "stray").write_bytes(b"")
    assert problems(tmp_path) == ["stray is not known"]


@pytest.mark.parametrize(
    ("name", "language"),
    [
        ("invoice.pdf", "en"),
        ("invoice-facturx.pdf", "de"),
        ("letter-latin1.txt", "de"),
        ("order.html", "en"),
        ("agreement.docx", "en"),
    ],
)
def test_the_language_is_told(name: str, language: str, tmp_path: Path) -> None:
    assert run(name, tmp_path).data["language"] == language


@pytest.mark.parametrize(
    "name", ["scanned-pages.pdf", "receipt.png", "invoice-photo.jpg", "fax.tiff"]
)
def test_a_picture_has_no_text_before_ocr(name: str, tmp_path: Path) -> None:
    outcome = run(name, tmp_path)

    assert text(outcome) == ""
    assert outcome.data["text"]["source"] is None
    assert outcome.data["language"] is None
    assert issues(outcome) == ["NO_TEXT_LAYER"]
