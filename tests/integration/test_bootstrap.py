from pathlib import Path

import pytest
from structlog.testing import capture_logs

from service.bootstrap import build_parts
from service.errors import SettingsError
from service.settings import Settings
from tests.factories import make_document


def test_a_default_type_that_is_not_installed_keeps_the_service_from_starting(
    tmp_path: Path,
) -> None:
    settings = Settings(data_dir=tmp_path / "data", default_type="SLEEP")
    with pytest.raises(SettingsError, match=r"default_type SLEEP .* DATA_EXTRACTION"):
        build_parts(settings)
    assert not (tmp_path / "data").exists()


def test_a_module_that_is_not_there_keeps_the_service_from_starting(
    tmp_path: Path,
) -> None:
    settings = Settings(data_dir=tmp_path, job_type_modules=("tests.no_such_module",))
    with pytest.raises(SettingsError, match="job_type_modules cannot be imported"):
        build_parts(settings)


def test_a_default_type_may_come_from_a_module(tmp_path: Path) -> None:
    settings = Settings(
        data_dir=tmp_path,
        default_type="SLEEP",
        job_type_modules=("tests.made_up_work",),
    )
    parts = build_parts(settings)
    assert "SLEEP" in parts.registry.names()
    parts.store.close()


def test_an_empty_folder_is_not_taken_for_the_one_that_documents_are_in(
    tmp_path: Path,
) -> None:
    settings = Settings(data_dir=tmp_path)
    parts = build_parts(settings)
    assert parts.blobs.available()
    document = make_document()
    parts.blobs.put_bytes(document.blob_key, b"x")
    parts.store.add_documents([document])
    parts.store.close()
    (tmp_path / "blobs").rename(tmp_path / "away")
    with capture_logs() as logs:
        again = build_parts(settings)
    assert "files_unavailable" in {each["event"] for each in logs}
    assert not again.blobs.available()
    (tmp_path / "blobs").rmdir()
    (tmp_path / "away").rename(tmp_path / "blobs")
    assert again.blobs.get_bytes(document.blob_key) == b"x"
    again.store.close()
