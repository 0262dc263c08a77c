"""Who did what to an instance through launcher, and who archived a name: for people and as JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from launcher.engine.recorded import OperationKind, OutcomeKind
from launcher.render.values import time_text
from launcher.render.visible import one_line, visible

if TYPE_CHECKING:
    from collections.abc import Iterator

    from launcher.engine.history import Archived, Asked, History
    from launcher.engine.recorded import Attempt, Ending

__all__ = ["archived_data", "archived_text", "asked_data", "past_lines"]

_WIDTH = 80

_COMMANDS = {
    OperationKind.TERMINATE: "launcher cancel",
    OperationKind.RETRY_FAILED_HOSTS: "launcher retry --failed-hosts",
    OperationKind.CONTINUE: "launcher confirm --continue",
    OperationKind.END: "launcher confirm --terminate",
    OperationKind.RESTART: "launcher confirm --restart",
}


def past_lines(attempt: Attempt, history: History) -> Iterator[str]:
    """How an attempt had ended before and who had it go on; who cancelled it, if it is cancelled."""
    for number, ending in enumerate(attempt.endings):
        yield f"{_ending(ending)}; {_carried_on(history.carried_on(number))}"
    if attempt.outcome is OutcomeKind.CANCELLED:
        yield f"cancelled {_cancelled(history.ended(len(attempt.endings)))}"


def _ending(ending: Ending) -> str:
    at = f"status {ending.status}, " if ending.status is not None else ""
    return f"had ended before as {ending.outcome.value} ({at}{time_text(ending.finished_at)})"


def _carried_on(asked: Asked | None) -> str:
    if asked is None:
        return "somebody carried on with it, not through launcher"
    if asked.in_doubt:
        return f"somebody carried on with it, perhaps {_doubted(asked)}"
    return f"{_command(asked)} carried on with it"


def _cancelled(asked: Asked | None) -> str:
    if asked is None:
        return "not through launcher, but on JOB's own pages or by another program"
    if asked.in_doubt:
        return f"by somebody, perhaps {_doubted(asked)}"
    if asked.timeout is not None:
        return (
            f"by its own timeout: it still ran after `wait.timeout: {visible(asked.timeout)}`, and its manifest said "
            f"`onTimeout: terminate` ({time_text(asked.at)})"
        )
    return f"by {_command(asked)}"


def _doubted(asked: Asked) -> str:
    return f"{_command(asked)}, of which nobody knows whether JOB took it"


def _command(asked: Asked) -> str:
    """Which command, whose, when and why; a wait that is over asks for the same as a person who cancels."""
    why = f": {one_line(asked.reason, _WIDTH)}" if asked.reason else ""
    return f"`{_COMMANDS[asked.kind]}` of {visible(asked.actor)} ({time_text(asked.at)}{why})"


def asked_data(asked: Asked | None) -> dict[str, Any] | None:
    """An operation of ours as JSON values."""
    if asked is None:
        return None
    return {
        "operation": asked.kind.value,
        "at": asked.at.isoformat(),
        "actor": asked.actor,
        "reason": asked.reason,
        "timeout": asked.timeout,
        "in_doubt": asked.in_doubt,
    }


def archived_text(archived: Archived | None) -> str:
    """When a name was archived, by whose apply and for which commit."""
    if archived is None:
        return "archived before its ledger was restored"
    commit = f", for commit {archived.commit[:12]}" if archived.commit else ""
    return f"archived {time_text(archived.at)} by an apply of {visible(archived.actor)}{commit}"


def archived_data(archived: Archived | None) -> dict[str, Any]:
    """The same as JSON values; all null where it was archived in a ledger that is not there any more."""
    return {
        "at": None if archived is None else archived.at.isoformat(),
        "actor": None if archived is None else archived.actor,
        "commit": None if archived is None else archived.commit,
    }
