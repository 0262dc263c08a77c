"""What is looked at beside what is decided with: nothing of it changes a decision or stops one."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from launcher.diagnostics import Diagnostic
from launcher.engine.drifted import held_plans, with_drifts
from launcher.engine.effects import Done, ReadPlans, Unknown
from launcher.engine.spec import plan_text
from launcher.operations.asking import answered

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from launcher.engine.changeset import Changeset
    from launcher.engine.desired import Launch
    from launcher.engine.effects import Outcome
    from launcher.engine.observed import PlanEntry, PlanPin
    from launcher.engine.recorded import Recorded
    from launcher.engine.spec import Scope
    from launcher.operations.observe import Line

__all__ = ["behind_templates", "look_beside"]


def look_beside(
    line: Line, recorded: Recorded, changeset: Changeset
) -> tuple[Changeset, tuple[Diagnostic, ...]]:
    """`changeset` with the drift of launches that are held, and what is worth a warning.

    Warned is of job plans that would run and whose template has moved on, and of what could not be looked at. Nothing
    is asked where nothing would run.
    """
    changeset, unread = _held(line, recorded, changeset)
    read = [(item.launch, item.plan) for item in changeset.changes if item.launch and item.plan]
    behind = behind_templates(read, partial(line.list_plans, recorded), line.environment)
    return changeset, (*unread, *behind)


def behind_templates(
    read: Iterable[tuple[Launch, PlanPin]],
    list_plans: Callable[[Scope], Outcome[tuple[PlanEntry, ...]]],
    environment: str,
) -> Iterator[Diagnostic]:
    """Which job plans that were read for launches are behind their templates, by one list for each scope."""
    found = [(launch, launch.spec.scope, plan) for launch, plan in read]
    behind: set[tuple[Scope, int]] = set()
    for scope in sorted({scope for _, scope, _ in found}):
        answer = answered(list_plans, scope)
        if isinstance(answer, Done):
            behind |= {(scope, entry.id) for entry in answer.value if entry.need_update}
        else:
            what = f"The list of job plans in {scope.type} {scope.id}"
            yield _not_looked_at(environment, what, answer.message, _BEHIND)
    for launch, scope, plan in found:
        if (scope, plan.id) in behind:
            facts = {"name": launch.name, "plan": plan.name}
            yield Diagnostic("L264", facts, launch.place("plan"))


def _held(
    line: Line, recorded: Recorded, changeset: Changeset
) -> tuple[Changeset, tuple[Diagnostic, ...]]:
    """What is held is not decided with its job plan, but whoever reviews it now wants to know what it will run."""
    wanted = held_plans(changeset, recorded)
    if not wanted:
        return changeset, ()
    effect = ReadPlans(tuple((scope, plan) for _, scope, plan in wanted))
    answers = answered(partial(line.ask, recorded), effect)
    if isinstance(answers, Unknown):
        what = "The job plans of what is held"
        return changeset, (_not_looked_at(line.environment, what, answers.message, _CHANGED),)
    plans, unread = {}, []
    for (name, _, plan), answer in zip(wanted, answers, strict=True):
        if isinstance(answer, Done):
            plans[name] = answer.value
        else:
            what = f"Job plan {plan_text(plan)} of `{name}`"
            unread.append(_not_looked_at(line.environment, what, answer.message, _CHANGED))
    redact = line.open(recorded).redact if plans else str
    return with_drifts(changeset, recorded, plans, redact), tuple(unread)


_CHANGED = "whether it was changed since it last ran is not known"
_BEHIND = "whether templates have moved on is not known"


def _not_looked_at(environment: str, what: str, message: str, unknown: str) -> Diagnostic:
    facts = {"what": what, "environment": environment, "unknown": unknown, "message": message}
    return Diagnostic("L265", facts, hint=None)
