"""What stands in the way of putting something in the place of a launch by hand, and what is recorded then."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from launcher.engine.byhand import (
    Hindrance,
    adoption,
    adoption_outcome,
    hindrance,
    owner_of,
    waiver,
)
from launcher.engine.desired import Launch
from launcher.engine.events import Draft, Kind
from launcher.engine.observed import InstanceStatus
from launcher.engine.recorded import OutcomeKind
from launcher.engine.spec import EffectiveSpec, Scope
from tests.support.ledgers import (
    a_whole_launch,
    about,
    intended,
    operating,
    prepared,
    recorded_of,
    renamed,
    waived,
)

if TYPE_CHECKING:
    from launcher.engine.recorded import Recorded

NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
LAUNCH = Launch("web-deploy", EffectiveSpec(Scope("biz", "2"), 1000, ()), revision=2)
STARTED = (intended(), prepared(), about(Kind.STARTING))


def the_launch(**changes: Any) -> Launch:
    return replace(LAUNCH, **changes)


def in_sync() -> Recorded:
    return recorded_of(waived(key=LAUNCH.key, attempt=1))


@pytest.mark.parametrize(
    ("drafts", "expected"),
    [
        ((), None),
        ((intended(),), None),
        ((intended(), prepared()), None),
        ((*STARTED,), Hindrance.IN_FLIGHT),
        ((*STARTED, about(Kind.OBSERVED, status=2)), Hindrance.IN_FLIGHT),
        ((*STARTED, about(Kind.OBSERVED, status=7)), Hindrance.IN_FLIGHT),
        ((*STARTED, about(Kind.SETTLED, outcome="unknown")), Hindrance.UNKNOWN),
        ((*STARTED, about(Kind.SETTLED, outcome="failed")), None),
        ((*STARTED, about(Kind.SETTLED, outcome="cancelled")), None),
        ((intended(), about(Kind.REFUSED, stage="verify", message="hosts")), None),
        ((*a_whole_launch(),), None),
        ((*a_whole_launch(), about(Kind.ARCHIVED, attempt=None)), None),
        (
            (
                *STARTED,
                about(Kind.SETTLED, outcome="failed", status=4),
                operating("retry-failed-hosts", 4),
            ),
            Hindrance.OPERATION,
        ),
        ((waived(key=LAUNCH.key, attempt=1),), Hindrance.IN_SYNC),
    ],
)
def test_what_stands_in_the_way(drafts: tuple[Draft, ...], expected: Hindrance | None) -> None:
    assert hindrance(recorded_of(*drafts), LAUNCH) is expected


def test_what_is_not_declared_has_no_key_to_speak_of() -> None:
    assert hindrance(recorded_of(*a_whole_launch()), None) is Hindrance.UNDECLARED


def test_a_revision_that_was_lowered_is_not_the_present() -> None:
    assert hindrance(in_sync(), the_launch(revision=1)) is Hindrance.LOWERED


def test_a_history_under_the_old_name_is_moved_first() -> None:
    launch = the_launch(name="web", renamed_from="web-deploy")
    assert hindrance(recorded_of(*a_whole_launch()), launch) is Hindrance.NOT_RENAMED
    assert hindrance(recorded_of(), launch) is None
    moved = recorded_of(*a_whole_launch(), renamed("web", "web-deploy"))
    assert hindrance(moved, launch) is None


def test_what_is_unknown_hinders_whatever_is_declared_now() -> None:
    unknown = recorded_of(*STARTED, about(Kind.SETTLED, outcome="unknown"))
    assert hindrance(unknown, the_launch(revision=9)) is Hindrance.UNKNOWN


def test_an_instance_has_one_owner_orphans_included() -> None:
    recorded = recorded_of(intended(), prepared(), intended(nonce="n2"), prepared(instance=2))
    assert owner_of(recorded, 20000000001) == "web-deploy"
    assert owner_of(recorded, 2) == "web-deploy"
    assert owner_of(recorded, 2, besides=("web-deploy", 1)) is None
    assert owner_of(recorded, 3) is None


@pytest.mark.parametrize(
    ("status", "outcome"),
    [
        (2, OutcomeKind.RUNNING),
        (3, OutcomeKind.ADOPTED),
        (4, OutcomeKind.FAILED),
        (7, OutcomeKind.WAITING),
        (9, OutcomeKind.FAILED),
        (10, OutcomeKind.RUNNING),
        (11, OutcomeKind.CANCELLED),
        (99, OutcomeKind.RUNNING),
    ],
)
def test_only_success_is_adopted_as_done(status: int, outcome: OutcomeKind) -> None:
    assert adoption_outcome(status) is outcome


def test_what_is_recorded_counts_as_done_and_comes_after_every_attempt() -> None:
    recorded = recorded_of(*a_whole_launch(attempt=4))
    record = recorded.launches["web-deploy"]
    answer = InstanceStatus(
        9, "Deploy web", 3, finished=True, created=NOON, started=NOON, ended=NOON, steps=()
    )
    for draft in (waiver(LAUNCH, record, "why"), adoption(LAUNCH, record, answer, None, "why")):
        after = recorded_of(*a_whole_launch(attempt=4), draft).launches["web-deploy"]
        assert (after.newest.number, after.newest.key) == (5, LAUNCH.key)
        assert after.newest.reason == "why"
        assert after.newest.policy == LAUNCH.policy.to_data()
        assert after.is_in_sync(LAUNCH.key)
        assert hindrance(replace(recorded, launches={"web-deploy": after}), LAUNCH) is (
            Hindrance.IN_SYNC
        )


def test_what_is_adopted_keeps_the_times_of_job() -> None:
    answer = InstanceStatus(
        9, "Deploy web", 3, finished=True, created=NOON, started=NOON, ended=NOON, steps=()
    )
    attempt = recorded_of(adoption(LAUNCH, None, answer, None, "why")).launches["web-deploy"].newest
    assert (attempt.number, attempt.instance_id, attempt.instance_name) == (1, 9, "Deploy web")
    assert (attempt.started_at, attempt.finished_at) == (NOON, NOON)


def test_a_token_of_a_callback_is_not_recorded() -> None:
    url = "https://ops.example.org/hook?token=s3cr3t"
    launch = the_launch(spec=replace(LAUNCH.spec, callback_url=url))
    assert "s3cr3t" not in str(waiver(launch, None, "why").data)
