from pathlib import Path

import pytest

from service.processing.ocr import ocr_installed
from service.settings import Role, Settings, environment, for_role, refusals

BROKER = "amqp://docmill@127.0.0.1/docmill"
STORE = "postgresql+psycopg://docmill@127.0.0.1/docmill"
FULL = {"broker_url": BROKER, "store_url": STORE, "blob_url": "s3://bucket/files"}

BARE = pytest.mark.skipif(ocr_installed(), reason="docmill[ocr] is installed")


def settings(**given: str) -> Settings:
    return Settings.model_validate({"data_dir": Path("unused"), **given})


def refused(role: Role, **given: str) -> list[str]:
    return list(refusals(settings(**given), role))


@pytest.mark.parametrize("role", [Role.GATEWAY, Role.BATCHES, Role.AGGREGATOR])
def test_a_role_keeps_settings_that_are_complete(role: Role) -> None:
    assert refused(role, **FULL) == []
    assert for_role(settings(**FULL), role) == settings(**FULL)


def test_a_document_worker_gets_no_database() -> None:
    kept = for_role(settings(**FULL), Role.DOCUMENTS)
    assert kept.store_url == ""
    assert kept.broker_url == BROKER


@pytest.mark.parametrize(
    ("role", "missing"),
    [
        (Role.GATEWAY, ["broker_url", "store_url", "blob_url"]),
        (Role.AGGREGATOR, ["broker_url", "store_url", "blob_url"]),
        (Role.BATCHES, ["broker_url", "store_url", "blob_url"]),
        (Role.DOCUMENTS, ["broker_url", "blob_url"]),
        pytest.param(Role.OCR, ["broker_url", "blob_url", "ocr"], marks=BARE),
    ],
)
def test_everything_a_role_lacks_is_said_at_once(
    role: Role, missing: list[str]
) -> None:
    assert refused(role) == missing


@BARE
def test_the_service_in_one_process_cannot_count_on_others_for_ocr() -> None:
    assert refused(Role.EMBEDDED, ocr="on") == ["ocr"]


def test_roles_on_one_machine_may_share_a_file_as_their_database() -> None:
    given = FULL | {"store_url": "sqlite:////data/docmill.sqlite3"}
    assert refused(Role.AGGREGATOR, **given) == []


def test_the_service_in_one_process_refuses_what_others_may_be_using() -> None:
    given = {"broker_url": BROKER, "store_url": STORE}
    assert refused(Role.EMBEDDED, **given) == ["broker_url", "store_url"]
    assert refused(Role.EMBEDDED, store_url="sqlite:////data/docmill.sqlite3") == []


def test_a_child_gets_the_environment_without_what_is_kept_back(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("DOCMILL_STORE_URL", STORE)
    monkeypatch.setenv("DOCMILL_BROKER_URL", BROKER)
    given = environment(without=["store_url"])
    assert "DOCMILL_STORE_URL" not in given
    assert given["DOCMILL_BROKER_URL"] == BROKER
    assert environment()["DOCMILL_STORE_URL"] == STORE


def test_only_who_asks_the_model_gets_its_key() -> None:
    model = {
        "model_url": "http://models/v1",
        "model_name": "small",
        "model_api_key": "secret",
    }
    for role in (Role.GATEWAY, Role.BATCHES, Role.AGGREGATOR):
        assert for_role(settings(**FULL, **model), role).model_api_key == ""
    assert for_role(settings(**FULL, **model), Role.DOCUMENTS).model_api_key == "secret"
    assert for_role(settings(**model), Role.EMBEDDED).model_api_key == "secret"


def test_only_who_signs_and_who_reads_addresses_knows_the_secret() -> None:
    given = FULL | {"image_url_secret": "secret"}
    for role in (Role.GATEWAY, Role.DOCUMENTS):
        assert for_role(settings(**given), role).image_url_secret == "secret"
    for role in (Role.BATCHES, Role.AGGREGATOR):
        assert for_role(settings(**given), role).image_url_secret == ""


@pytest.mark.parametrize(
    ("given", "named"),
    [
        ({"default_type": "NOTHING"}, "default_type"),
        ({"job_type_modules": "tests.no_such_module"}, "default_type"),
        ({"job_type_modules": "tests.made_up_work", "default_type": "SLEEP"}, None),
    ],
)
def test_job_types_that_are_not_there_are_a_problem_like_others(
    given: dict[str, str], named: str | None
) -> None:
    found = refused(Role.GATEWAY, **given)

    assert found == ["broker_url", "store_url", "blob_url"] + [named] * bool(named)


@pytest.mark.parametrize(
    ("role", "given", "lacking"),
    [
        (Role.EMBEDDED, {}, True),
        (Role.DOCUMENTS, {}, False),  # its files are in a bucket
        (Role.EMBEDDED, {"image_mode": "data"}, False),
        (Role.EMBEDDED, {"image_url_base": "http://here"}, False),
        (Role.EMBEDDED, {"model_url": "", "model_name": ""}, False),
        (Role.GATEWAY, {"blob_url": "file:///data"}, False),
        (Role.OCR, {"blob_url": "file:///data"}, True),
    ],
)
def test_pictures_need_an_address_where_files_are_in_a_folder(
    role: Role, given: dict[str, str], *, lacking: bool
) -> None:
    shared = {} if role is Role.EMBEDDED else FULL
    model = {
        "model_url": "http://models/v1",
        "model_name": "small",
        "image_mode": "url",
    }

    found = refused(role, **(shared | model | given))

    assert ("image_url_base" in found) == lacking
