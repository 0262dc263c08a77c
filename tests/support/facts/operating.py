"""operate_job_instance and operate_step_instance."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.support.facts.rows import APPROVAL, Fact, a_user, code, fact
from tests.support.sandbox import a_plan, a_script

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.support.sandbox import Bench

__all__ = ["OPERATING"]

_FAILS = a_plan(a_script("one", runs=[{"ends": "fail"}]), a_script("two"))
_ABNORMAL = a_plan(a_script("one", runs=[{"ends": "abnormal"}]), a_script("two"))
_WAITS = a_plan(APPROVAL, a_script())
_LONG = a_plan(a_script("one", runs=[{"takes_s": 1000}]), a_script("two"))


def _operate(**params: Any) -> Callable[[Bench], int]:
    return code("operate_job_instance", **params)


def _after(operation: int, seconds: float = 60) -> Callable[[Bench], tuple[int, int]]:
    """The code of an operation on a job that runs so long, and the job's state right after."""

    def played(table: Bench) -> tuple[int, int]:
        instance = table.run(seconds=seconds)
        return table.operate(instance, operation), table.job_status(instance)

    return played


def _terminated(table: Bench) -> list[int]:
    """The job's states around a terminate."""
    instance = table.run(seconds=1)
    table.operate(instance, 1)
    seen = [table.job_status(instance)]
    for _ in range(2):
        table.wait(0.2)
        seen.append(table.job_status(instance))
    return seen


def _started_twice(table: Bench) -> tuple[int, int, int, int]:
    """Codes of two STARTs in a row, how many the engine acted on, how often it ran."""
    instance = table.prepare()
    first, second = table.start(instance), table.start(instance)
    table.wait(60)
    inside = table.inside(instance)
    return first, second, inside.starts_consumed, inside.began


_JOBS = (
    fact("2.2 job_instance_id: missing", _operate(operation_code=2), 1241002),
    fact("2.2 operation_code: missing", _operate(job_instance_id=1), 1241002),
    fact("2.2 operation_code: unknown", _operate(job_instance_id=1, operation_code=3), 1241002),
    fact("2.2 instance: unknown", _operate(job_instance_id=1, operation_code=2), 1244006),
    fact(
        "2.2 instance: of another scope",
        lambda t: t.operate(t.prepare(), 2, bk_scope_id="3"),
        1244006,
    ),
    fact(
        "2.2 permission: access to the business is enough",
        lambda t: (i := t.prepare(), t.as_user("bob"), t.start(i))[2],
        0,
        users=[a_user({"action": "launch_job_plan"}, {"action": "view_history"}, name="bob")],
    ),
    fact(
        "2.2 terminate: unstarted cannot be cancelled", lambda t: t.operate(t.prepare(), 1), 1241003
    ),
    fact(
        "2.2 terminate: running, the state does not change by the call", _after(1, 1), (0, 2), _LONG
    ),
    fact("2.2 terminate: waiting for a person", _after(1), (0, 7), _WAITS),
    fact("2.2 terminate: ended", _after(1), (1241003, 3)),
    fact(
        "2.2 terminate: over 10 to 11", _terminated, [2, 10, 11], _LONG, server={"stop_lag_s": 0.2}
    ),
    fact(
        "2.2 start: of a BLANK one, the state does not change by the call",
        lambda t: (t.start(i := t.prepare()), t.job_status(i)),
        (0, 1),
    ),
    fact("2.2 start: of one that runs", _after(2, 1), (1241015, 2), _LONG),
    fact("2.2 start: of one that ended", _after(2), (1241015, 3)),
    fact(
        "2.2 start: twice while queued, both succeed, the second message is dropped",
        _started_twice,
        (0, 0, 1, 1),
    ),
    fact(
        "2.2 start: two messages at one moment, the commands run once, the job is told abnormal",
        lambda t: (
            i := t.prepare(),
            t.start(i),
            t.start(i),
            t.wait(60),
            t.job_status(i),
            t.inside(i).began,
        )[4:],
        (9, 1),
        server={"start_together": True},
    ),
    fact(
        "2.2 start: two at one moment only notify twice where a person is asked first",
        lambda t: (i := t.prepare(), t.start(i), t.start(i), t.wait(60), t.job_status(i))[4],
        7,
        _WAITS,
        server={"start_together": True},
    ),
    fact(
        "2.2 answer: the instance's id, null name, null step",
        lambda t: t.data("operate_job_instance", job_instance_id=t.prepare(), operation_code=2),
        {"job_instance_id": 20000000001, "job_instance_name": None, "step_instance_id": None},
    ),
)


def _step(
    operation: int, *, step: int = 0, wait: float = 60
) -> Callable[[Bench], tuple[int, int, list[int]]]:
    """The code of an operation on a step, the job's state right after, and the steps' at the end."""

    def played(table: Bench) -> tuple[int, int, list[int]]:
        instance = table.run()
        answer = table.operate_step(instance, operation, step)
        at_once = table.job_status(instance)
        table.wait(wait)
        return answer, at_once, table.step_statuses(instance)

    return played


def _stopped(operation: int) -> Callable[[Bench], tuple[int, int, list[int]]]:
    """The same for a job that was terminated before."""

    def played(table: Bench) -> tuple[int, int, list[int]]:
        instance = table.run(seconds=1)
        table.operate(instance, 1)
        table.wait(10)
        answer = table.operate_step(instance, operation)
        at_once = table.job_status(instance)
        table.wait(5)
        return answer, at_once, table.step_statuses(instance)

    return played


def _skipped_while_stopping(table: Bench) -> tuple[int, list[int]]:
    instance = table.run(seconds=1)
    table.operate(instance, 1)
    table.wait(1)
    answer = table.operate_step(instance, 12)
    table.wait(60)
    return answer, table.step_statuses(instance)


def _counts(table: Bench) -> tuple[int, list[int]]:
    instance = table.run()
    table.operate_step(instance, 2)
    table.wait(60)
    steps = table.status(instance)["step_instance_list"]
    return steps[0]["execute_count"], [step["status"] for step in steps]


def _wrong_state(operation: int, plan: dict[str, Any], title: str) -> Fact:
    return fact(
        f"2.3 operation {operation}: {title} is 1241003",
        lambda t: t.operate_step(t.run(), operation),
        1241003,
        plan,
    )


_ENDED = a_plan(a_script())
_ids = {"job_instance_id": 1, "step_instance_id": 1, "operation_code": 2}
_STEPS = (
    *(
        fact(f"2.3 {name}: missing", code("operate_step_instance", **{**_ids, name: None}), 1241002)
        for name in _ids
    ),
    fact(
        "2.3 operation_code: unknown",
        code("operate_step_instance", **{**_ids, "operation_code": 1}),
        1241002,
    ),
    fact("2.3 instance: unknown", code("operate_step_instance", **_ids), 1244006),
    fact(
        "2.3 step: unknown",
        lambda t: t.code("operate_step_instance", **{**_ids, "job_instance_id": t.prepare()}),
        1244007,
    ),
    fact("2.3 retry failed hosts: the job is 2 at once", _step(2), (0, 2, [4, 1]), _FAILS),
    fact(
        "2.3 retry failed hosts: execute_count goes up, and the job goes on",
        _counts,
        (1, [3, 3]),
        a_plan(a_script("one", runs=[{"ends": "fail"}, {}]), a_script("two")),
    ),
    fact("2.3 retry: of an abnormal step too", _step(8), (0, 2, [9, 1]), _ABNORMAL),
    fact("2.3 retry: of a stopped step too", _stopped(8), (0, 2, [2, 1]), _LONG),
    fact("2.3 ignore error: the step is 6, the job goes on", _step(3), (0, 2, [6, 3]), _FAILS),
    fact(
        "2.3 ignore error: on an abnormal step the job is left running for ever",
        _step(3),
        (0, 2, [9, 1]),
        _ABNORMAL,
    ),
    fact("2.3 confirm: the job is 2 at once and goes on", _step(6), (0, 2, [3, 3]), _WAITS),
    fact("2.3 confirm to end: job and step become 13", _step(9), (0, 7, [13, 1]), _WAITS),
    fact(
        "2.3 confirm to end: the quota is not released, no callback is due",
        lambda t: (
            i := t.run(callback_url="https://o.org/"),
            t.operate_step(i, 9),
            t.wait(5),
            t.job_status(i),
            t.inside(i).quota_ms is not None,
            t.inside(i).callbacks,
        )[3:],
        (13, True, ()),
        _WAITS,
    ),
    fact(
        "2.3 confirm again: from 13 back to 7",
        lambda t: (
            i := t.run(),
            t.operate_step(i, 9),
            t.wait(5),
            t.operate_step(i, 10),
            t.wait(5),
            t.job_status(i),
        )[3::2],
        (0, 7),
        _WAITS,
    ),
    fact("2.3 next step: the stopped step is skipped", _stopped(11), (0, 2, [5, 3]), _LONG),
    fact(
        "2.3 force skip: a stopping step is skipped",
        _skipped_while_stopping,
        (0, [5, 3]),
        _LONG,
        server={"stop_lag_s": 1},
    ),
    fact("2.3 rolling: nothing is ever rolling", _step(13), (1241003, 7, [7, 1]), _WAITS),
    *(
        _wrong_state(number, _ENDED, "a step that succeeded")
        for number in (2, 3, 6, 8, 9, 10, 11, 12)
    ),
    *(_wrong_state(number, _FAILS, "a failed step") for number in (6, 9, 10, 11, 12)),
    *(_wrong_state(number, _WAITS, "a waiting step") for number in (2, 3, 8, 10, 11, 12)),
    fact(
        "2.3 answer: names instance and step, null name",
        lambda t: (
            i := t.run(),
            t.data(
                "operate_step_instance",
                job_instance_id=i,
                step_instance_id=t.step_id(i),
                operation_code=2,
            ),
        )[1],
        {
            "job_instance_id": 20000000001,
            "job_instance_name": None,
            "step_instance_id": 20000000001,
        },
        _FAILS,
    ),
)


def _confirm(title: str, expected: int, operation: int, **approval: Any) -> Fact:
    """The code of a confirmation by eve."""

    def played(table: Bench) -> int:
        instance = table.run()
        table.user = "eve"
        return table.operate_step(instance, operation)

    users = [{"name": "eve", "roles": ["dev"]}, {"name": "alice"}]
    plan = a_plan({**APPROVAL, **approval}, a_script())
    return fact(f"2.3 confirmer: {title}", played, expected, plan, users=users)


_CONFIRMERS = (
    _confirm("in the list of users", 0, 6, users=["eve"], roles=["ops"]),
    _confirm("by role", 0, 6, roles=["dev"]),
    _confirm("neither", 1244016, 6, users=["bob"], roles=["ops"]),
    _confirm("neither may end the flow", 1244016, 9, users=["bob"], roles=["ops"]),
    _confirm("without a list of roles everybody passes", 0, 6, users=["bob"]),
)

OPERATING: tuple[Fact, ...] = (*_JOBS, *_STEPS, *_CONFIRMERS)
