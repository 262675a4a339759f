"""A RabbitMQ node that starts as an operator's would: from the files of `rabbitmq/`."""

import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
import pika

from service.transport.definitions import VHOST
from tests.servers.rabbitmq import MANAGEMENT_OFFSET, Node
from tools.stack.waiting import HOST, free_port

FILES = Path(__file__).parents[3] / "rabbitmq"
DEFINITIONS = "definitions.json"


class Broker:
    """A running node and the ways into it.

    Attributes:
        node: Its processes.
    """

    def __init__(self, node: Node, metrics_port: int) -> None:
        self.node = node
        self._metrics_port = metrics_port

    def ask(self, path: str, *, user: str, password: str) -> Any:
        """Ask the management API."""
        url = f"http://{HOST}:{self.node.port + MANAGEMENT_OFFSET}/api/{path}"
        answer = httpx.get(url, auth=(user, password))
        return answer.raise_for_status().json()

    def metrics(self) -> str:
        """Give what a Prometheus would read."""
        return httpx.get(f"http://{HOST}:{self._metrics_port}/metrics").text

    def url(self, user: str, password: str) -> str:
        """Give the broker URL of a user."""
        return (
            f"amqp://{user}:{quote(password, safe='')}@{HOST}:{self.node.port}/{VHOST}"
        )

    def connect(self, user: str, password: str) -> pika.BlockingConnection:
        """Log in over AMQP."""
        return pika.BlockingConnection(pika.URLParameters(self.url(user, password)))


@contextmanager
def broker_with(
    root: Path, write_definitions: Callable[[Path], object]
) -> Iterator[Broker]:
    """Start a fresh node; all of it is removed at the end.

    Args:
        root: Where the node's file system begins.
        write_definitions: Writes its definitions file to the path it is given.
    """
    folder = Path(tempfile.mkdtemp(prefix="docmill-operator-", dir=root / "tmp"))
    write_definitions(folder / DEFINITIONS)
    node = Node(folder, root=root)
    metrics_port = free_port()
    try:
        shutil.copy(FILES / "enabled_plugins", folder)
        inside = Path("/") / folder.relative_to(root)
        # What comes later counts: only what must differ from an operator's machine.
        (folder / "rabbitmq.conf").write_text(
            (FILES / "rabbitmq.conf").read_text()
            + f"definitions.local.path = {inside / DEFINITIONS}\n"
            + f"management.tcp.ip = {HOST}\n"
            + f"management.tcp.port = {node.port + MANAGEMENT_OFFSET}\n"
            + f"prometheus.tcp.ip = {HOST}\n"
            + f"prometheus.tcp.port = {metrics_port}\n"
        )
        node.start()
        yield Broker(node, metrics_port)
    finally:
        node.close()
        shutil.rmtree(folder, ignore_errors=True)
