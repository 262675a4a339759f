"""Bringing a database to the schema of this version.

Alembic is imported only where something is to be done: a normal start needs none of it.
"""

import sqlalchemy as sa

from service.errors import SettingsError
from service.store import database, schema
from service.store.dialects import backend_at

_SCRIPTS = "service.store:migrations"


def migrate(url: str) -> None:
    """Create the database if need be and bring it to the newest migration.

    One transaction: it happens whole or not at all, and a second process waits. Does
    nothing, quickly, when there is nothing to do.

    Raises:
        SettingsError: The URL names no database this version can use.
        TransientError: The database does not answer.
    """
    parsed = database.parse(url)
    backend = backend_at(parsed)
    engine = backend.migrating_engine(parsed)
    try:
        with database.translated(say_why=True), engine.begin() as connection:
            backend.hold_schema(connection)
            if database.revision_of(connection) != schema.HEAD_REVISION:
                _upgrade(connection)
    finally:
        engine.dispose()


def _upgrade(connection: sa.Connection) -> None:
    from alembic import command
    from alembic.config import Config
    from alembic.util.exc import CommandError

    config = Config()
    config.set_main_option("script_location", _SCRIPTS)
    config.attributes["connection"] = connection
    try:
        command.upgrade(config, "head")
    except CommandError as error:
        message = (
            f"The database is at a schema that this version does not know: {error}. "
            "Use the newer Docmill that made it."
        )
        raise SettingsError(message) from error
