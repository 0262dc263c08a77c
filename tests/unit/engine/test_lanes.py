"""Batches side by side: what one of them learns while another waits for JOB."""

from __future__ import annotations

from typing import Any

from launcher.engine.effects import (
    Append,
    Begin,
    Overtaken,
    Prepare,
    ReadBack,
    ReadPlans,
    Refused,
    Start,
)
from launcher.engine.events import Draft, Kind
from launcher.engine.observed import Status
from launcher.engine.recorded import OutcomeKind
from launcher.engine.report import Stop
from tests.support.simulated import a_launch, a_state
from tests.support.slow import BATCHES, FIRST, LIMITS, NAMES, STATE, Slow, at


def test_three_batches_are_under_way_and_each_launch_is_started_once():
    world = Slow()
    report = world.apply(STATE, wait=False, limits=LIMITS)
    assert sorted(report.started) == list(NAMES)
    assert world.most == 3
    assert [len(item.sent_at) for item in world.instances.values()] == [1] * len(NAMES)


def test_the_first_prepare_of_a_run_is_read_back_before_another_batch_sets_out():
    world = Slow(Prepare, ReadPlans)
    world.apply(STATE, wait=False, limits=LIMITS)
    calls = [type(item.call) for item in world.asked if isinstance(item, Begin)]
    assert [len(item.requests) for item in world.begun(Prepare)] == [1, 2, 2, 2]
    first, second = [place for place, kind in enumerate(calls) if kind is Prepare][:2]
    assert first < calls.index(ReadBack) < second


def test_a_batch_sets_out_while_the_start_of_another_is_awaited():
    world = Slow(ReadPlans, ReadBack, Prepare)
    world.apply(STATE, wait=False, limits=LIMITS)
    kinds = [type(item.call) if isinstance(item, Begin) else type(item) for item in world.asked]
    first_start = kinds.index(Start)
    assert Prepare in kinds[first_start:]
    answered = [
        place
        for place, item in enumerate(world.asked)
        if isinstance(item, Append) and item.drafts[0].data.get("start") == "accepted"
    ]
    assert first_start < kinds.index(Prepare, first_start) < answered[0]


def test_one_launch_is_never_in_two_batches():
    world = Slow(ReadPlans)
    world.apply(STATE, wait=False, limits=LIMITS)
    intended = [str(item.name) for item in world.drafts() if item.kind is Kind.INTENDED]
    assert sorted(intended) == list(NAMES)


def test_each_start_is_begun_right_after_its_record_was_the_head():
    world = Slow(ReadPlans, Prepare, ReadBack)
    world.apply(STATE, wait=False, limits=LIMITS)
    for place, effect in enumerate(world.asked):
        if isinstance(effect, Begin) and isinstance(effect.call, Start):
            before = world.asked[place - 1]
            assert isinstance(before, Append)
            told = [item.name for item in before.drafts if item.kind is Kind.STARTING]
            assert len(told) == len(effect.call.requests)


def test_in_single_phase_one_batch_follows_the_other():
    world = Slow(ReadPlans, older=True)
    state = a_state(*(a_launch(name, name) for name in NAMES), single_phase=True)
    report = world.apply(state, wait=False, limits=LIMITS)
    assert sorted(report.started) == list(NAMES)
    assert world.most == 1


def test_a_launch_whose_need_runs_again_meanwhile_is_not_started():
    """Another process has seen that somebody carries on with it; heard of while another batch is recorded."""
    need, name = "need", BATCHES[0][0]
    later = a_state(
        a_launch(need),
        *(a_launch(item, item, needs=[need] if item == name else []) for item in NAMES),
    )

    def again(world: Slow, effect: Append) -> Any:
        attempt = world.recorded().launches[need].newest
        data = {"status": Status.RUNNING}
        world.write([Draft(Kind.OBSERVED, need, attempt.key, attempt.number, data)])
        return world.as_usual(effect)

    world = Slow(ReadPlans, Prepare)
    world.apply(a_state(a_launch(need)))
    assert world.recorded().launches[need].newest.outcome is OutcomeKind.SUCCEEDED
    world.on(Append, at(Kind.PREPARED, BATCHES[1][0], again))
    report = world.apply(later, wait=False, limits=LIMITS)
    newest = world.recorded().launches[name].newest
    assert (newest.outcome, newest.starts) == (OutcomeKind.PREPARED, 0)
    assert dict(report.blocked) == {name: need}
    assert sorted(report.started) == sorted(set(NAMES) - {name})


def test_what_others_tell_of_a_launch_takes_it_out_of_its_batch():
    """Told while its batch waits for JOB, and heard of by the append of another one."""
    name = BATCHES[0][0]

    def interjected(world: Slow, effect: Append) -> Any:
        attempt = world.recorded().launches[name].newest
        data = {"outcome": OutcomeKind.CANCELLED.value, "status": Status.STOP_SUCCESS}
        world.write([Draft(Kind.SETTLED, name, attempt.key, attempt.number, data)])
        return world.as_usual(effect)

    world = Slow(ReadPlans, Prepare)
    world.on(Append, at(Kind.PREPARED, BATCHES[1][0], interjected))
    world.apply(STATE, wait=False, limits=LIMITS)
    settled = world.recorded().launches[name].newest
    assert settled.instance_id is not None
    assert world.starts_of(settled.instance_id) == 0
    assert settled.outcome is OutcomeKind.CANCELLED
    assert world.started() == len(NAMES) - 1
    # Those beside it go on: none of them comes round a second time.
    read = [item.id for call in world.begun(ReadBack) for item in call.instances]
    assert len(read) == len(set(read)) == len(NAMES)


def a_waiver(world: Slow, name: str) -> Draft:
    """A person puts another attempt in the place of the newest of `name`."""
    attempt = world.recorded().launches[name].newest
    data = {
        "spec": attempt.spec,
        "policy": attempt.policy,
        "manifest": attempt.manifest,
        "reason": "by hand",
    }
    return Draft(Kind.WAIVED, name, attempt.key, attempt.number + 1, data)


def test_the_id_of_what_was_prepared_is_told_of_the_attempt_that_it_was_prepared_for():
    """A person has put another attempt in its place while JOB was asked."""
    name = BATCHES[0][0]

    def waived(world: Slow, effect: Append) -> Any:
        world.write([a_waiver(world, name)])
        return world.as_usual(effect)

    world = Slow(ReadPlans)
    world.on(Append, at(Kind.INTENDED, BATCHES[1][0], waived))
    world.apply(STATE, wait=False, limits=LIMITS)
    first, second = world.recorded().launches[name].attempts
    assert first.instance_id is not None
    assert world.starts_of(first.instance_id) == 0
    assert (second.outcome, second.instance_id) == (OutcomeKind.WAIVED, None)


def overtaken(*others: Any) -> Any:
    """What is asked for is recorded, and right behind it what `others` make of the world."""

    def answer(world: Slow, effect: Append) -> Overtaken:
        ours = world.write(effect.drafts)
        return Overtaken((*ours, *world.write(other(world) for other in others)))

    return answer


def test_that_a_start_was_not_sent_is_told_of_the_attempt_that_it_was_for():
    """A person has put another attempt in its place right behind its record."""
    name = BATCHES[0][0]
    waived = overtaken(lambda world: a_waiver(world, name))
    world = Slow(ReadPlans, Prepare)
    world.on(Append, at(Kind.STARTING, name, waived))
    world.apply(STATE, wait=False, limits=LIMITS)
    first, second = world.recorded().launches[name].attempts
    assert (first.outcome, first.starts) == (OutcomeKind.PREPARED, 0)
    assert second.outcome is OutcomeKind.WAIVED
    assert world.told(name)[-2:] == ["2 waived", "1 observed not-sent"]


def test_what_another_session_renames_right_behind_its_start_is_left_to_that_session():
    name = BATCHES[0][0]
    other = {"session": "other", "host": "sim", "pid": 99}
    renamed = overtaken(
        lambda _: Draft(Kind.OPENED, data=other),
        lambda _: Draft(Kind.RENAMED, "new", data={"from": name}),
    )
    world = Slow(ReadPlans, Prepare)
    world.on(Append, at(Kind.STARTING, name, renamed))
    report = world.apply(STATE, wait=False, limits=LIMITS)
    assert report.stop is Stop.LOST_SESSION
    assert world.told("new") == ["renamed"]
    assert world.started() == len(report.started) == 1


def test_a_batch_that_has_set_out_prepares_nothing_once_jobs_quota_is_full():
    def full(_: Slow, effect: Prepare) -> Any:
        return (Refused("quota", 1244032, full=True),) * len(effect.requests)

    world = Slow(Prepare)
    world.on(Prepare, None, full)
    world.apply(STATE, wait=False, limits=LIMITS)
    prepared = [len(item.requests) for item in world.begun(Prepare)]
    # The first, the batch that was told so, and no other one: all three were under way.
    assert prepared == [1, 2]
    assert world.started() == 1
    intended = [item.name for item in world.drafts() if item.kind is Kind.INTENDED]
    assert intended == [FIRST, *BATCHES[0]]
