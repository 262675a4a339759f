"""Reads a whole upload form: files to disk, fields to memory, all faults at once."""

from collections.abc import AsyncIterator, Collection, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Final

from starlette.requests import Request

from gateway.context import Gateway
from gateway.operations import media_type
from gateway.problems import FieldProblem, ProblemError, refused
from gateway.uploads.names import fault_of
from gateway.uploads.parts import NOT_UTF8, Fact, PartBegan, PartData, PartEnded, Parts
from gateway.uploads.spool import FileWriter, SpooledFile

FILES: Final = "files"
FORM: Final = "multipart/form-data"
MAX_FIELD_BYTES: Final = 65_536
MAX_FIELDS: Final = 100


@dataclass(frozen=True, slots=True)
class Form:
    """An upload that came in whole."""

    files: tuple[SpooledFile, ...]
    fields: Mapping[str, str]


@asynccontextmanager
async def received_form(
    request: Request, gateway: Gateway, *, fields: Collection[str] = ()
) -> AsyncIterator[Form]:
    """Receive the request's form; its files are gone at the end of the block.

    Args:
        request: Whose body to read, as it comes.
        gateway: Gives limits, threads and the folder.
        fields: Plain fields that the form may have beside ``files``.

    Raises:
        ProblemError: It is no such form, breaks a limit, or stopped half-way.
    """
    if media_type(request) != FORM:
        raise ProblemError(
            "unsupported_media_type",
            f"Send files as {FORM}, in fields named {FILES}.",
            headers={"Accept": FORM},
        )
    reader = _FormReader(gateway, fields)
    try:
        parts = Parts(request.headers["content-type"])
        async for piece in request.stream():
            for fact in parts.feed(piece):
                await reader.take(fact)
        parts.finish()
        yield reader.form()
    finally:
        await gateway.threads.run(reader.discard)


class _FormReader:
    """Carries out the facts of one form."""

    def __init__(self, gateway: Gateway, fields: Collection[str]) -> None:
        self._gateway = gateway
        self._allowed = fields
        self._writers: list[FileWriter] = []
        self._files: list[SpooledFile] = []
        self._fields: dict[str, str] = {}
        self._faults: list[FieldProblem] = []
        self._writer: FileWriter | None = None
        self._field: str | None = None
        self._nameless = False
        self._text = b""
        self._number = 0
        self._field_number = 0

    async def take(self, fact: Fact) -> None:
        """Carry out one fact."""
        match fact:
            case PartBegan(file_name=None):
                self._begin_field(fact)
            case PartBegan():
                self._begin_file(fact)
            case PartData(data=data):
                await self._add(data)
            case PartEnded():
                await self._end()

    def form(self) -> Form:
        """Give the form, if nothing is wrong with it."""
        if not self._files and not self._faults:
            self._fault(f"/{FILES}", "missing", "The form has no files.")
        if self._faults:
            raise refused(self._faults)
        return Form(tuple(self._files), self._fields)

    def discard(self) -> None:
        """Remove every file. Blocks."""
        for writer in self._writers:
            writer.discard()

    def _begin_file(self, part: PartBegan) -> None:
        name, index = part.file_name or "", self._number
        if not name and part.field == FILES:
            # What a browser sends for a file input without a choice, if it is empty.
            self._nameless = True
            return
        self._number += 1
        if self._number > self._gateway.settings.max_files_per_upload:
            limit = self._gateway.settings.max_files_per_upload
            raise refused(
                [
                    FieldProblem(
                        pointer=f"/{FILES}",
                        source="form",
                        code="too_many_files",
                        detail=f"At most {limit} files in one request.",
                    )
                ]
            )
        if part.field != FILES:
            self._unknown(part.field)
            return
        fault = "The name has path parts." if part.whole_path else fault_of(name)
        fault = "The name is not UTF-8." if NOT_UTF8 in name else fault
        if fault is not None:
            self._fault(f"/{FILES}/{index}/name", "invalid_name", fault)
            return
        self._writer = FileWriter(
            self._gateway.threads,
            self._gateway.spool,
            name=name,
            declared_media_type=part.media_type,
        )
        self._writers.append(self._writer)

    def _begin_field(self, part: PartBegan) -> None:
        self._field_number += 1
        if self._field_number > MAX_FIELDS:
            raise ProblemError("too_large", f"More than {MAX_FIELDS} fields.")
        if part.field == FILES:
            self._fault(f"/{FILES}", "wrong_type", "Not a file: it has no filename.")
        elif part.field not in self._allowed:
            self._unknown(part.field)
        elif part.field in self._fields:
            self._fault(f"/{part.field}", "duplicate", "The field comes twice.")
        else:
            self._field = part.field

    async def _add(self, data: bytes) -> None:
        if self._writer is not None:
            await self._writer.write(data)
            limit = self._gateway.settings.max_upload_bytes
            if self._writer.size_bytes > limit:
                raise ProblemError("too_large", f"A file is larger than {limit} bytes.")
        elif self._field is not None:
            self._text += data
            if len(self._text) > MAX_FIELD_BYTES:
                raise ProblemError(
                    "too_large", f"The field {self._field} is too large."
                )
        elif self._nameless and data:
            self._nameless = False  # said once
            place = f"/{FILES}/{self._number}/name"
            self._fault(place, "invalid_name", "The file has no name.")

    async def _end(self) -> None:
        if self._writer is not None:
            self._files.append(await self._writer.finish())
        elif self._field is not None:
            self._fields[self._field] = self._text.decode("utf-8", errors="replace")
        self._writer, self._field, self._text = None, None, b""
        self._nameless = False

    def _unknown(self, name: str) -> None:
        shown = name[:100]
        self._fault(f"/{shown}", "unknown_field", f"There is no field {shown!r} here.")

    def _fault(self, pointer: str, code: str, detail: str) -> None:
        self._faults.append(
            FieldProblem(pointer=pointer, source="form", code=code, detail=detail)
        )
