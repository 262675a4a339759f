"""What the publisher does without a broker; the rest is tested with one."""

from actors.aggregator.upkeep import LEASE_RENEWAL_S
from service.store.lease import LEASE_S
from service.transport.outgoing import PERSISTENT, TRANSIENT, Outgoing
from service.transport.publisher import SEND_S


def test_commands_are_not_waited_for_longer_than_a_lease_is_good() -> None:
    assert SEND_S < LEASE_S - LEASE_RENEWAL_S


def test_only_notices_are_lossy() -> None:
    command = Outgoing(exchange="", routing_key="q", body=b"", expiration_ms=5)
    notice = Outgoing(exchange="x", routing_key="", body=b"", persistent=False)
    assert not command.is_notice
    assert notice.is_notice
    assert command.properties(7).delivery_mode == PERSISTENT
    assert command.properties(7).correlation_id == "7"
    assert command.properties(7).expiration == "5"
    assert notice.properties(7).delivery_mode == TRANSIENT
    assert notice.properties(7).expiration is None
