"""Each row of what is true after a death or a lost answer, and each rule about START, by its own words."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise

import pytest

from launcher.engine.effects import (
    Append,
    Appended,
    Done,
    Overtaken,
    Prepare,
    ReadBack,
    ReadClock,
    ReadStatus,
    Refused,
    Start,
    StartAnswer,
    Unknown,
)
from launcher.engine.events import Draft, Kind
from launcher.engine.observed import Status
from launcher.engine.recorded import OutcomeKind
from launcher.engine.report import Limits, Stop
from tests.support.scripted import Scripted, at_append_of, dies_after, dies_before
from tests.support.simulated import Crash, a_launch, a_state

WEB = a_state(a_launch("web-deploy"))
CHANGED = a_state(a_launch("web-deploy", "2"))
SUSPENDED = a_state(a_launch("web-deploy", suspend=True))
FIRST = 20000000001
TAKEOVER = Draft(Kind.OPENED, data={"session": "other", "host": "there", "pid": 1})
LOST = (Unknown("no answer"),)


def newest(world):
    return world.recorded().launches["web-deploy"].newest


def dies(world):
    with suppress(Crash):
        world.apply(WEB)
    return world


def starts(world):
    return [item for item in world.sent() if item.startswith("start")]


# --- the crash table --------------------------------------------------------------------------


def at(kind, death):
    return lambda: dies(Scripted().on(Append, at_append_of(kind, death)))


def lost_answer(*, took_hold):
    def prepare(world, effect):
        if took_hold:
            world.as_usual(effect)
        return LOST

    def build():
        world = Scripted().on(Prepare, prepare).on(ReadClock, None)
        world.on(Append, None, None, dies_before)
        return dies(world)

    return build


def started_and_lost(*, took_hold):
    def start(world, effect):
        if took_hold:
            world.as_usual(effect)
        raise Crash

    return lambda: dies(Scripted().on(Start, start))


def running():
    world = Scripted(runs_for=60)
    world.apply(WEB, wait=False)
    return world


def gone(build):
    def built():
        world = build()
        world.instances[FIRST].gone = True
        return world

    return built


# What is true then, as: instances, how often each begins, STARTs sent in all, the outcome.
ROWS = {
    "before 2 left: nothing ran, it is prepared": (
        lambda: dies(Scripted().on(Prepare, dies_before)),
        ([1], 1, OutcomeKind.SUCCEEDED),
    ),
    "before the intention is durable: nothing ran": (
        at(Kind.INTENDED, dies_before),
        ([1], 1, OutcomeKind.SUCCEEDED),
    ),
    "after 2 left, nothing was created: another prepare": (
        lost_answer(took_hold=False),
        ([1], 1, OutcomeKind.SUCCEEDED),
    ),
    "after 2 left, an instance was created: it is adopted": (
        lost_answer(took_hold=True),
        ([1], 1, OutcomeKind.SUCCEEDED),
    ),
    "after 2 was answered, before 3 is durable: it is adopted": (
        at(Kind.PREPARED, dies_before),
        ([1], 1, OutcomeKind.SUCCEEDED),
    ),
    "after 3, before 5 is durable: it is verified and started": (
        at(Kind.STARTING, dies_before),
        ([1], 1, OutcomeKind.SUCCEEDED),
    ),
    "after 5 is durable, START left: it is polled": (
        started_and_lost(took_hold=True),
        ([1], 1, OutcomeKind.SUCCEEDED),
    ),
    "after 5 is durable, START never left: another one after the grace": (
        started_and_lost(took_hold=False),
        ([1], 1, OutcomeKind.SUCCEEDED),
    ),
    "running: watching is resumed": (running, ([1], 1, OutcomeKind.SUCCEEDED)),
    "not found, no starting on record: it is prepared anew": (
        gone(at(Kind.PREPARED, dies_after)),
        ([0, 1], 1, OutcomeKind.SUCCEEDED),
    ),
    "not found, starting on record: unknown, and never launched anew": (
        gone(running),
        ([1], 1, OutcomeKind.UNKNOWN),
    ),
}


@pytest.mark.parametrize(("build", "expected"), ROWS.values(), ids=ROWS)
def test_row(build, expected):
    world = build()
    for _ in range(3):
        world.apply(WEB)
    begun = [item.begun for item in world.instances.values()]
    sent = sum(len(item.sent_at) for item in world.instances.values())
    assert (begun, sent, newest(world).outcome) == expected


def test_row_after_three_prepares_without_an_id_it_is_unknown():
    world = Scripted().on(Prepare, LOST, LOST, LOST)
    for _ in range(3):
        world.apply(WEB)
    assert (newest(world).outcome, world.instances) == (OutcomeKind.UNKNOWN, {})


# --- START: the first one ---------------------------------------------------------------------


def overtaken(world, effect):
    written = world.as_usual(effect)
    assert isinstance(written, Appended)
    return Overtaken((*written.events, *world.write([Draft(Kind.ANCHORED)])))


def stopped_for_a_while(*, then):
    """The process is stopped with the request in its hand, and goes on later."""

    def answer(world, effect):
        world.let_pass(600)
        world.write(then)
        return world.as_usual(effect)

    return answer


NOT_SENT = {
    "the record of it is not the head": (Append, at_append_of(Kind.STARTING, overtaken), 1),
    "its window is over": (Start, stopped_for_a_while(then=[]), 1),
    "its window is over and another session is at work": (
        Start,
        stopped_for_a_while(then=[TAKEOVER]),
        0,
    ),
    "another session took over before its record": (
        Append,
        at_append_of(Kind.STARTING, stopped_for_a_while(then=[TAKEOVER])),
        0,
    ),
}


@pytest.mark.parametrize(("kind", "answer", "later"), NOT_SENT.values(), ids=NOT_SENT)
def test_start_is_not_sent_where(kind, answer, later):
    world = Scripted().on(kind, answer)
    world.apply(WEB)
    sent = world.instances[FIRST].sent_at
    assert len(sent) == later
    # What goes out later rests on a record of its own.
    records = [time for draft, time in world._durable if draft.kind is Kind.STARTING]
    assert all(len([time for time in records if time < at]) == 2 for at in sent)


@pytest.mark.parametrize("kind", [Kind.INTENDED, Kind.PREPARED, Kind.STARTING], ids=str)
def test_a_process_that_was_stopped_finds_its_session_gone_and_sends_nothing(kind):
    late = at_append_of(kind, stopped_for_a_while(then=[TAKEOVER]))
    world = Scripted().on(Append, late)
    report = world.apply(WEB)
    assert (report.stop, starts(world)) == (Stop.LOST_SESSION, [])


def test_a_clock_that_jumps_between_the_record_and_the_request_holds_the_start_back():
    def jumps(world, effect):
        answer = world.as_usual(effect)
        world.monotonic_s += 6
        return answer

    world = Scripted().on(Append, at_append_of(Kind.STARTING, jumps))
    world.apply(WEB)
    assert world.told("web-deploy")[3:6] == ["1 starting", "1 observed not-sent", "1 verified"]
    assert world.starts_of(FIRST) == 1


def test_a_wall_clock_that_jumps_does_not_hold_the_start_back():
    def jumps(world, effect):
        answer = world.as_usual(effect)
        world.now += timedelta(days=1)
        return answer

    world = Scripted().on(Append, at_append_of(Kind.STARTING, jumps))
    world.apply(WEB)
    assert len(world.durable(Kind.STARTING)) == 1
    assert world.starts_of(FIRST) == 1


def seen_as(**changes):
    def answer(world, effect):
        return tuple(
            Done(replace(item.value, status=replace(item.value.status, **changes)))
            for item in world.as_usual(effect)
        )

    return answer


FOREIGN = {
    "its name is not the job plan's": seen_as(name="Other"),
    "it was created before the prepare": seen_as(created=newest(running()).intended_at
                                                 - timedelta(hours=1)),
    "it was created after the prepare": seen_as(created=newest(running()).intended_at
                                                + timedelta(hours=1)),
}  # fmt: skip


@pytest.mark.parametrize("answer", FOREIGN.values(), ids=FOREIGN)
def test_start_is_not_sent_to_an_instance_that_cannot_be_ours(answer):
    world = Scripted().on(ReadBack, answer)
    world.apply(WEB)
    assert (world.told("web-deploy")[-1], starts(world)) == ("1 refused verify", [])


# --- START: another one -----------------------------------------------------------------------


def a_lost_start():
    world = Scripted(lag=1e6)
    world.apply(WEB, wait=False)
    return world


LONG = Limits(poll_s=1, poll_max_s=5, start_limit_s=9999, wait_s=900)
HELD = {
    "suspended": SUSPENDED,
    "of another content now": CHANGED,
    "no longer declared": a_state(),
    "its need is not in sync": a_state(
        a_launch("web-deploy", needs=["db-migrate"]), a_launch("db-migrate", "9", suspend=True)
    ),
}


@pytest.mark.parametrize("state", HELD.values(), ids=HELD)
def test_no_second_start_for_what_is(state):
    world = a_lost_start()
    world.apply(state, limits=LONG)
    assert world.starts_of(FIRST) == 1


def test_a_second_start_needs_the_whole_grace_on_this_runs_own_clock():
    world = a_lost_start()
    world.let_pass(500)
    world.apply(WEB, limits=replace(LONG, wait_s=60))
    assert world.starts_of(FIRST) == 1
    world.apply(WEB, limits=replace(LONG, wait_s=200))
    assert world.starts_of(FIRST) == 2


def test_a_wall_clock_that_jumps_does_not_shorten_the_grace():
    def jumps(world, effect):
        world.now += timedelta(hours=1)
        return world.as_usual(effect)

    world = a_lost_start()
    world.on(ReadStatus, None, None, jumps)
    world.apply(WEB, limits=replace(LONG, wait_s=60))
    assert world.starts_of(FIRST) == 1


def test_the_grace_begins_anew_with_every_start():
    world = a_lost_start()
    world.apply(WEB, limits=replace(LONG, start_grace_s=100))
    sent = world.instances[FIRST].sent_at
    assert all((b - a).total_seconds() >= 100 for a, b in pairwise(sent[1:]))
    assert len(sent) == 3


def test_there_are_never_more_than_three():
    world = a_lost_start()
    for _ in range(4):
        world.apply(WEB, limits=LONG)
    assert world.starts_of(FIRST) == 3


def test_after_the_limit_at_status_1_it_is_unknown():
    world = a_lost_start()
    world.apply(WEB)
    assert newest(world).outcome is OutcomeKind.UNKNOWN


def test_a_run_that_lost_its_session_sends_no_second_start():
    world = a_lost_start()

    def taken(now, effect):
        now.write([TAKEOVER])
        return now.as_usual(effect)

    world.on(ReadStatus, None, None, taken)
    world.apply(WEB, limits=LONG)
    assert world.starts_of(FIRST) == 1


# --- what the answers mean --------------------------------------------------------------------

ANSWERS = {
    "taken": (Done(StartAnswer.ACCEPTED), "accepted", True),
    "had started before (1241015)": (Done(StartAnswer.ALREADY), "already", True),
    "lost, or 1240002": (Unknown("no answer", 1240002), "lost", False),
}


@pytest.mark.parametrize(("answer", "word", "answered"), ANSWERS.values(), ids=ANSWERS)
def test_an_answer_to_start_that_is(answer, word, answered):
    def start(world, effect):
        world.as_usual(effect)
        return (answer,)

    world = Scripted().on(Start, start)
    world.apply(WEB)
    assert f"1 observed {word}" in world.told("web-deploy")
    assert (newest(world).start_answered, newest(world).outcome) == (
        answered,
        OutcomeKind.SUCCEEDED,
    )


NINE = {
    "after one START that was answered: failed": (Done(StartAnswer.ACCEPTED), OutcomeKind.FAILED),
    "after a START whose answer was lost: unknown": (Unknown("lost"), OutcomeKind.UNKNOWN),
}


@pytest.mark.parametrize(("answer", "outcome"), NINE.values(), ids=NINE)
def test_status_9(answer, outcome):
    def start(world, effect):
        world.as_usual(effect)
        world.instances[FIRST].ending = Status.ABNORMAL
        return (answer,)

    world = Scripted().on(Start, start)
    world.apply(WEB)
    assert newest(world).outcome is outcome


NOTHING_WAS_STORED = {
    "a quota is full": Refused("quota", 1244032, full=True),
    "the connection was refused": Refused("connection refused"),
}


@pytest.mark.parametrize("answer", NOTHING_WAS_STORED.values(), ids=NOTHING_WAS_STORED)
def test_a_prepare_is_repeated_where(answer):
    world = Scripted().on(Prepare, (answer,))
    world.apply(WEB)
    world.apply(WEB)
    assert newest(world).outcome is OutcomeKind.SUCCEEDED
    assert newest(world).number == 1
