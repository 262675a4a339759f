"""Pictures on their way to a vision model, and that nothing of them stays."""

import base64
import io
import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from PIL import Image, ImageDraw

from actors.sandbox import Sandbox
from service.blobs import open_blobs
from service.clock import SystemClock
from service.errors import DocumentError, SettingsError
from service.processing.images.links import SIGNING_FILE, TEMPORARY, Links
from service.processing.images.sending import Addresses, Pictures
from tests.blobs import claimed_blobs
from tests.integration.gateway_harness import RunningGateway, problem, running_gateway
from tests.integration.model.desk import Desk, desk
from tests.servers import model as servers
from tests.servers.model import ModelServer
from tests.servers.s3 import S3Server

CLOCK = SystemClock()
SCAN = Path(__file__).parents[3] / "samples" / "scanned-pages.pdf"


def picture() -> bytes:
    out = io.BytesIO()
    image = Image.new("RGB", (1_600, 400), "white")
    ImageDraw.Draw(image).text((100, 100), "Total 4.20", fill="black")
    image.save(out, "PNG")
    return out.getvalue()


def url_in(asked: dict[str, Any]) -> str:
    (url,) = urls_in(asked)
    return url


def urls_in(asked: dict[str, Any]) -> list[str]:
    return [part["image_url"]["url"] for part in asked["messages"][1]["content"]]


@pytest.fixture
def gateway(tmp_path: Path) -> Iterator[RunningGateway]:
    with running_gateway(tmp_path / "data", image_url_ttl_s=60) as running:
        yield running


@contextmanager
def looked_at(
    sandbox: Sandbox, folder: Path, server: ModelServer, gateway: RunningGateway
) -> Iterator[tuple[Desk, list[httpx.Response]]]:
    """Have the model fetch what it is shown; gives also what it got."""
    fetched: list[httpx.Response] = []

    def looks(handler: servers.Handler) -> None:
        urls = urls_in(handler.server.asked[-1])
        fetched.extend(httpx.get(url, trust_env=False) for url in urls)
        servers.helpful(handler)

    server.usual = looks
    with desk(
        sandbox,
        folder,
        server,
        model_vision_name="eye",
        image_mode="url",
        image_url_base=str(gateway.client.base_url),
        image_url_ttl_s=60,
    ) as worker:
        yield worker, fetched


def test_a_picture_is_described_from_inside_the_request(
    sandbox: Sandbox, server: ModelServer, tmp_path: Path
) -> None:
    with desk(sandbox, tmp_path, server, model_vision_name="eye") as worker:
        found = worker.process(picture(), name="scan.png")
    url = url_in(server.asked[0])
    kind, content = url.split(",", 1)
    assert kind == "data:image/jpeg;base64"
    with Image.open(io.BytesIO(base64.b64decode(content))) as shown:
        assert shown.size == (800, 200)
    image = found["image"]
    assert image["description"] == servers.LOOK["description"]
    assert image["text"] == "Total 4.20"
    assert image["urlTtlS"] is None
    assert image["deleted"]
    assert (image["widthPx"], image["heightPx"]) == (800, 200)
    assert image["originalBytes"] == len(picture())
    fields = {name: field for name, field in image["fields"].items() if field}
    assert fields.keys() == {"total", "currency", "issuer"}  # the others are no values
    assert fields["total"]["source"] == "model"
    assert found["summary"]["text"] == servers.LOOK["description"]
    assert found["classification"]["label"] == "receipt"
    assert found["llm"]["model"] == "eye"
    assert found["timingsMs"]["vision"] >= 0
    assert "picture.jpg" not in worker.outputs
    assert not any(name.endswith("picture.jpg") for name in worker.left())
    assert [asked["model"] for asked in server.asked] == ["eye"]


def test_one_model_for_both_uses_has_one_breaker(
    sandbox: Sandbox, server: ModelServer, tmp_path: Path
) -> None:
    server.usual = servers.fails(401)
    with desk(sandbox, tmp_path, server, model_vision_name="small") as worker:
        found = worker.process(picture(), name="scan.png")
        assert found["llm"]["fallbackReason"] == "access_refused"
        assert worker.process()["llm"]["fallbackReason"] == "breaker_open"
    assert len(server.asked) == 1


def test_a_picture_nobody_looks_at_is_not_stored(
    sandbox: Sandbox, server: ModelServer, tmp_path: Path
) -> None:
    with desk(sandbox, tmp_path, server) as worker:
        found = worker.process(picture(), name="scan.png")
    assert "picture.jpg" not in worker.outputs
    assert found["llm"]["fallbackReason"] == "no_text"
    assert server.asked == []


def test_a_picture_is_fetched_by_its_temporary_address_and_then_gone(
    sandbox: Sandbox, server: ModelServer, tmp_path: Path, gateway: RunningGateway
) -> None:
    with looked_at(sandbox, tmp_path, server, gateway) as (worker, fetched):
        found = worker.process(picture(), name="scan.png")
    assert found["image"]["urlTtlS"] == 60
    assert found["image"]["deleted"]
    (answer,) = fetched
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "image/jpeg"
    assert answer.headers["cache-control"] == "no-store"
    assert len(answer.content) == found["image"]["compressedBytes"]
    url = url_in(server.asked[0])
    assert re.fullmatch(r"http://127\.0\.0\.1:\d+/api/v1/blobs/[\w.-]+", url)
    problem(gateway.client.get(url), 404, "not-found")
    assert gateway.leftovers() == []


def test_pages_of_a_scanned_pdf_are_shown_together_and_then_gone(
    sandbox: Sandbox, server: ModelServer, tmp_path: Path, gateway: RunningGateway
) -> None:
    with looked_at(sandbox, tmp_path, server, gateway) as (worker, fetched):
        found = worker.process(SCAN.read_bytes(), name="scan.pdf")
        assert worker.left() == {"made.page-1.png", "made.page-2.png"}
        before = len(server.asked)
        offline = worker.process(SCAN.read_bytes(), name="scan.pdf", model="off")
    assert len(server.asked) == before == 1
    assert [answer.status_code for answer in fetched] == [200, 200]
    assert len({answer.content for answer in fetched}) == 2
    sizes = sum(len(answer.content) for answer in fetched)
    assert found["image"]["compressedBytes"] == sizes
    assert found["image"]["pages"] == [1, 2]
    assert found["image"]["description"] == servers.LOOK["description"]
    assert found["image"]["deleted"]
    assert gateway.leftovers() == []
    # What a model saw stands beside what was read, and changes nothing of it.
    assert found["image"]["fields"]["total"]["value"] == "4.20"
    for part in ("extraction", "quality", "anomalies", "status", "issues"):
        assert found[part] == offline[part]
    assert offline["image"] is None


@pytest.mark.parametrize("behaviour", [servers.hang, servers.reset, servers.fails(404)])
def test_of_a_picture_that_was_not_described_nothing_stays(
    sandbox: Sandbox, server: ModelServer, tmp_path: Path, behaviour: servers.Behaviour
) -> None:
    server.usual = behaviour
    with desk(
        sandbox,
        tmp_path,
        server,
        model_vision_name="eye",
        model_deadline_s=2.5,
        image_mode="url",
        image_url_base="http://127.0.0.1:1",
    ) as worker:
        found = worker.process(picture(), name="scan.png")
        assert found["image"]["deleted"]
        assert found["image"]["description"] is None
        assert found["llm"]["fallbackReason"] in {"timeout", "unreachable", "rejected"}
        if behaviour is not servers.hang:
            with pytest.raises(Exception, match=r"model|Docmill") as caught:
                worker.process(picture(), name="scan.png", model="required")
            assert not isinstance(caught.value, DocumentError) or (
                caught.value.code == "model_failed"
            )
    assert worker.blobs.remove_older(TEMPORARY, before=CLOCK.now()) == 0


def test_an_address_that_is_not_ours_leads_nowhere(gateway: RunningGateway) -> None:
    for token in ("x", "x.y", "..", "a" * 5_000):
        problem(gateway.client.get(f"/api/v1/blobs/{token}"), 404, "not-found")


def test_only_whoever_knows_the_secret_can_make_an_address(
    gateway: RunningGateway,
) -> None:
    key = f"{TEMPORARY}/a.jpg"
    gateway.blobs.put_bytes(key, b"picture")
    address = "/api/v1/blobs/"
    (gateway.settings.data_dir / SIGNING_FILE).write_bytes(b"s" * 32)
    good = Links(b"s" * 32, CLOCK).token(key, expires_s=60)
    assert gateway.client.get(address + good).content == b"picture"
    assert gateway.client.head(address + good).status_code == 200
    forged = Links(b"t" * 32, CLOCK).token(key, expires_s=60)
    problem(gateway.client.get(address + forged), 404, "not-found")
    late = Links(b"s" * 32, CLOCK).token(key, expires_s=-1)
    problem(gateway.client.get(address + late), 404, "not-found")


def test_a_store_that_signs_addresses_is_asked_for_one(
    s3_server: S3Server, tmp_path: Path
) -> None:
    bucket = f"pictures-{tmp_path.name.replace('_', '-')}"
    s3_server.make_bucket(bucket)
    blobs = open_blobs(s3_server.url(bucket))
    path = tmp_path / "a.jpg"
    path.write_bytes(b"picture")
    links = Links(b"s", CLOCK)
    pictures = Pictures(Addresses(blobs=blobs, links=links, base_url="", ttl_s=60))
    with pictures.shown([path, path]) as shown:
        for url in shown.urls:
            assert httpx.get(url, trust_env=False).content == b"picture"
    assert len(set(shown.urls)) == 2
    assert shown.deleted
    assert shown.ttl_s == 60
    for url in shown.urls:
        assert httpx.get(url, trust_env=False).status_code == 404


def test_what_a_killed_worker_left_is_swept_by_its_age(tmp_path: Path) -> None:
    blobs = claimed_blobs((tmp_path / "blobs").as_uri())
    for number in range(3):
        blobs.put_bytes(f"{TEMPORARY}/{number}.jpg", b"x")
    blobs.put_bytes("documents/doc_1", b"x")
    now = CLOCK.now()
    hour = timedelta(hours=1)
    assert blobs.remove_older(TEMPORARY, before=now - hour) == 0
    assert blobs.remove_older(TEMPORARY, before=now + hour) == 3
    assert blobs.remove_older(TEMPORARY, before=now + hour) == 0
    assert blobs.exists("documents/doc_1")


def test_pictures_that_nobody_could_fetch_are_a_settings_problem(
    sandbox: Sandbox, server: ModelServer, tmp_path: Path
) -> None:
    with (
        pytest.raises(SettingsError, match="image_url_base is not set"),
        desk(sandbox, tmp_path, server, image_mode="url"),
    ):
        pytest.fail("it was set up")
