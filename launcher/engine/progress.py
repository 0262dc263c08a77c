"""What an answer about an instance means for its attempt.

| run status | means |
|---|---|
| 1 | not begun yet: after a START, no proof that it was lost |
| 2, 10 | running |
| 3 | succeeded, the only success |
| 4, 8, 14 | failed |
| 7 | waiting for a person |
| 9 | failed, if exactly one START was sent and its answer came back; `unknown` otherwise, because two STARTs that
       meet can end a running instance with it |
| 11, 13 | cancelled |
| another | shown as it is, never final |
| no such instance | `unknown`: purged, or another server; never a new launch by itself |

Source: bk-job, `RunStatusEnum`, `JobListener.startJob` and `GseStepEventHandler.startStep`.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from launcher.engine.attempts import next_attempt
from launcher.engine.events import Draft, Kind
from launcher.engine.observed import InstanceStatus, Missing, Status
from launcher.engine.recorded import ENDED_BADLY, IN_FLIGHT, OutcomeKind, Recorded

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from launcher.engine.recorded import Attempt, LaunchRecord
    from launcher.engine.spec import LaunchKey

__all__ = ["notes_on", "outcome_at", "unseen_notes", "with_observed"]

_PRECISION = timedelta(seconds=1)
"""How far two readings of one end may lie apart: some of JOB's answers tell whole seconds."""

NEVER_BEGUN_AFTER = timedelta(minutes=10)
"""After how long at status 1 the START of a launch that is not wanted any more counts as unknown."""

_FINAL = {
    Status.SUCCESS: OutcomeKind.SUCCEEDED,
    Status.FAIL: OutcomeKind.FAILED,
    Status.TERMINATED: OutcomeKind.FAILED,
    Status.ABNORMAL: OutcomeKind.FAILED,
    Status.ABANDONED: OutcomeKind.FAILED,
    Status.STOP_SUCCESS: OutcomeKind.CANCELLED,
    Status.CONFIRM_TERMINATED: OutcomeKind.CANCELLED,
}


def outcome_at(status: int) -> OutcomeKind:
    """The outcome of a started instance that stands at `status`; a number that we do not know counts as running."""
    if status == Status.WAITING_USER:
        return OutcomeKind.WAITING
    return _FINAL.get(status, OutcomeKind.RUNNING)


def notes_on(name: str, attempt: Attempt, answer: InstanceStatus | Missing) -> tuple[Draft, ...]:
    """The notes that `answer` calls for on an attempt in flight; none where nothing is new."""
    if isinstance(answer, Missing):
        reason = "JOB does not know the instance any more"
        return (_settled(name, attempt, OutcomeKind.UNKNOWN, {"reason": reason}),)
    outcome = _FINAL.get(answer.status)
    if outcome is None:
        if answer.status == (attempt.status or Status.BLANK):
            return ()
        return (_note(name, attempt, Kind.OBSERVED, {"status": answer.status}),)
    evidence: dict[str, Any] = {
        "status": answer.status,
        "steps": [{"name": step.name, "status": step.status} for step in answer.steps],
    }
    if answer.ended is not None:
        evidence["finished"] = answer.ended.isoformat()
    if answer.status == Status.ABNORMAL and (attempt.starts > 1 or not attempt.start_answered):
        outcome = OutcomeKind.UNKNOWN
        evidence["reason"] = "status 9 after a START whose answer was lost, or after several"
    return (_settled(name, attempt, outcome, evidence),)


def unseen_notes(name: str, attempt: Attempt) -> tuple[Draft, ...]:
    """The note for an attempt in flight of which no instance is known: nobody can say what came of it."""
    reason = "the request may have started an instance, and its id is not known"
    return (_settled(name, attempt, OutcomeKind.UNKNOWN, {"reason": reason}),)


def with_observed(
    recorded: Recorded,
    answers: Mapping[str, InstanceStatus | Missing],
    now: datetime,
    wanted: Mapping[str, LaunchKey],
) -> tuple[Recorded, tuple[Draft, ...]]:
    """What the record would say with `answers` (by name) noted, and the notes that would say it.

    The head stays: nothing has been recorded yet. An answer about an attempt that failed tells whether a person has
    retried it since: "finished" is not final on JOB. `wanted` are the keys that are declared now: an attempt of
    another key, which no START may follow any more, is unknown once it has stood at status 1 for long enough. A
    launch that was archived and is declared again is no longer archived, or a later rename of it would go unseen.
    """
    drafts: list[Draft] = []
    launches = dict(recorded.launches)
    for name, record in recorded.launches.items():
        notes = _notes_on_newest(name, record.newest, answers.get(name), now, wanted.get(name))
        back = record.archived and name in wanted
        if back:
            notes = (*notes, _note(name, record.newest, Kind.OBSERVED, {"declared": True}))
        drafts.extend(notes)
        if notes:
            noted = _noted(record, notes, now)
            launches[name] = replace(noted, archived=record.archived and not back)
    return replace(recorded, launches=launches), tuple(drafts)


def _notes_on_newest(
    name: str,
    attempt: Attempt,
    answer: InstanceStatus | Missing | None,
    now: datetime,
    wanted: LaunchKey | None,
) -> tuple[Draft, ...]:
    if attempt.outcome in ENDED_BADLY and answer is not None:
        return _retried(name, attempt, answer)
    if attempt.outcome not in IN_FLIGHT:
        return ()
    if attempt.instance_id is None:
        return unseen_notes(name, attempt)
    if answer is None:
        return ()
    notes = notes_on(name, attempt, answer)
    if wanted == attempt.key:
        return notes
    return notes or _given_up(name, attempt, answer, now)


def _retried(name: str, attempt: Attempt, answer: InstanceStatus | Missing) -> tuple[Draft, ...]:
    """The notes on an attempt that had failed; none while it stands as it did, or where JOB has forgotten it."""
    if isinstance(answer, Missing) or answer.status == Status.BLANK:
        return ()
    as_before = _FINAL.get(answer.status) is attempt.outcome
    if as_before and not _ended_again(attempt, answer):
        return ()
    return notes_on(name, attempt, answer)


def _ended_again(attempt: Attempt, answer: InstanceStatus) -> bool:
    """Whether it went on after its end on record and came to the same end once more, unseen.

    Source: bk-job clears the end of an instance that goes on, and sets it anew.
    """
    ended, known = answer.ended, attempt.finished_at
    return ended is not None and known is not None and ended - known > _PRECISION


def _given_up(
    name: str, attempt: Attempt, answer: InstanceStatus | Missing, now: datetime
) -> tuple[Draft, ...]:
    at_rest = isinstance(answer, InstanceStatus) and answer.status == Status.BLANK
    if not at_rest or attempt.started_at is None or now - attempt.started_at < NEVER_BEGUN_AFTER:
        return ()
    reason = "JOB has not begun it long after its START, and what is declared now is another launch"
    return (_settled(name, attempt, OutcomeKind.UNKNOWN, {"reason": reason}),)


def _noted(record: LaunchRecord, notes: tuple[Draft, ...], now: datetime) -> LaunchRecord:
    attempt = record.newest
    for draft in notes:
        attempt = next_attempt(attempt, draft, now)
    return replace(record, attempts=(*record.attempts[:-1], attempt))


def _settled(
    name: str, attempt: Attempt, outcome: OutcomeKind, evidence: Mapping[str, Any]
) -> Draft:
    return _note(name, attempt, Kind.SETTLED, {"outcome": outcome.value, **evidence})


def _note(name: str, attempt: Attempt, kind: Kind, data: Mapping[str, Any]) -> Draft:
    return Draft(kind, name, attempt.key, attempt.number, data)
