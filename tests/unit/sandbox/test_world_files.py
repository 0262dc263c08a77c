"""World files and fault files: what is read, and what every mistake is told as."""

from __future__ import annotations

import pytest

from launcher.catalogue import catalogue, texts
from launcher.errors import SurroundingsFailed
from launcher.sandbox.worldfile import (
    demo_definition,
    parse_definition,
    parse_faults,
    read_definition,
    read_faults,
)

_WORLD = """\
scopes: [{type: biz, id: "2"}]
templates: [{id: 500, scope: biz/2, name: web}]
hosts: [{id: 101, ip: 10.0.0.11, scopes: [biz/2]}]
"""
_PLAN = """\
plans:
- id: 1
  template: 500
  name: web
  variables:
  - {id: 1, name: A, type: string}
  steps:
  - {id: 1, name: s, type: script, script: x, account: 4, targets: {hosts: [101]}}
"""


def _problems(text, parse=parse_definition):
    with pytest.raises(SurroundingsFailed) as caught:
        parse(text, "w.yaml")
    found = []
    for item in caught.value.diagnostics:
        assert texts(item).detail
        assert item.place is not None
        span = item.place.span
        found.append((item.code, (span.line, span.column) if span else None))
    return found


def test_a_world_is_read():
    world = parse_definition(_WORLD + _PLAN, "w.yaml")
    assert world.id is None
    assert world.plans[0].steps[0].name == "s"


@pytest.mark.parametrize(
    ("text", "problems"),
    [
        pytest.param("", [("L603", None)], id="world-file: empty"),
        pytest.param("[]", [("L603", (1, 1))], id="world-file: a list"),
        pytest.param("scopes: [", [("L602", (2, 1))], id="world-file: broken YAML"),
        pytest.param("a: 1\na: 2", [("L602", (2, 1))], id="world-file: a key twice"),
        pytest.param("a: &x [1]\nb: *x", [("L602", (2, 4))], id="world-file: an alias"),
        pytest.param("? [a]\n: b", [("L602", (1, 3))], id="world-file: a key that is a list"),
        pytest.param("a: \x00", [("L602", None)], id="world-file: a control character"),
        pytest.param("[" * 100, [("L602", (1, 65))], id="world-file: nested too deeply"),
        pytest.param("scopes: []\nzones: []", [("L603", (2, 8))], id="world-file: unknown field"),
        pytest.param("hosts: []", [("L603", (1, 1))], id="world-file: no scopes"),
        pytest.param("scopes: [{type: biz, id: 2}]", [("L603", (1, 26))], id="world-file: id"),
        pytest.param("scopes: [{type: farm, id: x}]", [("L603", (1, 17))], id="world-file: type"),
        pytest.param(
            "scopes: [{type: biz, id: 2}, {type: farm, id: x}]",
            [("L603", (1, 26)), ("L603", (1, 37))],
            id="world-file: every problem at once",
        ),
        pytest.param(
            _WORLD + "server: {start_lag_s: .nan}",
            [("L603", (1, 1))],
            id="world-file: not a number",
        ),
        pytest.param(
            _WORLD + "server: {keep_days: yes}", [("L603", (4, 21))], id="world-file: bool"
        ),
        pytest.param(
            _WORLD + "accounts: [{id: 4, name: 2026-11-22}]",
            [("L603", (1, 1))],
            id="world-file: a date",
        ),
        pytest.param(
            _WORLD + _PLAN.replace("script: x", "scripts: x"),
            [("L603", (11, 5)), ("L603", (11, 45))],
            id="world-file: a wrong field in a step",
        ),
        pytest.param(
            _WORLD + _PLAN.replace("type: script", "type: shell"),
            [("L603", (11, 5))],
            id="world-file: a step of no known type",
        ),
        pytest.param(
            _WORLD.replace("scope: biz/2", "scope: biz/3"),
            [("L604", (2, 30))],
            id="world-file: scope",
        ),
        pytest.param(
            _WORLD.replace("[biz/2]", "[biz/3]"), [("L604", (3, 43))], id="world-file: host's scope"
        ),
        pytest.param(
            _WORLD + _PLAN.replace("500", "501"), [("L604", (6, 13))], id="world-file: template"
        ),
        pytest.param(
            _WORLD + _PLAN.replace("[101]", "[101, 102]"),
            [("L604", (11, 82))],
            id="world-file: a step's host",
        ),
        pytest.param(
            _WORLD + "groups: [{id: g, scope: biz/2, hosts: [9]}]",
            [("L604", (4, 40))],
            id="world-file: a group's host",
        ),
        pytest.param(
            _WORLD + "users: [{name: a}, {name: a}]", [("L605", (4, 20))], id="world-file: twice"
        ),
        pytest.param(
            _WORLD + _PLAN + "- {id: 1, template: 500, name: b}",
            [("L605", (12, 3))],
            id="world-file: a plan twice",
        ),
        pytest.param(
            _WORLD
            + _PLAN
            + "- {id: 2, template: 500, name: b, variables: [{id: 9, name: A, type: string}]}",
            [("L609", (12, 52))],
            id="world-file: a variable with two ids",
        ),
    ],
)
def test_mistakes_in_a_world(text, problems):
    assert _problems(text) == problems


@pytest.mark.parametrize(
    ("text", "problems"),
    [
        pytest.param("{}", [("L603", (1, 1))], id="faults: not a list"),
        pytest.param("- {fault: nothing}", [("L603", (1, 3))], id="faults: unknown kind"),
        pytest.param("- {}", [("L603", (1, 3))], id="faults: no kind"),
        pytest.param("- {fault: delay}", [("L603", (1, 3))], id="faults: a field missing"),
        pytest.param("- {fault: reset, bytes: 1}", [("L603", (1, 25))], id="faults: unknown field"),
        pytest.param("- {fault: reset, times: 0}", [("L603", (1, 25))] * 2, id="faults: never"),
        pytest.param(
            "- {fault: reset, when: {operation: run}}", [("L603", (1, 36))], id="faults: operation"
        ),
        pytest.param("- {fault: reset, when: {call: 0}}", [("L603", (1, 31))], id="faults: call 0"),
    ],
)
def test_mistakes_in_faults(text, problems):
    assert _problems(text, parse_faults) == problems


def test_faults_may_be_empty_or_json():
    assert parse_faults("", "f") == ()
    (fault,) = parse_faults('[{"fault": "reset", "after_bytes": 5}]', "f")
    assert fault.fault == "reset"


def test_files_that_cannot_be_read(tmp_path):
    binary = tmp_path / "binary.yaml"
    binary.write_bytes(b"\xff\xfe")
    for read in (read_definition, read_faults):
        for path in (tmp_path / "missing.yaml", tmp_path, binary):
            with pytest.raises(SurroundingsFailed) as caught:
                read(path)
            assert [item.code for item in caught.value.diagnostics] == ["L601"]


def test_files_that_are_absent_mean_the_demo_world_and_no_faults():
    assert read_definition(None) == demo_definition()
    assert read_faults(None) == ()


def test_the_demo_world_names_what_the_demo_needs():
    world = demo_definition()
    plans = {plan.id: plan.name for plan in world.plans}
    assert plans[100] == "Documented call"
    assert (plans[1000], plans[1001], plans[1002]) == (
        "Deploy web",
        "Migrate database",
        "Smoke test",
    )
    assert plans[2000] == "Deploy web"
    assert all(
        any(variable.name == "LAUNCH_KEY" for variable in plan.variables) for plan in world.plans
    )


def test_every_diagnostic_of_the_area_is_written_out():
    for code, entry in catalogue().items():
        if code.startswith("L6"):
            assert entry.summary
            assert entry.cause
            assert entry.cure
