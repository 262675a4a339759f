"""What every store does with documents, whatever database it is on."""

from datetime import timedelta

import pytest

from service.domain.model import (
    DocumentId,
    Owner,
)
from service.domain.task_ids import document_task_id
from service.errors import ConflictError, NotFoundError
from service.store import Store
from tests.contract.steps import finish, lead
from tests.factories import NOW, make_document, make_documents, make_new_job

ME = Owner("local")
OTHER = Owner("somebody")


class DocumentContract:
    def test_a_document_comes_back_as_it_was_stored(self, store: Store) -> None:
        precise = NOW + timedelta(milliseconds=123)
        document = make_document(declared_media_type="text/plain", created_at=precise)
        store.add_documents([document])
        assert store.document(ME, document.id) == document

    def test_somebody_elses_document_is_not_found(self, store: Store) -> None:
        document = make_document()
        store.add_documents([document])
        with pytest.raises(NotFoundError):
            store.document(OTHER, document.id)
        with pytest.raises(NotFoundError):
            store.delete_document(OTHER, document.id)
        assert store.known_documents(OTHER, [document.id]) == set()

    def test_documents_are_listed_newest_first_in_pages(self, store: Store) -> None:
        documents = make_documents(5)
        store.add_documents(documents)
        first = store.documents(ME, page_size=3)
        second = store.documents(ME, page_size=3, page_token=first.next_token)
        assert first.items + second.items == tuple(reversed(documents))
        assert second.next_token == ""

    def test_ids_sort_byte_by_byte(self, store: Store) -> None:
        ids = sorted(["doc_b", "doc_B", "doc_a_b", "doc_a.c", "doc_aa", "doc-z"])
        store.add_documents([make_document(id=DocumentId(one)) for one in ids])
        first = store.documents(ME, page_size=3)
        rest = store.documents(ME, page_size=9, page_token=first.next_token)
        listed = [document.id for document in first.items + rest.items]
        assert listed == list(reversed(ids))

    def test_only_stored_documents_are_known(self, store: Store) -> None:
        document = make_document()
        store.add_documents([document])
        ids = [document.id, DocumentId("doc_unknown")]
        assert store.known_documents(ME, ids) == {document.id}
        assert store.known_documents(ME, []) == set()

    def test_a_store_knows_where_the_content_of_its_documents_is(
        self, store: Store
    ) -> None:
        assert store.is_empty()
        document = make_document()
        store.add_documents([document])
        assert not store.is_empty()
        ids = [document.id, DocumentId("doc_unknown")]
        assert store.blob_keys(ids) == {document.id: document.blob_key}
        assert store.blob_keys([]) == {}

    def test_a_free_document_can_be_deleted(self, store: Store) -> None:
        document = make_document()
        store.add_documents([document])
        assert store.delete_document(ME, document.id).blob_key == document.blob_key
        with pytest.raises(NotFoundError):
            store.document(ME, document.id)

    def test_a_document_of_an_unfinished_task_cannot_be_deleted(
        self, store: Store
    ) -> None:
        document = make_document()
        new = make_new_job([document])
        store.create_job(new, [document])
        with pytest.raises(ConflictError) as refused:
            store.delete_document(ME, document.id)
        assert refused.value.code == "document_in_use"
        finish(store, lead(store), new.job)
        assert store.delete_document(ME, document.id).blob_key == document.blob_key
        view = store.task_result(ME, new.job.id, document.id)
        assert view.document_name == document.name

    def test_the_latest_task_is_that_of_the_newest_job(self, store: Store) -> None:
        document = make_document()
        store.add_documents([document])
        assert store.latest_task(ME, document.id) is None
        for _ in range(2):
            new = make_new_job([document])
            store.create_job(new)
            latest = store.latest_task(ME, document.id)
            assert latest is not None
            assert latest.task.id == document_task_id(new.job.id, 0)
