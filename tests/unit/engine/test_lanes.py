"""Batches side by side: what one of them learns while another waits for JOB."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from launcher.engine.effects import (
    Append,
    Await,
    Begin,
    HeadMoved,
    Moment,
    NoAnswer,
    Overtaken,
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
from launcher.engine.observed import Status
from launcher.engine.recorded import OutcomeKind
from launcher.engine.report import Limits, Stop
from tests.support.scripted import Scripted
from tests.support.simulated import a_launch, a_state

if TYPE_CHECKING:
    from collections.abc import Sequence

    from launcher.engine.effects import Effect

NAMES = tuple(f"a{number}" for number in range(7))
STATE = a_state(*(a_launch(name, name) for name in NAMES))
FIRST, BATCHES = NAMES[0], (NAMES[1:3], NAMES[3:5], NAMES[5:])
LIMITS = Limits(parallelism=1, poll_s=1)


class Slow(Scripted):
    """A world in which nothing takes hold before it is awaited, and a test says what is answered first.

    Attributes:
        order: kinds of calls; those that come first here are answered first.
        asked: every effect, also those that are about calls under way.
        most: how many calls were under way at the same time, at most.
    """

    def __init__(self, *order: type, older: bool = False) -> None:
        super().__init__(older=older)
        self.order = order
        self.asked: list[Effect] = []
        self.most = 0

    def is_prompt(self) -> bool:
        return False

    def which(self, tickets: Sequence[int]) -> int:
        under_way = self._begun[self._session]
        self.most = max(self.most, len(under_way))

        def rank(ticket: int) -> int:
            kind = type(under_way[ticket].call)
            return self.order.index(kind) if kind in self.order else len(self.order)

        return min(tickets, key=rank)

    def perform(self, effect: Effect) -> Any:
        self.asked.append(effect)
        return super().perform(effect)

    def begun(self, kind: type) -> list[Any]:
        """Calls of that kind that were begun, in order."""
        return [
            item.call
            for item in self.asked
            if isinstance(item, Begin) and isinstance(item.call, kind)
        ]

    def started(self) -> int:
        """How many instances JOB was asked to start."""
        return sum(len(item.sent_at) for item in self.instances.values())


def tells(effect: Any, kind: Kind, name: str) -> bool:
    return isinstance(effect, Append) and any(
        item.kind is kind and item.name == name for item in effect.drafts
    )


def at(kind: Kind, name: str, then: Any) -> Any:
    """Do `then` at the append that tells `kind` of the launch `name`."""

    def answer(world: Slow, effect: Append) -> Any:
        if tells(effect, kind, name):
            return then(world, effect)
        world.on(Append, answer)
        return world.as_usual(effect)

    return answer


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
