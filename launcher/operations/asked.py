"""Check that what a person asks for by hand, a launch or another attempt of it, is what would be done."""

from __future__ import annotations

from typing import TYPE_CHECKING

from launcher.diagnostics import Diagnostic
from launcher.engine.changeset import Action, Reason
from launcher.engine.recorded import ENDED_BADLY, IN_FLIGHT, OutcomeKind
from launcher.errors import RefusedToAct
from launcher.render.because import meaning

if TYPE_CHECKING:
    from collections.abc import Iterable

    from launcher.engine.changeset import Change, Changeset
    from launcher.engine.recorded import Recorded

__all__ = ["check_asked"]

_ENDED_BADLY = ENDED_BADLY | {OutcomeKind.REFUSED}

_TOLD = frozenset({Reason.UNKNOWN, Reason.GUARD, Reason.UNREVIEWED})
"""Reasons that a run ends with a code of its own for, and says how to leave."""


def check_asked(
    changeset: Changeset, recorded: Recorded, *, launch: Iterable[str], retry: Iterable[str]
) -> None:
    """Check that `changeset` does for each of these names what was asked, or ends with a code that says why not.

    An apply that leaves a launch alone has done its work; one that was asked for this very launch has not.

    Args:
        changeset: what would be done.
        recorded: the record, observations included.
        launch: names that were asked for.
        retry: names whose failed attempt is to be followed by another one.

    Raises:
        RefusedToAct: something else would be done; nothing was sent that changes anything.
    """
    again = frozenset(retry)
    problems = [
        problem
        for name in sorted({*launch, *again})
        if (change := changeset.change(name)) is not None
        and (problem := _problem(change, changeset.environment, recorded, again=name in again))
    ]
    if problems:
        raise RefusedToAct(*problems)


def _problem(
    change: Change, environment: str, recorded: Recorded, *, again: bool
) -> Diagnostic | None:
    newest = change.newest
    facts = {
        "name": change.name,
        "environment": environment,
        "attempt": str(newest.number) if newest else "",
        "outcome": newest.outcome.value if newest else "",
    }
    if change.launch is None:
        return Diagnostic("L720", facts)
    if change.action is Action.ERROR or change.reason in _TOLD:
        return None
    if change.reason is Reason.IN_SYNC:
        return Diagnostic("L726", facts)
    if newest is not None and newest.outcome in IN_FLIGHT:
        return Diagnostic("L723", facts)
    if newest is not None and newest.operation is not None:
        return Diagnostic("L724", {**facts, "operation": newest.operation.kind.value})
    if again and not _failed(change, recorded):
        return Diagnostic("L733", facts)
    if change.action is Action.LAUNCH or change.reason is Reason.PREPARED:
        return None
    if change.reason in (Reason.FAILED, Reason.REFUSED) and not again:
        # The run ends as after any failure, and names the command that asks for another attempt.
        return None
    return Diagnostic("L734", {**facts, "why": meaning(change, environment)})


def _failed(change: Change, recorded: Recorded) -> bool:
    """Whether the newest attempt of what is declared now came to a bad end."""
    record = recorded.launches.get(change.name)
    if record is None or change.launch is None:
        return False
    attempt = record.newest_of(change.launch.key)
    return attempt is not None and attempt.outcome in _ENDED_BADLY
