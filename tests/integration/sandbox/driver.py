"""A worker to kill: hangs in a document, having said which processes it has.

Run as ``python -m tests.integration.sandbox.driver FOLDER``.
"""

import sys
from pathlib import Path

from actors.sandbox import Sandbox, SandboxLimits
from tests.integration.sandbox.support import LONG_S, MODULES, Bench


def main() -> None:
    folder = Path(sys.argv[1])
    sandbox = Sandbox(MODULES, SandboxLimits(), temp_parent=folder)
    bench = Bench(sandbox, files=folder, temp_parent=folder)
    child = bench.child_pid()
    sandbox.run(
        bench.job("SPIN_IN_C"),
        time_limit_s=LONG_S,
        on_report=lambda _: print(sandbox.server_pid, child, flush=True),  # noqa: T201  its way to speak
    )


if __name__ == "__main__":
    main()
