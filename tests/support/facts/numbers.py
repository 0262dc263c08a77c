"""Run states and their ways, host states, and the other numbers."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from tests.support.facts.rows import APPROVAL, FILE, Fact, code, data, fact
from tests.support.sandbox import a_plan, a_script, a_variable

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.support.sandbox import Bench

__all__ = ["NUMBERS"]


def _way(*acts: tuple[str, int] | float) -> Callable[[Bench], list[tuple[int, bool]]]:
    """The job's states and whether it is finished: at first, and after each act or wait."""

    def played(table: Bench) -> list[tuple[int, bool]]:
        instance = table.prepare()
        seen = []
        for act in ((), *acts):
            if isinstance(act, float):
                table.wait(act)
            elif act:
                kind, operation = act
                operate = table.operate if kind == "job" else table.operate_step
                assert operate(instance, operation) == 0
                table.wait(0.5)
            told = table.status(instance)
            seen.append((told["job_instance"]["status"], told["finished"]))
        return seen

    return played


_START, _STOP = ("job", 2), ("job", 1)
_LAG = {"start_lag_s": 0.2, "stop_lag_s": 0.6, "operation_lag_s": 0.2}


def _runs(*ends: str, ignore: bool = False) -> dict[str, Any]:
    return a_plan(a_script(runs=[{"ends": end, "takes_s": 5} for end in ends], ignore_error=ignore))


def _ends(title: str, way: Any, expected: list[tuple[int, bool]], *plans: dict[str, Any]) -> Fact:
    return fact(f"3.1 {title}", _way(*way), expected, *plans, server=_LAG)


_STATES = (
    _ends(
        "1, 2, 3: created, running, success",
        (_START, 9.0),
        [(1, False), (2, False), (3, True)],
        _runs("success"),
    ),
    _ends("4: failure", (_START, 9.0), [(1, False), (2, False), (4, True)], _runs("fail")),
    _ends("9: abnormal", (_START, 9.0), [(1, False), (2, False), (9, True)], _runs("abnormal")),
    _ends("14: abandoned", (_START, 9.0), [(1, False), (2, False), (14, True)], _runs("abandoned")),
    _ends(
        "7: waits for a person, not finished",
        (_START, 9999.0),
        [(1, False), (7, False), (7, False)],
        a_plan(APPROVAL),
    ),
    _ends(
        "13: ended by the confirmer",
        (_START, ("step", 9)),
        [(1, False), (7, False), (13, True)],
        a_plan(APPROVAL),
    ),
    _ends(
        "10, 11: stopping, stopped",
        (_START, _STOP, 0.3, 9.0),
        [(1, False), (2, False), (2, False), (10, False), (11, True)],
        _runs("never"),
    ),
    _ends(
        "finished is not final: 4 goes back to 2",
        (_START, 9.0, ("step", 2)),
        [(1, False), (2, False), (4, True), (2, False)],
        _runs("fail", "success"),
    ),
    _ends(
        "finished is not final: 9 goes back to 2",
        (_START, 9.0, ("step", 8)),
        [(1, False), (2, False), (9, True), (2, False)],
        _runs("abnormal", "success"),
    ),
    _ends(
        "finished is not final: 11 goes back to 2",
        (_START, _STOP, 9.0, ("step", 8)),
        [(1, False), (2, False), (2, False), (11, True), (2, False)],
        _runs("never"),
    ),
    _ends(
        "finished is not final: 13 goes back to 7",
        (_START, ("step", 9), ("step", 10)),
        [(1, False), (7, False), (13, True), (7, False)],
        a_plan(APPROVAL),
    ),
    fact(
        "3.1 retry: end_time is cleared",
        lambda t: (i := t.run(), t.operate_step(i, 2), t.status(i)["job_instance"]["end_time"])[2],
        None,
        _runs("fail"),
    ),
    *(
        fact(
            f"3.1 {state}: no way back",
            lambda t: {
                t.operate_step(i, n) for i in [t.run()] for n in (2, 3, 6, 8, 9, 10, 11, 12, 13)
            },
            {1241003},
            _runs(end),
        )
        for state, end in ((3, "success"), (14, "abandoned"))
    ),
    fact(
        "3.1 5: a skipped step",
        lambda t: (
            i := t.run(seconds=1),
            t.operate(i, 1),
            t.wait(10),
            t.operate_step(i, 11),
            t.wait(10),
            t.step_statuses(i),
        )[5],
        [5],
        _runs("never"),
    ),
    fact(
        "3.1 6: an ignored error, the job succeeds",
        lambda t: (i := t.run(), t.step_statuses(i), t.job_status(i))[1:],
        ([6], 3),
        _runs("fail", ignore=True),
    ),
    fact(
        "3.1 12: does not exist",
        code("get_job_instance_list", create_time_start=1, create_time_end=2, status=12),
        1240002,
    ),
    *(
        fact(
            f"3.1 {number}: is known to the list",
            code("get_job_instance_list", create_time_start=1, create_time_end=2, status=number),
            0,
        )
        for number in (1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 14, 15)
    ),
)


def _host(table: Bench, status: int) -> tuple[int, str, int]:
    """State and words of the one host of a run, and the state of the job."""
    instance = table.run()
    ids = {"job_instance_id": instance, "step_instance_id": table.step_id(instance)}
    (group,) = table.data("get_step_instance_status", **ids)["step_result_group_list"]
    assert group["result_type"] == status
    (host,) = table.status(instance, return_ip_result=True)["step_instance_list"][0][
        "step_ip_result_list"
    ]
    return host["status"], group["result_type_desc"], table.job_status(instance)


_HOST_STATES = {
    0: "Unknown error",
    1: "Agent error",
    2: "Invalid execute object",
    3: "Success last time",
    9: "Success",
    11: "Failed",
    12: "Submit failed",
    13: "Timeout",
    15: "Log error",
    16: "Script log timeout",
    17: "File log timeout",
    18: "Agent not installed",
    101: "Script failed",
    102: "Script timeout",
    103: "Script terminated",
    104: "Exit code not zero",
    202: "File copy failed",
    203: "Source file missing",
    301: "File task error",
    303: "File task timeout",
    310: "Agent abnormal",
    311: "User name error",
    312: "Password error",
    320: "File fetch error",
    321: "File too large",
    329: "File transfer error",
    399: "Task error",
    403: "Terminated by force",
    404: "Force terminate failed",
    500: "Unknown status",
}
_HOSTS = (
    *(
        fact(
            f"3.2 {number}: {'success' if number in {3, 9} else 'failure'}",
            partial(_host, status=number),
            (number, words, 3 if number in {3, 9} else 4),
            a_plan(a_script(runs=[{"hosts": [{"id": 101, "status": number}]}])),
        )
        for number, words in _HOST_STATES.items()
    ),
    fact(
        "3.2 7: running, not finished",
        lambda t: [
            host["status"]
            for host in t.status(t.run(seconds=1), return_ip_result=True)["step_instance_list"][0][
                "step_ip_result_list"
            ]
        ],
        [7],
        _runs("never"),
    ),
    fact(
        "3.2 3: kept by a retry of the failed hosts",
        lambda t: (
            i := t.run(),
            t.operate_step(i, 2),
            t.wait(60),
            [
                host["status"]
                for host in t.status(i, return_ip_result=True)["step_instance_list"][0][
                    "step_ip_result_list"
                ]
            ],
        )[3],
        [3, 9],
        a_plan(
            a_script(
                targets={"hosts": [101, 102]}, runs=[{"hosts": [{"id": 102, "status": 104}]}, {}]
            )
        ),
    ),
    fact(
        "3.2 403: cut off by a terminate",
        lambda t: (
            i := t.run(seconds=1),
            t.operate(i, 1),
            t.wait(10),
            t.status(i, return_ip_result=True)["step_instance_list"][0]["step_ip_result_list"][0][
                "status"
            ],
        )[3],
        403,
        _runs("never"),
    ),
)

_KINDS = ("string", "namespace", "hosts", "cipher", "associative-array", "index-array")
_OTHERS = (
    fact(
        "3.3 variable types: 1 to 6",
        lambda t: [
            item["type"]
            for item in t.data("get_job_plan_detail", job_plan_id=1000)["global_var_list"]
        ],
        [1, 2, 3, 4, 5, 6],
        a_plan(variables=[a_variable(kind, kind) for kind in _KINDS]),
    ),
    fact(
        "3.3 step types of plan detail: script, file, approval; SQL is a script",
        lambda t: [s["type"] for s in t.data("get_job_plan_detail", job_plan_id=1000)["step_list"]],
        [1, 2, 3, 1],
        a_plan(a_script(), FILE, APPROVAL, a_script("sql", language=6)),
    ),
    fact(
        "3.3 step types of status: script, file, confirmation, SQL",
        lambda t: [s["type"] for s in t.status(t.prepare())["step_instance_list"]],
        [1, 2, 3, 4],
        a_plan(a_script(), FILE, APPROVAL, a_script("sql", language=6)),
    ),
    *(
        fact(
            f"3.3 script language {number}",
            data(
                "get_job_plan_detail",
                "step_list",
                0,
                "script_info",
                "script_language",
                job_plan_id=1000,
            ),
            number,
            a_plan(a_script(language=number)),
        )
        for number in (1, 2, 3, 4, 5, 6)
    ),
    fact(
        "3.3 file source types: 1 server, 2 local",
        lambda t: [
            source["file_type"]
            for source in t.data("get_job_plan_detail", job_plan_id=1000)["step_list"][0][
                "file_info"
            ]["file_source_list"]
        ],
        [1, 2],
        a_plan({**FILE, "sources": [*FILE["sources"], {"files": ["/b"]}]}),  # type: ignore[misc]  # it is a list
    ),
    *(
        fact(
            f"3.3 transfer mode {number}",
            data(
                "get_job_plan_detail",
                "step_list",
                0,
                "file_info",
                "transfer_mode",
                job_plan_id=1000,
            ),
            number,
            a_plan({**FILE, "transfer_mode": number}),
        )
        for number in (1, 2, 3, 4)
    ),
)

NUMBERS: tuple[Fact, ...] = (*_STATES, *_HOSTS, *_OTHERS)
