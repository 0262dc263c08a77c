"""The served sandbox against its own OpenAPI document, with requests that schemathesis draws."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import httpx
import hypothesis
import pytest
import requests
import schemathesis
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from launcher import __version__
from launcher.sandbox.fields import PARAMETERS
from launcher.sandbox.openapi import openapi
from launcher.sandbox.server import SandboxServer, serve
from tests.support.command_line import quick_world

if TYPE_CHECKING:
    from collections.abc import Iterator

_CREDENTIALS = {"bk_app_code": "app", "bk_app_secret": "top-secret", "bk_username": "alice"}
_HEADERS = {"X-Bkapi-Authorization": json.dumps(_CREDENTIALS), "Blueking-Language": "en"}
_SCHEMA = schemathesis.openapi.from_dict(openapi(__version__))
_OPERATIONS: list[Any] = [found.ok() for found in _SCHEMA.get_all_operations()]  # type: ignore[union-attr]  # an error raises
_CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]

_KNOWN = (
    "bk_scope_id",
    "bk_scope_type",
    "create_time_end",
    "create_time_start",
    "job_instance_id",
    "job_plan_id",
    "step_instance_id",
)
_SOME_KNOWN = st.just(set(_KNOWN)) | st.sets(st.sampled_from(_KNOWN))


@pytest.fixture(scope="module")
def server(tmp_path_factory) -> Iterator[SandboxServer]:
    world = quick_world(tmp_path_factory.mktemp("world"))
    with serve(world) as served:
        yield served


@pytest.fixture(scope="module")
def known(server) -> dict[str, Any]:
    """What drawn requests may name so that they get further than "does not exist"."""
    body = {"bk_scope_type": "biz", "bk_scope_id": "2", "job_plan_id": 1000}
    url = f"{server.url}/api/v3/execute_job_plan"
    made = httpx.post(url, json=body, headers=_HEADERS, trust_env=False).json()["data"]
    instance = made["job_instance_id"]
    (found,) = httpx.get(f"{server.url}/_sandbox/instances", trust_env=False).json()["instances"]
    now = httpx.get(f"{server.url}/_sandbox/", trust_env=False).json()["now"]
    return {
        "bk_scope_type": "biz",
        "bk_scope_id": "2",
        "job_plan_id": 1000,
        "job_instance_id": instance,
        "step_instance_id": found["steps"][0]["step_instance_id"],
        "create_time_start": now - 1000,
        "create_time_end": now + 1000,
    }


@pytest.mark.parametrize("mode", list(GenerationMode), ids=lambda mode: mode.value)
@pytest.mark.parametrize(
    "operation", _OPERATIONS, ids=[item.definition.raw["operationId"] for item in _OPERATIONS]
)
def test_every_answer_is_as_the_document_says(server, known, capfd, operation, mode):
    session = requests.Session()
    session.trust_env = False

    @hypothesis.settings(
        max_examples=12,
        derandomize=True,
        database=None,
        deadline=None,
        phases=[hypothesis.Phase.generate],
        suppress_health_check=list(hypothesis.HealthCheck),
    )
    @hypothesis.given(operation.as_strategy(generation_mode=mode), st.data())
    def holds(case, data):
        _point(case, known, data.draw(_SOME_KNOWN))
        response = case.call(base_url=server.url, session=session, headers=_HEADERS)
        case.validate_response(response, checks=_CHECKS)

    with session:
        holds()
    assert capfd.readouterr().err == ""


def _point(case: Any, known: dict[str, Any], names: set[str]) -> None:
    """Let `case` name what is there, as far as its operation knows these parameters."""
    name = case.operation.definition.raw["summary"]
    pointed = {field.name: known[field.name] for field in PARAMETERS[name] if field.name in names}
    if case.method == "GET":
        case.query = {**(case.query or {}), **pointed}
    elif isinstance(case.body, dict):
        credentials = _CREDENTIALS if "compapi" in case.path else {}
        case.body = {**case.body, **pointed, **credentials}
