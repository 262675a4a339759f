"""Which files inside a document are handed over, and what its result says of them."""

from pathlib import Path

import pypdf
import pytest

from service.domain.model import TaskId
from service.ids import attachment_document_id
from service.processing import extraction
from service.processing.context import Limits, StepContext
from service.processing.options import ProcessingOptions
from service.processing.outputs import output_path
from service.processing.results import Embedded
from tests.unit.processing.packed import packed
from tests.unit.processing.reading import Silence
from tests.unit.processing.running import SAMPLES, source_of

TASK = "job_01m2g7x4q0ab3cde4fgh5jkm6n.000002"


def handled(
    path: Path, folder: Path, *, task: str = TASK, expand: bool = True
) -> StepContext:
    """Run the steps that read a document for a task."""
    context = StepContext(
        source_of(path),
        Limits(),
        output_prefix=folder / "made",
        output_key=f"results/job/{task}/1-run" if task else None,
        progress=Silence(),
        options=ProcessingOptions(expand_attachments=expand),
    )
    extraction.sniff(context)
    extraction.extract(context)
    return context


def embedded(context: StepContext) -> tuple[Embedded, ...]:
    found: tuple[Embedded, ...] = context.extraction["embedded"]
    return found


def test_each_file_is_written_and_the_result_says_which_document_it_becomes(
    tmp_path: Path,
) -> None:
    path = tmp_path / "a.zip"
    path.write_bytes(packed({"one.txt": b"first", "in/two.txt": b"second"}))

    context = handled(path, tmp_path)

    files = [o for o in context.outputs if o.name.startswith("attachment-")]
    assert [(file.name, file.title) for file in files] == [
        ("attachment-1", "one.txt"),
        ("attachment-2", "two.txt"),
    ]
    written = output_path(tmp_path / "made", "attachment-2").read_bytes()
    assert written == b"second"
    assert [file.document_id for file in embedded(context)] == [
        attachment_document_id(TaskId(TASK), 1),
        attachment_document_id(TaskId(TASK), 2),
    ]
    assert all(file.data is None for file in context.read().embedded)


def test_ids_of_documents_are_like_all_others_and_follow_from_the_task() -> None:
    found = attachment_document_id(TaskId(TASK), 1)
    assert found == attachment_document_id(TaskId(TASK), 1)
    assert found.startswith("doc_01m2g7x4q0")
    assert len(found) == len("doc_01m2g7x4q0ab3cde4fgh5jkm6n")
    others = {attachment_document_id(TaskId(TASK), n) for n in range(1, 1_000)}
    assert len(others) == 999


def test_nothing_is_written_unless_asked_for(tmp_path: Path) -> None:
    context = handled(SAMPLES / "mail-with-invoice.eml", tmp_path, expand=False)
    assert not output_path(tmp_path / "made", "attachment-1").exists()
    assert [file.document_id for file in embedded(context)] == [None]


@pytest.mark.parametrize(("depth", "written"), [(2, True), (3, False)])
def test_too_deep_inside_others_the_limit_is_named(
    tmp_path: Path, depth: int, *, written: bool
) -> None:
    path = SAMPLES / "mail-with-invoice.eml"
    context = handled(path, tmp_path, task=TASK + ".0001" * depth)
    assert output_path(tmp_path / "made", "attachment-1").exists() is written
    assert [file.document_id is not None for file in embedded(context)] == [written]
    assert context.limits_hit == ([] if written else ["attachment_depth"])


def test_without_a_task_a_file_becomes_no_document(tmp_path: Path) -> None:
    context = handled(SAMPLES / "mail-with-invoice.eml", tmp_path, task="")
    assert [file.document_id for file in embedded(context)] == [None]


def test_files_inside_a_pdf_are_handed_over_but_not_the_invoice_it_is(
    tmp_path: Path,
) -> None:
    writer = pypdf.PdfWriter(clone_from=SAMPLES / "invoice-facturx.pdf")
    writer.add_attachment("terms.txt", b"Net 30 days.")
    path = tmp_path / "a.pdf"
    writer.write(path)

    context = handled(path, tmp_path)

    becomes = {file.name: file.document_id for file in embedded(context)}
    assert becomes == {
        "factur-x.xml": None,
        "terms.txt": attachment_document_id(TaskId(TASK), 1),
    }
    written = output_path(tmp_path / "made", "attachment-1").read_bytes()
    assert written == b"Net 30 days."
