"""Reads every source of settings once and lists every problem at once."""

import difflib
import os
import tomllib
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from pydantic import ValidationError
from pydantic_core import ErrorDetails
from pydantic_settings import EnvSettingsSource, SecretsSettingsSource

from service.errors import SettingsError
from service.settings.model import PREFIX, Settings

CONFIG_VARIABLE = "DOCMILL_CONFIG"
SERVER_VARIABLE = "DOCMILL_SERVER"
"""Read by the commands that ask a running service; no setting of the service."""
SECRETS_VARIABLE = "DOCMILL_SECRETS_DIR"
DEFAULT_CONFIG = Path("docmill.toml")
DEFAULT_SECRETS_DIR = Path("/run/secrets/docmill")


class _Given(NamedTuple):
    value: Any
    origin: str


def load_settings(**overrides: object) -> Settings:
    """Read every source once.

    Args:
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
    try:
        settings = Settings(**{name: entry.value for name, entry in given.items()})
    except ValidationError as error:
        problems += [_problem(detail, given) for detail in error.errors()]
    else:
        if not problems:
            return settings
    count = "a problem" if len(problems) == 1 else f"{len(problems)} problems"
    lines = "".join(f"\n  - {problem}" for problem in problems)
    raise SettingsError(f"The settings have {count}:{lines}") from None


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
    problems += [
        _unknown(f"File {path}", path.name)
        for path in sorted(folder.iterdir())
        if not path.name.startswith(".") and path.name not in Settings.model_fields
    ]
    values = SecretsSettingsSource(Settings, secrets_dir=folder, env_prefix="")()
    return {
        name: _Given(value, f"file {folder / name}") for name, value in values.items()
    }


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
