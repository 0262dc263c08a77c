"""The JSON that every v3 answer is wrapped in.

Key order is `code`, `result`, `job_request_id`, `message`, `data`, `permission`; top-level nulls
are left out, nulls inside `data` are written. ESB adds its own `request_id` and, to a success, its
own `message`. Source: bk-job, `EsbResp`, `OpenApiApplyPermissionDTO`.
"""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING

from launcher.sandbox.refusal import Denial, Refused, text_of
from launcher.sandbox.wire import Response

if TYPE_CHECKING:
    from launcher.sandbox.refusal import Path
    from launcher.sandbox.wire import Json

__all__ = ["failure", "platform_error", "request_id", "success", "unauthorised"]

_JSON = ("Content-Type", "application/json;charset=UTF-8")


def request_id(world_id: str, call: int) -> str:
    """The trace id of the `call`-th request: 32 hexadecimal digits, another one for each."""
    return hashlib.sha256(f"{world_id}/{call}".encode()).hexdigest()[:32]


def success(data: Json, *, trace: str, through_esb: bool) -> Response:
    """An answer of code 0."""
    body: dict[str, Json] = {"code": 0, "result": True, "job_request_id": trace}
    if through_esb:
        body["message"] = "success"
    body["data"] = data
    return _enveloped(200, body, trace, through_esb=through_esb)


def failure(
    refused: Refused,
    *,
    trace: str,
    english: bool,
    through_esb: bool,
    status: int = 200,
) -> Response:
    """An answer of another code; it has no `data`."""
    text = refused.text or text_of(refused.code, refused.facts, english=english)
    body: dict[str, Json] = {
        "code": int(refused.code),
        "result": False,
        "job_request_id": trace,
        "message": text,
    }
    if isinstance(refused, Denial):
        body["permission"] = _permission(refused)
    return _enveloped(status, body, trace, through_esb=through_esb)


def unauthorised(trace: str) -> Response:
    """The gateway found nobody to speak for: 401, no body."""
    return Response(401, b"", (("X-Bk-Job-Request-Id", trace),))


def platform_error(status: int, path: str, *extra: tuple[str, str]) -> Response:
    """An answer that is not JOB's own: a framework's or a gateway's error page, in JSON."""
    body: dict[str, Json] = {"status": status, "error": _REASONS.get(status, "Error"), "path": path}
    return Response(status, _dump(body), (_JSON, *extra))


def _enveloped(status: int, body: dict[str, Json], trace: str, *, through_esb: bool) -> Response:
    if through_esb:
        body["request_id"] = trace[::-1]
    return Response(status, _dump(body), (_JSON, ("X-Bk-Job-Request-Id", trace)))


def _dump(value: Json) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


def _permission(denial: Denial) -> Json:
    actions: list[Json] = []
    for action, paths in denial.lacking:
        kinds: dict[str, list[Path]] = {}
        for path in paths:
            kinds.setdefault(path[-1][0], []).append(path)
        related = [_related(kind, found) for kind, found in kinds.items()]
        name = action.value.replace("_", " ").title()
        actions.append({"id": action.value, "name": name, "related_resource_types": related})
    return {"system_id": "bk_job", "system_name": "Job", "actions": actions}


def _related(kind: str, paths: list[Path]) -> Json:
    system = (
        ("bk_cmdb", "Cmdb")
        if kind in {"host", "biz", "biz_set", "tenant_set"}
        else ("bk_job", "Job")
    )
    return {
        "system_id": system[0],
        "system_name": system[1],
        "type": kind,
        "type_name": _TYPE_NAMES.get(kind, kind),
        "instances": [[_leaf(*part) for part in path] for path in paths],
    }


def _leaf(kind: str, identity: str, name: str) -> Json:
    return {"id": identity, "type": kind, "type_name": _TYPE_NAMES.get(kind, kind), "name": name}


_TYPE_NAMES = {
    "job_plan": "Job Plans",
    "host": "Hosts",
    "biz": "Business",
    "biz_set": "Business Set",
    "tenant_set": "Tenant Set",
    "account": "Account",
}

_REASONS = {
    404: "Not Found",
    405: "Method Not Allowed",
    413: "Payload Too Large",
    429: "Too Many Requests",
    500: "Internal Server Error",
    502: "Bad Gateway",
    503: "Service Unavailable",
    504: "Gateway Timeout",
}
