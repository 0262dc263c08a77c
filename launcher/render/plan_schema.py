"""A JSON Schema for the manifests of one job plan: what it declares, on top of what every manifest is."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

from launcher.engine.observed import VariableKind
from launcher.manifest.characters import HIDDEN_IN_VALUE
from launcher.manifest.schemas import PLANLAUNCH, schema
from launcher.render.visible import one_line, visible

if TYPE_CHECKING:
    from collections.abc import Mapping

    from launcher.engine.observed import JobPlan, PlanVariable

__all__ = ["plan_schema"]

_LONGEST = 200
_DEFINITIONS = "#/definitions/"
_SHAPES = {VariableKind.HOSTS: "HostVariable", VariableKind.CIPHER: "SecretVariable"}
_NOT_EMPTY = {"minLength": 1}


def plan_schema(plan: JobPlan, marker: str | None = None) -> dict[str, Any]:
    """The schema of manifests that launch `plan`; `marker` is the variable that the workspace keeps for itself.

    An overlay that names a job plan of its own may set what it likes: its variables are another job plan's. A variable
    that has to be given may be given by `spec` or by every environment.
    """
    found = copy.deepcopy(schema(PLANLAUNCH))
    variables = [item for item in plan.variables if item.name != marker]
    found["title"] = f"PlanLaunch of job plan {plan.pin.id}"
    found["description"] = (
        f"Declares one launch of the job plan {plan.pin.id}, {visible(plan.pin.name)}."
    )
    definitions = found["definitions"]
    spec, overlay = definitions["PartialSpec"], definitions["Overlay"]
    _only_this_plan(spec["properties"]["plan"], plan.pin.id)
    free = overlay["properties"]["variables"]
    described = {key: free[key] for key in ("title", "description")}
    spec["properties"]["variables"] = described | _variables(variables, _text_of(free), ())
    definitions["OwnVariables"] = described | _variables(
        variables, _text_of(free), ("UnsetVariable",)
    )
    overlay["allOf"] = [
        {
            "if": {"required": ["plan"]},
            "else": {"properties": {"variables": {"$ref": f"{_DEFINITIONS}OwnVariables"}}},
        }
    ]
    found["definitions"] = dict(sorted(definitions.items()))
    if wanted := [item.name for item in variables if _has_to_be_given(item)]:
        found["allOf"] = [_given_somewhere(name) for name in wanted]
    return found


def _text_of(variables: Mapping[str, Any]) -> dict[str, Any]:
    """The schema of a plain text among those of every kind of variable."""
    kinds = variables["additionalProperties"]["oneOf"]
    return next(dict(kind) for kind in kinds if kind.get("type") == "string")


def _only_this_plan(field: dict[str, Any], plan_id: int) -> None:
    field["allOf"] = [*field.get("allOf", ()), {"properties": {"id": {"const": plan_id}}}]
    field["examples"] = [{"id": plan_id}]


def _variables(
    variables: list[PlanVariable], text: dict[str, Any], more: tuple[str, ...]
) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": {item.name: _variable(item, text, more) for item in variables},
        "additionalProperties": False,
    }


def _variable(
    variable: PlanVariable, text: dict[str, Any], more: tuple[str, ...]
) -> dict[str, Any]:
    shapes: list[dict[str, Any]]
    if variable.kind in _SHAPES:
        shapes = [{"$ref": _DEFINITIONS + _SHAPES[variable.kind]}]
    else:
        filled = _NOT_EMPTY if variable.required else {}
        long_form: dict[str, Any] = {"$ref": f"{_DEFINITIONS}TextVariable"}
        if variable.required:
            long_form = {"allOf": [long_form, {"properties": {"value": filled}}]}
        shapes = [text | filled, long_form]
    shapes += [{"$ref": _DEFINITIONS + name} for name in more]
    described = {"title": one_line(variable.name, _LONGEST), "description": _about(variable)}
    if variable.value and not variable.is_masked and not HIDDEN_IN_VALUE.search(variable.value):
        described["default"] = variable.value
    return {**described, "oneOf": shapes}


def _about(variable: PlanVariable) -> str:
    words = [variable.kind.value]
    if variable.required:
        words.append("required")
    if variable.value:
        words.append(f'default "{one_line(variable.value, _LONGEST)}"')
    if variable.hosts is not None:
        words.append("the job plan names hosts itself")
    text = ", ".join(words)
    return f"{text}. {visible(variable.description)}" if variable.description else f"{text}."


def _has_to_be_given(variable: PlanVariable) -> bool:
    """Whether the job plan has nothing to fall back on; of a cipher nobody can tell."""
    if variable.kind is VariableKind.CIPHER:
        return False
    return variable.required and not variable.value and variable.hosts is None


def _given_somewhere(name: str) -> dict[str, Any]:
    given = {"properties": {"variables": {"required": [name]}}, "required": ["variables"]}
    everywhere = {"additionalProperties": {"anyOf": [{"required": ["plan"]}, given]}}
    return {
        "anyOf": [
            {"properties": {"spec": given}},
            {"properties": {"environments": everywhere}, "required": ["environments"]},
        ]
    }
