"""How long a run waits, how often it looks, and what it tells meanwhile."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from itertools import pairwise

import pytest

from launcher.engine.effects import (
    Append,
    Done,
    HeadMoved,
    Operate,
    Overtaken,
    Prepare,
    ReadStatus,
    Refused,
    Start,
    Unknown,
    Unsent,
    Wait,
)
from launcher.engine.events import CLAIMS, Draft, Kind
from launcher.engine.execute import execute
from launcher.engine.observed import Status, StepStatus
from launcher.engine.recorded import OperationKind, OutcomeKind
from launcher.engine.report import Limits, Stop
from launcher.engine.schedule import Schedule
from tests.support.scripted import Scripted, at_append_of
from tests.support.simulated import a_launch, a_state

FIRST = 20000000001
WEB = a_state(a_launch("web-deploy"))


def waiting(name="web-deploy", version="1", **policy):
    launch = a_launch(name, version)
    return replace(launch, policy=replace(launch.policy, **policy))


def newest(world, name="web-deploy"):
    return world.recorded().launches[name].newest


def codes(report):
    return [item.code for item in report.diagnostics]


def looks(world):
    return [item for item in world.trace if isinstance(item, ReadStatus)]


def seen_at(status, *, kind="script", step=None):
    """JOB tells of every instance that it stands at `status`."""

    def answer(world, effect):
        world.on(ReadStatus, answer)
        steps = (StepStatus(7, "step", kind, status if step is None else step),)
        return tuple(
            Done(replace(item.value, status=status, steps=steps)) for item in world.as_usual(effect)
        )

    return answer


# --- a job's time is up -----------------------------------------------------------------------


def test_detach_leaves_the_job_to_itself_and_the_others_go_on():
    world = Scripted(runs_for=1000)

    def quick(now, effect):
        answer = now.as_usual(effect)
        now.instances[FIRST].duration = now.instances[FIRST].duration * 0
        return answer

    slow = waiting("b", "2", wait_timeout_s=60)
    state = a_state(a_launch("a"), slow, a_launch("c", "3", needs=["b"]), a_launch("d", "4"))
    report = world.on(Prepare, quick).apply(state)
    assert [newest(world, name).outcome for name in "abd"] == [
        OutcomeKind.SUCCEEDED,
        OutcomeKind.RUNNING,
        OutcomeKind.SUCCEEDED,
    ]
    assert (report.stop, dict(report.blocked)) == (Stop.WAITED, {"c": "b"})
    assert [(item.code, item.facts["name"]) for item in report.diagnostics] == [("L274", "b")]
    assert report.diagnostics[0].facts["waited"].startswith("1m")
    assert not [item for item in world.trace if isinstance(item, Operate)]


def test_the_wait_counts_from_the_start_and_a_later_run_looks_once():
    world = Scripted(runs_for=1000)
    state = a_state(waiting(wait_timeout_s=60))
    world.apply(state, wait=False)
    world.let_pass(20)
    # Seen to run, so that it is the job that is waited for.
    world.apply(state, limits=Limits(poll_s=1))
    before = len(looks(world))
    world.let_pass(100)
    report = world.apply(state)
    assert (report.stop, len(looks(world)) - before) == (Stop.WAITED, 1)


def test_a_job_that_somebody_has_carried_on_with_is_waited_for_anew():
    world = Scripted(runs_for=1)
    world.apply(ENDING)
    failed = newest(world)
    data = {"outcome": "failed", "status": Status.FAIL, "finished": world.now.isoformat()}
    world.write([Draft(Kind.SETTLED, "web-deploy", failed.key, 1, data)])
    world.let_pass(9999)
    (instance,) = world.instances.values()
    instance.status, instance.ending, instance.ended = Status.RUNNING, Status.SUCCESS, None
    instance.started, instance.duration = world.now, timedelta(seconds=30)
    world.apply(ENDING)
    assert (newest(world).outcome, len(newest(world).endings)) == (OutcomeKind.SUCCEEDED, 2)
    assert not [item for item in world.trace if isinstance(item, Operate)]


def test_a_job_that_has_not_begun_is_waited_for_by_the_rules_of_start():
    world = Scripted(lag=200, runs_for=1)
    world.apply(a_state(waiting(wait_timeout_s=10)), limits=Limits(poll_s=1, start_grace_s=500))
    assert newest(world).starts == 1
    assert newest(world).outcome in (OutcomeKind.SUCCEEDED, OutcomeKind.RUNNING)


def ended(world, effect):
    for item in effect.requests:
        instance = world.instances[item.instance.id]
        instance.duration, instance.ending = world.now - instance.started, Status.STOP_SUCCESS
    return (Done(None),) * len(effect.requests)


ENDING = a_state(waiting(wait_timeout_s=60, on_timeout="terminate"))


def test_terminate_is_recorded_before_it_is_sent_and_sent_once():
    world = Scripted(runs_for=1e6).on(Operate, ended)
    report = world.apply(ENDING)
    asked = [item for item in world.trace if isinstance(item, Operate)]
    assert [item.requests[0].kind for item in asked] == [OperationKind.TERMINATE]
    before = world.trace[world.trace.index(asked[0]) - 1]
    assert isinstance(before, Append)
    assert [item.kind for item in before.drafts] == [Kind.OPERATING]
    assert before.drafts[0].data["timeout"] == "1m"
    assert (newest(world).outcome, newest(world).operation) == (OutcomeKind.CANCELLED, None)
    assert (codes(report), report.stop) == (["L275"], None)


@pytest.mark.parametrize("answer", [Done(None), Unknown("no answer"), Refused("no", 1241003)])
def test_terminate_is_never_sent_twice_by_one_run(answer):
    world = Scripted(runs_for=1e6).on(Operate, (answer,))
    report = world.apply(ENDING)
    assert len([item for item in world.trace if isinstance(item, Operate)]) == 1
    assert (report.stop, newest(world).outcome) == (Stop.WAITED, OutcomeKind.RUNNING)
    assert (newest(world).operation is None) is isinstance(answer, Refused)


def punctual(world, effect):
    """JOB ends what it is asked to end, if it is asked in time."""
    answers = world.as_usual(effect)
    if Unsent() in answers:
        world.on(Operate, punctual)
        return answers
    return ended(world, effect)


def at_slow_appends(times):
    """So many times in a row the record of a terminate takes longer than its window."""

    def slow(world, effect):
        answer = world.as_usual(effect)
        world.let_pass(5.5)
        if times > 1:
            world.on(Append, at_append_of(Kind.OPERATING, at_slow_appends(times - 1)))
        return answer

    return slow


def test_an_end_that_cannot_be_sent_in_time_is_recorded_as_unsent_and_tried_again():
    world = Scripted(runs_for=1e6).on(Operate, punctual)
    world.on(Append, at_append_of(Kind.OPERATING, at_slow_appends(1)))

    report = world.apply(ENDING)

    words = [item.data["operation"] for item in world.drafts() if "operation" in item.data]
    assert words[:3] == ["terminate", "not-sent", "terminate"]
    assert newest(world).outcome is OutcomeKind.CANCELLED
    assert codes(report) == ["L275"]


def test_an_end_that_is_never_in_time_is_given_up_and_said():
    world = Scripted(runs_for=1e6).on(Operate, punctual)
    world.on(Append, at_append_of(Kind.OPERATING, at_slow_appends(9)))

    report = world.apply(ENDING)

    assert len(world.durable(Kind.OPERATING)) == 3
    assert (codes(report), report.stop) == (["L630", "L274"], Stop.WAITED)
    assert (newest(world).operation, newest(world).outcome) == (None, OutcomeKind.RUNNING)
    assert newest(world).unsent is not None


def test_an_end_whose_record_is_not_the_head_is_not_sent_on_it():
    def behind(world, effect):
        since = world.as_usual(effect).events
        world.write([Draft(Kind.ANCHORED)])
        return Overtaken((*since, *world._events[since[-1].serial :]))

    world = Scripted(runs_for=1e6).on(Operate, punctual)
    world.on(Append, at_append_of(Kind.OPERATING, behind))

    world.apply(ENDING)

    assert len(world.durable(Kind.OPERATING)) == 2
    assert len([item for item in world.trace if isinstance(item, Operate)]) == 1


def test_an_operation_that_others_record_right_behind_is_neither_sent_nor_told_of():
    """They have told that the run's own gave no sign, and have asked for another one."""

    def behind(world, effect):
        since, before = world.as_usual(effect).events, newest(world)
        about = ("web-deploy", before.key, before.number)
        theirs = {"operation": "terminate", "status": 2, "reason": "a person"}
        world.let_pass(1)
        world.write(
            [
                Draft(Kind.OBSERVED, *about, {"operation": "unknown"}),
                Draft(Kind.OPERATING, *about, theirs),
            ]
        )
        return Overtaken((*since, *world._events[since[-1].serial :]))

    world = Scripted(runs_for=1e6).on(Append, at_append_of(Kind.OPERATING, behind))
    world.apply(ENDING)

    assert not [item for item in world.trace if isinstance(item, Operate)]
    assert newest(world).operation is not None
    assert not [item for item in world.durable(Kind.OBSERVED) if "of" in item.data]


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        (Done(None, "abc"), {"operated": "accepted", "answer": "abc"}),
        (Unknown("gone", request_id="abc"), {"operated": "lost", "answer": "abc"}),
        (Refused("no", 1241003, request_id="abc"), {"operation": "refused", "answer": "abc"}),
    ],
)
def test_the_id_of_the_answer_to_an_end_is_recorded(answer, told):
    world = Scripted(runs_for=1e6).on(Operate, (answer,))

    world.apply(ENDING)

    assert any(told.items() <= item.data.items() for item in world.durable(Kind.OBSERVED))


@pytest.mark.parametrize("answer", [Refused("no", 1241003), Unsent()])
def test_who_tells_late_how_an_end_went_leaves_the_operation_of_others_pending(answer):
    """The run was stopped before it could tell; others have given it up and asked for something else."""
    theirs = {"operation": "terminate", "status": 2, "reason": "a person"}

    def meanwhile(world, effect):
        if not any("of" in item.data for item in effect.drafts):
            world.on(Append, meanwhile)
            return world.as_usual(effect)
        before = newest(world)
        about = ("web-deploy", before.key, before.number)
        world.let_pass(1)
        world.write(
            [
                Draft(Kind.OBSERVED, *about, {"operation": "unknown"}),
                Draft(Kind.OPERATING, *about, theirs),
            ]
        )
        return HeadMoved(tuple(world._events[effect.expected.serial :]))

    world = Scripted(runs_for=1e6).on(Operate, (answer,)).on(Append, meanwhile)
    world.apply(ENDING)

    assert len(world.durable(Kind.OPERATING)) == 2
    assert newest(world).operation is not None


def test_terminate_is_not_sent_while_nobody_knows_how_the_first_went():
    world = Scripted(runs_for=1e6).on(Operate, (Unknown("no answer"),))
    world.apply(ENDING)
    world.apply(ENDING)
    assert len([item for item in world.trace if isinstance(item, Operate)]) == 1


def test_an_operation_that_shows_is_noted_as_done():
    world = Scripted(runs_for=1e6).on(Operate, (Unknown("no answer"),))
    world.apply(ENDING)
    world.on(ReadStatus, seen_at(Status.STOPPING))
    world.apply(ENDING)
    assert newest(world).operation is None
    assert len([item for item in world.trace if isinstance(item, Operate)]) == 1


def test_a_job_at_a_confirmation_is_ended_there():
    world = Scripted(runs_for=1e6).on(ReadStatus, seen_at(Status.WAITING_USER, kind="approval"))
    world.apply(ENDING)
    (asked,) = [item for item in world.trace if isinstance(item, Operate)]
    assert (asked.requests[0].kind, asked.requests[0].step) == (OperationKind.END, 7)


def test_an_instance_that_cannot_be_read_is_not_operated_on():
    def dark(world, effect):
        if newest(world).status == Status.RUNNING:
            world.on(ReadStatus, dark)
            return (Unknown("no answer"),) * len(effect.instances)
        world.on(ReadStatus, dark)
        return world.as_usual(effect)

    world = Scripted(runs_for=1e6).on(ReadStatus, dark)
    report = world.apply(ENDING, limits=Limits(wait_s=300))
    assert not [item for item in world.trace if isinstance(item, Operate)]
    assert report.stop is Stop.WAITED


def test_an_operation_is_not_sent_where_somebody_wrote_about_the_launch_first():
    def beaten(world, effect):
        attempt = newest(world)
        data = {"operation": "terminate", "status": 2, "reason": "a person"}
        world.write([Draft(Kind.OPERATING, "web-deploy", attempt.key, 1, data)])
        return HeadMoved(tuple(world._events[effect.expected.serial :]))

    world = Scripted(runs_for=1e6).on(Append, at_append_of(Kind.OPERATING, beaten))
    world.apply(ENDING)
    assert len(world.durable(Kind.OPERATING)) == 1
    assert not [item for item in world.trace if isinstance(item, Operate)]


def test_a_run_that_waits_for_nothing_does_not_hang_on_a_start_that_nobody_can_read():
    world = Scripted(lag=1e6).on(Start, (Unknown("no answer"),))
    world.on(ReadStatus, *[(Unknown("no answer"),)] * 2000)
    report = world.apply(WEB, wait=False, limits=Limits(wait_s=300))
    assert (report.stop, newest(world).outcome) == (Stop.WAITED, OutcomeKind.STARTING)


# --- looking ----------------------------------------------------------------------------------


def test_the_same_seed_gives_the_same_pauses_and_another_one_others():
    def pauses(seed):
        schedule = Schedule(seed, Limits(poll_s=2, poll_max_s=30))
        drawn = [schedule.pause_s]
        for _ in range(20):
            schedule.looked(moved=False)
            drawn.append(schedule.pause_s)
        return drawn

    assert pauses("one") == pauses("one")
    assert pauses("one")[8:] != pauses("other")[8:]
    assert all(24 <= pause <= 30 for pause in pauses("one")[8:])
    assert len(set(pauses("one")[8:])) > 5


def test_the_pause_falls_back_to_the_floor_when_something_moves():
    schedule = Schedule("seed", Limits(poll_s=2, poll_max_s=30))
    for _ in range(9):
        schedule.looked(moved=False)
    schedule.looked(moved=True)
    assert schedule.pause_s == 2


def test_a_look_over_many_instances_is_made_in_parts():
    world = Scripted(runs_for=40)
    world.apply(a_state(*(a_launch(f"a{n}", str(n)) for n in range(11))), parallelism=2)
    assert max(len(item.instances) for item in looks(world)) == 4
    assert all(newest(world, f"a{n}").outcome is OutcomeKind.SUCCEEDED for n in range(11))


def test_what_runs_is_looked_at_between_batches():
    world = Scripted(runs_for=1)
    many = [a_launch(f"m{n:02}", str(n)) for n in range(30)]
    limits = Limits(parallelism=1, poll_s=1, poll_max_s=5)
    world.apply(a_state(a_launch("a"), *many), limits=limits)
    told = world.told()
    assert told.index("a 1 settled succeeded") < told.index("m29 1 intended")


def test_a_lost_look_is_made_up_for_by_the_next_one():
    world = Scripted().on(ReadStatus, (Unknown("no answer"),), (Refused("HTTP 429", 429),))
    report = world.apply(WEB)
    assert (newest(world).outcome, codes(report)) == (OutcomeKind.SUCCEEDED, [])


@pytest.mark.parametrize("answer", [Unknown("no answer"), Refused("not allowed", 9900403)])
def test_silence_is_said_once_and_again_when_it_is_over(answer):
    world = Scripted().on(ReadStatus, *[(answer,)] * 8)
    report = world.apply(WEB)
    assert [(item.code, item.facts["count"]) for item in report.diagnostics] == [
        ("L271", "3"),
        ("L272", "8"),
    ]
    assert newest(world).outcome is OutcomeKind.SUCCEEDED


def test_silence_to_the_end_is_said_at_the_end():
    world = Scripted().on(ReadStatus, *[(Unknown("no answer"),)] * 500)
    report = world.apply(WEB, limits=Limits(wait_s=300))
    assert codes(report) == ["L271", "L271"]
    assert report.stop is Stop.WAITED


STUCK = {
    "no step has begun": (Status.RUNNING, Status.BLANK),
    "it has been stopping": (Status.STOPPING, Status.STOPPING),
}


@pytest.mark.parametrize(("status", "step"), STUCK.values(), ids=STUCK)
def test_a_stuck_instance_is_warned_of_once_and_watched_on(status, step):
    world = Scripted(runs_for=1e6).on(ReadStatus, seen_at(status, step=step))
    report = world.apply(WEB, limits=Limits(stuck_s=300))
    assert codes(report).count("L273") == 1
    assert newest(world).outcome is OutcomeKind.RUNNING


def test_an_instance_that_goes_on_is_not_called_stuck():
    world = Scripted(runs_for=1e6)
    assert "L273" not in codes(world.apply(WEB, limits=Limits(stuck_s=300)))


def test_an_unknown_status_is_on_record_and_never_final():
    world = Scripted(runs_for=1e6).on(ReadStatus, seen_at(77))
    report = world.apply(WEB)
    assert (newest(world).status, newest(world).outcome) == (77, OutcomeKind.RUNNING)
    assert report.stop is Stop.WAITED


# --- what the ledger hears --------------------------------------------------------------------


def times_of(world, kinds):
    return [time for draft, time in world._durable if draft.kind in kinds]


def beats(world):
    return [item for item in world.durable(Kind.OBSERVED) if item.name is None]


def test_a_session_that_may_still_claim_is_heard_of_often_enough():
    world = Scripted(runs_for=400)
    state = a_state(a_launch("a"), a_launch("b", "2", needs=["a"]))
    world.apply(state, limits=Limits(heartbeat_s=30))
    assert beats(world)
    assert {item.data["session"] for item in beats(world)} == {"session-1"}
    kinds = [draft.kind for draft in world.drafts()]
    until = kinds.index(Kind.CLOSED)
    times = [time for _, time in world._durable[: until + 1]]
    assert max((b - a).total_seconds() for a, b in pairwise(times)) <= 32


def test_a_session_that_was_released_is_not_heard_of():
    world = Scripted(runs_for=400)
    world.apply(WEB, limits=Limits(heartbeat_s=30))
    kinds = [draft.kind for draft in world.drafts()]
    released = kinds.index(Kind.CLOSED)
    assert not [item for item in world.drafts()[released:] if item.kind is Kind.OBSERVED]


def test_a_ledger_that_knows_otherwise_gets_no_sign_of_life():
    world = Scripted(runs_for=400)
    world.apply(a_state(a_launch("a"), a_launch("b", "2", needs=["a"])))
    assert beats(world) == []


def moving(world, effect):
    """Every look finds another status that is not final."""
    world.on(ReadStatus, moving)
    status = 70 + len(looks(world)) % 2
    return tuple(Done(replace(item.value, status=status)) for item in world.as_usual(effect))


def test_notes_are_appended_at_most_once_in_a_while_and_the_last_one_is_kept():
    world = Scripted(runs_for=1e6).on(ReadStatus, moving)
    limits = Limits(poll_s=2, poll_max_s=2, notes_s=60)
    world.apply(a_state(waiting(wait_timeout_s=300)), limits=limits)
    notes = [
        time
        for draft, time in world._durable
        if draft.kind is Kind.OBSERVED and "status" in draft.data
    ]
    gaps = [(b - a).total_seconds() for a, b in pairwise(notes)]
    # The last one is what the end of the run lets out.
    assert all(gap >= 60 for gap in gaps[:-1])
    assert 4 <= len(notes) <= 7
    assert newest(world).status == 70 + len(looks(world)) % 2


def test_what_was_withheld_is_on_record_at_the_end():
    world = Scripted(runs_for=1e6).on(ReadStatus, None, seen_at(77))
    limits = Limits(poll_s=2, notes_s=3600)
    report = world.apply(a_state(waiting(wait_timeout_s=20)), limits=limits)
    assert world.told("web-deploy")[-2:] == ["1 observed 2", "1 observed 77"]
    assert report.recorded.launches["web-deploy"].newest.status == 77


def test_a_note_that_was_taken_back_is_not_on_record_at_the_end():
    world = Scripted(runs_for=1e6)

    def once(now, effect):
        return tuple(Done(replace(item.value, status=77)) for item in now.as_usual(effect))

    world.on(ReadStatus, None, once)
    limits = Limits(poll_s=2, notes_s=3600)
    world.apply(a_state(waiting(wait_timeout_s=20)), limits=limits)
    assert world.told("web-deploy")[-1] == "1 observed 2"


def test_what_settles_is_appended_at_once():
    world = Scripted(runs_for=5)
    world.apply(WEB, limits=Limits(poll_s=1, notes_s=3600))
    (started,) = times_of(world, {Kind.STARTING})
    (settled,) = times_of(world, {Kind.SETTLED})
    assert (settled - started).total_seconds() < 15


# --- a run that only watches ------------------------------------------------------------------


def only_watching(world, state, **limits):
    """Drive the order of an apply of `state`, with nothing that opens a session."""
    flow = world.begin(state, limits=Limits(poll_s=1, **limits))
    order = flow.gi_frame.f_locals["order"]
    return world.drive(execute(replace(order, opening=(), notes=())))


def test_a_run_without_a_session_watches_and_claims_nothing():
    world = Scripted(runs_for=30)
    world.apply(a_state(a_launch("a")), wait=False)
    before = len(world.drafts())
    report = only_watching(world, a_state(a_launch("a"), a_launch("b", "2")))
    written = world.drafts()[before:]
    assert {item.kind for item in written} == {Kind.OBSERVED, Kind.SETTLED}
    assert (newest(world, "a").outcome, report.stop) == (OutcomeKind.SUCCEEDED, None)
    assert "b" not in world.recorded().launches


def test_a_run_without_a_session_watches_what_another_content_blocks():
    world = Scripted(runs_for=30)
    world.apply(WEB, wait=False)
    only_watching(world, a_state(a_launch("web-deploy", "2")))
    assert newest(world).outcome is OutcomeKind.SUCCEEDED


def test_a_run_without_a_session_sends_no_start_and_ends_nothing():
    world = Scripted(lag=1e6)
    state = a_state(waiting(wait_timeout_s=1, on_timeout="terminate"))
    world.apply(state, wait=False)
    sent = len([item for item in world.trace if isinstance(item, Start)])
    report = only_watching(world, state, wait_s=400, start_limit_s=9999)
    assert len([item for item in world.trace if isinstance(item, Start)]) == sent
    assert not [item for item in world.trace if isinstance(item, Operate)]
    assert report.stop is Stop.WAITED
    assert not [item for item in world.drafts()[-1:] if item.kind in CLAIMS]


def test_a_run_without_a_session_waits_as_long_as_it_is_told_whatever_the_manifest_says():
    world = Scripted(runs_for=200)
    state = a_state(waiting(wait_timeout_s=1))
    world.apply(state, wait=False)
    only_watching(world, state, wait_s=1800)
    assert newest(world).outcome is OutcomeKind.SUCCEEDED


# --- a full quota -----------------------------------------------------------------------------

FULL = Refused("quota", 1244032, full=True)


def crowded(capacity):
    """JOB takes no more than `capacity` instances that have not ended."""

    def answer(world, effect):
        world.on(Prepare, answer)
        outcomes = []
        for request in effect.requests:
            open_ = [item for item in world.instances.values() if world._at_now(item).ended is None]
            outcomes.append(FULL if len(open_) >= capacity else world.create(request))
        return tuple(outcomes)

    return answer


def test_while_it_is_full_one_launch_tries_for_all():
    world = Scripted(runs_for=60).on(Prepare, crowded(4))
    state = a_state(*(a_launch(f"a{n:02}", str(n)) for n in range(20)))
    report = world.apply(state, limits=Limits(parallelism=8, poll_s=2))
    assert all(newest(world, f"a{n:02}").outcome is OutcomeKind.SUCCEEDED for n in range(20))
    assert report.stop is None
    sizes = [len(item.requests) for item in world.trace if isinstance(item, Prepare)]
    assert sizes[:2] == [1, 16]
    # After the first refusal: one, then two, then four, and back to one.
    assert max(sizes[2:]) <= 4


def test_a_quota_that_stays_full_costs_two_events_a_try():
    def full(world, effect):
        world.on(Prepare, full)
        return (FULL,) * len(effect.requests)

    world = Scripted().on(Prepare, None, full)
    state = a_state(*(a_launch(f"a{n:02}", str(n)) for n in range(20)))
    world.apply(state, limits=Limits(parallelism=16, wait_s=300))
    tries = [len(item.requests) for item in world.trace if isinstance(item, Prepare)]
    assert set(tries[2:]) == {1}


def test_growing_pauses_are_waited_between_tries():
    world = Scripted().on(Prepare, *[(FULL,)] * 6)
    world.apply(WEB)
    asked = [item for item in world.trace if isinstance(item, Prepare | Wait)]
    assert [type(item) for item in asked[:12]] == [Prepare, Wait] * 6
    pauses = [item.seconds for item in asked[:12] if isinstance(item, Wait)]
    assert pauses == sorted(pauses)
    assert pauses[-1] > 4 * pauses[0]
