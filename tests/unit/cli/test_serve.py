import os
import signal
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from starlette.applications import Starlette
from structlog.testing import capture_logs

from service.cli.serve import serve_app
from service.cli.signals import SIGNALS
from service.settings import Settings
from tests.support import eventually


def nothing() -> None:
    """There is nothing to start, to stop or to end."""


def empty_app() -> Starlette:
    app = Starlette()
    app.state.end_streams = nothing
    return app


@pytest.mark.parametrize(("host", "warned"), [("0.0.0.0", True), ("127.0.0.1", False)])
def test_an_address_that_others_can_reach_is_warned_of(host: str, warned: bool) -> None:
    settings = Settings(host=host, port=0, allow_public=True)
    with capture_logs() as logs:
        serve_app(
            empty_app(), settings, start=nothing, stop=nothing, should_stop=lambda: True
        )
    assert ("served_publicly" in {each["event"] for each in logs}) is warned


@pytest.mark.parametrize("number", SIGNALS)
def test_a_signal_ends_it_in_order_and_is_not_raised_again(
    number: signal.Signals,
) -> None:
    before, stopped = signal.getsignal(number), threading.Event()
    serve_app(
        empty_app(),
        Settings(port=0),
        start=nothing,
        stop=stopped.set,
        on_ready=lambda _: os.kill(os.getpid(), number),
    )
    assert stopped.is_set()
    assert signal.getsignal(number) is before


def test_what_is_told_to_stop_while_it_starts_is_never_called_ready() -> None:
    ready: list[str] = []

    @asynccontextmanager
    async def slow_to_stop(_: Starlette) -> AsyncIterator[None]:
        yield
        eventually(lambda: "watcher" not in {t.name for t in threading.enumerate()})

    app = Starlette(lifespan=slow_to_stop)
    serve_app(
        app,
        Settings(port=0),
        start=lambda: os.kill(os.getpid(), signal.SIGTERM),
        stop=nothing,
        on_ready=ready.append,
    )
    assert not ready


def test_after_a_signal_that_came_before_nothing_is_served() -> None:
    stopping, started = threading.Event(), threading.Event()
    stopping.set()
    serve_app(
        empty_app(),
        Settings(port=0),
        start=started.set,
        stop=nothing,
        stopping=stopping,
    )
    assert not started.is_set()
