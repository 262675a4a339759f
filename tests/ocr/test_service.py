"""Pictures through the service in one process, and through the command without one."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.e2e.support import JOBS, ROOT, ends_by_document, running
from tests.ocr.drawn import drawn

pytestmark = pytest.mark.timeout(120)


def test_the_service_in_one_process_reads_pictures_beside_other_documents(
    tmp_path: Path,
) -> None:
    with running(tmp_path) as service:
        (letter,) = service.upload("A letter that is text.")
        (scan,) = service.upload(drawn("Harbour"), name="scan.png")
        job_id = service.submit([scan, letter], "DATA_EXTRACTION")
        job = service.ended(job_id)
        assert (job["status"], job["outcome"]) == ("COMPLETED", "succeeded")
        text = service.http.get(f"{JOBS}/{job_id}/results/{scan}/text").text
        assert text.strip() == "Harbour"
        of_scan, of_letter = service.tasks(job_id)
        assert "ocr" in {step["name"] for step in of_scan["steps"]}
        assert "ocr" not in {step["name"] for step in of_letter["steps"]}
        assert of_scan["attempts"] == 1
        ends = ends_by_document(service.history(job_id))
        assert ends == {scan: ["task.completed"], letter: ["task.completed"]}


def test_the_command_without_a_service_reads_pictures_too(tmp_path: Path) -> None:
    scan = tmp_path / "scan.png"
    scan.write_bytes(drawn("Harbour"))
    done = subprocess.run(
        [sys.executable, "-m", "service.cli", "process", "--text", scan],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
        timeout=100,
    )
    assert done.stdout.strip() == "Harbour"
