from pathlib import Path

import pytest

from service.bootstrap import build_parts
from service.errors import SettingsError
from service.settings import Settings


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
