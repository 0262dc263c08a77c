"""What the control side shows of a request: credentials and cipher values are masked."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from launcher.sandbox.caller import MASK, SECRETS
from launcher.sandbox.params import Params
from launcher.sandbox.plan_definition import VariableKind
from launcher.sandbox.refusal import Refused
from launcher.sandbox.wire import Record

if TYPE_CHECKING:
    from collections.abc import Mapping

    from launcher.sandbox.caller import Caller
    from launcher.sandbox.places import Places
    from launcher.sandbox.routes import Route
    from launcher.sandbox.wire import Json, Request, Response

__all__ = ["record_of"]


def record_of(
    request: Request,
    route: Route | None,
    caller: Caller | None,
    response: Response,
    *,
    at_ms: int,
    faults: tuple[str, ...] = (),
    places: Places | None = None,
) -> Record:
    """The record of one request and its answer (as JOB gave it, delivered or not)."""
    return Record(
        at_ms=at_ms,
        door=route.entrance.door if route else None,
        operation=route.operation.name if route else None,
        method=request.method,
        path=request.path,
        params=_masked(_values(request), places),
        app_code=caller.app_code if caller else None,
        user=caller.user if caller else None,
        status=response.status,
        code=_code(response),
        faults=faults,
    )


def _values(request: Request) -> Mapping[str, Json]:
    if request.method == "GET":
        return Params.of_query(request.query).values
    try:
        return Params.of_body(request.body).values
    except Refused:
        return {}


def _masked(values: Mapping[str, Json], places: Places | None) -> Json:
    shown = {name: MASK if name in SECRETS else value for name, value in values.items()}
    items = shown.get("global_var_list")
    plan = places.plans.get(_id(shown.get("job_plan_id"))) if places else None
    if isinstance(items, list) and plan is not None:
        secret: set[Json] = set()
        for item in plan.variables:
            if item.type is VariableKind.CIPHER:
                secret |= {item.id, item.name}
        shown["global_var_list"] = [_item(item, secret) for item in items]
    return shown


def _item(item: Json, secret: set[Json]) -> Json:
    if not isinstance(item, dict) or not item.get("value"):
        return item
    key = item.get("id") or item.get("name")
    is_secret = isinstance(key, int | str) and key in secret
    return item | {"value": MASK} if is_secret else item


def _id(value: Json) -> int:
    return value if isinstance(value, int) else 0


def _code(response: Response) -> int | None:
    try:
        value = json.loads(response.body).get("code")
    except (ValueError, AttributeError):
        return None
    return value if isinstance(value, int) else None
