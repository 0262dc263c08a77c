"""The access log: what it keeps of a request that carries secrets."""

from __future__ import annotations

import pytest

from tests.support.sandbox import SCOPE, a_plan, a_script, a_variable, a_world, bench

_PLAN = a_plan(
    a_script(),
    variables=[a_variable("PASS", "cipher", id=41), a_variable("OPEN", id=42, value="o")],
)
_SECRET = "hunter22"  # noqa: S105 - what is looked for


def _told(door="gateway", **params):
    """How the access log tells a launch with these parameters; the secret is not in it."""
    table = bench(a_world(_PLAN))
    sent = {**SCOPE, "job_plan_id": 1000, **params}
    record = table.send("execute_job_plan", door=door, **sent).record
    assert _SECRET not in repr(record)
    return record.params


@pytest.mark.parametrize(
    "params",
    [
        pytest.param({"global_var_list": [{"name": "PASS", "value": _SECRET}]}, id="by name"),
        pytest.param({"global_var_list": [{"id": 41, "value": _SECRET}]}, id="by id"),
        pytest.param({"global_var_list": [{"id": "41", "value": _SECRET}]}, id="by id as text"),
        pytest.param(
            {"job_plan_id": "1000", "global_var_list": [{"id": 41, "value": _SECRET}]},
            id="of a plan as text",
        ),
        pytest.param(
            {"job_plan_id": 7, "global_var_list": [{"id": 41, "value": _SECRET}]},
            id="of an unknown plan",
        ),
        pytest.param(
            {"job_plan_id": [], "global_var_list": [{"id": 41, "value": _SECRET}]},
            id="of no plan",
        ),
        pytest.param(
            {"global_var_list": [{"id": 42, "name": "PASS", "value": _SECRET}]},
            id="by the id of another",
        ),
        pytest.param({"global_var_list": [{"name": "pass", "value": _SECRET}]}, id="misspelt"),
        pytest.param({"global_var_list": [{"name": [], "value": _SECRET}]}, id="without a name"),
        pytest.param({"global_var_list": [_SECRET]}, id="bare"),
        pytest.param({"global_var_list": {"PASS": _SECRET}}, id="as an object"),
        pytest.param({"headers": {}, "global_var_list": [{"id": 41, "value": _SECRET}]}, id="401"),
        pytest.param({"bk_app_secret": _SECRET, "door": "esb"}, id="credentials in a body"),
        pytest.param({"bk_token": _SECRET, "door": "esb"}, id="a token in a body"),
    ],
)
def test_a_secret_is_not_kept_however_it_is_sent(params):
    _told(**params)


def test_a_refusal_at_the_gate_keeps_no_secret():
    sent = [{"id": 41, "value": _SECRET}]
    told = _told(headers={"x-bkapi-authorization": ""}, global_var_list=sent)
    assert told["global_var_list"] == [{"id": 41, "value": "******"}]


def test_what_is_surely_no_secret_is_told_as_it_came():
    sent = [{"name": "OPEN", "value": "x"}, {"id": 42, "value": "y"}, {"name": "PASS"}, None]
    assert _told(global_var_list=sent)["global_var_list"] == sent
