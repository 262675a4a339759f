"""Health, metrics, the description of everything, and the pages."""

from collections.abc import Mapping
from datetime import timedelta
from hashlib import sha256
from importlib.resources import files
from typing import Any, Final

from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from starlette.responses import PlainTextResponse, Response

from gateway.bodies import Health, Readiness
from gateway.context import Call
from gateway.operations import JSON, Answer, Header, Operation, json_response
from gateway.problems import PROBLEMS, ProblemError, type_of

PAGES: Final[Mapping[str, str]] = {
    "/": "index.html",
    "/docs": "docs.html",
    "/assets/app.js": "app.js",
    "/assets/view.js": "view.js",
    "/assets/result.js": "result.js",
    "/assets/style.css": "style.css",
    "/assets/docs.js": "docs.js",
    "/assets/docs.css": "docs.css",
    "/assets/icon.svg": "icon.svg",
}
"""Address to file of the dashboard."""
MEDIA_TYPES: Final = {
    "html": "text/html",
    "js": "text/javascript",
    "css": "text/css",
    "svg": "image/svg+xml",
}
LEADER_SILENCE: Final = timedelta(seconds=15)
"""An aggregator that was silent for so long leads no more; a standby should by then."""


async def live(call: Call[None, object]) -> Response:
    """Say that the process serves."""
    return json_response(Health(status="live"))


async def ready(call: Call[None, object]) -> Response:
    """Say whether requests can be carried out: the store answers."""
    gateway = call.gateway
    if not await gateway.threads.run(gateway.store.healthy):
        raise ProblemError("unavailable", "The store does not answer.")
    seen = await gateway.threads.run(gateway.store.leader_seen)
    led = seen is not None and gateway.clock.now() - seen <= LEADER_SILENCE
    body = Readiness(
        status="ready",
        broker=_state(well=gateway.transport.connected),
        aggregator=_state(well=led),
        files=_state(well=await gateway.threads.run(gateway.blobs.available)),
    )
    return json_response(body)


def _state(*, well: bool) -> str:
    return "ok" if well else "degraded"


async def metrics(call: Call[None, object]) -> Response:
    """Give the metrics of this process as Prometheus reads them."""
    text = generate_latest(call.gateway.metrics.registry)
    return Response(text, headers={"Content-Type": CONTENT_TYPE_LATEST})


async def openapi(call: Call[None, object]) -> Response:
    """Give the description of this interface."""
    return Response(call.gateway.description, media_type=JSON)


async def page(call: Call[None, object]) -> Response:
    """Give a file of the dashboard."""
    name = PAGES[call.request.scope["route"].path]
    content = files("gateway.dashboard").joinpath(name).read_bytes()
    tag = f'"{sha256(content).hexdigest()[:16]}"'
    headers = {"ETag": tag, "Cache-Control": "no-cache"}
    if call.request.headers.get("if-none-match") == tag:
        return Response(status_code=304, headers=headers)
    return Response(content, headers=headers, media_type=_media_type(name))


async def problem(call: Call[None, object]) -> Response:
    """Explain a problem type."""
    name = call.request.path_params["name"]
    for code, kind in PROBLEMS.items():
        if type_of(code).endswith(f"/{name}"):
            return PlainTextResponse(f"{kind.title}. (HTTP status {kind.status})\n")
    raise ProblemError("not_found", "There is no such problem.")


def _media_type(name: str) -> str:
    return MEDIA_TYPES[name.rpartition(".")[2]]


def _page_operation(path: str, name: str) -> Operation:
    return Operation(
        method="GET",
        path=path,
        name=f"page_{name.replace('.', '_')}",
        summary=f"The dashboard's {name}",
        tag="pages",
        handler=page,
        headers=(
            Header("If-None-Match", "An ETag; the same content is answered with 304."),
        ),
        answers=(
            Answer(status=200, description="The file.", media_type=_media_type(name)),
            Answer(status=304, description="Still the content you know."),
        ),
        stored=False,
    )


def _plain(path: str, name: str, summary: str, handler: Any, **more: Any) -> Operation:
    return Operation(
        method="GET",
        path=path,
        name=name,
        summary=summary,
        tag="service",
        handler=handler,
        stored=False,
        **more,
    )


_READY = (Answer(status=200, description="Yes.", body=Readiness),)
_HEALTH = (Answer(status=200, description="Yes.", body=Health),)
OPERATIONS = (
    _plain("/livez", "live", "Does the process serve?", live, answers=_HEALTH),
    _plain(
        "/readyz",
        "ready",
        "Does the store answer?",
        ready,
        answers=_READY,
        problems=("unavailable",),
    ),
    _plain(
        "/metrics",
        "metrics",
        "Metrics for Prometheus",
        metrics,
        answers=(Answer(status=200, description="Them.", media_type="text/plain"),),
    ),
    _plain(
        "/openapi.json",
        "openapi",
        "This description",
        openapi,
        answers=(Answer(status=200, description="OpenAPI 3.1.", body=dict[str, Any]),),
    ),
    _plain(
        "/problems/{name}",
        "explainProblem",
        "What a problem type means",
        problem,
        answers=(Answer(status=200, description="In words.", media_type="text/plain"),),
        problems=("not_found",),
    ),
    *(_page_operation(path, name) for path, name in PAGES.items()),
)
