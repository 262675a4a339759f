"""Job types of your own: a function, what it gives, and an entry point that names it.

    class WordCount(msgspec.Struct, frozen=True):
        words: int

    @processor("WORD_COUNT", result=WordCount)
    def count(context: StepContext) -> WordCount:
        return WordCount(words=len(context.text.split()))

In the package's ``pyproject.toml``:

    [project.entry-points."docmill.processors"]
    word-count = "my_package.counting:count"

Installed beside Docmill, the type is there after a restart. Its steps run as those of
built-in types do: in a child process, held to its time and memory limits.
"""

import importlib.metadata
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import fields
from functools import partial
from typing import Any

import msgspec

from service.errors import SettingsError
from service.processing.context import Limits, StepContext
from service.processing.job_types import READING
from service.processing.registry import JobType, Registry, Step
from service.processing.results import result_of

ENTRY_POINTS = "docmill.processors"
"""The entry-point group in which packages name their processors."""

Function = Callable[[StepContext], Any]

_NAME = re.compile(r"[A-Z][A-Z0-9_]{0,99}")
_LIMITS = frozenset(each.name for each in fields(Limits))


class Processor:
    """A job type made of functions; `processor` makes one.

    Each function gets the document's `StepContext`. What the last one gives, a value of
    the declared result type, is the type's own part of the result; earlier ones may
    leave things in ``context.state``. A `DocumentError` fails the document with its
    code, any other exception as ``internal``, without its words.
    """

    def __init__(
        self,
        name: str,
        *,
        result: type[msgspec.Struct],
        reads: bool,
        limits: Mapping[str, int],
    ) -> None:
        if not _NAME.fullmatch(name):
            message = f"{name!r} is no job type: capital letters, digits and _"
            raise ValueError(message)
        unknown = set(limits) - _LIMITS
        if unknown:
            message = f"{name} has no limits {sorted(unknown)}"
            raise ValueError(message)
        self.name = name
        self._kind = result
        self._limits = dict(limits)
        self._result = result_of(name.title().replace("_", ""), result)
        self._steps: list[Step] = list(READING) if reads else []

    def step(self, name: str, *, weight: float = 1.0) -> Callable[[Function], Function]:
        """Add a function as the next step.

        Args:
            name: As clients see it in the document's progress.
            weight: Its share of the work, relative to the other steps.
        """

        def add(function: Function) -> Function:
            own = {each.name for each in msgspec.structs.fields(self._kind)}
            names = {
                each.name: each.encode_name
                for each in msgspec.structs.fields(self._result)
                if each.name in own
            }
            run = partial(_run, function, self._kind, names)
            self._steps.append(Step(name, run, weight))
            return function

        return add

    @property
    def job_type(self) -> JobType:
        """The type as the service knows it."""
        return JobType(
            self.name,
            tuple(self._steps),
            result=self._result,
            limits=self._limits,
            guest=True,
        )


def processor(
    name: str,
    *,
    result: type[msgspec.Struct],
    reads: bool = True,
    limits: Mapping[str, int] | None = None,
    weight: float = 1.0,
) -> Callable[[Function], Processor]:
    """Make a job type of a function.

    Args:
        name: Of the type: capital letters, digits and underscores.
        result: What the function gives: a struct; its fields go to clients in
            camelCase, beside those that all results have.
        reads: Whether the document is read before, so that the context has its text,
            pages and tables; without, only the file is there.
        limits: Values of `Limits` that differ for this type, by name.
        weight: The function's share of the work; reading has about 11.

    Raises:
        ValueError: The name or a limit is none.
    """

    def make(function: Function) -> Processor:
        made = Processor(name, result=result, reads=reads, limits=limits or {})
        made.step(function.__name__, weight=weight)(function)
        return made

    return make


def installed() -> Iterator[JobType]:
    """Give the job types of packages that are installed beside this one.

    Raises:
        SettingsError: One of them cannot be loaded; names it.
    """
    found: Sequence[importlib.metadata.EntryPoint] = sorted(
        importlib.metadata.entry_points(group=ENTRY_POINTS), key=lambda each: each.name
    )
    for entry in found:
        try:
            made = entry.load()
        except Exception as error:
            message = (
                f"The processor {entry.name} ({entry.value}) cannot be loaded: "
                f"{type(error).__name__}: {error}"
            )
            raise SettingsError(message) from error
        if not isinstance(made, Processor):
            message = f"{entry.name} ({entry.value}) is not made with @processor."
            raise SettingsError(message)
        yield made.job_type


def register(registry: Registry) -> None:
    """Add the job types of installed packages.

    Raises:
        SettingsError: One cannot be loaded, or its name is taken.
    """
    for job_type in installed():
        try:
            registry.register(job_type)
        except ValueError as error:
            raise SettingsError(str(error)) from error


def _run(
    function: Function,
    kind: type[msgspec.Struct],
    names: Mapping[str, str],
    context: StepContext,
) -> None:
    given = function(context)
    if given is not None:
        own = msgspec.convert(given, kind, from_attributes=True)
        context.data = {names[name]: getattr(own, name) for name in names}
