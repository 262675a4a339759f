"""What a worker takes of the files that the sandboxed child says it found."""

from pathlib import Path
from typing import Any

import pytest

from actors import attachments
from service.blobs import Blobs
from service.domain.model import DocumentId, TaskId
from service.domain.options import ProcessingOptions
from service.errors import DocumentError
from service.messages import ProcessDocument
from service.processing.formats.attachments import MAX_EXPANDED_BYTES
from service.processing.outputs import OutputFile, output_path
from tests.blobs import claimed_blobs
from tests.factories import NOW, make_job

JOB = make_job()
RUN = "1-run"


@pytest.fixture
def blobs(tmp_path: Path) -> Blobs:
    return claimed_blobs((tmp_path / "blobs").as_uri())


def command(*, task: str = "000000", expand: bool = True) -> ProcessDocument:
    return ProcessDocument(
        message_id="m",
        owner=JOB.owner,
        occurred_at=NOW,
        job_id=JOB.id,
        task_id=TaskId(f"{JOB.id}.{task}"),
        generation=1,
        job_type=JOB.type,
        document_id=DocumentId("doc_1"),
        name="a.eml",
        blob_key="documents/doc_1",
        size_bytes=1,
        sha256="0" * 64,
        processing=ProcessingOptions(expand_attachments=expand),
        time_limit_s=9.0,
    )


def output(name: str, **fields: Any) -> OutputFile:
    defaults: dict[str, Any] = {"name": name, "media_type": "x/y", "size_bytes": 1}
    return OutputFile(**(defaults | fields))


def taken(*names: str, **fields: Any) -> list[str]:
    files, others = attachments.split([output(n) for n in names], command(**fields))
    assert {each.name for each in (*files, *others)} == set(names)
    return [each.name for each in files]


def test_they_are_taken_in_order_and_other_outputs_are_left() -> None:
    names = ["text.txt", "attachment-2", "attachment-10", "attachment-1"]
    assert taken(*names) == ["attachment-1", "attachment-2"]


def test_none_are_taken_that_nobody_asked_for_or_that_are_too_deep() -> None:
    assert taken("attachment-1", expand=False) == []
    assert taken("attachment-1", task="000000.0001.0001") == ["attachment-1"]
    assert taken("attachment-1", task="000000.0001.0001.0001") == []


def test_no_more_are_taken_than_a_document_may_have() -> None:
    names = [f"attachment-{n}" for n in range(1, attachments.MAX_ATTACHMENTS + 3)]
    assert len(taken(*names)) == attachments.MAX_ATTACHMENTS


def test_what_the_child_says_of_them_is_not_believed(
    tmp_path: Path, blobs: Blobs
) -> None:
    prefix = tmp_path / "made"
    output_path(prefix, "attachment-1").write_bytes(b"%PDF-1.7 and more")
    told = output("attachment-1", size_bytes=3, title="../../etc/\u202epasswd\n")
    [added] = attachments.store([told], command(), RUN, prefix=prefix, blobs=blobs)
    assert (added.name, added.size_bytes) == ("passwd", 17)
    assert added.media_type == "application/pdf"
    assert blobs.get_bytes(added.blob_key) == b"%PDF-1.7 and more"


def test_another_attempt_gives_them_the_same_ids_and_other_keys(
    tmp_path: Path, blobs: Blobs
) -> None:
    prefix = tmp_path / "made"
    outputs = [output("attachment-1"), output("attachment-2")]
    for each in outputs:
        output_path(prefix, each.name).write_bytes(each.name.encode())
    first, second = (
        attachments.store(outputs, command(), run, prefix=prefix, blobs=blobs)
        for run in (RUN, "2-another")
    )
    assert [a.document_id for a in first] == [a.document_id for a in second]
    assert len({added.blob_key for added in first + second}) == 4
    assert len({added.document_id for added in first}) == 2
    [other, *_] = attachments.store(
        outputs, command(task="000001"), RUN, prefix=prefix, blobs=blobs
    )
    assert other.document_id not in {added.document_id for added in first}


def test_more_than_any_reader_gives_ends_the_document(
    tmp_path: Path, blobs: Blobs
) -> None:
    prefix = tmp_path / "made"
    with output_path(prefix, "attachment-1").open("wb") as file:
        file.truncate(MAX_EXPANDED_BYTES + 1)
    with pytest.raises(DocumentError) as caught:
        attachments.store(
            [output("attachment-1")], command(), RUN, prefix=prefix, blobs=blobs
        )
    assert caught.value.code == "too_large"
