"""The broker's definitions file as text."""

import base64
import hashlib
import json
import re
from pathlib import Path

import pytest

from service.errors import SettingsError
from service.transport.definitions import (
    MONITORING,
    USERS,
    definitions_file,
    password_hash,
    read_passwords,
)
from service.transport.topology import QueueType, topology

SALT = bytes.fromhex("908dc60a")


def test_a_hash_is_the_one_of_rabbitmqs_guide() -> None:
    assert (
        password_hash("test12", SALT)
        == "kI3GCqW5JLMJa4iX1lo7X4D6XbYqlLgxIs30+P6tENUV2POR"
    )


def test_without_passwords_every_user_has_an_empty_hash() -> None:
    users = json.loads(definitions_file())["users"]
    assert {each["name"] for each in users} == {*USERS, MONITORING}
    assert {each["password_hash"] for each in users} == {""}


def test_passwords_are_only_in_the_file_as_salted_hashes() -> None:
    content = definitions_file(passwords={"docmill-gateway": "very secret"})
    assert "very secret" not in content
    [user] = [
        each
        for each in json.loads(content)["users"]
        if each["name"] == "docmill-gateway"
    ]
    raw = base64.b64decode(user["password_hash"])
    assert raw[4:] == hashlib.sha256(raw[:4] + b"very secret").digest()
    assert definitions_file(passwords={"docmill-gateway": "very secret"}) != content


def test_the_type_of_queues_is_the_one_asked_for() -> None:
    for kind in QueueType:
        queues = json.loads(definitions_file(kind))["queues"]
        assert {each["arguments"]["x-queue-type"] for each in queues} == {kind}
        assert len(queues) == len(topology(kind).queues)


def test_every_permission_is_a_whole_expression() -> None:
    content = json.loads(definitions_file())
    assert {each["user"] for each in content["permissions"]} == {*USERS, MONITORING}
    for each in content["permissions"]:
        for kind in ("configure", "write", "read"):
            assert each[kind].startswith("^")
            assert each[kind].endswith("$")
            re.compile(each[kind])
            assert not re.search(each[kind], "someone.elses")


def test_passwords_are_read_as_secrets_are_mounted(tmp_path: Path) -> None:
    (tmp_path / "docmill-gateway").write_text("one\n")
    (tmp_path / "docmill-documents").write_text("two")
    (tmp_path / "..data").mkdir()
    assert read_passwords(tmp_path) == {
        "docmill-gateway": "one",
        "docmill-documents": "two",
    }


def test_every_problem_with_the_passwords_is_named(tmp_path: Path) -> None:
    (tmp_path / "gateway").write_text("one")
    (tmp_path / MONITORING).write_text("\n")
    with pytest.raises(SettingsError) as refused:
        read_passwords(tmp_path)
    assert "gateway is no user" in str(refused.value)
    assert f"{MONITORING} is empty" in str(refused.value)
    assert "docmill-aggregator" in str(refused.value)


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="nowhere"):
        read_passwords(tmp_path / "nowhere")
