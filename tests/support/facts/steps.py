"""One step seen closely: get_step_instance_status and get_step_instance_detail."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.support.facts.rows import APPROVAL, FILE, Fact, asked, asked_code, fact, told
from tests.support.sandbox import a_plan, a_script

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.support.sandbox import Bench

__all__ = ["STEPS"]

_TRANSFERS = a_plan(FILE)
_STATUS = "get_step_instance_status"
_MIXED = a_plan(
    a_script(
        targets={"hosts": [101, 102, 103]},
        runs=[
            {
                "ends": "fail",
                "hosts": [
                    {"id": 102, "status": 104, "exit_code": 3, "log": "bad"},
                    {"id": 101, "status": 9},
                    {"id": 103, "status": 9},
                ],
            }
        ],
    )
)


def _groups(**params: Any) -> Callable[[Bench], list[tuple[int, int, int]]]:
    """Each group's result, size and number of hosts shown."""

    def played(table: Bench) -> list[tuple[int, int, int]]:
        told = asked(_STATUS, **params)(table)["data"].get("step_result_group_list", [])
        return [(g["result_type"], g["host_size"], len(g["host_result_list"])) for g in told]

    return played


def _earlier(table: Bench) -> list[tuple[int, int]]:
    instance = table.run()
    table.operate_step(instance, 8)
    table.wait(60)
    ids = {"job_instance_id": instance, "step_instance_id": table.step_id(instance)}
    told = table.data(_STATUS, **ids, execute_count=0)
    return [(g["result_type"], g["host_size"]) for g in told["step_result_group_list"]]


_STEP_STATUS = (
    fact(
        "2.9 scope: bk_biz_id is not accepted",
        lambda t: t.send(_STATUS, bk_biz_id=2, job_instance_id=1, step_instance_id=1).record.code,
        1240003,
    ),
    fact("2.9 ids: absent", asked_code(_STATUS, step_instance_id=""), 1240003),
    fact("2.9 ids: zero", asked_code(_STATUS, step_instance_id=0), 1240003),
    fact("2.9 instance: unknown", asked_code(_STATUS, job_instance_id=5), 1244006),
    fact("2.9 step: unknown", asked_code(_STATUS, step_instance_id=5), 1244007),
    fact("2.9 manual step: unsupported", asked_code(_STATUS), 1241003, a_plan(APPROVAL)),
    fact("2.9 groups: by host state", _groups(), [(9, 2, 2), (104, 1, 1)], _MIXED),
    fact(
        "2.9 groups: cut by max_host_num_per_group",
        _groups(max_host_num_per_group=1),
        [(9, 2, 1), (104, 1, 1)],
        _MIXED,
    ),
    fact("2.9 groups: narrowed by status", _groups(status=104), [(104, 1, 1)], _MIXED),
    fact(
        "2.9 groups: narrowed by a word of the log", _groups(keyword="bad"), [(104, 1, 1)], _MIXED
    ),
    fact("2.9 groups: narrowed by address", _groups(search_ip="0.13"), [(9, 1, 1)], _MIXED),
    fact(
        "2.9 groups: the key is left out where there is none",
        lambda t: "step_result_group_list" in asked(_STATUS, status=13)(t)["data"],
        False,
        _MIXED,
    ),
    fact(
        "2.9 batch: of a step that is not rolling changes nothing",
        _groups(batch=0),
        [(9, 2, 2), (104, 1, 1)],
        _MIXED,
    ),
    fact(
        "2.9 execute_count: an earlier one",
        _earlier,
        [(104, 1)],
        a_plan(a_script(runs=[{"ends": "fail"}, {}])),
    ),
    fact(
        "2.9 not started: one synthetic group of waiting hosts, as resolved",
        told(_STATUS, "step_result_group_list", started=False),
        [
            {
                "result_type": 5,
                "result_type_desc": "Waiting",
                "tag": None,
                "host_size": 1,
                "host_result_list": [
                    {
                        "bk_host_id": 102,
                        "ip": "10.0.0.12",
                        "ipv6": None,
                        "bk_agent_id": None,
                        "bk_cloud_id": 0,
                        "bk_cloud_name": None,
                        "status": 5,
                        "status_desc": "Waiting",
                        "tag": None,
                        "exit_code": 0,
                        "start_time": None,
                        "end_time": None,
                        "total_time": 0,
                    }
                ],
            }
        ],
        a_plan(a_script(targets={"groups": ["g"]})),
        groups=[{"id": "g", "scope": "biz/2", "hosts": [102]}],
    ),
    fact(
        "2.9 words: in the caller's language",
        told(
            _STATUS,
            "step_result_group_list",
            0,
            "result_type_desc",
            headers={"blueking-language": "zh-cn"},
        ),
        "执行成功",
    ),
)


_DETAIL = "get_step_instance_detail"
_SCRIPT = a_plan(
    a_script(
        script="echo ok\n",
        param="--token x",
        param_sensitive=True,
        ignore_error=True,
        variable=None,
        targets={"hosts": [101], "groups": ["g"], "nodes": [{"type": "set", "id": 7}]},
    )
)
_GROUPS: dict[str, Any] = {"groups": [{"id": "g", "scope": "biz/2", "hosts": [102]}]}
_STEP_DETAIL = (
    fact(
        "2.10 scope: bk_biz_id is not accepted",
        lambda t: t.send(_DETAIL, bk_biz_id=2, job_instance_id=1, step_instance_id=1).record.code,
        1240003,
    ),
    fact("2.10 step: unknown", asked_code(_DETAIL, step_instance_id=5), 1244007),
    fact("2.10 id: the step instance's", told(_DETAIL, "id"), 20000000001),
    fact(
        "2.10 script: plain text",
        told(_DETAIL, "script_info", "script_content"),
        "echo ok\n",
        _SCRIPT,
        **_GROUPS,
    ),
    fact(
        "2.10 parameter: plain text",
        told(_DETAIL, "script_info", "script_param"),
        "-v",
        a_plan(a_script(param="-v")),
    ),
    fact(
        "2.10 parameter: a sensitive one is masked",
        told(_DETAIL, "script_info", "script_param"),
        "******",
        _SCRIPT,
        **_GROUPS,
    ),
    fact(
        "2.10 is_ignore_error: filled",
        told(_DETAIL, "script_info", "is_ignore_error"),
        1,
        _SCRIPT,
        **_GROUPS,
    ),
    fact(
        "2.10 targets: as selected, not as resolved",
        lambda t: (
            s := told(_DETAIL, "script_info", "server")(t),
            [h["bk_host_id"] for h in s["ip_list"]],
            s["dynamic_group_list"],
            s["topo_node_list"],
        )[1:],
        ([101], [{"id": "g"}], [{"id": 7, "node_type": "set"}]),
        _SCRIPT,
        **_GROUPS,
    ),
    fact(
        "2.10 type: an SQL step is a script",
        told(_DETAIL, "type"),
        1,
        a_plan(a_script(language=6)),
    ),
    fact("2.10 type: file", told(_DETAIL, "type"), 2, _TRANSFERS),
    fact(
        "2.10 approval: its message only",
        told(_DETAIL, "approval_info"),
        {
            "approval_type": None,
            "approval_user": None,
            "approval_message": "sure?",
            "notify_channel": None,
        },
        a_plan({**APPROVAL, "message": "sure?", "users": ["bob"]}),
    ),
    fact(
        "2.10 file source without a server: 1240002",
        asked_code(_DETAIL),
        1240002,
        a_plan({**FILE, "sources": [{"files": ["/a"]}]}),
    ),
    fact(
        "2.10 permission: view_history for somebody else's",
        lambda t: (
            i := t.prepare(),
            t.as_user("bob"),
            t.code(_DETAIL, job_instance_id=i, step_instance_id=t.step_id(i)),
        )[2],
        9900403,
        users=[{"name": "bob", "denied": [{"action": "view_history"}]}],
    ),
)

STEPS: tuple[Fact, ...] = (*_STEP_STATUS, *_STEP_DETAIL)
