"""What the server can do: capability, older servers, a full quota, refusals."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace

import pytest

from launcher.engine.effects import (
    Append,
    Done,
    Instance,
    Prepare,
    Probe,
    ReadPlans,
    Refused,
    Start,
    Unknown,
)
from launcher.engine.events import Kind
from launcher.engine.observed import Capability
from launcher.engine.recorded import OutcomeKind
from launcher.engine.report import Limits, Stop
from tests.support.scripted import Scripted, at_append_of, dies_after, dies_before
from tests.support.simulated import Crash, a_launch, a_state
from tests.support.simulated_job import PLAN

WEB = a_state(a_launch("web-deploy"))
SINGLE = a_state(a_launch("web-deploy"), single_phase=True)
THREE = a_state(a_launch("a"), a_launch("b"), a_launch("c"))
FULL = Refused("quota", 1244032, full=True)


def outcome(world, name="web-deploy"):
    return world.recorded().launches[name].newest.outcome


def prepares(world):
    """The sizes of the batches that were prepared."""
    return [len(item.requests) for item in world.trace if isinstance(item, Prepare)]


# --- capability -------------------------------------------------------------------------------


def test_a_server_without_two_phases_is_refused_with_nothing_sent():
    world = Scripted(older=True)
    report = world.apply(WEB)
    assert (report.stop, [item.code for item in report.diagnostics]) == (
        Stop.NO_TWO_PHASE,
        ["L231"],
    )
    assert (world.sent(), world.told()) == ([], [])


@pytest.mark.parametrize("answer", [Unknown("HTTP 502"), Refused("odd", 1240002)])
def test_an_unclear_capability_sends_nothing(answer):
    world = Scripted().on(Probe, answer)
    report = world.apply(WEB)
    assert (report.stop, [item.code for item in report.diagnostics]) == (Stop.SERVER, ["L232"])
    assert report.diagnostics[0].facts["environment"] == WEB.environment.name
    assert (world.sent(), world.told()) == ([], [])


def test_capability_is_proven_once_in_every_run_and_before_the_first_prepare():
    world = Scripted()
    world.apply(THREE)
    world.apply(a_state(a_launch("a", "2")))
    asked = [type(item).__name__ for item in world.trace if isinstance(item, Probe | Prepare)]
    assert asked == ["Probe", "Prepare", "Prepare", "Probe", "Prepare"]


def test_an_override_takes_the_capability_for_granted():
    world = Scripted()
    world.drive(world.begin(WEB, assume=Capability.TWO_PHASE))
    assert not [item for item in world.trace if isinstance(item, Probe)]
    assert outcome(world) is OutcomeKind.SUCCEEDED


def test_what_is_only_to_be_started_needs_no_proof():
    world = Scripted().on(Append, at_append_of(Kind.PREPARED, dies_after))
    with suppress(Crash):
        world.apply(WEB)
    world.trace.clear()
    world.apply(WEB)
    assert not [item for item in world.trace if isinstance(item, Probe)]


def test_the_first_prepare_of_a_run_goes_alone():
    world = Scripted()
    world.apply(THREE)
    assert prepares(world) == [1, 2]


def test_an_instance_of_an_earlier_run_is_no_proof_for_this_one():
    world = Scripted().on(Append, at_append_of(Kind.PREPARED, dies_after))
    with suppress(Crash):
        world.apply(THREE)
    world.trace.clear()
    world.apply(THREE)
    assert prepares(world) == [1, 1]


def started_at_once(world, effect):
    answer = world.as_usual(effect)
    for item in world.instances.values():
        item.starts_queued.append(world.now)
    return answer


def test_a_first_instance_that_was_not_held_back_stops_the_run():
    world = Scripted().on(Prepare, started_at_once)
    report = world.apply(THREE)
    assert (report.stop, [item.code for item in report.diagnostics]) == (
        Stop.NOT_HELD_BACK,
        ["L235"],
    )
    assert world.told() == [
        "a 1 intended",
        "a 1 prepared",
        "a 1 starting by other",
        "a 1 observed already 2",
    ]
    assert dict(report.blocked) == {"b": "not reached", "c": "not reached"}


def test_a_lost_instance_that_was_not_held_back_is_not_created_a_second_time():
    def lost(world, effect):
        started_at_once(world, effect)
        return (Unknown("no answer"),)

    world = Scripted().on(Prepare, lost)
    report = world.apply(THREE)
    assert report.stop is Stop.NOT_HELD_BACK
    assert [item.begun for item in world.instances.values()] == [1]
    assert (prepares(world), world.starts_of(20000000001)) == ([1], 0)


# --- single phase -----------------------------------------------------------------------------


def test_in_single_phase_one_request_is_recorded_as_a_start_and_sent():
    world = Scripted(older=True)
    report = world.apply(SINGLE)
    assert world.told("web-deploy") == [
        "1 intended",
        "1 starting",
        "1 prepared",
        "1 observed accepted",
        "1 observed 2",
        "1 settled succeeded",
    ]
    assert (world.sent(), report.started) == (["prepare web-deploy"], ("web-deploy",))
    (request,) = next(item for item in world.trace if isinstance(item, Prepare)).requests
    assert request.start


def test_in_single_phase_a_lost_answer_is_unknown():
    world = Scripted(older=True).on(Prepare, (Unknown("no answer"),))
    world.apply(SINGLE)
    world.apply(SINGLE)
    assert world.told("web-deploy") == ["1 intended", "1 starting", "1 settled unknown"]
    assert world.sent() == ["prepare web-deploy"]


@pytest.mark.parametrize("death", [dies_before, dies_after])
def test_in_single_phase_a_death_at_the_request_is_unknown_and_nothing_is_adopted(death):
    world = Scripted(older=True).on(Prepare, death)
    with suppress(Crash):
        world.apply(SINGLE)
    world.apply(SINGLE)
    assert world.told("web-deploy") == ["1 intended", "1 starting", "1 settled unknown"]
    assert world.sent() == ["prepare web-deploy"]


def test_in_single_phase_a_request_that_never_left_may_be_sent_again():
    world = Scripted(older=True).on(Prepare, (Refused("connection refused"),))
    assert world.apply(SINGLE).stop is Stop.SERVER
    world.apply(SINGLE)
    assert world.told("web-deploy")[:4] == [
        "1 intended",
        "1 starting",
        "1 observed void not-sent",
        "1 intended",
    ]
    assert [item.begun for item in world.instances.values()] == [1]


def test_in_single_phase_a_request_whose_window_has_passed_is_not_sent_and_recorded_again():
    def slow(world, effect):
        answer = world.as_usual(effect)
        world.let_pass(6)
        return answer

    world = Scripted(older=True).on(Append, at_append_of(Kind.STARTING, slow))
    report = world.apply(SINGLE)
    assert (report.stop, report.diagnostics) == (None, ())
    assert world.told("web-deploy")[2:5] == [
        "1 observed void not-sent",
        "1 intended",
        "1 starting",
    ]
    assert world.sent() == ["prepare web-deploy"]


def test_in_single_phase_no_start_is_ever_sent_behind_it():
    world = Scripted(older=True)

    def created(world, effect):
        answer = world.as_usual(effect)
        for item in world.instances.values():
            item.starts_queued.clear()
        return answer

    world.on(Prepare, created).apply(SINGLE)
    assert world.told("web-deploy")[-1] == "1 settled unknown"
    assert not [item for item in world.trace if isinstance(item, Start)]


# --- quota and refusals -----------------------------------------------------------------------


def test_a_full_quota_is_asked_again_after_a_pause_while_what_is_prepared_starts():
    world = Scripted().on(Prepare, None, lambda now, it: (now.as_usual(it)[0], FULL), (FULL,))
    report = world.apply(THREE)
    assert (report.stop, report.diagnostics) == (None, ())
    assert [outcome(world, name) for name in "abc"] == [OutcomeKind.SUCCEEDED] * 3
    assert world.told("c")[:4] == ["1 intended", "1 observed void", "1 intended", "1 observed void"]


def test_a_full_quota_ends_a_run_that_does_not_wait():
    world = Scripted().on(Prepare, None, (FULL, FULL))
    report = world.apply(THREE, wait=False)
    assert dict(report.blocked) == {"b": "quota", "c": "quota"}
    assert [item.code for item in report.diagnostics] == ["L242", "L242"]
    assert outcome(world, "a") is OutcomeKind.STARTING


def test_with_a_full_quota_what_an_earlier_run_prepared_still_starts():
    world = Scripted().on(Append, at_append_of(Kind.STARTING, dies_before))
    with suppress(Crash):
        world.apply(a_state(a_launch("b")))
    world.on(Prepare, (FULL,))
    report = world.apply(a_state(a_launch("a"), a_launch("b")), wait=False, parallelism=1)
    assert (dict(report.blocked), report.started) == ({"a": "quota"}, ("b",))


def test_what_job_refuses_is_recorded_and_blocks_until_something_changes():
    world = Scripted().on(Prepare, (Refused("host unknown", 1244030),))
    world.apply(WEB)
    world.apply(WEB)
    assert world.told("web-deploy") == ["1 intended", "1 refused prepare"]
    world.apply(a_state(a_launch("web-deploy", revision=2)))
    assert outcome(world) is OutcomeKind.SUCCEEDED


MOVED = replace(PLAN, pin=replace(PLAN.pin, digest="v1:sha256:1"))


def test_a_job_plan_that_moved_since_the_diff_goes_no_further():
    world = Scripted().on(ReadPlans, (Done(MOVED),))
    report = world.apply(WEB)
    assert [item.code for item in report.diagnostics] == ["L233"]
    assert (dict(report.blocked), world.sent()) == ({"web-deploy": "job plan"}, [])


@pytest.mark.parametrize(
    ("answer", "reason", "code"),
    [
        (Unknown("HTTP 502"), "not read", "L238"),
        (Refused("no connection to JOB"), "not read", "L238"),
        (Refused("job plan does not exist", 1244012), "job plan", "L221"),
    ],
    ids=["no answer", "never asked", "refused"],
)
def test_a_job_plan_that_could_not_be_asked_for_is_not_called_refused(answer, reason, code):
    world = Scripted().on(ReadPlans, (answer,))
    report = world.apply(WEB)
    assert (dict(report.blocked), world.told(), world.sent()) == ({"web-deploy": reason}, [], [])
    assert [item.code for item in report.diagnostics] == [code]


def test_a_job_plan_that_moved_between_prepare_and_start_refuses_the_instance():
    world = Scripted().on(ReadPlans, None, (Done(MOVED),))
    world.apply(WEB)
    assert world.told("web-deploy") == ["1 intended", "1 prepared", "1 refused verify"]


def pinned(digest):
    launch = a_launch("web-deploy")
    return a_state(replace(launch, spec=replace(launch.spec, pin=digest)))


def test_a_job_plan_that_is_not_the_pinned_one_is_refused_before_anything_is_sent():
    world = Scripted()
    world.apply(pinned("v1:sha256:other"))
    assert (world.sent(), world.told("web-deploy")) == ([], [])


def test_a_pinned_job_plan_that_moves_after_the_prepare_is_not_started():
    world = Scripted().on(ReadPlans, None, (Done(MOVED),))
    world.apply(pinned(PLAN.pin.digest))
    assert world.told("web-deploy") == ["1 intended", "1 prepared", "1 refused verify"]


def test_a_quota_that_stays_full_ends_with_the_wait():
    def full(world, effect):
        world.on(Prepare, full)
        return (FULL,) * len(effect.requests)

    world = Scripted().on(Prepare, full)
    report = world.apply(WEB, limits=Limits(wait_s=300))
    assert (report.stop, dict(report.blocked)) == (Stop.WAITED, {"web-deploy": "not reached"})
    assert world.instances == {}


def test_the_first_instance_binds_the_ledger_to_its_server():
    world = Scripted()
    world.apply(THREE)
    bound = [item.data for item in world.durable(Kind.BOUND)]
    assert bound == [{"server": "sha256:sim"}]


def test_an_instance_is_asked_for_with_the_marker_of_its_nonce():
    world = Scripted().on(Prepare, (Done(Instance(1, "x")),))
    with suppress(Crash):
        world.on(Append, at_append_of(Kind.PREPARED, dies_before)).apply(WEB)
    (request,) = next(item for item in world.trace if isinstance(item, Prepare)).requests
    (intended,) = world.durable(Kind.INTENDED)
    assert request.marker == (
        "LAUNCH_KEY",
        f"sim/rehearsal/web-deploy/{intended.data['nonce']}",
    )
