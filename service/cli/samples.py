"""A folder of sample files, and how each of them is to end."""

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import msgspec

from service.errors import SettingsError

UNEXPECTED: Final = "UNEXPECTED"


class Expected(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """How one sample is to end."""

    status: str
    code: str = ""
    """Of the error, when it is to fail."""
    result_status: str = ""
    result_status_with_ocr: str = ""
    """Where the extra is installed, if it makes a difference."""


class _ExpectedFile(msgspec.Struct, frozen=True):
    files: dict[str, Expected]


class Samples(msgspec.Struct, frozen=True, kw_only=True):
    """A folder of sample files and how each of them is to end."""

    folder: Path
    expected: Mapping[str, Expected]

    @property
    def job_name(self) -> str:
        """A name that differs when the set of samples does."""
        digest = hashlib.sha256(msgspec.json.encode(self.expected)).hexdigest()
        return f"Samples from {self.folder.absolute().name} ({digest[:8]})"

    @property
    def files(self) -> list[Path]:
        """The sample files."""
        return [self.folder / name for name in self.expected]


def read_samples(folder: Path) -> Samples:
    """Read a folder's ``expected.json``.

    Raises:
        SettingsError: It is not there or not readable, or a file it names is missing.
    """
    path = folder / "expected.json"
    try:
        read = msgspec.json.decode(path.read_bytes(), type=_ExpectedFile)
    except (OSError, msgspec.MsgspecError) as error:
        raise SettingsError(f"{path} cannot be used: {error}") from error
    samples = Samples(folder=folder, expected=read.files)
    missing = [file.name for file in samples.files if not file.is_file()]
    if missing:
        raise SettingsError(f"{path} names files that are not there: {missing}")
    return samples


def verdict(status: str, result: str, expected: Expected | None) -> str:
    """Say how a sample's end compares to the expected one.

    Args:
        status: Of the task.
        result: The code of its error, or the status of its result.
        expected: None when there is no such sample.
    """
    if expected is None:
        return f"{UNEXPECTED}: no sample"
    wanted = expected.code or expected.result_status
    accepted = {wanted, expected.result_status_with_ocr or wanted}
    if status != expected.status or result not in accepted:
        return f"{UNEXPECTED}: not {expected.status} {wanted}"
    return f"failed as expected: {wanted}" if expected.code else "as expected"
