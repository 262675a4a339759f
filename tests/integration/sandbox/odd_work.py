"""Job types that look around, litter and lie."""

import os
import re
import resource
import signal
import struct
import sys
import tempfile
import threading
from pathlib import Path
from typing import Any

from actors.sandbox.wire import RESULT_BYTES_MAX
from service.errors import DocumentError
from service.processing.context import StepContext
from service.processing.outputs import RESULT_OUTPUT, output_path
from service.processing.registry import JobType, Registry, Step
from service.processing.results import Result

CHANNEL_FD = 3


class Inspected(Result, frozen=True, kw_only=True):
    """What a guest's type has to say of its result."""

    found: dict[str, Any]


def register(registry: Registry) -> None:
    for name, run in (
        ("INSPECT", _inspect),
        ("LITTER", _litter),
        ("NO_FOLDER", lambda _: Path.cwd().rmdir()),
        ("GROW", _grow),
        ("TEXT", _text),
        ("TEXT_LINK", _text_link),
        ("BIG_RESULT", _big_result),
        ("NO_JSON_FILE", lambda context: _result_file(context, b'{"a": [1,}')),
        ("BAD_TEXT_FILE", lambda context: _result_file(context, b'{"a": "\xff"}')),
        ("ENDLESS_FILE", _endless_file),
        ("BESIDE", _beside),
        ("REFUSE", _refuse),
        ("MEMORY_IN_C", _memory_in_c),
        ("KILLED", _killed),
        ("QUIT", lambda _: os._exit(0)),
        ("EXIT", lambda _: sys.exit(0)),
        ("OWN_CODE", _own_code),
        ("LEAVE_THREAD", _leave_thread),
        ("BIG_FRAME", lambda _: _say(b"x", length=1 << 30)),
        ("HALF_FRAME", _half_frame),
        ("NO_JSON", lambda _: _say(b"no json")),
        ("NO_RESULT", lambda _: _say(_done(b"[]"))),
        ("BAD_TEXT", lambda _: _say(_done(b'{"a": "\xff"}'))),
        ("NO_REASON", lambda _: _say(b'{"type":"failed","code":"x","message":""}')),
        ("UNASKED", _unasked),
        ("FLOOD", _flood),
        ("LEAVE", _leave),
    ):
        registry.register(JobType(name, (Step(name.lower(), run),)))
    for name in ("GUEST", "OTHER_GUEST"):
        steps = (Step("inspect", _inspect),)
        registry.register(JobType(name, steps, result=Inspected, guest=True))


def _inspect(context: StepContext) -> None:
    descriptors = [
        str(entry.readlink())
        for entry in Path("/proc/self/fd").iterdir()
        if entry.is_symlink()  # the listing's own is closed by now
    ]
    context.data["found"] = {
        "pid": os.getpid(),
        "parent": os.getppid(),
        "folder": str(Path.cwd()),
        "temp": tempfile.gettempdir(),
        "descriptors": sorted(descriptors),
        "environment": Path("/proc/self/environ").read_text().split("\0"),
        "main": Path(sys.modules["__main__"].__file__ or "").parent.name,
        "limits": {
            name: resource.getrlimit(getattr(resource, f"RLIMIT_{name}"))
            for name in ("CORE", "NPROC", "NOFILE", "FSIZE", "AS")
        },
        "oom_score": Path("/proc/self/oom_score_adj").read_text().strip(),
        "policy": os.sched_getscheduler(0),
        "turn_ns": _turn_ns(),
    }


def _turn_ns() -> int | None:
    """Give the length of this process's turns, where Linux says it (6.12 and later)."""
    try:
        said = Path("/proc/self/sched").read_text()
    except FileNotFoundError:
        return None
    found = re.search(r"^se\.slice +: +(\d+)$", said, re.MULTILINE)
    return int(found[1]) if found else None


def _litter(context: StepContext) -> None:
    with tempfile.NamedTemporaryFile(delete=False) as left:
        left.write(b"left")
    folder = Path(tempfile.mkdtemp())
    (folder / "file").write_text("left")
    (folder / "link").symlink_to("/nowhere")
    Path("here").write_text("left")
    if context.source.size_bytes:
        os.abort()


def _grow(context: StepContext) -> None:
    b"x" * int(context.source.path.read_text())  # touched, and given back


def _text(context: StepContext) -> None:
    context.write("text.txt", "Grüße".encode(), "text/plain")
    if context.source.size_bytes:
        raise DocumentError("no", code="corrupt")


def _text_link(context: StepContext) -> None:
    context.write("text.txt", b"", "text/plain")
    made = next(context.source.path.parent.glob("*.text.txt"))
    made.unlink()
    made.symlink_to(context.source.path)


def _big_result(context: StepContext) -> None:
    context.data["found"] = "x" * int(context.source.path.read_text())


def _made(context: StepContext) -> Path:
    """Give where a result lies that is too large for a frame; a step may not."""
    return output_path(context._output_prefix, RESULT_OUTPUT)  # noqa: SLF001 - a liar


def _result_file(context: StepContext, content: bytes) -> None:
    _made(context).write_bytes(content)
    _say(_done(b"{}", in_file=True))


def _endless_file(context: StepContext) -> None:
    made = _made(context)
    made.write_bytes(b"{")
    os.truncate(made, RESULT_BYTES_MAX + 1)
    _say(_done(b"{}", in_file=True))


def _beside(context: StepContext) -> None:
    """Leave a folder and a file where outputs lie, and name neither."""
    context.write("named.txt", b"named", "text/plain")
    prefix = context._output_prefix  # noqa: SLF001 - a liar
    output_path(prefix, "left").mkdir()
    output_path(prefix, "left").joinpath("inside").mkdir()
    output_path(prefix, "half").write_text("left")
    if context.source.size_bytes:
        raise DocumentError("no", code="corrupt")


def _refuse(context: StepContext) -> None:
    raise DocumentError("The file needs a password." + "!" * 5_000, code="encrypted")


def _memory_in_c(context: StepContext) -> None:
    """Grow a buffer by doubling and abort when refused, as native libraries do."""
    size = 1 << 20
    try:
        while True:
            bytearray(size)[::4096] = b"x" * (size // 4096)
            size *= 2
    except MemoryError:
        os.abort()


def _killed(context: StepContext) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def _own_code(context: StepContext) -> None:
    raise DocumentError("secret", code="of my own")


def _leave_thread(context: StepContext) -> None:
    threading.Thread(
        target=signal.sigwait, args=({signal.SIGUSR1},), daemon=True
    ).start()


def _done(data: bytes, *, in_file: bool = False) -> bytes:
    file = (
        b'[{"name":"result.json","media_type":"application/json","size_bytes":1}],'
        b'"in_file":true'
    )
    return (
        b'{"type":"done","data":' + data + b',"status":"ok","media_type":"text/plain",'
        b'"steps":[],"outputs":' + (file if in_file else b"[]") + b"}"
    )


def _say(body: bytes, *, length: int | None = None) -> None:
    size = struct.pack("!I", len(body) if length is None else length)
    os.write(CHANNEL_FD, size + body)
    signal.pause()


def _half_frame(context: StepContext) -> None:
    os.write(CHANNEL_FD, b"\0\0\1\0half")
    signal.pause()


def _unasked(context: StepContext) -> None:
    """Leave an answer to the next document behind this one's."""
    body = _done(b"{}")
    os.write(CHANNEL_FD, 2 * (struct.pack("!I", len(body)) + body))
    signal.pause()


def _flood(context: StepContext) -> None:
    body = b'{"type":"report","step":"flood","fraction":0.5}'
    burst = 100 * (struct.pack("!I", len(body)) + body)
    while True:
        os.write(CHANNEL_FD, burst)


def _leave(context: StepContext) -> None:
    """Close the channel but live on."""
    os.close(CHANNEL_FD)
    signal.pause()
