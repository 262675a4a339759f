"""A command that asks a server with written-down answers."""

import pytest

from service.cli.main import main
from tests.unit.cli.answers import Run


@pytest.fixture
def run(address: str, capsys: pytest.CaptureFixture[str]) -> Run:
    """Run a command against the script; gives exit code, output and errors."""

    def run_command(*arguments: str) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as left:
            main([*arguments, "--server", address])
        shown = capsys.readouterr()
        return int(left.value.code or 0), shown.out, shown.err

    return run_command
