"""Ways to break what is decided: the rows of the table, and what an answer means."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from launcher.engine import fold, making, progress, repeating, retry, rows, run, watch
from launcher.engine.changeset import Action, Reason
from launcher.engine.events import Draft, Kind
from launcher.engine.observed import Missing
from launcher.engine.recorded import IN_FLIGHT, LaunchRecord, OutcomeKind
from launcher.engine.rows import Verdict

if TYPE_CHECKING:
    from collections.abc import Callable

    import pytest


def status_9_is_always_a_failure(patch: pytest.MonkeyPatch) -> None:
    notes_on = progress.notes_on

    def sure(name, attempt, answer):
        return notes_on(name, replace(attempt, starts=1, start_answered=True), answer)

    _notes(patch, sure)


def a_vanished_one_is_launched_anew(patch: pytest.MonkeyPatch) -> None:
    notes_on = progress.notes_on

    def hasty(name, attempt, answer):
        if not isinstance(answer, Missing):
            return notes_on(name, attempt, answer)
        data = {"outcome": OutcomeKind.NOT_RAN.value, "reason": "gone"}
        return (Draft(Kind.SETTLED, name, attempt.key, attempt.number, data),)

    _notes(patch, hasty)


def an_unknown_outcome_is_launched_anew(patch: pytest.MonkeyPatch) -> None:
    _row(patch, rows._outcome_unknown, lambda _: None)


def what_is_refused_is_asked_for_again(patch: pytest.MonkeyPatch) -> None:
    _row(patch, rows._failed, lambda _: None)


def a_failure_is_repeated_for_ever(patch: pytest.MonkeyPatch) -> None:
    _repeated(patch, lambda launch: replace(launch.policy, max_attempts=99), lambda record: record)


def status_9_is_repeated(patch: pytest.MonkeyPatch) -> None:
    def as_if_4(record):
        newest = replace(record.newest, status=4)
        return replace(record, attempts=(*record.attempts[:-1], newest))

    _repeated(patch, lambda launch: launch.policy, as_if_4)


def what_is_back_in_sync_is_not_superseded(patch: pytest.MonkeyPatch) -> None:
    def lax(case):
        synced = case.launch and case.record and case.record.is_in_sync(case.launch.key)
        return Verdict(Action.NONE, Reason.IN_SYNC) if synced else None

    _row(patch, rows._in_sync, lax)


def any_success_of_the_key_counts(patch: pytest.MonkeyPatch) -> None:
    def once(self, key):
        attempt = self.newest_of(key)
        return attempt is not None and attempt.outcome is OutcomeKind.SUCCEEDED

    patch.setattr(LaunchRecord, "is_in_sync", once)


def needs_are_ignored(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(run.Run, "unmet", lambda *_: None)
    _row(patch, rows._needs, lambda _: None)


def suspension_is_ignored(patch: pytest.MonkeyPatch) -> None:
    _row(patch, rows._held, lambda _: None)
    patch.setattr("launcher.engine.start.may_go_on", lambda *_: True)
    patch.setattr("launcher.engine.prepare.may_go_on", lambda *_: True)


def a_busy_launch_is_launched_over(patch: pytest.MonkeyPatch) -> None:
    def lax(case):
        if case.launch is None or case.record is None:
            return None
        newest = case.record.newest
        same = newest.key == case.launch.key and newest.outcome in IN_FLIGHT
        return Verdict(Action.RESUME, Reason.RUNNING) if same else None

    _row(patch, rows._in_flight, lax)


def a_rename_loses_the_history(patch: pytest.MonkeyPatch) -> None:
    renamed = fold._renamed

    def forgetful(launches, name, event):
        record = renamed(launches, name, event)
        return replace(record, attempts=(replace(record.newest, outcome=OutcomeKind.NOT_RAN),))

    patch.setattr(fold, "_renamed", forgetful)


def what_nobody_approved_acts(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(making.Maker, "_is_reviewed", lambda *_: True)


def _row(patch: pytest.MonkeyPatch, old: Callable[..., Any], new: Callable[..., Any]) -> None:
    changed = tuple((number, title, new if row is old else row) for number, title, row in rows.ROWS)
    patch.setattr(rows, "ROWS", changed)


def _notes(patch: pytest.MonkeyPatch, new: Callable[..., Any]) -> None:
    patch.setattr(progress, "notes_on", new)
    patch.setattr(watch, "notes_on", new)


def _repeated(
    patch: pytest.MonkeyPatch, policy: Callable[..., Any], record: Callable[..., Any]
) -> None:
    asked = repeating.repeated_at

    def lax(launch, known):
        return asked(replace(launch, policy=policy(launch)), record(known))

    for module in (rows, retry):
        patch.setattr(module, "repeated_at", lax)
