"""What is worth a word about a launch beside its line in the table of `status`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from launcher.catalogue.english.reasons import REASONS
from launcher.engine.recorded import OutcomeKind
from launcher.render.values import time_text
from launcher.render.visible import one_line, visible

if TYPE_CHECKING:
    from collections.abc import Iterator

    from launcher.engine.guards import Hold
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


def remarks(line: Line) -> Iterator[str]:
    """What is pending, what holds it, how it came to its outcome; each on one line."""
    if line.stuck is not None:
        yield f"stuck: {visible(line.stuck)}"
    if line.hold is not None:
        yield f"held: {_held(line.hold)}"
    if line.approval is not None:
        who = visible(line.approval.actor)
        yield f"reviewed: {visible(line.approval.changeset)}, recorded by {who} {time_text(line.approval.at)}"
    if line.record is not None:
        yield from _of_attempt(line.record.newest)


def operation_lines(attempt: Attempt) -> Iterator[str]:
    """What somebody has asked for and nobody knows of, and what was to be asked for and never was."""
    if attempt.operation is not None:
        since = time_text(attempt.operation.at)
        yield f"{attempt.operation.kind.value} was asked for {since}; not known yet whether JOB took it"
    if attempt.unsent is not None:
        since = time_text(attempt.unsent.at)
        yield f"{attempt.unsent.kind.value} was put on record {since} and not sent in time: nothing came of it"


def _of_attempt(attempt: Attempt) -> Iterator[str]:
    yield from operation_lines(attempt)
    for ending in attempt.endings:
        at = f"status {ending.status}, " if ending.status is not None else ""
        word = ending.outcome.value
        yield f"had ended before as {word} ({at}{time_text(ending.finished_at)}); somebody carried on with it"
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
