"""The lease, what is learned and what is forgotten, whatever the database."""

from collections.abc import Callable
from datetime import datetime, timedelta

import msgspec
import pytest
from msgspec.structs import replace

from service.blob_keys import job_folders
from service.domain.model import Owner
from service.errors import (
    ConflictError,
    LeadershipLostError,
    NotFoundError,
)
from service.store import Store
from service.store.rows import Changes, DurationStats
from tests.contract.steps import (
    finish,
    lead,
    moved,
    submit,
)
from tests.factories import (
    NOW,
    make_document,
    make_documents,
    make_new_job,
)

ME = Owner("local")
SECOND = timedelta(seconds=1)

Passing = Callable[[float], datetime]
"""Lets seconds pass for leases and gives the time that is then given to the store."""


class UpkeepContract:
    def test_each_lease_has_a_higher_epoch(self, store: Store) -> None:
        first = store.acquire_lease("one", now=NOW)
        assert first.previous_heartbeat is None
        second = store.acquire_lease("two", now=NOW + SECOND, force=True)
        assert second.epoch == first.epoch + 1
        assert second.previous_heartbeat is not None

    def test_a_living_leader_keeps_its_lease(
        self, store: Store, passing: Passing
    ) -> None:
        lease = store.acquire_lease("one", now=passing(0))
        store.renew_lease(lease.epoch, passing(5))
        with pytest.raises(ConflictError) as refused:
            store.acquire_lease("two", now=passing(9))
        assert refused.value.code == "lease_held"
        assert store.acquire_lease("two", now=passing(2)).epoch > lease.epoch

    def test_a_lease_that_was_given_up_is_free(self, store: Store) -> None:
        lease = store.acquire_lease("one", now=NOW)
        store.give_up_lease(lease.epoch)
        second = store.acquire_lease("two", now=NOW)
        store.give_up_lease(lease.epoch)
        with pytest.raises(ConflictError):
            store.acquire_lease("three", now=NOW)
        assert second.epoch > lease.epoch

    def test_a_lower_epoch_can_do_nothing(self, store: Store) -> None:
        job = submit(store)
        old = lead(store)
        new = lead(store)
        with pytest.raises(LeadershipLostError), store.leading(old) as tx:
            tx.apply(Changes(jobs=(moved(job, ()),)))
        with pytest.raises(LeadershipLostError):
            store.renew_lease(old, NOW)
        assert store.job(ME, job.id).job.version == 0
        with store.leading(new) as tx:
            assert tx.jobs([job.id]) == {job.id: job}

    def test_durations_are_replaced(self, store: Store) -> None:
        stats = DurationStats(
            job_type="FULL_ANALYSIS",
            media_type="text/plain",
            size_class=3,
            samples=1,
            mean_ms=1.5,
            variance_ms2=0.25,
        )
        other = replace(stats, job_type="QUALITY_CHECK")
        newer = replace(stats, samples=2, mean_ms=2.5)
        with store.leading(lead(store)) as tx:
            tx.apply(Changes(durations=(stats, other)))
            tx.apply(Changes(durations=(newer,)))
            assert sorted(tx.all_durations(), key=str) == sorted(
                [newer, other], key=str
            )
        assert store.durations("FULL_ANALYSIS") == (newer,)

    def test_ended_jobs_are_removed_with_all_that_is_theirs(self, store: Store) -> None:
        epoch = lead(store)
        document = make_document()
        new = make_new_job([document], idempotency_key="k", labels={"a": "b"})
        store.create_job(new, [document])
        command = store.add_command(ME, new.job.id, "cancel", NOW)
        done = msgspec.Raw(b"{}")
        with store.leading(epoch) as tx:
            tx.apply(Changes(commands_done={command: done}))
        finish(store, epoch, new.job)
        kept = finish(store, epoch, submit(store), finished_at=NOW + SECOND)
        with store.leading(epoch) as tx:
            assert tx.remove_expired(ended_before=NOW, limit=9) == []
            keys = tx.remove_expired(ended_before=NOW + SECOND, limit=9)
        assert keys == [*job_folders(new.job.id), document.blob_key]
        with pytest.raises(NotFoundError):
            store.job(ME, new.job.id)
        with pytest.raises(NotFoundError):
            store.document(ME, document.id)
        assert store.events_after(new.job.id, 0, 9) == ()
        assert store.command_outcome(command) is None
        assert store.jobs(ME, page_size=9).items[0].job == kept
        assert not store.create_job(
            make_new_job(make_documents(0), idempotency_key="k")
        ).replayed

    def test_positions_go_on_after_their_rows_are_removed(self, store: Store) -> None:
        epoch = lead(store)
        job = submit(store)
        with store.leading(epoch) as tx:
            tx.apply(Changes(created_positions={job.id: 5}))
        finish(store, epoch, job)
        with store.leading(epoch) as tx:
            tx.remove_expired(ended_before=NOW + SECOND, limit=9)
        with store.leading(lead(store)) as tx:
            assert tx.last_position() == 5

    def test_running_jobs_and_their_documents_are_never_removed(
        self, store: Store
    ) -> None:
        job = submit(store)
        with store.leading(lead(store)) as tx:
            assert tx.remove_expired(ended_before=NOW + 99 * SECOND, limit=9) == []
        assert len(store.documents(ME, page_size=9).items) == job.counts.total
