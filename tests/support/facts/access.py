"""The order of checks, the scope of a call, permission."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.support.facts.rows import WINDOW, Fact, a_user, code, data, fact, message
from tests.support.sandbox import SCOPE, a_plan, a_script

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.support.sandbox import Bench

__all__ = ["ACCESS"]

_BIZ = [{"type": "biz", "id": "2", "name": "demo"}, {"type": "biz", "id": "3"}]
_TENANTS: dict[str, Any] = {
    "scopes": [{"type": "biz", "id": "2", "tenant": "red"}, {"type": "biz", "id": "3"}],
    "hosts": [{"id": 101, "ip": "10.0.0.11", "scopes": ["biz/2"]}],
    "server": {"tenants": True},
}
_RED = {"x-bk-tenant-id": "red"}


def _status(operation: str, **params: Any) -> Callable[[Bench], tuple[int, int | None]]:
    """HTTP status and code of one request."""

    def played(table: Bench) -> tuple[int, int | None]:
        reply = table.send(operation, **{**SCOPE, **params})
        return reply.response.status, reply.record.code

    return played


_NOWHERE = {"bk_scope_id": "9"}
_BAD_BODY: dict[str, Any] = {"job_plan_id": 1000, "global_var_list": [{"id": 0}]}
_ORDER = (
    fact(
        "1.6 order: credentials before everything",
        _status("execute_job_plan", headers={"x-bkapi-authorization": ""}, **_NOWHERE),
        (401, None),
    ),
    fact(
        "1.6 order: the scope's type before its existence",
        code("execute_job_plan", bk_scope_type="farm", **_NOWHERE, **_BAD_BODY),
        1241005,
    ),
    fact(
        "1.6 order: the scope before the body",
        code("execute_job_plan", **_NOWHERE, **_BAD_BODY),
        1243049,
    ),
    fact(
        "1.6 order: a bk_biz_id that is no number before the body",
        lambda t: t.send("execute_job_plan", bk_biz_id="x", **_BAD_BODY).record.code,
        1240002,
    ),
    fact(
        "1.6 order: access before the body",
        code("execute_job_plan", **_BAD_BODY),
        9900403,
        users=[a_user({"action": "access_business"})],
    ),
    fact(
        "1.6 order: access applies to lists too",
        code("get_job_instance_list", **WINDOW),
        9900403,
        users=[a_user({"action": "access_business"})],
    ),
    fact(
        "1.6 order: another tenant's scope does not exist",
        code("get_job_plan_list", bk_scope_id="3", headers=_RED),
        1243049,
        **_TENANTS,
    ),
    fact(
        "1.6 order: bean validation before the operation's own checks",
        message("execute_job_plan", job_plan_id=0, global_var_list=[{"id": 0}]),
        "Invalid id of globalVar",
    ),
    fact(
        "1.6 malformed JSON: the general text",
        lambda t: t.send("execute_job_plan", body=b"{").response.json()["message"],
        "Bad Request",
    ),
    fact("1.6 wrong JSON type: 1240003", code("execute_job_plan", job_plan_id=[]), 1240003),
    fact("1.6 wrong query type: 1240003", code("get_job_plan_list", start="x"), 1240003),
    fact("1.6 missing query parameter: 1240003", code("get_job_instance_status"), 1240003),
    fact(
        "1.6 numbers: as Java reads them, without underscores",
        code("get_job_instance_status", job_instance_id="1_0"),
        1240003,
    ),
)


def _scope(operation: str, **params: Any) -> Callable[[Bench], int | None]:
    """The code of a call with exactly these parameters."""
    return lambda table: table.send(operation, **params).record.code


_PLAN: dict[str, Any] = {"job_plan_id": 1000, "start_task": False}
_OLD_SET = [*_BIZ, {"type": "biz_set", "id": "8000001"}, {"type": "biz_set", "id": "9999999"}]
_SCOPES = (
    fact("1.7 type and id: found", _scope("execute_job_plan", **SCOPE, **_PLAN), 0),
    fact(
        "1.7 types: biz_set and tenant_set too",
        lambda t: [
            t.code("get_job_plan_list", bk_scope_type=kind, bk_scope_id="1")
            for kind in ("biz_set", "tenant_set")
        ],
        [0, 0],
        scopes=[*_BIZ, {"type": "biz_set", "id": "1"}, {"type": "tenant_set", "id": "1"}],
    ),
    fact("1.7 bk_biz_id: still taken", _scope("execute_job_plan", bk_biz_id=2, **_PLAN), 0),
    fact(
        "1.7 bk_biz_id: 8000000 to 9999999 are business sets",
        lambda t: [
            t.send("get_job_plan_list", bk_biz_id=number).record.code
            for number in (8000001, 9999999, 7999999)
        ],
        [0, 0, 1243049],
        scopes=_OLD_SET,
    ),
    fact(
        "1.7 precedence: the scope fields win over bk_biz_id",
        data("get_job_plan_list", "total", bk_biz_id=3),
        1,
    ),
    fact(
        "1.7 bk_biz_id: at least 1 in a body, even where the scope fields win",
        message("execute_job_plan", bk_biz_id=0, **_PLAN),
        "Invalid bk_biz_id",
    ),
    fact(
        "1.7 none in a POST: the type is missed first",
        lambda t: t.send("execute_job_plan", **_PLAN).response.json()["message"],
        "Invalid bk_scope_type",
    ),
    fact(
        "1.7 no id in a POST",
        lambda t: t.send("execute_job_plan", bk_scope_type="biz", **_PLAN).response.json()[
            "message"
        ],
        "Invalid bk_scope_id",
    ),
    fact(
        "1.7 blank id in a POST: as none",
        _scope("execute_job_plan", bk_scope_type="biz", bk_scope_id=" ", **_PLAN),
        1240003,
    ),
    fact("1.7 none in a GET: not checked, ends in 1240002", _scope("get_job_plan_list"), 1240002),
    fact(
        "1.7 none in a GET: the instance list finds nothing",
        lambda t: t.send("get_job_instance_list", **WINDOW).response.json()["data"],
        {"start": 0, "length": 20, "total": 0, "data": None},
    ),
    fact(
        "1.7 only one of both in a GET",
        lambda t: [
            t.send("get_job_plan_list", bk_scope_type="biz").record.code,
            t.send("get_job_plan_list", bk_scope_id="2").record.code,
        ],
        [1240002, 1240002],
    ),
    fact(
        "1.7 answers: carry all three scope fields",
        lambda t: {
            key: value
            for key, value in t.data("get_job_plan_detail", job_plan_id=1000).items()
            if key.startswith("bk_")
        },
        {"bk_biz_id": 2, "bk_scope_type": "biz", "bk_scope_id": "2"},
    ),
)


def _lacks(operation: str, **params: Any) -> Callable[[Bench], Any]:
    """What a refusal tells of each missing action: its name and the resources' ids."""

    def played(table: Bench) -> Any:
        answer = table.call(operation, **params)
        assert answer["code"] == 9900403
        return {
            action["id"]: [
                [leaf["id"] for leaf in path]
                for kind in action["related_resource_types"]
                for path in kind["instances"]
            ]
            for action in answer["permission"]["actions"]
        }

    return played


def _of_another(operation: str) -> Callable[[Bench], Any]:
    """The same for a look at another user's instance."""

    def played(table: Bench) -> Any:
        instance = table.prepare()
        table.user = "bob"
        return _lacks(operation, job_instance_id=instance)(table)

    return played


_NO_HISTORY = [a_user({"action": "view_history"}, name="bob")]
_PERMISSIONS = (
    fact(
        "1.8 layout: the whole of it, paths from ancestor to leaf, no address to apply at",
        lambda t: t.call("execute_job_plan", job_plan_id=1000)["permission"],
        {
            "system_id": "bk_job",
            "system_name": "Job",
            "actions": [
                {
                    "id": "launch_job_plan",
                    "name": "Launch Job Plan",
                    "related_resource_types": [
                        {
                            "system_id": "bk_job",
                            "system_name": "Job",
                            "type": "job_plan",
                            "type_name": "Job Plans",
                            "instances": [
                                [
                                    {
                                        "id": "1000",
                                        "type": "job_plan",
                                        "type_name": "Job Plans",
                                        "name": "web rollout",
                                    }
                                ]
                            ],
                        },
                        {
                            "system_id": "bk_cmdb",
                            "system_name": "Cmdb",
                            "type": "host",
                            "type_name": "Hosts",
                            "instances": [
                                [
                                    {
                                        "id": "2",
                                        "type": "biz",
                                        "type_name": "Business",
                                        "name": "demo",
                                    },
                                    {
                                        "id": "101",
                                        "type": "host",
                                        "type_name": "Hosts",
                                        "name": "10.0.0.11",
                                    },
                                ]
                            ],
                        },
                    ],
                }
            ],
        },
        users=[a_user({"action": "launch_job_plan"})],
    ),
    fact(
        "1.8 message: with the user's display name",
        message("get_job_plan_list"),
        "User (Alice L.) permission not allowed,"
        " please confirm and apply permission in IAM and try again",
        users=[a_user({"action": "access_business"}, display_name="Alice L.")],
    ),
    fact(
        "1.8 access_business: names the scope",
        _lacks("get_job_plan_list"),
        {"access_business": [["2"]]},
        users=[a_user({"action": "access_business"})],
    ),
    fact(
        "1.8 access_business: a scope that the call does not name is not its matter",
        code("get_job_plan_list"),
        0,
        users=[a_user({"action": "access_business", "scope": "biz/3"})],
    ),
    fact(
        "1.8 use_account: names the account",
        _lacks("execute_job_plan", job_plan_id=1000),
        {"use_account": [["4"]]},
        users=[a_user({"action": "use_account"})],
    ),
    fact(
        "1.8 several: all that is missing is told",
        lambda t: sorted(_lacks("execute_job_plan", job_plan_id=1000)(t)),
        ["launch_job_plan", "use_account"],
        users=[a_user({"action": "use_account"}, {"action": "launch_job_plan"})],
    ),
    fact(
        "1.8 view_history: for an instance that somebody else started",
        _of_another("get_job_instance_status"),
        {"view_history": [["2"]]},
        users=_NO_HISTORY,
    ),
    fact(
        "1.8 view_history: the operator needs none",
        lambda t: t.code("get_job_instance_status", job_instance_id=t.prepare()),
        0,
        users=[a_user({"action": "view_history"})],
    ),
    fact(
        "1.8 view_job_plan: for the plan's detail",
        _lacks("get_job_plan_detail", job_plan_id=1000),
        {"view_job_plan": [["1000"]]},
        users=[a_user({"action": "view_job_plan"})],
    ),
    fact(
        "1.8 view_job_plan: not for the plan list",
        code("get_job_plan_list"),
        0,
        users=[a_user({"action": "view_job_plan"})],
    ),
    fact(
        "1.8 service_state_access: without a resource",
        _lacks("get_latest_service_version"),
        {"service_state_access": []},
        users=[a_user({"action": "service_state_access"})],
    ),
    fact(
        "1.8 only the last script or file step is checked",
        code("execute_job_plan", job_plan_id=1000),
        0,
        a_plan(a_script("one", targets={"hosts": [102]}), a_script("two")),
        users=[a_user({"action": "launch_job_plan", "host": 102})],
    ),
)

ACCESS: tuple[Fact, ...] = (*_ORDER, *_SCOPES, *_PERMISSIONS)
