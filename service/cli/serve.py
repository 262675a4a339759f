"""Runs a gateway, alone or with all the rest, behind uvicorn until told to stop."""

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from socket import socket
from types import FrameType

import uvicorn
from starlette.applications import Starlette

from service.cli.collecting import collect_rarely
from service.cli.embedded import Embedded
from service.cli.signals import SIGNALS
from service.errors import SettingsError
from service.logs import configure_logging, get_logger
from service.settings import Settings, is_loopback

POLL_S = 0.05
"""How often it is looked whether the server is ready, or is to stop."""
GRACE_S = 5
"""Longest wait for open connections when stopping; uvicorn's default is without
limit."""

_log = get_logger(__name__)


def serve(
    settings: Settings,
    *,
    on_ready: Callable[[str], None] | None = None,
    should_stop: Callable[[], bool] | None = None,
) -> None:
    """Serve the embedded service on the main thread until told to stop.

    Args:
        settings: Of the service.
        on_ready: Called on another thread with the base URL once requests are accepted.
        should_stop: Asked many times a second on another thread.

    Raises:
        ConflictError: Another process has the data folder.
        SettingsError: The service cannot start.
        TransientError: The store does not answer.
    """
    configure_logging(settings.log_level, settings.log_format)
    embedded = Embedded(settings)
    serve_app(
        embedded.app,
        settings,
        start=embedded.start,
        stop=embedded.stop,
        on_ready=on_ready,
        should_stop=should_stop,
    )


def serve_app(
    app: Starlette,
    settings: Settings,
    *,
    start: Callable[[], None],
    stop: Callable[[], None],
    on_ready: Callable[[str], None] | None = None,
    should_stop: Callable[[], bool] | None = None,
    stopping: threading.Event | None = None,
) -> None:
    """Serve a gateway on the main thread until SIGINT or SIGTERM, or told to stop.

    Args:
        app: The gateway.
        settings: Where to listen.
        start: Called before it listens.
        stop: Called once all requests have ended.
        on_ready: As for `serve`.
        should_stop: As for `serve`.
        stopping: Set by a signal that came before: then nothing is served.

    Raises:
        SettingsError: It cannot listen there.
    """
    if not is_loopback(settings.host):
        _log.warning(
            "served_publicly",
            host=settings.host,
            problem="there is no access control: whoever reaches this address may "
            "read, submit and cancel everything",
        )
    server = _server(app, settings)
    ended = threading.Event()

    def end() -> None:
        app.state.end_streams()  # uvicorn itself does so only on a signal
        server.should_exit = True

    watcher = threading.Thread(
        target=_watch, args=(server, ended, on_ready, should_stop, end), name="watcher"
    )
    with _signalled(server) as signalled:
        if stopping is not None and stopping.is_set():
            return
        collect_rarely()
        start()
        watcher.start()
        try:
            server.run()
        finally:
            ended.set()
            watcher.join()
            stop()
    if not (server.started or signalled.is_set()):
        raise SettingsError(f"Cannot listen on {settings.host}:{settings.port}.")


def _server(app: Starlette, settings: Settings) -> uvicorn.Server:
    return uvicorn.Server(
        uvicorn.Config(
            app,
            host=settings.host,
            port=settings.port,
            log_config=None,
            access_log=False,
            timeout_graceful_shutdown=GRACE_S,
        )
    )


@contextmanager
def _signalled(server: uvicorn.Server) -> Iterator[threading.Event]:
    """Let SIGTERM and Ctrl-C end the server, and nothing else; gives whether one came.

    When the server has stopped, uvicorn raises the signal again under the handler it
    found: the default one would end the process before anything is handed back.
    """
    signalled = threading.Event()

    def end(number: int, frame: FrameType | None) -> None:
        signalled.set()
        server.handle_exit(number, frame)

    before = {number: signal.signal(number, end) for number in SIGNALS}
    try:
        yield signalled
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _watch(
    server: uvicorn.Server,
    ended: threading.Event,
    on_ready: Callable[[str], None] | None,
    should_stop: Callable[[], bool] | None,
    stop: Callable[[], None],
) -> None:
    while not server.started:
        if ended.wait(POLL_S):
            return
    listeners = server.servers[0].sockets  # none, if told to stop while it started
    if on_ready is not None and listeners:
        on_ready(_base_url(listeners[0]))
    while should_stop is not None and not ended.wait(POLL_S):
        if should_stop():
            stop()
            return


def _base_url(listener: socket) -> str:
    host, port = listener.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
