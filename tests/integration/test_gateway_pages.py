"""Health, metrics, pages, and what browsers are kept from doing."""

import re
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from service.clock import SystemClock
from tests.integration.gateway_harness import (
    DOCUMENTS,
    JOBS,
    RunningGateway,
    problem,
    running_gateway,
)

PAGES = ("/", "/docs")


@pytest.fixture
def gateway(tmp_path: Path) -> Iterator[RunningGateway]:
    with running_gateway(tmp_path / "data") as running:
        yield running


def test_the_service_says_that_it_lives_and_is_ready(gateway: RunningGateway) -> None:
    assert gateway.client.get("/livez").json() == {"status": "live"}
    assert gateway.client.get("/readyz").json() == {
        "status": "ready",
        "broker": "ok",
        "aggregator": "ok",
        "files": "ok",
    }


def test_without_the_folder_of_files_uploads_are_refused_and_status_is_given(
    gateway: RunningGateway,
) -> None:
    folder = gateway.settings.data_dir / "blobs"
    [document] = gateway.upload("a.txt")
    away = folder.rename(folder.with_name("away"))
    ready = gateway.client.get("/readyz")
    assert (ready.status_code, ready.json()["files"]) == (200, "degraded")
    answer = gateway.client.post(DOCUMENTS, files=[("files", ("b.txt", b"1"))])
    problem(answer, 503, "unavailable")
    content = f"{DOCUMENTS}/{document}/content"
    problem(gateway.client.get(content), 503, "unavailable")
    away.rename(folder)
    assert gateway.client.get(content).status_code == 200


def test_without_an_aggregator_the_service_is_ready_and_says_so(
    gateway: RunningGateway,
) -> None:
    now = SystemClock().now()
    lease = gateway.store.acquire_lease("somebody", now=now, force=True)
    gateway.store.give_up_lease(lease.epoch)
    answer = gateway.client.get("/readyz")
    assert answer.status_code == 200
    assert answer.json()["aggregator"] == "degraded"


def test_requests_are_counted_by_route_template(gateway: RunningGateway) -> None:
    gateway.client.get(f"{JOBS}/job_x")
    gateway.client.get("/nothing/here")
    gateway.client.request("TRACE", "/livez")
    text = gateway.client.get("/metrics").text
    route = f"{JOBS}/{{jobId}}"
    assert (
        f'docmill_http_requests_total{{method="GET",route="{route}",status="404"}} 1.0'
        in text
    )
    assert 'method="GET",route="none",status="404"' in text
    assert 'method="other",route="/livez",status="405"' in text
    assert "job_x" not in text
    gateway.upload("a.txt", content=b"12345")
    metrics = gateway.client.get("/metrics")
    assert "docmill_uploaded_bytes_total 5.0" in metrics.text


@pytest.mark.parametrize("path", PAGES)
def test_pages_name_no_outside_host_and_nothing_inline(
    gateway: RunningGateway, path: str
) -> None:
    page = gateway.client.get(path)
    assert page.status_code == 200
    assert page.headers["content-type"].startswith("text/html")
    links = re.findall(r'(?:src|href)="([^"]+)"', page.text)
    assert links
    for link in links:
        assert link.startswith("/"), link
        assert gateway.client.get(link).status_code == 200, link
    assert not re.search(r"<script(?![^>]*src=)|<style|\son\w+=|style=", page.text)
    for script in re.findall(r'src="(/assets/[^"]+\.js)"', page.text):
        assert "innerHTML" not in gateway.client.get(script).text
    same = gateway.client.get(path, headers={"If-None-Match": page.headers["etag"]})
    assert same.status_code == 304


def test_every_answer_carries_the_security_headers(gateway: RunningGateway) -> None:
    for path in ("/", "/livez", "/nothing", f"{JOBS}/job_x", "/assets/app.js"):
        headers = gateway.client.get(path).headers
        assert headers["x-content-type-options"] == "nosniff"
        assert "frame-ancestors 'none'" in headers["content-security-policy"]
        assert "script-src 'self'" in headers["content-security-policy"]


@pytest.mark.parametrize(
    "host", ["evil.example", "127.0.0.1.evil.example", "localhost@evil.example", "[x"]
)
def test_a_foreign_host_name_is_refused(gateway: RunningGateway, host: str) -> None:
    answer = gateway.client.get("/livez", headers={"Host": host})
    assert answer.status_code == 400
    assert answer.json()["type"] == "/problems/invalid-host"


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1:99", "[::1]:8000"])
def test_every_local_name_is_answered(gateway: RunningGateway, host: str) -> None:
    assert gateway.client.get("/livez", headers={"Host": host}).status_code == 200


@pytest.mark.parametrize(
    "origin", ["https://evil.example", "null", "http://127.0.0.1:1", "http://["]
)
def test_another_site_may_change_nothing(gateway: RunningGateway, origin: str) -> None:
    files = [("files", ("a.txt", b"1"))]
    answer = gateway.client.post(DOCUMENTS, files=files, headers={"Origin": origin})
    assert answer.status_code == 403
    assert answer.json()["type"] == "/problems/foreign-origin"
    assert gateway.client.get(DOCUMENTS, headers={"Origin": origin}).status_code == 200
    assert not gateway.client.get(DOCUMENTS).json()["data"]


def test_the_own_page_may_change_things(gateway: RunningGateway) -> None:
    origin = f"http://127.0.0.1:{gateway.port}"
    files = [("files", ("a.txt", b"1"))]
    answer = gateway.client.post(DOCUMENTS, files=files, headers={"Origin": origin})
    assert answer.status_code == 201


def test_a_problem_type_leads_to_its_meaning(gateway: RunningGateway) -> None:
    problem = gateway.client.get(f"{JOBS}/job_x").json()
    meaning = gateway.client.get(problem["type"])
    assert meaning.status_code == 200
    assert problem["title"] in meaning.text
    assert gateway.client.get("/problems/none").status_code == 404


def test_a_store_that_is_gone_is_unavailable_and_says_nothing_else(
    gateway: RunningGateway,
) -> None:
    gateway.store.close()
    for file in gateway.settings.data_dir.glob("docmill.sqlite3*"):
        file.unlink()
    for path in ("/readyz", JOBS):
        answer: httpx.Response = gateway.client.get(path)
        assert answer.status_code == 503, path
        assert answer.headers["retry-after"]
        assert str(gateway.settings.data_dir) not in answer.text
    assert gateway.client.get("/livez").status_code == 200
