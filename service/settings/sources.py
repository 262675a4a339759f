"""Reads every source of settings once and lists every problem at once."""

import difflib
import os
import tomllib
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from pydantic import ValidationError
from pydantic_core import ErrorDetails
from pydantic_settings import EnvSettingsSource

from service.errors import SettingsError
from service.settings.model import PREFIX, Settings
from service.settings.roles import Role, refusals

CONFIG_VARIABLE = "DOCMILL_CONFIG"
SERVER_VARIABLE = "DOCMILL_SERVER"
"""Read by the commands that ask a running service; no setting of the service."""
SECRETS_VARIABLE = "DOCMILL_SECRETS_DIR"
_JUDGED_BY = {"model_url": "model_name", "host": "allow_public"}
"""Settings that the default of another one refuses: they are left out with it."""
DEFAULT_CONFIG = Path("docmill.toml")
DEFAULT_SECRETS_DIR = Path("/run/secrets/docmill")


class _Given(NamedTuple):
    value: Any
    origin: str


def load_settings(*roles: Role, **overrides: object) -> Settings:
    """Read every source once.

    Args:
        *roles: Those that are to run with them.
        **overrides: Values by field name, heavier than every other source, as from
            the command line; ``None`` means not given.

    Raises:
        SettingsError: Something is wrong; the message lists every problem at once.
    """
    problems: list[str] = []
    given: dict[str, _Given] = {}
    for source in (_from_file, _from_secrets, _from_environment):  # lightest first
        given.update(source(problems))
    for name, value in overrides.items():
        if value is not None:
            given[name] = _Given(value, f"option --{name.replace('_', '-')}")
    settings, invalid = _validated(given)
    refused: dict[str, str] = {}
    for role in reversed(roles):  # what several need is said for the first
        refused |= refusals(settings, role)
    problems += (refused | invalid).values()
    if not problems:
        return settings
    count = "a problem" if len(problems) == 1 else f"{len(problems)} problems"
    lines = "".join(f"\n  - {problem}" for problem in problems)
    raise SettingsError(f"The settings have {count}:{lines}")


def _validated(given: Mapping[str, _Given]) -> tuple[Settings, dict[str, str]]:
    """Give the settings, and by name what is wrong with those left out of them."""
    values = {name: entry.value for name, entry in given.items()}
    try:
        return Settings(**values), {}
    except ValidationError as error:
        invalid = {
            str(detail["loc"][0]): _problem(detail, given) for detail in error.errors()
        }
    sound = {
        name: value
        for name, value in values.items()
        if name not in invalid and _JUDGED_BY.get(name) not in invalid
    }
    return Settings(**sound), invalid


def environment(*, without: Collection[str] = ()) -> dict[str, str]:
    """Give this process's environment for a child, without some settings.

    Args:
        without: Names of settings.
    """
    kept_back = {f"{PREFIX}{name.upper()}" for name in without}
    return {
        name: value
        for name, value in os.environ.items()
        if name.upper() not in kept_back
    }


def _from_environment(problems: list[str]) -> dict[str, _Given]:
    known = {f"{PREFIX}{name.upper()}": name for name in Settings.model_fields}
    known |= {CONFIG_VARIABLE: "", SECRETS_VARIABLE: "", SERVER_VARIABLE: ""}
    problems += [
        _unknown(f"Environment variable {variable}", variable.upper(), list(known))
        for variable in sorted(os.environ)
        if variable.upper().startswith(PREFIX) and variable.upper() not in known
    ]
    return {
        name: _Given(value, f"environment variable {PREFIX}{name.upper()}")
        for name, value in EnvSettingsSource(Settings)().items()
    }


def _from_secrets(problems: list[str]) -> dict[str, _Given]:
    chosen = os.environ.get(SECRETS_VARIABLE)
    folder = Path(chosen or DEFAULT_SECRETS_DIR)
    if not folder.is_dir():
        if chosen:
            problems.append(
                f"{SECRETS_VARIABLE} names {folder}, which is no folder. "
                "Create it, or leave the variable out."
            )
        return {}
    # Mounted secrets keep their versions in names with a leading dot.
    paths = [path for path in sorted(folder.iterdir()) if path.name[0] != "."]
    found = {}
    for path in paths:
        if path.name not in Settings.model_fields:
            problems.append(_unknown(f"File {path}", path.name))
            continue
        try:
            value = path.read_text(encoding="utf-8").strip()
        except OSError as error:
            problems.append(f"{path} cannot be read: {error.strerror}. Correct it.")
        except UnicodeError:  # its message quotes the secret
            problems.append(f"{path} is not text in UTF-8. Correct it.")
        else:
            found[path.name] = _Given(value, f"file {path}")
    return found


def _from_file(problems: list[str]) -> dict[str, _Given]:
    chosen = os.environ.get(CONFIG_VARIABLE)
    path = Path(chosen or DEFAULT_CONFIG)
    try:
        values = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        if chosen:
            problems.append(
                f"{CONFIG_VARIABLE} names {path}, which does not exist. "
                "Create it, or leave the variable out."
            )
        return {}
    except (OSError, ValueError) as error:
        problems.append(
            f"{path} cannot be read as TOML: {error}. Correct or remove it."
        )
        return {}
    problems += [
        _unknown(f"Key {name!r} in {path}", name)
        for name in values
        if name not in Settings.model_fields
    ]
    return {
        name: _Given(value, str(path))
        for name, value in values.items()
        if name in Settings.model_fields
    }


def _unknown(what: str, name: str, known: list[str] | None = None) -> str:
    close = difflib.get_close_matches(name, known or list(Settings.model_fields), 1)
    hint = f" Did you mean {close[0]}?" if close else ""
    return f"{what} is no setting.{hint} Correct or remove it."


def _problem(detail: ErrorDetails, given: Mapping[str, _Given]) -> str:
    name = str(detail["loc"][0])
    if name not in given:  # a default that does not go with another setting
        reason = detail["msg"].removeprefix("Value error, ")
        return f"{name}: {reason}. Set it, for example as {PREFIX}{name.upper()}."
    origin = given[name].origin
    if detail["type"] == "extra_forbidden":
        return _unknown(origin.capitalize(), name)
    reason = detail["msg"].removeprefix("Value error, ")
    default = Settings.model_fields[name].default
    usual = f"the default, {default}" if str(default) else "the default"
    return f"{name} (from {origin}): {reason}. Correct it, or leave it out for {usual}."
