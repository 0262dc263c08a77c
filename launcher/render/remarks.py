"""What is worth a word about a launch beside its line in the table of `status`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from launcher.catalogue.english.reasons import REASONS
from launcher.engine.changeset import Action, Reason
from launcher.engine.recorded import OutcomeKind
from launcher.render.because import meaning
from launcher.render.obstacles import waiting_text
from launcher.render.past import archived_text, past_lines
from launcher.render.values import time_text
from launcher.render.visible import one_line, visible

if TYPE_CHECKING:
    from collections.abc import Iterator

    from launcher.engine.guards import Hold
    from launcher.engine.history import History
    from launcher.engine.obstacles import Need
    from launcher.engine.recorded import Attempt
    from launcher.render.status import Line

__all__ = ["operation_lines", "remarks"]

_WIDTH = 80
_REASON_WIDTH = 500
"""Here one looks for what JOB said: which permission is missing, and the ids of its answer, which come last."""

_SAYS_WHY = frozenset(
    {
        OutcomeKind.ADOPTED,
        OutcomeKind.WAIVED,
        OutcomeKind.UNKNOWN,
        OutcomeKind.REFUSED,
        OutcomeKind.NOT_RAN,
    }
)
"""Outcomes that mean little without their reason."""


_WORDS = {
    Reason.BUSY: "blocked",
    Reason.CHANGED: "not in sync",
    Reason.GUARD: "blocked",
    Reason.MANUAL: "by hand",
    Reason.RENAMED: "rename",
    Reason.REVISION: "not in sync",
}


def remarks(line: Line, environment: str) -> Iterator[str]:
    """What is pending, what blocks or holds it, how it came to its outcome; each on one line."""
    if line.waiting is not None:
        yield waiting_text(line.waiting, environment)
    elif line.decided is not None and (word := _word(line.decided)):
        yield f"{word}: {meaning(line.decided, environment)}"
    if line.stuck is not None:
        yield f"stuck: {visible(line.stuck)}"
    if line.hold is not None:
        yield f"held: {_held(line.hold)}"
    if line.approval is not None:
        who = visible(line.approval.actor)
        yield f"reviewed: {visible(line.approval.changeset)}, recorded by {who} {time_text(line.approval.at)}"
    if line.record is not None:
        yield from _of_attempt(line.record.newest, line.history)
    if line.record is not None and line.record.archived and line.history.archived is not None:
        yield archived_text(line.history.archived)


def operation_lines(attempt: Attempt) -> Iterator[str]:
    """What somebody has asked for and nobody knows of, and what was to be asked for and never was."""
    if attempt.operation is not None:
        since = time_text(attempt.operation.at)
        yield f"{attempt.operation.kind.value} was asked for {since}; not known yet whether JOB took it"
    if attempt.unsent is not None:
        since = time_text(attempt.unsent.at)
        yield f"{attempt.unsent.kind.value} was put on record {since} and not sent in time: nothing came of it"


def _word(decided: Need) -> str | None:
    """What a decision comes to that neither the table nor another remark tells; `None` for the others."""
    if decided.action is Action.ERROR:
        return "in error"
    if decided.reason is Reason.FAILED:
        return None if decided.until is None else "retry"
    return _WORDS.get(decided.reason)


def _of_attempt(attempt: Attempt, history: History) -> Iterator[str]:
    yield from operation_lines(attempt)
    yield from past_lines(attempt, history)
    if attempt.outcome in _SAYS_WHY and attempt.reason:
        yield f"{attempt.outcome.value}: {one_line(attempt.reason, _REASON_WIDTH)}"
    if attempt.request:
        yield f"asked for: {one_line(attempt.request, _WIDTH)}"
    if attempt.compared is not None and attempt.not_compared:
        compared = visible(", ".join(attempt.compared) or "nothing")
        missing = visible(", ".join(attempt.not_compared))
        yield f"compared before its START: {compared}; not compared: {missing}"


def _held(hold: Hold) -> str:
    facts = {
        "name": "",
        "environment": "",
        "by": visible(hold.by or "-"),
        "until": time_text(hold.until),
        "attempt": "-",
        "instance": "-",
    }
    return REASONS[hold.reason.value].meaning.format_map(facts)
