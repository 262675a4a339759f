"""Notices are lossy, and their bound on what is unconfirmed is no end of them."""

from service.messages import JobNotice
from service.transport.outgoing import NOTICES_UNCONFIRMED
from service.transport.rabbitmq import RabbitmqTransport
from tests.contract.transport_contract import JOB, OWNER
from tests.support import eventually


def test_notices_still_arrive_after_more_than_may_be_unconfirmed(
    transport: RabbitmqTransport,
) -> None:
    heard: list[JobNotice] = []
    transport.subscribe(JOB, heard.append)
    notice = JobNotice(job_id=JOB, owner=OWNER)

    def arrives() -> bool:
        transport.publish_notice(notice)
        return bool(heard)

    eventually(arrives)
    for _ in range(3):
        for _ in range(NOTICES_UNCONFIRMED):
            transport.publish_notice(notice)
        heard.clear()
        eventually(arrives)
