"""What does not speak against a launch, and is hardly meant: warnings about a job plan and what is sent to it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from launcher.diagnostics import Diagnostic
from launcher.engine.observed import VariableKind
from launcher.engine.plancheck import omitted, target_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from launcher.engine.desired import Launch
    from launcher.engine.observed import JobPlan, PlanVariable
    from launcher.engine.spec import Variable

__all__ = ["doubts"]

_FORMS = {
    VariableKind.INDEX_ARRAY: (re.compile(r"\(.*\)", re.DOTALL), "(one two)"),
    VariableKind.ASSOCIATIVE_ARRAY: (
        re.compile(r"\(\s*(\[.+\]=.*)?\)", re.DOTALL),
        "([key]=value [other]=value)",
    ),
}
"""How bash reads arrays, in which JOB hands them to a script without looking at them."""


def doubts(launch: Launch, plan: JobPlan, marker: str | None) -> tuple[Diagnostic, ...]:
    """Warnings about sending `launch` to `plan`; `marker` is the variable that launcher gives a text to."""
    found = [
        doubt
        for variable in launch.spec.variables
        if (target := target_of(variable, plan)) is not None
        for doubt in _about(launch, variable, target, plan)
    ]
    found += [
        Diagnostic("L289", _facts(launch, plan, item.name), launch.place("plan"))
        for item in omitted(launch, plan, marker)
        if item.required and item.kind is VariableKind.CIPHER
    ]
    return (*found, *_marker(launch, plan, marker))


def _about(
    launch: Launch, variable: Variable, target: PlanVariable, plan: JobPlan
) -> Iterator[Diagnostic]:
    place = launch.place(f"variables.{variable.name}")
    facts = _facts(launch, plan, variable.name) | {"target": target.name}
    if variable.name != target.name:
        yield Diagnostic("L291", facts | {"id": str(target.id)}, place)
    if target.used is False:
        yield Diagnostic("L292", facts, place)
    if target.kind in _FORMS and isinstance(variable.value, str) and variable.value:
        pattern, form = _FORMS[target.kind]
        if not pattern.fullmatch(variable.value.strip()):
            yield Diagnostic("L293", facts | {"kind": target.kind.value, "form": form}, place)


def _marker(launch: Launch, plan: JobPlan, marker: str | None) -> Iterator[Diagnostic]:
    """JOB lets one read back String variables only, and only of job plans with a script step.

    Source: bk-job, `StepInstanceVariableValueServiceImpl.computeOutputVariableValuesForAllStep`.
    """
    if marker is None:
        return
    declared = next((item for item in plan.variables if item.name == marker), None)
    hint = "default"
    if declared is not None:
        hint = "kind" if declared.kind is not VariableKind.STRING else "step"
        if hint == "step" and any(step.kind == "script" for step in plan.steps):
            return
    yield Diagnostic("L294", _facts(launch, plan, marker), launch.place("plan"), hint=hint)


def _facts(launch: Launch, plan: JobPlan, variable: str) -> dict[str, str]:
    return {"variable": variable, "plan": plan.pin.name, "name": launch.name}
