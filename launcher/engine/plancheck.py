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
from launcher.engine.planname import Unresolved
from launcher.engine.spec import Hosts, SecretReference, plan_text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from launcher.engine.desired import Launch
    from launcher.engine.observed import JobPlan, PlanPin, PlanVariable
    from launcher.engine.planname import PlanAnswer
    from launcher.engine.spec import Variable

__all__ = ["NOT_PINNED", "check_plan", "moved_plan", "omitted", "plain_ciphers", "target_of"]

NOT_PINNED = "L263"
"""The code of what speaks against a job plan whose content is not the pinned one."""


def check_plan(
    launch: Launch, answer: PlanAnswer, marker: str | None = None
) -> tuple[Diagnostic, ...]:
    """What speaks against sending `launch` to the job plan that was read, or to one that could not be.

    `marker` is the variable that launcher itself gives a text to.
    """
    match answer:
        case Done(plan):
            return (*_check(launch, plan), *_missing(launch, plan, marker))
        case Refused(message) | Unknown(message):
            facts = {"plan": plan_text(launch.spec.plan), "name": launch.name, "message": message}
            return (Diagnostic("L221", facts, launch.place("plan")),)
        case Unresolved(problem, _, facts, hint):
            facts = {**facts, "name": launch.name}
            return (Diagnostic(problem, facts, launch.place("plan"), hint=hint),)


def omitted(launch: Launch, plan: JobPlan, marker: str | None) -> tuple[PlanVariable, ...]:
    """The variables that `launch` leaves to the job plan, in its order; `marker` is left to nobody."""
    return tuple(_left_out(launch, plan, marker))


def moved_plan(launch: Launch, decided: PlanPin, now: PlanPin) -> Diagnostic:
    """What to say where the job plan is not the one any more that was decided on."""
    facts = {"name": launch.name, "plan": now.name}
    if decided.id == now.id:
        return Diagnostic("L233", facts, launch.place("plan"))
    facts |= {"plan": plan_text(launch.spec.plan), "before": str(decided.id), "now": str(now.id)}
    return Diagnostic("L283", facts, launch.place("plan"))


def plain_ciphers(launch: Launch, answer: PlanAnswer | None) -> frozenset[str]:
    """The variables of `launch` whose value stands in the manifest although the job plan keeps it secret."""
    if not isinstance(answer, Done):
        return frozenset()
    found = ((item, target_of(item, answer.value)) for item in launch.spec.variables)
    return frozenset(
        item.name
        for item, target in found
        if target is not None and target.kind is VariableKind.CIPHER and isinstance(item.value, str)
    )


def _check(launch: Launch, plan: JobPlan) -> Iterator[Diagnostic]:
    if launch.spec.pin not in (None, plan.pin.digest):
        facts = {
            "name": launch.name,
            "environment": launch.environment,
            "plan": plan.pin.name,
            "pinned": launch.spec.pin or "",
            "found": plan.pin.digest,
        }
        yield Diagnostic(NOT_PINNED, facts, launch.place("pin"))
    taken: dict[int, str] = {}
    for variable in launch.spec.variables:
        where = f"variables.{variable.name}"
        facts = {"variable": variable.name, "plan": plan.pin.name, "name": launch.name}
        target = target_of(variable, plan)
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


def target_of(variable: Variable, plan: JobPlan) -> PlanVariable | None:
    """The variable of the job plan that JOB will take `variable` for."""
    # JOB matches by id alone where an id is given; the name is not consulted even if the id matches nothing.
    for item in plan.variables:
        if item.id == variable.id if variable.id is not None else item.name == variable.name:
            return item
    return None


def _missing(launch: Launch, plan: JobPlan, marker: str | None) -> Iterator[Diagnostic]:
    """Values that the job plan has to have and will not get: JOB looks at no `required`."""
    for variable in launch.spec.variables:
        target = target_of(variable, plan)
        if target is not None and target.required and variable.value == "":
            facts = {"variable": variable.name, "plan": plan.pin.name, "name": launch.name}
            yield Diagnostic(
                "L288",
                facts,
                launch.place(f"variables.{variable.name}"),
                # Without a value in the job plan, removing it would only be refused as L287.
                hint="own" if target.value else "default",
            )
    targets = {step.target_variable for step in plan.steps}
    for item in _left_out(launch, plan, marker):
        facts = {
            "variable": item.name,
            "kind": item.kind.value,
            "plan": plan.pin.name,
            "name": launch.name,
        }
        if item.required and _is_empty(item):
            hint = "hosts" if item.kind is VariableKind.HOSTS else "default"
            yield Diagnostic("L287", facts, launch.place("plan"), hint=hint)
        elif item.used and item.name in targets and _is_empty(item):
            yield Diagnostic("L290", facts, launch.place("plan"))


def _left_out(launch: Launch, plan: JobPlan, marker: str | None) -> Iterator[PlanVariable]:
    taken = {target.id for item in launch.spec.variables if (target := target_of(item, plan))}
    return (item for item in plan.variables if item.id not in taken and item.name != marker)


def _is_empty(item: PlanVariable) -> bool:
    """Whether the job plan itself gives the variable nothing, as far as JOB shows it."""
    return item.hosts is None if item.kind is VariableKind.HOSTS else item.value == ""


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
