"""Dockerfile and `compose.yaml`, read as text: no container engine is needed here."""

import fnmatch
import re
import shlex
from pathlib import Path
from typing import Any

import msgspec
import pytest

from service.cli.serve import GRACE_S
from service.settings import Settings
from service.settings.roles import Role, refusals
from service.transport.definitions import MONITORING, USERS, VHOST
from tests.unit.ops.commands import parsed
from tests.unit.ops.manifests import BASE, ROOT, pods

COMPOSE = msgspec.yaml.decode((ROOT / "compose.yaml").read_bytes())
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
ROLES = {
    "gateway": Role.GATEWAY,
    "document-worker": Role.DOCUMENTS,
    "batch-worker": Role.BATCHES,
    "aggregator": Role.AGGREGATOR,
}
OURS = (*ROLES, "migrate", "definitions")
VARIABLE = re.compile(r"\$\{(\w+):\?[^}]*\}")
BROKER_CONFIG = (ROOT / "rabbitmq" / "rabbitmq.conf").read_text()


def instructions() -> list[tuple[str, list[str]]]:
    """Give the instructions of the Dockerfile, each with its words."""
    text = (ROOT / "Dockerfile").read_text().replace("\\\n", " ")
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    words = [shlex.split(line) for line in lines]
    return [(first, rest) for first, *rest in words]


def of(instruction: str) -> list[list[str]]:
    return [words for name, words in instructions() if name == instruction]


def copied() -> list[str]:
    """Give what is copied from the folder of the project."""
    return [
        source
        for words in of("COPY")
        if not words[0].startswith("--from")
        for source in words[:-1]
    ]


def test_what_is_copied_is_there_and_not_ignored() -> None:
    kept = [
        line[1:]
        for line in (ROOT / ".dockerignore").read_text().splitlines()
        if line.startswith("!")
    ]
    assert sorted(kept) == sorted(copied())
    for source in copied():
        assert (ROOT / source).exists(), source


def test_every_package_is_in_the_image() -> None:
    project = msgspec.toml.decode((ROOT / "pyproject.toml").read_bytes())
    patterns = project["tool"]["setuptools"]["packages"]["find"]["include"]
    for package in {path.parent.name for path in ROOT.glob("*/__init__.py")}:
        if any(fnmatch.fnmatch(package, pattern) for pattern in patterns):
            assert package in copied()
    for named in (project["project"]["readme"], *project["project"]["license-files"]):
        assert named in copied()


def test_the_image_has_what_is_pinned_and_nothing_of_development() -> None:
    runs = " ".join(" ".join(words) for words in of("RUN"))
    assert ["REQUIREMENTS=requirements.txt"] in of("ARG")
    assert "pip install -r /src/${REQUIREMENTS}" in runs
    assert "pip install --no-deps /src" in runs
    assert "dev" not in " ".join(copied())


def test_the_image_is_built_in_two_stages_and_runs_without_root() -> None:
    stages = of("FROM")
    assert len(stages) == 2
    for stage in stages:
        assert re.fullmatch(r"python:3\.\d+-slim-\w+", stage[0])
    [[user]] = of("USER")
    security = pods(BASE)["gateway"]["spec"]["securityContext"]
    assert user == f"{security['runAsUser']}:{security['runAsGroup']}"
    assert int(user.split(":")[0]) > 0
    [useradd] = [words for words in of("RUN") if "useradd" in words]
    assert useradd[useradd.index("--uid") + 1] == str(security["runAsUser"])


def test_the_image_runs_docmill_and_names_its_ports() -> None:
    assert (ROOT / "Dockerfile").read_text().count('ENTRYPOINT ["docmill"]') == 1
    fields = Settings.model_fields
    assert of("EXPOSE") == [
        [str(fields["port"].default), str(fields["health_port"].default)]
    ]


def test_variables_of_the_image_are_settings() -> None:
    given = dict(word.split("=", 1) for words in of("ENV") for word in words)
    ours = {name: value for name, value in given.items() if "DOCMILL" in name}
    assert ours == {"DOCMILL_DATA_DIR": "/var/lib/docmill"}
    assert Settings(data_dir=Path(ours["DOCMILL_DATA_DIR"])).data_dir.is_absolute()


def settings_of(service: str) -> Settings:
    """Give the settings as the process would read them."""
    given: dict[str, Any] = {
        name.removeprefix("DOCMILL_").lower(): VARIABLE.sub("secret", value)
        for name, value in SERVICES[service]["environment"].items()
    }
    options = parsed(SERVICES[service]["command"])
    fields = Settings.model_fields
    return Settings(
        **given,
        **{k: v for k, v in options.items() if v is not None and k in fields},
    )


@pytest.mark.parametrize("service", ROLES)
def test_a_role_can_run_with_what_compose_gives_it(service: str) -> None:
    assert refusals(settings_of(service), ROLES[service]) == {}


@pytest.mark.parametrize("service", OURS)
def test_a_service_of_ours_runs_a_command_on_the_one_image(service: str) -> None:
    parsed(SERVICES[service]["command"])
    assert SERVICES[service]["image"] == "docmill"
    assert SERVICES[service]["cap_drop"] == ["ALL"]


def test_document_workers_have_no_way_to_the_database() -> None:
    assert "DOCMILL_STORE_URL" not in SERVICES["document-worker"]["environment"]


@pytest.mark.parametrize(
    ("service", "user"),
    [
        ("gateway", "docmill-gateway"),
        ("document-worker", "docmill-documents"),
        ("batch-worker", "docmill-batches"),
        ("aggregator", "docmill-aggregator"),
    ],
)
def test_a_role_logs_in_as_its_own_user(service: str, user: str) -> None:
    url = SERVICES[service]["environment"]["DOCMILL_BROKER_URL"]
    [variable] = VARIABLE.findall(url)
    assert VARIABLE.sub("PASSWORD", url) == (
        f"amqp://{user}:PASSWORD@rabbitmq:5672/{VHOST}"
    )
    assert COMPOSE["secrets"][user.removeprefix("docmill-")] == {
        "environment": variable
    }


def test_batch_workers_only_read_the_database() -> None:
    reader = SERVICES["batch-worker"]["environment"]["DOCMILL_STORE_URL"]
    assert "://docmill_reader:${READER_PASSWORD" in reader
    assert "docmill_reader" in (ROOT / "k8s" / "reader-role.sql").read_text()
    assert "READER_PASSWORD" in SERVICES["postgres"]["environment"]


def test_every_user_of_the_broker_is_given_a_password() -> None:
    files = {Path(each["target"]) for each in SERVICES["definitions"]["secrets"]}
    options = parsed(SERVICES["definitions"]["command"])
    assert {file.parent for file in files} == {Path(options["passwords"])}
    assert {file.name for file in files} == {*USERS, MONITORING}
    for each in SERVICES["definitions"]["secrets"]:
        assert each["target"].endswith(f"docmill-{each['source']}")


def test_the_broker_reads_the_file_that_was_made_for_it() -> None:
    options = parsed(SERVICES["definitions"]["command"])
    written = Path(options["output"])
    mounts = dict(each.split(":")[:2] for each in SERVICES["rabbitmq"]["volumes"])
    folder = Path(mounts["broker-definitions"])
    assert f"definitions.local.path = {folder / written.name}\n" in BROKER_CONFIG
    assert SERVICES["definitions"]["volumes"] == [
        f"broker-definitions:{written.parent}"
    ]


def test_files_that_compose_mounts_are_there() -> None:
    for service in SERVICES.values():
        for volume in service.get("volumes", ()):
            source = volume.split(":")[0]
            if source.startswith("./"):
                assert (ROOT / source).is_file(), source
            elif ":" in volume:
                assert source in COMPOSE["volumes"]


def test_the_passwords_to_make_are_those_that_are_asked_for() -> None:
    text = (ROOT / "compose.yaml").read_text()
    [listed] = re.findall(r"for name in ([A-Z ]+); do", text)
    asked = set(VARIABLE.findall(text)) | {
        secret["environment"] for secret in COMPOSE["secrets"].values()
    }
    assert {f"{name}_PASSWORD" for name in listed.split()} == asked


def test_services_wait_for_what_they_need() -> None:
    for name, service in SERVICES.items():
        for needed, how in service.get("depends_on", {}).items():
            finished = how["condition"] == "service_completed_successfully"
            assert finished == (needed in {"migrate", "definitions"}), name
            assert finished or "healthcheck" in SERVICES[needed]


@pytest.mark.parametrize("service", ROLES)
def test_health_is_asked_where_the_role_listens(service: str) -> None:
    settings = settings_of(service)
    port = settings.port if service == "gateway" else settings.health_port
    [*_, script] = SERVICES[service]["healthcheck"]["test"]
    assert f"http://127.0.0.1:{port}/readyz" in script
    compile(script, service, "exec")


def test_only_this_machine_reaches_the_gateway() -> None:
    port = settings_of("gateway").port
    assert SERVICES["gateway"]["ports"] == [f"127.0.0.1:{port}:{port}"]
    for service in SERVICES.values():
        for published in service.get("ports", ()):
            assert published.startswith("127.0.0.1:")


def test_stopping_leaves_the_time_to_drain() -> None:
    def grace_s(service: str) -> int:
        return int(SERVICES[service]["stop_grace_period"].removesuffix("s"))

    for worker in ("document-worker", "batch-worker"):
        assert grace_s(worker) >= settings_of(worker).drain_s + 15
    assert grace_s("gateway") >= GRACE_S + 15
