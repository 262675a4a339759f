"""Fixtures of servers: a session's own, or those named by the environment."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.servers import postgresql, rabbitmq, s3

IN_CI = bool(os.environ.get("CI"))  # noqa: TID251  # tests may ask where they run


def named(variable: str) -> str | None:
    """Give the URL of a server to use instead of a private one."""
    return os.environ.get(variable)  # noqa: TID251  # tests may ask what to run on


def missing(what: str) -> None:
    """Skip the test, or fail it where everything has to be installed."""
    message = f"no {what} here: apt-get install {what}"
    if IN_CI:
        pytest.fail(message)
    pytest.skip(message)


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[postgresql.PostgresqlServer]:
    """A PostgreSQL server for the session."""
    url = named(postgresql.URL_VARIABLE)
    if url is not None:
        server = postgresql.PostgresqlServer(url)
        yield server
        server.drop_databases()
        return
    if not postgresql.installed():
        missing("postgresql")
    with postgresql.private_postgresql() as server:
        yield server


@pytest.fixture
def postgresql_url(postgresql_server: postgresql.PostgresqlServer) -> Iterator[str]:
    """A migrated database of the test's own."""
    yield postgresql_server.make_database()
    postgresql_server.drop_databases(but_template=True)


@pytest.fixture(scope="session")
def rabbitmq_server() -> Iterator[rabbitmq.RabbitmqServer]:
    """A RabbitMQ broker for the session."""
    url = named(rabbitmq.URL_VARIABLE)
    if url is not None:
        server = rabbitmq.named_rabbitmq(url)
        yield server
        server.close()
        return
    root = Path(named(rabbitmq.ROOT_VARIABLE) or "/")
    if not rabbitmq.installed(root):
        missing("rabbitmq-server")
    with rabbitmq.private_rabbitmq(root) as server:
        yield server
        server.close()


@pytest.fixture
def rabbitmq_vhost(rabbitmq_server: rabbitmq.RabbitmqServer) -> Iterator[str]:
    """A virtual host of the test's own."""
    vhost = rabbitmq_server.make_vhost()
    yield vhost
    rabbitmq_server.drop_vhost(vhost)


@pytest.fixture
def rabbitmq_url(rabbitmq_server: rabbitmq.RabbitmqServer, rabbitmq_vhost: str) -> str:
    """The address of a virtual host of the test's own."""
    return rabbitmq_server.url(rabbitmq_vhost)


@pytest.fixture
def own_rabbitmq(
    rabbitmq_server: rabbitmq.RabbitmqServer,
) -> rabbitmq.RabbitmqServer:
    """The session's broker, for tests that stop it or cut it off."""
    if not rabbitmq_server.own:
        pytest.skip("this broker is not ours to stop")
    return rabbitmq_server


@pytest.fixture(scope="session")
def s3_server() -> Iterator[s3.S3Server]:
    """An S3-compatible server for the session."""
    with s3.private_s3() as server:
        yield server
