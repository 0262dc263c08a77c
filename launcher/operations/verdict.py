"""What a run comes to: one exit code, and the words that belong to it."""

from __future__ import annotations

import signal
from typing import TYPE_CHECKING

from launcher.diagnostics import Diagnostic
from launcher.engine.changeset import Action, Reason
from launcher.engine.recorded import IN_FLIGHT, OutcomeKind
from launcher.engine.report import Stop
from launcher.errors import ExitCode, combined
from launcher.operations.opening import is_error

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from launcher.engine.changeset import Change, Changeset
    from launcher.engine.recorded import Recorded
    from launcher.engine.report import Report

__all__ = ["code_of", "exit_code", "interruption", "stop_notes"]

_BLOCKED = {
    Reason.UNKNOWN: ExitCode.UNKNOWN,
    Reason.FAILED: ExitCode.JOB_FAILED,
    Reason.REFUSED: ExitCode.JOB_FAILED,
    Reason.GUARD: ExitCode.REFUSED,
}

_OUTCOMES = {
    OutcomeKind.UNKNOWN: ExitCode.UNKNOWN,
    OutcomeKind.FAILED: ExitCode.JOB_FAILED,
    OutcomeKind.CANCELLED: ExitCode.JOB_FAILED,
    OutcomeKind.REFUSED: ExitCode.JOB_FAILED,
}

_STOPS = {
    Stop.MOVED: ExitCode.REFUSED,
    Stop.LOST_SESSION: ExitCode.LOCKED,
    Stop.LEDGER: ExitCode.SURROUNDINGS,
    Stop.SERVER: ExitCode.SURROUNDINGS,
    Stop.NO_TWO_PHASE: ExitCode.REFUSED,
    Stop.NOT_HELD_BACK: ExitCode.REFUSED,
}

_GUARDS = frozenset(
    {
        *("L221", "L222", "L223", "L224", "L225", "L226", "L231", "L233", "L235", "L244"),
        *("L250", "L251", "L255", "L256", "L278"),
    }
)
"""Diagnostics of a run that refuse rather than fail."""


def exit_code(
    changeset: Changeset, report: Report | None, recorded: Recorded, signal_number: int | None
) -> ExitCode:
    """The one code for what was decided, how it went, and what is on record now.

    Args:
        changeset: what was to be done.
        report: how it went; `None` where nothing was run.
        recorded: what is on record at the end.
        signal_number: what the user stopped the run with, if they did.
    """
    codes = [*_of_changes(changeset), *_of_outcomes(changeset, recorded)]
    if report is not None:
        codes.extend(_of_report(report, changeset, signal_number))
    return combined(codes)


def code_of(outcome: OutcomeKind) -> ExitCode | None:
    """The code of an attempt that came to this; `None` for one that went well or goes on."""
    return _OUTCOMES.get(outcome)


def interruption(signal_number: int | None) -> ExitCode:
    """The code of a run that was stopped by that signal."""
    return ExitCode.TERMINATED if signal_number == signal.SIGTERM else ExitCode.INTERRUPTED


def stop_notes(
    changeset: Changeset, report: Report, environment: str, *, watched: bool = False
) -> Iterator[Diagnostic]:
    """What is to be said about a run that left something open; `watched`: one that would have started nothing."""
    if report.stop is Stop.INTERRUPTED:
        hint = "watch" if watched else "default"
        yield Diagnostic("L550", {"environment": environment}, hint=hint)
    if report.stop is Stop.WAITED:
        names = ", ".join(_running(changeset, report.recorded))
        yield Diagnostic("L551", {"names": names, "environment": environment})
    told = {item.facts.get("name") for item in report.diagnostics}
    for name, why in sorted(report.blocked.items()):
        if name not in told:
            yield Diagnostic("L552", {"name": name, "why": why, "environment": environment})


def _of_changes(changeset: Changeset) -> Iterator[ExitCode]:
    for change in changeset.changes:
        if change.action is Action.ERROR:
            yield ExitCode.INVALID
        elif change.action is Action.BLOCK and change.reason in _BLOCKED:
            yield _BLOCKED[change.reason]


def _of_outcomes(changeset: Changeset, recorded: Recorded) -> Iterator[ExitCode]:
    for change in changeset.changes:
        record = recorded.launches.get(change.name)
        if record is not None and _counts(change):
            code = _OUTCOMES.get(record.newest.outcome)
            if code is not None:
                yield code


def _counts(change: Change) -> bool:
    """A launch that is no longer declared counts only if it was still on its way."""
    if change.launch is not None:
        return True
    return change.newest is not None and change.newest.outcome in IN_FLIGHT


def _of_report(
    report: Report, changeset: Changeset, signal_number: int | None
) -> Iterator[ExitCode]:
    match report.stop:
        case None:
            pass
        case Stop.INTERRUPTED:
            yield interruption(signal_number)
        case Stop.WAITED:
            if any(_running(changeset, report.recorded)):
                yield ExitCode.STILL_RUNNING
        case stop:
            yield _STOPS[stop]
    for diagnostic in report.diagnostics:
        if diagnostic.code in _GUARDS:
            yield ExitCode.REFUSED
        elif is_error(diagnostic):
            yield ExitCode.SURROUNDINGS


def _running(changeset: Changeset, recorded: Recorded) -> Iterable[str]:
    return [
        change.name
        for change in changeset.changes
        if (record := recorded.launches.get(change.name)) is not None
        and record.newest.outcome in IN_FLIGHT
    ]
