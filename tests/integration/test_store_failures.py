import resource
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from service.domain.model import LOCAL_OWNER
from service.errors import TransientError
from service.store import Store, migrate, open_store
from tests.factories import NOW, make_document, make_documents, make_new_job


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "docmill.sqlite3"


@pytest.fixture
def store(file: Path) -> Iterator[Store]:
    migrate(f"sqlite:///{file}")
    store = open_store(f"sqlite:///{file}?timeout=0.05")
    yield store
    store.close()


@contextmanager
def full_disk() -> Iterator[None]:
    """Let no file of this process grow, as on a full disk."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_a_full_disk_is_a_passing_trouble_and_nothing_is_half_written(
    store: Store,
) -> None:
    documents = make_documents(500)
    new = make_new_job(documents)
    with full_disk(), pytest.raises(TransientError) as failed:
        store.create_job(new, documents)
    assert failed.value.code == "store_unavailable"
    assert store.jobs(LOCAL_OWNER, page_size=9).items == ()
    assert store.documents(LOCAL_OWNER, page_size=9).items == ()
    store.create_job(new, documents)
    assert store.job(LOCAL_OWNER, new.job.id).job == new.job


def test_a_writer_that_is_locked_out_can_try_again(store: Store, file: Path) -> None:
    other = sqlite3.connect(file, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(TransientError) as failed:
        store.add_documents([make_document()])
    assert failed.value.code == "store_unavailable"
    with pytest.raises(TransientError):
        store.acquire_lease("me", now=NOW)
    assert store.healthy()
    other.execute("ROLLBACK")
    other.close()
    store.add_documents([make_document()])


def test_reads_of_a_database_that_is_gone_are_a_passing_trouble(
    store: Store, file: Path
) -> None:
    document = make_document()
    store.add_documents([document])
    store.close()
    kept = file.read_bytes()
    file.write_bytes(b"not a database at all" * 100)
    with pytest.raises(TransientError) as failed:
        store.document(LOCAL_OWNER, document.id)
    assert failed.value.code == "store_unavailable"
    assert not store.healthy()
    store.close()
    file.write_bytes(kept)
    assert store.document(LOCAL_OWNER, document.id) == document
    assert store.healthy()


def test_a_wrong_statement_is_not_called_a_passing_trouble(store: Store) -> None:
    document = make_document()
    with pytest.raises(Exception, match="UNIQUE") as failed:
        store.add_documents([document, document])
    assert not isinstance(failed.value, TransientError)
