"""operate_step_instance: preconditions, what happens at once, what the engine makes of it."""

from __future__ import annotations

import pytest

from tests.support.sandbox import a_plan, a_script, a_world, bench

_APPROVAL = {"type": "approval", "id": 1, "name": "approve"}
_FAIL = {"ends": "fail"}
_OPERATIONS = (2, 3, 6, 8, 9, 10, 11, 12, 13)


def _failed(ends="fail", then="success"):
    runs = [{"ends": ends}, {"ends": then}]
    return a_world(a_plan(a_script(runs=runs), a_script("next")))


def _in_state(state):
    """A bench and an instance whose first step is in `state`."""
    if state in {4, 9}:
        table = bench(_failed({4: "fail", 9: "abnormal"}[state]))
        return table, table.run()
    if state in {7, 13}:
        table = bench(a_world(a_plan(_APPROVAL, a_script())))
        instance = table.run()
        if state == 13:
            table.operate_step(instance, 9)
            table.wait(5)
        return table, instance
    table = bench(a_world(a_plan(a_script(runs=[{"takes_s": 50}, {}]), a_script("next"))))
    instance = table.run(seconds=5)
    if state != 2:
        table.operate(instance, 1)
        table.wait(0.3 if state == 10 else 5)
    return table, instance


_ALLOWED = {
    2: set(),
    4: {2, 3, 8},
    7: {6, 9},
    9: {2, 3, 8},
    10: {12},
    11: {2, 8, 11},
    13: {10},
}


@pytest.mark.parametrize("state", sorted(_ALLOWED))
@pytest.mark.parametrize("operation", _OPERATIONS)
def test_preconditions(state, operation):
    table, instance = _in_state(state)
    assert table.step_statuses(instance)[0] == state
    expected = 0 if operation in _ALLOWED[state] else 1241003
    assert table.operate_step(instance, operation) == expected


@pytest.mark.parametrize(
    ("params", "code"),
    [
        pytest.param({"job_instance_id": 0}, 1241002, id="step-operation: no instance id"),
        pytest.param({"step_instance_id": None}, 1241002, id="step-operation: no step id"),
        pytest.param({"operation_code": 1}, 1241002, id="step-operation: unknown code"),
        pytest.param({"job_instance_id": 5}, 1244006, id="step-operation: unknown instance"),
        pytest.param({"step_instance_id": 5}, 1244007, id="step-operation: unknown step"),
        pytest.param({"bk_scope_id": "3"}, 1244006, id="step-operation: another scope"),
    ],
)
def test_request_rules(params, code):
    table, instance = _in_state(4)
    known = {
        "job_instance_id": instance,
        "step_instance_id": table.step_id(instance),
        "operation_code": 2,
    }
    assert table.code("operate_step_instance", **{**known, **params}) == code


def test_response_names_the_step():
    table, instance = _in_state(4)
    step = table.step_id(instance)
    data = table.data(
        "operate_step_instance", job_instance_id=instance, step_instance_id=step, operation_code=2
    )
    assert data == {
        "job_instance_id": instance,
        "job_instance_name": None,
        "step_instance_id": step,
    }


def test_finished_is_not_final_a_retry_takes_it_back_and_clears_the_end():
    table, instance = _in_state(4)
    before = table.status(instance)
    assert (before["finished"], before["job_instance"]["status"]) == (True, 4)
    table.operate_step(instance, 8)
    after = table.status(instance)
    assert (after["finished"], after["job_instance"]["status"]) == (False, 2)
    assert after["job_instance"]["end_time"] is None
    assert after["step_instance_list"][0]["execute_count"] == 1
    table.wait(60)
    assert (table.job_status(instance), table.step_statuses(instance)) == (3, [3, 3])


def test_retry_of_failed_hosts_leaves_those_that_succeeded():
    run = {"hosts": [{"id": 102, "status": 104, "exit_code": 3, "log": "bad"}], "log": "good"}
    step = a_script(targets={"hosts": [101, 102]}, runs=[run, {"log": "again"}])
    table = bench(a_world(a_plan(step)))
    instance = table.run()
    assert table.job_status(instance) == 4
    table.operate_step(instance, 2)
    table.wait(60)
    (found,) = table.status(instance, return_ip_result=True)["step_instance_list"]
    assert [host["status"] for host in found["step_ip_result_list"]] == [3, 9]
    assert found["status"] == 3


def test_retry_is_not_idempotent_but_runs_one_execution_at_a_time():
    table, instance = _in_state(4)
    assert table.operate_step(instance, 8) == 0
    assert table.operate_step(instance, 8) == 0
    table.wait(60)
    step = table.status(instance)["step_instance_list"][0]
    assert (step["execute_count"], step["status"]) == (2, 3)


def test_ignoring_an_error_goes_on_with_the_next_step():
    table, instance = _in_state(4)
    table.operate_step(instance, 3)
    table.wait(60)
    assert (table.job_status(instance), table.step_statuses(instance)) == (3, [6, 3])


def test_ignoring_an_abnormal_step_leaves_the_job_running_for_ever():
    table, instance = _in_state(9)
    assert table.operate_step(instance, 3) == 0
    table.wait(3600)
    assert (table.job_status(instance), table.step_statuses(instance)) == (2, [9, 1])


def test_next_step_and_force_skip_skip_the_step():
    table, instance = _in_state(11)
    table.operate_step(instance, 11)
    table.wait(60)
    assert (table.job_status(instance), table.step_statuses(instance)) == (3, [5, 3])
    world = a_world(
        a_plan(a_script(runs=[{"takes_s": 50}]), a_script("next")), server={"stop_lag_s": 5}
    )
    table = bench(world)
    instance = table.run(seconds=2)
    table.operate(instance, 1)
    table.wait(6)
    assert table.operate_step(instance, 12) == 0
    table.wait(60)
    assert (table.job_status(instance), table.step_statuses(instance)) == (3, [5, 3])


def test_confirming_goes_on():
    table, instance = _in_state(7)
    assert table.operate_step(instance, 6) == 0
    assert table.operate_step(instance, 6) == 0
    table.wait(60)
    assert (table.job_status(instance), table.step_statuses(instance)) == (3, [3, 3])


def test_confirm_terminate_ends_with_13_without_callback_and_keeps_the_quota():
    approval = a_plan(_APPROVAL)
    table = bench(a_world(approval, server={"quota": {"scope": 1}}))
    instance = table.run(callback_url="https://o.org/hook")
    table.operate_step(instance, 9)
    table.wait(5)
    assert (table.job_status(instance), table.step_statuses(instance)) == (13, [13])
    assert table.inside(instance).callbacks == ()
    assert table.code("execute_job_plan", job_plan_id=1000) == 1244032


def test_confirm_restart_leads_back_to_7():
    table, instance = _in_state(13)
    table.user = "anybody"
    assert table.operate_step(instance, 10) == 0
    table.wait(5)
    assert (table.job_status(instance), table.step_statuses(instance)) == (7, [7, 1])


@pytest.mark.parametrize(
    ("approval", "user", "code"),
    [
        pytest.param({"users": ["bob"]}, "bob", 0, id="confirmer: in the list"),
        pytest.param({"users": ["bob"]}, "eve", 0, id="confirmer: no role list lets all pass"),
        pytest.param({"users": ["bob"], "roles": ["ops"]}, "eve", 1244016, id="confirmer: not one"),
        pytest.param(
            {"users": ["bob"], "roles": ["ops"]}, "bob", 0, id="confirmer: list and roles"
        ),
        pytest.param({"roles": ["ops"]}, "olga", 0, id="confirmer: by role"),
    ],
)
@pytest.mark.parametrize("operation", [6, 9])
def test_confirmers(approval, user, code, operation):
    users = [{"name": "olga", "roles": ["ops"]}]
    table = bench(a_world(a_plan({**_APPROVAL, **approval}), users=users))
    instance = table.run()
    table.user = user
    assert table.operate_step(instance, operation) == code
