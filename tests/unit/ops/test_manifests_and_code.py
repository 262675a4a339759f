"""The manifests held against the code: commands, settings, ports, times."""

import itertools
import re
from pathlib import Path
from typing import Any

import httpx
import pytest
from prometheus_client import CollectorRegistry

from gateway.routes.system import OPERATIONS
from service.cli.health import HealthServer, Readiness
from service.cli.serve import GRACE_S
from service.settings import Settings
from service.settings.roles import Role, refusals
from service.settings.sources import DEFAULT_SECRETS_DIR
from tests.unit.ops.commands import parsed
from tests.unit.ops.manifests import BASE, EXAMPLE, container, of_kind, pods

ROLES = {
    "gateway": Role.GATEWAY,
    "document-worker": Role.DOCUMENTS,
    "batch-worker": Role.BATCHES,
    "aggregator": Role.AGGREGATOR,
}
POD_ROLES = (*ROLES, "migrate")
HANDING_BACK_S = 15
"""What a worker needs after its drain, at least."""
FOREIGN = {"AWS_REGION"}
"""Variables of the object store's client."""
SECRETS = {
    "broker_url": "amqp://someone:secret@broker:5672/docmill",
    "store_url": "postgresql+psycopg://someone:secret@database/docmill",
}


def variables(role: str) -> dict[str, str]:
    """Give the variables of a role's container, those of the Secrets left out."""
    only = container(pods(EXAMPLE)[role])
    maps = of_kind(EXAMPLE, "ConfigMap")
    found: dict[str, str] = {}
    for source in only["envFrom"]:
        if named := source.get("configMapRef"):
            found |= maps[named["name"]]["data"]
    return found | {each["name"]: each["value"] for each in only.get("env", ())}


def secrets_of(role: str) -> dict[str, str]:
    """Give the names of the files that are mounted as secrets, and where."""
    spec = pods(EXAMPLE)[role]["spec"]
    [volume] = [each for each in spec["volumes"] if each["name"] == "secrets"]
    return {each["path"]: each["key"] for each in volume["secret"]["items"]}


def settings_of(role: str) -> Settings:
    """Give the settings as the process would read them."""
    given: dict[str, Any] = {
        name.removeprefix("DOCMILL_").lower(): value
        for name, value in variables(role).items()
        if name not in FOREIGN
    }
    given |= {name: SECRETS[name] for name in secrets_of(role)}
    options = parsed(container(pods(EXAMPLE)[role])["args"])
    given |= {
        name: value
        for name, value in options.items()
        if value is not None and name in Settings.model_fields
    }
    return Settings(**given)


@pytest.mark.parametrize("role", ROLES)
def test_a_role_can_run_with_what_it_is_given(role: str) -> None:
    assert refusals(settings_of(role), ROLES[role]) == {}
    assert set(secrets_of(role)) == set(secrets_of(role).values())


def test_migration_is_given_the_database() -> None:
    assert settings_of("migrate").store_url == SECRETS["store_url"]


def test_document_workers_have_no_way_to_the_database() -> None:
    assert set(secrets_of("document-worker")) == {"broker_url"}


@pytest.mark.parametrize("role", POD_ROLES)
def test_a_container_runs_its_role(role: str) -> None:
    arguments = container(pods(BASE)[role])["args"]
    options = parsed(arguments)
    expected = {"document-worker": "worker", "batch-worker": "worker"}
    assert arguments[0] == expected.get(role, role)
    queues = {"document-worker": "documents", "batch-worker": "batches"}
    assert options.get("queues") == queues.get(role)


@pytest.mark.parametrize("role", POD_ROLES)
def test_secrets_and_data_are_where_the_code_looks(role: str) -> None:
    mounts = {
        each["name"]: each["mountPath"]
        for each in container(pods(EXAMPLE)[role])["volumeMounts"]
    }
    assert Path(mounts["secrets"]) == DEFAULT_SECRETS_DIR
    assert Path(mounts["data"]) == settings_of(role).data_dir


@pytest.mark.parametrize("role", ROLES)
def test_the_port_is_where_the_role_listens_for_the_kubelet(role: str) -> None:
    settings = settings_of(role)
    [port] = container(pods(EXAMPLE)[role])["ports"]
    gateway = role == "gateway"
    assert port["containerPort"] == (settings.port if gateway else settings.health_port)
    assert (settings.host if gateway else settings.health_host) == "0.0.0.0"


@pytest.mark.parametrize("role", ROLES)
def test_probes_ask_the_port_of_the_pod(role: str) -> None:
    only = container(pods(EXAMPLE)[role])
    [port] = only["ports"]
    asked = {
        kind: only[f"{kind}Probe"]["httpGet"]
        for kind in ("startup", "liveness", "readiness")
    }
    assert {each["port"] for each in asked.values()} == {port["name"]}
    assert asked["startup"]["path"] == asked["liveness"]["path"] == "/livez"
    assert asked["readiness"]["path"] == "/readyz"


def paths_asked() -> set[str]:
    [monitor] = of_kind(EXAMPLE, "PodMonitor").values()
    scraped = {each["path"] for each in monitor["spec"]["podMetricsEndpoints"]}
    return {"/livez", "/readyz", *scraped}


def test_the_gateway_answers_what_is_asked() -> None:
    assert paths_asked() <= {operation.path for operation in OPERATIONS}


def test_the_other_roles_answer_what_is_asked() -> None:
    server = HealthServer(
        "127.0.0.1",
        0,
        registry=CollectorRegistry(),
        live=lambda: True,
        ready=lambda: Readiness(parts={"broker": True}),
    )
    server.start()
    try:
        for path in paths_asked():
            assert httpx.get(server.url + path).status_code == 200
    finally:
        server.stop()


@pytest.mark.parametrize("role", ["document-worker", "batch-worker"])
def test_a_worker_is_given_the_time_to_drain(role: str) -> None:
    grace_s = pods(EXAMPLE)[role]["spec"]["terminationGracePeriodSeconds"]
    assert grace_s >= settings_of(role).drain_s + HANDING_BACK_S


def test_a_gateway_is_given_the_time_to_close() -> None:
    pod = pods(EXAMPLE)["gateway"]
    hook = container(pod)["lifecycle"]["preStop"]
    before_s = hook["sleep"]["seconds"]
    grace_s = pod["spec"]["terminationGracePeriodSeconds"]
    assert before_s + GRACE_S + HANDING_BACK_S <= grace_s


def test_the_children_of_a_document_worker_fit_into_its_memory() -> None:
    settings = settings_of("document-worker")
    limit = container(pods(EXAMPLE)["document-worker"])["resources"]["limits"]["memory"]
    amount = re.fullmatch(r"(\d+)Gi", limit)
    assert amount
    children_bytes = settings.concurrency * settings.child_memory_bytes
    assert int(amount[1]) * 2**30 > children_bytes


def test_keda_counts_documents_against_what_a_pod_works_on() -> None:
    [scaled] = of_kind(EXAMPLE, "ScaledObject").values()
    [trigger] = scaled["spec"]["triggers"]
    slots = settings_of("document-worker").concurrency
    assert int(trigger["metadata"]["threshold"]) == 2 * slots


def test_every_variable_is_a_setting() -> None:
    names = set(itertools.chain(*map(variables, POD_ROLES))) - FOREIGN
    assert names <= {f"DOCMILL_{name.upper()}" for name in Settings.model_fields}
