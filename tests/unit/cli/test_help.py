import subprocess
import sys

import pytest

HEAVY = {
    "alembic",
    "dramatiq",
    "httpx",
    "lxml",
    "numpy",
    "obstore",
    "pydantic",
    "sqlalchemy",
    "starlette",
    "uvicorn",
}
COMMANDS = (
    "up",
    "demo",
    "submit",
    "status",
    "watch",
    "list",
    "results",
    "cancel",
    "retry",
    "process",
    "aggregator",
    "worker",
    "gateway",
    "migrate",
    "definitions",
    "version",
)
LOADED = """
import sys
from service.cli.main import main
try:
    main(sys.argv[1:])
finally:
    print(*sys.modules, sep="\\n", file=sys.stderr)
"""


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", LOADED, *arguments],
        capture_output=True,
        text=True,
        check=False,
        timeout=30,
    )


def test_help_loads_no_heavy_library() -> None:
    shown = run("--help")
    assert shown.returncode == 0
    assert not HEAVY & set(shown.stderr.split())


@pytest.mark.parametrize("command", COMMANDS)
def test_help_of_a_command_loads_only_what_typer_does(command: str) -> None:
    shown = run(command, "--help")
    assert shown.returncode == 0
    assert HEAVY & set(shown.stderr.split()) <= {"pydantic"}


def test_help_names_every_command_and_gives_examples() -> None:
    shown = run("--help")
    for command in COMMANDS:
        assert f" {command} " in shown.stdout
    assert "docmill submit --follow *.pdf" in shown.stdout


def test_version_is_the_installed_one() -> None:
    shown = run("version")
    assert shown.stdout.startswith("docmill ")
    assert shown.returncode == 0
