"""Logs of hosts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.support.facts.rows import APPROVAL, FILE, Fact, asked, asked_code, fact, told
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
    fact("2.7 ids: absent in a GET", asked_code(_ONE, job_instance_id="", bk_host_id=101), 1240003),
    fact(
        "2.7 ids: zero in a GET ends as unknown",
        asked_code(_ONE, job_instance_id=0, bk_host_id=101),
        1244006,
    ),
    fact(
        "2.7 ids: zero in a POST",
        asked_code(_ONE, door="esb", job_instance_id=0, bk_host_id=101),
        1240003,
    ),
    fact(
        "2.7 step: unknown has the instance's code",
        asked_code(_ONE, step_instance_id=5, bk_host_id=101),
        1244006,
    ),
    fact("2.7 host: neither id nor address", asked_code(_ONE), 1241007),
    fact("2.7 host: address without cloud area", asked_code(_ONE, ip="10.0.0.11"), 1241007),
    fact(
        "2.7 host: the message names all of them",
        lambda t: asked(_ONE)(t)["message"],
        "Missing or invalid request parameter [host_id/(bk_cloud_id+ip)]",
    ),
    fact(
        "2.7 log: by host id",
        told(_ONE, "log_content", bk_host_id=101),
        "hello from 10.0.0.11",
        _PRINTS,
    ),
    fact(
        "2.7 log: by address",
        told(_ONE, "log_content", **_ADDRESS),
        "hello from 10.0.0.11",
        _PRINTS,
    ),
    fact(
        "2.7 log: a host that printed nothing",
        told(_ONE, "log_content", bk_host_id=102),
        None,
        _PRINTS,
    ),
    fact(
        "2.7 log: a host that is not part of the step",
        told(_ONE, "log_content", bk_host_id=103),
        None,
        _PRINTS,
    ),
    fact(
        "2.7 log: a step that did not start",
        told(_ONE, "log_content", started=False, bk_host_id=101),
        None,
        _PRINTS,
    ),
    fact("2.7 log_type: 1 of a script", told(_ONE, "log_type", bk_host_id=101), 1, _PRINTS),
    fact("2.7 log_type: 2 of files", told(_ONE, "log_type", bk_host_id=101), 2, _TRANSFERS),
    fact(
        "2.7 log_type: null of a manual step",
        told(_ONE, "log_type", bk_host_id=101),
        None,
        a_plan(APPROVAL),
    ),
    fact(
        "2.7 file_logs: hosts by id only, no sizes",
        told(_ONE, "file_logs", bk_host_id=101),
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
        told = asked(_MANY, **params)(table)["data"]["script_task_logs"]
        return told and [item["bk_host_id"] for item in told]

    return played


_BATCH = (
    fact("2.8 ids: zero", asked_code(_MANY, job_instance_id=0, host_id_list=[101]), 1240003),
    fact(
        "2.8 step: unknown has the instance's code",
        asked_code(_MANY, step_instance_id=5, host_id_list=[101]),
        1244006,
    ),
    fact("2.8 hosts: none", asked_code(_MANY), 1241007),
    fact("2.8 hosts: 500", asked_code(_MANY, host_id_list=list(range(500))), 0),
    fact("2.8 hosts: 501", asked_code(_MANY, host_id_list=list(range(501))), 1241007),
    fact("2.8 hosts: 501 addresses", asked_code(_MANY, ip_list=[_ADDRESS] * 501), 1241007),
    fact(
        "2.8 hosts: the message names both lists",
        lambda t: asked(_MANY)(t)["message"],
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
        told(_MANY, host_id_list=[101]),
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
            for log in told(_MANY, "file_task_logs", 0, "file_logs", host_id_list=[101])(t)
        ],
        [("10.0.0.12", 0, "10.0.0.11")],
        _TRANSFERS,
    ),
    fact(
        "2.8 file logs: no script logs beside them",
        told(_MANY, "script_task_logs", host_id_list=[101]),
        None,
        _TRANSFERS,
    ),
)

LOGS: tuple[Fact, ...] = (*_IP_LOG, *_BATCH)
