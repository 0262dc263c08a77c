"""Doors, headers, envelope, order of checks, scope, permission."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from launcher.sandbox.routes import OPERATIONS
from tests.support.facts.rows import WINDOW, Fact, a_user, code, data, fact, http, message
from tests.support.sandbox import SCOPE, a_plan, a_script

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.support.sandbox import Bench

__all__ = ["TRANSPORT"]

_APP = {"bk_app_code": "a", "bk_app_secret": "s"}
_BIZ = [{"type": "biz", "id": "2", "name": "demo"}, {"type": "biz", "id": "3"}]
_TENANTS: dict[str, Any] = {
    "scopes": [{"type": "biz", "id": "2", "tenant": "red"}, {"type": "biz", "id": "3"}],
    "hosts": [{"id": 101, "ip": "10.0.0.11", "scopes": ["biz/2"]}],
    "server": {"tenants": True},
}
_RED = {"x-bk-tenant-id": "red"}


def _with(**given: str) -> Callable[[Bench], int]:
    """The HTTP status of a request with these credentials."""
    header = {"x-bkapi-authorization": json.dumps(given)}
    return lambda t: t.send("get_job_plan_list", headers=header, **SCOPE).response.status


def _user_of(**given: str) -> Callable[[Bench], str | None]:
    header = {"x-bkapi-authorization": json.dumps(given)}
    return lambda t: t.send("get_job_plan_list", headers=header, **SCOPE).record.user


_DOORS = (
    fact(
        "1.1 both doors: one backend answers the same data",
        lambda t: t.data("get_job_plan_list") == t.data("get_job_plan_list", door="esb"),
        True,
    ),
    fact(
        "1.1 system family: the same operations at another path",
        data("get_job_plan_list", "total", path="/api/v3/system/get_job_plan_list"),
        1,
    ),
    fact(
        "1.1 gateway: credentials in the query are not accepted",
        http("get_job_plan_list", headers={"x-bkapi-authorization": ""}, **_APP),
        (401, 0),
    ),
    fact(
        "1.1 gateway: credentials in the body are not accepted",
        http(
            "execute_job_plan",
            headers={"x-bkapi-authorization": ""},
            bk_username="alice",
            **_APP,
        ),
        (401, 0),
    ),
    fact(
        "1.1 ESB: the header is not read",
        http(
            "get_job_plan_list",
            door="esb",
            bk_app_code="",
            headers={"x-bkapi-authorization": json.dumps({**_APP, "bk_username": "alice"})},
        ),
        (401, 0),
    ),
    fact("1.1 gateway: app code and secret with a user", _with(**_APP, bk_username="u"), 200),
    fact("1.1 gateway: an access token is enough", _with(access_token="t"), 200),
    fact("1.1 gateway: bk_token makes bk_username unnecessary", _with(**_APP, bk_token="t"), 200),
    fact("1.1 gateway: so does bk_ticket", _with(**_APP, bk_ticket="t"), 200),
    fact(
        "1.1 gateway: bk_token and bk_ticket exclude each other",
        _with(**_APP, bk_token="t", bk_ticket="t"),
        401,
    ),
    fact(
        "1.1 gateway: a token beats bk_username",
        _user_of(**_APP, bk_token="b", bk_username="alice"),
        "bob",
        users=[{"name": "bob", "tokens": ["b"]}],
    ),
    fact(
        "1.1 tenants: ESB is closed in multi-tenant mode",
        http("get_job_plan_list", door="esb", headers=_RED),
        (401, 0),
        **_TENANTS,
    ),
)


def _at_gateway(name: str) -> Callable[[Bench], list[int]]:
    return lambda t: [
        t.send(name, method=method, **SCOPE).response.status
        for method in ("GET", "POST", "PUT", "DELETE", "HEAD")
    ]


def _at_esb(name: str) -> Callable[[Bench], list[int]]:
    return lambda t: [
        t.send(name, door="esb", method=method, **SCOPE).response.status
        for method in ("POST", "GET")
    ]


_PATHS = (
    *(
        fact(
            f"1.2 {name}: {item.method} at the gateway, every other method is 405",
            _at_gateway(name),
            [200 if method == item.method else 405 for method in ("GET", "POST")] + [405] * 3,
        )
        for name, item in OPERATIONS.items()
    ),
    *(
        fact(
            f"1.2 {name}: " + ("POST at ESB" if item.through_esb else "not there at ESB"),
            _at_esb(name),
            [200, 405] if item.through_esb else [404, 404],
        )
        for name, item in OPERATIONS.items()
        if not item.system_only
    ),
    fact(
        "1.2 get_latest_service_version: at the gateway in the system family only",
        lambda t: (
            t.send("get_job_plan_list", path="/api/v3/get_latest_service_version").response.status
        ),
        404,
    ),
    fact(
        "1.2 get_latest_service_version: at ESB under an odd path",
        data(
            "get_latest_service_version",
            "version",
            door="esb",
            path="/api/c/compapi/esb/api/v3/get_latest_service_version/",
        ),
        "3.12.5",
    ),
    fact(
        "1.2 paths: ESB's end with a slash, the gateway's do not",
        lambda t: [
            t.send("get_job_plan_list", door=door, path=path, **SCOPE).response.status
            for door, path in (
                ("esb", "/api/c/compapi/v2/jobv3/get_job_plan_list"),
                ("gateway", "/api/v3/get_job_plan_list/"),
            )
        ],
        [404, 404],
    ),
)


def _said(language: str | None) -> Callable[[Bench], str]:
    headers = {"blueking-language": language or ""}
    return message("get_job_instance_status", job_instance_id=1, headers=headers)


_HEADERS = (
    fact("1.3 Blueking-Language: en is English", _said("en"), "Task instance does not exist"),
    fact("1.3 Blueking-Language: in any case", _said("En"), "Task instance does not exist"),
    fact("1.3 Blueking-Language: zh-cn is Chinese", _said("zh-cn"), "找不到作业实例"),
    fact("1.3 Blueking-Language: anything else is Chinese", _said("de"), "找不到作业实例"),
    fact("1.3 Blueking-Language: absent is Chinese", _said(None), "找不到作业实例"),
    fact(
        "1.3 X-Bk-Username: counts in the system family",
        lambda t: (
            t.send("get_latest_service_version", headers={"x-bk-username": "robot"}).record.user
        ),
        "robot",
    ),
    fact(
        "1.3 X-Bk-Username: counts nowhere else",
        lambda t: t.send("get_job_plan_list", headers={"x-bk-username": "r"}, **SCOPE).record.user,
        "alice",
    ),
    fact(
        "1.3 X-Bk-Job-Request-Id: every answer has one, refusals too",
        lambda t: [
            "X-Bk-Job-Request-Id" in dict(t.send(name, headers=sent, **SCOPE).response.headers)
            for name, sent in (
                ("get_job_plan_list", {}),
                ("get_job_instance_status", {}),
                ("get_job_plan_list", {"x-bkapi-authorization": ""}),
            )
        ],
        [True, True, True],
    ),
    fact(
        "1.3 X-Bk-Tenant-Id: needed where there are tenants",
        http("get_job_plan_list"),
        (401, 0),
        **_TENANTS,
    ),
    fact(
        "1.3 X-Bk-Tenant-Id: overwritten where there are none",
        code("get_job_plan_list", headers={"x-bk-tenant-id": "nobody"}),
        0,
    ),
    fact(
        "1.3 idempotency: no header makes two launches one",
        lambda t: [
            t.data("execute_job_plan", job_plan_id=1000, headers={"x-bkapi-request-id": "one"})[
                "job_instance_id"
            ]
            for _ in range(2)
        ],
        [20000000001, 20000000002],
    ),
)

_ENVELOPE = (
    fact(
        "1.4 success: keys in order, without message and permission",
        lambda t: list(t.call("get_job_plan_list")),
        ["code", "result", "job_request_id", "data"],
    ),
    fact(
        "1.4 failure: keys in order, without data",
        lambda t: list(t.call("get_job_instance_status", job_instance_id=1)),
        ["code", "result", "job_request_id", "message"],
    ),
    fact(
        "1.4 permission failure: permission comes last",
        lambda t: list(t.call("get_job_plan_list")),
        ["code", "result", "job_request_id", "message", "permission"],
        users=[a_user({"action": "access_business"})],
    ),
    fact(
        "1.4 ESB: its own message and request_id",
        lambda t: list(t.call("get_job_plan_list", door="esb")),
        ["code", "result", "job_request_id", "message", "data", "request_id"],
    ),
    fact(
        "1.4 result: true exactly when the code is 0",
        lambda t: [
            t.call("get_job_plan_list")["result"],
            t.call("get_job_instance_status", job_instance_id=1)["result"],
        ],
        [True, False],
    ),
    fact(
        "1.4 data: nulls inside are written",
        lambda t: t.data("get_job_instance_ip_log", **_log(t), bk_host_id=999),
        {
            "log_type": 1,
            "bk_host_id": 999,
            "bk_cloud_id": None,
            "ip": None,
            "log_content": None,
            "file_logs": None,
        },
    ),
)


def _log(table: Bench) -> dict[str, int]:
    instance = table.prepare()
    return {"job_instance_id": instance, "step_instance_id": table.step_id(instance)}


def _status(operation: str, **params: Any) -> Callable[[Bench], tuple[int, int | None]]:
    """HTTP status and code of one request."""

    def played(table: Bench) -> tuple[int, int | None]:
        reply = table.send(operation, **{**SCOPE, **params})
        return reply.response.status, reply.record.code

    return played


_NO_USER = {"x-bkapi-authorization": json.dumps(_APP)}
_STATUSES = (
    fact(
        "1.5 business error: HTTP 200", _status("execute_job_plan", job_plan_id=7), (200, 1244012)
    ),
    fact("1.5 validation error: HTTP 200", _status("execute_job_plan", body=b"{"), (200, 1240003)),
    fact(
        "1.5 permission error: HTTP 200",
        _status("get_job_plan_list"),
        (200, 9900403),
        users=[a_user({"action": "access_business"})],
    ),
    fact(
        "1.5 unexpected error: HTTP 200",
        _status("execute_job_plan", job_plan_id=1000, global_var_list=[None]),
        (200, 1240002),
    ),
    fact(
        "1.5 no tenant header: 401 with an empty body",
        http("get_job_plan_list"),
        (401, 0),
        **_TENANTS,
    ),
    fact(
        "1.5 no credentials: 401 with an empty body",
        http("get_job_plan_list", headers={"x-bkapi-authorization": ""}),
        (401, 0),
    ),
    fact(
        "1.5 no user: 401 with an envelope",
        _status("get_job_plan_list", headers=_NO_USER),
        (401, 1247002),
    ),
    fact(
        "1.5 no user: unless the system family is told one",
        _status("get_latest_service_version", headers={**_NO_USER, "x-bk-username": "robot"}),
        (200, 0),
    ),
    fact("1.5 wrong method: 405", _status("get_job_plan_list", method="POST"), (405, None)),
    fact("1.5 unknown path: 404", _status("get_job_plan_list", path="/api/v3/no"), (404, None)),
)

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

TRANSPORT: tuple[Fact, ...] = (
    *_DOORS,
    *_PATHS,
    *_HEADERS,
    *_ENVELOPE,
    *_STATUSES,
    *_ORDER,
    *_SCOPES,
    *_PERMISSIONS,
)
