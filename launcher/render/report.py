"""What came of an apply, for people: every launch that moved, what is left, and how to go on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from launcher.engine.changeset import Action, Reason
from launcher.engine.recorded import OutcomeKind
from launcher.engine.report import Stop
from launcher.render.changeset import added_up, nothing_to_do
from launcher.render.paint import PLAIN
from launcher.render.results import lasted
from launcher.render.table import table
from launcher.render.visible import one_line, visible
from launcher.render.words import outcome_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from launcher.engine.changeset import Change, Changeset
    from launcher.engine.recorded import Attempt
    from launcher.engine.report import Report
    from launcher.render.paint import Paint

__all__ = ["moved", "render_no_report", "render_nothing_runs", "render_report"]

_MOVES = frozenset({Action.LAUNCH, Action.RESUME, Action.SUPERSEDE, Action.ARCHIVE, Action.RENAME})
_AGAIN = frozenset({OutcomeKind.FAILED, OutcomeKind.CANCELLED, OutcomeKind.REFUSED})
_FROM_BEFORE = frozenset({Reason.FAILED, Reason.REFUSED, Reason.UNKNOWN})
_REASON_WIDTH = 80

_STOPPED = {
    Stop.MOVED: "The ledger had moved on since the changeset was made. Nothing was done.",
    Stop.LOST_SESSION: "Another session took over; what happens from now on is its own.",
    Stop.LEDGER: "The ledger did not answer. Nothing was started on the strength of it.",
    Stop.SERVER: "The server gave no answer that could be used.",
    Stop.NO_TWO_PHASE: "The server cannot create an instance without starting it. Nothing was sent.",
    Stop.NOT_HELD_BACK: "The server does not hold back instances that are to be created un-started.",
    Stop.INTERRUPTED: "Interrupted. The record is saved.",
    Stop.WAITED: "The wait has ended, and jobs go on.",
}


def moved(changeset: Changeset, report: Report) -> tuple[tuple[Change, Attempt], ...]:
    """The changes that were carried out, with the newest attempt of each; without those left alone."""
    return tuple(
        (change, report.recorded.launches[change.name].newest)
        for change in changeset.changes
        if change.action in _MOVES
        and change.name not in report.blocked
        and change.name in report.recorded.launches
    )


def render_report(changeset: Changeset, report: Report, lockfile: str, paint: Paint = PLAIN) -> str:
    """The whole report; diagnostics are shown beside it."""
    attempts = moved(changeset, report)
    parts = [
        _table(attempts, paint),
        _left(changeset, report.blocked, paint),
        _closing(attempts, report, paint) + still_failed(changeset, paint),
        f"Lockfile: {visible(lockfile)}\n",
        "".join(f"{line}\n" for line in _what_to_do(changeset.environment, attempts)),
    ]
    return "\n".join(part for part in parts if part)


def render_no_report(changeset: Changeset, paint: Paint = PLAIN) -> str:
    """What is said where nothing was run."""
    if all(change.action is Action.NONE for change in changeset.changes):
        return f"{paint.good('Nothing to do.')} {nothing_to_do(changeset)}.\n"
    return f"Nothing was started. {added_up(changeset)}.\n" + still_failed(changeset, paint)


def render_nothing_runs(environment: str, names: Iterable[str] = ()) -> str:
    """What is said where there is nothing to watch; with `names`, none of these."""
    if named := ", ".join(visible(name) for name in sorted(names)):
        return f"Nothing runs of {named} in {visible(environment)}.\n"
    return f"Nothing runs in {visible(environment)}.\n"


def still_failed(changeset: Changeset, paint: Paint = PLAIN) -> str:
    """What had ended badly before and is left at that: it decides the exit code beside what was run."""
    stays = [
        f"{visible(change.name)} ({change.newest.outcome.value})"
        for change in changeset.changes
        if change.action is Action.BLOCK and change.reason in _FROM_BEFORE and change.newest
    ]
    if not stays:
        return ""
    said = f"From before, and in the exit code: {', '.join(stays)}."
    return f"{paint.careful(said)}\nWhat each asks for: launcher diff -e {visible(changeset.environment)}\n"


def _table(attempts: Sequence[tuple[Change, Attempt]], paint: Paint) -> str:
    if not attempts:
        return ""
    rows = [
        (
            visible(change.name),
            _word(change, attempt),
            f"attempt {attempt.number}",
            f"instance {attempt.instance_id}" if attempt.instance_id is not None else "no instance",
            lasted(attempt.started_at, attempt.finished_at),
            _remark(attempt),
        )
        for change, attempt in attempts
    ]

    def weighed(row: int, text: str) -> str:
        change, attempt = attempts[row]
        if change.action in _BOOKED:
            return paint.faint(text)
        return outcome_text(attempt.outcome, paint)

    return table(rows, indent="  ", paints={1: weighed})


def _remark(attempt: Attempt) -> str:
    """Why it came to this, or else what of it could not be compared before its START."""
    if attempt.reason:
        return one_line(attempt.reason, _REASON_WIDTH)
    missing = ", ".join(attempt.not_compared)
    return f"not compared: {visible(missing)}" if missing else ""


_BOOKED = {Action.ARCHIVE: "archived", Action.RENAME: "renamed"}
"""What nothing ran for: its newest attempt is of an earlier run."""


def _word(change: Change, attempt: Attempt) -> str:
    return _BOOKED.get(change.action) or attempt.outcome.value


def _left(changeset: Changeset, blocked: Mapping[str, str], paint: Paint) -> str:
    if not blocked:
        return ""
    rows = []
    for name, why in sorted(blocked.items()):
        change = changeset.change(name)
        needed = change is not None and why in change.needs
        rows.append((visible(name), "left", f"needs {why}" if needed else visible(why)))
    return table(rows, indent="  ", paints={1: lambda _, text: paint.careful(text)})


def _closing(attempts: Sequence[tuple[Change, Attempt]], report: Report, paint: Paint) -> str:
    words = [_word(change, attempt) for change, attempt in attempts]
    words += ["left"] * len(report.blocked)
    counted = [f"{words.count(word)} {word}" for word in dict.fromkeys(words)]
    line = (", ".join(counted) if counted else "Nothing to carry out") + ".\n"
    stopped = "" if report.stop is None else paint.careful(_STOPPED[report.stop]) + "\n"
    return line + stopped


def _what_to_do(environment: str, attempts: Sequence[tuple[Change, Attempt]]) -> Iterator[str]:
    outcomes = {attempt.outcome for _, attempt in attempts}
    if OutcomeKind.UNKNOWN in outcomes:
        names = [c.name for c, attempt in attempts if attempt.outcome is OutcomeKind.UNKNOWN]
        yield "Look on JOB's own pages whether it ran, then say so:"
        for name in names:
            yield f"  launcher resolve {name} -e {environment}"
            yield f"  launcher resolve {name} -e {environment} --ran INSTANCE --reason TEXT"
            yield f"  launcher resolve {name} -e {environment} --not-ran --reason TEXT"
    again = [
        c.name for c, attempt in attempts if c.launch is not None and attempt.outcome in _AGAIN
    ]
    failed = [
        c.name
        for c, attempt in attempts
        if attempt.outcome is OutcomeKind.FAILED
        and attempt.instance_id is not None
        and c.action not in _BOOKED
    ]
    if failed:
        yield "To see what was printed where it failed:"
        for name in failed:
            yield f"  launcher logs {name} -e {environment} --failed"
    if again:
        yield "To run it again, correct the manifest or raise its `revision`, then apply; or, as it is:"
        for name in again:
            yield f"  launcher retry {name} -e {environment} --reason TEXT"
