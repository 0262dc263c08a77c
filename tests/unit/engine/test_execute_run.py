"""A run as a whole: order by needs, archiving, superseding, waiting or not, interruption."""

from __future__ import annotations

from contextlib import suppress
from itertools import pairwise

from launcher.engine.effects import (
    Append,
    Moment,
    Prepare,
    ReadClock,
    ReadStatus,
    Refused,
    Start,
    Unknown,
    Wait,
)
from launcher.engine.events import Kind
from launcher.engine.observed import Status
from launcher.engine.recorded import OutcomeKind
from launcher.engine.report import Limits, Stop
from tests.support.scripted import Scripted, at_append_of, dies_after, dies_before
from tests.support.simulated import Crash, a_launch, a_state

WEB = a_state(a_launch("web-deploy"))
CHAIN = a_state(
    a_launch("db-migrate"),
    a_launch("smoke-test", needs=["web-deploy"]),
    a_launch("web-deploy", needs=["db-migrate"]),
)
FIRST = 20000000001


def outcome(world, name="web-deploy"):
    return world.recorded().launches[name].newest.outcome


def archived(world):
    return [name for name, item in world.recorded().launches.items() if item.archived]


def a_prepared_launch(state=WEB):
    """A world in which the run died with an instance prepared."""
    world = Scripted().on(Append, at_append_of(Kind.STARTING, dies_before))
    with suppress(Crash):
        world.apply(state)
    return world


# --- needs ------------------------------------------------------------------------------------


def test_what_needs_another_launch_is_prepared_after_that_has_succeeded():
    world = Scripted()
    world.apply(CHAIN)
    told = world.told()
    assert told.index("web-deploy 1 intended") > told.index("db-migrate 1 settled succeeded")
    assert told.index("smoke-test 1 intended") > told.index("web-deploy 1 settled succeeded")


def test_a_failure_blocks_what_needs_it_and_nothing_else():
    world = Scripted()

    def fails(now, effect):
        answer = now.as_usual(effect)
        now.instances[FIRST].ending = Status.FAIL
        return answer

    state = a_state(*CHAIN.launches.values(), a_launch("report"))
    report = world.on(Prepare, fails).apply(state)
    assert dict(report.blocked) == {"smoke-test": "web-deploy", "web-deploy": "db-migrate"}
    assert (outcome(world, "db-migrate"), outcome(world, "report")) == (
        OutcomeKind.FAILED,
        OutcomeKind.SUCCEEDED,
    )
    assert report.stop is None


def test_two_launches_that_need_the_same_failing_one_are_both_blocked_by_it():
    world = Scripted().on(Prepare, (Refused("host unknown", 1244030),))
    report = world.apply(
        a_state(a_launch("a"), a_launch("b", needs=["a"]), a_launch("c", needs=["a"]))
    )
    assert dict(report.blocked) == {"b": "a", "c": "a"}


def test_a_job_that_waits_for_a_person_holds_only_what_needs_it():
    world = Scripted(runs_for=1e6)
    world.on(ReadStatus, *[waiting] * 50)
    state = a_state(
        a_launch("a"), a_launch("b", needs=["a"]), a_launch("c"), a_launch("d", needs=["c"])
    )
    report = world.apply(state, limits=Limits(wait_s=200, poll_s=1))
    assert outcome(world, "a") is OutcomeKind.WAITING
    assert outcome(world, "d") is OutcomeKind.SUCCEEDED
    assert (report.stop, dict(report.blocked)) == (Stop.WAITED, {"b": "a"})


def waiting(world, effect):
    for item in world.instances.values():
        if "/a/" in str(item.marker):
            item.status = Status.WAITING_USER
        elif item.started is not None and item.status == Status.RUNNING:
            item.duration = world.now - item.started
    return world.as_usual(effect)


# --- gone and back in sync --------------------------------------------------------------------


def test_a_launch_that_is_no_longer_declared_is_archived_and_nothing_is_undone():
    world = Scripted()
    world.apply(WEB)
    world.apply(a_state())
    assert world.told("web-deploy")[-1] == "1 archived"
    assert outcome(world) is OutcomeKind.SUCCEEDED


def test_an_unstarted_launch_that_is_no_longer_declared_is_superseded_first():
    world = a_prepared_launch()
    world.apply(a_state())
    assert world.told("web-deploy") == [
        "1 intended",
        "1 prepared",
        "1 superseded",
        "1 archived",
    ]


def test_a_running_launch_that_is_no_longer_declared_is_observed_to_its_end_and_then_archived():
    world = Scripted(runs_for=30)
    world.apply(WEB, wait=False)
    world.apply(a_state())
    assert world.told("web-deploy")[-2:] == ["1 settled succeeded", "1 archived"]


def test_a_running_launch_that_is_no_longer_declared_is_not_archived_by_a_run_that_does_not_wait():
    world = Scripted(runs_for=300)
    world.apply(WEB, wait=False)
    world.apply(a_state(), wait=False)
    assert archived(world) == []


def test_an_unknown_launch_that_is_no_longer_declared_is_not_archived():
    world = Scripted().on(Prepare, *[(Unknown("no answer"),)] * 3)
    world.apply(WEB)
    world.apply(a_state())
    assert archived(world) == []


def test_a_prepared_launch_that_somebody_started_is_not_superseded_with_its_declaration():
    world = a_prepared_launch()
    world.instances[FIRST].starts_queued.append(world.now)
    world.apply(a_state())
    assert world.told("web-deploy")[2:] == [
        "1 starting by other",
        "1 observed already 2",
        "1 settled succeeded",
        "1 archived",
    ]


def test_an_unstarted_change_that_is_taken_back_is_superseded():
    world = Scripted()
    world.apply(WEB)
    world.on(Append, at_append_of(Kind.STARTING, dies_before))
    with suppress(Crash):
        world.apply(a_state(a_launch("web-deploy", "2")))
    world.apply(WEB)
    assert world.told("web-deploy")[-3:] == ["2 intended", "2 prepared", "2 superseded"]
    assert [item.begun for item in world.instances.values()] == [1, 0]


def test_an_unstarted_launch_gives_way_to_a_changed_one():
    world = a_prepared_launch()
    world.apply(a_state(a_launch("web-deploy", "2")))
    assert world.told("web-deploy")[2:5] == ["1 superseded", "2 intended", "2 prepared"]
    assert [item.begun for item in world.instances.values()] == [0, 1]


def test_a_launch_that_another_one_looks_renamed_from_is_not_archived():
    world = Scripted()
    world.apply(a_state(a_launch("web-release")))
    world.apply(WEB)
    world.apply(WEB)
    assert archived(world) == []
    assert world.sent().count("prepare web-deploy") == 0


# --- waiting and stopping ---------------------------------------------------------------------


def test_without_waiting_a_run_ends_once_everything_was_started():
    world = Scripted(runs_for=600)
    report = world.apply(a_state(a_launch("a"), a_launch("b")), wait=False)
    assert (report.stop, dict(report.blocked), report.started) == (None, {}, ("a", "b"))
    assert not [item for item in world.trace if isinstance(item, ReadStatus)]


def test_without_waiting_a_lost_start_is_still_seen_through():
    def lost(now, effect):
        now.as_usual(effect)
        return (Unknown("no answer"),)

    world = Scripted(runs_for=600).on(Start, lost)
    world.apply(WEB, wait=False)
    assert outcome(world) is OutcomeKind.RUNNING
    assert world.starts_of(FIRST) == 1


def test_without_waiting_what_needs_a_running_launch_is_named():
    report = Scripted(runs_for=600).apply(CHAIN, wait=False)
    assert dict(report.blocked) == {"smoke-test": "web-deploy", "web-deploy": "db-migrate"}


def test_the_end_of_the_wait_leaves_jobs_to_themselves():
    world = Scripted(runs_for=7200)
    report = world.apply(WEB)
    assert (report.stop, outcome(world)) == (Stop.WAITED, OutcomeKind.RUNNING)


def stop_asked(world, _effect):
    return Moment(world.now, world.monotonic_s, stop=True)


def test_an_interruption_before_anything_was_sent_sends_nothing_and_closes_the_session():
    world = Scripted().on(ReadClock, stop_asked)
    report = world.apply(WEB)
    assert (report.stop, world.sent(), dict(report.blocked)) == (
        Stop.INTERRUPTED,
        [],
        {"web-deploy": "not reached"},
    )
    assert world.recorded().session is None


def test_an_interruption_while_jobs_run_saves_the_record_and_the_next_run_goes_on():
    world = Scripted(runs_for=60)

    def stop_asked_at_a_look(world, effect):
        if isinstance(world.trace[-2], ReadStatus):
            return stop_asked(world, effect)
        world.on(ReadClock, stop_asked_at_a_look)
        return world.as_usual(effect)

    world.on(ReadClock, stop_asked_at_a_look)
    report = world.apply(WEB)
    assert (report.stop, outcome(world)) == (Stop.INTERRUPTED, OutcomeKind.RUNNING)
    assert world.recorded().session is None
    world.apply(WEB)
    assert (outcome(world), world.starts_of(FIRST)) == (OutcomeKind.SUCCEEDED, 1)


def test_an_instance_that_cannot_be_read_for_the_whole_wait_ends_the_run_and_not_the_attempt():
    world = Scripted().on(ReadStatus, *[(Unknown("no answer"),)] * 500)
    report = world.apply(WEB, limits=Limits(wait_s=300))
    assert (report.stop, outcome(world)) == (Stop.WAITED, OutcomeKind.STARTING)


def test_the_pause_grows_while_nothing_moves_and_is_bounded():
    world = Scripted(runs_for=400)
    world.apply(WEB, limits=Limits(poll_s=2, poll_max_s=30))
    pauses = [item.seconds for item in world.trace if isinstance(item, Wait)]
    assert pauses[:2] == [2, 2]
    assert all(2 <= pause <= 30 for pause in pauses)
    assert [before < after for before, after in pairwise(pauses[1:7])] == [True] * 5
    assert max(pauses) > 24


def test_a_batch_is_at_most_twice_the_parallelism():
    world = Scripted()
    world.apply(a_state(*(a_launch(name) for name in "abcdefg")), parallelism=2)
    sizes = [len(item.requests) for item in world.trace if isinstance(item, Prepare)]
    assert sizes == [1, 4, 2]


def test_what_was_observed_is_recorded_before_anything_else():
    world = Scripted(runs_for=5)
    world.apply(WEB, wait=False)
    world.let_pass(60)
    world.apply(WEB)
    kinds = [item.kind for item in world.drafts()]
    opened = len(kinds) - 1 - kinds[::-1].index(Kind.OPENED)
    assert kinds[opened:] == [Kind.OPENED, Kind.SETTLED, Kind.CLOSED]


def test_a_death_after_every_single_effect_ends_in_one_run():
    whole = Scripted()
    whole.apply(WEB)
    for fuse in range(1, whole.effects + 1):
        for late in (False, True):
            world = Scripted()
            world.fuse, world.late = fuse, late
            with suppress(Crash):
                world.apply(WEB)
            world.heal()
            world.apply(WEB)
            world.apply(WEB)
            began = sum(item.begun for item in world.instances.values())
            assert (fuse, late, began, outcome(world)) == (fuse, late, 1, OutcomeKind.SUCCEEDED)


def test_dies_after_is_a_death():  # the scripts above rest on it
    world = Scripted().on(Prepare, dies_after)
    with suppress(Crash):
        world.apply(WEB)
    assert len(world.instances) == 1
