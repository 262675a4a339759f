import socket

import pytest

from service.cli.ports import check_port
from service.errors import ConflictError, SettingsError


def test_a_taken_port_is_named_with_what_to_do() -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(ConflictError, match=rf"Port {port} .* PORT=9000") as caught:
            check_port("127.0.0.1", port)
    assert caught.value.code == "port_taken"
    check_port("127.0.0.1", port)


def test_any_free_port_will_do() -> None:
    check_port("127.0.0.1", 0)
    check_port("localhost", 0)


def test_an_address_that_is_not_ours_is_refused() -> None:
    with pytest.raises(SettingsError, match="Cannot listen"):
        check_port("192.0.2.1", 8000)
