"""The decision table: which situation a launch is in, and what follows.

The rows are tried in their order and the first that fits decides. Each row is one small function
from the case to a verdict, or to `None` if it does not fit; `ROWS` is the table. Row 1 (a file cannot
be read) stops everything before any launch is looked at.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import TYPE_CHECKING

from launcher.engine.changeset import Action, Reason, Row
from launcher.engine.recorded import ENDED_BADLY, IN_FLIGHT, UNSTARTED, OutcomeKind
from launcher.engine.repeating import operated_until, repeated_at
from launcher.engine.stuck import stuck_because

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from launcher.engine.desired import Launch
    from launcher.engine.guards import Hold
    from launcher.engine.observed import InstanceStatus
    from launcher.engine.recorded import Attempt, LaunchRecord

__all__ = [
    "REPLACE_AFTER",
    "ROWS",
    "UNREVIEWED",
    "Case",
    "Renaming",
    "Verdict",
    "decide",
    "stopped_at",
]

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

    @property
    def starts(self) -> bool:
        """Whether an instance is to be started."""
        return self.action is Action.LAUNCH or self.reason is Reason.PREPARED


UNREVIEWED = Verdict(Action.HOLD, Reason.UNREVIEWED)
"""What becomes of a change that a review is demanded for and none covers."""


@dataclass(frozen=True, slots=True)
class Renaming:
    """What `renamedFrom` comes to.

    Attributes:
        old: the name it names.
        record: the history that stands under it; `None` where there is none.
        is_free: nobody else declares that name, or takes its history.
    """

    old: str
    record: LaunchRecord | None
    is_free: bool = True


@dataclass(frozen=True, slots=True)
class Case:
    """All that is known about one name when it is decided.

    Attributes:
        name: the launch.
        launch: what is declared; `None` where nothing is.
        record: its history, observations included; `None` without one.
        now: the time.
        status: what JOB says of its newest instance; `None` where it was not asked.
        unread: JOB was asked for its newest instance, and it cannot be known whether that goes on.
        renaming: what its `renamedFrom` comes to; `None` where it has none.
        deleted: names that this changeset archives, by the digest they ran with.
        as_new: a person said that this name is no rename.
        requested: a person asks for it by hand.
        retry: a person asks for another attempt after one that failed or was refused.
        needs: the verdicts on its needs, which were decided before; `None` for one that is in sync.
        hold: what keeps it from starting for now.
        unreviewed: a review is demanded, and none covers it.
        guard: the guard that refuses it, if one does.
    """

    name: str
    launch: Launch | None
    record: LaunchRecord | None
    now: datetime
    status: InstanceStatus | None = None
    unread: bool = False
    renaming: Renaming | None = None
    deleted: Mapping[str, str] = field(default_factory=dict)
    as_new: bool = False
    requested: bool = False
    retry: bool = False
    needs: Mapping[str, Verdict | None] = field(default_factory=dict)
    hold: Hold | None = None
    unreviewed: bool = False
    guard: str | None = None

    @property
    def tried(self) -> Attempt | None:
        """The newest attempt of the declared launch key."""
        if self.launch is None or self.record is None:
            return None
        return self.record.newest_of(self.launch.key)

    @property
    def is_open(self) -> bool:
        """Whether the newest attempt is of the declared launch key, and may still be carried on with."""
        newest = self.record.newest if self.record else None
        return newest is not None and newest is self.tried and newest.outcome in UNSTARTED


def decide(case: Case) -> tuple[Verdict, tuple[Row, ...]]:
    """The verdict on `case`, and the rows that were tried for it, the deciding one last."""
    for (_, _, row), tried in zip(ROWS, _TRIED, strict=True):
        verdict = row(case)
        if verdict is not None:
            return verdict, tried
    raise AssertionError("the last row always fits")


def stopped_at(rows: tuple[Row, ...], number: int) -> tuple[Row, ...]:
    """`rows` as they would be had row `number` fitted, whatever was found before or after."""
    titles = {item: title for item, title, _ in ROWS}
    before = (replace(row, fits=False) for row in rows if row.number < number)
    return (*before, Row(number, titles[number], fits=True))


def _outcome_unknown(case: Case) -> Verdict | None:
    if case.record and case.record.newest.outcome is OutcomeKind.UNKNOWN:
        return Verdict(Action.BLOCK, Reason.UNKNOWN)
    return None


def _in_flight(case: Case) -> Verdict | None:
    if case.launch is None or case.record is None:
        return None
    newest = case.record.newest
    if newest.outcome not in IN_FLIGHT and not (
        newest.key != case.launch.key and _may_go_on(case, newest)
    ):
        return None
    if newest.key != case.launch.key:
        return Verdict(Action.BLOCK, Reason.BUSY, by=f"attempt {newest.number}")
    stuck = None if case.status is None else stuck_because(newest, case.status, case.now)
    if stuck is not None:
        return Verdict(Action.RESUME, Reason.STUCK, by=stuck)
    waits = newest.outcome is OutcomeKind.WAITING
    return Verdict(Action.RESUME, Reason.WAITING if waits else Reason.RUNNING)


def _may_go_on(case: Case, newest: Attempt) -> bool:
    """Whether an attempt that ended badly may have been carried on with, for all that is known."""
    operated = operated_until(newest)
    unread = case.unread and newest.outcome in ENDED_BADLY
    return unread or (operated is not None and case.now < operated)


def _not_declared(case: Case) -> Verdict | None:
    return Verdict(Action.ARCHIVE, Reason.DELETED) if case.launch is None else None


def _renamed(case: Case) -> Verdict | None:
    renaming = case.renaming
    if case.launch is None or renaming is None or renaming.record is None:
        return None
    sound = renaming.is_free and case.record is None
    return Verdict(Action.RENAME if sound else Action.ERROR, Reason.RENAMED, by=renaming.old)


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


def _edited(case: Case) -> Verdict | None:
    launch = case.launch
    done = case.record.accepted if case.record else None
    if launch is None or launch.policy.trigger != "once" or done is None:
        return None
    if launch.revision > done.key.revision or launch.key.digest == done.key.digest:
        return None
    return Verdict(Action.ERROR, Reason.EDITED, by=f"attempt {done.number}")


def _in_sync(case: Case) -> Verdict | None:
    if case.launch is None or case.record is None or not case.record.is_in_sync(case.launch.key):
        return None
    if case.record.newest.outcome in UNSTARTED:
        return Verdict(Action.SUPERSEDE, Reason.SUPERSEDED)
    return Verdict(Action.NONE, Reason.IN_SYNC)


def _manual(case: Case) -> Verdict | None:
    if case.launch is None or case.launch.policy.trigger != "manual":
        return None
    return None if case.requested or _was_asked_for(case) else Verdict(Action.NONE, Reason.MANUAL)


def _was_asked_for(case: Case) -> bool:
    """Whether somebody asked for the declared key before, and that has not come to a good end."""
    tried = case.tried
    if tried is not None and tried.outcome in UNSTARTED | ENDED_BADLY | {OutcomeKind.REFUSED}:
        return True
    last = case.record.newest_started if case.record else None
    return case.launch is not None and last is not None and case.launch.revision > last.key.revision


def _failed(case: Case) -> Verdict | None:
    attempt = case.tried
    if case.launch is None or case.record is None or attempt is None:
        return None
    if attempt is case.record.newest and attempt.outcome in ENDED_BADLY and case.unread:
        return Verdict(Action.BLOCK, Reason.FAILED)
    if case.retry:
        return None
    if attempt.outcome is OutcomeKind.REFUSED:
        return Verdict(Action.BLOCK, Reason.REFUSED)
    if attempt.outcome not in ENDED_BADLY:
        return None
    again = repeated_at(case.launch, case.record)
    if again is not None and again <= case.now:
        return None
    return Verdict(Action.BLOCK, Reason.FAILED, until=again.isoformat() if again else None)


def _needs(case: Case) -> Verdict | None:
    for need, verdict in sorted(case.needs.items()):
        if verdict is None or verdict.action in (Action.LAUNCH, Action.RESUME):
            continue
        return Verdict(Action.BLOCK, Reason.NEEDS, by=need)
    return None


def _held(case: Case) -> Verdict | None:
    if case.hold is None:
        return UNREVIEWED if case.unreviewed else None
    until = case.hold.until
    return Verdict(
        Action.HOLD,
        case.hold.reason,
        by=case.hold.by,
        until=until.isoformat() if until else None,
    )


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
    tried = case.tried
    if tried is not None and tried.outcome in ENDED_BADLY | {OutcomeKind.REFUSED}:
        return Reason.RETRY
    if case.requested:
        return Reason.REQUESTED
    if case.is_open and tried is not None and tried.because in _LAST:
        # What it was intended for holds until it starts, or a review of it would be void after a crash.
        return Reason(tried.because)
    if case.launch is None or last is None:
        return Reason.NEW
    if case.launch.revision > last.key.revision:
        return Reason.REVISION
    if case.launch.key != last.key:
        return Reason.CHANGED
    return Reason.RETRY


_LAST = frozenset({Reason.RETRY, Reason.REQUESTED})
"""Reasons that only a person, or the attempt before, can give: nothing that is declared tells of them."""

ROWS: tuple[tuple[int, str, Callable[[Case], Verdict | None]], ...] = (
    (2, "its outcome is unknown", _outcome_unknown),
    (3, "it is starting, running or waiting for a person", _in_flight),
    (4, "it is no longer declared", _not_declared),
    (5, "its history stands under the name it had before", _renamed),
    (6, "it is new and equals one that is deleted here", _looks_renamed),
    (7, "its revision is lower than recorded", _revision_lowered),
    (8, "it was to run once, has run, and has been edited since", _edited),
    (9, "it is in sync", _in_sync),
    (10, "it launches by hand and nobody asks for it", _manual),
    (11, "its newest attempt failed, was cancelled or was refused", _failed),
    (12, "a need is not in sync and does not act before it", _needs),
    (13, "it is held back", _held),
    (14, "a guard refuses it", _guard),
    (15, "it is prepared and not started", _prepared),
    (16, "otherwise", _launch),
)

_TRIED = tuple(
    (
        *(Row(number, title, fits=False) for number, title, _ in ROWS[:position]),
        Row(*ROWS[position][:2], fits=True),
    )
    for position in range(len(ROWS))
)
"""By the position of the deciding row, what there is to say of all that were tried: the same for every name."""
