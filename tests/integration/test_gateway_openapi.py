"""What /openapi.json says is what happens, tried with generated requests."""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from gateway.openapi import describe
from gateway.routes import OPERATIONS
from service.processing.registry import build_registry
from service.settings import Settings
from tests.integration.gateway_harness import running_gateway

STREAM = r"/events$"
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    negative_data_rejection,
]


schema = schemathesis.openapi.from_dict(
    describe(OPERATIONS, Settings(), build_registry())
).exclude(path_regex=STREAM)


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with running_gateway(tmp_path_factory.mktemp("api")) as gateway:
        [document] = gateway.upload("a.txt")
        gateway.submit([document])
        yield f"http://127.0.0.1:{gateway.port}"


@schema.parametrize()
@settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck))
def test_an_operation_does_what_its_description_says(case: Any, address: str) -> None:
    case.call_and_validate(base_url=address, checks=CHECKS)


def test_the_description_names_every_operation_once() -> None:
    names = [operation.name for operation in OPERATIONS]
    assert len(names) == len(set(names))
    addresses = [(operation.method, operation.path) for operation in OPERATIONS]
    assert len(addresses) == len(set(addresses))


def test_unknown_addresses_are_404_and_unknown_methods_405(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    with running_gateway(tmp_path_factory.mktemp("methods")) as gateway:
        described = gateway.client.get("/openapi.json").json()
        assert described["openapi"] == "3.1.0"
        unknown = gateway.client.get("/api/v1/nothing")
        assert unknown.status_code == 404
        assert unknown.json()["type"] == "/problems/not-found"
        assert gateway.client.get("/docs/").status_code == 404
        for path, methods in described["paths"].items():
            _check_methods(gateway.client, path, {each.upper() for each in methods})


def _check_methods(client: httpx.Client, path: str, methods: set[str]) -> None:
    address = path.replace("{", "").replace("}", "")
    for method in {"GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"} - methods:
        answer = client.request(method, address)
        assert answer.status_code == 405, (method, path)
        allowed = set(answer.headers["allow"].split(", "))
        assert allowed - {"HEAD"} == methods
        assert answer.json()["type"] == "/problems/method-not-allowed"
