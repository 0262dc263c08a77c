"""Doors, headers, envelope, HTTP status."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from launcher.sandbox.routes import OPERATIONS
from tests.support.facts.rows import Fact, a_user, code, data, fact, http, message
from tests.support.sandbox import SCOPE

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


def _turned_away(fault: dict[str, Any], **params: Any) -> Callable[[Bench], dict[str, Any]]:
    """What comes back, status and the gateway's own header apart, where `fault` stands before JOB."""

    def played(table: Bench) -> dict[str, Any]:
        table.arm(fault)
        response = table.send("get_job_plan_list", **{**SCOPE, **params}).response
        told = {name for name, _ in response.headers if name.startswith("X-Bkapi-")}
        return {
            "status": response.status,
            "header": dict(response.headers).get("X-Bkapi-Error-Code"),
            "headers": len(told),
            **response.json(),
        }

    return played


def _gateway_says(
    status: int, code: int, name: str, message: str, headers: int = 2
) -> dict[str, Any]:
    return {
        "status": status,
        "header": str(code),
        "headers": headers,
        "code": code,
        "code_name": name,
        "message": message,
        "result": False,
        "data": None,
    }


_SILENT = '[upstream_error="cannot read header from upstream"]'
_GATEWAY = (
    fact(
        "1.5 gateway's rate limit: 429 in the gateway's own form",
        _turned_away({"fault": "rate-limited"}),
        _gateway_says(
            429,
            1642902,
            "RATE_LIMIT_RESTRICTION",
            "API rate limit exceeded by stage strategy",
            headers=6,
        ),
    ),
    fact(
        "1.5 gateway without an answer of JOB: 502 in the gateway's own form",
        _turned_away({"fault": "server-error"}),
        _gateway_says(502, 1650200, "BAD_GATEWAY", f"Bad Gateway {_SILENT}"),
    ),
    fact(
        "1.5 gateway without an answer in time: 504 in the gateway's own form",
        _turned_away({"fault": "server-error", "status": 504, "effect": "after"}),
        _gateway_says(
            504,
            1650401,
            "REQUEST_BACKEND_TIMEOUT",
            f"Request backend service timeout {_SILENT}",
        ),
    ),
    fact(
        "1.5 gateway in trouble itself: 500 in the gateway's own form",
        _turned_away({"fault": "server-error", "status": 500}),
        _gateway_says(500, 1650001, "INTERNAL_SERVER_ERROR", "Internal Server Error"),
    ),
    fact(
        "1.5 gateway without a server behind it: 503 in the gateway's own form",
        _turned_away({"fault": "server-error", "status": 503}),
        _gateway_says(503, 1650300, "SERVICE_UNAVAILABLE", "Service Unavailable"),
    ),
    fact(
        "1.5 gateway with another status: a form of its own for that, too",
        _turned_away({"fault": "server-error", "status": 507}),
        _gateway_says(507, 1650070, "UNKNOWN_ERROR", "unknown error"),
    ),
    fact(
        "1.5 ESB: a web server before it answers in its own words",
        _turned_away({"fault": "server-error"}, door="esb"),
        {
            "status": 502,
            "header": None,
            "headers": 0,
            "error": "Bad Gateway",
            "path": "/api/c/compapi/v2/jobv3/get_job_plan_list/",
        },
    ),
)

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

TRANSPORT: tuple[Fact, ...] = (
    *_DOORS,
    *_PATHS,
    *_HEADERS,
    *_ENVELOPE,
    *_STATUSES,
    *_GATEWAY,
)
