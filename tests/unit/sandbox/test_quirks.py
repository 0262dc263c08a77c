"""Where the documents and the server differ: the server wins. One test for each difference."""

from __future__ import annotations

import json

import pytest

from launcher.sandbox.control import instance_facts
from tests.support.sandbox import NOON_MS, SCOPE, a_plan, a_script, a_variable, a_world, bench

_WINDOW = {"create_time_start": NOON_MS - 1000, "create_time_end": NOON_MS + 3_600_000}
_APPROVAL = {"type": "approval", "id": 1, "name": "approve"}


def test_quirk_1_list_items_are_named_job_instance_id_status_type():
    table = bench()
    table.prepare()
    (row,) = table.data("get_job_instance_list", **_WINDOW)["data"]
    assert {"job_instance_id", "status", "type"} <= set(row)
    assert not {"id", "task_status", "task_type"} & set(row)


def test_quirk_2_an_empty_instance_list_is_null_an_empty_plan_list_is_a_list_with_total_0():
    table = bench()
    assert table.data("get_job_instance_list", **_WINDOW)["data"] is None
    plans = table.data("get_job_plan_list", start=50)
    assert (plans["data"], plans["total"]) == ([], 0)


def test_quirk_3_total_is_that_of_the_query_not_of_the_page():
    table = bench()
    for _ in range(3):
        table.prepare()
    data = table.data("get_job_instance_list", **_WINDOW, length=1)
    assert (len(data["data"]), data["total"]) == (1, 3)


def test_quirk_4_plan_detail_is_named_id_and_accounts_are_objects():
    data = bench().data("get_job_plan_detail", job_plan_id=1000)
    assert data["id"] == 1000
    assert data["step_list"][0]["script_info"]["account"]["id"] == 4


def test_quirk_5_plan_times_are_seconds_instance_times_milliseconds():
    table = bench()
    plan = table.data("get_job_plan_detail", job_plan_id=1000)
    job = table.status(table.prepare())["job_instance"]
    assert len(str(plan["create_time"])) == 10
    assert len(str(job["create_time"])) == 13


def test_quirk_6_plan_list_ignores_time_filters_and_has_no_largest_page():
    table = bench()
    data = table.data("get_job_plan_list", create_time_end=1, length=50_000)
    assert (data["length"], data["total"]) == (50_000, 1)


def test_quirk_7_callbacks_tell_end_states_only():
    table = bench(a_world(a_plan(_APPROVAL, a_script())))
    instance = table.run(callback_url="https://o.org/")
    assert table.job_status(instance) == 7
    assert table.inside(instance).callbacks == ()
    table.operate_step(instance, 6)
    table.wait(60)
    facts = instance_facts(table.inside(instance))
    assert isinstance(facts, dict)
    assert json.dumps(facts["callbacks"]).count('"status": 3') == 1


def test_quirk_8_a_callback_is_due_once_per_end():
    table = bench()
    instance = table.run(callback_url="https://o.org/")
    table.wait(3600)
    assert len(table.inside(instance).callbacks) == 1


def test_quirk_9_batch_of_a_step_may_be_absent_zero_or_a_number():
    table = bench()
    instance = table.run()
    ids = {"job_instance_id": instance, "step_instance_id": table.step_id(instance)}
    shown = [table.data("get_step_instance_status", **ids)]
    shown += [table.data("get_step_instance_status", **ids, batch=batch) for batch in (0, 1)]
    assert shown[0] == shown[1] == shown[2]


def test_quirk_10_start_task_and_code_2_exist_at_both_doors():
    table = bench()
    for door in ("gateway", "esb"):
        instance = table.prepare(door=door)
        table.wait(60)
        assert table.job_status(instance) == 1
        assert table.start(instance, door=door) == 0


def test_quirk_11_step_operation_13_is_known_and_never_applies():
    table = bench(a_world(a_plan(_APPROVAL)))
    instance = table.run()
    assert table.operate_step(instance, 13) == 1241003
    assert table.operate_step(instance, 14) == 1241002


def test_quirk_12_a_success_has_neither_message_nor_request_id():
    answer = bench().call("get_job_plan_list")
    assert not {"message", "request_id"} & set(answer)


def test_quirk_13_a_permission_has_no_address_to_apply_at():
    table = bench()
    table.arm({"fault": "permission-denied"})
    permission = table.call("get_job_plan_list")["permission"]
    assert set(permission) == {"system_id", "system_name", "actions"}
    assert "http" not in json.dumps(permission)


def test_quirk_14_an_id_that_fits_nothing_does_not_fall_back_to_the_name():
    table = bench(a_world(a_plan(variables=[a_variable("A", value="a")])))
    sent = [{"id": 1, "name": "A", "value": "x"}]
    assert table.texts(table.prepare(global_var_list=sent)) == {"A": "a"}


def test_quirk_15_tenant_set_is_a_scope_type():
    table = bench()
    assert table.code("get_job_plan_list", bk_scope_type="tenant_set") == 1243049
    assert table.code("get_job_plan_list", bk_scope_type="tenant") == 1241005


def test_quirk_16_required_is_not_enforced():
    table = bench(a_world(a_plan(variables=[a_variable("A", required=True)])))
    assert table.texts(table.prepare()) == {"A": None}


def test_quirk_17_the_instance_name_is_text_and_the_plans():
    data = bench().data("execute_job_plan", job_plan_id=1000, name="mine")
    assert data["job_instance_name"] == "web rollout"


def test_quirk_18_manual_steps_are_of_type_3_in_the_status():
    table = bench(a_world(a_plan(_APPROVAL)))
    assert table.status(table.prepare())["step_instance_list"][0]["type"] == 3


def test_quirk_19_bk_biz_id_is_optional_and_still_answered():
    table = bench()
    old = table.send("get_job_plan_list", bk_biz_id=2).response.json()
    new = table.send("get_job_plan_list", **SCOPE).response.json()
    assert old["data"] == new["data"]
    assert "'bk_biz_id': 2" in str(new["data"])


@pytest.mark.parametrize("timeout", [1, 259200])
def test_quirk_20_script_timeouts_reach_from_1_to_259200(timeout):
    table = bench(a_world(a_plan(a_script(timeout_s=timeout))))
    step = table.data("get_job_plan_detail", job_plan_id=1000)["step_list"][0]
    assert step["script_info"]["script_timeout"] == timeout


def test_trap_1244012_can_be_passing_trouble():
    table = bench()
    table.arm({"fault": "plan-unreachable"})
    assert table.code("execute_job_plan", job_plan_id=1000) == 1244012
    assert table.code("get_job_plan_detail", job_plan_id=1000) == 0
    assert table.code("execute_job_plan", job_plan_id=1000) == 0


def test_trap_ids_are_beyond_32_bits():
    table = bench()
    instance = table.prepare()
    assert instance == 20_000_000_001
    assert table.step_id(instance) == 20_000_000_001
    assert instance > 2**32
