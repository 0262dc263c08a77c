"""The twenty places where JOB's documents and its code differ, and the further traps."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.support.facts.rows import (
    APPROVAL,
    FILE,
    STRING,
    WINDOW,
    Fact,
    a_user,
    code,
    data,
    fact,
    plan_with,
)
from tests.support.sandbox import a_plan, a_script, a_variable

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.support.sandbox import Bench

__all__ = ["QUIRKS"]


def _listed(*names: str) -> Callable[[Bench], list[bool]]:
    """Which of these keys an item of the instance list has."""
    return lambda t: (
        t.prepare(),
        [name in t.data("get_job_instance_list", **WINDOW)["data"][0] for name in names],
    )[1]


def _step(kind: str, *path: str) -> Callable[[Bench], Any]:
    return data("get_job_plan_detail", "step_list", 0, kind, *path, job_plan_id=1000)


def _told(table: Bench, **params: Any) -> int:
    """How many hosts get_step_instance_status tells for a batch."""
    instance = table.run()
    ids = {"job_instance_id": instance, "step_instance_id": table.step_id(instance)}
    groups = table.data("get_step_instance_status", **ids, **params)["step_result_group_list"]
    return sum(group["host_size"] for group in groups)


_DIFFERENCES = (
    fact(
        "7 1: list items have job_instance_id, status, type",
        _listed("job_instance_id", "status", "type"),
        [True] * 3,
    ),
    fact(
        "7 1: not id, task_status, task_type",
        _listed("id", "task_status", "task_type"),
        [False] * 3,
    ),
    fact(
        "7 2: an empty instance list is null", data("get_job_instance_list", "data", **WINDOW), None
    ),
    fact(
        "7 2: an empty plan list is [] with total 0",
        lambda t: [t.data("get_job_plan_list", start=9)[k] for k in ("data", "total")],
        [[], 0],
    ),
    fact(
        "7 3: total is that of the query",
        lambda t: (
            t.prepare(),
            t.prepare(),
            t.data("get_job_instance_list", **WINDOW, length=1)["total"],
        )[2],
        2,
    ),
    fact("7 4: plan detail has id", data("get_job_plan_detail", "id", job_plan_id=1000), 1000),
    fact(
        "7 4: file_source_list, not file_source",
        lambda t: [k in _step("file_info")(t) for k in ("file_source_list", "file_source")],
        [True, False],
        a_plan(FILE),
    ),
    fact(
        "7 4: an account is an object with its id only",
        _step("script_info", "account"),
        {"id": 4, "name": None, "alias": None},
    ),
    fact(
        "7 4: source_speed_limit and destination_speed_limit",
        lambda t: [
            _step("file_info", k)(t) for k in ("source_speed_limit", "destination_speed_limit")
        ],
        [10, 20],
        a_plan({**FILE, "source_speed_limit": 10, "destination_speed_limit": 20}),
    ),
    fact(
        "7 5: plan times are seconds, instance times milliseconds",
        lambda t: [
            len(str(t.data("get_job_plan_list")["data"][0]["create_time"])),
            len(str(t.status(t.prepare())["job_instance"]["create_time"])),
        ],
        [10, 13],
    ),
    fact(
        "7 6: the plan list ignores time filters and has no largest page",
        lambda t: t.data("get_job_plan_list", create_time_end=1, length=5000)["total"],
        1,
    ),
    fact(
        "7 7: callbacks tell end states only",
        lambda t: (i := t.run(callback_url="https://o.org/"), t.inside(i).callbacks)[1],
        (),
        a_plan(APPROVAL),
    ),
    fact(
        "7 8: a callback is due once for each end",
        lambda t: (
            i := t.run(callback_url="https://o.org/"),
            t.wait(9999),
            len(t.inside(i).callbacks),
        )[2],
        1,
    ),
    fact(
        "7 9: batch absent, 0 or 1 of a step that is not rolling",
        lambda t: [_told(t), _told(t, batch=0), _told(t, batch=1)],
        [1, 1, 1],
    ),
    fact(
        "7 10: start_task and operation 2 exist",
        lambda t: (i := t.prepare(), t.job_status(i), t.start(i))[1:],
        (1, 0),
    ),
    fact("7 11: step operation 13 exists", lambda t: t.operate_step(t.prepare(), 13), 1241003),
    fact("7 11: step operation 14 does not", lambda t: t.operate_step(t.prepare(), 14), 1241002),
    fact(
        "7 12: JOB emits neither message nor request_id on success",
        lambda t: [k in t.call("get_job_plan_list") for k in ("message", "request_id")],
        [False, False],
    ),
    fact(
        "7 13: no address in permission",
        lambda t: "url" in str(t.call("get_job_plan_list")["permission"]).lower(),
        False,
        users=[a_user({"action": "access_business"})],
    ),
    fact(
        "7 14: an id that fits nothing does not fall back to the name",
        lambda t: t.texts(t.prepare(global_var_list=[{"id": 9, "name": "KEY", "value": "x"}])),
        {"KEY": "default"},
        plan_with(STRING),
    ),
    fact(
        "7 14: an empty id lets the name count",
        lambda t: t.texts(t.prepare(global_var_list=[{"id": None, "name": "KEY", "value": "x"}])),
        {"KEY": "x"},
        plan_with(STRING),
    ),
    fact(
        "7 15: tenant_set is a scope type",
        code("get_job_plan_list", bk_scope_type="tenant_set", bk_scope_id="1"),
        0,
        scopes=[
            {"type": "biz", "id": "2"},
            {"type": "biz", "id": "3"},
            {"type": "tenant_set", "id": "1"},
        ],
    ),
    fact(
        "7 16: required is not enforced",
        lambda t: t.texts(t.prepare()),
        {"A": None},
        plan_with(a_variable("A", required=True)),
    ),
    fact(
        "7 17: job_instance_name is text",
        data("execute_job_plan", "job_instance_name", job_plan_id=1000),
        "web rollout",
    ),
    fact(
        "7 18: step type 3 in the status",
        lambda t: t.status(t.prepare())["step_instance_list"][0]["type"],
        3,
        a_plan(APPROVAL),
    ),
    fact(
        "7 19: bk_biz_id is optional",
        lambda t: t.send("get_job_plan_list", bk_scope_type="biz", bk_scope_id="2").record.code,
        0,
    ),
    fact(
        "7 20: script_timeout may be 1",
        _step("script_info", "script_timeout"),
        1,
        a_plan(a_script(timeout_s=1)),
    ),
)

_TRAPS = (
    fact(
        "7 trap: start_task null",
        lambda t: (
            t.code("execute_job_plan", job_plan_id=1000, start_task=None),
            len(t.state.instances),
        ),
        (1240002, 1),
    ),
    fact(
        "7 trap: ignoring the error of an abnormal step wedges the job",
        lambda t: (i := t.run(), t.operate_step(i, 3), t.wait(9999), t.job_status(i))[3],
        2,
        a_plan(a_script(runs=[{"ends": "abnormal"}])),
    ),
    fact(
        "7 trap: a name filter of wildcards finds everything",
        lambda t: (t.prepare(), t.data("get_job_instance_list", **WINDOW, name="___")["total"])[1],
        1,
    ),
    fact(
        "7 trap: a backslash makes a wildcard literal",
        lambda t: (t.prepare(), t.data("get_job_instance_list", **WINDOW, name="\\%")["total"])[1],
        0,
    ),
    fact(
        "7 fault: answer lost after the insert",
        lambda t: (
            t.arm({"fault": "answer-lost"}),
            t.send(
                "execute_job_plan", bk_scope_type="biz", bk_scope_id="2", job_plan_id=1000
            ).delivery.is_silent,
            len(t.state.instances),
        )[1:],
        (True, 1),
    ),
    fact(
        "7 fault: late insert",
        lambda t: (
            t.arm({"fault": "late-insert", "seconds": 90}),
            t.send("execute_job_plan", bk_scope_type="biz", bk_scope_id="2", job_plan_id=1000),
            t.data("get_job_instance_list", **WINDOW)["total"],
            t.wait(91),
            t.data("get_job_instance_list", **WINDOW)["total"],
        )[2::2],
        (0, 1),
    ),
    fact(
        "7 fault: quota",
        lambda t: (
            t.arm({"fault": "quota", "level": "app"}),
            t.code("execute_job_plan", job_plan_id=1000),
        )[1],
        1244033,
    ),
    fact(
        "7 fault: permission",
        lambda t: (t.arm({"fault": "permission-denied"}), t.code("get_job_plan_list"))[1],
        9900403,
    ),
)

QUIRKS: tuple[Fact, ...] = (*_DIFFERENCES, *_TRAPS)
