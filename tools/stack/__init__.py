"""Docmill as separate processes on this machine, with a broker and a database."""

from tools.stack.processes import Stack

__all__ = ["Stack"]
