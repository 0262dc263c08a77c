"""One operation on a running instance: what is recorded, what is sent, and what is made of what follows."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from launcher.engine.act import End
from launcher.engine.effects import Append, Done, NoAnswer, Overtaken, Refused, Unknown
from launcher.engine.events import Draft, Kind
from launcher.engine.observed import Missing
from launcher.engine.recorded import OperationKind, OutcomeKind
from tests.support.acting import ID, NAME, STARTED, Stage, a_status, a_step
from tests.support.ledgers import about, created, events_of, intended, prepared

TERMINATE, CONTINUE, END = OperationKind.TERMINATE, OperationKind.CONTINUE, OperationKind.END
RESTART, RETRY = OperationKind.RESTART, OperationKind.RETRY_FAILED_HOSTS

RUNS = a_status(2, a_step(2, "script"))
WAITS = a_status(7, a_step(7))
STOPPED = a_status(11, a_step(11, "script"))
FAILED = a_status(4, a_step(4, "script"))
RETRIED = a_status(2, a_step(4, "script", executions=1))


def codes(done):
    return [item.code for item in done.diagnostics]


def sent(stage):
    return [(request.kind, request.step) for request, _ in stage.asked]


# --- what goes well -------------------------------------------------------------------------------


def test_a_running_instance_is_cancelled_and_watched_until_it_has_stopped():
    stage = Stage(RUNS, then={3: a_status(10, a_step(10, "script")), 9: STOPPED})

    done = stage.act(TERMINATE)

    assert (done.end, done.sent, codes(done)) == (End.DONE, True, [])
    assert sent(stage) == [(TERMINATE, None)]
    assert stage.told() == [
        "observed 2",
        "operating terminate 2",
        "observed done",
        "observed 10",
        "settled 11 cancelled",
    ]
    assert (stage.newest.outcome, stage.newest.operation) == (OutcomeKind.CANCELLED, None)


def test_who_does_not_want_to_watch_it_stop_is_told_as_soon_as_jobs_queue_has_moved():
    stage = Stage(RUNS, then={3: a_status(10), 9: STOPPED})

    done = stage.act(TERMINATE, settle=False)

    assert (done.end, stage.newest.outcome) == (End.DONE, OutcomeKind.RUNNING)


def test_an_instance_that_waits_is_cancelled_by_the_end_of_its_confirmation():
    stage = Stage(WAITS, then={1: a_status(13, a_step(13))})

    done = stage.act(TERMINATE)

    assert (done.end, done.step) == (End.DONE, "approve")
    assert sent(stage) == [(END, 7)]
    assert stage.newest.outcome is OutcomeKind.CANCELLED


def test_a_confirmation_lets_it_go_on():
    stage = Stage(WAITS, then={0: a_status(2, a_step(7))})

    done = stage.act(CONTINUE)

    assert (done.end, stage.newest.outcome) == (End.DONE, OutcomeKind.RUNNING)
    assert sent(stage) == [(CONTINUE, 7)]
    operating = next(item for item in stage.events if item.draft.kind is Kind.OPERATING)
    assert operating.draft.data == {
        "operation": "confirm-continue",
        "status": 7,
        "step": 7,
        "step_status": 7,
        "executions": 0,
        "reason": "because",
    }


def test_failed_hosts_are_retried_and_the_record_keeps_how_it_had_ended():
    stage = Stage(FAILED, then={0: RETRIED})

    done = stage.act(RETRY)

    assert (done.end, stage.newest.outcome) == (End.DONE, OutcomeKind.RUNNING)
    (ending,) = stage.newest.endings
    assert (ending.outcome, ending.status) == (OutcomeKind.FAILED, 4)
    assert stage.newest.number == 1


def test_hosts_that_have_failed_again_before_anybody_looked_count_as_retried():
    stage = Stage(FAILED, then={0: a_status(4, a_step(4, "script", executions=1))})

    assert stage.act(RETRY).end is End.DONE
    assert stage.newest.outcome is OutcomeKind.FAILED


def test_a_confirmation_that_was_ended_is_asked_for_again():
    stage = Stage(a_status(13, a_step(13)), then={1: WAITS})

    assert stage.act(RESTART).end is End.DONE
    assert stage.newest.outcome is OutcomeKind.WAITING


def test_an_answer_that_is_lost_is_made_up_for_by_what_shows():
    stage = Stage(WAITS, answer=Unknown("gone"), then={5: a_status(2, a_step(3))})

    assert (stage.act(CONTINUE).end, len(stage.asked)) == (End.DONE, 1)


# --- order ----------------------------------------------------------------------------------------


def test_nothing_is_sent_before_it_is_on_record():
    stage = Stage(WAITS)
    stage.answer = lambda stage: Refused(stage.told()[-1])

    stage.act(CONTINUE)

    assert stage.told()[1:] == [
        "operating confirm-continue 7 7",
        "observed refused operating confirm-continue 7 7",
    ]


@pytest.mark.parametrize("number", [0, 1])
def test_nothing_is_sent_where_it_cannot_be_known_what_is_recorded(number):
    stage = Stage(WAITS, on_append=[lambda *_: None] * number + [lambda *_: NoAnswer("disk full")])

    done = stage.act(CONTINUE)

    assert (done.end, codes(done), stage.asked) == (End.LEDGER, ["L567"], [])


def test_what_others_record_of_another_launch_holds_nothing_up():
    def meanwhile(stage, _):
        stage.write(Draft(Kind.ANCHORED))

    stage = Stage(WAITS, on_append=[meanwhile, meanwhile], then={0: a_status(2, a_step(3))})

    assert (stage.act(CONTINUE).end, len(stage.asked)) == (End.DONE, 1)


def test_what_others_record_of_this_launch_is_looked_at_before_anything_is_sent():
    def settled(stage, _):
        stage.write(about(Kind.SETTLED, outcome="succeeded", status=3))

    stage = Stage(RUNS, on_append=[lambda *_: None, settled])

    done = stage.act(TERMINATE)

    assert (done.end, codes(done), stage.asked) == (End.REFUSED, ["L348"], [])


def test_of_two_that_ask_at_once_one_wins_and_the_other_waits_for_it():
    def theirs(stage, effect):
        stage.write(*effect.drafts)
        stage.then[0] = a_status(2, a_step(3))
        stage._operated_s = stage.passed_s

    stage = Stage(WAITS, on_append=[lambda *_: None, theirs])

    done = stage.act(CONTINUE)

    assert (done.end, done.sent, stage.asked) == (End.DONE, False, [])


def test_an_operation_that_others_have_settled_right_behind_its_record_is_not_sent():
    def behind(stage, effect):
        ours = stage.write(*effect.drafts)
        stage.status = a_status(2, a_step(3))
        return Overtaken((*ours, *stage.write(about(Kind.OBSERVED, operation="done", status=2))))

    stage = Stage(WAITS, on_append=[lambda *_: None, behind])

    done = stage.act(CONTINUE)

    assert (done.end, codes(done), stage.asked) == (End.REFUSED, ["L332"], [])


def test_a_record_that_never_rests_is_given_up_with_nothing_sent():
    def touched(stage, _):
        stage.write(about(Kind.OBSERVED, status=7))

    stage = Stage(WAITS, on_append=[lambda *_: None, *[touched] * 20])

    done = stage.act(CONTINUE)

    assert (done.end, codes(done), stage.asked) == (End.REFUSED, ["L566"], [])


# --- what is refused, lost, or cannot be known ----------------------------------------------------


def test_what_job_refuses_is_recorded_with_its_words():
    stage = Stage(WAITS, answer=Refused("Only the confirmer of the step can operate", 1244016))

    done = stage.act(CONTINUE)

    assert (done.end, codes(done)) == (End.REFUSED, ["L340"])
    words = "Only the confirmer of the step can operate (JOB code 1244016)"
    assert done.diagnostics[0].facts["message"] == words
    assert stage.told()[-1] == f"observed refused {words}"
    assert (stage.newest.outcome, stage.newest.operation) == (OutcomeKind.WAITING, None)


@pytest.mark.parametrize("answer", [Unknown("the answer was lost"), None])
def test_what_does_not_show_within_the_grace_is_unknown_and_may_be_asked_for_again(answer):
    stage = Stage(WAITS)
    if answer is not None:
        stage.answer = answer

    done = stage.act(CONTINUE)

    assert (done.end, codes(done)) == (End.UNKNOWN, ["L341"])
    assert stage.passed_s == 120
    assert stage.told()[-1] == "observed unknown"
    assert stage.newest.outcome is OutcomeKind.WAITING, "nothing is said of the launch"
    stage.then[130] = a_status(2, a_step(3))
    assert stage.act(CONTINUE).end is End.DONE
    assert len(stage.asked) == 2


def test_an_operation_is_not_sent_again_while_nobody_knows_how_it_went():
    stage = Stage(WAITS, answer=Unknown("the answer was lost"))
    stage.read = lambda stage: Unknown("gone") if stage.asked else None

    assert stage.act(CONTINUE).end is End.UNKNOWN
    assert len(stage.asked) == 1


def test_an_instance_that_cannot_be_read_is_not_operated_on():
    stage = Stage(WAITS, read=lambda _: Unknown("gone"))

    done = stage.act(CONTINUE)

    assert (done.end, codes(done), stage.told()) == (End.UNREAD, ["L345"], [])


def test_an_instance_that_job_has_forgotten_is_recorded_as_such():
    stage = Stage(Missing(ID))

    done = stage.act(TERMINATE)

    assert (done.end, codes(done), stage.asked) == (End.REFUSED, ["L344"], [])
    assert stage.newest.outcome is OutcomeKind.UNKNOWN


def test_an_operation_on_an_instance_that_job_has_forgotten_stands_in_nobodys_way():
    stage = Stage(Missing(ID))
    asked: dict[str, Any] = {"step": 7, "step_status": 4, "executions": 0, "reason": "mine"}
    stage.write(about(Kind.OBSERVED, status=2), about(Kind.SETTLED, outcome="failed", status=4))
    stage.write(about(Kind.OPERATING, operation=RETRY.value, status=4, **asked))

    done = stage.act(RETRY)

    assert (done.end, codes(done), stage.asked) == (End.REFUSED, ["L344"], [])
    assert (stage.newest.outcome, stage.newest.operation) == (OutcomeKind.FAILED, None)


def test_an_instance_that_job_forgets_meanwhile_leaves_both_unknown():
    stage = Stage(WAITS, then={0: Missing(ID)})

    done = stage.act(CONTINUE)

    assert (done.end, codes(done)) == (End.UNKNOWN, ["L344"])
    assert (stage.newest.outcome, stage.newest.operation) == (OutcomeKind.UNKNOWN, None)


def test_the_wish_to_stop_leaves_the_operation_pending():
    stage = Stage(WAITS)

    def answer(stage):
        stage.stop = True
        return Unknown("gone")

    stage.answer = answer
    done = stage.act(CONTINUE)

    assert (done.end, codes(done)) == (End.LEFT, ["L349"])
    assert stage.newest.operation is not None


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"name": "Other"}, "named Other"),
        ({"created": a_status(2).created + timedelta(hours=1)}, "outside its prepare"),
    ],
)
def test_an_instance_that_is_not_the_one_we_prepared_is_left_alone(changes, message):
    stage = Stage(replace(RUNS, **changes))

    done = stage.act(TERMINATE)

    assert (done.end, codes(done), stage.asked) == (End.REFUSED, ["L339"], [])
    assert message in done.diagnostics[0].facts["message"]
    assert stage.told() == [], "what it is at says nothing of our launch"


def test_an_instance_that_a_person_has_named_may_be_older_but_not_another_job_plans():
    first = prepared(instance=ID - 1)
    lost = (
        created(),
        intended(),
        first,
        about(Kind.STARTING),
        about(Kind.SETTLED, outcome="unknown"),
    )
    named: dict[str, Any] = {
        "instance": {"id": ID, "name": "Deploy web"},
        "outcome": "running",
        "status": 2,
    }
    events = events_of(*lost, about(Kind.RESOLVED, reason="seen", **named))
    old = replace(RUNS, created=RUNS.created - timedelta(days=3))

    stage = Stage(old, list(events), then={0: STOPPED})
    assert stage.act(TERMINATE).end is End.DONE
    stage = Stage(replace(old, name="Other"), list(events))
    assert codes(stage.act(TERMINATE)) == ["L339"]


def test_what_job_says_is_recorded_although_the_operation_does_not_fit():
    stage = Stage(a_status(3))

    done = stage.act(TERMINATE)

    assert (done.end, codes(done)) == (End.REFUSED, ["L348"])
    assert stage.newest.outcome is OutcomeKind.SUCCEEDED


@pytest.mark.parametrize(
    ("events", "kind", "code"),
    [
        ((created(), intended()), TERMINATE, "L347"),
        ((created(), intended(), prepared()), TERMINATE, "L347"),
        ((created(), intended(), prepared()), CONTINUE, "L342"),
        ((*STARTED, about(Kind.SETTLED, outcome="succeeded", status=3)), TERMINATE, "L348"),
        ((*STARTED, about(Kind.SETTLED, outcome="succeeded", status=3)), RETRY, "L348"),
        ((*STARTED, about(Kind.SETTLED, outcome="unknown")), TERMINATE, "L343"),
        ((created(), intended(phase="single"), about(Kind.STARTING)), TERMINATE, "L342"),
    ],
)
def test_what_the_record_rules_out_is_not_even_asked(events, kind, code):
    def never(_):
        raise AssertionError("JOB was asked")

    stage = Stage(RUNS, list(events_of(*events)), read=never)

    done = stage.act(kind)

    assert (done.end, codes(done)) == (End.REFUSED, [code])


def test_hosts_of_an_instance_whose_end_is_in_doubt_are_not_retried():
    started_twice = (*STARTED, about(Kind.STARTING))
    stage = Stage(a_status(9, a_step(9, "script")), list(events_of(*started_twice)))

    done = stage.act(RETRY)

    assert (done.end, codes(done), stage.asked) == (End.REFUSED, ["L343"], [])


# --- an operation of an earlier process -----------------------------------------------------------


def pending(status, kind=CONTINUE, **more):
    """An operation was recorded, and its process is gone; nobody knows whether it was sent."""
    stage = Stage(status, **more)
    before: dict[str, Any] = {"status": 7, "step": 7, "step_status": 7, "executions": 0}
    if kind is TERMINATE:
        before = {"status": 2}
    stage.write(about(Kind.OBSERVED, status=before["status"]))
    stage.write(about(Kind.OPERATING, operation=kind.value, reason="mine", **before))
    return stage


def test_an_operation_that_shows_is_not_sent_again():
    stage = pending(a_status(2, a_step(3)))

    done = stage.act(CONTINUE)

    assert (done.end, done.sent, stage.asked) == (End.DONE, False, [])
    assert stage.newest.operation is None


def test_cancelling_again_finds_that_the_confirmation_was_ended():
    stage = pending(a_status(13, a_step(13)), END)

    assert (stage.act(TERMINATE).end, stage.asked) == (End.DONE, [])
    assert stage.newest.outcome is OutcomeKind.CANCELLED


def test_an_operation_that_does_not_show_yet_is_waited_for():
    stage = pending(WAITS)
    stage.passed_s += 100

    done = stage.act(CONTINUE)

    assert (done.end, done.sent, stage.asked) == (End.UNKNOWN, False, [])
    assert stage.passed_s == 120, "no more than what was left of the grace"


def test_an_operation_that_never_showed_is_unknown_and_then_a_person_may_ask_again():
    stage = pending(WAITS)
    stage.passed_s += 500

    assert stage.act(CONTINUE).end is End.UNKNOWN
    assert stage.passed_s == 500
    stage.then[0] = a_status(2, a_step(3))
    assert (stage.act(CONTINUE).end, len(stage.asked)) == (End.DONE, 1)


def test_a_clock_that_went_back_makes_nobody_wait_longer_than_the_grace():
    stage = pending(WAITS)
    for index, event in enumerate(stage.events):
        if event.draft.kind is Kind.OPERATING:
            stage.events[index] = replace(event, time=event.time + timedelta(days=1))

    assert stage.act(CONTINUE).end is End.UNKNOWN
    assert stage.passed_s == 120


def test_another_operation_follows_once_it_is_known_how_the_first_went():
    stage = pending(a_status(2, a_step(3), a_step(2, "script", 8)), then={0: STOPPED})

    done = stage.act(TERMINATE)

    assert (done.end, done.sent) == (End.DONE, True)
    assert stage.told()[2:] == [
        "observed 2",
        "observed done",
        "operating terminate 2",
        "observed done",
        "settled 11 cancelled",
    ]


def test_a_new_attempt_is_none_of_an_older_ones_operation():
    stage = pending(a_status(4, a_step(4, "script")))
    stage.write(about(Kind.SETTLED, outcome="failed", status=4))
    stage.write(
        intended(attempt=2, nonce="n2"),
        prepared(attempt=2, nonce="n2"),
        about(Kind.STARTING, attempt=2),
        about(Kind.OBSERVED, attempt=2, status=2),
    )
    stage.status = a_status(2, created=stage.now)
    stage.then[0] = STOPPED

    done = stage.act(TERMINATE)

    assert (done.end, done.sent) == (End.DONE, True)
    assert stage.recorded.launches[NAME].attempts[1].outcome is OutcomeKind.CANCELLED


def test_an_attempt_that_follows_meanwhile_is_none_of_this_acts():
    stage = Stage(RUNS)
    read = []

    def answer(stage):
        stage.write(
            about(Kind.SETTLED, outcome="cancelled", status=11),
            intended(attempt=2, nonce="n2"),
            prepared(attempt=2, nonce="n2", instance=ID + 1),
            about(Kind.STARTING, attempt=2),
        )
        stage.status = STOPPED
        return Done(None)

    def seen(stage):
        read.append(stage.newest.number)

    stage.answer, stage.read = answer, seen
    done = stage.act(TERMINATE)

    assert (done.end, read) == (End.DONE, [1, 2])
    assert (stage.newest.number, stage.newest.outcome) == (2, OutcomeKind.STARTING)
    assert stage.told()[-1] == "starting", "nothing is said of the new attempt"


def test_an_append_is_asked_for_on_the_head_that_the_status_was_read_at():
    heads = []

    def seen(stage, effect):
        assert isinstance(effect, Append)
        heads.append((effect.expected, stage.recorded.head))

    stage = Stage(WAITS, on_append=[seen, seen, seen], then={0: a_status(2, a_step(3))})
    stage.act(CONTINUE)

    assert len(heads) == 3
    assert all(expected == head for expected, head in heads)


# --- a process that dies --------------------------------------------------------------------------


class Died(BaseException):
    """The process ends here."""


def dies_at(stage, fuse, *, late):
    """One act whose process dies before or after its effect number `fuse`; false where it had fewer."""
    perform, count = stage.perform, 0

    def fragile(effect):
        nonlocal count
        count += 1
        if count == fuse and not late:
            raise Died
        answer = perform(effect)
        if count == fuse:
            raise Died
        return answer

    stage.perform = fragile
    try:
        stage.act(CONTINUE)
    except Died:
        return True
    finally:
        stage.perform = perform
    return False


@pytest.mark.parametrize("late", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("shows", [True, False], ids=["it shows", "it does not show"])
def test_wherever_a_process_dies_the_next_one_sends_nothing_twice_by_itself(shows, late):
    for fuse in range(1, 100):
        stage = Stage(WAITS, then={0: a_status(2, a_step(3))} if shows else {})
        died = dies_at(stage, fuse, late=late)
        sent_before = len(stage.asked)

        again = stage.act(CONTINUE) if died else None

        assert len(stage.asked) <= 1, fuse
        if not died:
            break
        if again is not None and sent_before and shows:
            assert (again.end, again.sent) in ((End.DONE, False), (End.REFUSED, False)), fuse
        if again is not None and again.end is End.UNKNOWN:
            assert stage.newest.operation is None, "a person may ask again"
    assert fuse > 8, "it has that many effects, and the last of them is past"
