"""What a diff looks at beside what it decides with: nothing of it changes a decision or stops one."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, TypeVar

from launcher.diagnostics import Diagnostic
from launcher.engine.drifted import held_plans, with_drifts
from launcher.engine.effects import Done, ReadPlans
from launcher.engine.spec import plan_text
from launcher.errors import LauncherError
from launcher.operations.asking import in_words

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from launcher.engine.changeset import Change, Changeset
    from launcher.engine.effects import Refused, Unknown
    from launcher.engine.recorded import Recorded
    from launcher.engine.spec import Scope
    from launcher.operations.observe import Line

__all__ = ["look_beside"]

T = TypeVar("T")


def look_beside(
    line: Line, recorded: Recorded, changeset: Changeset
) -> tuple[Changeset, tuple[Diagnostic, ...]]:
    """`changeset` with the drift of launches that are held, and what is worth a warning.

    Warned is of job plans that would run and whose template has moved on, and of what could not be looked at. Nothing
    is asked where nothing would run.
    """
    changeset, unread = _held(line, recorded, changeset)
    return changeset, (*unread, *_behind(line, recorded, changeset))


def _held(
    line: Line, recorded: Recorded, changeset: Changeset
) -> tuple[Changeset, tuple[Diagnostic, ...]]:
    """What is held is not decided with its job plan, but whoever reviews it now wants to know what it will run."""
    wanted = held_plans(changeset, recorded)
    if not wanted:
        return changeset, ()
    effect = ReadPlans(tuple((scope, plan) for _, scope, plan in wanted))
    answers = _asked(partial(line.ask, recorded, effect))
    if isinstance(answers, str):
        return changeset, (
            _not_looked_at(line, "The job plans of what is held", answers, _CHANGED),
        )
    plans, unread = {}, []
    for (name, _, plan), answer in zip(wanted, answers, strict=True):
        if isinstance(answer, Done):
            plans[name] = answer.value
        else:
            what = f"Job plan {plan_text(plan)} of `{name}`"
            unread.append(_not_looked_at(line, what, answer.message, _CHANGED))
    return with_drifts(changeset, recorded, plans), tuple(unread)


def _behind(line: Line, recorded: Recorded, changeset: Changeset) -> Iterator[Diagnostic]:
    """Which job plans that would run are behind their templates, by one list for each scope."""
    starting = [
        (item, item.launch.spec.scope, item.plan.id)
        for item in changeset.changes
        if item.launch and item.plan
    ]
    scopes = tuple(sorted({scope for _, scope, _ in starting}))
    behind: set[tuple[Scope, int]] = set()
    for scope in scopes:
        answer = _asked(partial(line.list_plans, recorded, scope))
        if isinstance(answer, Done):
            behind |= {(scope, entry.id) for entry in answer.value if entry.need_update}
        else:
            what = f"The list of job plans in {scope.type} {scope.id}"
            yield _not_looked_at(line, what, _message(answer), _BEHIND)
    for change, scope, plan_id in starting:
        if (scope, plan_id) in behind:
            yield _moved_on(change)


def _moved_on(change: Change) -> Diagnostic:
    facts = {"name": change.name, "plan": change.plan.name if change.plan else ""}
    return Diagnostic("L264", facts, change.launch.place("plan") if change.launch else None)


_CHANGED = "whether it was changed since it last ran is not known"
_BEHIND = "whether templates have moved on is not known"


def _not_looked_at(line: Line, what: str, message: str, unknown: str) -> Diagnostic:
    facts = {"what": what, "environment": line.environment, "unknown": unknown, "message": message}
    return Diagnostic("L265", facts, hint=None)


def _asked(ask: Callable[[], T]) -> T | str:
    """The answer, or why nobody could be asked."""
    try:
        return ask()
    except LauncherError as error:
        return in_words(error)


def _message(answer: Refused | Unknown | str) -> str:
    return answer if isinstance(answer, str) else answer.message
