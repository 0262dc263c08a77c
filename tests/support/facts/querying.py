"""get_job_instance_status, get_job_instance_list, get_job_instance_global_var_value."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from tests.support.facts.rows import (
    APPROVAL,
    FILE,
    STRING,
    WINDOW,
    Fact,
    code,
    data,
    fact,
    plan_with,
)
from tests.support.sandbox import NOON_MS, a_plan, a_script, a_variable

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.support.sandbox import Bench

__all__ = ["QUERYING"]

_DAY = 86_400_000
_LONG = a_plan(a_script("one", runs=[{"takes_s": 1000}]), a_script("two"))


def _status(**params: Any) -> Callable[[Bench], int]:
    return code("get_job_instance_status", **params)


def _job(*names: str, seconds: float = 60) -> Callable[[Bench], list[Any]]:
    """Fields of the job after it ran so long; not started at all for 0."""

    def played(table: Bench) -> list[Any]:
        instance = table.run(seconds=seconds) if seconds else table.prepare()
        job = table.status(instance)["job_instance"]
        return [job[name] for name in names]

    return played


def _first_step(table: Bench, *, started: bool = True, **params: Any) -> Any:
    instance = table.run() if started else table.prepare()
    return table.status(instance, **params)["step_instance_list"][0]


_STATUS = (
    fact("2.4 job_instance_id: absent in a GET", _status(), 1240003),
    fact("2.4 job_instance_id: null in a POST", _status(door="esb", job_instance_id=None), 1241007),
    fact("2.4 job_instance_id: below 1", _status(job_instance_id=0), 1241007),
    fact("2.4 instance: unknown", _status(job_instance_id=1), 1244006),
    fact(
        "2.4 instance: of another scope",
        lambda t: t.code("get_job_instance_status", job_instance_id=t.prepare(), bk_scope_id="3"),
        1244006,
    ),
    fact(
        "2.4 instance: without step rows",
        lambda t: (
            t.arm({"fault": "half-insert"}),
            t.code("execute_job_plan", job_plan_id=1000),
            t.code("get_job_instance_status", job_instance_id=20000000001),
        )[2],
        1244007,
    ),
    fact(
        "2.4 job: keys, neither plan nor operator nor launch mode",
        lambda t: sorted(t.status(t.prepare())["job_instance"]),
        sorted(
            (
                "bk_biz_id bk_scope_type bk_scope_id job_instance_id name status create_time"
                " start_time end_time total_time"
            ).split()
        ),
    ),
    fact(
        "2.4 times: null until started",
        _job("create_time", "start_time", "end_time", "total_time", seconds=0),
        [NOON_MS, None, None, None],
    ),
    fact(
        "2.4 times: end and total null until finished",
        _job("start_time", "end_time", "total_time", seconds=2),
        [NOON_MS + 200, None, None],
        _LONG,
    ),
    fact(
        "2.4 times: epoch milliseconds, and milliseconds",
        _job("start_time", "end_time", "total_time"),
        [NOON_MS + 200, NOON_MS + 1200, 1000],
    ),
    fact(
        "2.4 steps: in the order of the plan, with execute types",
        lambda t: [
            (step["name"], step["type"]) for step in t.status(t.prepare())["step_instance_list"]
        ],
        [("sh", 1), ("push", 2), ("approve", 3), ("sql", 4)],
        a_plan(a_script("sh"), FILE, APPROVAL, a_script("sql", language=6)),
    ),
    fact(
        "2.4 steps: keys",
        lambda t: sorted(_first_step(t)),
        sorted(
            (
                "step_instance_id name status type execute_count create_time start_time end_time"
                " total_time step_ip_result_list"
            ).split()
        ),
    ),
    fact("2.4 hosts: null unless asked", lambda t: _first_step(t)["step_ip_result_list"], None),
    fact(
        "2.4 hosts: empty for a step that did not start",
        lambda t: _first_step(t, started=False, return_ip_result=True)["step_ip_result_list"],
        [],
    ),
    fact(
        "2.4 hosts: empty for a manual step",
        lambda t: _first_step(t, return_ip_result=True)["step_ip_result_list"],
        [],
        a_plan(APPROVAL),
    ),
    fact(
        "2.4 hosts: a file step lists download targets only",
        lambda t: [
            host["bk_host_id"]
            for host in _first_step(t, return_ip_result=True)["step_ip_result_list"]
        ],
        [101],
        a_plan(FILE),
    ),
    fact(
        "2.4 hosts: keys",
        lambda t: sorted(_first_step(t, return_ip_result=True)["step_ip_result_list"][0]),
        sorted(
            (
                "bk_host_id ip bk_cloud_id status tag exit_code error_code start_time end_time"
                " total_time"
            ).split()
        ),
    ),
    fact(
        "2.4 hosts: of the latest execution only",
        lambda t: (
            i := t.run(),
            t.operate_step(i, 8),
            t.wait(60),
            [
                host["status"]
                for host in t.status(i, return_ip_result=True)["step_instance_list"][0][
                    "step_ip_result_list"
                ]
            ],
        )[3],
        [9],
        a_plan(a_script(runs=[{"ends": "fail"}, {}])),
    ),
)


def _list(**params: Any) -> Callable[[Bench], int]:
    return code("get_job_instance_list", **{**WINDOW, **params})


def _found(title: str, found: list[int], **params: Any) -> Fact:
    """Which of three instances a filter finds: by alice, ended; by bob, unstarted, of another plan."""

    def played(table: Bench) -> list[int]:
        table.run(seconds=60)
        table.user = "bob"
        table.prepare(plan=1001)
        told = table.data("get_job_instance_list", **{**WINDOW, **params})
        return [row["job_instance_id"] - 20_000_000_000 for row in told["data"] or []]

    other = a_plan(a_script(targets={"hosts": [102]}), id=1001, name="100 things")
    return fact(f"2.5 filter: {title}", played, found, a_plan(), other)


def _live(table: Bench, act: int | None) -> list[tuple[int, bool, int | None]]:
    """State, whether a total time is told, and the end, of a job a while after its start."""
    instance = table.run(seconds=7)
    if act is not None:
        table.operate(instance, act)
    table.wait(1)
    return [
        (row["status"], row["total_time"] is not None, row["end_time"])
        for row in table.data("get_job_instance_list", **WINDOW)["data"]
    ]


_FIRST = 20_000_000_001
_LIST = (
    fact("2.5 range: absent in a GET", code("get_job_instance_list"), 1240003),
    fact("2.5 range: absent in a POST", code("get_job_instance_list", door="esb"), 1241007),
    fact("2.5 range: below 1", _list(create_time_start=0), 1241007),
    fact("2.5 range: end is start", _list(create_time_end=NOON_MS - 1000), 1241007),
    fact("2.5 range: end before start", _list(create_time_end=1), 1241007),
    fact("2.5 range: exactly 30 days", _list(create_time_end=NOON_MS - 1000 + 30 * _DAY), 0),
    fact(
        "2.5 range: a millisecond more", _list(create_time_end=NOON_MS - 999 + 30 * _DAY), 1241002
    ),
    fact(
        "2.5 range: checked with an id too",
        _list(create_time_start=1, job_instance_id=_FIRST),
        1241002,
    ),
    fact(
        "2.5 range: in the future",
        _list(create_time_start=NOON_MS + _DAY, create_time_end=NOON_MS + 2 * _DAY),
        0,
    ),
    _found("none: everybody's instances, newest first", [2, 1]),
    _found("range: inclusive at its end", [1], create_time_end=NOON_MS),
    _found("range: inclusive at its start", [2], create_time_start=NOON_MS + 60_000),
    _found("id: beats every other", [1], job_instance_id=_FIRST, name="no", operator="no"),
    _found(
        "id: beats the range too",
        [1],
        job_instance_id=_FIRST,
        create_time_start=1,
        create_time_end=2,
    ),
    _found("id: but not the scope", [], job_instance_id=_FIRST, bk_scope_id="3"),
    _found("id: zero is none", [2, 1], job_instance_id=0),
    _found("operator: exact", [2], operator="bob"),
    _found("operator: not a part", [], operator="bo"),
    _found("name: a part of it", [1], name="roll"),
    _found("name: % is a wildcard", [1], name="w%out"),
    _found("name: _ is a wildcard", [1], name="w_b"),
    _found("name: a % alone finds all", [2, 1], name="%"),
    _found("name: other marks are themselves", [], name="w.b"),
    _found("launch_mode: API", [2, 1], launch_mode=2),
    _found("launch_mode: web", [], launch_mode=1),
    _found("type: job", [2, 1], type=0),
    _found("type: script", [], type=1),
    _found("status", [2], status=1),
    _found("ip: exact, of a target host", [2], ip="10.0.0.12"),
    _found("ip: not a part", [], ip="10.0.0"),
    _found("job_cron_id: above 0", [], job_cron_id=1),
    _found("job_cron_id: zero is none", [2, 1], job_cron_id=0),
    _found("by plan: there is none", [2, 1], job_plan_id=1001),
    fact("2.5 launch_mode: unknown", _list(launch_mode=4), 1240002),
    fact("2.5 type: unknown", _list(type=3), 1241002),
    fact("2.5 status: unknown", _list(status=12), 1240002),
    fact("2.5 start: negative is 0", data("get_job_instance_list", "start", **WINDOW, start=-5), 0),
    fact("2.5 start: unlimited by default", _list(start=100_000), 0),
    fact("2.5 start: at the limit", _list(start=1000), 0, server={"max_list_start": 1000}),
    fact(
        "2.5 start: beyond the limit", _list(start=1001), 1241010, server={"max_list_start": 1000}
    ),
    fact("2.5 length: 20 by default", data("get_job_instance_list", "length", **WINDOW), 20),
    fact("2.5 length: 1000", _list(length=1000), 0),
    fact("2.5 length: 0", _list(length=0), 1240003),
    fact("2.5 length: 1001", _list(length=1001), 1240003),
    fact(
        "2.5 length: looked at before the range",
        code("get_job_instance_list", door="esb", length=0),
        1240003,
    ),
    fact(
        "2.5 data: null on an empty page, with the exact total",
        lambda t: (t.prepare(), t.data("get_job_instance_list", **WINDOW, start=5))[1],
        {"start": 5, "length": 20, "total": 1, "data": None},
    ),
    fact(
        "2.5 data: nothing at all",
        data("get_job_instance_list", **WINDOW),
        {"start": 0, "length": 20, "total": 0, "data": None},
    ),
    fact(
        "2.5 item: keys as they really are, an unstarted instance is there",
        lambda t: (t.prepare(), t.data("get_job_instance_list", **WINDOW)["data"])[1],
        [
            {
                "bk_biz_id": 2,
                "bk_scope_type": "biz",
                "bk_scope_id": "2",
                "job_instance_id": _FIRST,
                "job_plan_id": 1000,
                "job_template_id": 500,
                "name": "web rollout",
                "operator": "alice",
                "launch_mode": 2,
                "status": 1,
                "create_time": NOON_MS,
                "start_time": None,
                "end_time": None,
                "total_time": None,
                "type": 0,
            }
        ],
    ),
    *(
        fact(
            f"2.5 total_time: live while the job is {status}",
            partial(_live, act=act),
            [(status, True, None)],
            plan,
        )
        for status, act, plan in (
            (2, None, _LONG),
            (7, None, a_plan(APPROVAL)),
            (10, 1, a_plan(APPROVAL)),
        )
    ),
)


def _values(title: str, expected: Any, *plans: dict[str, Any], seconds: float = 0) -> Fact:
    """What reads back per step: names and values."""

    def played(table: Bench) -> Any:
        instance = table.run(seconds=seconds) if seconds else table.prepare()
        told = table.data("get_job_instance_global_var_value", job_instance_id=instance)
        return [
            {item["name"]: item["value"] for item in step["global_var_list"]}
            for step in told["step_instance_var_list"]
        ]

    return fact(f"2.6 values: {title}", played, expected, *plans)


_KINDS = ("namespace", "hosts", "cipher", "associative-array", "index-array")
_SETS = {"sets": {"KEY": "new", "FIXED": "new"}}
_FIXED = a_variable("FIXED", value="f", changeable=False)
_VALUES = (
    fact(
        "2.6 job_instance_id: below 1",
        code("get_job_instance_global_var_value", job_instance_id=0),
        1241007,
    ),
    fact(
        "2.6 instance: unknown",
        code("get_job_instance_global_var_value", job_instance_id=1),
        1244006,
    ),
    _values(
        "String variables only",
        [{"KEY": "default"}],
        plan_with(STRING, *(a_variable(k, k) for k in _KINDS)),
    ),
    _values(
        "an entry for each script step, SQL included, none for others",
        [{"KEY": "default"}, {"KEY": "default"}],
        a_plan(a_script("sh"), FILE, APPROVAL, a_script("sql", language=6), variables=[STRING]),
    ),
    _values("no script step", [], a_plan(APPROVAL, variables=[STRING])),
    _values("no variable", [], a_plan()),
    _values(
        "overlaid by what steps set so far; a constant stays",
        [{"KEY": "new", "FIXED": "f"}, {"KEY": "new", "FIXED": "f"}],
        a_plan(a_script("a", runs=[_SETS]), a_script("b"), variables=[STRING, _FIXED]),
        seconds=60,
    ),
    fact(
        "2.6 values: of an unstarted instance, as sent; items tell name, value and type",
        lambda t: t.data(
            "get_job_instance_global_var_value",
            job_instance_id=t.prepare(global_var_list=[{"name": "KEY", "value": "rel/web"}]),
        ),
        {
            "job_instance_id": _FIRST,
            "step_instance_var_list": [
                {
                    "step_instance_id": _FIRST,
                    "global_var_list": [{"name": "KEY", "value": "rel/web", "type": 1}],
                }
            ],
        },
        plan_with(STRING),
    ),
)

QUERYING: tuple[Fact, ...] = (*_STATUS, *_LIST, *_VALUES)
