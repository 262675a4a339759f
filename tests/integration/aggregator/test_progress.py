"""Starts and progress alone wait a little; with anything else they go along."""

from service.messages import Command, TaskProgressed
from tests.integration.aggregator.bench import OWNER, Bench


def progressed(bench: Bench, command: Command, fraction: float) -> TaskProgressed:
    about = bench.about(command)
    del about["worker_id"]
    return TaskProgressed(**about, step="extract", fraction=fraction)


def fraction(bench: Bench) -> float:
    [task] = bench.out()
    return task.fraction


def test_progress_soon_after_a_commit_waits_a_tenth_of_a_second(bench: Bench) -> None:
    bench.submit(1)
    [command] = bench.take()
    bench.turn(bench.started(command))

    bench.turn(progressed(bench, command, 0.2))
    bench.turn(progressed(bench, command, 0.4))
    assert fraction(bench) == 0

    bench.clock.advance(0.1)
    bench.aggregator.turn()
    assert fraction(bench) == 0.4


def test_progress_after_a_pause_is_written_at_once(bench: Bench) -> None:
    bench.submit(1)
    [command] = bench.take()
    bench.turn(bench.started(command))
    bench.clock.advance(0.2)
    bench.turn(progressed(bench, command, 0.2))
    assert fraction(bench) == 0.2


def test_progress_that_waits_goes_along_with_any_other_event(bench: Bench) -> None:
    job_id = bench.submit(2)
    first, second = bench.take()
    bench.turn(bench.started(first), bench.started(second))

    bench.turn(progressed(bench, first, 0.3))
    bench.turn(bench.completed(second))

    assert fraction(bench) == 0.3
    assert bench.view(job_id).job.counts.completed == 1


def test_a_start_alone_waits_for_company_but_not_long(bench: Bench) -> None:
    job_id = bench.submit(2)
    first, second = bench.take()
    bench.transport.publish_event(bench.started(first))
    bench.aggregator.turn()
    assert bench.log(job_id)[-1] == "batch.started"

    bench.turn(bench.completed(first))
    assert bench.log(job_id)[-2:] == ["task.started", "task.completed"]

    bench.turn(bench.started(second))
    assert bench.log(job_id)[-1] == "task.started"


def test_the_expected_end_waits_for_the_retry_that_comes_last(bench: Bench) -> None:
    job_id = bench.submit(2, retry_delay_s=60.0)
    first, _ = bench.take()
    bench.turn(bench.failed(first))
    retried, _ = bench.store.tasks(OWNER, job_id, page_size=2).items
    due = retried.task.not_before
    assert due is not None
    assert due > bench.clock.now()

    def expected_after_it() -> bool:
        end = bench.view(job_id).job.expected_end
        return end is not None and end > due

    assert expected_after_it()
    bench.restart()
    [second] = bench.take()
    bench.turn(bench.completed(second))
    assert bench.view(job_id).job.counts.completed == 1
    assert expected_after_it()


def test_progress_that_waits_is_folded_at_the_end(bench: Bench) -> None:
    bench.submit(1)
    [command] = bench.take()
    bench.turn(bench.started(command))
    bench.turn(progressed(bench, command, 0.3))
    bench.aggregator.finish()
    assert fraction(bench) == 0.3
