"""A TCP proxy that swallows an answer: what was asked for is done, and nobody hears."""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

_PIECE = 65_536


class CuttingProxy:
    """Forwards to a server until told to cut; see `cut_at`."""

    def __init__(self, target: tuple[str, int]) -> None:
        self._target = target
        self._word: bytes | None = None
        self._open = True
        self._ended: list[socket.socket] = []
        self._threads: list[threading.Thread] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listener.getsockname()[1])
        self.cuts = 0
        self._run(self._accept)

    def cut_at(self, word: bytes) -> None:
        """Cut, once, the connection whose client says `word`, instead of the answer."""
        self._word = word

    def close(self) -> None:
        """End every connection."""
        self._open = False
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        for end in self._ended:
            _shut(end)
        for thread in self._threads:
            thread.join()
        for end in (self._listener, *self._ended):
            end.close()

    def _run(self, target: Callable[..., None], *args: object) -> None:
        thread = threading.Thread(target=target, args=args, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        with suppress(OSError):
            while self._open:
                client, _ = self._listener.accept()
                server = socket.create_connection(self._target)
                self._ended += (client, server)
                cutting = threading.Event()
                self._run(self._ask, client, server, cutting)
                self._run(self._answer, client, server, cutting)

    def _ask(
        self, client: socket.socket, server: socket.socket, cutting: threading.Event
    ) -> None:
        with suppress(OSError):
            while piece := client.recv(_PIECE):
                if self._word is not None and self._word in piece:
                    self._word = None
                    cutting.set()
                server.sendall(piece)
        _shut(server)

    def _answer(
        self, client: socket.socket, server: socket.socket, cutting: threading.Event
    ) -> None:
        with suppress(OSError):
            while piece := server.recv(_PIECE):
                if cutting.is_set():
                    self.cuts += 1
                    break
                client.sendall(piece)
        _shut(client)
        _shut(server)


def _shut(end: socket.socket) -> None:
    with suppress(OSError):
        end.shutdown(socket.SHUT_RDWR)


@contextmanager
def cutting_proxy(host: str, port: int) -> Iterator[CuttingProxy]:
    """Run a proxy to a server for as long as the block lasts."""
    proxy = CuttingProxy((host, port))
    try:
        yield proxy
    finally:
        proxy.close()
