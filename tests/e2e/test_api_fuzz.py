"""Any request at all, made from the description of the interface by Schemathesis."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import IN_CI
from tests.e2e.support import FINAL, JOBS, Service, assert_books_balance, running
from tests.support import eventually

FUZZ_S = 60
CHECKS = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_schema_conformance",
)
INSTALLED = "DOCMILL_JOB_TYPE_MODULES="
"""Only what a normal start has: made-up work would keep the workers busy for long."""


@pytest.mark.timeout(FUZZ_S * 2 + 30)
def test_every_answer_is_one_that_is_described(tmp_path: Path) -> None:
    with running(tmp_path, INSTALLED) as service:
        done = subprocess.run(
            [
                *(sys.executable, "-m", "schemathesis.cli", "run"),
                f"{service.url}/openapi.json",
                f"--checks={','.join(CHECKS)}",
                f"--max-time={FUZZ_S}",
                *("--request-timeout=20", "--no-color", "--warnings=off"),
                *(["--generation-deterministic"] if IN_CI else []),
            ],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        assert "Tested: " in done.stdout
        eventually(lambda: all_jobs_ended(service), timeout_s=30)
        assert "docmill_books_violations_total 0.0" in service.http.get("/metrics").text
        assert '"level": "error"' not in service.log.read_text()


def all_jobs_ended(service: Service) -> bool:
    page = service.http.get(JOBS, params={"pageSize": 200}).json()["data"]
    for job in page:
        assert_books_balance(job)
    return all(job["status"] in FINAL for job in page)
