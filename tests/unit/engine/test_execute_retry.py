"""Another attempt after a plain failure: when, how often, and when not."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace

import pytest

from launcher.engine.effects import (
    Append,
    Done,
    Prepare,
    ReadPlans,
    ReadStatus,
    Refused,
    Start,
    Unknown,
    Unsent,
)
from launcher.engine.events import Draft, Kind
from launcher.engine.observed import Missing, Status
from launcher.engine.recorded import OutcomeKind
from launcher.engine.report import Limits
from launcher.model.documents import Guards, Window
from tests.support.scripted import Scripted, at_append_of, dies_before
from tests.support.simulated import Crash, a_launch, a_state
from tests.support.simulated_job import PLAN

FIRST, SECOND = 20000000001, 20000000002


def trying(times=2, backoff_s=30, name="web-deploy", version="1", **more):
    launch = a_launch(name, version, **more)
    policy = replace(launch.policy, max_attempts=times, backoff_s=backoff_s)
    return replace(launch, policy=policy)


def a_world(*endings, **how):
    """A world whose instances end, one after the other, at `endings`."""
    world = Scripted(**how)
    left = list(endings)

    def ends(now, effect):
        now.on(Prepare, ends)
        before = set(now.instances)
        answer = now.as_usual(effect)
        for number in sorted(set(now.instances) - before):
            now.instances[number].ending = left.pop(0) if left else Status.SUCCESS
        return answer

    return world.on(Prepare, ends)


def attempts(world, name="web-deploy"):
    return world.recorded().launches[name].attempts


def outcomes(world, name="web-deploy"):
    return [item.outcome for item in attempts(world, name)]


def codes(report):
    return [item.code for item in report.diagnostics]


def test_a_plain_failure_is_followed_by_another_attempt_through_the_whole_protocol():
    world = a_world(Status.FAIL)
    report = world.apply(a_state(trying()))
    lines = ["intended", "prepared", "verified", "starting", "observed accepted", "observed 2"]
    assert world.told("web-deploy") == [
        *(f"1 {line}" for line in lines),
        "1 settled failed",
        *(f"2 {line}" for line in lines),
        "2 settled succeeded",
    ]
    assert (codes(report), report.stop, dict(report.blocked)) == (["L277"], None, {})
    assert [item.begun for item in world.instances.values()] == [1, 1]


def test_another_attempt_waits_for_its_backoff():
    world = a_world(Status.FAIL)
    world.apply(a_state(trying(backoff_s=200)))
    (failed,) = (time for draft, time in world._durable if draft.data.get("outcome") == "failed")
    again = [time for draft, time in world._durable if draft.kind is Kind.INTENDED][1]
    assert 200 <= (again - failed).total_seconds() < 215


def test_attempts_are_counted_and_the_last_failure_stands():
    world = a_world(*[Status.FAIL] * 9)
    world.apply(a_state(trying(times=3)))
    assert outcomes(world) == [OutcomeKind.FAILED] * 3
    world.apply(a_state(trying(times=3)))
    assert len(attempts(world)) == 3


def test_a_new_revision_has_attempts_of_its_own():
    world = a_world(*[Status.FAIL] * 4)
    world.apply(a_state(trying()))
    world.apply(a_state(trying(revision=2)))
    assert outcomes(world) == [OutcomeKind.FAILED] * 4


def test_without_a_policy_nothing_is_tried_again():
    world = a_world(Status.FAIL)
    world.apply(a_state(a_launch("web-deploy")))
    assert outcomes(world) == [OutcomeKind.FAILED]


NEVER = {
    "status 9": (Status.ABNORMAL, OutcomeKind.FAILED),
    "status 14": (Status.ABANDONED, OutcomeKind.FAILED),
    "status 8": (Status.TERMINATED, OutcomeKind.FAILED),
    "cancelled": (Status.STOP_SUCCESS, OutcomeKind.CANCELLED),
    "ended at a confirmation": (Status.CONFIRM_TERMINATED, OutcomeKind.CANCELLED),
}


@pytest.mark.parametrize(("ending", "outcome"), NEVER.values(), ids=NEVER)
def test_nothing_but_a_plain_failure_is_tried_again(ending, outcome):
    world = a_world(ending)
    world.apply(a_state(trying()))
    assert outcomes(world) == [outcome]


def test_an_unknown_outcome_is_never_tried_again():
    world = Scripted(lag=1e6)
    world.apply(a_state(trying()))
    assert outcomes(world) == [OutcomeKind.UNKNOWN]


@pytest.mark.parametrize(
    "refusing", [(Prepare, Refused("no", 1244030)), (Start, Refused("no", 9900403))]
)
def test_what_job_refused_is_never_tried_again(refusing):
    kind, answer = refusing
    world = Scripted().on(kind, (answer,))
    world.apply(a_state(trying()))
    assert outcomes(world) == [OutcomeKind.REFUSED]


def test_what_needs_it_waits_for_the_attempt_that_succeeds():
    world = a_world(Status.FAIL)
    state = a_state(trying(name="a"), a_launch("b", "2", needs=["a"]))
    report = world.apply(state)
    assert outcomes(world, "b") == [OutcomeKind.SUCCEEDED]
    assert dict(report.blocked) == {}


def test_a_job_that_failed_while_it_was_resumed_is_tried_again():
    world = a_world(Status.FAIL, runs_for=60)
    world.apply(a_state(trying()), wait=False)
    world.apply(a_state(trying()))
    assert outcomes(world) == [OutcomeKind.FAILED, OutcomeKind.SUCCEEDED]


def test_another_attempt_keeps_what_asked_for_the_first():
    world = a_world(Status.FAIL)
    world.apply(a_state(trying()))
    first, second = attempts(world)
    assert (second.change, second.because, second.follows) == (
        first.change,
        first.because,
        first.follows,
    )


def test_a_run_that_does_not_wait_tries_nothing_again():
    world = a_world(Status.FAIL)
    world.apply(a_state(trying()), wait=False)
    assert len(attempts(world)) == 1


# --- what speaks against it -------------------------------------------------------------------


def carried_on(world, effect):
    """A person retries the failed steps on JOB's own pages before our backoff has passed."""
    instance = world.instances[FIRST]
    if instance.status == Status.FAIL:
        instance.status, instance.ending = Status.RUNNING, Status.SUCCESS
        instance.started, instance.ended = world.now, None
    else:
        world.on(ReadStatus, carried_on)
    return world.as_usual(effect)


def test_an_instance_that_a_person_has_carried_on_with_is_not_repeated():
    world = a_world(Status.FAIL)

    def after_the_failure(now, effect):
        answer = now.as_usual(effect)
        now.on(ReadStatus, carried_on)
        return answer

    world.on(Append, at_append_of(Kind.SETTLED, after_the_failure))
    world.apply(a_state(trying()))
    assert outcomes(world) == [OutcomeKind.SUCCEEDED]
    assert len(attempts(world)[0].endings) == 1


UNREAD = {
    "lost": Unknown("no answer"),
    "refused": Refused("not allowed", 9900403),
    "gone": Done(Missing(FIRST)),
}


@pytest.mark.parametrize("answer", UNREAD.values(), ids=UNREAD)
def test_an_instance_that_cannot_be_read_is_not_repeated(answer):
    world = a_world(Status.FAIL)

    def after_the_failure(now, effect):
        told = now.as_usual(effect)
        now.on(ReadStatus, *[(answer,)] * 9)
        return told

    world.on(Append, at_append_of(Kind.SETTLED, after_the_failure))
    report = world.apply(a_state(trying()))
    assert outcomes(world) == [OutcomeKind.FAILED]
    assert codes(report) == ["L276"]


def guarded(state, **guards):
    return replace(state, environment=replace(state.environment, guards=Guards(**guards)))


def test_another_attempt_counts_towards_the_most_starts_of_one_apply():
    world = a_world(Status.FAIL, Status.FAIL)
    report = world.apply(guarded(a_state(trying(times=5)), max_launches=2))
    assert outcomes(world) == [OutcomeKind.FAILED] * 2
    assert codes(report) == ["L277", "L276"]


def test_another_attempt_does_not_take_the_place_of_a_launch_that_is_still_to_come():
    world = a_world(Status.FAIL, runs_for=3)
    state = a_state(trying(name="a", backoff_s=0), a_launch("b", "2"), a_launch("c", "3"))
    world.apply(guarded(state, max_launches=3), limits=Limits(parallelism=1, poll_s=1))
    assert outcomes(world, "a") == [OutcomeKind.FAILED]
    assert outcomes(world, "c") == [OutcomeKind.SUCCEEDED]


def test_a_start_that_was_not_sent_in_time_takes_no_place_of_another_attempt():
    """It is recorded, and sent later: one start for one attempt, whatever came between."""
    world = a_world(Status.FAIL)
    state = a_state(trying(name="a", backoff_s=0), a_launch("b", "2"))

    def late(now, effect):
        now.let_pass(40)
        return (Unsent(),) * len(effect.requests)

    world.on(Start, None, late, late)
    report = world.apply(guarded(state, max_launches=3))
    assert dict(report.blocked) == {}
    assert outcomes(world, "a") == [OutcomeKind.FAILED, OutcomeKind.SUCCEEDED]
    assert outcomes(world, "b") == [OutcomeKind.SUCCEEDED]


def test_another_attempt_is_held_outside_the_window():
    window = Window(("thu",), "00:00", "01:00", "UTC")
    world = a_world(Status.FAIL)
    report = world.apply(
        guarded(a_state(trying(backoff_s=1.5 * 3600)), windows=(window,)),
        limits=Limits(wait_s=9999),
    )
    assert outcomes(world) == [OutcomeKind.FAILED]
    assert dict(report.blocked) == {"web-deploy": "WINDOW"}


REVIEWED = {"require_reviewed_digest": True}


def approved(world, state, source="--digest"):
    """Have a person review what would be done."""
    changeset = world.changeset(state)
    changes = {item.name: item.digest for item in changeset.acting}
    data = {"digest": changeset.digest, "changes": changes, "source": source}
    world.write([Draft(Kind.APPROVED, data=data)])


@pytest.mark.parametrize(
    ("now", "came"),
    [
        (guarded(a_state(trying()), **REVIEWED), [OutcomeKind.FAILED, OutcomeKind.SUCCEEDED]),
        (guarded(a_state(trying(times=3)), **REVIEWED), [OutcomeKind.FAILED]),
        (guarded(a_state(trying()), max_hosts=9, **REVIEWED), [OutcomeKind.FAILED]),
    ],
    ids=["as reviewed", "another policy", "another guard"],
)
def test_what_is_resumed_is_tried_again_only_as_it_was_reviewed(now, came):
    state = guarded(a_state(trying()), **REVIEWED)
    world = a_world(Status.FAIL, runs_for=60)
    world.apply(a_state(), wait=False)
    approved(world, state)
    world.apply(state, wait=False)
    world.apply(now)
    assert outcomes(world) == came


def operating(world, effect):
    """Somebody asks JOB to go on with the failed hosts; whether JOB has it nobody knows yet."""
    told = world.as_usual(effect)
    attempt = attempts(world)[0]
    data = {"operation": "retry-failed-hosts", "status": Status.FAIL}
    world.write([Draft(Kind.OPERATING, "web-deploy", attempt.key, 1, data)])
    return told


def test_an_instance_that_is_operated_on_is_not_repeated_in_the_same_run():
    world = a_world(Status.FAIL)
    world.on(Append, at_append_of(Kind.SETTLED, operating))
    beating = Limits(poll_s=1, heartbeat_s=5)
    report = world.apply(a_state(trying()), limits=beating)
    assert outcomes(world) == [OutcomeKind.FAILED]
    assert codes(report) == ["L276"]


def test_a_job_plan_that_moved_since_the_failure_is_not_run():
    moved = replace(PLAN, pin=replace(PLAN.pin, digest="v1:sha256:1"))
    world = a_world(Status.FAIL, runs_for=60)
    world.apply(a_state(trying()), wait=False)
    world.on(ReadPlans, (Done(moved),))
    report = world.apply(a_state(trying()))
    assert outcomes(world) == [OutcomeKind.FAILED]
    assert codes(report) == ["L277", "L233"]


def test_what_the_job_plan_does_not_take_any_more_is_not_run_again():
    """A workspace may drop its marker between two runs; the job plan is the same, and wants a value for it."""
    variables = tuple(replace(item, required=True, value="") for item in PLAN.variables)
    wanting = replace(PLAN, variables=variables)
    world = a_world(Status.FAIL, runs_for=60)
    world.apply(a_state(trying()), wait=False)
    world.on(ReadPlans, (Done(wanting),))
    report = world.drive(world.begin(a_state(trying()), marker=False))
    assert outcomes(world) == [OutcomeKind.FAILED]
    assert codes(report) == ["L277", "L287"]
    assert dict(report.blocked) == {"web-deploy": "job plan"}


def test_a_death_before_the_second_start_is_repaired_with_one_start_more():
    world = a_world(Status.FAIL)

    def second(now, effect):
        if any(item.kind is Kind.STARTING and item.attempt == 2 for item in effect.drafts):
            return dies_before(now, effect)
        now.on(Append, second)
        return now.as_usual(effect)

    world.on(Append, second)
    with suppress(Crash):
        world.apply(a_state(trying()))
    world.apply(a_state(trying()))
    assert outcomes(world) == [OutcomeKind.FAILED, OutcomeKind.SUCCEEDED]
    assert [item.begun for item in world.instances.values()] == [1, 1]


def test_an_attempt_that_was_intended_before_the_limit_was_lowered_is_carried_on_with():
    """What it was intended for holds until it starts; another one after it is asked for by nobody."""
    world = a_world(Status.FAIL, Status.FAIL)

    def dies(world, effect):
        intended = [item for item in effect.drafts if item.kind is Kind.INTENDED]
        answer = world.as_usual(effect)
        if intended and intended[0].attempt == 2:
            raise Crash
        world.on(Append, dies)
        return answer

    world.on(Append, dies)
    with pytest.raises(Crash):
        world.apply(a_state(trying(2, 1)))
    report = world.apply(a_state(trying(1, 1)))
    assert report.started == ("web-deploy",)
    assert outcomes(world) == [OutcomeKind.FAILED, OutcomeKind.FAILED]
