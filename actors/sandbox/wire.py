"""What a worker, its child and the server between them say to each other.

Worker and child exchange JSON in frames, each a length of four bytes and that many
bytes. The child opens untrusted files, so nothing of it is unpickled or believed: every
frame has a largest size and a schema, and whoever breaks either is killed. (The
`Connection` of multiprocessing would block on half a frame until the end of time.)

The server speaks of each child on a socket of its own: `STARTED` once it is forked,
`ENDED` once it is reaped. Any byte from the worker, or the end of that socket, kills.
"""

import socket
import struct
from typing import Annotated

import msgspec

from service.domain.model import StepTiming
from service.errors import DOCUMENT_CODES
from service.processing.context import OcrPlace
from service.processing.options import ProcessingOptions
from service.processing.outputs import OUTPUT_NAME_PATTERN
from service.processing.results import Status

FRAME_BYTES_MAX = 8 * 1024 * 1024
"""Largest thing said; 10 MB through a pipe took 15 ms."""

DATA_BYTES_MAX = 1024 * 1024
"""A larger result goes to a file."""
RESULT_BYTES_MAX = 64 * 1024 * 1024
"""Largest result of all."""

KILL = b"k"
FORK = b"f"
STARTED = struct.Struct("!q")
"""Process id."""
ENDED = struct.Struct("!qq")
"""Exit code, negative for a signal; bytes of memory by which the child had grown."""

_LENGTH = struct.Struct("!I")
_CHUNK_BYTES = 64 * 1024
"""A buffer that malloc need not ask the kernel for each time."""

Name = Annotated[str, msgspec.Meta(max_length=200)]
Text = Annotated[str, msgspec.Meta(max_length=2_000)]
Page = Annotated[int, msgspec.Meta(ge=0, le=2**31)]
Share = Annotated[float, msgspec.Meta(ge=0, le=1)]
Size = Annotated[int, msgspec.Meta(ge=0, le=2**62)]
"""As `Done.grown_bytes`: most memory the child has had since its start, less what it
had then. A child that lies about it is held by its limit all the same."""


OCR_ELSEWHERE = "ocr_elsewhere"
"""In the place of a reason: not failed, but to be handed on to where OCR is."""


class ProtocolError(Exception):
    """The other side said what it must not say."""


class Packet(msgspec.Struct, frozen=True, kw_only=True):
    """Base of all that is sent as JSON."""


class Setup(Packet, frozen=True, kw_only=True):
    """What the server is started with."""

    modules: tuple[str, ...]
    """Modules that add job types."""
    memory_bytes: int
    kill_slack_s: float
    max_pages: int
    picture_longest_px: int
    picture_quality: int
    max_pictures: int
    ocr: OcrPlace
    ocr_max_pages: int
    temp_root: str
    """Folder of all children's temporary folders; the server's to remove at its end."""


class Assignment(Packet, frozen=True, kw_only=True):
    """To the child: process this document."""

    job_type: str
    document_id: str
    path: str
    name: str
    size_bytes: int
    sha256: str
    declared_media_type: str | None
    output_prefix: str
    output_key: str | None
    options: ProcessingOptions
    temp_dir: str
    time_limit_s: float


class Report(Packet, frozen=True, kw_only=True, tag="report"):
    """From the child: how far the document is."""

    step: Name
    fraction: Share
    page: Page | None = None
    pages: Page | None = None
    message: Text | None = None


class Output(Packet, frozen=True, kw_only=True):
    """A file beside the result."""

    name: Annotated[str, msgspec.Meta(pattern=OUTPUT_NAME_PATTERN)]
    media_type: Name
    size_bytes: Annotated[int, msgspec.Meta(ge=0)]
    title: Text | None = None


class Done(Packet, frozen=True, kw_only=True, tag="done"):
    """From the child: the document's result."""

    data: msgspec.Raw
    status: Status
    media_type: Name
    steps: tuple[StepTiming, ...]
    outputs: tuple[Output, ...]
    in_file: bool = False
    """Whether the result is too large for a frame: then it is an output, and `data`
    is empty."""
    grown_bytes: Size = 0
    fit: bool = True
    """Whether the child takes another document."""


class Failed(Packet, frozen=True, kw_only=True, tag="failed"):
    """From the child: why there is no result."""

    code: Name
    message: Text
    detail: Text = ""
    """For the service's log: where a bug showed itself; holds no document content."""
    grown_bytes: Size = 0
    fit: bool = True
    """Whether the child takes another document."""


_REASONS = {*DOCUMENT_CODES, OCR_ELSEWHERE}
Answer = Report | Done | Failed

ENCODER = msgspec.json.Encoder()
ASSIGNMENTS = msgspec.json.Decoder(Assignment)
_ANSWERS: msgspec.json.Decoder[Answer] = msgspec.json.Decoder(Answer)


def read_answer(frame: bytes) -> Answer:
    """Read what a child said.

    Raises:
        ProtocolError: It is not one of the things a child may say.
    """
    try:
        frame.decode()  # what is kept raw is not checked by the JSON decoder
        answer = _ANSWERS.decode(frame)
    except (UnicodeDecodeError, msgspec.DecodeError) as error:
        message = "not an answer"
        raise ProtocolError(message) from error
    if isinstance(answer, Done) and not bytes(answer.data).startswith(b"{"):
        message = "not a result"
        raise ProtocolError(message)
    if isinstance(answer, Failed) and answer.code not in _REASONS:
        message = "not a reason"
        raise ProtocolError(message)
    return answer


def send_frame(channel: socket.socket, body: bytes) -> None:
    """Send one frame, waiting for the other side to make room."""
    channel.sendall(_LENGTH.pack(len(body)) + body)


class FrameReader:
    """Cuts what arrives on a socket into frames; never waits for half of one."""

    def __init__(self, channel: socket.socket) -> None:
        self._channel = channel
        self._buffer = bytearray()

    @property
    def empty(self) -> bool:
        """Whether nothing is left over from frames already given."""
        return not self._buffer

    def read(self) -> bool:
        """Take in what one read delivers; false at the end of the stream.

        Raises:
            BlockingIOError: The socket has a time limit, and nothing came in time.
        """
        try:
            chunk = self._channel.recv(_CHUNK_BYTES)
        except ConnectionResetError:
            return False
        self._buffer += chunk
        return bool(chunk)

    def next(self) -> bytes | None:
        """Give the next whole frame that was read, if there is one.

        Raises:
            ProtocolError: The frame is larger than any may be.
        """
        if len(self._buffer) < _LENGTH.size:
            return None
        (length,) = _LENGTH.unpack_from(self._buffer)
        if length > FRAME_BYTES_MAX:
            message = "a frame is too large"
            raise ProtocolError(message)
        end = _LENGTH.size + length
        if len(self._buffer) < end:
            return None
        frame = bytes(self._buffer[_LENGTH.size : end])
        del self._buffer[:end]
        return frame
