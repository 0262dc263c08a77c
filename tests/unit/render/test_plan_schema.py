"""The schema of one job plan: it takes what launches the job plan, and names what does not."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import jsonschema
import pytest

from launcher.engine.observed import JobPlan, PlanPin, PlanVariable, VariableKind
from launcher.engine.spec import Hosts
from launcher.manifest.load import load_bytes
from launcher.render.imported import Request, render_manifest
from launcher.render.plan_schema import plan_schema

PLAN = JobPlan(
    PlanPin(1000, "Deploy\nweb", "v1:sha256:0", "2026-11-22T12:00:00Z"),
    (
        PlanVariable(1, "targets", VariableKind.HOSTS, required=True, hosts=Hosts(ids=(101,))),
        PlanVariable(
            2, "version", VariableKind.STRING, required=True, value="", description="to deploy"
        ),
        PlanVariable(3, "channel", VariableKind.NAMESPACE, required=False, value="stable"),
        PlanVariable(4, "db_password", VariableKind.CIPHER, required=True),
        PlanVariable(5, "LAUNCH_KEY", VariableKind.STRING, required=False, value=""),
        PlanVariable(6, "odd", VariableKind.STRING, required=False, value="a\u202eb"),
    ),
    (),
)
SCHEMA = plan_schema(PLAN, "LAUNCH_KEY")
JUDGES = [jsonschema.Draft7Validator, jsonschema.Draft202012Validator]


def imported() -> dict[str, Any]:
    draft = render_manifest(PLAN, Request("web", "s.json", marker="LAUNCH_KEY"))
    document, problems = load_bytes("plans/web.yaml", draft.text.encode())
    assert problems == ()
    assert document is not None
    return deepcopy(dict(document.data))


def filled(**variables: Any) -> dict[str, Any]:
    data = imported()
    data["spec"]["variables"] |= {"version": "1.4.2", **variables}
    return data


def says(data: dict[str, Any]) -> bool:
    found = {judge(SCHEMA).is_valid(data) for judge in JUDGES}
    assert len(found) == 1, "the drafts disagree"
    return found.pop()


def test_it_is_sound_in_both_drafts():
    for judge in JUDGES:
        judge.check_schema(SCHEMA)


def test_an_imported_manifest_fits_once_what_is_missing_is_filled_in():
    assert not says(imported())
    assert says(filled())


def overlay(data: dict[str, Any], **environments: Any) -> dict[str, Any]:
    return data | {"environments": environments}


def without_version() -> dict[str, Any]:
    data = filled()
    del data["spec"]["variables"]["version"]
    return data


VERSION = {"variables": {"version": "1"}}

GOOD = {
    "the long form": filled(version={"id": 2, "value": "1"}),
    "hosts": filled(targets={"hosts": {"ids": [1]}}),
    "a secret": filled(db_password={"secret": {"env": "X", "version": "1"}}),
    "an empty text that is allowed": filled(channel=""),
    "an overlay takes a variable away": overlay(
        filled(), a={"variables": {"channel": {"unset": True}}}
    ),
    "every environment says it": overlay(without_version(), a=VERSION, b=VERSION),
    "another job plan has other variables": overlay(
        filled(), a={"plan": {"id": 2}, "variables": {"other": "x"}}
    ),
    "another job plan in the only environment": overlay(without_version(), a={"plan": {"id": 2}}),
}
BAD = {
    "an unknown variable": filled(vresion="1"),
    "the marker": filled(LAUNCH_KEY="1"),
    "text for hosts": filled(targets="10.0.0.11"),
    "text for a secret": filled(db_password="x"),  # noqa: S106 - that is what is refused
    "hosts for text": filled(channel={"hosts": {"ids": [1]}}),
    "a required text that is empty": filled(version=""),
    "the long form of it": filled(version={"value": ""}),
    "a mask": filled(channel="******"),
    "a number": filled(version=1),
    "a required variable that nobody gives": without_version(),
    "one environment forgets it": overlay(without_version(), a=VERSION, b={}),
    "no variables at all": {**filled(), "spec": {"plan": {"id": 1000}}},
    "another job plan": {**filled(), "spec": {**filled()["spec"], "plan": {"id": 1001}}},
    "an unknown variable in an overlay": overlay(filled(), a={"variables": {"other": "x"}}),
    "what no manifest may hold": {**filled(), "kidn": "x"},
}


@pytest.mark.parametrize("data", GOOD.values(), ids=GOOD)
def test_it_takes(data):
    assert says(data)


@pytest.mark.parametrize("data", BAD.values(), ids=BAD)
def test_it_refuses(data):
    assert not says(data)


def test_an_editor_is_told_what_a_variable_is():
    shown = SCHEMA["definitions"]["PartialSpec"]["properties"]["variables"]["properties"]
    assert list(shown) == ["targets", "version", "channel", "db_password", "odd"]
    assert shown["version"]["description"] == "String, required. to deploy"
    assert shown["channel"]["description"] == 'Namespace, default "stable".'
    assert shown["channel"]["default"] == "stable"
    assert "default" not in shown["odd"]
    assert "\u202e" not in str(shown["odd"])
    assert SCHEMA["description"].endswith("1000, Deploy\\nweb.")
