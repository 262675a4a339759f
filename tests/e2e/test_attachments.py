"""Files inside documents become documents of the same job, and nothing doubles them."""

import io
import zipfile
from email.message import EmailMessage
from pathlib import Path
from typing import Final

from tests.e2e.support import (
    DOCUMENTS,
    JOBS,
    ROOT,
    Json,
    Service,
    ends_by_document,
    leftovers,
    running,
)
from tests.support import eventually

TEXT: Final = "Die Lieferung erfolgt am Montag in der nächsten Woche.\n"


def mail_with(inside: bytes | EmailMessage, name: str) -> EmailMessage:
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = "a@b.example", "c@d.example", name
    mail.set_content(f"Attached: {name}.")
    if isinstance(inside, EmailMessage):
        mail.add_attachment(inside, filename=name)
    else:
        mail.add_attachment(inside, maintype="text", subtype="plain", filename=name)
    return mail


def zip_of(files: dict[str, bytes]) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return target.getvalue()


def expanded(
    service: Service, *contents: bytes, name: str, expand: bool = True, **options: int
) -> str:
    """Store and submit documents that are to be opened; gives the job's id."""
    body = {
        "documentIds": service.upload(*contents, name=name),
        "options": options,
        "processing": {"expandAttachments": expand},
    }
    answer = service.http.post(JOBS, json=body)
    assert answer.status_code == 202, answer.text
    return str(answer.json()["data"]["jobId"])


def results(service: Service, job_id: str) -> dict[str, Json]:
    """Give the result of each document that has one, by its name."""
    answer = service.http.get(f"{JOBS}/{job_id}/results", params={"pageSize": 200})
    found = {}
    for each in answer.json()["data"]:
        whole = each["data"] or service.http.get(each["dataUrl"]).json()["data"]["data"]
        found[whole["source"]["filename"]] = whole
    return found


def test_the_invoice_in_a_mail_becomes_a_document_of_the_job(service: Service) -> None:
    mail = (ROOT / "samples" / "mail-with-invoice.eml").read_bytes()
    job_id = expanded(service, mail, name="mail.eml")
    job = service.ended(job_id)
    assert (job["outcome"], job["totalDocuments"]) == ("succeeded", 2)

    outer, inner = service.tasks(job_id)
    found = results(service, job_id)
    [listed] = found["mail.eml"]["embedded"]
    assert listed["documentId"] == inner["documentId"]
    invoice = found["invoice-HF-2026-04711.pdf"]
    assert invoice["documentId"] == inner["documentId"]
    assert invoice["fields"]["invoiceNumber"]["value"] == "HF-2026-04711"

    stored = service.http.get(f"{DOCUMENTS}/{inner['documentId']}/content")
    assert stored.content == (ROOT / "samples" / "invoice.pdf").read_bytes()
    rows = service.http.get(DOCUMENTS, params={"pageSize": 200}).json()["data"]
    ids = {outer["documentId"], inner["documentId"]}
    assert ids <= {row["documentId"] for row in rows}

    log = service.history(job_id)
    assert log[0].data["documentCount"] == 1
    ends = [each for each in log if each.type == "task.completed"]
    assert [each.data.get("attachments") for each in ends] == [1, None]
    assert log[-1].data["totalDocuments"] == 2


def test_without_the_option_it_stays_inside(service: Service) -> None:
    mail = (ROOT / "samples" / "mail-with-invoice.eml").read_bytes()
    job_id = expanded(service, mail, name="mail.eml", expand=False)
    assert service.ended(job_id)["totalDocuments"] == 1
    [listed] = results(service, job_id)["mail.eml"]["embedded"]
    assert listed["documentId"] is None


def test_mails_in_mails_are_opened_to_a_depth_that_is_named(service: Service) -> None:
    mail = mail_with(TEXT.encode(), "end.txt")
    for depth in (4, 3, 2, 1):
        mail = mail_with(mail, f"depth-{depth}.eml")
    job_id = expanded(service, bytes(mail), name="depth-0.eml")
    job = service.ended(job_id)
    assert (job["outcome"], job["totalDocuments"]) == ("succeeded", 4)

    found = results(service, job_id)
    assert sorted(found) == [f"depth-{depth}.eml" for depth in range(4)]
    limits = [found[f"depth-{depth}.eml"]["limitsHit"] for depth in range(4)]
    assert limits == [[], [], [], ["attachment_depth"]]
    [deepest] = found["depth-3.eml"]["embedded"]
    assert (deepest["name"], deepest["documentId"]) == ("depth-4.eml", None)


def test_each_file_of_an_archive_ends_for_itself(service: Service) -> None:
    inside = {
        "letter.txt": TEXT.encode(),
        "broken.pdf": b"%PDF-1.7 and nothing else",
        "more.zip": zip_of({"deep.csv": b"a;b\n1;2\n"}),
    }
    job_id = expanded(service, zip_of(inside), name="files.zip")
    job = service.ended(job_id)
    assert (job["outcome"], job["totalDocuments"]) == ("partial", 5)
    tasks = {each["name"]: each for each in service.tasks(job_id)}
    assert list(tasks) == [
        "files.zip",
        "letter.txt",
        "broken.pdf",
        "more.zip",
        "deep.csv",
    ]
    assert tasks["broken.pdf"]["error"]["code"] == "corrupt"
    assert tasks["deep.csv"]["status"] == "COMPLETED"


def test_a_job_takes_no_more_documents_than_one_may_have(tmp_path: Path) -> None:
    files = {f"{number}.txt": TEXT.encode() for number in range(5)}
    with running(tmp_path, "DOCMILL_MAX_DOCUMENTS_PER_JOB=3") as service:
        job_id = expanded(service, zip_of(files), name="files.zip")
        assert service.ended(job_id)["totalDocuments"] == 3
        [end, *_] = [e for e in service.history(job_id) if e.type == "task.completed"]
        assert (end.data["attachments"], end.data["attachmentsRefused"]) == (2, 3)
        rows = service.http.get(DOCUMENTS).json()["data"]
        assert len(rows) == 3
        blobs = tmp_path / "data" / "blobs" / "documents"
        eventually(lambda: len(list(blobs.iterdir())) == 3)


def test_after_a_kill_every_document_inside_others_ends_exactly_once(
    tmp_path: Path,
) -> None:
    inner = zip_of({f"deep-{n}.txt": TEXT.encode() for n in range(4)})
    files = {f"{n}.txt": TEXT.encode() for n in range(8)} | {"inner.zip": inner}
    archives, each_has = 12, 1 + len(files) + 4
    with running(tmp_path, log_name="first") as service:
        contents = [zip_of(files)] * archives
        job_id = expanded(service, *contents, name="files.zip", maxConcurrent=2)
        eventually(lambda: service.job(job_id)["totalDocuments"] > 2 * each_has)
        assert not service.job(job_id)["finishedAt"], "it is killed amid the job"
        service.kill()

    with running(tmp_path, log_name="second") as service:
        job = service.ended(job_id)
        assert (job["outcome"], job["totalDocuments"]) == (
            "succeeded",
            archives * each_has,
        )
        tasks = service.tasks(job_id)
        assert len({each["documentId"] for each in tasks}) == archives * each_has
        ends = ends_by_document(service.history(job_id))
        assert sorted(ends) == sorted(each["documentId"] for each in tasks)
        assert {len(each) for each in ends.values()} == {1}
        for document in ends:
            answer = service.http.get(f"{DOCUMENTS}/{document}/content")
            assert answer.status_code == 200, "no row without its file"
        stored = (tmp_path / "data" / "blobs" / "documents").iterdir()
        found = {path.name.partition(".")[0] for path in stored}
        assert found == set(ends), "what is left of a killed run is of the same ids"
        assert service.terminate() == 0
        assert leftovers(tmp_path) == []
