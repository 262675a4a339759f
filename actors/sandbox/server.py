"""The server: loads the parsers once, then forks, kills and reaps children.

Single-threaded, so that forking is safe; opens no document itself. It ends, with all
its children, when the socket it was started with closes: nothing outlives the worker.
"""

import functools
import gc
import importlib
import os
import resource
import selectors
import shutil
import signal
import socket
import sys
from pathlib import Path
from types import FrameType
from typing import Never

import msgspec

from actors.sandbox.child import serve
from actors.sandbox.confine import confine
from actors.sandbox.wire import ENDED, STARTED, Setup
from service.processing import OCR_READER, PRELOAD
from service.processing.context import OcrPlace
from service.processing.registry import Registry, build_registry

_RSS_UNIT_BYTES = 1 if sys.platform == "darwin" else 1024
_PRIVATE = 0o077
_FDS_EACH = 2
"""The child's end of the socket to its worker, ours of the one that speaks of it."""


def main() -> None:
    """Serve on the socket and with the setup named in the arguments."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        # A stop of the service reaches the whole group; it is the worker that decides
        # when the documents at work are done.
        signal.signal(number, signal.SIG_IGN)
    os.umask(_PRIVATE)
    requests = socket.socket(fileno=int(sys.argv[1]))
    setup = msgspec.json.decode(sys.argv[2], type=Setup)
    for module in PRELOAD:
        importlib.import_module(module)
    if setup.ocr is OcrPlace.HERE:
        importlib.import_module(OCR_READER).load()
    registry = build_registry(setup.modules)
    gc.collect()
    gc.freeze()  # a collection in a child must not copy the pages it shares
    Server(requests, registry, setup).serve()
    gc.unfreeze()  # what stays frozen at the end, libraries report as leaked


class Server:
    """Keeps the children: each process id with the socket that speaks of it."""

    def __init__(
        self, requests: socket.socket, registry: Registry, setup: Setup
    ) -> None:
        self._requests = requests
        self._registry = registry
        self._setup = setup
        self._children: dict[int, socket.socket] = {}
        self._selector = selectors.DefaultSelector()
        self._wakeups, self._waker = socket.socketpair()
        self._pid = os.getpid()
        self._open = True

    def serve(self) -> None:
        """Serve until the worker closes its end, then leave nothing behind."""
        self._requests.set_inheritable(False)
        for end in (self._wakeups, self._waker):
            end.setblocking(False)
        signal.signal(signal.SIGCHLD, _wake)
        signal.set_wakeup_fd(self._waker.fileno(), warn_on_full_buffer=False)
        self._selector.register(self._requests, selectors.EVENT_READ, self._fork)
        self._selector.register(self._wakeups, selectors.EVENT_READ, self._reap)
        while self._open:
            for key, _ in self._selector.select():
                key.data()
        for pid in self._children:
            os.kill(pid, signal.SIGKILL)
        for pid in self._children:
            os.waitpid(pid, 0)
        shutil.rmtree(self._setup.temp_root, ignore_errors=True)

    def _fork(self) -> None:
        message, descriptors, _, _ = socket.recv_fds(self._requests, 1, _FDS_EACH)
        if not message:
            self._open = False
            return
        if len(descriptors) != _FDS_EACH:  # no room for more descriptors either
            for descriptor in descriptors:
                os.close(descriptor)
            return
        work_fd, control_fd = descriptors
        control = socket.socket(fileno=control_fd)
        try:
            pid = os.fork()
        except OSError:  # no room: the worker sees both ends closed
            control.close()
        else:
            if pid == 0:
                self._be_child(work_fd)
            self._keep(pid, control)
        finally:
            os.close(work_fd)

    def _be_child(self, work_fd: int) -> Never:
        exit_code = 1
        try:
            channel_fd = confine(
                work_fd, server_pid=self._pid, memory_bytes=self._setup.memory_bytes
            )
            serve(socket.socket(fileno=channel_fd), self._registry, self._setup)
            exit_code = 0
        finally:
            os._exit(exit_code)

    def _keep(self, pid: int, control: socket.socket) -> None:
        control.setblocking(False)
        self._children[pid] = control
        kill = functools.partial(self._kill, pid, control)
        self._selector.register(control, selectors.EVENT_READ, kill)
        _tell(control, STARTED.pack(pid))

    def _kill(self, pid: int, control: socket.socket) -> None:
        if self._children.get(pid) is not control:
            return  # reaped in this round, and the number may already be another's
        os.kill(pid, signal.SIGKILL)
        self._selector.unregister(control)

    def _reap(self) -> None:
        self._wakeups.recv(4096)
        while self._children:
            pid, status, usage = os.wait4(-1, os.WNOHANG)
            if pid == 0:
                return
            control = self._children.pop(pid)
            if control.fileno() in self._selector.get_map():
                self._selector.unregister(control)
            grown_bytes = usage.ru_maxrss * _RSS_UNIT_BYTES - _own_bytes()
            exit_code = os.waitstatus_to_exitcode(status)
            _tell(control, ENDED.pack(exit_code, max(grown_bytes, 0)))
            control.close()


def _tell(control: socket.socket, message: bytes) -> None:
    try:
        control.send(message)
    except OSError:
        return  # the worker has closed its end: it no longer wants to know


def _own_bytes() -> int:
    """Give the memory that a child begins with: the server's, less the files it maps.

    How much of those is resident varies with the page cache, and a child begins with
    little of it. (Where there is no /proc, all that the server ever had.)
    """
    try:
        fields = Path("/proc/self/statm").read_text(encoding="ascii").split()
    except OSError:
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * _RSS_UNIT_BYTES
    return (int(fields[1]) - int(fields[2])) * resource.getpagesize()


def _wake(number: int, frame: FrameType | None) -> None:
    """Only there so that the signal is not ignored; the wakeup socket does the rest."""
