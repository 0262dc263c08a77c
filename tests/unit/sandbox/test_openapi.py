"""The OpenAPI document: it tells what is there, and what is told is there."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest

from launcher import __version__
from launcher.sandbox.fields import PARAMETERS, Field
from launcher.sandbox.openapi import openapi
from launcher.sandbox.params import Params
from launcher.sandbox.routes import OPERATIONS, Entrance, Route, path_of, route
from launcher.sandbox.server import serve
from tests.support.command_line import a_command_line
from tests.support.sandbox import SCOPE, bench

_ENTRANCES = (Entrance("gateway"), Entrance("gateway", system=True), Entrance("esb"))
_REGISTERED = [
    Route(entrance, operation)
    for operation in OPERATIONS.values()
    for entrance in _ENTRANCES
    if Route(entrance, operation).is_registered
]


def test_every_operation_is_told_at_every_entrance_that_it_has():
    told: Any = openapi("1")["paths"]
    found = [(path, method) for path, methods in told.items() for method in methods]
    assert found == [(path_of(item), item.method.lower()) for item in _REGISTERED]
    assert [route(path) for path, _ in found] == _REGISTERED
    assert {item.operation.name for item in _REGISTERED} == set(OPERATIONS) == set(PARAMETERS)


def test_doors_as_the_gateway_and_esb_register_them():
    counts = dict.fromkeys(_ENTRANCES, 0)
    for item in _REGISTERED:
        counts[item.entrance] += 1
    assert list(counts.values()) == [13, 14, 12]


def _fields(operation):
    """Every declared field of an operation with the body that leads to it."""
    for field in PARAMETERS[operation]:
        yield field, lambda value, name=field.name: {name: value}
        yield from _inner(field, lambda value, name=field.name: {name: value})


def _inner(field: Field, wrap):
    for inner in field.inner:

        def deeper(value, inner=inner, field=field):
            item = {inner.name: value}
            return wrap([item] if field.kind == "objects" else item)

        yield inner, deeper
        yield from _inner(inner, deeper)


@pytest.mark.parametrize(
    "operation", [name for name, item in OPERATIONS.items() if item.through_esb]
)
def test_every_field_that_is_told_is_bound_by_its_type(operation):
    """A wrong type is refused, so that a field that nobody reads would show."""
    table = bench()
    usual = {**SCOPE, "create_time_start": 1, "create_time_end": 2, "host_id_list": []}
    for field, body in _fields(operation):
        wrong = {"wrong": 1} if field.kind in {"objects", "longs"} else [1]
        answer = table.send(operation, door="esb", **{**usual, **body(wrong)}).response.json()
        assert (field.name, answer["code"]) == (field.name, 1240003)


@pytest.mark.parametrize("operation", ["get_step_instance_status", "get_step_instance_detail"])
def test_every_number_of_the_step_queries_is_bound(operation):
    table = bench()
    instance = table.prepare()
    known = {"job_instance_id": instance, "step_instance_id": table.step_id(instance)}
    for field in PARAMETERS[operation]:
        if field.kind != "text":
            answer = table.call(operation, **{**known, field.name: "x"})
            assert (field.name, answer["code"]) == (field.name, 1240003)


def test_a_reader_can_only_ask_for_what_is_declared():
    params = Params({"a": 1, "b": 1}).declared((Field("a", "int"),))
    assert params.integer("a") == 1
    with pytest.raises(LookupError):
        params.text("a")
    with pytest.raises(LookupError):
        params.integer("b")


def test_the_command_prints_what_a_served_sandbox_has(demo):
    printed = json.loads(demo("sandbox", "openapi").out)
    assert printed["info"]["version"] == __version__
    with serve() as server:
        served = httpx.get(f"{server.url}/_sandbox/openapi.json", trust_env=False).json()
    assert printed == served


@pytest.fixture
def demo(tmp_path, monkeypatch):
    return a_command_line(tmp_path, monkeypatch)
