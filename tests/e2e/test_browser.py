"""The first page in a real headless Chromium."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import pytest
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Page,
    Route,
    ViewportSize,
    expect,
    sync_playwright,
)

from tests.e2e.support import ROOT, Service, running
from tests.support import eventually

pytestmark = pytest.mark.browser

SAMPLES = ROOT / "samples"
ARGUMENTS = (
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update"),
    "--disable-sync",
)
WAIT_MS = 15_000
WIDE, NARROW = (1280, 900), (390, 844)
DROP = """(contents) => {
    const data = new DataTransfer();
    for (const [name, text] of Object.entries(contents)) {
        data.items.add(new File([text], name, { type: "text/plain" }));
    }
    return data;
}"""
FOCUSED = """() => {
    const it = document.activeElement;
    return it.id || it.getAttribute("aria-label") || it.dataset.job || it.textContent;
}"""
MOST_STOPS = 60
REFUSED = "Failed to load resource: the server responded with a status of 4"
"""Chromium's own word on a request that was refused, as the test wanted it to be."""
READ = {"Text": "Rechnungsnummer", "Fields": "Invoice number"}
CHECKED = {"Quality": "Grade"}
ANALYSED = {"Analysis": "Invoice"}
"""Tabs of a result, and what they show of the sample invoice."""

Scheme = Literal["light", "dark"]


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """A service that takes only small files."""
    folder = tmp_path_factory.mktemp("service")
    with running(folder, "DOCMILL_MAX_UPLOAD_BYTES=200000") as service:
        yield service


@pytest.fixture(scope="module")
def browser(chromium: str) -> Iterator[Browser]:
    """One Chromium for all tests here."""
    expect.set_options(timeout=WAIT_MS)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=chromium, args=list(ARGUMENTS)
        )
        yield browser
        browser.close()


@pytest.fixture
def page(browser: Browser, service: Service) -> Iterator[Page]:
    """The dashboard; it may ask no other host and say nothing on the console."""
    with browser.new_context(locale="en-GB") as context:
        yield from watched(context, service)


def watched(context: BrowserContext, service: Service) -> Iterator[Page]:
    page = context.new_page()
    page.set_default_timeout(WAIT_MS)
    hosts: set[str] = set()
    complaints: list[str] = []

    def said(message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"} and REFUSED not in message.text:
            complaints.append(message.text)

    page.on("request", lambda request: hosts.add(request.url))
    page.on("console", said)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto(service.url)
    yield page
    ours = f"{service.url}/"
    assert [url for url in hosts if not url.startswith((ours, "data:"))] == []
    assert complaints == []


def write(folder: Path, content: str, *names: str) -> list[Path]:
    for name in names:
        (folder / name).write_text(content)
    return [folder / name for name in names]


def choose(page: Page, files: list[Path], job_type: str) -> None:
    expect(page.locator("#type option").first).to_be_attached()
    page.select_option("#type", job_type)
    page.set_input_files("#files", files)


def settled(page: Page, status: str) -> None:
    expect(page.locator("#job-title .chip")).to_have_text(status, timeout=WAIT_MS)


def test_chosen_files_are_seen_at_work_and_then_done(
    page: Page, tmp_path: Path
) -> None:
    choose(page, write(tmp_path, "60", "one.txt", "two.txt", "three.txt"), "STEPS")
    rows = page.locator("#tasks tr")
    expect(rows).to_have_count(3)
    at_work = page.locator("#tasks [role=progressbar]")
    expect(at_work.first).to_be_visible()
    moving = page.locator("#tasks [role=progressbar]:not([aria-valuenow='0'])")
    expect(moving.first).to_be_visible()
    bar = page.locator("#job-bar")
    assert int(bar.get_attribute("aria-valuenow") or 0) < 100
    expect(bar).to_have_attribute("aria-valuenow", "100")
    settled(page, "Completed")
    expect(rows.locator(".chip.good")).to_have_count(3)
    expect(at_work).to_have_count(0)
    expect(page.locator("#job-counts")).to_contain_text("3 done")
    expect(page.locator("#jobs li").first).to_contain_text("3 of 3 documents")


def test_dropped_files_are_processed_and_a_result_opens(page: Page) -> None:
    expect(page.locator("#type option").first).to_be_attached()
    page.select_option("#type", "DATA_EXTRACTION")
    text = "Minutes of the meeting. We agreed to meet again on Monday at noon."
    dropped = page.evaluate_handle(DROP, {"minutes.txt": text})
    page.dispatch_event("#upload", "drop", {"dataTransfer": dropped})
    settled(page, "Completed")
    page.get_by_role("button", name="Open the result of minutes.txt").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("We agreed to meet again")
    dialog.get_by_role("tab", name="JSON").click()
    expect(dialog).to_contain_text('"mediaTypeDetected": "text/plain"')
    dialog.get_by_role("button", name="Close the result").click()
    expect(dialog).to_be_hidden()


def test_every_sample_type_shows_its_result_or_its_reason(page: Page) -> None:
    names = ("invoice-facturx.pdf", "payslip-protected.pdf", "receipt.png")
    choose(page, [SAMPLES / name for name in names], "DATA_EXTRACTION")
    settled(page, "Partly completed")
    locked = page.locator("#tasks tr", has_text="payslip-protected.pdf")
    expect(locked.locator(".chip")).to_have_text("Failed")
    expect(locked.locator(".why")).not_to_be_empty()
    expect(page.locator("#tasks").get_by_role("button", name="Open")).to_have_count(2)
    page.get_by_role("button", name="Open the result of invoice-facturx.pdf").click()
    page.get_by_role("tab", name="Fields").click()
    expect(page.get_by_role("tabpanel")).to_contain_text("Invoice number")


@pytest.mark.parametrize(
    ("job_type", "shown"),
    [
        ("DATA_EXTRACTION", READ),
        ("QUALITY_CHECK", CHECKED),
        ("FULL_ANALYSIS", ANALYSED | CHECKED | READ),
        ("BATCH_ANALYSIS", ANALYSED | CHECKED | READ),
    ],
)
def test_a_result_of_every_type_shows_what_it_holds(
    page: Page, job_type: str, shown: dict[str, str]
) -> None:
    choose(page, [SAMPLES / "invoice-facturx.pdf"], job_type)
    settled(page, "Completed")
    page.get_by_role("button", name="Open the result of invoice-facturx.pdf").click()
    tabs, panel = page.get_by_role("tab"), page.get_by_role("tabpanel")
    expect(tabs).to_have_count(len(shown) + 2)
    for name, content in shown.items():
        tabs.filter(has_text=name).click()
        expect(panel).to_contain_text(content)


def test_the_type_that_is_chosen_first_is_the_default_one(page: Page) -> None:
    expect(page.locator("#type")).to_have_value("DATA_EXTRACTION")


def test_a_job_is_cancelled_and_its_failures_are_retried(
    page: Page, tmp_path: Path
) -> None:
    names = [f"{number}.txt" for number in range(60)]
    choose(page, write(tmp_path, "400", *names), "SLEEP")
    expect(page.locator("#tasks .chip.busy").first).to_be_visible()
    cancel = page.get_by_role("button", name="Cancel", exact=True)
    cancel.click()
    settled(page, "Cancelled")
    expect(cancel).to_be_hidden()
    expect(page.locator("#tasks .chip", has_text="Cancelled").first).to_be_visible()

    choose(page, write(tmp_path, "x", "bad.txt"), "RAISE")
    settled(page, "Failed")
    failed = page.url
    page.get_by_role("button", name="Retry failed").click()
    expect(page).not_to_have_url(failed)
    settled(page, "Failed")


def test_what_was_refused_is_told(page: Page, tmp_path: Path) -> None:
    choose(page, write(tmp_path, "x" * 200_001, "large.txt"), "NOOP")
    message = page.locator("#messages .message")
    expect(message).to_be_visible()
    expect(message).to_contain_text("large")
    message.get_by_role("button", name="Dismiss").click()
    expect(message).to_have_count(0)


def test_a_reload_opens_the_same_job_and_follows_it(page: Page, tmp_path: Path) -> None:
    choose(page, write(tmp_path, "4000", "slow.txt"), "SLEEP")
    settled(page, "Processing")
    page.reload()
    expect(page.locator("#tasks tr")).to_have_count(1)
    settled(page, "Completed")


def test_documents_are_shown_as_they_ended_when_the_stream_comes_late(
    page: Page, service: Service, tmp_path: Path
) -> None:
    def hold(route: Route) -> None:
        service.ended(route.request.url.split("/")[-2])
        route.continue_()

    page.route("**/events", hold)
    choose(page, write(tmp_path, "300", "one.txt", "two.txt"), "SLEEP")
    settled(page, "Completed")
    expect(page.locator("#tasks .chip.good")).to_have_count(2)


def test_documents_are_shown_as_they_ended_when_their_list_comes_late(
    page: Page, service: Service, tmp_path: Path
) -> None:
    def hold(route: Route) -> None:
        answer = route.fetch()
        job_id = route.request.url.split("/")[-2]
        eventually(lambda: service.job(job_id)["counts"]["completed"] >= 1)
        route.fulfill(response=answer)

    page.route("**/tasks?*", hold)
    write(tmp_path, "3000", "slow.txt")
    choose(page, [*write(tmp_path, "150", "a.txt"), tmp_path / "slow.txt"], "SLEEP")
    first = page.locator("#tasks tr", has_text="a.txt")
    expect(first.locator(".chip")).to_have_text("Completed")
    settled(page, "Processing")


def test_a_stream_that_was_refused_is_asked_for_again(
    page: Page, tmp_path: Path
) -> None:
    page.route("**/events", lambda route: route.fulfill(status=429), times=1)
    choose(page, write(tmp_path, "1500", "slow.txt"), "SLEEP")
    settled(page, "Completed")
    expect(page.locator("#tasks .chip.good")).to_have_count(1)


def test_that_the_service_was_away_is_said_until_it_is_back(page: Page) -> None:
    page.route("**/batch-process?*", lambda route: route.fulfill(status=429), times=1)
    page.reload()
    message = page.locator("#messages .message")
    expect(message).to_have_text(re.compile("Docmill answered 429"))
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    expect(message).to_have_count(0)


@pytest.mark.parametrize(
    ("milliseconds", "shown"),
    [
        (999.7, "1.0 s"),
        (59_940, "59.9 s"),
        (59_999, "1 min 0 s"),
        (119_600, "2 min 0 s"),
        (3_599_800, "1 h 0 min"),
    ],
)
def test_a_duration_is_rounded_once(
    page: Page, milliseconds: float, shown: str
) -> None:
    script = "async (it) => (await import('/assets/view.js')).duration(it)"
    assert page.evaluate(script, milliseconds) == shown


def test_a_job_that_is_not_there_is_said_to_be_missing(page: Page) -> None:
    page.goto(f"{page.url}#job_unknown")
    page.reload()
    expect(page.locator("#messages .message")).to_contain_text("There is no")


def test_a_file_name_is_text_and_never_markup(page: Page, tmp_path: Path) -> None:
    name = "<img src=x onerror=alert(1)>.txt"
    choose(page, write(tmp_path, "1", name), "NOOP")
    settled(page, "Completed")
    expect(page.locator("#tasks td.name")).to_have_text(name)
    assert page.locator("#tasks img").count() == 0


def test_everything_can_be_reached_with_the_keyboard(
    page: Page, tmp_path: Path
) -> None:
    choose(page, write(tmp_path, "1", "first.txt"), "NOOP")
    settled(page, "Completed")
    page.reload()
    settled(page, "Completed")
    page.locator("body").focus()
    reached: list[str] = []
    while "Open the result of first.txt" not in reached:
        assert len(reached) < MOST_STOPS, reached
        page.keyboard.press("Tab")
        reached.append(page.evaluate(FOCUSED))
    assert {"files", "type", "close"} <= set(reached)
    job = page.evaluate("location.hash.slice(1)")
    assert job in reached

    page.locator("#tasks button").focus()
    page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog")
    expect(dialog).to_be_visible()
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    assert page.evaluate("document.activeElement.textContent") == "Open"


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [WIDE, NARROW], ids=["wide", "narrow"])
def test_nothing_is_cut_off(
    browser: Browser,
    service: Service,
    tmp_path: Path,
    scheme: Scheme,
    size: tuple[int, int],
) -> None:
    viewport = ViewportSize(width=size[0], height=size[1])
    with browser.new_context(color_scheme=scheme, viewport=viewport) as context:
        for page in watched(context, service):
            page.screenshot(path=tmp_path / "start.png", full_page=True)
            names = [each.name for each in SAMPLES.iterdir() if each.suffix != ".json"]
            choose(page, [SAMPLES / name for name in sorted(names)], "DATA_EXTRACTION")
            expect(page.locator("#tasks tr")).to_have_count(len(names))
            page.screenshot(path=tmp_path / "at-work.png", full_page=True)
            settled(page, "Partly completed")
            assert_fits(page)
            page.screenshot(path=tmp_path / "done.png", full_page=True)
            page.get_by_role("button", name="Open the result of invoice-f").click()
            page.get_by_role("tab", name="Fields").click()
            page.screenshot(path=tmp_path / "result.png")
            assert_fits(page)
            page.goto(f"{service.url}/docs")
            page.locator("summary", has_text="Submit a batch").click()
            page.screenshot(path=tmp_path / "docs.png", full_page=True)
            assert_fits(page)


def assert_fits(page: Page) -> None:
    """See that page, table of documents and result are not scrolled sideways."""
    for part in ("html", ".scroll", "dialog"):
        wide = page.evaluate(
            "(it) => it ? it.scrollWidth - it.clientWidth : 0",
            page.query_selector(part),
        )
        assert wide <= 0, f"{part} is {wide} pixels too wide"
