"""The files a child leaves beside its result: believed no more than what it says."""

import os
import shutil
import stat
from pathlib import Path

import msgspec

from actors.sandbox.wire import RESULT_BYTES_MAX, Done, Output
from service.errors import DOCUMENT_CODES, ChildDiedError
from service.processing.outputs import RESULT_OUTPUT, OutputFile, StrPath, output_path

_OBJECT = msgspec.json.Decoder(dict[str, msgspec.Raw])


def checked_outputs(answer: Done, prefix: StrPath) -> tuple[OutputFile, ...]:
    """Give the files that an answer names, each one a file of its own and no link.

    Raises:
        ChildDiedError: One is anything else, or no result where it is to be one: the
            child cannot be trusted.
    """
    names = {output.name for output in answer.outputs}
    if len(names) < len(answer.outputs) or answer.in_file != (RESULT_OUTPUT in names):
        raise ChildDiedError(DOCUMENT_CODES["crashed"])
    for output in answer.outputs:
        _check_file(output_path(prefix, output.name))
    if answer.in_file:
        _check_result(output_path(prefix, RESULT_OUTPUT))
    return tuple(map(_file, answer.outputs))


def remove_outputs(prefix: StrPath) -> None:
    """Remove whatever lies beside a prefix, named in a result or not.

    Not by a glob: of each document it would compile an expression of its own.
    """
    folder, name = os.path.split(prefix)
    begins = f"{name}."
    with os.scandir(folder) as entries:
        left = [entry for entry in entries if entry.name.startswith(begins)]
    for entry in left:
        if entry.is_dir(follow_symlinks=False):
            shutil.rmtree(entry.path, ignore_errors=True)
        else:
            Path(entry.path).unlink(missing_ok=True)


def _check_file(path: Path) -> None:
    try:
        status = path.lstat()
    except OSError:
        status = None
    if not status or not stat.S_ISREG(status.st_mode) or status.st_nlink != 1:
        raise ChildDiedError(DOCUMENT_CODES["crashed"])


def _check_result(path: Path) -> None:
    """Refuse what clients would be given as JSON and is none, or is endless."""
    if path.lstat().st_size > RESULT_BYTES_MAX:
        raise ChildDiedError(DOCUMENT_CODES["crashed"])
    found = path.read_bytes()
    try:
        found.decode()  # what is kept raw is not checked by the JSON decoder
        _OBJECT.decode(found)
    except (UnicodeDecodeError, msgspec.DecodeError) as error:
        raise ChildDiedError(DOCUMENT_CODES["crashed"]) from error


def _file(output: Output) -> OutputFile:
    return OutputFile(
        name=output.name,
        media_type=output.media_type,
        size_bytes=output.size_bytes,
        title=output.title,
    )
