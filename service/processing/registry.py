"""Job types: named pipelines of steps, registered through one function.

Light to import: steps of built-in types load their libraries when they first run.
"""

import importlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from service.domain.model import JobId
from service.errors import InvalidRequestError
from service.processing.context import StepContext

BUILT_IN = ("service.processing.data_extraction",)


@dataclass(frozen=True, slots=True)
class Step:
    """A named part of processing one document."""

    name: str
    run: Callable[[StepContext], None]
    weight: float = 1.0
    """Its share of the work, relative to the type's other steps."""


@dataclass(frozen=True, slots=True)
class JobType:
    """What is done to each document of a job, and then across them."""

    name: str
    steps: tuple[Step, ...]
    finish: Callable[[JobId], None] | None = None
    """Work across all documents of a job once the last of them is final."""


class Registry:
    """The job types this process knows."""

    def __init__(self) -> None:
        self._types: dict[str, JobType] = {}

    def register(self, job_type: JobType) -> None:
        """Add a job type.

        Raises:
            ValueError: The name is taken.
        """
        if job_type.name in self._types:
            message = f"job type {job_type.name} is registered twice"
            raise ValueError(message)
        self._types[job_type.name] = job_type

    def get(self, name: str) -> JobType:
        """Give the job type of that name.

        Raises:
            InvalidRequestError: There is none; the message names those there are.
        """
        if name not in self._types:
            message = (
                f"Job type {name[:100]!r} is not installed. "
                f"Installed: {', '.join(self.names())}."
            )
            raise InvalidRequestError(message, code="unknown_job_type")
        return self._types[name]

    def names(self) -> tuple[str, ...]:
        """Give the names of all job types, sorted."""
        return tuple(sorted(self._types))


def build_registry(modules: Sequence[str] = ()) -> Registry:
    """Give a registry of the built-in job types and those the `modules` register.

    Args:
        modules: Importable modules with a function ``register(registry)``.
    """
    registry = Registry()
    for module in (*BUILT_IN, *modules):
        importlib.import_module(module).register(registry)
    return registry
