"""The decision table: which situation a launch is in, and what follows.

The rows are tried in their order and the first that fits decides. Each row is one small function
from the case to a verdict, or to `None` if it does not fit; `ROWS` is the table. Numbers leave
gaps for situations that this version's manifests cannot declare yet; row 1 (a file cannot be
read) stops everything before any launch is looked at.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING

from launcher.engine.changeset import Action, Reason, Row
from launcher.engine.recorded import IN_FLIGHT, UNSTARTED, OutcomeKind

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from launcher.engine.desired import Launch
    from launcher.engine.recorded import LaunchRecord

__all__ = ["REPLACE_AFTER", "ROWS", "Case", "Verdict", "decide"]

REPLACE_AFTER = timedelta(hours=1)
"""How long a prepared instance may wait for its START. Source: bk-job forgets to count an un-started instance
after an hour, and whatever it froze may have moved since."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What one row says."""

    action: Action
    reason: Reason
    by: str | None = None
    until: str | None = None


@dataclass(frozen=True, slots=True)
class Case:
    """All that is known about one name when it is decided.

    Attributes:
        name: the launch.
        launch: what is declared; `None` where nothing is.
        record: its history, observations included; `None` without one.
        now: the time.
        deleted: names that this changeset archives, by the digest they ran with.
        as_new: a person said that this name is no rename.
        needs: the verdicts on its needs, which were decided before; `None` for one that is in sync.
        guard: the guard that refuses it, if one does.
    """

    name: str
    launch: Launch | None
    record: LaunchRecord | None
    now: datetime
    deleted: Mapping[str, str] = field(default_factory=dict)
    as_new: bool = False
    needs: Mapping[str, Verdict | None] = field(default_factory=dict)
    guard: str | None = None


def decide(case: Case) -> tuple[Verdict, tuple[Row, ...]]:
    """The verdict on `case`, and the rows that were tried for it, the deciding one last."""
    tried: list[Row] = []
    for number, title, row in ROWS:
        verdict = row(case)
        tried.append(Row(number, title, verdict is not None))
        if verdict is not None:
            return verdict, tuple(tried)
    raise AssertionError("the last row always fits")


def _outcome_unknown(case: Case) -> Verdict | None:
    if case.record and case.record.newest.outcome is OutcomeKind.UNKNOWN:
        return Verdict(Action.BLOCK, Reason.UNKNOWN)
    return None


def _in_flight(case: Case) -> Verdict | None:
    if case.launch is None or case.record is None or case.record.newest.outcome not in IN_FLIGHT:
        return None
    newest = case.record.newest
    if newest.key != case.launch.key:
        return Verdict(Action.BLOCK, Reason.BUSY, by=f"attempt {newest.number}")
    waits = newest.outcome is OutcomeKind.WAITING
    return Verdict(Action.RESUME, Reason.WAITING if waits else Reason.RUNNING)


def _not_declared(case: Case) -> Verdict | None:
    return Verdict(Action.ARCHIVE, Reason.DELETED) if case.launch is None else None


def _looks_renamed(case: Case) -> Verdict | None:
    if case.launch is None or case.record is not None or case.as_new:
        return None
    old = case.deleted.get(case.launch.key.digest)
    return Verdict(Action.ERROR, Reason.LOOKS_RENAMED, by=old) if old else None


def _revision_lowered(case: Case) -> Verdict | None:
    if case.launch is None or case.record is None:
        return None
    highest = max(item.key.revision for item in case.record.attempts)
    if case.launch.revision >= highest:
        return None
    return Verdict(Action.ERROR, Reason.REVISION_LOWERED, by=str(highest))


def _in_sync(case: Case) -> Verdict | None:
    if case.launch is None or case.record is None or not case.record.is_in_sync(case.launch.key):
        return None
    if case.record.newest.outcome in UNSTARTED:
        return Verdict(Action.SUPERSEDE, Reason.SUPERSEDED)
    return Verdict(Action.NONE, Reason.IN_SYNC)


def _failed(case: Case) -> Verdict | None:
    attempt = case.record.newest_of(case.launch.key) if case.record and case.launch else None
    match attempt.outcome if attempt else None:
        case OutcomeKind.FAILED | OutcomeKind.CANCELLED:
            return Verdict(Action.BLOCK, Reason.FAILED)
        case OutcomeKind.REFUSED:
            return Verdict(Action.BLOCK, Reason.REFUSED)
        case _:
            return None


def _needs(case: Case) -> Verdict | None:
    for need, verdict in sorted(case.needs.items()):
        if verdict is None or verdict.action in (Action.LAUNCH, Action.RESUME):
            continue
        return Verdict(Action.BLOCK, Reason.NEEDS, by=need)
    return None


def _held(case: Case) -> Verdict | None:
    if case.launch is not None and case.launch.policy.suspend:
        return Verdict(Action.HOLD, Reason.SUSPENDED)
    return None


def _guard(case: Case) -> Verdict | None:
    return Verdict(Action.BLOCK, Reason.GUARD, by=case.guard) if case.guard else None


def _prepared(case: Case) -> Verdict | None:
    if case.launch is None or case.record is None:
        return None
    newest = case.record.newest
    if newest.outcome is not OutcomeKind.PREPARED or newest.key != case.launch.key:
        return None
    if newest.prepared_at is not None and case.now - newest.prepared_at > REPLACE_AFTER:
        return Verdict(Action.LAUNCH, Reason.REPLACED)
    return Verdict(Action.RESUME, Reason.PREPARED)


def _launch(case: Case) -> Verdict | None:
    return Verdict(Action.LAUNCH, _why_launch(case))


def _why_launch(case: Case) -> Reason:
    last = case.record.newest_started if case.record else None
    if case.launch is None or last is None:
        return Reason.NEW
    if case.launch.revision > last.key.revision:
        return Reason.REVISION
    if case.launch.key != last.key:
        return Reason.CHANGED
    return Reason.RETRY


ROWS: tuple[tuple[int, str, Callable[[Case], Verdict | None]], ...] = (
    (2, "its outcome is unknown", _outcome_unknown),
    (3, "it is starting, running or waiting for a person", _in_flight),
    (4, "it is no longer declared", _not_declared),
    (6, "it is new and equals one that is deleted here", _looks_renamed),
    (7, "its revision is lower than recorded", _revision_lowered),
    (9, "it is in sync", _in_sync),
    (11, "its newest attempt failed, was cancelled or was refused", _failed),
    (12, "a need is not in sync and does not act before it", _needs),
    (13, "it is held back", _held),
    (14, "a guard refuses it", _guard),
    (15, "it is prepared and not started", _prepared),
    (16, "otherwise", _launch),
)
