"""What counts as stuck."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from launcher.engine.observed import InstanceStatus, Status
from launcher.engine.stuck import stuck_because
from tests.support.ledgers import NOON, a_whole_launch, recorded_of

ATTEMPT = recorded_of(*a_whole_launch()).launches["web-deploy"].newest
LONG = timedelta(hours=1)


def at(status: int) -> InstanceStatus:
    return InstanceStatus(20000000001, "Deploy web", status, False, NOON, NOON, None, ())  # noqa: FBT003


@pytest.mark.parametrize("status", [Status.STOPPING, 12, 99])
def test_what_stands_for_long_where_nothing_follows_is_stuck(status: int) -> None:
    attempt = replace(ATTEMPT, status=status, status_since=NOON)
    assert stuck_because(attempt, at(status), NOON + LONG) is not None
    assert stuck_because(attempt, at(status), NOON + timedelta(minutes=1)) is None


@pytest.mark.parametrize("status", [Status.STOPPING, 12])
def test_what_has_only_just_been_seen_there_is_not_stuck(status: int) -> None:
    attempt = replace(ATTEMPT, status=Status.RUNNING, status_since=NOON)
    assert stuck_because(attempt, at(status), NOON + LONG) is None


def test_what_waits_for_a_person_is_not_stuck_however_long() -> None:
    attempt = replace(ATTEMPT, status=Status.WAITING_USER, status_since=NOON)
    assert stuck_because(attempt, at(Status.WAITING_USER), NOON + LONG) is None
