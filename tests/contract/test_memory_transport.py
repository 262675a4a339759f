from collections.abc import Iterator

import dramatiq
import pytest

from service.transport.memory import MemoryBroker, MemoryTransport
from tests.contract.transport_contract import TransportContract


class TestMemoryTransport(TransportContract):
    @pytest.fixture
    def broker(self) -> dramatiq.Broker:
        broker = MemoryBroker()
        for queue in ("documents", "batches"):
            broker.declare_queue(queue)
        return broker

    @pytest.fixture
    def transport(self, broker: MemoryBroker) -> Iterator[MemoryTransport]:
        transport = MemoryTransport(broker)
        yield transport
        transport.close()
