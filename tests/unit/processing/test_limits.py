"""A limit that takes effect is named, and every name is explained."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from service.processing.batch.similar import CANDIDATES_LIMIT
from service.processing.context import LOG_LINES
from service.processing.entities.contacts import MAX_PHONE_LINES
from tests.unit.processing.analysis.documents import context_of
from tests.unit.processing.running import REPOSITORY, extract

_PAGE = (REPOSITORY / "docs" / "processing.md").read_text(encoding="utf-8")
_MODEL = {"model_chars", "embeddings", "image_pages"}
"""Those of the model's steps, which have tests of their own."""
_CODE = REPOSITORY / "service" / "processing"


def explained() -> set[str]:
    limits = _PAGE.split("\n## Limits\n")[1].split("\n## ")[0]
    rows = re.findall(r"^\| (`.*?) \|", limits, re.MULTILINE)
    return {name for row in rows for name in re.findall(r"`([a-z_]+)`", row)}


def named_in(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
            continue
        owner = ast.unparse(node.func.value)
        hits = node.func.attr == "hit_limit" or owner.endswith("limits_hit")
        if hits and isinstance(node.args[0], ast.Constant):
            yield str(node.args[0].value)


def test_every_limit_is_explained_on_the_page() -> None:
    named = {name for path in _CODE.rglob("*.py") for name in named_in(path)}

    assert len(named) > 20
    assert named | {CANDIDATES_LIMIT} | _MODEL == explained()


def test_lines_of_the_log_over_the_limit_are_named() -> None:
    context = context_of()
    for number in range(LOG_LINES + 5):
        context.log(f"line {number}")

    assert len(context.logged) == LOG_LINES
    assert context.limits_hit == ["log_lines"]


def test_lines_with_phones_over_the_limit_are_named(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text("Tel. n/a\n" * (MAX_PHONE_LINES + 1))

    assert extract(path).data["limitsHit"] == ("entities",)


def test_dates_of_a_page_over_the_limit_are_named(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text("2026-11-09 and so on\n" * 3_001)

    assert extract(path).data["limitsHit"] == ("entities",)


def test_recipients_of_a_mail_are_never_cut_off(tmp_path: Path) -> None:
    path = tmp_path / "a.eml"
    to = ", ".join(f"someone{number}@example.com" for number in range(200))
    path.write_text(f"From: a@example.com\nTo: {to}\nSubject: All\n\nHello\n")

    assert extract(path).data["markdown"]["charCount"] > len(to)


def test_a_message_of_too_many_parts_says_so(tmp_path: Path) -> None:
    path = tmp_path / "a.eml"
    head = "From: a@example.com\nMIME-Version: 1.0\n"
    kind = "Content-Type: multipart/mixed; boundary=b"
    # Without headers of their own: the standard library takes 10 s to parse those.
    parts = "--b\n\nHello\n" * 10_050
    path.write_text(f"{head}{kind}\n\n{parts}--b--\n")

    assert "message_parts" in extract(path).data["limitsHit"]
