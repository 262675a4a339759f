"""The manifests by themselves: valid, consistent, and no more than the pods need."""

import os
from pathlib import Path
from typing import Any

import msgspec
import pytest
from kubernetes_validate.utils import validate

from tests.unit.ops.manifests import (
    BASE,
    CUSTOM_KINDS,
    EXAMPLE,
    K8S,
    all_values,
    container,
    of_kind,
    pods,
    rendered,
)

VERSIONS = ("1.31", "1.37")
"""Of Kubernetes: an old one that is still in use, and the newest known here."""
ROLES = ("gateway", "document-worker", "batch-worker", "aggregator", "migrate")
SERVING = ROLES[:-1]


def identity(manifest: dict[str, Any]) -> str:
    return f"{manifest['kind']} {manifest['metadata']['name']}"


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("manifest", rendered(EXAMPLE), ids=identity)
def test_a_manifest_is_valid(manifest: dict[str, Any], version: str) -> None:
    if kind := CUSTOM_KINDS.get(manifest["kind"]):
        msgspec.convert(manifest, kind)
    else:
        validate(manifest, version, strict=True)


@pytest.mark.parametrize("kind", CUSTOM_KINDS)
def test_a_misspelt_field_of_a_custom_kind_is_found(kind: str) -> None:
    [manifest] = of_kind(EXAMPLE, kind).values()
    wrong = {**manifest, "spec": {**manifest["spec"], "trigers": []}}
    with pytest.raises(msgspec.ValidationError, match="trigers"):
        msgspec.convert(wrong, CUSTOM_KINDS[kind])


def test_the_base_has_every_role_and_no_namespace() -> None:
    assert set(pods(BASE)) == set(ROLES)
    for manifest in rendered(BASE):
        assert "namespace" not in manifest["metadata"], identity(manifest)


def test_workers_with_ocr_are_a_component_that_document_workers_know_of(
    tmp_path: Path,
) -> None:
    ocr = Path(os.path.relpath(K8S / "components" / "ocr", tmp_path))
    base = Path(os.path.relpath(BASE, tmp_path))
    (tmp_path / "kustomization.yaml").write_text(
        f"resources: [{base}]\ncomponents: [{ocr}]\n"
    )
    assert set(pods(tmp_path)) == {*ROLES, "ocr-worker"}
    for manifest in rendered(tmp_path):
        validate(manifest, VERSIONS[-1], strict=True)
    worker = container(pods(tmp_path)["ocr-worker"])
    assert worker["args"][:2] == ["worker", "--queues=documents.ocr"]
    [settings] = of_kind(tmp_path, "ConfigMap").values()
    assert settings["data"]["DOCMILL_OCR"] == "on"


def test_every_manifest_of_the_example_is_in_its_namespace() -> None:
    for manifest in rendered(EXAMPLE):
        assert manifest["metadata"]["namespace"] == "docmill", identity(manifest)
    [scaled] = of_kind(EXAMPLE, "ScaledObject").values()
    assert 'namespace="docmill"' in scaled["spec"]["triggers"][0]["metadata"]["query"]


def test_no_manifest_holds_a_secret() -> None:
    assert not of_kind(EXAMPLE, "Secret")
    for value in all_values(list(rendered(EXAMPLE))):
        if isinstance(value, str):
            assert "://" not in value or "@" not in value.split("://")[1], value


@pytest.mark.parametrize("role", ROLES)
def test_a_pod_may_do_no_more_than_it_needs(role: str) -> None:
    pod = pods(EXAMPLE)[role]["spec"]
    assert pod["automountServiceAccountToken"] is False
    # A Service named docmill would set DOCMILL_PORT, which is a setting.
    assert pod["enableServiceLinks"] is False
    assert pod["securityContext"]["runAsNonRoot"] is True
    assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    assert container(pods(EXAMPLE)[role])["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }


@pytest.mark.parametrize("role", ROLES)
def test_a_pod_mounts_what_there_is_and_has_limits(role: str) -> None:
    template = pods(EXAMPLE)[role]
    volumes = {each["name"]: each for each in template["spec"]["volumes"]}
    mounts = {each["name"] for each in container(template)["volumeMounts"]}
    assert mounts == set(volumes)
    for volume in volumes.values():
        assert volume.get("secret") or volume["emptyDir"]["sizeLimit"]
    assert volumes["secrets"]["secret"]["secretName"] == f"docmill-{role}"
    resources = container(template)["resources"]
    assert resources["requests"].keys() == {"cpu", "memory"}
    assert resources["limits"].keys() == {"memory"}


def test_configuration_that_is_named_is_there() -> None:
    there = set(of_kind(EXAMPLE, "ConfigMap"))
    for template in pods(EXAMPLE).values():
        for source in container(template)["envFrom"]:
            if named := source.get("configMapRef"):
                assert named["name"] in there


@pytest.mark.parametrize("role", SERVING)
def test_selectors_find_the_pods_of_their_role_only(role: str) -> None:
    labels = {name: pod["metadata"]["labels"] for name, pod in pods(EXAMPLE).items()}
    for kind, path in (
        ("Deployment", ("selector", "matchLabels")),
        ("PodDisruptionBudget", ("selector", "matchLabels")),
    ):
        spec = of_kind(EXAMPLE, kind)[f"docmill-{role}"]["spec"]
        selector = spec[path[0]][path[1]]
        found = [
            name for name, has in labels.items() if selector.items() <= has.items()
        ]
        assert found == [role]


@pytest.mark.parametrize("role", SERVING)
def test_evictions_are_held_back_without_blocking_them(role: str) -> None:
    budget = of_kind(EXAMPLE, "PodDisruptionBudget")[f"docmill-{role}"]["spec"]
    assert budget["maxUnavailable"] == 1
    assert "minAvailable" not in budget


def test_replicas_of_document_workers_are_left_to_keda() -> None:
    name = "docmill-document-worker"
    assert of_kind(BASE, "Deployment")[name]["spec"]["replicas"] == 2
    assert "replicas" not in of_kind(EXAMPLE, "Deployment")[name]["spec"]
    [scaled] = of_kind(EXAMPLE, "ScaledObject").values()
    assert scaled["spec"]["scaleTargetRef"]["name"] == name
    assert scaled["spec"]["triggers"][0]["metadata"]["ignoreNullValues"] == "false"


def test_every_aggregator_has_a_standby() -> None:
    aggregator = of_kind(EXAMPLE, "Deployment")["docmill-aggregator"]["spec"]
    assert aggregator["replicas"] == 2
    assert aggregator["strategy"]["rollingUpdate"]["maxSurge"] == 1


def test_ports_that_are_named_exist() -> None:
    ports = {
        role: {each["name"] for each in container(pod).get("ports", ())}
        for role, pod in pods(EXAMPLE).items()
    }
    [service] = of_kind(EXAMPLE, "Service").values()
    assert {each["targetPort"] for each in service["spec"]["ports"]} <= ports["gateway"]
    policies = of_kind(EXAMPLE, "NetworkPolicy")
    for name, opened in (("gateway", {"http"}), ("others", {"health"})):
        [rule] = policies[f"docmill-{name}"]["spec"]["ingress"]
        assert {each["port"] for each in rule["ports"]} == opened
    assert ports["gateway"] == {"http"}
    for role in SERVING[1:]:
        assert ports[role] == {"health"}
    [monitor] = of_kind(EXAMPLE, "PodMonitor").values()
    scraped = {each["port"] for each in monitor["spec"]["podMetricsEndpoints"]}
    assert scraped == {"http", "health"}


def test_all_manifests_are_part_of_a_kustomization() -> None:
    named = {"kustomization.yaml"}
    for kustomization in K8S.rglob("kustomization.yaml"):
        named |= set(msgspec.yaml.decode(kustomization.read_bytes())["resources"])
    files = {path.name for path in K8S.rglob("*.yaml")}
    assert files <= named
