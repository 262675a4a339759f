"""What every store does for gateways and batch workers, whatever database it is on."""

import msgspec
import pytest

from service.domain.model import (
    DocumentId,
    Failure,
    JobId,
    JobStatus,
    Owner,
    StepTiming,
    TaskStatus,
)
from service.domain.task_ids import document_task_id, finish_task_id
from service.errors import ConflictError, InvalidRequestError, NotFoundError
from service.messages import JSON_NULL
from service.store import Store
from service.store.rows import Changes, JobView, PlanningRow, StoredResult
from tests.contract.steps import commit, finish, lead, submit, tasks_of, write
from tests.factories import NOW, make_document, make_documents, make_new_job

ME = Owner("local")
OTHER = Owner("somebody")


class StoreContract:
    @pytest.mark.parametrize(
        "token", ["§", "a", "!!", "MQ==MQ", "_w", "AA", "AAAA", "w6k"]
    )
    def test_a_malformed_page_token_is_refused(self, store: Store, token: str) -> None:
        job = submit(store)
        with pytest.raises(InvalidRequestError) as refused:
            store.documents(ME, page_size=1, page_token=token)
        assert refused.value.code == "invalid_page_token"
        with pytest.raises(InvalidRequestError):
            store.jobs(ME, page_size=1, page_token=token)
        with pytest.raises(InvalidRequestError):
            store.tasks(ME, job.id, page_size=1, page_token=token)

    def test_a_token_of_another_list_is_refused_for_tasks(self, store: Store) -> None:
        job = submit(store)
        store.add_documents(make_documents(2))
        token = store.documents(ME, page_size=1).next_token
        with pytest.raises(InvalidRequestError):
            store.tasks(ME, job.id, page_size=1, page_token=token)

    def test_a_job_comes_back_as_it_was_submitted(self, store: Store) -> None:
        documents = make_documents(2)
        labels = {"customer": "acme", "a.b": 'quo"ted'}
        new = make_new_job(
            documents,
            name="October",
            labels=labels,
            retry_of=JobId("job_before"),
            has_finish=True,
        )
        created = store.create_job(new, documents)
        assert created.job_id == new.job.id
        assert not created.replayed
        assert store.job(ME, new.job.id) == JobView(
            job=new.job, name="October", labels=labels, retry_of=JobId("job_before")
        )
        assert store.documents(ME, page_size=9).items == tuple(reversed(documents))

    def test_a_new_job_has_its_tasks_in_order_and_one_log_row(
        self, store: Store
    ) -> None:
        documents = make_documents(3)
        new = make_new_job(documents)
        store.create_job(new, documents)
        page = store.tasks(ME, new.job.id, page_size=9)
        assert [view.task.document_id for view in page.items] == list(new.document_ids)
        assert [view.document_name for view in page.items] == [
            document.name for document in documents
        ]
        assert {view.task.status for view in page.items} == {TaskStatus.PENDING}
        (created,) = store.events_after(new.job.id, 0, 10)
        assert (created.seq, created.type) == (1, "batch.created")
        assert created.position is None
        assert bytes(created.data) == bytes(new.created_event)
        assert store.last_seqs([new.job.id, JobId("job_no")]) == {new.job.id: 1}

    def test_unknown_documents_are_named_and_nothing_is_created(
        self, store: Store
    ) -> None:
        known, unknown, foreign = make_document(), make_document(), make_document()
        store.add_documents([msgspec.structs.replace(foreign, owner=OTHER)])
        new = make_new_job([known, unknown, foreign])
        with pytest.raises(NotFoundError) as refused:
            store.create_job(new, [known])
        assert refused.value.code == "documents_not_found"
        assert unknown.id in refused.value.message
        assert foreign.id in refused.value.message
        assert known.id not in refused.value.message
        assert store.known_documents(ME, [known.id]) == set()
        assert store.jobs(ME, page_size=9).items == ()

    def test_many_unknown_documents_are_named_in_part(self, store: Store) -> None:
        new = make_new_job(make_documents(30))
        with pytest.raises(NotFoundError, match="and 10 more"):
            store.create_job(new)

    def test_the_same_key_and_request_give_the_first_job(self, store: Store) -> None:
        documents = make_documents(1)
        fields = {"idempotency_key": "key", "request_hash": "same"}
        first = make_new_job(documents, **fields)
        store.create_job(first, documents)
        again = store.create_job(make_new_job(documents, **fields), documents)
        assert again.replayed
        assert again.job_id == first.job.id
        assert len(store.jobs(ME, page_size=9).items) == 1

    def test_the_same_key_with_another_request_is_refused(self, store: Store) -> None:
        submit(store, idempotency_key="key", request_hash="one")
        with pytest.raises(ConflictError) as refused:
            submit(store, idempotency_key="key", request_hash="two")
        assert refused.value.code == "idempotency_key_reused"

    def test_two_owners_may_use_the_same_key(self, store: Store) -> None:
        submit(store, idempotency_key="key", request_hash="one")
        submit(store, owner=OTHER, idempotency_key="key", request_hash="two")
        assert len(store.jobs(OTHER, page_size=9).items) == 1

    def test_somebody_elses_job_is_not_found(self, store: Store) -> None:
        job = submit(store)
        document_id = store.tasks(ME, job.id, page_size=1).items[0].task.document_id
        assert document_id is not None
        with pytest.raises(NotFoundError):
            store.job(OTHER, job.id)
        with pytest.raises(NotFoundError):
            store.tasks(OTHER, job.id, page_size=1)
        with pytest.raises(NotFoundError):
            store.task_result(OTHER, job.id, document_id)
        with pytest.raises(NotFoundError):
            store.add_command(OTHER, job.id, "cancel", NOW)
        assert store.latest_task(OTHER, document_id) is None

    def test_jobs_are_listed_newest_first_in_pages(self, store: Store) -> None:
        jobs = [submit(store, documents=1) for _ in range(5)]
        first = store.jobs(ME, page_size=3)
        second = store.jobs(ME, page_size=3, page_token=first.next_token)
        listed = [view.job for view in first.items + second.items]
        assert listed == list(reversed(jobs))
        assert second.next_token == ""

    def test_jobs_are_chosen_by_status_type_and_label(self, store: Store) -> None:
        plain = submit(store, documents=1)
        other = submit(store, documents=1, type="QUALITY_CHECK")
        labelled = submit(store, documents=1, labels={"a.b": "1", "c": "2"})
        ended = finish(store, lead(store), plain)

        def ids(**chosen: object) -> list[JobId]:
            page = store.jobs(ME, page_size=9, **chosen)  # type: ignore[arg-type]
            return [view.job.id for view in page.items]

        assert ids(statuses=[JobStatus.COMPLETED]) == [ended.id]
        assert ids(statuses=[JobStatus.PENDING]) == [labelled.id, other.id]
        assert ids(type="QUALITY_CHECK") == [other.id]
        assert ids(label=("a.b", "1")) == [labelled.id]
        assert ids(label=("a.b", "2")) == []

    def test_tasks_are_chosen_by_status_and_paged(self, store: Store) -> None:
        job = submit(store, documents=4)
        epoch = lead(store)
        tasks = tasks_of(store, epoch, job)
        failed = [write(tasks[one], TaskStatus.FAILED, generation=1) for one in (1, 3)]
        commit(store, epoch, job, *failed)
        chosen = [TaskStatus.FAILED]
        first = store.tasks(ME, job.id, statuses=chosen, page_size=1)
        second = store.tasks(
            ME, job.id, statuses=chosen, page_size=1, page_token=first.next_token
        )
        found = [view.task.index for view in first.items + second.items]
        assert found == [1, 3]
        assert second.next_token == ""

    def test_what_waits_for_its_turn_is_counted(self, store: Store) -> None:
        job = submit(store, documents=6)
        submit(store, documents=2)
        epoch = lead(store)
        tasks = tasks_of(store, epoch, job)
        commit(
            store,
            epoch,
            job,
            write(tasks[0], TaskStatus.COMPLETED, generation=1),
            write(tasks[2], TaskStatus.PENDING, not_before=NOW),
            write(tasks[3], TaskStatus.PENDING, queue="documents.ocr"),
        )
        places = [store.waiting_before(job.id, index) for index in range(7)]
        assert places == [0, 0, 1, 1, 1, 2, 3]

    def test_a_result_is_kept_with_its_task(self, store: Store) -> None:
        job = submit(store, documents=2)
        epoch = lead(store)
        small, large = tasks_of(store, epoch, job)
        steps = (StepTiming(name="text", milliseconds=7),)
        result = msgspec.Raw('{"text":"é"}'.encode())
        failure = Failure(code="corrupt", message="no")
        writes = (
            write(
                small,
                TaskStatus.COMPLETED,
                generation=1,
                steps=steps,
                finished_at=NOW,
                fraction=0.5,
                result=result,
                result_bytes=13,
            ),
            write(
                large,
                TaskStatus.COMPLETED,
                generation=1,
                failure=failure,
                result_key="results/x.json",
                result_bytes=99,
                outputs_key="results/x",
            ),
        )
        commit(store, epoch, job, *writes)
        assert small.document_id is not None
        view = store.task_result(ME, job.id, small.document_id)
        assert view.task == writes[0].task
        assert bytes(view.result) == bytes(result)
        assert (view.result_key, view.result_bytes) == (None, 13)
        assert view.outputs_key is None
        other = store.tasks(ME, job.id, page_size=9).items[1]
        assert other.task == writes[1].task
        assert bytes(other.result) == bytes(JSON_NULL)
        assert (other.result_key, other.result_bytes) == ("results/x.json", 99)
        assert other.outputs_key == "results/x"

    def test_a_document_that_the_job_does_not_hold_is_not_found(
        self, store: Store
    ) -> None:
        job = submit(store)
        with pytest.raises(NotFoundError):
            store.task_result(ME, job.id, DocumentId("doc_no"))

    def test_planning_sees_size_and_type_in_order(self, store: Store) -> None:
        documents = make_documents(3)
        new = make_new_job(documents)
        store.create_job(new, documents)
        first = store.planning_rows(new.job.id, after_index=-1, limit=2)
        rest = store.planning_rows(new.job.id, after_index=1, limit=2)
        assert first + rest == tuple(
            PlanningRow(
                task_id=document_task_id(new.job.id, index),
                size_bytes=document.size_bytes,
                media_type=document.media_type,
            )
            for index, document in enumerate(documents)
        )

    def test_finishing_reads_the_results_in_order(self, store: Store) -> None:
        job = submit(store, documents=4)
        epoch = lead(store)
        tasks = tasks_of(store, epoch, job)
        inline, stored = msgspec.Raw(b'{"a":1}'), "results/x.json"
        commit(
            store,
            epoch,
            job,
            write(tasks[0], TaskStatus.COMPLETED, generation=1, result=inline),
            write(tasks[1], TaskStatus.FAILED, generation=1),
            write(tasks[3], TaskStatus.COMPLETED, generation=1, result_key=stored),
        )
        first, last = store.document_results(job.id, after_index=-1, limit=1)
        rest, end = store.document_results(job.id, after_index=last, limit=9)
        assert (last, end) == (0, 3)
        assert first + rest == (
            StoredResult(document_id=tasks[0].document_id, result=inline),
            StoredResult(document_id=tasks[3].document_id, result_key=stored),
        )
        assert store.document_results(job.id, after_index=end, limit=9) == ((), 3)

    def test_a_job_has_the_result_of_its_finishing(self, store: Store) -> None:
        job = submit(store, documents=1, has_finish=True)
        assert store.batch_result(job.id) is None
        epoch = lead(store)
        with store.leading(epoch) as tx:
            (task,) = tx.tasks([finish_task_id(job.id)]).values()
        result = msgspec.Raw(b'{"jobType":"X"}')
        done = write(task, TaskStatus.COMPLETED, generation=1, result=result)
        with store.leading(epoch) as tx:
            tx.apply(Changes(tasks=(done,)))
        assert store.batch_result(job.id) == StoredResult(
            document_id=None, result=result
        )
        other = submit(store, documents=1, has_finish=True)
        with store.leading(epoch) as tx:
            (task,) = tx.tasks([finish_task_id(other.id)]).values()
            empty = write(task, TaskStatus.COMPLETED, generation=1)
            tx.apply(Changes(tasks=(empty,)))
        assert store.batch_result(other.id) is None

    def test_a_command_waits_until_it_has_an_outcome(self, store: Store) -> None:
        job = submit(store)
        first = store.add_command(ME, job.id, "cancel", NOW)
        second = store.add_command(ME, job.id, "cancel", NOW)
        assert first < second
        assert store.command_outcome(first) is None
        with store.leading(lead(store)) as tx:
            assert [command.id for command in tx.commands(9)] == [first, second]
            assert tx.commands(1)[0].job_id == job.id
            tx.apply(Changes(commands_done={first: msgspec.Raw(b'{"ok":true}')}))
        outcome = store.command_outcome(first)
        assert outcome is not None
        assert bytes(outcome) == b'{"ok":true}'
        with store.leading(lead(store)) as tx:
            assert [command.id for command in tx.commands(9)] == [second]

    def test_a_migrated_store_is_healthy(self, store: Store) -> None:
        assert store.healthy()
