"""What becomes of calls and works whose waiters are cancelled."""

import asyncio
import threading
from collections.abc import AsyncIterator

import pytest

from gateway.threads import Threads


@pytest.fixture
async def threads() -> AsyncIterator[Threads]:
    made = Threads(workers=1)
    yield made
    await made.close()


class Slow:
    """A call that begins, waits to be let go, and ends."""

    def __init__(self) -> None:
        self.began = threading.Event()
        self.go = threading.Event()
        self.ended = False

    def __call__(self) -> str:
        self.began.set()
        assert self.go.wait(10)
        self.ended = True
        return "done"


async def _cancel(task: "asyncio.Task[str]") -> None:
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_a_cancelled_wait_ends_with_the_call(threads: Threads) -> None:
    slow = Slow()
    task = asyncio.create_task(threads.run(slow))
    await asyncio.to_thread(slow.began.wait, 10)
    task.cancel()
    done, _ = await asyncio.wait([task], timeout=0.05)
    assert not done
    slow.go.set()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert slow.ended


async def test_a_call_that_has_not_begun_is_cancelled_with_its_wait(
    threads: Threads,
) -> None:
    first, second = Slow(), Slow()
    running = asyncio.create_task(threads.run(first))
    await asyncio.to_thread(first.began.wait, 10)
    waiting = asyncio.create_task(threads.run(second))
    await asyncio.wait([waiting], timeout=0.01)
    await _cancel(waiting)
    first.go.set()
    assert await running == "done"
    assert not second.began.is_set()


async def test_a_work_goes_on_to_its_end_when_its_wait_is_cancelled(
    threads: Threads,
) -> None:
    first, second = Slow(), Slow()
    second.go.set()

    async def work() -> str:
        await threads.run(first)
        return await threads.run(second)

    task = asyncio.create_task(threads.whole(work()))
    await asyncio.to_thread(first.began.wait, 10)
    task.cancel()
    first.go.set()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert first.ended
    assert second.ended


async def test_a_failure_nobody_waits_for_is_no_noise(threads: Threads) -> None:
    slow = Slow()

    async def work() -> str:
        await threads.run(slow)
        raise ValueError

    task = asyncio.create_task(threads.whole(work()))
    await asyncio.to_thread(slow.began.wait, 10)
    task.cancel()
    slow.go.set()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_closing_waits_for_whole_works() -> None:
    threads = Threads(workers=1)
    first, second = Slow(), Slow()
    second.go.set()

    async def work() -> str:
        await threads.run(first)
        return await threads.run(second)

    task = asyncio.create_task(threads.whole(work()))
    await asyncio.to_thread(first.began.wait, 10)
    closing = asyncio.create_task(threads.close())
    done, _ = await asyncio.wait([closing], timeout=0.01)
    assert not done
    first.go.set()
    await closing
    assert await task == "done"
