"""The first page in a real headless Chromium."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import FilePayload, Page, expect, sync_playwright

from service.domain.model import JobStatus, TaskStatus
from tests.integration.gateway_harness import JOBS, RunningGateway, running_gateway

RESULT = (
    b'{"status":"ok","text":{"preview":"<b>Invoice</b> 4711"},'
    b'"fields":{"invoiceNumber":{"value":"4711"}},"metadata":{"title":"T"}}'
)
HOSTILE = "<img src=x onerror=document.title='hit'>.txt"

pytestmark = pytest.mark.browser


@pytest.fixture
def gateway(tmp_path: Path) -> Iterator[RunningGateway]:
    with running_gateway(tmp_path / "data") as running:
        yield running


@pytest.fixture
def page(gateway: RunningGateway, chromium: str) -> Iterator[Page]:
    """The first page; the test fails if its console shows an error."""
    with sync_playwright() as playwright:
        arguments = ["--no-sandbox"]
        browser = playwright.chromium.launch(executable_path=chromium, args=arguments)
        page = browser.new_page()
        complaints: list[str] = []
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on(
            "console",
            lambda line: complaints.append(line.text) if line.type == "error" else None,
        )
        page.goto(f"http://127.0.0.1:{gateway.port}/")
        yield page
        browser.close()
    assert complaints == []


def test_a_chosen_file_becomes_a_job_that_is_watched_to_its_result(
    gateway: RunningGateway, page: Page
) -> None:
    expect(page.get_by_text("Nothing here yet")).to_be_visible()
    files: list[FilePayload] = [
        {"name": HOSTILE, "mimeType": "text/plain", "buffer": b"x"},
        {"name": "b.txt", "mimeType": "text/plain", "buffer": b"y"},
    ]
    page.set_input_files("#files", files)
    expect(page.get_by_text("2 documents accepted.")).to_be_visible()
    rows = page.locator("#tasks tr")
    expect(rows).to_have_count(2)
    expect(rows.nth(0)).to_contain_text(HOSTILE)
    [summary] = gateway.client.get(JOBS).json()["data"]
    job = summary["id"]
    ids = gateway.client.get(f"{JOBS}/{job}").json()["data"]["documentIds"]
    now = gateway.mover.clock.now()
    fields = {"status": JobStatus.PROCESSING, "started_at": now}
    gateway.mover.log(job, "batch.started", fields=fields)
    gateway.mover.progress(job, 40)
    expect(page.locator("#job-bar")).to_have_attribute("aria-valuenow", "40")
    ends = {ids[0]: TaskStatus.COMPLETED, ids[1]: TaskStatus.FAILED}
    gateway.mover.end_documents(job, ends, result=RESULT)
    gateway.mover.finish(job)
    expect(rows.nth(1)).to_contain_text("Damaged.")
    expect(page.get_by_role("button", name="Retry failed")).to_be_visible()
    rows.nth(0).get_by_role("button").click()
    expect(page.locator("#result-body")).to_have_text("<b>Invoice</b> 4711")
    page.get_by_role("tab", name="Fields").click()
    expect(page.locator("#result-body")).to_contain_text("4711")
    page.keyboard.press("Escape")
    expect(page.locator("#result")).not_to_be_visible()
    assert page.title() == "Docmill"


def test_a_job_can_be_retried_from_the_page(
    gateway: RunningGateway, page: Page
) -> None:
    job, [document] = gateway.started("a.txt")
    gateway.mover.end_documents(job, {document: TaskStatus.FAILED})
    gateway.mover.finish(job)
    page.goto(f"http://127.0.0.1:{gateway.port}/#{job}")
    page.reload()
    page.get_by_role("button", name="Retry failed").click()
    expect(page.get_by_role("button", name="Cancel")).to_be_visible()
    assert len(gateway.client.get(JOBS).json()["data"]) == 2


def test_the_api_page_shows_every_operation(
    gateway: RunningGateway, page: Page
) -> None:
    page.goto(f"http://127.0.0.1:{gateway.port}/docs")
    page.locator("#submitBatch summary").click()
    expect(page.locator("#submitBatch")).to_contain_text("maxConcurrent")
