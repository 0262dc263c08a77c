"""Limits, quota, retention; identity, two phases, START as a message."""

from __future__ import annotations

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
from tests.support.sandbox import a_plan, a_script, a_variable, a_world, bench

if TYPE_CHECKING:
    from tests.support.sandbox import Bench

__all__ = ["LIMITS"]

_DAY_S = 86_400


def _launch(table: Bench, **params: Any) -> int:
    return table.code("execute_job_plan", job_plan_id=1000, start_task=False, **params)


_FILES = {
    **FILE,
    "sources": [{"files": ["/a", "/b"], "targets": {"hosts": [102, 103]}}],
    "targets": {"hosts": [101, 102]},
}
_BOUNDS = (
    fact(
        "5 hosts of a script step: as many as allowed",
        _launch,
        0,
        a_plan(a_script(targets={"hosts": [101, 102]})),
        server={"max_script_hosts": 2},
    ),
    fact(
        "5 hosts of a script step: one more",
        _launch,
        1244022,
        a_plan(a_script(targets={"hosts": [101, 102]})),
        server={"max_script_hosts": 1},
    ),
    fact(
        "5 file step: sources x files x targets",
        _launch,
        1244021,
        a_plan(_FILES),
        server={"max_file_tasks": 7},
    ),
    fact(
        "5 file step: as many as allowed", _launch, 0, a_plan(_FILES), server={"max_file_tasks": 8}
    ),
    fact(
        "5 hosts of a script step: 50000 by default",
        lambda t: t.world.definition.server.max_script_hosts,
        50_000,
    ),
    fact(
        "5 file step: 100000 by default",
        lambda t: t.world.definition.server.max_file_tasks,
        100_000,
    ),
    fact(
        "5 callback_url: 1024 characters fit",
        lambda t: _launch(t, callback_url="https://o.org/".ljust(1024, "x")),
        0,
    ),
    fact(
        "5 callback_url: longer fails the insert",
        lambda t: (
            _launch(t, callback_url="https://o.org/".ljust(1025, "x")),
            len(t.state.instances),
        ),
        (1240002, 0),
    ),
    fact(
        "5 value of a variable: no limit",
        lambda t: len(
            t.texts(t.prepare(global_var_list=[{"name": "KEY", "value": "x" * 1_000_000}]))["KEY"]
        ),
        1_000_000,
        plan_with(STRING),
    ),
    fact(
        "5 timeout: 1000 s by default for scripts",
        data(
            "get_job_plan_detail", "step_list", 0, "script_info", "script_timeout", job_plan_id=1000
        ),
        1000,
    ),
    fact(
        "5 timeout: 7200 s by default for files",
        data("get_job_plan_detail", "step_list", 0, "file_info", "timeout", job_plan_id=1000),
        7200,
        a_plan(FILE),
    ),
    fact(
        "5 timeout: up to 259200 s",
        data(
            "get_job_plan_detail", "step_list", 0, "script_info", "script_timeout", job_plan_id=1000
        ),
        259_200,
        a_plan(a_script(timeout_s=259_200)),
    ),
    fact(
        "5 ids: begin beyond 32 bits",
        lambda t: [t.prepare(), t.prepare()],
        [20_000_000_001, 20_000_000_002],
    ),
)


def _quota(
    title: str, expected: list[int], play: Any, *plans: dict[str, Any], **quota: int
) -> Fact:
    return fact(f"5 quota: {title}", play, expected, *plans, server={"quota": quota})


def _waited(table: Bench, *seconds: float) -> list[int]:
    """Codes of launches that are so far apart."""
    codes = [_launch(table)]
    for pause in seconds:
        table.wait(pause)
        codes.append(_launch(table))
    return codes


def _waited_twice(table: Bench) -> list[int]:
    return _waited(table, 1)


_QUOTA = (
    _quota("off by default", [0, 0], _waited_twice),
    _quota("reached is refused, unstarted ones count", [0, 1244034], _waited_twice, system=1),
    _quota("of a scope", [0, 1244032], _waited_twice, scope=1),
    _quota("of an app", [0, 1244033], _waited_twice, app=1),
    _quota("the system's first", [0, 1244034], _waited_twice, system=1, scope=1, app=1),
    _quota("the scope's before the app's", [0, 1244032], _waited_twice, scope=1, app=1),
    _quota(
        "released when the job ends",
        [0, 0],
        lambda t: [t.start(t.prepare()), (t.wait(60), _launch(t))[1]],
        scope=1,
    ),
    _quota(
        "an unstarted one is swept after an hour, every ten minutes",
        [0, 1244032, 1244032, 0],
        lambda t: _waited(t.wait(300), 3599, 299, 2),
        scope=1,
    ),
    _quota(
        "a job that still runs is swept too",
        [0, 1244032, 0],
        lambda t: [
            t.start(t.prepare()),
            (t.wait(10), _launch(t))[1],
            (t.wait(4200), _launch(t))[1],
        ],
        a_plan(a_script(runs=[{"ends": "never"}])),
        scope=1,
    ),
    _quota(
        "a retry counts again",
        [0, 1244032],
        lambda t: [t.operate_step(t.run(), 2), _launch(t)],
        a_plan(a_script(runs=[{"ends": "fail", "takes_s": 9}])),
        scope=1,
    ),
    _quota("not checked at START", [0], lambda t: [t.start(t.prepare())], scope=1),
)


def _kept(table: Bench, seconds: float) -> int:
    instance = table.prepare()
    table.wait(seconds)
    return table.code("get_job_instance_status", job_instance_id=instance)


# The bench begins at noon.
_TO_04 = 16 * 3600
_RETENTION = (
    fact(
        "5 retention: kept until the run at 04:00 after 30 days",
        lambda t: _kept(t, 30 * _DAY_S + _TO_04 - 1),
        0,
    ),
    fact(
        "5 retention: gone after it, whatever its state",
        lambda t: _kept(t, 30 * _DAY_S + _TO_04),
        1244006,
    ),
    fact(
        "5 retention: keepDays",
        lambda t: _kept(t, _DAY_S + _TO_04),
        1244006,
        server={"keep_days": 1},
    ),
    fact(
        "5 retention: gone from the list too",
        lambda t: (
            t.prepare(),
            t.wait(31 * _DAY_S),
            t.data(
                "get_job_instance_list",
                create_time_start=WINDOW["create_time_start"],
                create_time_end=WINDOW["create_time_start"] + 1000 * _DAY_S,
            ),
        )[2]["total"],
        0,
    ),
)


def _changed(table: Bench) -> Any:
    """What an instance is after its plan was edited, then deleted."""
    instance = table.prepare(global_var_list=[{"name": "KEY", "value": "x"}])
    seen = []
    for plans in ([plan_with(a_variable("KEY", value="new", id=11), name="other")], [a_plan(id=5)]):
        later = bench(a_world(*plans))
        later.state = table.state
        seen.append((later.texts(instance)["KEY"], later.status(instance)["job_instance"]["name"]))
    return seen


def _grown(table: Bench) -> list[int]:
    """The hosts of an instance whose group has others by now."""
    instance = table.prepare()
    later = bench(a_world(_BY_GROUP, groups=[{"id": "g", "scope": "biz/2", "hosts": [103]}]))
    later.state = table.state
    return [host.id for host in later.inside(instance).steps[0].hosts]


_BY_GROUP = a_plan(a_script(targets={"groups": ["g"]}))
_OLDER = {"two_phase": False}
_TWO_PHASES = (
    fact(
        "6.1 identity: two launches alike are two instances",
        lambda t: (t.prepare(), t.prepare(), len(t.state.instances))[2],
        2,
    ),
    fact(
        "6.2 probe: 1244006 for START of an id that cannot exist",
        code("operate_job_instance", job_instance_id=1, operation_code=2),
        1244006,
    ),
    fact(
        "6.2 probe: 1241002 on an older server",
        code("operate_job_instance", job_instance_id=1, operation_code=2),
        1241002,
        server=_OLDER,
    ),
    fact(
        "6.2 older server: start_task is ignored, the job starts at once",
        lambda t: (i := t.prepare(), t.wait(60), t.job_status(i))[2],
        3,
        server=_OLDER,
    ),
    fact(
        "6.2 older server: as one replica among others",
        lambda t: (t.arm({"fault": "older-server"}), t.operate(1, 2), t.operate(1, 2))[1:],
        (1241002, 1244006),
    ),
    fact(
        "6.2 ESB: may drop start_task",
        lambda t: (i := t.prepare(door="esb"), t.wait(60), t.job_status(i))[2],
        3,
        server={"esb_start_task": False},
    ),
    fact("6.2 ESB: may pass it on", lambda t: t.job_status(t.prepare(door="esb")), 1),
    fact(
        "6.2 unstarted: state 1 for ever, steps at 1, execute_count 0",
        lambda t: (
            i := t.prepare(),
            t.wait(29 * _DAY_S),
            s := t.status(i),
            (
                s["job_instance"]["status"],
                s["finished"],
                [(x["status"], x["execute_count"]) for x in s["step_instance_list"]],
            ),
        )[3],
        (1, False, [(1, 0)]),
    ),
    fact(
        "6.2 unstarted: in the list at once",
        lambda t: (t.prepare(), t.data("get_job_instance_list", **WINDOW, status=1)["total"])[1],
        1,
    ),
    fact(
        "6.2 frozen: inputs and name, whatever becomes of the plan",
        _changed,
        [("x", "web rollout")] * 2,
        plan_with(STRING),
    ),
    fact(
        "6.2 frozen: hosts of a group",
        _grown,
        [102],
        _BY_GROUP,
        groups=[{"id": "g", "scope": "biz/2", "hosts": [102]}],
    ),
    fact(
        "6.2 START: permission to launch is not asked again",
        lambda t: (i := t.prepare(), t.as_user("bob"), t.start(i))[2],
        0,
        users=[{"name": "bob", "denied": [{"action": "launch_job_plan"}]}],
    ),
)

_STARTING = (
    fact(
        "6.3 lag: the state stays 1 while the message is queued",
        lambda t: (
            i := t.prepare(),
            t.start(i),
            t.wait(4.9),
            t.job_status(i),
            t.wait(0.2),
            t.job_status(i),
        )[3::2],
        (1, 2),
        server={"start_lag_s": 5},
    ),
    fact(
        "6.3 lost: accepted, never consumed; another START cures it",
        lambda t: (
            i := t.prepare(),
            t.arm({"fault": "start-lost"}),
            [t.start(i), t.wait(9999).job_status(i), t.start(i), t.wait(60).job_status(i)],
        )[2],
        [0, 1, 0, 3],
    ),
    fact(
        "6.3 queue down: 1240002, the state stays 1",
        lambda t: (
            i := t.prepare(),
            t.arm({"fault": "queue-down"}),
            t.start(i),
            t.wait(60),
            t.job_status(i),
        )[2::2],
        (1240002, 1),
    ),
    fact(
        "6.3 1240002 although the job starts",
        lambda t: (
            i := t.prepare(),
            t.arm({"fault": "error-after-effect"}),
            t.start(i),
            t.wait(60),
            t.job_status(i),
        )[2::2],
        (1240002, 3),
    ),
    fact(
        "6.3 stuck: 2 with every step at 1 for ever; START is 1241015, terminate leads to 10",
        lambda t: (
            i := t.prepare(),
            t.arm({"fault": "start-stuck"}),
            t.start(i),
            t.wait(9999),
            [t.job_status(i), *t.step_statuses(i), t.start(i), t.operate(i, 1)],
            t.wait(9999),
            t.job_status(i),
        )[4::2],
        ([2, 1, 1241015, 0], 10),
    ),
    fact(
        "6.3 wedged: terminating a job that waits stays at 10 until somebody confirms",
        lambda t: (
            i := t.run(),
            t.operate(i, 1),
            t.wait(9999),
            t.job_status(i),
            t.operate_step(i, 6),
            t.wait(60),
            t.job_status(i),
        )[3::3],
        (10, 3),
        a_plan(APPROVAL, a_script()),
    ),
)

LIMITS: tuple[Fact, ...] = (*_BOUNDS, *_QUOTA, *_RETENTION, *_TWO_PHASES, *_STARTING)
