"""The control side of a served sandbox: `/_sandbox/`, for tests and demos.

GET  /_sandbox/           the world's id and clock
GET  /_sandbox/instances  every instance, with how often it was started and began to run
GET  /_sandbox/requests   what came in, credentials and cipher values masked
GET  /_sandbox/openapi.json  the OpenAPI document of both doors
POST /_sandbox/faults     a list of faults to arm, JSON or YAML
POST /_sandbox/advance    {"seconds": n}: put the clock forward
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from launcher import __version__
from launcher.errors import LauncherError
from launcher.sandbox.openapi import openapi
from launcher.sandbox.params import Params
from launcher.sandbox.refusal import Refused
from launcher.sandbox.wire import Response
from launcher.sandbox.worldfile import parse_faults

if TYPE_CHECKING:
    from launcher.diagnostics import Diagnostic
    from launcher.sandbox.state import Instance
    from launcher.sandbox.store import StateStore
    from launcher.sandbox.wire import Json, Request

__all__ = ["PREFIX", "control", "instance_facts"]

PREFIX = "/_sandbox/"
_LONGEST_S = 10**9


def control(store: StateStore, request: Request, now_ms: int) -> Response:
    """Answer a request to the control side; problems are 400 with their diagnostics."""
    match request.method, request.path.removeprefix(PREFIX):
        case "GET", "":
            state = store.state(now_ms)
            return _json(200, {"world": state.world_id, "now": now_ms + state.shift_ms})
        case "GET", "instances":
            instances = store.state(now_ms).instances.values()
            return _json(200, {"instances": [instance_facts(item) for item in instances]})
        case "GET", "requests":
            return _json(200, {"requests": list(store.records())})
        case "GET", "openapi.json":
            return _json(200, openapi(__version__))
        case "POST", "faults":
            return _arm(store, request)
        case "POST", "advance":
            return _advance(store, request, now_ms)
        case _:
            return _json(404, {"error": "not found"})


def instance_facts(item: Instance) -> Json:
    """An instance as the control side tells it, String variables included."""
    return {
        "job_instance_id": item.id,
        "job_plan_id": item.plan_id,
        "scope": item.scope,
        "name": item.name,
        "operator": item.operator,
        "status": int(item.status),
        "create_time": item.create_ms,
        "start_time": item.start_ms,
        "end_time": item.end_ms,
        "visible_time": item.visible_ms,
        "variables": {variable.name: variable.value for variable in item.variables},
        "hosts": {variable.name: list(variable.host_ids) for variable in item.variables},
        "starts_accepted": item.starts_accepted,
        "starts_consumed": item.starts_consumed,
        "began": item.began,
        "callback_url": item.callback_url,
        "callbacks": [
            {"time": callback.at_ms, "status": callback.status} for callback in item.callbacks
        ],
        "steps": [
            {"step_instance_id": step.id, "name": step.origin.name, "status": int(step.status)}
            for step in item.steps
        ],
    }


def _arm(store: StateStore, request: Request) -> Response:
    try:
        faults = parse_faults(request.body.decode(), "faults")
    except UnicodeDecodeError:
        return _json(400, {"error": "not UTF-8 text"})
    except LauncherError as error:
        return _json(400, {"diagnostics": [_told(item) for item in error.diagnostics]})
    store.add_faults(faults)
    return _json(200, {"armed": len(faults)})


def _told(item: Diagnostic) -> Json:
    return {"code": item.code, "facts": dict(item.facts)}


def _advance(store: StateStore, request: Request, now_ms: int) -> Response:
    try:
        seconds = Params.of_body(request.body).values.get("seconds")
    except Refused:
        seconds = None
    if isinstance(seconds, bool) or not isinstance(seconds, int | float):
        return _json(400, {"error": "seconds must be a number"})
    if not 0 <= seconds <= _LONGEST_S:
        return _json(400, {"error": f"seconds must be from 0 to {_LONGEST_S}"})
    store.shift(seconds)
    state = store.state(now_ms)
    return _json(200, {"now": now_ms + state.shift_ms})


def _json(status: int, body: Json) -> Response:
    data = json.dumps(body, ensure_ascii=False).encode()
    return Response(status, data, (("Content-Type", "application/json"),))
