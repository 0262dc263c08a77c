"""The decision table, row by row, and the order between rows."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from launcher.engine.changeset import Action, Reason
from launcher.engine.events import Kind
from launcher.engine.recorded import OutcomeKind
from launcher.engine.rows import ROWS, Case, Verdict, decide
from tests.support.ledgers import NOON, about, created, intended, recorded_of
from tests.support.simulated import a_launch

NOW = NOON + timedelta(minutes=1)
V1, V2 = a_launch("web-deploy", "1"), a_launch("web-deploy", "2")
REVISED = a_launch("web-deploy", "1", revision=2)
SUSPENDED = a_launch("web-deploy", "1", suspend=True)


def tried(launch, attempt=1, *, until="settled", outcome="succeeded", **data):
    """The events of one attempt of `launch`, as far as `until`."""
    how = {"key": launch.key, "attempt": attempt}
    instance = {"id": 20000000000 + attempt, "name": "Deploy web"}
    steps = [
        intended(key=launch.key, attempt=attempt, nonce=f"n{attempt}", spec=launch.spec.to_data()),
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
    return [*steps, about(Kind.SETTLED, outcome=outcome, **how, **data)]


def record(*attempts):
    events = [item for attempt in attempts for item in attempt]
    return recorded_of(created(), *events).launches["web-deploy"]


def a_case(launch, *attempts, **more):
    known = {"now": NOW, **more}
    return Case(
        name="web-deploy", launch=launch, record=record(*attempts) if attempts else None, **known
    )


def row_of(case):
    """The number of the deciding row, and its verdict."""
    verdict, rows = decide(case)
    assert [item.fits for item in rows] == [False] * (len(rows) - 1) + [True]
    return rows[-1].number, verdict


BLOCKED = Verdict(Action.BLOCK, Reason.FAILED)
UNKNOWN = Verdict(Action.BLOCK, Reason.UNKNOWN)
RUNS = Verdict(Action.RESUME, Reason.RUNNING)
IN_SYNC = Verdict(Action.NONE, Reason.IN_SYNC)
GONE = Verdict(Action.ARCHIVE, Reason.DELETED)
NEW = Verdict(Action.LAUNCH, Reason.NEW)
CHANGED = Verdict(Action.LAUNCH, Reason.CHANGED)

TABLE = {
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
