"""What each kind of event means."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from launcher.engine.events import NO_HEAD, Draft, Kind
from launcher.engine.fold import fold
from launcher.engine.observed import PlanPin
from launcher.engine.recorded import (
    Approval,
    Attempt,
    Ending,
    LaunchRecord,
    Operation,
    OperationKind,
    OutcomeKind,
    Recorded,
    Session,
    pin_data,
)
from tests.support.ledgers import (
    LINEAGE,
    NOON,
    PIN,
    SERVER,
    SPEC,
    a_key,
    a_whole_launch,
    about,
    adopted,
    an_author,
    approved,
    bound,
    closed,
    created,
    events_of,
    intended,
    opened,
    operating,
    prepared,
    recorded_of,
    renamed,
    waived,
)

PLAN = PlanPin(1000, "Deploy web", PIN["digest"], "2026-11-01T00:00:00Z")


def at(second: int) -> datetime:
    """The time of the event with this serial."""
    return NOON + timedelta(seconds=second)


INTENDED = Attempt(
    number=1,
    key=a_key(),
    spec=SPEC,
    manifest="plans/web-deploy.yaml",
    commit="c0ffee",
    single_phase=False,
    nonces=("n1",),
    intended_at=at(1),
    policy={"needs": []},
    plan=PLAN,
    named="web-deploy",
    change="v1:sha256:" + "c" * 64,
)
PREPARED = replace(
    INTENDED,
    outcome=OutcomeKind.PREPARED,
    instance_id=20000000001,
    instance_name="Deploy web",
    prepared_at=at(2),
)
STARTING = replace(PREPARED, outcome=OutcomeKind.STARTING, starts=1, started_at=at(3))
TO_PREPARED = (intended(), prepared())
TO_STARTING = (*TO_PREPARED, about(Kind.STARTING))


def newest(*drafts: Draft) -> Attempt:
    return recorded_of(*drafts).launches["web-deploy"].newest


# --- the ledger as a whole --------------------------------------------------------------------


def test_created_gives_the_lineage() -> None:
    events = events_of(created())
    expected = Recorded(lineage=LINEAGE, head=events[0].head, last_time=at(1))
    assert fold(Recorded(), events) == expected


def test_created_from_a_lockfile_keeps_where_it_came_from_and_its_commit() -> None:
    origin = {"lineage": "old", "serial": 9, "head": "sha256:x", "commit": "beef"}
    recorded = recorded_of(created("new", restored=origin))
    assert (recorded.lineage, recorded.restored, recorded.commit) == ("new", origin, "beef")


def test_bound_gives_the_server_and_a_later_one_replaces_it() -> None:
    assert recorded_of(created(), bound()).server == SERVER
    assert recorded_of(created(), bound(), bound("sha256:other")).server == "sha256:other"


def test_opened_opens_a_session_and_gives_the_commit() -> None:
    recorded = recorded_of(created(), opened("s1", host="build-7", pid=77))
    assert recorded.session == Session("s1", at(2), "ana", "build-7", 77, "c0ffee")
    assert recorded.commit == "c0ffee"


def test_a_session_without_git_leaves_the_commit_as_it_was() -> None:
    before = events_of(created(), opened("s1"), closed("s1"))
    after = events_of(opened("s2"), after=before[-1].head, author=an_author(commit=None))
    # `events_of` counts from its head, so the second list follows on the first.
    assert fold(fold(Recorded(), before), after).commit == "c0ffee"


def test_closed_ends_its_own_session_only_and_the_commit_stays() -> None:
    ended = recorded_of(created(), opened("s1"), closed("s1"))
    assert (ended.session, ended.commit) == (None, "c0ffee")
    other = recorded_of(created(), opened("s1"), opened("s2"), closed("s1"))
    assert other.session is not None
    assert other.session.id == "s2"
    assert recorded_of(created(), closed("s1")).session is None


@pytest.mark.parametrize("kind", [Kind.OVERRIDDEN, Kind.OBSERVED, Kind.ANCHORED])
def test_what_is_about_no_launch_moves_only_the_head(kind: Kind) -> None:
    before = events_of(created(), opened())
    after = events_of(Draft(kind, data={"rule": "r"}), after=before[-1].head)
    recorded = fold(Recorded(), before)
    moved = replace(recorded, head=after[-1].head, last_time=after[-1].time)
    assert fold(recorded, after) == moved


# --- one launch -------------------------------------------------------------------------------


def test_intended_begins_an_attempt() -> None:
    record = recorded_of(intended()).launches["web-deploy"]
    assert record == LaunchRecord("web-deploy", (INTENDED,))


def test_intended_again_is_another_prepare_of_the_same_attempt() -> None:
    attempt = newest(*TO_PREPARED, intended(nonce="n2", plan=None))
    assert attempt == replace(
        INTENDED, nonces=("n1", "n2"), intended_at=at(3), orphans=(20000000001,)
    )


def test_intended_again_forgets_what_was_seen_and_compared_of_the_instance_before() -> None:
    seen = (
        about(Kind.VERIFIED, compared=["steps"], not_compared=["ciphers"]),
        about(Kind.OBSERVED, status=1),
    )
    attempt = newest(*TO_PREPARED, *seen, intended(nonce="n2"))
    assert (attempt.compared, attempt.not_compared) == (None, ())
    assert (attempt.status, attempt.status_since) == (None, None)


def test_intended_keeps_the_change_with_its_reason_and_what_it_followed_together() -> None:
    first = intended(because="RETRY", follows=0, request="please")
    attempt = newest(first, prepared(), intended(nonce="n2", change="d2", because="REPLACED"))
    assert (attempt.change, attempt.because, attempt.follows) == ("d2", "REPLACED", None)
    assert attempt.request == "please"
    assert newest(first).follows == 0


def test_intended_before_any_instance_leaves_no_orphan() -> None:
    assert newest(intended(), intended(nonce="n2")).orphans == ()


def test_intended_with_the_next_number_leaves_the_earlier_attempt_as_it_is() -> None:
    later = intended(attempt=2, key=a_key("b"), nonce="n2", phase="single", plan=None)
    record = recorded_of(*TO_STARTING, later).launches["web-deploy"]
    assert record.attempts[0] == STARTING
    assert record.newest == replace(
        INTENDED,
        number=2,
        key=a_key("b"),
        nonces=("n2",),
        intended_at=at(4),
        single_phase=True,
        plan=None,
    )
    assert record.newest.named == "web-deploy"


def test_intended_brings_an_archived_launch_back() -> None:
    gone = (*a_whole_launch(), about(Kind.ARCHIVED, attempt=None))
    assert recorded_of(*gone).launches["web-deploy"].archived
    back = recorded_of(*gone, intended(attempt=2)).launches["web-deploy"]
    assert not back.archived
    assert len(back.attempts) == 2


def test_prepared_gives_the_instance() -> None:
    assert newest(*TO_PREPARED) == PREPARED


def test_prepared_after_a_start_was_recorded_stays_starting() -> None:
    """In single phase the instance is learnt from the request that started it."""
    attempt = newest(intended(phase="single"), about(Kind.STARTING), prepared())
    assert (attempt.outcome, attempt.instance_id) == (OutcomeKind.STARTING, 20000000001)


def test_verified_tells_what_was_compared_and_what_could_not_be() -> None:
    verified = about(Kind.VERIFIED, compared=["steps", "hosts"], not_compared=["ciphers"])
    assert newest(*TO_PREPARED, verified) == replace(
        PREPARED, compared=("steps", "hosts"), not_compared=("ciphers",)
    )


def test_verified_with_nothing_to_compare_is_not_the_same_as_not_verified() -> None:
    assert newest(*TO_PREPARED).compared is None
    nothing = about(Kind.VERIFIED, compared=[], not_compared=["steps"])
    assert newest(*TO_PREPARED, nothing).compared == ()


def test_refused_closes_the_attempt_with_its_reason() -> None:
    refused = about(Kind.REFUSED, stage="verify", message="other steps")
    assert newest(*TO_PREPARED, refused) == replace(
        PREPARED, outcome=OutcomeKind.REFUSED, reason="other steps", finished_at=at(3)
    )


def test_starting_is_counted_and_its_first_time_kept() -> None:
    assert newest(*TO_STARTING) == STARTING
    accepted = about(Kind.OBSERVED, start="accepted")
    again = newest(*TO_STARTING, accepted, about(Kind.STARTING))
    assert again == replace(STARTING, starts=2, start_answered=True)


@pytest.mark.parametrize(
    ("start", "answered"), [("accepted", True), ("already", True), ("lost", False)]
)
def test_observed_tells_how_a_start_was_answered(start: str, *, answered: bool) -> None:
    attempt = newest(*TO_STARTING, about(Kind.OBSERVED, start=start))
    assert attempt == replace(STARTING, start_answered=answered)


def test_observed_that_a_start_never_left_takes_it_back() -> None:
    not_sent = about(Kind.OBSERVED, start="not-sent")
    assert newest(*TO_STARTING, not_sent) == PREPARED
    assert newest(*TO_STARTING, about(Kind.STARTING), not_sent) == STARTING
    single = newest(intended(phase="single"), about(Kind.STARTING), not_sent)
    assert single == replace(INTENDED, single_phase=True)


@pytest.mark.parametrize(
    ("status", "outcome"),
    [
        (1, OutcomeKind.STARTING),
        (2, OutcomeKind.RUNNING),
        (7, OutcomeKind.WAITING),
        (10, OutcomeKind.RUNNING),
        (99, OutcomeKind.RUNNING),
    ],
)
def test_observed_status_of_a_started_attempt_tells_how_far_it_is(
    status: int, outcome: OutcomeKind
) -> None:
    attempt = newest(*TO_STARTING, about(Kind.OBSERVED, status=status))
    assert attempt == replace(STARTING, status=status, outcome=outcome, status_since=at(4))


def test_a_status_counts_from_when_it_was_first_recorded() -> None:
    to_two = (*TO_STARTING, about(Kind.OBSERVED, status=2))
    assert newest(*to_two, about(Kind.OBSERVED, status=2)).status_since == at(4)
    assert newest(*to_two, about(Kind.OBSERVED, start="accepted")).status_since == at(4)
    assert newest(*to_two, about(Kind.OBSERVED, status=10)).status_since == at(5)
    assert newest(*to_two, about(Kind.SETTLED, outcome="failed", status=4)).status_since == at(5)


def test_observed_status_of_an_attempt_that_was_not_started_starts_nothing() -> None:
    attempt = newest(*TO_PREPARED, about(Kind.OBSERVED, status=2))
    assert attempt == replace(PREPARED, status=2, status_since=at(3))


def test_observed_void_forgets_a_prepare_that_created_nothing() -> None:
    again = (intended(), intended(nonce="n2"))
    assert newest(*again, about(Kind.OBSERVED, void="n1")).nonces == ("n2",)


def test_settled_gives_the_outcome_and_the_time_that_job_tells() -> None:
    finished = "2026-11-22T12:30:00+00:00"
    settled = about(Kind.SETTLED, outcome="succeeded", status=3, finished=finished)
    assert newest(*TO_STARTING, settled) == replace(
        STARTING,
        outcome=OutcomeKind.SUCCEEDED,
        status=3,
        status_since=at(4),
        finished_at=datetime(2026, 11, 22, 12, 30, tzinfo=UTC),
    )


def test_settled_without_a_time_ended_when_that_was_recorded() -> None:
    settled = about(Kind.SETTLED, outcome="failed", status=4, reason="step 2")
    assert newest(*TO_STARTING, settled) == replace(
        STARTING,
        outcome=OutcomeKind.FAILED,
        status=4,
        status_since=at(4),
        reason="step 2",
        finished_at=at(4),
    )


def test_settled_as_unknown_has_not_ended() -> None:
    settled = about(Kind.SETTLED, outcome="unknown", reason="the answer was lost")
    assert newest(*TO_STARTING, settled) == replace(
        STARTING, outcome=OutcomeKind.UNKNOWN, reason="the answer was lost"
    )


def test_resolved_ends_an_unknown_with_what_a_person_found() -> None:
    unknown = about(Kind.SETTLED, outcome="unknown")
    found = {"id": 20000000009, "name": "Deploy web"}
    resolved = about(Kind.RESOLVED, outcome="succeeded", reason="seen", instance=found, status=3)
    attempt = newest(intended(), about(Kind.STARTING), unknown, resolved)
    assert (attempt.outcome, attempt.reason, attempt.status) == (OutcomeKind.SUCCEEDED, "seen", 3)
    assert (attempt.instance_id, attempt.instance_name) == (20000000009, "Deploy web")
    assert attempt.finished_at == at(4)


def test_superseded_closes_an_attempt_that_was_never_started() -> None:
    superseded = about(Kind.SUPERSEDED, reason="another key")
    attempt = newest(*TO_PREPARED, superseded)
    assert attempt == replace(PREPARED, outcome=OutcomeKind.SUPERSEDED, reason="another key")
    assert not attempt.was_started


# --- carried on with after its end ------------------------------------------------------------

FAILED = about(Kind.SETTLED, outcome="failed", status=4, finished="2026-11-22T12:30:00+00:00")
THE_FAILURE = Ending(OutcomeKind.FAILED, 4, datetime(2026, 11, 22, 12, 30, tzinfo=UTC))


def test_a_finished_job_that_goes_on_keeps_how_it_had_ended() -> None:
    attempt = newest(*TO_STARTING, FAILED, about(Kind.OBSERVED, status=2))
    assert attempt.outcome is OutcomeKind.RUNNING
    assert attempt.endings == (THE_FAILURE,)
    assert (attempt.finished_at, attempt.reason) == (None, None)


def test_a_finished_job_that_went_on_and_ended_unseen_keeps_both_endings() -> None:
    succeeded = about(Kind.SETTLED, outcome="succeeded", status=3)
    attempt = newest(*TO_STARTING, FAILED, succeeded)
    assert (attempt.outcome, attempt.endings) == (OutcomeKind.SUCCEEDED, (THE_FAILURE,))
    assert attempt.finished_at == at(5)


def test_several_endings_are_kept_in_their_order() -> None:
    running = about(Kind.OBSERVED, status=2)
    cancelled = about(Kind.SETTLED, outcome="cancelled", status=11)
    succeeded = about(Kind.SETTLED, outcome="succeeded", status=3)
    attempt = newest(*TO_STARTING, FAILED, running, cancelled, running, succeeded)
    assert [item.outcome for item in attempt.endings] == ["failed", "cancelled"]
    assert attempt.outcome is OutcomeKind.SUCCEEDED


def test_what_was_unknown_had_not_ended() -> None:
    unknown = about(Kind.SETTLED, outcome="unknown")
    resolved = about(Kind.RESOLVED, outcome="succeeded", reason="seen", status=3)
    assert newest(*TO_STARTING, unknown, resolved).endings == ()


# --- operations -------------------------------------------------------------------------------


def test_operating_leaves_an_operation_pending_with_what_was_read_before() -> None:
    drafts = (*TO_STARTING, about(Kind.OBSERVED, status=7))
    pending = operating("confirm-continue", 7, step=5, step_status=7, executions=1, reason="ok")
    attempt = newest(*drafts, pending)
    assert attempt.operation == Operation(OperationKind.CONTINUE, at(5), 7, 5, 7, 1)
    assert attempt.outcome is OutcomeKind.WAITING


@pytest.mark.parametrize("how", ["done", "refused", "unknown"])
def test_an_operation_is_pending_until_it_is_known_how_it_went(how: str) -> None:
    pending = (*TO_STARTING, operating())
    assert newest(*pending, about(Kind.OBSERVED, status=2)).operation is not None
    assert newest(*pending, about(Kind.OBSERVED, operation=how)).operation is None


def test_an_instance_at_its_end_has_no_pending_operation() -> None:
    pending = (*TO_STARTING, operating())
    cancelled = about(Kind.SETTLED, outcome="cancelled", status=11)
    assert newest(*pending, cancelled).operation is None
    unknown = about(Kind.SETTLED, outcome="unknown")
    assert newest(*pending, unknown).operation is not None
    assert newest(*pending, unknown, about(Kind.RESOLVED, outcome="failed")).operation is None


# --- adopted and waived -----------------------------------------------------------------------


def test_adopted_is_a_new_attempt_that_counts_as_done() -> None:
    finished = "2026-11-22T12:30:00+00:00"
    record = recorded_of(*TO_PREPARED, adopted(finished=finished)).launches["web-deploy"]
    assert record.attempts[0] == PREPARED
    assert record.newest == Attempt(
        number=2,
        key=a_key(),
        spec=SPEC,
        manifest="plans/web-deploy.yaml",
        commit="c0ffee",
        single_phase=False,
        nonces=(),
        intended_at=at(3),
        policy={"needs": []},
        outcome=OutcomeKind.ADOPTED,
        instance_id=20000000007,
        instance_name="Deploy web",
        plan=PLAN,
        starts=1,
        start_answered=True,
        status=3,
        status_since=at(3),
        started_at=at(3),
        finished_at=datetime(2026, 11, 22, 12, 30, tzinfo=UTC),
        reason="bo started it",
        named="web-deploy",
    )
    assert record.is_in_sync(a_key())


def test_adopted_may_be_the_first_word_on_a_launch_and_still_run() -> None:
    running = adopted(attempt=1, outcome="running", status=2)
    attempt = newest(running)
    assert (attempt.number, attempt.outcome) == (1, OutcomeKind.RUNNING)
    assert attempt.finished_at is None
    assert attempt.was_started
    settled = newest(running, about(Kind.SETTLED, outcome="succeeded", status=3))
    assert (settled.outcome, settled.endings) == (OutcomeKind.SUCCEEDED, ())


def test_waived_is_a_new_attempt_that_ran_nothing_and_counts_as_done() -> None:
    record = recorded_of(*TO_STARTING, FAILED, waived()).launches["web-deploy"]
    assert record.attempts[0].outcome is OutcomeKind.FAILED
    waiver = record.newest
    assert (waiver.number, waiver.outcome, waiver.reason) == (
        2,
        OutcomeKind.WAIVED,
        "done by hand",
    )
    assert (waiver.starts, waiver.instance_id, waiver.started_at) == (0, None, None)
    assert waiver.finished_at == at(5)
    assert record.is_in_sync(a_key())
    assert not record.is_in_sync(a_key("b"))


@pytest.mark.parametrize("draft", [adopted(attempt=2), waived(attempt=2)])
def test_adopted_and_waived_count_on_and_the_next_attempt_counts_on_from_them(draft: Draft) -> None:
    later = intended(attempt=3, key=a_key("b"), nonce="n3")
    record = recorded_of(*a_whole_launch(), draft, later).launches["web-deploy"]
    assert [item.number for item in record.attempts] == [1, 2, 3]
    assert record.accepted == record.attempts[1]


@pytest.mark.parametrize("draft", [adopted(attempt=1), waived(attempt=1)])
def test_adopted_and_waived_replace_no_attempt(draft: Draft) -> None:
    with pytest.raises(ValueError, match="no new attempt"):
        recorded_of(*a_whole_launch(), draft)


# --- renamed ----------------------------------------------------------------------------------


def test_renamed_moves_the_history_to_the_new_name() -> None:
    before = recorded_of(*a_whole_launch("web"))
    after = recorded_of(*a_whole_launch("web"), renamed("web-deploy", "web"))
    assert list(after.launches) == ["web-deploy"]
    record = after.launches["web-deploy"]
    assert record == replace(before.launches["web"], name="web-deploy")
    assert record.newest.named == "web"


def test_renamed_takes_a_launch_out_of_the_archive_and_its_attempts_go_on() -> None:
    archived = about(Kind.ARCHIVED, "web", attempt=None)
    drafts = (*a_whole_launch("web"), archived, renamed("web-deploy", "web"))
    later = intended(attempt=2, key=a_key("b"), nonce="n2")
    record = recorded_of(*drafts, later).launches["web-deploy"]
    assert not record.archived
    assert [(item.number, item.named) for item in record.attempts] == [
        (1, "web"),
        (2, "web-deploy"),
    ]


def test_events_under_the_new_name_reach_what_runs() -> None:
    running = (intended("web"), prepared("web"), about(Kind.STARTING, "web"))
    settled = about(Kind.SETTLED, outcome="succeeded", status=3)
    assert newest(*running, renamed("web-deploy", "web"), settled).outcome == "succeeded"


def test_renamed_never_joins_two_histories() -> None:
    with pytest.raises(ValueError, match="no history of web"):
        recorded_of(renamed("web-deploy", "web"))
    both = (*a_whole_launch("web"), *a_whole_launch())
    with pytest.raises(ValueError, match="no history of web to move"):
        recorded_of(*both, renamed("web-deploy", "web"))


# --- approved ---------------------------------------------------------------------------------


def test_approved_is_kept_for_each_launch_and_the_newest_counts() -> None:
    recorded = recorded_of(approved("D1", web="c1", api="c2"), approved("D2", web="c3"))
    assert recorded.approvals == {
        "web": Approval("c3", "D2", "ana", at(2), "--digest"),
        "api": Approval("c2", "D1", "ana", at(1), "--digest"),
    }


def test_what_was_approved_for_one_server_is_not_approved_for_another() -> None:
    reviewed = (created(), approved("D1", web="c1"), bound())
    assert list(recorded_of(*reviewed, bound()).approvals) == ["web"]
    assert not recorded_of(*reviewed, bound("sha256:" + "0f" * 32)).approvals


def test_an_approval_of_the_old_name_covers_no_launch_that_takes_the_name_later() -> None:
    launched = (approved("D1", web="c1"), *a_whole_launch("web"))
    after = recorded_of(*launched, approved("D2", api="c2"), renamed("web-deploy", "web"))
    assert list(after.approvals) == ["api"]


# --- archived ---------------------------------------------------------------------------------


def test_archived_keeps_the_history() -> None:
    before = recorded_of(*a_whole_launch()).launches["web-deploy"]
    after = recorded_of(*a_whole_launch(), about(Kind.ARCHIVED, attempt=None))
    assert after.launches["web-deploy"] == replace(before, archived=True)


def test_archived_launches_are_observed_to_their_end() -> None:
    gone = (*TO_STARTING, about(Kind.ARCHIVED, attempt=None))
    record = recorded_of(*gone, about(Kind.SETTLED, outcome="failed")).launches["web-deploy"]
    assert record.archived
    assert record.newest.outcome is OutcomeKind.FAILED


# --- restored ---------------------------------------------------------------------------------

ENTRY: dict[str, Any] = {
    "key": {"revision": 1, "digest": a_key("b").digest},
    "attempt": 5,
    "outcome": "failed",
    "instance": {"id": 20000000005, "name": "Deploy web", "url": None},
    "plan": PIN,
    "spec": SPEC,
    "accepted": {
        "attempt": 3,
        "key": {"revision": 1, "digest": a_key("a").digest},
        "spec": SPEC,
    },
    "started": "2026-11-20T10:00:00Z",
    "finished": "2026-11-20T11:00:00Z",
    "commit": "beef",
    "manifest": "plans/web-deploy.yaml",
}


def restored(**changes: Any) -> LaunchRecord:
    entry = {**ENTRY, **changes}
    draft = about(Kind.RESOLVED, key=a_key("b"), attempt=5, restored=entry, reason="lost")
    return recorded_of(created(), draft).launches["web-deploy"]


def test_a_restored_launch_has_its_newest_and_its_accepted_attempt() -> None:
    record = restored()
    failed = Attempt(
        number=5,
        key=a_key("b"),
        spec=SPEC,
        manifest="plans/web-deploy.yaml",
        commit="beef",
        single_phase=False,
        nonces=(),
        intended_at=at(2),
        outcome=OutcomeKind.FAILED,
        instance_id=20000000005,
        instance_name="Deploy web",
        plan=PLAN,
        starts=1,
        started_at=datetime(2026, 11, 20, 10, tzinfo=UTC),
        finished_at=datetime(2026, 11, 20, 11, tzinfo=UTC),
        named="web-deploy",
    )
    succeeded = Attempt(
        number=3,
        key=a_key("a"),
        spec=SPEC,
        manifest="plans/web-deploy.yaml",
        commit=None,
        single_phase=False,
        nonces=(),
        intended_at=at(2),
        outcome=OutcomeKind.SUCCEEDED,
        starts=1,
        named="web-deploy",
    )
    assert record == LaunchRecord("web-deploy", (succeeded, failed))
    assert record.accepted == succeeded
    assert not record.is_in_sync(a_key("a"))


@pytest.mark.parametrize("outcome", ["intended", "prepared", "starting", "running", "waiting"])
def test_what_was_on_its_way_is_restored_as_unknown(outcome: str) -> None:
    record = restored(outcome=outcome, accepted=None)
    assert record.newest.outcome is OutcomeKind.UNKNOWN
    assert record.newest.was_started


@pytest.mark.parametrize("outcome", ["refused", "superseded", "not-ran"])
def test_what_never_ran_is_restored_as_not_started(outcome: str) -> None:
    record = restored(outcome=outcome)
    assert record.newest.starts == 0
    assert record.is_in_sync(a_key("a"))


def test_an_archived_launch_is_restored_archived() -> None:
    assert restored(archived=True).archived


def test_the_next_attempt_of_a_restored_launch_goes_on_counting() -> None:
    draft = about(Kind.RESOLVED, key=a_key("b"), attempt=5, restored=ENTRY, reason="lost")
    record = recorded_of(created(), draft, intended(attempt=6, nonce="n6")).launches["web-deploy"]
    assert [item.number for item in record.attempts] == [3, 5, 6]


# --- in sync ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("outcome", "in_sync"),
    [("succeeded", True), ("failed", False), ("cancelled", False), ("unknown", False)],
)
def test_a_launch_is_in_sync_by_its_newest_started_attempt(outcome: str, *, in_sync: bool) -> None:
    record = recorded_of(*TO_STARTING, about(Kind.SETTLED, outcome=outcome)).launches["web-deploy"]
    assert record.is_in_sync(a_key()) is in_sync
    assert not record.is_in_sync(a_key("b"))


def test_an_attempt_of_which_nothing_ran_does_not_decide() -> None:
    second = intended(key=a_key("b"), attempt=2, nonce="n2")
    starting = about(Kind.STARTING, key=a_key("b"), attempt=2)
    not_ran = about(Kind.RESOLVED, key=a_key("b"), attempt=2, outcome="not-ran", reason="looked")
    refused = about(Kind.REFUSED, key=a_key("b"), attempt=2, stage="prepare", message="no plan")
    for end in (not_ran, refused):
        record = recorded_of(*a_whole_launch(), second, starting, end).launches["web-deploy"]
        assert record.is_in_sync(a_key("a"))
        assert record.newest_of(a_key("b")) == record.newest


def test_a_failure_is_not_forgotten_with_an_attempt_that_was_given_up() -> None:
    failed = about(Kind.SETTLED, outcome="failed", status=4)
    given_up = about(Kind.SUPERSEDED, attempt=2, reason="another launch took its place")
    record = recorded_of(*TO_STARTING, failed, intended(attempt=2, nonce="n2"), given_up)
    newest = record.launches["web-deploy"].newest_of(a_key())
    assert newest is not None
    assert (newest.number, newest.outcome) == (1, OutcomeKind.FAILED)


# --- the chain --------------------------------------------------------------------------------


def test_events_must_follow_on_what_was_folded() -> None:
    events = events_of(created(), opened())
    with pytest.raises(ValueError, match="does not follow"):
        fold(Recorded(), events[1:])
    with pytest.raises(ValueError, match="does not follow"):
        fold(fold(Recorded(), events), events)
    strangers = events_of(created("other"), opened(), author=an_author("eve"))
    with pytest.raises(ValueError, match="does not follow"):
        fold(Recorded(), [events[0], strangers[1]])


@pytest.mark.parametrize(
    ("drafts", "words"),
    [
        ((about(Kind.STARTING),), "unknown launch"),
        ((intended(), about(Kind.STARTING, attempt=2)), "unknown attempt"),
        ((Draft(Kind.INTENDED, "web-deploy"),), "no attempt of a key"),
    ],
)
def test_events_about_what_is_not_there_make_no_sense(
    drafts: tuple[Draft, ...], words: str
) -> None:
    with pytest.raises(ValueError, match=words):
        recorded_of(*drafts)


def test_folding_changes_nothing_that_was_folded_before() -> None:
    before = recorded_of(*TO_PREPARED)
    kept = before.launches["web-deploy"]
    fold(before, events_of(about(Kind.STARTING), after=before.head))
    assert before.launches["web-deploy"] is kept
    assert kept.newest == PREPARED


def test_a_pin_is_written_as_it_is_read() -> None:
    assert pin_data(PLAN) == PIN
    assert pin_data(None) is None


def test_an_empty_ledger() -> None:
    assert fold(Recorded(), ()) == Recorded()
    assert Recorded().head == NO_HEAD


def test_an_attempt_is_changed_as_by_replace_and_stays_as_it_was() -> None:
    attempt = recorded_of(created(), *a_whole_launch("web")).launches["web"].newest
    before = replace(attempt)
    changed = attempt.but(starts=7, reason="why")
    assert changed == replace(attempt, starts=7, reason="why")
    assert attempt == before
    assert attempt.but() == attempt
    with pytest.raises(TypeError, match="outcom"):
        attempt.but(outcom=OutcomeKind.FAILED)
