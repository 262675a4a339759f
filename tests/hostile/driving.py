"""Puts hostile files through a real sandbox, as a worker would."""

import http.server
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec

from actors.sandbox import Sandbox, SandboxJob, remove_outputs
from service.domain.options import ProcessingOptions
from service.errors import DOCUMENT_CODES, DocumentError
from service.processing.outputs import RESULT_OUTPUT, output_path
from service.processing.registry import build_registry

LIMIT_S = 10.0
NAMED = frozenset({"ok", "degraded", *DOCUMENT_CODES} - {"internal"})
"""How a document may end."""
MODULES = ("tests.hostile.no_network",)
"""For the sandbox: a child that connects to anything dies."""
EXPANDED = ProcessingOptions(expand_attachments=True)

_REGISTRY = build_registry()


def job(path: Path, name: str, job_type: str = "FULL_ANALYSIS") -> SandboxJob:
    """Give the job of one stored file, the files inside it asked for too."""
    return SandboxJob(
        job_type=job_type,
        document_id="doc_hostile",
        path=path,
        name=name,
        size_bytes=path.stat().st_size,
        sha256="0" * 64,
        output_prefix=path.with_name("made"),
        options=EXPANDED,
    )


def ending(sandbox: Sandbox, work: SandboxJob) -> str:
    """Give the status of the result, which must keep to its schema, or the error."""
    try:
        result = sandbox.run(work, time_limit_s=LIMIT_S, on_report=lambda _: None)
    except DocumentError as error:
        remove_outputs(work.output_prefix)
        return error.code
    data: bytes | msgspec.Raw = result.data
    if result.in_file:
        data = output_path(work.output_prefix, RESULT_OUTPUT).read_bytes()
    remove_outputs(work.output_prefix)
    found: Any = msgspec.json.decode(data, type=_REGISTRY.get(work.job_type).result)
    assert found.status == result.status
    return str(found.status)


@contextmanager
def listening() -> Iterator[tuple[str, list[str]]]:
    """Serve an address, and keep who connects to it."""
    callers: list[str] = []

    class Server(http.server.ThreadingHTTPServer):
        def process_request(self, request: Any, client_address: Any) -> None:
            callers.append(str(client_address))
            super().process_request(request, client_address)

    with Server(("127.0.0.1", 0), http.server.BaseHTTPRequestHandler) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}", callers
        finally:
            server.shutdown()
            thread.join()
