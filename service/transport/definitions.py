"""The broker's definitions file: the topology, and one user for each role.

A broker that loads such a file makes no default user, and whatever a file says of a
user's password replaces it at every start: a password set by hand would be gone after
the next one. So passwords belong into the file, as hashes. `rabbitmq/definitions.json`
is the file without them; nobody can log in with it.
"""

import base64
import hashlib
import json
import secrets
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

from service.errors import SettingsError
from service.transport.topology import PERMISSIONS, QueueType, definitions

VHOST: Final = "docmill"
"""Virtual host of the file; broker URLs end in it."""
MONITORING: Final = "docmill-monitoring"
"""Reads the broker's state over its management API, and no message."""
USERS: Final[Mapping[str, str]] = {f"docmill-{role}": role for role in PERMISSIONS}
"""User to the role whose permissions it has."""
SALT_BYTES: Final = 4
"""Fixed by RabbitMQ (its guide on passwords)."""
_KINDS: Final = ("configure", "write", "read")
_NO_PASSWORD: Final = ""
"""What RabbitMQ itself exports for a user who cannot log in with a password."""


def definitions_file(
    queue_type: QueueType | str = QueueType.CLASSIC,
    *,
    vhost: str = VHOST,
    passwords: Mapping[str, str] | None = None,
    salt: Callable[[], bytes] = lambda: secrets.token_bytes(SALT_BYTES),
) -> str:
    """Give the file as JSON.

    Args:
        queue_type: As in the settings of every role.
        vhost: The virtual host, which is made.
        passwords: By user; a user without one cannot log in.
        salt: Gives the random bytes of one hash.
    """
    given = passwords or {}
    users = [
        {
            "name": name,
            "password_hash": (
                password_hash(given[name], salt()) if name in given else _NO_PASSWORD
            ),
            "hashing_algorithm": "rabbit_password_hashing_sha256",
            "tags": ["monitoring"] if name == MONITORING else [],
            "limits": {},
        }
        for name in (*USERS, MONITORING)
    ]
    content: dict[str, Any] = {
        "vhosts": [{"name": vhost}],
        "users": users,
        "permissions": [
            {
                "user": name,
                "vhost": vhost,
                **{kind: getattr(PERMISSIONS[role], kind) for kind in _KINDS},
            }
            for name, role in USERS.items()
        ]
        # To see a virtual host over the management API, one must be let into it.
        + [{"user": MONITORING, "vhost": vhost, **dict.fromkeys(_KINDS, "^$")}],
        **definitions(queue_type, vhost=vhost),
    }
    return json.dumps(content, indent=2) + "\n"


def read_passwords(folder: Path) -> dict[str, str]:
    """Read a folder with one file a user, as secrets are mounted.

    Raises:
        SettingsError: The folder cannot be read, a file is no user's, or one is empty.
    """
    try:
        files = sorted(
            file for file in folder.iterdir() if not file.name.startswith(".")
        )
        passwords = {
            file.name: file.read_text(encoding="utf-8").strip() for file in files
        }
    except (OSError, ValueError) as error:
        raise SettingsError(f"{folder} cannot be read: {error}") from error
    known = (*USERS, MONITORING)
    problems = [
        f"{folder / name} is empty" if name in known else f"{folder / name} is no user"
        for name, password in passwords.items()
        if name not in known or not password
    ]
    if problems:
        users = ", ".join(known)
        raise SettingsError(f"{'; '.join(problems)}. The users are {users}.")
    return passwords


def password_hash(password: str, salt: bytes) -> str:
    """Give the salted hash that RabbitMQ keeps (its guide on passwords)."""
    digest = hashlib.sha256(salt + password.encode()).digest()
    return base64.b64encode(salt + digest).decode()
