"""Batches side by side that wait too long, or outlive their run: what has not left never leaves."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from launcher.engine.effects import (
    Append,
    Await,
    Begin,
    HeadMoved,
    Moment,
    NoAnswer,
    Prepare,
    ReadBack,
    ReadClock,
    ReadPlans,
    Refused,
    Start,
    Unsent,
    Withdraw,
)
from launcher.engine.events import Draft, Kind
from launcher.engine.recorded import OutcomeKind
from launcher.engine.report import Stop
from tests.support.simulated import a_launch, a_state
from tests.support.slow import BATCHES, FIRST, LIMITS, NAMES, STATE, Slow, at, tells


def takes(seconds: float) -> Any:
    """The server takes so long for each request, and does one at a time."""

    def slow(world: Slow, effect: Any) -> Any:
        world.on(type(effect), slow)
        answers: list[Any] = []
        for item in effect.requests:
            answers += world.as_usual(replace(effect, requests=(item,)))
            if answers[-1] != Unsent():
                world.let_pass(seconds)
        return tuple(answers)

    return slow


def test_a_server_that_is_too_slow_for_many_at_once_gets_one_after_the_other():
    world = Slow(ReadPlans)
    world.on(Prepare, takes(6))
    report = world.apply(STATE, wait=False, limits=LIMITS)
    assert (sorted(report.started), dict(report.blocked)) == (list(NAMES), {})
    assert [len(item.sent_at) for item in world.instances.values()] == [1] * len(NAMES)
    asked = [len(item.requests) for item in world.begun(Prepare)]
    # The first alone, then three batches side by side, and one by one from when one was found late.
    assert asked == [1, 2, 2, 2, *[1] * (len(asked) - 4)]
    voided = [item for item in world.drafts() if "void" in item.data]
    assert 0 < len(voided) <= sum(asked[1:4]) - 1


def test_a_server_that_takes_long_for_each_start_starts_all_of_them():
    """The STARTs of three batches leave together, and make each other late."""
    world = Slow(ReadPlans, Prepare, ReadBack)
    world.on(Start, takes(3))
    report = world.apply(STATE, wait=False, limits=LIMITS)
    assert (sorted(report.started), dict(report.blocked)) == (list(NAMES), {})
    assert [len(item.sent_at) for item in world.instances.values()] == [1] * len(NAMES)
    asked = [len(item.requests) for item in world.begun(Start)]
    assert asked[:4] == [1, 2, 2, 2]
    assert set(asked[4:]) == {1}


@pytest.mark.parametrize(
    ("kind", "what", "instances"),
    [(Kind.INTENDED, "prepare", 0), (Kind.STARTING, "START", len(NAMES))],
    ids=["prepare", "start"],
)
def test_what_is_recorded_too_slowly_is_not_sent_and_tried_only_so_often(
    kind: Kind, what: str, instances: int
):
    def slow(world: Slow, effect: Append) -> Any:
        world.on(Append, slow)
        if any(item.kind is kind for item in effect.drafts):
            world.let_pass(6)
        return world.as_usual(effect)

    world = Slow()
    world.on(Append, slow)
    report = world.apply(STATE, wait=False, limits=LIMITS)
    assert (len(world.instances), world.started()) == (instances, 0)
    assert dict(report.blocked) == dict.fromkeys(NAMES, "not sent")
    assert {(item.code, item.facts["what"]) for item in report.diagnostics} == {("L241", what)}


def test_a_prepare_that_goes_out_late_after_its_process_was_stopped_is_not_sent():
    """It was begun, and not sent yet, when the process was stopped; another session has prepared since."""

    def stopped(world: Slow, effect: Prepare) -> Any:
        world.let_pass(600)
        return world.as_usual(effect)

    world = Slow()
    world.on(Prepare, stopped)
    world.apply(a_state(a_launch("web", "web")), wait=False, limits=LIMITS)
    assert len(world.instances) == 1
    assert [item.data["void"] for item in world.drafts() if "void" in item.data] == [
        next(item.data["nonce"] for item in world.drafts() if item.kind is Kind.INTENDED)
    ]


def lost(world: Slow, _: Append) -> HeadMoved:
    """Another session has taken over."""
    other = {"session": "other", "host": "sim", "pid": 99}
    return HeadMoved(world.write([Draft(Kind.OPENED, data=other)]))


def silent(_: Slow, __: Append) -> NoAnswer:
    """The ledger does not answer, and has recorded nothing."""
    return NoAnswer("the disk is full")


@pytest.mark.parametrize(
    ("trouble", "stop"), [(lost, Stop.LOST_SESSION), (silent, Stop.LEDGER)], ids=["lost", "silent"]
)
def test_what_has_not_left_when_the_run_is_over_is_withdrawn(trouble, stop):
    """The START of one batch is under way while another one finds that the run is over."""
    world = Slow(ReadPlans, Prepare, ReadBack)
    world.on(Append, at(Kind.STARTING, BATCHES[1][0], trouble))
    report = world.apply(STATE, wait=False, limits=LIMITS)
    assert report.stop is stop
    place = next(i for i, item in enumerate(world.asked) if isinstance(item, Withdraw))
    assert tells(world.asked[place - 1], Kind.STARTING, BATCHES[1][0])
    assert not any(isinstance(item, Begin) for item in world.asked[place:])
    told = [item for item in world.asked[:place] if isinstance(item, Begin)]
    assert sum(isinstance(item, Await) for item in world.asked) == len(told)
    starts = world.begun(Start)
    withdrawn = [request.instance.id for request in starts[-1].requests]
    assert [world.starts_of(number) for number in withdrawn] == [0] * len(withdrawn)
    # Nothing of it is guessed: what did not leave is recorded as such, and can be started by whoever comes next.
    for name in BATCHES[0]:
        newest = world.recorded().launches[name].newest
        assert (newest.outcome, newest.starts) == (OutcomeKind.PREPARED, 0)


def test_a_start_has_not_left_when_a_note_of_another_batch_finds_the_session_gone():
    """A note needs no session, so the run is not over yet; its session is."""
    first, second = BATCHES[0][0], BATCHES[1][0]
    world = Slow(ReadPlans, Prepare, ReadBack)

    def taken_over(world: Slow, effect: Append) -> Any:
        world.write([Draft(Kind.OPENED, data={"session": "other", "host": "sim", "pid": 99})])
        return world.as_usual(effect)

    # Both batches have their STARTs under way when the answers of the first are recorded.
    world.on(Append, at(Kind.OBSERVED, first, taken_over))
    world.apply(STATE, wait=False, limits=LIMITS)
    assert len(world.begun(Start)) > 2
    number = world.recorded().launches[second].newest.instance_id
    assert number is not None
    assert world.starts_of(number) == 0


def test_a_run_that_ends_lets_no_other_batch_ask_for_a_start():
    def unreachable(_: Slow, effect: Start) -> Any:
        return (Refused("connection refused"),) * len(effect.requests)

    world = Slow(ReadPlans, Prepare, Start)
    world.on(Start, None, unreachable)
    report = world.apply(STATE, wait=False, limits=LIMITS)
    assert report.stop is Stop.SERVER
    # The first alone, and those that JOB could not be asked for; another batch was being read back.
    assert [len(item.requests) for item in world.begun(Start)] == [1, 2]
    starting = [item.name for item in world.drafts() if item.kind is Kind.STARTING]
    assert starting == [FIRST, *BATCHES[0]]
    prepared = [item.name for item in world.drafts() if item.kind is Kind.PREPARED]
    assert len(prepared) > len(starting)


def test_a_wish_to_stop_withdraws_what_has_not_left():
    world = Slow(ReadPlans)

    def stop_asked(world: Slow, effect: ReadClock) -> Any:
        if len(world.begun(Prepare)) == 3:
            return Moment(world.now, world.monotonic_s, stop=True)
        world.on(ReadClock, stop_asked)
        return world.as_usual(effect)

    world.on(ReadClock, stop_asked)
    report = world.apply(STATE, wait=False, limits=LIMITS)
    assert report.stop is Stop.INTERRUPTED
    assert len(world.instances) == 1
    voided = [item.name for item in world.drafts() if "void" in item.data]
    assert voided == [name for call in BATCHES[:2] for name in call]
    assert not any(
        attempt.nonces and attempt.instance_id is None
        for record in world.recorded().launches.values()
        for attempt in record.attempts
    )


def test_a_wish_to_stop_lets_everything_that_was_begun_be_recorded():
    world = Slow(ReadPlans, Prepare)

    def stop_asked(world: Slow, effect: ReadClock) -> Any:
        if len(world.begun(ReadBack)) > 2:
            return Moment(world.now, world.monotonic_s, stop=True)
        world.on(ReadClock, stop_asked)
        return world.as_usual(effect)

    world.on(ReadClock, stop_asked)
    report = world.apply(STATE, wait=False, limits=LIMITS)
    assert report.stop is Stop.INTERRUPTED
    present = world.recorded()
    known = {record.newest.instance_id for record in present.launches.values()}
    assert known == set(world.instances)
    assert all(
        record.newest.outcome in (OutcomeKind.PREPARED, OutcomeKind.STARTING)
        for record in present.launches.values()
    )
    assert present.session is None
    assert sorted(world.apply(STATE, wait=False).started) == sorted(
        set(NAMES) - set(report.started)
    )
