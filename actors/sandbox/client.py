"""What a worker uses: documents in, results or named errors out, on any thread."""

import itertools
import shutil
import tempfile
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

import structlog

from actors.sandbox.handle import COMMON, Child
from actors.sandbox.outputs import checked_outputs, remove_outputs
from actors.sandbox.process import ServerProcess
from actors.sandbox.translation import assignment_of, result_of
from actors.sandbox.values import SandboxJob, SandboxLimits, SandboxResult
from actors.sandbox.wire import Done, Failed, Setup
from service.clock import Clock, SystemClock
from service.errors import ChildDiedError, ProcessingStoppedError
from service.processing.outputs import OutputFile, StrPath
from service.processing.registry import Registry, build_registry
from service.processing.reports import StepReport

_log = structlog.get_logger(__name__)

_SPOILED = frozenset({"out_of_memory", "internal"})
"""After these a child's state is not to be trusted."""
_GROWN_SHARE = 8
"""A child is also replaced once it has grown by this part of what a document may take:
memory that a parser leaks or keeps is the next document's loss."""


def _never() -> bool:
    return False


class Sandbox:
    """Warm children, one for each thread that has a document at work.

    Every method may be called on any thread.
    """

    def __init__(
        self,
        modules: Sequence[str],
        limits: SandboxLimits,
        *,
        clock: Clock | None = None,
        temp_parent: Path | None = None,
    ) -> None:
        """Make a sandbox; nothing runs before `start` or the first document.

        Args:
            modules: Modules whose ``register(registry)`` adds job types.
            limits: What every child is held to.
            clock: For time limits.
            temp_parent: Where the folder of temporary files is made; None = where the
                system has them.
        """
        self._modules = tuple(modules)
        self._registry: Registry | None = None
        self._limits = limits
        self._clock = clock or SystemClock()
        self._temp_parent = temp_parent
        self._lock = threading.Lock()
        self._server: ServerProcess | None = None
        self._temp_root: Path | None = None
        self._numbers = itertools.count(1)
        self._idle: list[Child] = []
        self._closed = False

    def __enter__(self) -> Self:
        """Start, for the length of a ``with`` block."""
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close."""
        self.close()

    @property
    def server_pid(self) -> int | None:
        """Process id of the server, if one was started."""
        with self._lock:
            return self._server.pid if self._server else None

    def start(self) -> None:
        """Start the server; returns at once, while it still loads the parsers."""
        with self._lock:
            self._running_server()

    def close(self) -> None:
        """End every child and the server; documents at work end as stopped."""
        with self._lock:
            self._closed = True
            idle, self._idle = self._idle, []
            server, self._server = self._server, None
        if server:
            server.close()
        for child in idle:
            child.end()
        if self._temp_root:
            shutil.rmtree(self._temp_root, ignore_errors=True)

    def run(
        self,
        job: SandboxJob,
        *,
        time_limit_s: float,
        on_report: Callable[[StepReport], None],
        should_stop: Callable[[], bool] = _never,
    ) -> SandboxResult:
        """Process one document in a child and wait for it.

        Whatever exception passes through, the child is dead afterwards or ready for
        the next document, and nothing is left beside `SandboxJob.output_prefix`.

        Args:
            job: The document.
            time_limit_s: From when the child has the document.
            on_report: Called on this thread, between waits.
            should_stop: Asked at least every half second.

        Raises:
            DocumentError: It cannot be processed; the code says why.
            OcrElsewhereError: It is to be handed on.
            ChildDiedError: The child died: ``crashed`` or ``out_of_memory``.
            ProcessingStoppedError: `should_stop` said so, or the sandbox was closed.
        """
        try:
            child = self._take(job, should_stop)
            assignment = assignment_of(job, child.temp_dir, time_limit_s)
            try:
                answer = child.work(
                    assignment,
                    begins=self._first_report(job, child),
                    on_report=on_report,
                    should_stop=should_stop,
                )
                outputs = _outputs(answer, job.output_prefix)
            except BaseException:
                child.end()
                raise
            self._give_back(child, answer)
            return result_of(answer, job, outputs)
        except BaseException as error:
            remove_outputs(job.output_prefix)
            if self._closed and isinstance(error, ChildDiedError):
                message = "The sandbox was closed."
                raise ProcessingStoppedError(message) from error
            raise

    def _first_report(self, job: SandboxJob, child: Child) -> StepReport:
        """Give what the child begins with; its server could load the modules."""
        if self._registry is None:
            self._registry = build_registry(self._modules)
        child.kind = self._kind(job)
        steps = self._registry.get(job.job_type).steps
        return StepReport(step=steps[0].name if steps else "", fraction=0.0)

    def _kind(self, job: SandboxJob) -> str:
        if self._registry is None:  # and so no child either
            return COMMON
        return job.job_type if self._registry.get(job.job_type).guest else COMMON

    def _take(self, job: SandboxJob, should_stop: Callable[[], bool]) -> Child:
        fitting = {kind := self._kind(job), COMMON}
        while (child := self._idle_child(kind)) and child.kind in fitting:
            if child.ready:
                return child
            child.end()
        if child:
            child.end()  # a new one takes its place
        try:
            return self._new_child(should_stop)
        except ChildDiedError:  # with the server, just now; the next one is new
            return self._new_child(should_stop)

    def _idle_child(self, kind: str) -> Child | None:
        """Give the newest of the kind, else a common one, else another."""
        with self._lock:
            if not self._idle:
                return None
            best = min(
                reversed(self._idle),
                key=lambda child: (child.kind != kind, child.kind != COMMON),
            )
            self._idle.remove(best)
            return best

    def _give_back(self, child: Child, answer: Done | Failed) -> None:
        spoiled = isinstance(answer, Failed) and answer.code in _SPOILED
        if answer.fit and not (spoiled or self._worn(child)):
            with self._lock:
                if not self._closed:
                    self._idle.append(child)
                    return
        child.end()

    def _worn(self, child: Child) -> bool:
        return (
            child.documents >= self._limits.recycle_after
            or child.grown_bytes >= self._limits.memory_bytes // _GROWN_SHARE
        )

    def _new_child(self, should_stop: Callable[[], bool]) -> Child:
        child = self._fork()
        try:
            child.start(should_stop)
        except BaseException:
            child.end()
            raise
        return child

    def _fork(self) -> Child:
        with self._lock:
            server, temp_root = self._running_server()
            try:
                ends = server.fork()
            except (BrokenPipeError, ConnectionResetError):
                self._bury(server)
                server, temp_root = self._running_server()
                ends = server.fork()
            return Child(
                ends,
                temp_root / str(next(self._numbers)),
                memory_bytes=self._limits.memory_bytes,
                clock=self._clock,
            )

    def _running_server(self) -> tuple[ServerProcess, Path]:
        if self._closed:
            message = "The sandbox was closed."
            raise ProcessingStoppedError(message)
        if self._server and not self._server.alive:
            self._bury(self._server)
        if self._temp_root is None:
            self._temp_root = Path(
                tempfile.mkdtemp(prefix="docmill-sandbox-", dir=self._temp_parent)
            )
        if self._server is None:
            self._server = ServerProcess(self._setup(self._temp_root))
        return self._server, self._temp_root

    def _bury(self, server: ServerProcess) -> None:
        _log.warning("sandbox_server_died", pid=server.pid)
        server.close()
        self._server = None

    def _setup(self, temp_root: Path) -> Setup:
        return Setup(
            modules=self._modules,
            memory_bytes=self._limits.memory_bytes,
            kill_slack_s=self._limits.kill_slack_s,
            max_pages=self._limits.max_pages,
            picture_longest_px=self._limits.picture_longest_px,
            picture_quality=self._limits.picture_quality,
            max_pictures=self._limits.max_pictures,
            ocr=self._limits.ocr,
            ocr_max_pages=self._limits.ocr_max_pages,
            temp_root=str(temp_root),
        )


def _outputs(answer: Done | Failed, prefix: StrPath) -> tuple[OutputFile, ...]:
    return checked_outputs(answer, prefix) if isinstance(answer, Done) else ()
