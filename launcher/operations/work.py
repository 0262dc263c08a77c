"""What a changeset asks of a run: a session, a confirmation, secrets. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from launcher.engine.changeset import Action, Reason
from launcher.engine.recorded import OutcomeKind
from launcher.engine.spec import SecretReference

if TYPE_CHECKING:
    from collections.abc import Iterator

    from launcher.engine.changeset import Change, Changeset

__all__ = ["claims", "has_work", "references"]


def claims(change: Change) -> bool:
    """Whether carrying it out would do something, not only look."""
    return change.acts or change.reason is Reason.PREPARED


def has_work(changeset: Changeset, *, wait: bool) -> bool:
    """Whether a session is needed."""
    for change in changeset.changes:
        if claims(change):
            return True
        if change.action is Action.RESUME and change.newest is not None:
            unanswered = (
                change.newest.outcome is OutcomeKind.STARTING and not change.newest.start_answered
            )
            if wait or unanswered:
                return True
    return False


def references(changeset: Changeset) -> Iterator[SecretReference]:
    """The secrets of everything that this run may send."""
    for change in changeset.changes:
        if change.launch is None or not (
            change.action is Action.LAUNCH or change.reason is Reason.PREPARED
        ):
            continue
        for variable in change.launch.spec.variables:
            if isinstance(variable.value, SecretReference):
                yield variable.value
