"""get_job_plan_list, get_job_plan_detail, get_job_template_list, get_latest_service_version.

Times here are epoch seconds. Source: bk-job, `EsbPlanV3ResourceImpl`, `EsbTemplateV3ResourceImpl`,
`EsbPageDataV3`, `TaskPlanInfoDTO.toEsbPlanInfoV3`, `StepRefVariableParser`,
`EsbServiceInfoV3ResourceImpl`.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from launcher.sandbox.call import Result
from launcher.sandbox.caller import MASK
from launcher.sandbox.codes import Code
from launcher.sandbox.definition import Action
from launcher.sandbox.instance_queries import required_id
from launcher.sandbox.patterns import like
from launcher.sandbox.permissions import denial, is_denied, plan_path
from launcher.sandbox.plan_definition import Approval, FileStep, ScriptStep, VariableKind
from launcher.sandbox.refusal import Refused
from launcher.sandbox.shapes import plan_step, scope_fields, server_shape

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import TypeVar

    from launcher.sandbox.call import Call
    from launcher.sandbox.plan_definition import Plan, Step, Template, Variable
    from launcher.sandbox.wire import Json

    _Row = TypeVar("_Row", Plan, Template)

__all__ = [
    "get_job_plan_detail",
    "get_job_plan_list",
    "get_job_template_list",
    "get_latest_service_version",
]

_EVERYTHING = -1
_DEFAULT_LENGTH = 20
_FALLBACK_LENGTH = 10


def get_job_plan_list(call: Call) -> Result:
    """Job plans of a scope, the last changed first; there is no largest page, and no time filter works."""
    template = call.params.integer("job_template_id")
    here = call.scope.key
    plans = [
        plan
        for plan in call.places.plans.values()
        if call.places.scope_of(plan) == here
        and (template is None or template <= 0 or plan.template == template)
    ]
    return _page(call, plans, lambda plan: _plan_item(call, plan))


def get_job_template_list(call: Call) -> Result:
    """Job templates of a scope; see the plan list."""
    here = call.scope.key
    kept = [t for t in call.places.templates.values() if t.scope == here and not t.deleted]
    return _page(call, kept, lambda template: _template_item(call, template))


def _page(call: Call, rows: Sequence[_Row], shape: Callable[[_Row], Json | None]) -> Result:
    params = call.params
    name, creator = params.text("name"), params.text("creator")
    modifier = params.text("last_modify_user")
    for ignored in ("create_time_start", "create_time_end"):
        params.integer(ignored)
    for ignored in ("last_modify_time_start", "last_modify_time_end"):
        params.integer(ignored)
    start, length = params.integer("start"), params.integer("length")
    fitting = [
        row
        for row in sorted(rows, key=lambda row: (row.modified, row.id), reverse=True)
        if (not name or like(name, row.name))
        and (not creator or row.creator == creator)
        and (not modifier or row.modifier == modifier)
    ]
    start, length = _window(start, length)
    end = None if length == _EVERYTHING else start + length
    rows_shown = (shape(row) for row in fitting[max(start, 0) : end])
    page: list[Json] = [item for item in rows_shown if item is not None]
    total = len(fitting) if page else 0
    return Result(call.state, {"start": start, "length": length, "total": total, "data": page})


def _window(start: int | None, length: int | None) -> tuple[int, int]:
    if start == _EVERYTHING and length == _EVERYTHING:
        return _EVERYTHING, _EVERYTHING
    length = _DEFAULT_LENGTH if length is None else length
    return max(start or 0, 0), length if length > 0 else _FALLBACK_LENGTH


def _plan_item(call: Call, plan: Plan) -> Json | None:
    # Dropped after paging, so that a page may be short.
    if call.places.templates[plan.template].deleted:
        return None
    return (
        scope_fields(call.scope)
        | {"id": plan.id, "job_template_id": plan.template, "name": plan.name}
        | _authorship(plan)
        | {"need_update": plan.need_update}
    )


def _template_item(call: Call, template: Template) -> Json:
    return (
        scope_fields(call.scope)
        | {"id": template.id, "name": template.name}
        | _authorship(template)
        | {"description": None}
    )


def _authorship(row: Plan | Template) -> dict[str, Json]:
    return {
        "creator": row.creator,
        "create_time": row.created,
        "last_modify_user": row.modifier,
        "last_modify_time": row.modified,
    }


def get_job_plan_detail(call: Call) -> Result:
    """A job plan with all its steps, disabled ones included, and its variables; ciphers masked."""
    plan = call.places.plan_in(call.scope.key, required_id(call, "job_plan_id"))
    if plan is None:
        raise Refused(Code.PLAN_NOT_FOUND)
    if is_denied(call, Action.VIEW_PLAN, plan=plan.id):
        raise denial(call, Action.VIEW_PLAN, plan_path(plan))
    if call.places.templates[plan.template].deleted:
        raise Refused(Code.TEMPLATE_NOT_FOUND)
    steps: list[Json] = [plan_step(call.places, step) for step in plan.steps]
    variables: list[Json] = [_variable(call, plan, item) for item in plan.variables]
    data = (
        scope_fields(call.scope)
        | {"id": plan.id, "job_template_id": plan.template, "name": plan.name}
        | _authorship(plan)
        | {"step_list": steps, "global_var_list": variables}
    )
    return Result(call.state, data)


def _variable(call: Call, plan: Plan, item: Variable) -> Json:
    is_hosts = item.type is VariableKind.HOSTS
    value = MASK if item.type is VariableKind.CIPHER else item.value
    server = None
    if is_hosts and item.targets is not None:
        server = server_shape(call.places, None, item.targets)
    return {
        "id": item.id,
        "name": item.name,
        "value": None if is_hosts else value,
        "server": server,
        "description": item.description,
        "type": item.type.number,
        "required": int(item.required),
        "used": any(_uses(step, item.name) for step in plan.steps if step.enabled),
    }


def _uses(step: Step, name: str) -> bool:
    if isinstance(step, Approval):
        return False
    sources = step.sources if isinstance(step, FileStep) else ()
    if name == step.variable or any(name == source.variable for source in sources):
        return True
    texts = [path for source in sources for path in source.files]
    texts += [step.script, step.param or ""] if isinstance(step, ScriptStep) else [step.path]
    mention = re.compile(r"\$(?:\{[#!]?" + re.escape(name) + r"\b|" + re.escape(name) + r"\b)")
    return any(mention.search(text) for text in texts)


def get_latest_service_version(call: Call) -> Result:
    """The highest version among the server's instances."""
    if is_denied(call, Action.SERVICE_STATE):
        raise denial(call, Action.SERVICE_STATE)
    return Result(call.state, {"version": call.places.definition.server.version})
