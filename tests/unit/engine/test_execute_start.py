"""The rules about START: one in flight, ever."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from datetime import timedelta

import pytest

from launcher.engine.effects import (
    Append,
    Appended,
    Done,
    Overtaken,
    Prepare,
    ReadBack,
    ReadStatus,
    Refused,
    Start,
    StartAnswer,
    Unknown,
    Unsent,
)
from launcher.engine.events import Draft, Kind
from launcher.engine.observed import Status
from launcher.engine.recorded import OutcomeKind
from launcher.engine.report import Limits, Stop
from tests.support.scripted import Scripted, at_append_of, dies_after
from tests.support.simulated import Crash, a_launch, a_state

WEB = a_state(a_launch("web-deploy"))
SUSPENDED = a_state(a_launch("web-deploy", suspend=True))
FIRST = 20000000001
DAY_S = 86400.0


def newest(world, name="web-deploy"):
    return world.recorded().launches[name].newest


def overtaken(world, effect):
    """Record the append, and an event of somebody else behind it."""
    written = world.as_usual(effect)
    assert isinstance(written, Appended)
    return Overtaken((*written.events, *world.write([Draft(Kind.ANCHORED)])))


def slow(world, effect):
    world.let_pass(6)
    return world.as_usual(effect)


def a_lost_start(lag: float = DAY_S, **how):
    """A world in which JOB has taken a START and does not begin."""
    world = Scripted(lag=lag, **how)
    world.apply(WEB, wait=False)
    return world


# --- the ids of answers -----------------------------------------------------------------------


def answered_as(request_id):
    def answer(world, effect):
        (told,) = world.as_usual(effect)
        return (replace(told, request_id=request_id),)

    return answer


def answers_of(world):
    """The ids that the ledger keeps, by what was told."""
    kept = (Kind.PREPARED, Kind.OBSERVED)
    return [
        (item.data.get("start", "prepared"), item.data.get("answer"))
        for item in world.drafts()
        if item.kind in kept and "status" not in item.data
    ]


def test_the_ids_of_the_answers_to_prepare_and_start_are_recorded():
    world = Scripted().on(Prepare, answered_as("p-1")).on(Start, answered_as("s-1"))
    world.apply(WEB)
    assert answers_of(world) == [("prepared", "p-1"), ("accepted", "s-1")]


def test_the_id_of_an_answer_that_says_nothing_is_recorded_too():
    world = Scripted(lag=DAY_S).on(Start, (Unknown("HTTP 504", request_id="s-1"),))
    world.apply(WEB, wait=False)
    assert answers_of(world)[:2] == [("prepared", None), ("lost", "s-1")]


def test_of_an_answer_without_an_id_none_is_recorded():
    world = Scripted()
    world.apply(WEB)
    assert all("answer" not in item.data for item in world.drafts())


# --- the first START --------------------------------------------------------------------------


def test_a_start_whose_record_was_overtaken_is_not_sent_and_is_recorded_again():
    world = Scripted().on(Append, at_append_of(Kind.STARTING, overtaken))
    world.apply(WEB)
    assert world.told("web-deploy")[2:7] == [
        "1 verified",
        "1 starting",
        "1 observed not-sent",
        "1 verified",
        "1 starting",
    ]
    assert world.sent()[-3:] == [f"read back {FIRST}", f"read back {FIRST}", f"start {FIRST}"]


def test_a_start_whose_window_has_passed_is_not_sent_and_is_recorded_again():
    world = Scripted().on(Append, at_append_of(Kind.STARTING, slow))
    world.apply(WEB)
    assert world.told("web-deploy")[3:7] == [
        "1 starting",
        "1 observed not-sent",
        "1 verified",
        "1 starting",
    ]
    assert world.starts_of(FIRST) == 1


def test_the_window_begins_before_the_append():
    world = Scripted()
    world.apply(WEB, limits=Limits(start_window_s=5))
    asked = next(index for index, item in enumerate(world.trace) if isinstance(item, Start))
    assert [type(item).__name__ for item in world.trace[asked - 2 : asked]] == [
        "ReadClock",
        "Append",
    ]


def test_a_start_that_is_held_back_three_times_with_nothing_beside_it_is_left_prepared():
    world = Scripted().on(Start, *[(Unsent(),)] * 4)
    report = world.apply(WEB)
    assert [item.code for item in report.diagnostics] == ["L241"]
    assert (newest(world).outcome, newest(world).starts) == (OutcomeKind.PREPARED, 0)
    assert dict(report.blocked) == {"web-deploy": "not sent"}


def test_a_start_that_certainly_never_left_ends_the_run_and_counts_as_none():
    world = Scripted().on(Start, (Refused("connection refused"),))
    report = world.apply(WEB)
    assert report.stop is Stop.SERVER
    assert [item.code for item in report.diagnostics] == ["L238"]
    assert newest(world).outcome is OutcomeKind.PREPARED


def test_a_start_that_job_refuses_closes_the_attempt():
    world = Scripted().on(Start, (Refused("not allowed", 9900403),))
    world.apply(WEB)
    world.apply(WEB)
    assert world.told("web-deploy")[-1] == "1 refused start"
    assert world.sent().count(f"start {FIRST}") == 1


def test_a_server_that_knows_no_start_may_have_started_the_instance_so_it_is_no_refusal():
    def begun_at_creation(world, effect):
        world.as_usual(effect)
        return (Done(StartAnswer.NOT_KNOWN),)

    world = Scripted().on(Start, begun_at_creation)
    report = world.apply(WEB)
    assert report.stop is Stop.NOT_HELD_BACK
    assert [item.code for item in report.diagnostics] == ["L244"]
    assert newest(world).outcome is OutcomeKind.STARTING
    world.apply(WEB)
    assert world.told("web-deploy")[4] == "1 observed not-known"
    assert newest(world).outcome is OutcomeKind.SUCCEEDED
    assert world.sent().count(f"start {FIRST}") == 1


@pytest.mark.parametrize("answer", [StartAnswer.ACCEPTED, StartAnswer.ALREADY])
def test_both_answers_of_job_mean_that_it_had_started(answer):
    def answered(world, effect):
        world.as_usual(effect)
        return (Done(answer),)

    world = Scripted().on(Start, answered)
    world.apply(WEB)
    assert world.told("web-deploy")[4:] == [
        f"1 observed {answer.value}",
        "1 observed 2",
        "1 settled succeeded",
    ]


# --- another START ----------------------------------------------------------------------------


def test_a_lost_start_is_repeated_only_after_the_whole_grace():
    world = Scripted().on(Start, (Unknown("no answer"),))
    world.apply(WEB, limits=Limits(start_grace_s=120, poll_s=1, poll_max_s=10))
    first, second = (time for draft, time in world._durable if draft.kind is Kind.STARTING)
    assert 120 <= (second - first).total_seconds() <= 135
    assert newest(world).outcome is OutcomeKind.SUCCEEDED


def test_the_grace_counts_from_what_this_run_has_seen_itself():
    world = a_lost_start(lag=1000)
    world.let_pass(500)
    world.apply(WEB, limits=Limits(start_grace_s=120, poll_s=1, poll_max_s=5, wait_s=100))
    assert world.told("web-deploy").count("1 starting") == 1


def test_there_are_three_starts_at_most_and_then_the_outcome_is_unknown():
    world = Scripted(lag=DAY_S)
    report = world.apply(WEB)
    assert world.told("web-deploy").count("1 starting") == 3
    assert world.told("web-deploy")[-1] == "1 settled unknown"
    assert (newest(world).status, newest(world).outcome) == (1, OutcomeKind.UNKNOWN)
    assert report.stop is None


def test_the_limit_is_ten_minutes():
    world = Scripted(lag=DAY_S)
    world.apply(WEB)
    starting, unknown = (
        next(time for draft, time in world._durable if draft.kind is kind)
        for kind in (Kind.STARTING, Kind.SETTLED)
    )
    assert 600 <= (unknown - starting).total_seconds() <= 640


@pytest.mark.parametrize(
    "desired",
    [
        SUSPENDED,
        a_state(),
        a_state(
            a_launch("db-migrate"),
            a_launch("web-deploy", needs=["db-migrate"]),
        ),
    ],
    ids=["suspended", "no longer declared", "a need is not in sync"],
)
def test_nothing_is_started_again_while_something_holds_it(desired):
    world = a_lost_start()
    world.on(Start, *[(Unknown("no answer"),)] * 5)
    world.apply(desired, limits=Limits(wait_s=500, poll_s=1, start_limit_s=9999))
    assert world.told("web-deploy").count("1 starting") == 1


def test_a_start_that_may_be_on_its_way_holds_back_a_changed_launch():
    world = a_lost_start()
    report = world.apply(a_state(a_launch("web-deploy", "2")))
    assert report.stop is None
    assert world.told("web-deploy").count("1 starting") == 1
    assert world.sent().count("prepare web-deploy") == 1


def test_an_instance_of_another_name_is_not_started_again():
    def renamed(world, effect):
        world.on(ReadStatus, renamed)
        return tuple(Done(replace(item.value, name="Other")) for item in world.as_usual(effect))

    world = a_lost_start()
    world.on(ReadStatus, renamed)
    world.apply(WEB)
    assert world.told("web-deploy") == [
        "1 intended",
        "1 prepared",
        "1 verified",
        "1 starting",
        "1 observed accepted",
        "1 settled unknown",
    ]


# --- status 9 ---------------------------------------------------------------------------------


def ending_with_9(world):
    for item in world.instances.values():
        item.ending = Status.ABNORMAL


def test_status_9_after_one_start_that_was_answered_is_a_failure():
    world = Scripted(lag=5)
    world.apply(WEB, wait=False)
    ending_with_9(world)
    world.apply(WEB)
    assert newest(world).outcome is OutcomeKind.FAILED


def test_status_9_after_a_start_whose_answer_was_lost_is_unknown():
    def lost(world, effect):
        world.as_usual(effect)
        ending_with_9(world)
        return (Unknown("no answer"),)

    world = Scripted().on(Start, lost)
    world.apply(WEB)
    assert newest(world).outcome is OutcomeKind.UNKNOWN


def test_status_9_after_two_starts_is_unknown():
    world = Scripted().on(Start, (Unknown("no answer"),))
    world.apply(WEB, wait=False, limits=Limits(wait_s=130, poll_s=1, poll_max_s=5))
    ending_with_9(world)
    world.apply(WEB)
    assert (newest(world).starts, newest(world).outcome) == (2, OutcomeKind.UNKNOWN)


# --- what was prepared ------------------------------------------------------------------------


def seen_as(**changes):
    def answer(world, effect):
        return tuple(
            Done(replace(item.value, status=replace(item.value.status, **changes)))
            for item in world.as_usual(effect)
        )

    return answer


def test_an_instance_of_another_name_is_refused():
    world = Scripted().on(ReadBack, seen_as(name="Other"))
    world.apply(WEB)
    assert world.told("web-deploy") == ["1 intended", "1 prepared", "1 refused verify"]


def test_an_instance_that_was_created_outside_its_prepare_is_refused():
    def early(world, effect):
        return seen_as(created=world.now - timedelta(seconds=200))(world, effect)

    world = Scripted().on(ReadBack, early)
    world.apply(WEB)
    assert world.told("web-deploy") == ["1 intended", "1 prepared", "1 refused verify"]


def test_a_prepared_instance_that_a_person_started_counts_as_started():
    world = Scripted().on(Append, at_append_of(Kind.PREPARED, dies_after))
    with suppress(Crash):
        world.apply(WEB)
    world.instances[FIRST].starts_queued.append(world.now)
    report = world.apply(WEB)
    assert world.told("web-deploy") == [
        "1 intended",
        "1 prepared",
        "1 starting by other",
        "1 observed already 2",
        "1 settled succeeded",
    ]
    assert [item.code for item in report.diagnostics] == ["L240"]


def test_what_cannot_be_read_back_is_left_prepared():
    world = Scripted().on(ReadBack, (Unknown("no answer"),))
    report = world.apply(WEB)
    assert dict(report.blocked) == {"web-deploy": "not verified"}
    assert world.told("web-deploy") == ["1 intended", "1 prepared"]
