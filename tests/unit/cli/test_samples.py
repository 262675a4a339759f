import json
from pathlib import Path

import pytest

from service.cli.samples import Expected, read_samples, verdict
from service.errors import SettingsError

GOOD = Expected(status="COMPLETED", result_status="ok")
BAD = Expected(status="FAILED", code="encrypted")


@pytest.mark.parametrize(
    ("status", "result", "expected", "said"),
    [
        ("COMPLETED", "ok", GOOD, "as expected"),
        ("COMPLETED", "degraded", GOOD, "UNEXPECTED: not COMPLETED ok"),
        ("FAILED", "encrypted", GOOD, "UNEXPECTED: not COMPLETED ok"),
        ("FAILED", "encrypted", BAD, "failed as expected: encrypted"),
        ("FAILED", "corrupt", BAD, "UNEXPECTED: not FAILED encrypted"),
        ("TIMEOUT", "encrypted", BAD, "UNEXPECTED: not FAILED encrypted"),
        ("COMPLETED", "ok", None, "UNEXPECTED: no sample"),
    ],
)
def test_the_verdict_compares_with_what_was_expected(
    status: str, result: str, expected: Expected | None, said: str
) -> None:
    assert verdict(status, result, expected) == said


def written(folder: Path, files: dict[str, object]) -> Path:
    (folder / "expected.json").write_text(json.dumps({"files": files}))
    return folder


def test_samples_are_what_expected_json_names(tmp_path: Path) -> None:
    (tmp_path / "a.txt").touch()
    (tmp_path / "not-a-sample.txt").touch()
    written(tmp_path, {"a.txt": {"status": "COMPLETED", "resultStatus": "ok"}})
    samples = read_samples(tmp_path)
    assert samples.files == [tmp_path / "a.txt"]
    assert samples.expected == {"a.txt": GOOD}


def test_another_set_of_samples_makes_a_job_of_another_name(tmp_path: Path) -> None:
    (tmp_path / "a.txt").touch()
    first = read_samples(written(tmp_path, {"a.txt": {"status": "COMPLETED"}}))
    again = read_samples(written(tmp_path, {"a.txt": {"status": "COMPLETED"}}))
    other = read_samples(written(tmp_path, {"a.txt": {"status": "FAILED"}}))
    assert first.job_name == again.job_name != other.job_name
    assert tmp_path.name in first.job_name


def test_unusable_samples_say_what_is_wrong(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"expected\.json cannot be used"):
        read_samples(tmp_path)
    written(tmp_path, {"a.txt": {}})
    with pytest.raises(SettingsError, match="cannot be used"):
        read_samples(tmp_path)
    written(tmp_path, {"a.txt": {"status": "COMPLETED"}})
    with pytest.raises(SettingsError, match=r"not there: \['a\.txt'\]"):
        read_samples(tmp_path)


@pytest.mark.parametrize(
    ("result", "good"), [("ok", True), ("degraded", True), ("failed", False)]
)
def test_a_scan_may_end_better_where_ocr_is_installed(result: str, good: bool) -> None:
    expected = Expected(
        status="COMPLETED", result_status="degraded", result_status_with_ocr="ok"
    )
    assert (verdict("COMPLETED", result, expected) == "as expected") == good
