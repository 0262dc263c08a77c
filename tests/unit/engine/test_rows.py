"""The decision table, row by row, and the order between rows."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from launcher.engine.changeset import Action, Reason
from launcher.engine.desired import Policy
from launcher.engine.events import Kind
from launcher.engine.guards import Hold, hold_on
from launcher.engine.observed import InstanceStatus, StepStatus
from launcher.engine.recorded import OutcomeKind
from launcher.engine.rows import ROWS, Case, Renaming, Verdict, decide
from tests.support.ledgers import NOON, about, created, intended, recorded_of
from tests.support.simulated import ENVIRONMENT, a_launch

NOW = NOON + timedelta(minutes=1)
V1, V2 = a_launch("web-deploy", "1"), a_launch("web-deploy", "2")
REVISED = a_launch("web-deploy", "1", revision=2)
SUSPENDED = a_launch("web-deploy", "1", suspend=True)


def with_policy(launch, **policy):
    return replace(launch, policy=Policy(**policy))


ONCE, ONCE_V2 = (with_policy(launch, trigger="once") for launch in (V1, V2))
ONCE_REVISED = with_policy(a_launch("web-deploy", "2", revision=2), trigger="once")
MANUAL = with_policy(V1, trigger="manual")
MANUAL_REVISED = with_policy(REVISED, trigger="manual")
AGAIN = with_policy(V1, max_attempts=2, backoff_s=30)


def tried(launch, attempt=1, *, until="settled", outcome="succeeded", because=None, **data):
    """The events of one attempt of `launch`, as far as `until`."""
    said = {} if because is None else {"because": because}
    how = {"key": launch.key, "attempt": attempt}
    instance = {"id": 20000000000 + attempt, "name": "Deploy web"}
    steps = [
        intended(
            key=launch.key,
            attempt=attempt,
            nonce=f"n{attempt}",
            spec=launch.spec.to_data(),
            **said,
        ),
        about(Kind.PREPARED, nonce=f"n{attempt}", instance=instance, **how),
        about(Kind.STARTING, **how),
        about(Kind.OBSERVED, start="accepted", **how),
    ]
    counts = {"intended": 1, "prepared": 2, "starting": 3}
    if until in counts:
        return steps[: counts[until]]
    if until == "refused":
        return [steps[0], about(Kind.REFUSED, stage="prepare", message="no", **how)]
    if until == "superseded":
        return [*steps[:2], about(Kind.SUPERSEDED, **how)]
    if until in ("running", "waiting"):
        return [*steps, about(Kind.OBSERVED, status=2 if until == "running" else 7, **how)]
    if until == "stopping":
        return [*steps, about(Kind.OBSERVED, status=10, **how)]
    return [*steps, about(Kind.SETTLED, outcome=outcome, **how, **data)]


def record(*attempts):
    events = [item for attempt in attempts for item in attempt]
    return recorded_of(created(), *events).launches["web-deploy"]


def a_case(launch, *attempts, **more):
    hold = hold_on(launch, ENVIRONMENT, NOW) if launch else None
    known = {"now": NOW, "hold": hold, **more}
    return Case(
        name="web-deploy", launch=launch, record=record(*attempts) if attempts else None, **known
    )


def row_of(case):
    """The number of the deciding row, and its verdict."""
    verdict, rows = decide(case)
    assert [item.fits for item in rows] == [False] * (len(rows) - 1) + [True]
    return rows[-1].number, verdict


def seen(status, *steps):
    """What JOB says of an instance at `status`, with steps at these statuses."""
    told = tuple(
        StepStatus(number, f"step {number}", "script", at) for number, at in enumerate(steps)
    )
    return InstanceStatus(20000000001, "Deploy web", status, False, NOON, NOON, None, told)  # noqa: FBT003


def renamed_from(*attempts, is_free=True):
    return Renaming("web-release", record(*attempts) if attempts else None, is_free)


BLOCKED = Verdict(Action.BLOCK, Reason.FAILED)
UNKNOWN = Verdict(Action.BLOCK, Reason.UNKNOWN)
RUNS = Verdict(Action.RESUME, Reason.RUNNING)
IN_SYNC = Verdict(Action.NONE, Reason.IN_SYNC)
GONE = Verdict(Action.ARCHIVE, Reason.DELETED)
NEW = Verdict(Action.LAUNCH, Reason.NEW)
CHANGED = Verdict(Action.LAUNCH, Reason.CHANGED)
RETRY = Verdict(Action.LAUNCH, Reason.RETRY)
NOT_ASKED = Verdict(Action.NONE, Reason.MANUAL)


def operated(launch, **data):
    """A failed attempt whose failed hosts somebody has asked for a moment ago."""
    asked = about(
        Kind.OPERATING, key=launch.key, attempt=1, operation="retry-failed-hosts", status=4
    )
    return [*tried(launch, outcome="failed", status=4, finished=NOON.isoformat(), **data), asked]


TABLE = {
    "failed, operated on a moment ago, and another key is declared": (
        a_case(V2, operated(V1)),
        3,
        Verdict(Action.BLOCK, Reason.BUSY, by="attempt 1"),
    ),
    "failed, operated on long ago, and another key is declared": (
        a_case(V2, operated(V1), now=NOON + timedelta(minutes=5)),
        16,
        CHANGED,
    ),
    "failed, operated on a moment ago, and it may be repeated": (
        a_case(AGAIN, operated(AGAIN)),
        11,
        Verdict(Action.BLOCK, Reason.FAILED, until="2026-11-22T12:02:07+00:00"),
    ),
    "failed, operated on long ago, and it may be repeated": (
        a_case(AGAIN, operated(AGAIN), now=NOON + timedelta(minutes=5)),
        16,
        RETRY,
    ),
    "unknown": (a_case(V1, tried(V1, outcome="unknown")), 2, UNKNOWN),
    "unknown, and another key is declared": (a_case(V2, tried(V1, outcome="unknown")), 2, UNKNOWN),
    "unknown, and nothing is declared": (a_case(None, tried(V1, outcome="unknown")), 2, UNKNOWN),
    "unknown, and suspended": (a_case(SUSPENDED, tried(V1, outcome="unknown")), 2, UNKNOWN),
    "starting": (a_case(V1, tried(V1, until="starting")), 3, RUNS),
    "running": (a_case(V1, tried(V1, until="running")), 3, RUNS),
    "waiting": (
        a_case(V1, tried(V1, until="waiting")),
        3,
        Verdict(Action.RESUME, Reason.WAITING),
    ),
    "stuck before its first step": (
        a_case(V1, tried(V1, until="running"), status=seen(2, 1, 1), now=NOON + timedelta(hours=1)),
        3,
        Verdict(
            Action.RESUME, Reason.STUCK, by="no step has begun since 2026-11-22T12:00:04+00:00"
        ),
    ),
    "stuck while it is being stopped": (
        a_case(
            V1, tried(V1, until="stopping"), status=seen(10, 3, 2), now=NOON + timedelta(hours=1)
        ),
        3,
        Verdict(
            Action.RESUME, Reason.STUCK, by="it has been stopping since 2026-11-22T12:00:06+00:00"
        ),
    ),
    "stuck with another key is busy": (
        a_case(V2, tried(V1, until="running"), status=seen(2, 1, 1), now=NOON + timedelta(hours=1)),
        3,
        Verdict(Action.BLOCK, Reason.BUSY, by="attempt 1"),
    ),
    "long in its second step": (
        a_case(V1, tried(V1, until="running"), status=seen(2, 3, 2), now=NOON + timedelta(hours=1)),
        3,
        RUNS,
    ),
    "not long before its first step": (
        a_case(V1, tried(V1, until="running"), status=seen(2, 1, 1)),
        3,
        RUNS,
    ),
    "not long being stopped": (
        a_case(V1, tried(V1, until="stopping"), status=seen(10, 3, 2)),
        3,
        RUNS,
    ),
    "running with another key": (
        a_case(V2, tried(V1, until="running")),
        3,
        Verdict(Action.BLOCK, Reason.BUSY, by="attempt 1"),
    ),
    "running with another revision": (
        a_case(REVISED, tried(V1, until="waiting")),
        3,
        Verdict(Action.BLOCK, Reason.BUSY, by="attempt 1"),
    ),
    "running, and suspended": (a_case(SUSPENDED, tried(V1, until="running")), 3, RUNS),
    "deleted": (a_case(None, tried(V1)), 4, GONE),
    "deleted while it runs": (a_case(None, tried(V1, until="running")), 4, GONE),
    "deleted before it started": (a_case(None, tried(V1, until="prepared")), 4, GONE),
    "deleted after a failure": (a_case(None, tried(V1, outcome="failed")), 4, GONE),
    "renamed": (
        a_case(V1, renaming=renamed_from(tried(V1))),
        5,
        Verdict(Action.RENAME, Reason.RENAMED, by="web-release"),
    ),
    "renamed and edited": (
        a_case(V2, renaming=renamed_from(tried(V1))),
        5,
        Verdict(Action.RENAME, Reason.RENAMED, by="web-release"),
    ),
    "renamed, and suspended": (
        a_case(SUSPENDED, renaming=renamed_from(tried(V1))),
        5,
        Verdict(Action.RENAME, Reason.RENAMED, by="web-release"),
    ),
    "renamed while it runs": (
        a_case(V1, renaming=renamed_from(tried(V1, until="running"))),
        5,
        Verdict(Action.RENAME, Reason.RENAMED, by="web-release"),
    ),
    "renamed, and the old name has no history": (a_case(V1, renaming=renamed_from()), 16, NEW),
    "renamed before": (a_case(V1, tried(V1), renaming=renamed_from()), 9, IN_SYNC),
    "renamed, and both names have a history": (
        a_case(V1, tried(V1), renaming=renamed_from(tried(V1))),
        5,
        Verdict(Action.ERROR, Reason.RENAMED, by="web-release"),
    ),
    "renamed, and somebody else has the old name": (
        a_case(V1, renaming=renamed_from(tried(V1), is_free=False)),
        5,
        Verdict(Action.ERROR, Reason.RENAMED, by="web-release"),
    ),
    "renamed, both names have a history, and one of them is unknown": (
        a_case(V1, tried(V1, outcome="unknown"), renaming=renamed_from(tried(V1))),
        2,
        UNKNOWN,
    ),
    "renamed from a name without history, and looks renamed from another": (
        a_case(V1, renaming=renamed_from(), deleted={V1.key.digest: "web-relase"}),
        6,
        Verdict(Action.ERROR, Reason.LOOKS_RENAMED, by="web-relase"),
    ),
    "looks renamed": (
        a_case(V1, deleted={V1.key.digest: "web-release"}),
        6,
        Verdict(Action.ERROR, Reason.LOOKS_RENAMED, by="web-release"),
    ),
    "looks renamed, and suspended": (
        a_case(SUSPENDED, deleted={V1.key.digest: "web-release"}),
        6,
        Verdict(Action.ERROR, Reason.LOOKS_RENAMED, by="web-release"),
    ),
    "new, whatever it looks like": (
        a_case(V1, deleted={V1.key.digest: "web-release"}, as_new=True),
        16,
        NEW,
    ),
    "with a history it is no rename": (
        a_case(V1, tried(V2), deleted={V1.key.digest: "web-release"}),
        16,
        CHANGED,
    ),
    "revision lowered": (
        a_case(V1, tried(REVISED)),
        7,
        Verdict(Action.ERROR, Reason.REVISION_LOWERED, by="2"),
    ),
    "revision lowered below an attempt that was refused": (
        a_case(V1, tried(V1), tried(REVISED, 2, until="refused")),
        7,
        Verdict(Action.ERROR, Reason.REVISION_LOWERED, by="2"),
    ),
    "once, and edited since": (
        a_case(ONCE_V2, tried(V1)),
        8,
        Verdict(Action.ERROR, Reason.EDITED, by="attempt 1"),
    ),
    "once, edited since, and suspended": (
        a_case(with_policy(V2, trigger="once", suspend=True), tried(V1)),
        8,
        Verdict(Action.ERROR, Reason.EDITED, by="attempt 1"),
    ),
    "once, edited since, and another attempt failed": (
        a_case(ONCE_V2, tried(V1), tried(V2, 2, outcome="failed")),
        8,
        Verdict(Action.ERROR, Reason.EDITED, by="attempt 1"),
    ),
    "once, edited, and its revision lowered": (
        a_case(ONCE_V2, tried(REVISED)),
        7,
        Verdict(Action.ERROR, Reason.REVISION_LOWERED, by="2"),
    ),
    "once, edited with a raised revision": (
        a_case(ONCE_REVISED, tried(V1)),
        16,
        Verdict(Action.LAUNCH, Reason.REVISION),
    ),
    "once, edited after a failure": (a_case(ONCE_V2, tried(V1, outcome="failed")), 16, CHANGED),
    "once, and it failed": (a_case(ONCE, tried(V1, outcome="failed")), 11, BLOCKED),
    "once, and in sync": (a_case(ONCE, tried(V1)), 9, IN_SYNC),
    "once, and new": (a_case(ONCE), 16, NEW),
    "in sync": (a_case(V1, tried(V1)), 9, IN_SYNC),
    "in sync, and suspended": (a_case(SUSPENDED, tried(V1)), 9, IN_SYNC),
    "in sync, and a need is not": (
        a_case(V1, tried(V1), needs={"db": Verdict(Action.BLOCK, Reason.FAILED)}),
        9,
        IN_SYNC,
    ),
    "in sync again after a change was refused": (
        a_case(V1, tried(V1), tried(V2, 2, until="refused")),
        9,
        IN_SYNC,
    ),
    "in sync again after a change that is resolved as not run": (
        a_case(V1, tried(V1), tried(V2, 2, outcome="not-ran")),
        9,
        IN_SYNC,
    ),
    "in sync again before a change was prepared": (
        a_case(V1, tried(V1), tried(V2, 2, until="intended")),
        9,
        Verdict(Action.SUPERSEDE, Reason.SUPERSEDED),
    ),
    "in sync again before a change was started": (
        a_case(V1, tried(V1), tried(V2, 2, until="prepared")),
        9,
        Verdict(Action.SUPERSEDE, Reason.SUPERSEDED),
    ),
    "in sync, by hand": (a_case(MANUAL, tried(V1)), 9, IN_SYNC),
    "in sync, by hand, and asked for": (a_case(MANUAL, tried(V1), requested=True), 9, IN_SYNC),
    "in sync, and a guard refuses": (a_case(V1, tried(V1), guard="allowedPlans"), 9, IN_SYNC),
    "by hand, and not asked for": (a_case(MANUAL), 10, NOT_ASKED),
    "by hand, edited, and not asked for": (a_case(MANUAL, tried(V2)), 10, NOT_ASKED),
    "by hand, not asked for, and its need is blocked": (
        a_case(MANUAL, needs={"a": BLOCKED}),
        10,
        NOT_ASKED,
    ),
    "by hand, not asked for, and suspended": (
        a_case(with_policy(V1, trigger="manual", suspend=True)),
        10,
        NOT_ASKED,
    ),
    "by hand, with a raised revision, before its first launch": (
        a_case(MANUAL_REVISED),
        10,
        NOT_ASKED,
    ),
    "by hand, with a revision as it was launched with": (
        a_case(with_policy(V2, trigger="manual"), tried(V1)),
        10,
        NOT_ASKED,
    ),
    "by hand, asked for, and given up before its start": (
        a_case(MANUAL, tried(V1, until="superseded")),
        10,
        NOT_ASKED,
    ),
    "by hand, asked for, and found not to have run": (
        a_case(MANUAL, tried(V1, outcome="not-ran")),
        10,
        NOT_ASKED,
    ),
    "by hand, and asked for": (
        a_case(MANUAL, requested=True),
        16,
        Verdict(Action.LAUNCH, Reason.REQUESTED),
    ),
    "by hand, edited, and asked for": (
        a_case(MANUAL, tried(V2), requested=True),
        16,
        Verdict(Action.LAUNCH, Reason.REQUESTED),
    ),
    "by hand, asked for, and its need is blocked": (
        a_case(MANUAL, requested=True, needs={"a": BLOCKED}),
        12,
        Verdict(Action.BLOCK, Reason.NEEDS, by="a"),
    ),
    "by hand, asked for by a run that died": (
        a_case(MANUAL, tried(V1, until="intended", because="REQUESTED")),
        16,
        Verdict(Action.LAUNCH, Reason.REQUESTED),
    ),
    "by hand, asked for and prepared by a run that died": (
        a_case(MANUAL, tried(V1, until="prepared", because="REQUESTED")),
        15,
        Verdict(Action.RESUME, Reason.PREPARED),
    ),
    "by hand, with a raised revision, launched before": (
        a_case(MANUAL_REVISED, tried(V1)),
        16,
        Verdict(Action.LAUNCH, Reason.REVISION),
    ),
    "by hand, and it failed": (a_case(MANUAL, tried(V1, outcome="failed")), 11, BLOCKED),
    "by hand, and it was refused": (
        a_case(MANUAL, tried(V1, until="refused")),
        11,
        Verdict(Action.BLOCK, Reason.REFUSED),
    ),
    "by hand, it failed, and it is asked for again": (
        a_case(MANUAL, tried(V1, outcome="failed"), requested=True),
        11,
        BLOCKED,
    ),
    "failed, and a person asks for another attempt": (
        a_case(V1, tried(V1, outcome="failed"), retry=True),
        16,
        RETRY,
    ),
    "refused, and a person asks for another attempt": (
        a_case(V1, tried(V1, until="refused"), retry=True),
        16,
        RETRY,
    ),
    "by hand, failed, and a person asks for another attempt": (
        a_case(MANUAL, tried(V1, outcome="cancelled"), retry=True),
        16,
        RETRY,
    ),
    "failed, another attempt is asked for, and it is suspended": (
        a_case(SUSPENDED, tried(V1, outcome="failed"), retry=True),
        13,
        Verdict(Action.HOLD, Reason.SUSPENDED),
    ),
    "unknown, and a person asks for another attempt": (
        a_case(V1, tried(V1, outcome="unknown"), retry=True),
        2,
        UNKNOWN,
    ),
    "another attempt was asked for by a run that died": (
        a_case(V1, tried(V1, until="refused"), tried(V1, 2, until="intended", because="RETRY")),
        16,
        RETRY,
    ),
    "failed, and may be made anew by itself": (
        a_case(AGAIN, tried(V1, outcome="failed", status=4)),
        16,
        RETRY,
    ),
    "failed, and is made anew by itself later": (
        a_case(AGAIN, tried(V1, outcome="failed", status=4, finished=(NOW).isoformat())),
        11,
        Verdict(Action.BLOCK, Reason.FAILED, until=(NOW + timedelta(seconds=30)).isoformat()),
    ),
    "failed in a way that is not made anew": (
        a_case(AGAIN, tried(V1, outcome="failed", status=9)),
        11,
        BLOCKED,
    ),
    "cancelled, and nothing is made anew": (
        a_case(AGAIN, tried(V1, outcome="cancelled", status=11)),
        11,
        BLOCKED,
    ),
    "failed as often as it may": (
        a_case(
            AGAIN,
            tried(V1, outcome="failed", status=4),
            tried(V1, 2, outcome="failed", status=4),
        ),
        11,
        BLOCKED,
    ),
    "failed, and a refused attempt before it does not count": (
        a_case(AGAIN, tried(V1, until="refused"), tried(V1, 2, outcome="failed", status=4)),
        16,
        RETRY,
    ),
    "failed, and another key ran since, so nothing is made anew": (
        a_case(AGAIN, tried(V1, outcome="failed", status=4), tried(V2, 2)),
        11,
        BLOCKED,
    ),
    "failed": (a_case(V1, tried(V1, outcome="failed")), 11, BLOCKED),
    "cancelled": (a_case(V1, tried(V1, outcome="cancelled")), 11, BLOCKED),
    "refused": (
        a_case(V1, tried(V1, until="refused")),
        11,
        Verdict(Action.BLOCK, Reason.REFUSED),
    ),
    "failed, and another key ran since": (
        a_case(V1, tried(V1, outcome="failed"), tried(V2, 2)),
        11,
        BLOCKED,
    ),
    "failed, and suspended": (a_case(SUSPENDED, tried(V1, outcome="failed")), 11, BLOCKED),
    "a need is blocked": (
        a_case(V1, needs={"a": None, "b": Verdict(Action.BLOCK, Reason.FAILED)}),
        12,
        Verdict(Action.BLOCK, Reason.NEEDS, by="b"),
    ),
    "a need is held": (
        a_case(V1, needs={"a": Verdict(Action.HOLD, Reason.SUSPENDED)}),
        12,
        Verdict(Action.BLOCK, Reason.NEEDS, by="a"),
    ),
    "a need is busy": (
        a_case(V1, needs={"a": Verdict(Action.BLOCK, Reason.BUSY)}),
        12,
        Verdict(Action.BLOCK, Reason.NEEDS, by="a"),
    ),
    "a need is an error": (
        a_case(V1, needs={"a": Verdict(Action.ERROR, Reason.REVISION_LOWERED)}),
        12,
        Verdict(Action.BLOCK, Reason.NEEDS, by="a"),
    ),
    "a need acts before it": (
        a_case(V1, needs={"a": Verdict(Action.LAUNCH, Reason.NEW), "b": RUNS}),
        16,
        NEW,
    ),
    "a need is blocked, and it is suspended": (
        a_case(SUSPENDED, needs={"a": Verdict(Action.BLOCK, Reason.FAILED)}),
        12,
        Verdict(Action.BLOCK, Reason.NEEDS, by="a"),
    ),
    "a need is renamed and not in sync": (
        a_case(V1, needs={"a": Verdict(Action.RENAME, Reason.RENAMED)}),
        12,
        Verdict(Action.BLOCK, Reason.NEEDS, by="a"),
    ),
    "a need waits to be asked for": (
        a_case(V1, needs={"a": NOT_ASKED}),
        12,
        Verdict(Action.BLOCK, Reason.NEEDS, by="a"),
    ),
    "frozen": (
        a_case(V1, hold=Hold(Reason.FREEZE, NOW, "year end")),
        13,
        Verdict(Action.HOLD, Reason.FREEZE, by="year end", until=NOW.isoformat()),
    ),
    "outside a window": (
        a_case(V1, hold=Hold(Reason.WINDOW, NOW)),
        13,
        Verdict(Action.HOLD, Reason.WINDOW, until=NOW.isoformat()),
    ),
    "outside a window that never opens": (
        a_case(V1, hold=Hold(Reason.WINDOW)),
        13,
        Verdict(Action.HOLD, Reason.WINDOW),
    ),
    "before its time": (
        a_case(V1, hold=Hold(Reason.NOT_BEFORE, NOW)),
        13,
        Verdict(Action.HOLD, Reason.NOT_BEFORE, until=NOW.isoformat()),
    ),
    "prepared, and outside a window": (
        a_case(V1, tried(V1, until="prepared"), hold=Hold(Reason.WINDOW, NOW)),
        13,
        Verdict(Action.HOLD, Reason.WINDOW, until=NOW.isoformat()),
    ),
    "not reviewed": (a_case(V1, unreviewed=True), 13, Verdict(Action.HOLD, Reason.UNREVIEWED)),
    "not reviewed, and suspended": (
        a_case(SUSPENDED, unreviewed=True),
        13,
        Verdict(Action.HOLD, Reason.SUSPENDED),
    ),
    "not reviewed, and a guard refuses": (
        a_case(V1, unreviewed=True, guard="allowedPlans"),
        13,
        Verdict(Action.HOLD, Reason.UNREVIEWED),
    ),
    "not reviewed when prepared": (
        a_case(V1, tried(V1, until="prepared"), unreviewed=True),
        13,
        Verdict(Action.HOLD, Reason.UNREVIEWED),
    ),
    "running, and a review is demanded": (
        a_case(V1, tried(V1, until="running"), unreviewed=True),
        3,
        RUNS,
    ),
    "suspended": (a_case(SUSPENDED), 13, Verdict(Action.HOLD, Reason.SUSPENDED)),
    "suspended when prepared": (
        a_case(SUSPENDED, tried(V1, until="prepared")),
        13,
        Verdict(Action.HOLD, Reason.SUSPENDED),
    ),
    "suspended, and a guard refuses": (
        a_case(SUSPENDED, guard="job plan"),
        13,
        Verdict(Action.HOLD, Reason.SUSPENDED),
    ),
    "a guard refuses": (
        a_case(V1, guard="job plan"),
        14,
        Verdict(Action.BLOCK, Reason.GUARD, by="job plan"),
    ),
    "a guard refuses what is prepared": (
        a_case(V1, tried(V1, until="prepared"), guard="job plan"),
        14,
        Verdict(Action.BLOCK, Reason.GUARD, by="job plan"),
    ),
    "prepared": (
        a_case(V1, tried(V1, until="prepared")),
        15,
        Verdict(Action.RESUME, Reason.PREPARED),
    ),
    "prepared with another key": (a_case(V2, tried(V1, until="prepared")), 16, NEW),
    "new": (a_case(V1), 16, NEW),
    "new, and intended before": (a_case(V1, tried(V1, until="intended")), 16, NEW),
    "new, and superseded before": (a_case(V1, tried(V1, until="superseded")), 16, NEW),
    "changed": (a_case(V2, tried(V1)), 16, CHANGED),
    "changed after a failure": (a_case(V2, tried(V1, outcome="failed")), 16, CHANGED),
    "changed after a refusal": (a_case(V2, tried(V1, until="refused")), 16, NEW),
    "reverted": (a_case(V1, tried(V1), tried(V2, 2)), 16, CHANGED),
    "reverted after a failure": (
        a_case(V1, tried(V1), tried(V2, 2, outcome="failed")),
        16,
        CHANGED,
    ),
    "revision raised": (
        a_case(REVISED, tried(V1)),
        16,
        Verdict(Action.LAUNCH, Reason.REVISION),
    ),
    "revision raised after a failure": (
        a_case(REVISED, tried(V1, outcome="failed")),
        16,
        Verdict(Action.LAUNCH, Reason.REVISION),
    ),
    "resolved as not run": (a_case(V1, tried(V1, outcome="not-ran")), 16, NEW),
}


@pytest.mark.parametrize(("case", "number", "verdict"), TABLE.values(), ids=TABLE)
def test_the_first_row_that_fits_decides(case, number, verdict):
    assert row_of(case) == (number, verdict)


def test_every_row_of_the_table_decides_in_some_case_above():
    assert {number for _, number, _ in TABLE.values()} == {number for number, _, _ in ROWS}


def test_the_rows_stand_in_the_order_of_their_numbers():
    numbers = [number for number, _, _ in ROWS]
    assert numbers == sorted(numbers)


@pytest.mark.parametrize(
    ("minutes", "reason"), [(59, Reason.PREPARED), (60, Reason.PREPARED), (61, Reason.REPLACED)]
)
def test_what_is_prepared_is_replaced_after_an_hour(minutes, reason):
    attempts = record(tried(V1, until="prepared"))
    assert attempts.newest.prepared_at is not None
    now = attempts.newest.prepared_at + timedelta(minutes=minutes)
    case = Case(name="web-deploy", launch=V1, record=attempts, now=now)
    assert decide(case)[0].reason is reason


@pytest.mark.parametrize("outcome", list(OutcomeKind), ids=str)
def test_every_outcome_of_the_newest_attempt_is_decided(outcome):
    known = record(tried(V1))
    attempt = replace(known.newest, outcome=outcome)
    case = Case("web-deploy", V1, replace(known, attempts=(attempt,)), now=NOW)
    actions = {
        OutcomeKind.UNKNOWN: Action.BLOCK,
        OutcomeKind.FAILED: Action.BLOCK,
        OutcomeKind.CANCELLED: Action.BLOCK,
        OutcomeKind.REFUSED: Action.BLOCK,
        OutcomeKind.STARTING: Action.RESUME,
        OutcomeKind.RUNNING: Action.RESUME,
        OutcomeKind.WAITING: Action.RESUME,
        OutcomeKind.PREPARED: Action.RESUME,
        OutcomeKind.INTENDED: Action.LAUNCH,
        OutcomeKind.NOT_RAN: Action.LAUNCH,
        OutcomeKind.SUPERSEDED: Action.LAUNCH,
        OutcomeKind.SUCCEEDED: Action.NONE,
        OutcomeKind.ADOPTED: Action.NONE,
        OutcomeKind.WAIVED: Action.NONE,
    }
    assert decide(case)[0].action is actions[outcome]


def test_a_server_that_forgets_changes_nothing():
    case = a_case(
        V1,
        tried(V1),
    )
    long_after = Case("web-deploy", V1, case.record, now=datetime(2031, 1, 1, tzinfo=UTC))
    assert decide(long_after)[0] == IN_SYNC
