"""What becomes of a connection whose owner fails."""

import threading
from typing import Any

from service.transport.link import Link, parameters_of
from service.transport.topology import topology
from tests.support import eventually


def test_a_connection_on_which_its_owner_failed_is_closed_and_made_again(
    rabbitmq_url: str,
) -> None:
    channels: list[Any] = []
    lost = threading.Event()

    def opened(channel: Any) -> None:
        channels.append(channel)
        if len(channels) == 1:
            raise ValueError("a bug")

    link = Link(
        "test",
        parameters_of(rabbitmq_url, heartbeat_s=10),
        topology(),
        on_open=opened,
        on_lost=lost.set,
    )
    link.start()
    eventually(lambda: len(channels) == 2)
    assert lost.is_set()
    assert channels[0].connection.is_closed
    assert link.is_open
    link.close()
