"""A job's live events."""

from typing import Annotated, Final

import msgspec
from msgspec import Meta
from starlette.responses import Response

from gateway.context import Call
from gateway.job_bodies import JobBody
from gateway.operations import Answer, Header, Operation
from gateway.problems import FieldProblem, refused
from gateway.requests import RequestBody
from gateway.streams.encoding import encoded_event
from gateway.streams.response import JobStream
from gateway.views import JOBS_PATH, job_status
from service.domain import events
from service.domain.model import Job
from service.messages import ENCODER

LAST_EVENT_ID: Final = "Last-Event-ID"
MAX_SEQ_DIGITS: Final = 18
RETRY_MS: Final = 1_000
"""When clients reconnect; each spreads it by itself."""

SNAPSHOT: Final = "snapshot"
EVENT_TYPES: Final = (SNAPSHOT, *events.LOGGED_TYPES, *events.CONFLATED_TYPES)


class EventsQuery(RequestBody, frozen=True, kw_only=True):
    """Which events."""

    events: Annotated[
        tuple[Annotated[str, Meta(extra_json_schema={"enum": EVENT_TYPES})], ...],
        Meta(description="Only these types; left out: all. The snapshot always comes."),
    ] = ()


async def stream_events(call: Call[None, EventsQuery]) -> Response:
    """Stream a job's events from a snapshot, or from where the client left off."""
    gateway, wanted = call.gateway, _wanted(call.query)

    async def opening() -> tuple[Job, int, bytes]:
        run, store = gateway.threads.run, gateway.store
        if last_id := call.request.headers.get(LAST_EVENT_ID):
            job = (await run(store.job, call.owner, call.job_id)).job
            cursor = _cursor(last_id, job.last_seq)
            if cursor is not None:
                return job, cursor, b""
        view, body = await run(
            job_status, store, call.owner, call.job_id, gateway.clock.now()
        )
        seq = view.job.last_seq
        return view.job, seq, _snapshot_event(call, body, seq)

    return JobStream(
        hub=gateway.hub,
        store=gateway.store,
        threads=gateway.threads,
        clock=gateway.clock,
        owner=call.owner,
        job_id=call.job_id,
        opening=opening,
        wanted=wanted,
    )


def _wanted(query: EventsQuery) -> tuple[str, ...]:
    unknown = [
        FieldProblem(
            pointer=f"/events/{index}",
            source="query",
            code="unknown_value",
            detail=f"No such type of event. There are: {', '.join(EVENT_TYPES)}.",
        )
        for index, each in enumerate(query.events)
        if each not in EVENT_TYPES
    ]
    if unknown:
        raise refused(unknown)
    return query.events or EVENT_TYPES


def _cursor(text: str, last_seq: int) -> int | None:
    """Give the number to go on after; None when it was never given out."""
    if not (text.isascii() and text.isdigit() and len(text) <= MAX_SEQ_DIGITS):
        return None
    seq = int(text)
    return seq if seq <= last_seq else None


def _snapshot_event(call: Call[None, EventsQuery], body: JobBody, seq: int) -> bytes:
    data = msgspec.Raw(ENCODER.encode(body))
    now = call.gateway.clock.now()
    return encoded_event(SNAPSHOT, now, data, seq=seq, retry_ms=RETRY_MS)


OPERATIONS = (
    Operation(
        method="GET",
        path=f"{JOBS_PATH}/{{jobId}}/events",
        name="streamEvents",
        summary="Follow a job live (Server-Sent Events)",
        tag="jobs",
        handler=stream_events,
        head=False,
        query=EventsQuery,
        headers=(
            Header(
                LAST_EVENT_ID,
                "Go on after this event. Without it, or if it is unknown, the stream "
                "begins with a snapshot.",
            ),
        ),
        answers=(
            Answer(
                status=200,
                description="Events until the job's last one.",
                media_type="text/event-stream",
            ),
            Answer(status=204, description="The last event was seen: nothing follows."),
        ),
        problems=("not_found", "too_many_streams"),
    ),
)
