import shutil
from pathlib import Path

import pytest

from tests.servers.fixtures import missing, named
from tests.servers.rabbitmq import ROOT_VARIABLE, installed


@pytest.fixture(scope="session")
def rabbitmq_root() -> Path:
    """Where the file system of a RabbitMQ begins that can be started here."""
    root = Path(named(ROOT_VARIABLE) or "/")
    if not installed(root):
        missing("rabbitmq-server")
    return root


@pytest.fixture(scope="session")
def prometheus_server() -> str:
    """The path of a Prometheus."""
    return _program("prometheus")


@pytest.fixture(scope="session")
def promtool() -> str:
    """The path of the tool that comes with it."""
    return _program("promtool")


def _program(name: str) -> str:
    path = shutil.which(name)
    if path is None:
        missing("prometheus")
    assert path is not None
    return path
