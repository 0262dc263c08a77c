"""get_job_instance_status, get_job_instance_list, get_job_instance_global_var_value."""

from __future__ import annotations

import pytest

from tests.support.sandbox import NOON_MS, a_plan, a_script, a_variable, a_world, bench

_DAY = 86_400_000
_WINDOW = {"create_time_start": NOON_MS - 1000, "create_time_end": NOON_MS + 3_600_000}
_KEY = a_variable("KEY", value="default")


@pytest.mark.parametrize(
    ("operation", "params", "code"),
    [
        pytest.param("get_job_instance_status", {}, 1240003, id="status: GET without id"),
        pytest.param(
            "get_job_instance_status", {"job_instance_id": 0}, 1241007, id="status: id zero"
        ),
        pytest.param(
            "get_job_instance_status", {"job_instance_id": "x"}, 1240003, id="status: no number"
        ),
        pytest.param(
            "get_job_instance_status",
            {"job_instance_id": None, "door": "esb"},
            1241007,
            id="status: POST with null",
        ),
        pytest.param(
            "get_job_instance_status", {"job_instance_id": 5}, 1244006, id="status: unknown"
        ),
        pytest.param(
            "get_job_instance_global_var_value", {"job_instance_id": 0}, 1241007, id="values: zero"
        ),
        pytest.param(
            "get_job_instance_global_var_value",
            {"job_instance_id": 5},
            1244006,
            id="values: unknown",
        ),
    ],
)
def test_request_rules(operation, params, code):
    assert bench().code(operation, **params) == code


def test_status_of_another_scope_is_not_found():
    table = bench()
    instance = table.prepare()
    found = table.code("get_job_instance_status", job_instance_id=instance, bk_scope_id="3")
    assert found == 1244006


def test_status_of_a_finished_job():
    table = bench(a_world(a_plan(a_script(runs=[{"takes_s": 3}])), server={"start_lag_s": 1}))
    instance = table.run()
    assert table.status(instance, return_ip_result=True) == {
        "finished": True,
        "job_instance": {
            "bk_biz_id": 2,
            "bk_scope_type": "biz",
            "bk_scope_id": "2",
            "job_instance_id": 20000000001,
            "status": 3,
            "name": "web rollout",
            "create_time": NOON_MS,
            "start_time": NOON_MS + 1000,
            "end_time": NOON_MS + 4000,
            "total_time": 3000,
        },
        "step_instance_list": [
            {
                "step_instance_id": 20000000001,
                "name": "check",
                "status": 3,
                "type": 1,
                "execute_count": 0,
                "start_time": NOON_MS + 1000,
                "end_time": NOON_MS + 4000,
                "total_time": 3000,
                "create_time": NOON_MS,
                "step_ip_result_list": [
                    {
                        "bk_host_id": 101,
                        "ip": "10.0.0.11",
                        "bk_cloud_id": 0,
                        "status": 9,
                        "tag": "",
                        "exit_code": 0,
                        "error_code": 0,
                        "start_time": NOON_MS + 1000,
                        "end_time": NOON_MS + 4000,
                        "total_time": 3000,
                    },
                ],
            },
        ],
    }


def test_status_host_results_are_null_unless_asked_and_empty_before_a_step_starts():
    approval = {"type": "approval", "id": 1, "name": "approve"}
    table = bench(a_world(a_plan(approval, a_script())))
    instance = table.run()
    plain = table.status(instance)["step_instance_list"]
    asked = table.status(instance, return_ip_result=True)["step_instance_list"]
    assert [step["step_ip_result_list"] for step in plain] == [None, None]
    assert [step["step_ip_result_list"] for step in asked] == [[], []]


def test_status_step_types_are_execute_types():
    steps = [
        a_script("shell"),
        {
            "type": "file",
            "id": 2,
            "name": "push",
            "sources": [{"files": ["/a"]}],
            "path": "/",
            "account": 4,
            "targets": {"hosts": [101]},
        },
        {"type": "approval", "id": 1, "name": "approve"},
        a_script("sql", language=6),
    ]
    table = bench(a_world(a_plan(*steps)))
    found = table.status(table.prepare())["step_instance_list"]
    assert [step["type"] for step in found] == [1, 2, 3, 4]


def test_status_of_someone_elses_instance_needs_view_history():
    users = [{"name": "bob", "denied": [{"action": "view_history"}]}]
    table = bench(a_world(a_plan(variables=[_KEY]), users=users))
    mine = table.prepare()
    table.user = "bob"
    own = table.prepare()
    for operation in ("get_job_instance_status", "get_job_instance_global_var_value"):
        assert table.code(operation, job_instance_id=mine) == 9900403
        assert table.code(operation, job_instance_id=own) == 0


def _listed(table, **params):
    data = table.data("get_job_instance_list", **{**_WINDOW, **params})
    return [row["job_instance_id"] - 20000000000 for row in data["data"] or []]


@pytest.mark.parametrize(
    ("params", "code"),
    [
        pytest.param({"create_time_start": 0}, 1241007, id="list: start below 1"),
        pytest.param({"create_time_end": 0}, 1241007, id="list: end below 1"),
        pytest.param({"create_time_end": NOON_MS - 1000}, 1241007, id="list: end = start"),
        pytest.param({"create_time_end": NOON_MS - 2000}, 1241007, id="list: end < start"),
        pytest.param({"create_time_start": 1}, 1241002, id="list: more than 30 days"),
        pytest.param(
            {"create_time_start": 1, "job_instance_id": 20000000001},
            1241002,
            id="list: the range is checked even with an id",
        ),
        pytest.param(
            {"create_time_start": NOON_MS, "create_time_end": NOON_MS + 30 * _DAY},
            0,
            id="list: exactly 30 days",
        ),
        pytest.param({"launch_mode": 4}, 1240002, id="list: unknown launch mode"),
        pytest.param({"type": 3}, 1241002, id="list: unknown type"),
        pytest.param({"status": 12}, 1240002, id="list: unknown status"),
        pytest.param({"length": 0}, 1240003, id="list: length zero"),
        pytest.param({"length": 1001}, 1240003, id="list: length beyond 1000"),
        pytest.param({"length": 1000}, 0, id="list: length 1000"),
        pytest.param({"start": -5}, 0, id="list: negative start"),
        pytest.param({"start": 5000}, 0, id="list: no largest start by default"),
    ],
)
def test_list_request_rules(params, code):
    assert bench().code("get_job_instance_list", **{**_WINDOW, **params}) == code


def test_list_without_a_time_range():
    table = bench()
    assert table.code("get_job_instance_list") == 1240003
    assert table.code("get_job_instance_list", door="esb") == 1241007


def test_list_start_can_be_limited():
    table = bench(a_world(server={"max_list_start": 1000}))
    assert table.code("get_job_instance_list", **_WINDOW, start=1000) == 0
    assert table.code("get_job_instance_list", **_WINDOW, start=1001) == 1241010


def test_list_rows_pages_and_order():
    table = bench()
    for _ in range(5):
        table.prepare()
        table.wait(1)
    assert _listed(table) == [5, 4, 3, 2, 1]
    data = table.data("get_job_instance_list", **_WINDOW, start=2, length=2)
    assert (data["start"], data["length"], data["total"]) == (2, 2, 5)
    assert [row["job_instance_id"] for row in data["data"]] == [20000000003, 20000000002]


def test_list_shows_an_unstarted_instance_with_its_real_keys():
    table = bench()
    table.prepare()
    (row,) = table.data("get_job_instance_list", **_WINDOW)["data"]
    assert row == {
        "bk_biz_id": 2,
        "bk_scope_type": "biz",
        "bk_scope_id": "2",
        "job_instance_id": 20000000001,
        "job_plan_id": 1000,
        "job_template_id": 500,
        "name": "web rollout",
        "operator": "alice",
        "launch_mode": 2,
        "status": 1,
        "start_time": None,
        "end_time": None,
        "total_time": None,
        "create_time": NOON_MS,
        "type": 0,
    }


def test_list_an_empty_page_is_null():
    table = bench()
    empty = {"start": 0, "length": 20, "total": 0, "data": None}
    assert table.data("get_job_instance_list", **_WINDOW) == empty
    table.prepare()
    beyond = table.data("get_job_instance_list", **_WINDOW, start=1)
    assert (beyond["total"], beyond["data"]) == (1, None)


@pytest.mark.parametrize(
    ("params", "found"),
    [
        pytest.param({}, [2, 1], id="list: everybody's"),
        pytest.param({"operator": "bob"}, [2], id="list: by operator"),
        pytest.param({"operator": "bo"}, [], id="list: operator is exact"),
        pytest.param({"name": "roll"}, [1], id="list: name is LIKE"),
        pytest.param({"name": "ROLL"}, [1], id="list: name ignores case"),
        pytest.param({"name": "w_b%out"}, [1], id="list: wildcards in the name"),
        pytest.param({"name": "100%"}, [2], id="list: a percent sign finds more than itself"),
        pytest.param({"name": "w.b"}, [], id="list: a dot is a dot"),
        pytest.param({"launch_mode": 1}, [], id="list: nothing was launched from the web"),
        pytest.param({"launch_mode": 2}, [2, 1], id="list: by launch mode"),
        pytest.param({"type": 1}, [], id="list: no scripts"),
        pytest.param({"status": 1}, [2], id="list: by status"),
        pytest.param({"ip": "10.0.0.12"}, [2], id="list: by host address"),
        pytest.param({"job_cron_id": 7}, [], id="list: by cron"),
        pytest.param({"job_cron_id": 0}, [2, 1], id="list: cron zero is no filter"),
        pytest.param(
            {"job_instance_id": 20000000001, "name": "no"}, [1], id="list: an id beats all"
        ),
        pytest.param(
            {
                "job_instance_id": 20000000001,
                "create_time_start": NOON_MS - 9000,
                "create_time_end": NOON_MS - 8000,
            },
            [1],
            id="list: an id beats the time range too",
        ),
        pytest.param({"job_instance_id": 0}, [2, 1], id="list: id zero is no filter"),
        pytest.param({"create_time_end": NOON_MS}, [1], id="list: the end is inclusive"),
        pytest.param(
            {"create_time_start": NOON_MS + 100_000}, [2], id="list: the start is inclusive"
        ),
        pytest.param({"create_time_start": NOON_MS + 100_001}, [], id="list: after the start"),
        pytest.param({"bk_scope_id": "3"}, [], id="list: of one scope only"),
        pytest.param({"job_plan_id": 1000}, [2, 1], id="list: no filter by plan exists"),
    ],
)
def test_list_filters(params, found):
    other = a_plan(a_script(targets={"hosts": [102]}), id=1001, name="100 things")
    table = bench(a_world(a_plan(), other))
    table.run(seconds=100)
    table.user = "bob"
    table.prepare(plan=1001)
    assert _listed(table, **params) == found


def test_list_total_time_is_live_while_it_runs():
    step = a_script(runs=[{"takes_s": 500}])
    table = bench(a_world(a_plan(step), server={"start_lag_s": 0}))
    instance = table.run(seconds=7)
    (row,) = table.data("get_job_instance_list", **_WINDOW)["data"]
    assert (row["total_time"], row["end_time"]) == (7000, None)
    assert table.status(instance)["job_instance"]["total_time"] is None


def _values(table, instance):
    return table.data("get_job_instance_global_var_value", job_instance_id=instance)


def test_values_are_string_variables_of_script_steps_only():
    kinds = ("namespace", "hosts", "cipher", "associative-array", "index-array")
    others = [a_variable(kind, kind) for kind in kinds]
    approval = {"type": "approval", "id": 1, "name": "approve"}
    sql = a_script("sql", language=6)
    table = bench(a_world(a_plan(a_script(), approval, sql, variables=[_KEY, *others])))
    instance = table.prepare(global_var_list=[{"name": "KEY", "value": "mine"}])
    one = [{"name": "KEY", "value": "mine", "type": 1}]
    assert _values(table, instance) == {
        "job_instance_id": instance,
        "step_instance_var_list": [
            {"step_instance_id": table.step_id(instance, 0), "global_var_list": one},
            {"step_instance_id": table.step_id(instance, 2), "global_var_list": one},
        ],
    }


@pytest.mark.parametrize(
    "plan",
    [
        pytest.param(
            a_plan({"type": "approval", "id": 1, "name": "approve"}, variables=[_KEY]),
            id="values: no script step",
        ),
        pytest.param(a_plan(), id="values: no variable"),
    ],
)
def test_values_can_be_empty(plan):
    table = bench(a_world(plan))
    assert _values(table, table.prepare())["step_instance_var_list"] == []


def test_values_are_overlaid_by_what_steps_set_but_constants_stay():
    fixed = a_variable("FIXED", value="f", changeable=False)
    runs = [{"takes_s": 10, "sets": {"KEY": "new", "FIXED": "new", "NOBODY": "new"}}]
    table = bench(a_world(a_plan(a_script(runs=runs), variables=[_KEY, fixed])))
    instance = table.run(seconds=5)
    assert table.texts(instance) == {"KEY": "default", "FIXED": "f"}
    table.wait(60)
    assert table.texts(instance) == {"KEY": "new", "FIXED": "f"}
