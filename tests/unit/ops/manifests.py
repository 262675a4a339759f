"""Kubernetes manifests as they would be applied, and the shape of custom kinds."""

import functools
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec

ROOT = Path(__file__).parents[3]
K8S = ROOT / "k8s"
BASE = K8S / "base"
EXAMPLE = K8S / "overlays" / "example"
_KUBECTL = Path(sys.executable).with_name("kubectl")

Manifest = dict[str, Any]


@functools.cache
def rendered(folder: Path) -> tuple[Manifest, ...]:
    """Give what `kubectl apply --kustomize` would send."""
    shown = subprocess.run(
        [str(_KUBECTL), "kustomize", str(folder)],
        capture_output=True,
        text=True,
        check=False,
        timeout=50,
    )
    assert shown.returncode == 0, shown.stderr
    return tuple(map(msgspec.yaml.decode, shown.stdout.split("\n---\n")))


def of_kind(folder: Path, *kinds: str) -> dict[str, Manifest]:
    """Give the rendered manifests of some kinds by name."""
    return {
        each["metadata"]["name"]: each
        for each in rendered(folder)
        if each["kind"] in kinds
    }


def pods(folder: Path) -> dict[str, Manifest]:
    """Give every pod template by the role it has."""
    return {
        name.removeprefix("docmill-"): each["spec"]["template"]
        for name, each in of_kind(folder, "Deployment", "Job").items()
    }


def container(pod: Manifest) -> Manifest:
    """Give the one container of a pod."""
    [only] = pod["spec"]["containers"]
    assert isinstance(only, dict)
    return only


def all_values(value: object) -> Iterator[object]:
    """Give every value in a manifest, at any depth."""
    yield value
    if isinstance(value, dict):
        for each in value.values():
            yield from all_values(each)
    elif isinstance(value, list):
        for each in value:
            yield from all_values(each)


class _Strict(msgspec.Struct, forbid_unknown_fields=True, rename="camel"):
    """What is known of a custom kind: the fields used here, no other."""


Labels = dict[str, str]
Duration = Annotated[str, msgspec.Meta(pattern=r"^([0-9]+(ms|[smhdwy]))+$")]
Positive = Annotated[int, msgspec.Meta(gt=0)]
Natural = Annotated[int, msgspec.Meta(ge=0)]


class Metadata(_Strict):
    name: str
    namespace: str
    labels: Labels = {}


class Target(_Strict):
    name: str


class Fallback(_Strict):
    failure_threshold: Positive
    replicas: Natural
    behavior: Literal[
        "static", "currentReplicas", "currentReplicasIfHigher", "currentReplicasIfLower"
    ]


class ScalingPolicy(_Strict):
    type: Literal["Pods", "Percent"]
    value: Positive
    period_seconds: Annotated[int, msgspec.Meta(gt=0, le=1800)]


class ScalingRules(_Strict):
    stabilization_window_seconds: Annotated[int, msgspec.Meta(ge=0, le=3600)]
    policies: Annotated[list[ScalingPolicy], msgspec.Meta(min_length=1)]
    select_policy: Literal["Max", "Min", "Disabled"] = "Max"


class Behavior(_Strict):
    scale_down: ScalingRules
    scale_up: ScalingRules


class AutoscalerConfig(_Strict):
    behavior: Behavior


class Advanced(_Strict):
    horizontal_pod_autoscaler_config: AutoscalerConfig


class PrometheusMetadata(_Strict):
    """All of them strings, as every field of a trigger."""

    server_address: str
    query: str
    threshold: str
    activation_threshold: str
    ignore_null_values: Literal["true", "false"]


class Trigger(_Strict):
    type: Literal["prometheus"]
    metric_type: Literal["AverageValue", "Value"]
    metadata: PrometheusMetadata


class ScaledObjectSpec(_Strict):
    scale_target_ref: Target
    min_replica_count: Natural
    max_replica_count: Positive
    polling_interval: Positive
    cooldown_period: Natural
    fallback: Fallback
    advanced: Advanced
    triggers: Annotated[list[Trigger], msgspec.Meta(min_length=1)]


class ScaledObject(_Strict):
    """Of KEDA (its reference of `ScaledObject` and of the Prometheus trigger)."""

    api_version: Literal["keda.sh/v1alpha1"]
    kind: Literal["ScaledObject"]
    metadata: Metadata
    spec: ScaledObjectSpec


class Selector(_Strict):
    match_labels: Labels


class Endpoint(_Strict):
    port: str
    path: str
    interval: Duration


class PodMonitorSpec(_Strict):
    selector: Selector
    pod_metrics_endpoints: list[Endpoint]


class PodMonitor(_Strict):
    """Of the Prometheus operator (its API reference)."""

    api_version: Literal["monitoring.coreos.com/v1"]
    kind: Literal["PodMonitor"]
    metadata: Metadata
    spec: PodMonitorSpec


class Rule(_Strict):
    alert: str
    expr: str
    labels: Labels
    annotations: Labels
    for_: Duration | None = msgspec.field(name="for", default=None)


class Group(_Strict):
    name: str
    rules: list[Rule]


class PrometheusRuleSpec(_Strict):
    groups: list[Group]


class PrometheusRule(_Strict):
    """Of the Prometheus operator (its API reference)."""

    api_version: Literal["monitoring.coreos.com/v1"]
    kind: Literal["PrometheusRule"]
    metadata: Metadata
    spec: PrometheusRuleSpec


CUSTOM_KINDS: dict[str, type[_Strict]] = {
    kind.__name__: kind for kind in (ScaledObject, PodMonitor, PrometheusRule)
}
