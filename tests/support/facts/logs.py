"""Logs of hosts, and one step seen closely."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.support.facts.rows import APPROVAL, FILE, Fact, fact
from tests.support.sandbox import a_plan, a_script

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.support.sandbox import Bench

__all__ = ["LOGS"]

_TWO = {"hosts": [101, 102]}
_PRINTS = a_plan(
    a_script(
        targets=_TWO,
        runs=[{"log": "hello from {ip}", "hosts": [{"id": 102, "status": 9, "log": ""}]}],
    )
)
_TRANSFERS = a_plan(FILE)


def _ask(
    operation: str, *, started: bool = True, **params: Any
) -> Callable[[Bench], dict[str, Any]]:
    """The envelope of a question about the first step of an instance."""

    def played(table: Bench) -> dict[str, Any]:
        instance = table.run() if started else table.prepare()
        ids = {"job_instance_id": instance, "step_instance_id": table.step_id(instance)}
        return table.call(operation, **{**ids, **params})

    return played


def _told(operation: str, *path: str | int, **params: Any) -> Callable[[Bench], Any]:
    """A part of the data of such a question."""

    def played(table: Bench) -> Any:
        found: Any = _ask(operation, **params)(table)["data"]
        for part in path:
            found = found[part]
        return found

    return played


def _code(operation: str, **params: Any) -> Callable[[Bench], int]:
    return lambda table: int(_ask(operation, **params)(table)["code"])


_ONE = "get_job_instance_ip_log"
_MANY = "batch_get_job_instance_ip_log"
_ADDRESS = {"bk_cloud_id": 0, "ip": "10.0.0.11"}
_BARE_HOST = {
    "bk_cloud_id": None,
    "bk_cloud_name": None,
    "ip": None,
    "ipv6": None,
    "bk_agent_id": None,
    "alive": None,
}

_IP_LOG = (
    fact("2.7 ids: absent in a GET", _code(_ONE, job_instance_id="", bk_host_id=101), 1240003),
    fact(
        "2.7 ids: zero in a GET ends as unknown",
        _code(_ONE, job_instance_id=0, bk_host_id=101),
        1244006,
    ),
    fact(
        "2.7 ids: zero in a POST",
        _code(_ONE, door="esb", job_instance_id=0, bk_host_id=101),
        1240003,
    ),
    fact(
        "2.7 step: unknown has the instance's code",
        _code(_ONE, step_instance_id=5, bk_host_id=101),
        1244006,
    ),
    fact("2.7 host: neither id nor address", _code(_ONE), 1241007),
    fact("2.7 host: address without cloud area", _code(_ONE, ip="10.0.0.11"), 1241007),
    fact(
        "2.7 host: the message names all of them",
        lambda t: _ask(_ONE)(t)["message"],
        "Missing or invalid request parameter [host_id/(bk_cloud_id+ip)]",
    ),
    fact(
        "2.7 log: by host id",
        _told(_ONE, "log_content", bk_host_id=101),
        "hello from 10.0.0.11",
        _PRINTS,
    ),
    fact(
        "2.7 log: by address",
        _told(_ONE, "log_content", **_ADDRESS),
        "hello from 10.0.0.11",
        _PRINTS,
    ),
    fact(
        "2.7 log: a host that printed nothing",
        _told(_ONE, "log_content", bk_host_id=102),
        None,
        _PRINTS,
    ),
    fact(
        "2.7 log: a host that is not part of the step",
        _told(_ONE, "log_content", bk_host_id=103),
        None,
        _PRINTS,
    ),
    fact(
        "2.7 log: a step that did not start",
        _told(_ONE, "log_content", started=False, bk_host_id=101),
        None,
        _PRINTS,
    ),
    fact("2.7 log_type: 1 of a script", _told(_ONE, "log_type", bk_host_id=101), 1, _PRINTS),
    fact("2.7 log_type: 2 of files", _told(_ONE, "log_type", bk_host_id=101), 2, _TRANSFERS),
    fact(
        "2.7 log_type: null of a manual step",
        _told(_ONE, "log_type", bk_host_id=101),
        None,
        a_plan(APPROVAL),
    ),
    fact(
        "2.7 file_logs: hosts by id only, no sizes",
        _told(_ONE, "file_logs", bk_host_id=101),
        [
            {
                "mode": 1,
                "src_ip": {"bk_host_id": 102, **_BARE_HOST},
                "src_path": "/data/a.tgz",
                "dest_ip": {"bk_host_id": 101, **_BARE_HOST},
                "dest_path": "/tmp/",  # noqa: S108 - a path on a host that does not exist
                "status": 9,
                "log_content": "arrived on 10.0.0.11",
                "size": None,
                "speed": None,
                "process": None,
            }
        ],
        _TRANSFERS,
    ),
    fact(
        "2.7 log: of the latest execution only",
        lambda t: (
            i := t.run(),
            t.operate_step(i, 8),
            t.wait(60),
            t.data(_ONE, job_instance_id=i, step_instance_id=t.step_id(i), bk_host_id=101)[
                "log_content"
            ],
        )[3],
        "second",
        a_plan(a_script(runs=[{"ends": "fail", "log": "first"}, {"log": "second"}])),
    ),
)


def _batch(**params: Any) -> Callable[[Bench], list[int] | None]:
    """The hosts whose logs come back."""

    def played(table: Bench) -> list[int] | None:
        told = _ask(_MANY, **params)(table)["data"]["script_task_logs"]
        return told and [item["bk_host_id"] for item in told]

    return played


_BATCH = (
    fact("2.8 ids: zero", _code(_MANY, job_instance_id=0, host_id_list=[101]), 1240003),
    fact(
        "2.8 step: unknown has the instance's code",
        _code(_MANY, step_instance_id=5, host_id_list=[101]),
        1244006,
    ),
    fact("2.8 hosts: none", _code(_MANY), 1241007),
    fact("2.8 hosts: 500", _code(_MANY, host_id_list=list(range(500))), 0),
    fact("2.8 hosts: 501", _code(_MANY, host_id_list=list(range(501))), 1241007),
    fact("2.8 hosts: 501 addresses", _code(_MANY, ip_list=[_ADDRESS] * 501), 1241007),
    fact(
        "2.8 hosts: the message names both lists",
        lambda t: _ask(_MANY)(t)["message"],
        "Missing or invalid request parameter [host_id_list/ip_list]",
    ),
    fact("2.8 hosts: by id", _batch(host_id_list=[101]), [101], _PRINTS),
    fact("2.8 hosts: by address", _batch(ip_list=[_ADDRESS]), [101], _PRINTS),
    fact("2.8 hosts: by id in ip_list", _batch(ip_list=[{"bk_host_id": 101}]), [101], _PRINTS),
    fact(
        "2.8 hosts: host_id_list wins",
        _batch(host_id_list=[103], ip_list=[_ADDRESS]),
        None,
        _PRINTS,
    ),
    fact(
        "2.8 logs: hosts without any are missing",
        _batch(host_id_list=[101, 102, 103]),
        [101],
        _PRINTS,
    ),
    fact("2.8 logs: null where there is none", _batch(host_id_list=[102]), None, _PRINTS),
    fact(
        "2.8 script logs: with the old host_id",
        _told(_MANY, host_id_list=[101]),
        {
            "job_instance_id": 20000000001,
            "step_instance_id": 20000000001,
            "log_type": 1,
            "script_task_logs": [
                {
                    "host_id": 101,
                    "bk_host_id": 101,
                    "bk_cloud_id": 0,
                    "ip": "10.0.0.11",
                    "ipv6": None,
                    "log_content": "hello from 10.0.0.11",
                }
            ],
            "file_task_logs": None,
        },
        _PRINTS,
    ),
    fact(
        "2.8 file logs: with whole addresses",
        lambda t: [
            (log["src_ip"]["ip"], log["src_ip"]["bk_cloud_id"], log["dest_ip"]["ip"])
            for log in _told(_MANY, "file_task_logs", 0, "file_logs", host_id_list=[101])(t)
        ],
        [("10.0.0.12", 0, "10.0.0.11")],
        _TRANSFERS,
    ),
    fact(
        "2.8 file logs: no script logs beside them",
        _told(_MANY, "script_task_logs", host_id_list=[101]),
        None,
        _TRANSFERS,
    ),
)

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
        told = _ask(_STATUS, **params)(table)["data"].get("step_result_group_list", [])
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
    fact("2.9 ids: absent", _code(_STATUS, step_instance_id=""), 1240003),
    fact("2.9 ids: zero", _code(_STATUS, step_instance_id=0), 1240003),
    fact("2.9 instance: unknown", _code(_STATUS, job_instance_id=5), 1244006),
    fact("2.9 step: unknown", _code(_STATUS, step_instance_id=5), 1244007),
    fact("2.9 manual step: unsupported", _code(_STATUS), 1241003, a_plan(APPROVAL)),
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
        lambda t: "step_result_group_list" in _ask(_STATUS, status=13)(t)["data"],
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
        _told(_STATUS, "step_result_group_list", started=False),
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
        _told(
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
    fact("2.10 step: unknown", _code(_DETAIL, step_instance_id=5), 1244007),
    fact("2.10 id: the step instance's", _told(_DETAIL, "id"), 20000000001),
    fact(
        "2.10 script: plain text",
        _told(_DETAIL, "script_info", "script_content"),
        "echo ok\n",
        _SCRIPT,
        **_GROUPS,
    ),
    fact(
        "2.10 parameter: plain text",
        _told(_DETAIL, "script_info", "script_param"),
        "-v",
        a_plan(a_script(param="-v")),
    ),
    fact(
        "2.10 parameter: a sensitive one is masked",
        _told(_DETAIL, "script_info", "script_param"),
        "******",
        _SCRIPT,
        **_GROUPS,
    ),
    fact(
        "2.10 is_ignore_error: filled",
        _told(_DETAIL, "script_info", "is_ignore_error"),
        1,
        _SCRIPT,
        **_GROUPS,
    ),
    fact(
        "2.10 targets: as selected, not as resolved",
        lambda t: (
            s := _told(_DETAIL, "script_info", "server")(t),
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
        _told(_DETAIL, "type"),
        1,
        a_plan(a_script(language=6)),
    ),
    fact("2.10 type: file", _told(_DETAIL, "type"), 2, _TRANSFERS),
    fact(
        "2.10 approval: its message only",
        _told(_DETAIL, "approval_info"),
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
        _code(_DETAIL),
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

LOGS: tuple[Fact, ...] = (*_IP_LOG, *_BATCH, *_STEP_STATUS, *_STEP_DETAIL)
