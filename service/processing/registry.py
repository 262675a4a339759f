"""Job types: named pipelines of steps, registered through one function.

Light to import: steps of built-in types load their libraries when they first run.
"""

import importlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from service.errors import InvalidRequestError
from service.processing.context import StepContext
from service.processing.results import BatchResult, Part, Result

if TYPE_CHECKING:
    from service.processing.batch.finishing import FinishContext

BUILT_IN = ("service.processing.job_types", "service.processing.processors")
"""Those of this package, and those of packages installed beside it."""


@dataclass(frozen=True, slots=True)
class Step:
    """A named part of processing one document."""

    name: str
    run: Callable[[StepContext], None]
    weight: float = 1.0
    """Its share of the work, relative to the type's other steps."""


def _own_data(context: StepContext) -> Mapping[str, Any]:
    return context.data


@dataclass(frozen=True, slots=True)
class JobType:
    """What is done to each document of a job, and then across them."""

    name: str
    steps: tuple[Step, ...]
    """Run in the sandbox, in order; what they raise ends the document."""
    compose: Callable[[StepContext], Part | Mapping[str, Any]] = _own_data
    """Gives the type's own part of the result after the last step."""
    result: type[Result] = Result
    """The schema of the whole result."""
    limits: Mapping[str, int] = field(default_factory=dict)
    """Values of `Limits` that differ for this type, by name."""
    guest: bool = False
    """Whether another package brought it: then children that ran it run nothing else,
    for nobody knows what its code changed in them."""
    finish: "Callable[[FinishContext], BatchResult] | None" = None
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
    """Give a registry of the job types that are installed or that `modules` register.

    Args:
        modules: Importable modules with a function ``register(registry)``.

    Raises:
        SettingsError: An installed package's processor cannot be loaded.
    """
    registry = Registry()
    for module in (*BUILT_IN, *modules):
        importlib.import_module(module).register(registry)
    return registry
