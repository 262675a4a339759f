import subprocess
import sys

import pytest

from service.errors import InvalidRequestError
from service.processing import PRELOAD
from service.processing.context import StepContext
from service.processing.registry import JobType, Registry, Step, build_registry
from tests.unit.processing.running import REPOSITORY

BUILT_IN = ("BATCH_ANALYSIS", "DATA_EXTRACTION", "FULL_ANALYSIS", "QUALITY_CHECK")


def _nothing(context: StepContext) -> None:
    context.data["touched"] = True


def register(registry: Registry) -> None:
    """What a module with job types of its own offers; this file is one."""
    registry.register(JobType("NOTHING", (Step("nothing", _nothing),)))


def test_a_normal_start_knows_the_built_in_types_only() -> None:
    assert build_registry().names() == BUILT_IN


def test_a_module_adds_its_own_types() -> None:
    registry = build_registry([__name__])

    assert registry.names() == tuple(sorted((*BUILT_IN, "NOTHING")))
    assert registry.get("NOTHING").steps[0].name == "nothing"


def test_an_unknown_type_is_refused_naming_those_there_are() -> None:
    with pytest.raises(InvalidRequestError, match="DATA_EXTRACTION") as caught:
        build_registry().get("ELSE")
    assert caught.value.code == "unknown_job_type"


def test_a_name_cannot_be_taken_twice() -> None:
    registry = Registry()
    register(registry)
    with pytest.raises(ValueError, match="NOTHING"):
        register(registry)


@pytest.mark.parametrize(
    "module",
    [
        "service.processing.pipeline",
        "service.processing.registry",
        "service.processing.sniff",
    ],
)
def test_what_every_process_imports_loads_no_parser(module: str) -> None:
    heavy = "{'numpy', 'lxml', 'pypdfium2', 'PIL', 'pdfminer', 'olefile'}"
    script = f"import sys, {module}; sys.exit(bool({heavy} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", script], cwd=REPOSITORY, check=False)

    assert done.returncode == 0


def test_the_sandbox_can_import_all_it_is_told_to_preload() -> None:
    script = (
        f"import importlib; [importlib.import_module(m) for m in {PRELOAD!r}]; "
        "import sys; before = set(sys.modules); "
        "from service.processing.registry import build_registry; build_registry(); "
        "late = {m.split('.')[0] for m in set(sys.modules) - before}; "
        "sys.exit(bool(late & {'numpy', 'lxml', 'pypdfium2', 'PIL'}))"
    )
    done = subprocess.run([sys.executable, "-c", script], cwd=REPOSITORY, check=False)

    assert done.returncode == 0
