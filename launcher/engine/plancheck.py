"""Whether a job plan takes what a launch would send: everything that JOB itself keeps silent about.

JOB ignores a variable it does not know, replaces any kind by what is sent, and lets the last of
two items for one variable win. Source: bk-job, `TaskExecuteServiceImpl.grantValueForVariable`.
"""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING

from launcher.diagnostics import Diagnostic
from launcher.engine.effects import Done, Refused, Unknown
from launcher.engine.observed import VariableKind
from launcher.engine.spec import Hosts, SecretReference

if TYPE_CHECKING:
    from collections.abc import Iterator

    from launcher.engine.desired import Launch
    from launcher.engine.effects import Outcome
    from launcher.engine.observed import JobPlan, PlanVariable
    from launcher.engine.spec import Variable

__all__ = ["check_plan", "plain_ciphers"]


def check_plan(launch: Launch, answer: Outcome[JobPlan]) -> tuple[Diagnostic, ...]:
    """What speaks against sending `launch` to the job plan that was read, or to one that could not be."""
    match answer:
        case Done(plan):
            return tuple(_check(launch, plan))
        case Refused(message) | Unknown(message):
            facts = {"plan": str(launch.spec.plan_id), "name": launch.name, "message": message}
            return (Diagnostic("L221", facts, launch.place("plan")),)


def plain_ciphers(launch: Launch, answer: Outcome[JobPlan] | None) -> frozenset[str]:
    """The variables of `launch` whose value stands in the manifest although the job plan keeps it secret."""
    if not isinstance(answer, Done):
        return frozenset()
    found = ((item, _target(item, answer.value)) for item in launch.spec.variables)
    return frozenset(
        item.name
        for item, target in found
        if target is not None and target.kind is VariableKind.CIPHER and isinstance(item.value, str)
    )


def _check(launch: Launch, plan: JobPlan) -> Iterator[Diagnostic]:
    taken: dict[int, str] = {}
    for variable in launch.spec.variables:
        where = f"variables.{variable.name}"
        facts = {"variable": variable.name, "plan": plan.pin.name, "name": launch.name}
        target = _target(variable, plan)
        if target is None:
            yield _unknown(launch, variable, plan, facts)
            continue
        facts["kind"] = target.kind.value
        code = _mismatch(variable, target)
        if code is not None:
            yield Diagnostic(code, facts, launch.place(where))
        first = taken.setdefault(target.id, variable.name)
        if first != variable.name:
            yield Diagnostic(
                "L226",
                {**facts, "first": first, "target": target.name},
                launch.place(where),
                related=launch.place(f"variables.{first}"),
            )


def _target(variable: Variable, plan: JobPlan) -> PlanVariable | None:
    # JOB matches by id alone where an id is given; the name is not consulted even if the id matches nothing.
    for item in plan.variables:
        if item.id == variable.id if variable.id is not None else item.name == variable.name:
            return item
    return None


def _unknown(
    launch: Launch, variable: Variable, plan: JobPlan, facts: dict[str, str]
) -> Diagnostic:
    known = [item.name for item in plan.variables]
    near = get_close_matches(variable.name, known, 1)
    hint = "nearest" if near else "known"
    if variable.id is not None:
        hint = "id"
    return Diagnostic(
        "L222",
        {
            **facts,
            "address": variable.name if variable.id is None else f"id {variable.id}",
            "nearest": near[0] if near else "",
            "known": ", ".join(known) or "none",
        },
        launch.place(f"variables.{variable.name}", of_key=True),
        hint=hint,
    )


def _mismatch(variable: Variable, target: PlanVariable) -> str | None:
    is_secret = isinstance(variable.value, SecretReference)
    if is_secret != (target.kind is VariableKind.CIPHER):
        return "L224" if is_secret else "L225"
    if isinstance(variable.value, Hosts) != (target.kind is VariableKind.HOSTS):
        return "L223"
    return None
