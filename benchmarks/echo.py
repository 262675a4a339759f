"""What HTTP and a stream cost by themselves: a trivial Starlette app, for baselines.

Run as ``python -m benchmarks.echo PORT``.
"""

import asyncio
import json
import sys
import threading
import time
from collections.abc import AsyncIterator

import uvicorn
from sse_starlette import EventSourceResponse, ServerSentEvent
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

LINE = "\n"
PADDING = "x" * 160
"""Makes an event as long as ``task.completed`` of the service."""


async def answer(request: Request) -> JSONResponse:
    """Read JSON and answer with a little of it."""
    await request.json()
    return JSONResponse({"data": {"jobId": "job_0"}}, status_code=202)


async def stream(request: Request) -> EventSourceResponse:
    """Send events that another thread makes, each with the time at which it did."""
    number, pause_s = (float(request.query_params[name]) for name in ("n", "pause"))
    return EventSourceResponse(_events(int(number), pause_s), sep=LINE)


async def _events(number: int, pause_s: float) -> AsyncIterator[ServerSentEvent]:
    loop = asyncio.get_running_loop()
    made: asyncio.Queue[float] = asyncio.Queue()

    def make() -> None:
        pause = threading.Event()
        for _ in range(number):
            pause.wait(pause_s)
            loop.call_soon_threadsafe(made.put_nowait, time.time())

    thread = threading.Thread(target=make)
    thread.start()
    for _ in range(number):
        data = {"type": "echo", "data": {"at": await made.get(), "padding": PADDING}}
        yield ServerSentEvent(json.dumps(data), event="echo", sep=LINE)


def main(port: int) -> None:
    """Serve until interrupted."""
    routes = [Route("/answer", answer, methods=["POST"]), Route("/stream", stream)]
    uvicorn.run(Starlette(routes=routes), port=port, log_level="warning")


if __name__ == "__main__":
    main(int(sys.argv[1]))
