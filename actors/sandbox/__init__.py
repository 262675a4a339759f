"""Runs each document in a child process that can be limited, killed and replaced.

A worker keeps a `Sandbox`; behind it one server process (``python -m actors.sandbox``)
has the parsers loaded and forks the children. ``docs/architecture.md`` draws it.
"""

from actors.sandbox.client import Sandbox
from actors.sandbox.outputs import remove_outputs
from actors.sandbox.values import SandboxJob, SandboxLimits, SandboxResult

__all__ = ["Sandbox", "SandboxJob", "SandboxLimits", "SandboxResult", "remove_outputs"]
