"""A failed attempt is read once more before another one follows: a person may have retried it on JOB."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from launcher.engine.events import Kind
from launcher.engine.observed import InstanceStatus, Missing
from launcher.engine.progress import with_observed
from launcher.engine.recorded import OutcomeKind, Recorded
from tests.support.ledgers import about, created, intended, prepared, recorded_of

NOW = datetime(2026, 11, 22, 13, 0, tzinfo=UTC)


def a_failed_launch() -> Recorded:
    return recorded_of(
        created(),
        intended(),
        prepared(),
        about(Kind.STARTING),
        about(Kind.OBSERVED, start="accepted"),
        about(Kind.SETTLED, outcome="failed", status=4),
    )


def at(status: int) -> InstanceStatus:
    return InstanceStatus(
        id=20000000001,
        name="Deploy web",
        status=status,
        finished=True,
        created=NOW,
        started=NOW,
        ended=None,
        steps=(),
    )


@pytest.mark.parametrize(
    ("status", "outcome"),
    [
        (3, OutcomeKind.SUCCEEDED),
        (2, OutcomeKind.RUNNING),
        (7, OutcomeKind.WAITING),
        (11, OutcomeKind.CANCELLED),
    ],
)
def test_a_retry_on_jobs_own_pages_is_seen(status, outcome):
    recorded, notes = with_observed(a_failed_launch(), {"web-deploy": at(status)}, NOW, {})

    assert recorded.launches["web-deploy"].newest.outcome is outcome
    assert len(notes) == 1


@pytest.mark.parametrize("answer", [at(4), at(1), Missing(20000000001)])
def test_a_failure_that_nobody_retried_stays_and_adds_nothing_to_the_record(answer):
    before = a_failed_launch()

    recorded, notes = with_observed(before, {"web-deploy": answer}, NOW, {})

    assert (recorded, notes) == (before, ())


def test_an_attempt_that_a_person_says_ran_is_in_sync_although_no_start_is_on_record():
    recorded = recorded_of(
        created(),
        intended(),
        about(Kind.SETTLED, outcome="unknown"),
        about(Kind.RESOLVED, outcome="succeeded", instance={"id": 7, "name": "Deploy web"}),
    )

    record = recorded.launches["web-deploy"]
    assert record.is_in_sync(record.newest.key)


def test_an_attempt_that_a_person_says_runs_has_not_finished():
    recorded = recorded_of(
        created(),
        intended(),
        about(Kind.SETTLED, outcome="unknown"),
        about(Kind.RESOLVED, outcome="running", instance={"id": 7, "name": "Deploy web"}),
    )

    assert recorded.launches["web-deploy"].newest.finished_at is None
