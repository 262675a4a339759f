from collections.abc import Iterator

import dramatiq
import pytest

from service.clock import SystemClock
from service.transport.rabbitmq import RabbitmqTransport
from service.transport.topology import QueueType
from tests.contract.transport_contract import TransportContract


class RabbitmqContract(TransportContract):
    queue_type: QueueType

    @pytest.fixture
    def transport(self, rabbitmq_url: str) -> Iterator[RabbitmqTransport]:
        transport = RabbitmqTransport(
            rabbitmq_url, clock=SystemClock(), queue_type=self.queue_type
        )
        transport.start()
        assert transport.connected
        yield transport
        transport.close()

    @pytest.fixture
    def broker(self, transport: RabbitmqTransport) -> dramatiq.Broker:
        return transport.dramatiq_broker()


class TestOnClassicQueues(RabbitmqContract):
    queue_type = QueueType.CLASSIC


class TestOnQuorumQueues(RabbitmqContract):
    queue_type = QueueType.QUORUM
