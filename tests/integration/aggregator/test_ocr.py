"""Documents that were handed on to the queue where text is recognised."""

from service.domain.model import (
    Counts,
    JobId,
    JobStatus,
    Task,
    TaskStatus,
)
from service.domain.task_ids import document_task_id
from service.messages import (
    Command,
    Event,
    ProcessScan,
    TaskReturned,
    WorkerHeartbeat,
)
from tests.integration.aggregator.bench import OWNER, Bench

QUEUE = ProcessScan.queue


def handed_on(bench: Bench, command: Command) -> Event:
    return TaskReturned(**bench.about(command), reason="ocr", queue=QUEUE)


def beat(bench: Bench, slots: int) -> None:
    """A worker of the other queue lives, under the name of the first one's."""
    bench.turn(
        WorkerHeartbeat(
            message_id="m",
            owner=OWNER,
            occurred_at=bench.clock.now(),
            worker_id="w",
            queue=QUEUE,
            slots=slots,
        )
    )


def scans(bench: Bench) -> list[Command]:
    return [each for each in bench.take() if isinstance(each, ProcessScan)]


def tasks(bench: Bench, job_id: JobId) -> list[Task]:
    ids = [document_task_id(job_id, index) for index in range(20)]
    with bench.store.leading(bench.epoch) as tx:
        return list(tx.tasks(ids).values())


def test_a_document_handed_on_is_released_to_its_queue_without_using_an_attempt(
    bench: Bench,
) -> None:
    beat(bench, slots=1)
    job_id = bench.submit(1)
    [command] = bench.take()
    assert type(command).queue == "documents"

    bench.turn(bench.started(command))
    bench.turn(handed_on(bench, command))
    bench.aggregator.turn()  # It wakes itself: nobody waits for the clock.

    [scan] = scans(bench)
    assert (scan.task_id, scan.queue) == (command.task_id, QUEUE)
    assert (scan.generation, scan.attempt) == (2, 1)
    bench.turn(bench.started(scan), bench.completed(scan))
    job = bench.view(job_id).job
    assert (job.status, job.counts) == (JobStatus.COMPLETED, Counts(completed=1))


def test_a_retry_of_it_goes_there_too(bench: Bench) -> None:
    beat(bench, slots=1)
    bench.submit(1, retry_attempts=1, retry_delay_s=1.0)
    [command] = bench.take()
    bench.turn(handed_on(bench, command))
    bench.aggregator.turn()
    [scan] = scans(bench)

    bench.turn(bench.failed(scan))
    bench.wait(4.0)
    beat(bench, slots=1)

    [again] = scans(bench)
    assert (again.queue, again.generation, again.attempt) == (QUEUE, 3, 2)


def test_what_waits_for_ocr_holds_up_nothing_else(bench: Bench) -> None:
    job_id = bench.submit(12, max_concurrent=4)
    commands = bench.take()
    for _ in range(4):
        bench.turn(handed_on(bench, commands.pop()))
    bench.wait(2.0)
    commands += bench.take()
    while commands:
        bench.turn(bench.completed(commands.pop()))
        commands += bench.take()

    counts = bench.view(job_id).job.counts
    assert (counts.completed, counts.pending, counts.out) == (8, 4, 0)
    assert {task.queue for task in tasks(bench, job_id)} == {None, QUEUE}


def test_each_queue_has_a_limit_of_its_own_and_a_job_one_over_both(
    bench: Bench,
) -> None:
    beat(bench, slots=1)
    job_id = bench.submit(12, max_concurrent=6)
    commands = bench.take()
    assert len(commands) == 6
    bench.turn(*(handed_on(bench, each) for each in commands))
    bench.aggregator.turn()

    released = bench.take()
    # First what takes milliseconds, in every place there is.
    assert [each.queue for each in released] == ["documents"] * 6
    bench.turn(*(bench.completed(each) for each in released[:5]))
    bench.aggregator.turn()

    assert len(scans(bench)) == 2  # Two for a slot, however many wait.
    assert bench.view(job_id).job.counts.out == 3
    bench.turn()
    assert bench.metric("docmill_in_flight_limit", queue=QUEUE) == 2
    assert bench.metric("docmill_in_flight", queue=QUEUE) == 2
    assert bench.metric("docmill_live_slots", queue=QUEUE) == 1


def test_without_its_worker_nothing_is_released_there_and_a_good_bye_counts(
    bench: Bench,
) -> None:
    bench.submit(2)
    first, second = bench.take()
    bench.turn(handed_on(bench, first))
    bench.wait(1.0)
    assert scans(bench) == []
    beat(bench, slots=1)
    assert len(scans(bench)) == 1
    beat(bench, slots=0)
    bench.turn(handed_on(bench, second))
    bench.wait(1.0)
    assert scans(bench) == []


def test_what_was_handed_on_is_known_after_a_restart(bench: Bench) -> None:
    job_id = bench.submit(2)
    first, second = bench.take()
    bench.turn(handed_on(bench, first))
    bench.turn(bench.completed(second))
    bench.restart()
    beat(bench, slots=1)

    [scan] = scans(bench)
    assert scan.task_id == first.task_id
    bench.restart()  # While it is out.
    beat(bench, slots=1)
    [again] = scans(bench)
    assert again.generation == scan.generation + 1
    bench.turn(bench.completed(again))
    assert bench.view(job_id).job.status is JobStatus.COMPLETED


def test_a_queue_that_hands_on_to_itself_is_not_believed(bench: Bench) -> None:
    beat(bench, slots=1)
    job_id = bench.submit(1)
    [command] = bench.take()
    bench.turn(handed_on(bench, command))
    bench.aggregator.turn()
    [scan] = scans(bench)
    bench.turn(handed_on(bench, scan))
    assert [task.status for task in tasks(bench, job_id)] == [TaskStatus.QUEUED]


def test_a_cancel_ends_what_waits_there(bench: Bench) -> None:
    job_id = bench.submit(1)
    [command] = bench.take()
    bench.turn(handed_on(bench, command))
    bench.store.add_command(OWNER, job_id, "cancel", bench.clock.now())
    bench.turn()
    assert bench.view(job_id).job.status is JobStatus.CANCELLED
