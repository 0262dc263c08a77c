"""What the control side shows of a request: credentials and cipher values are masked.

The value of a variable is shown only where the plan that is launched has it, and not as a cipher:
a request that is refused at the gate, that names no plan or a wrong variable, may carry a secret
too. This is the sandbox's only access log; a served one writes nothing to its terminal.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from launcher.sandbox.caller import MASK, SECRETS
from launcher.sandbox.fields import Field
from launcher.sandbox.params import Params
from launcher.sandbox.plan_definition import VariableKind
from launcher.sandbox.refusal import Refused
from launcher.sandbox.wire import Record

if TYPE_CHECKING:
    from collections.abc import Mapping

    from launcher.sandbox.caller import Caller
    from launcher.sandbox.places import Places
    from launcher.sandbox.plan_definition import Variable
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
    places: Places,
    faults: tuple[str, ...] = (),
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


def _masked(values: Mapping[str, Json], places: Places) -> Json:
    shown = {name: MASK if name in SECRETS else value for name, value in values.items()}
    items = shown.get("global_var_list")
    if isinstance(items, list):
        plan = places.plans.get(_number(shown.get("job_plan_id")))
        variables = () if plan is None else plan.variables
        shown["global_var_list"] = [_item(item, variables) for item in items]
    elif items is not None:
        shown["global_var_list"] = MASK
    return shown


def _item(item: Json, variables: tuple[Variable, ...]) -> Json:
    """An item of the list; its value is shown where it is surely not that of a cipher."""
    if item is None:
        return None
    if not isinstance(item, dict):
        return MASK
    if not item.get("value"):
        return item
    number, name = _number(item.get("id")), item.get("name")
    meant = [variable for variable in variables if number == variable.id or name == variable.name]
    is_open = meant and all(variable.type is not VariableKind.CIPHER for variable in meant)
    return item if is_open else item | {"value": MASK}


_ID = (Field("id", "long"),)


def _number(value: Json) -> int:
    """The id in `value`, which may be text; 0 for none."""
    try:
        return Params({"id": value}).declared(_ID).integer("id") or 0
    except Refused:
        return 0


def _code(response: Response) -> int | None:
    try:
        value = json.loads(response.body).get("code")
    except (ValueError, AttributeError):
        return None
    return value if isinstance(value, int) else None
