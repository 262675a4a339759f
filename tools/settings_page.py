"""The page ``docs/settings.md``, made from the settings themselves."""

from typing import Any, Literal, get_args, get_origin

from annotated_types import Ge, Gt, Le
from pydantic.fields import FieldInfo

from service.settings import Settings
from service.settings.model import PREFIX

HEAD = """\
# Settings

Made by `make docs` from `service/settings/`; do not edit.

A setting is taken from the first of these that has it:

1. an option on the command line, such as `--port 9000`, where the command has it
2. an environment variable: `DOCMILL_` and the name in capitals, such as `DOCMILL_PORT`
3. a file with the setting's name in the secrets folder, `/run/secrets/docmill` or the
   folder that `DOCMILL_SECRETS_DIR` names
4. `docmill.toml` in the working directory, or the file that `DOCMILL_CONFIG` names
5. the default

Everything that is wrong is reported at once, names that are no setting included, and
nothing starts until it is right. Passwords inside URLs are never printed.

```toml
# docmill.toml
port = 9000
data_dir = "/var/lib/docmill"
log_format = "json"
```

| setting | default | allowed | meaning |
|---|---|---|---|
"""


def settings_page() -> str:
    """Give the page as Markdown."""
    return HEAD + "".join(
        f"| `{name}`<br>`{PREFIX}{name.upper()}` | {_default(field)} "
        f"| {_allowed(field)} | {field.description} |\n"
        for name, field in sorted(Settings.model_fields.items(), key=_is_inherited)
    )


def _is_inherited(entry: tuple[str, FieldInfo]) -> bool:
    return entry[0] not in Settings.__annotations__


def _default(field: FieldInfo) -> str:
    if field.default in ("", ()):
        return "empty"
    return f"`{field.default}`"


def _allowed(field: FieldInfo) -> str:
    if get_origin(field.annotation) is Literal:
        return ", ".join(f"`{value}`" for value in get_args(field.annotation))
    bounds = [text for rule in field.metadata if (text := _bound(rule))]
    return ", ".join([_kind(field.annotation), *bounds])


def _kind(annotation: Any) -> str:
    kinds = {
        int: "whole number",
        float: "number",
        str: "text",
        bool: "`true`, `false`",
    }
    return kinds.get(annotation, "path" if get_origin(annotation) is None else "names")


def _bound(rule: object) -> str | None:
    match rule:
        case Ge():
            return f"at least {rule.ge}"
        case Gt():
            return f"more than {rule.gt}"
        case Le():
            return f"at most {rule.le}"
        case _:
            return None
