"""execute_job_plan: how sent variables are merged with the plan's, and what is frozen."""

from __future__ import annotations

import pytest

from launcher.sandbox.caller import MASK
from launcher.sandbox.plan_definition import Plan
from tests.support.sandbox import Bench, a_plan, a_script, a_variable, a_world, bench

_VARIABLES = [
    {"id": 11, "name": "A", "type": "string", "value": "a0"},
    {"id": 12, "name": "B", "type": "string", "value": "b0"},
    {"id": 13, "name": "FIXED", "type": "string", "value": "f0", "changeable": False},
    {"id": 14, "name": "NEEDED", "type": "string", "required": True},
    {"id": 21, "name": "HOSTS", "type": "hosts", "targets": {"hosts": [101, 102]}},
    {"id": 31, "name": "PASS", "type": "cipher", "value": "s0"},
    {"id": 32, "name": "SPACE", "type": "namespace", "value": "n0"},
    {"id": 33, "name": "MAP", "type": "associative-array", "value": "(x)"},
    {"id": 34, "name": "LIST", "type": "index-array", "value": "(y)"},
]
_DEFAULTS = {"A": "a0", "B": "b0", "FIXED": "f0", "NEEDED": None}


def _world():
    return a_world(a_plan(variables=_VARIABLES))


@pytest.mark.parametrize(
    ("sent", "changed"),
    [
        pytest.param([], {}, id="launch-variables: not mentioned, the plan's value is used"),
        pytest.param([{"id": 11, "value": "x"}], {"A": "x"}, id="launch-variables: by id"),
        pytest.param([{"name": "A", "value": "x"}], {"A": "x"}, id="launch-variables: by name"),
        pytest.param(
            [{"name": "a", "value": "x"}], {}, id="launch-variables: names are case-sensitive"
        ),
        pytest.param(
            [{"name": "nobody", "value": "x"}],
            {},
            id="launch-variables: unknown name is silently ignored",
        ),
        pytest.param(
            [{"id": 999, "value": "x"}], {}, id="launch-variables: unknown id is silently ignored"
        ),
        pytest.param(
            [{"id": 999, "name": "A", "value": "x"}],
            {},
            id="launch-variables: an unknown id does not fall back to the name",
        ),
        pytest.param(
            [{"id": 12, "name": "A", "value": "x"}],
            {"B": "x"},
            id="launch-variables: the id is matched, not the name",
        ),
        pytest.param(
            [{"name": "A", "value": "x"}, {"name": "A", "value": "y"}],
            {"A": "y"},
            id="launch-variables: the last of one name wins",
        ),
        pytest.param(
            [{"id": 11, "value": "x"}, {"id": 11, "value": "y"}],
            {"A": "y"},
            id="launch-variables: the last of one id wins",
        ),
        pytest.param(
            [{"id": 11, "value": "x"}, {"name": "A", "value": "y"}],
            {"A": "x"},
            id="launch-variables: the id item wins over the name item",
        ),
        pytest.param(
            [{"name": "A", "value": None}],
            {"A": None},
            id="launch-variables: null overrides the default",
        ),
        pytest.param(
            [{"name": "A"}], {"A": None}, id="launch-variables: an absent value is null too"
        ),
        pytest.param(
            [{"name": "A", "value": ""}], {"A": ""}, id="launch-variables: empty text overrides"
        ),
        pytest.param(
            [{"name": "A", "value": 5}], {"A": "5"}, id="launch-variables: a number becomes text"
        ),
        pytest.param(
            [{"name": "FIXED", "value": "x"}],
            {"FIXED": "x"},
            id="launch-variables: a constant is overridden anyway",
        ),
        pytest.param(
            [{"name": "NEEDED", "value": ""}],
            {"NEEDED": ""},
            id="launch-variables: required is not enforced",
        ),
        pytest.param(
            [{"name": "A", "server": {"host_id_list": [101]}}],
            {"A": None},
            id="launch-variables: a server beside a non-host variable wipes its value",
        ),
        pytest.param(
            [
                {
                    "name": "A",
                    "value": "x",
                    "description": "d",
                    "type": 4,
                    "required": 1,
                    "used": True,
                }
            ],
            {"A": "x"},
            id="launch-variables: the shared shape's other fields are ignored",
        ),
    ],
)
def test_merging_of_string_variables(sent, changed):
    table = bench(_world())
    instance = table.prepare(global_var_list=sent)
    assert table.texts(instance) == {**_DEFAULTS, **changed}


@pytest.mark.parametrize(
    ("item", "hosts"),
    [
        pytest.param(None, [101, 102], id="launch-variables: host variable not mentioned"),
        pytest.param({"server": {"host_id_list": [103]}}, [103], id="launch-variables: host ids"),
        pytest.param(
            {"value": "", "server": {"host_id_list": [103]}},
            [103],
            id="launch-variables: an empty value beside a server",
        ),
        pytest.param(
            {"value": "x", "server": {"host_id_list": [103]}},
            [],
            id="launch-variables: a value makes the server ignored",
        ),
        pytest.param({}, [], id="launch-variables: mentioned without anything"),
        pytest.param({"server": {}}, [], id="launch-variables: mentioned with an empty server"),
        pytest.param(
            {"server": {"ip_list": []}}, [], id="launch-variables: an empty list is empty"
        ),
    ],
)
def test_merging_of_host_variables(item, hosts):
    table = bench(_world())
    sent = [] if item is None else [{"name": "HOSTS", **item}]
    instance = table.inside(table.prepare(global_var_list=sent))
    (found,) = [variable for variable in instance.variables if variable.name == "HOSTS"]
    assert list(found.host_ids) == hosts


def test_launch_variables_a_wiped_target_of_a_step_is_1244028():
    hosts = a_variable("HOSTS", "hosts", targets={"hosts": [101]})
    table = bench(a_world(a_plan(a_script(variable="HOSTS"), variables=[hosts])))
    assert table.code("execute_job_plan", job_plan_id=1000) == 0
    sent = [{"name": "HOSTS"}]
    answer = table.call("execute_job_plan", job_plan_id=1000, global_var_list=sent)
    assert answer["code"] == 1244028
    assert answer["message"] == "Step [check] target execute object is empty"


def _frozen(table: Bench, instance: int) -> dict[str, str | None]:
    return {item.name: item.value for item in table.inside(instance).variables}


def test_launch_variables_arrays_and_namespaces_are_raw_text():
    table = bench(_world())
    sent = [{"name": name, "value": "((broken"} for name in ("MAP", "LIST", "SPACE")]
    frozen = _frozen(table, table.prepare(global_var_list=sent))
    assert {frozen[name] for name in ("MAP", "LIST", "SPACE")} == {"((broken"}


def test_launch_variables_a_cipher_is_never_kept_in_the_clear():
    table = bench(_world())
    instance = table.prepare(global_var_list=[{"name": "PASS", "value": "hunter22"}])
    assert _frozen(table, instance)["PASS"] == MASK
    assert "hunter22" not in str(table.state)
    assert "hunter22" not in str(table.replies[-1].record)


def test_frozen_inputs_a_changed_plan_does_not_touch_an_instance():
    table = bench(_world())
    instance = table.prepare(global_var_list=[{"name": "A", "value": "x"}])
    changed = a_world(a_plan(a_script("other"), name="renamed", variables=_VARIABLES[1:]))
    after = bench(changed)
    after.state = table.state
    assert after.texts(instance)["A"] == "x"
    assert after.status(instance)["step_instance_list"][0]["name"] == "check"
    assert isinstance(changed.plans[0], Plan)
