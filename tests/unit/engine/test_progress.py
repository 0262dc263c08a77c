"""What an answer about an instance means for its attempt."""

from __future__ import annotations

from datetime import timedelta

import pytest

from launcher.engine.events import Draft, Kind
from launcher.engine.observed import InstanceStatus, Missing, StepStatus
from launcher.engine.progress import with_observed
from launcher.engine.recorded import OutcomeKind
from tests.support.ledgers import NOON, a_key, about, created, intended, prepared, recorded_of

NOW = NOON + timedelta(minutes=2)
LATER = NOON + timedelta(minutes=11)
STARTED = (created(), intended(), prepared(), about(Kind.STARTING))
ANSWERED = (*STARTED, about(Kind.OBSERVED, start="accepted"))
WANTED = {"web-deploy": a_key()}


def at(status, *, ended=None):
    return InstanceStatus(
        id=20000000001,
        name="Deploy web",
        status=status,
        finished=ended is not None,
        created=NOON,
        started=NOON,
        ended=ended,
        steps=(StepStatus(1, "check", "script", status),),
    )


def seen(answer, *, events=ANSWERED, now=NOW, wanted=None):
    """The outcome that follows, and the notes that tell of it."""
    answers = {} if answer is None else {"web-deploy": answer}
    present, notes = with_observed(
        recorded_of(*events), answers, now, WANTED if wanted is None else wanted
    )
    return present.launches["web-deploy"].newest.outcome, notes


def note(kind, **data):
    return (Draft(kind, "web-deploy", a_key(), 1, data),)


def settled(status, outcome, **more):
    steps = [{"name": "check", "status": status}]
    return note(Kind.SETTLED, outcome=outcome, status=status, steps=steps, **more)


@pytest.mark.parametrize(
    ("status", "outcome", "notes"),
    [
        (1, OutcomeKind.STARTING, ()),
        (2, OutcomeKind.RUNNING, note(Kind.OBSERVED, status=2)),
        (3, OutcomeKind.SUCCEEDED, settled(3, "succeeded")),
        (4, OutcomeKind.FAILED, settled(4, "failed")),
        (7, OutcomeKind.WAITING, note(Kind.OBSERVED, status=7)),
        (8, OutcomeKind.FAILED, settled(8, "failed")),
        (9, OutcomeKind.FAILED, settled(9, "failed")),
        (10, OutcomeKind.RUNNING, note(Kind.OBSERVED, status=10)),
        (11, OutcomeKind.CANCELLED, settled(11, "cancelled")),
        (13, OutcomeKind.CANCELLED, settled(13, "cancelled")),
        (14, OutcomeKind.FAILED, settled(14, "failed")),
        (5, OutcomeKind.RUNNING, note(Kind.OBSERVED, status=5)),
        (99, OutcomeKind.RUNNING, note(Kind.OBSERVED, status=99)),
        (0, OutcomeKind.RUNNING, note(Kind.OBSERVED, status=0)),
    ],
)
def test_every_run_status_has_one_meaning(status, outcome, notes):
    assert seen(at(status)) == (outcome, notes)


def test_the_end_is_told_by_jobs_own_clock():
    _, notes = seen(at(3, ended=NOON))
    assert notes[0].data["finished"] == NOON.isoformat()


def test_what_is_on_record_is_not_noted_again():
    running = (*ANSWERED, about(Kind.OBSERVED, status=2))
    assert seen(at(2), events=running) == (OutcomeKind.RUNNING, ())


def test_a_launch_that_waited_for_a_person_runs_again():
    waiting = (*ANSWERED, about(Kind.OBSERVED, status=7))
    assert seen(at(2), events=waiting) == (OutcomeKind.RUNNING, note(Kind.OBSERVED, status=2))


UNSURE = "status 9 after a START whose answer was lost, or after several"


@pytest.mark.parametrize(
    "events",
    [
        STARTED,
        (*STARTED, about(Kind.OBSERVED, start="lost")),
        (*ANSWERED, about(Kind.STARTING)),
        (*ANSWERED, about(Kind.STARTING), about(Kind.OBSERVED, start="accepted")),
    ],
    ids=["no answer on record", "answer lost", "second on its way", "two were taken"],
)
def test_status_9_is_unknown_unless_one_start_was_sent_and_answered(events):
    assert seen(at(9), events=events) == (
        OutcomeKind.UNKNOWN,
        settled(9, "unknown", reason=UNSURE),
    )


@pytest.mark.parametrize("start", ["accepted", "already"])
def test_status_9_after_one_answered_start_is_a_failure(start):
    events = (*STARTED, about(Kind.OBSERVED, start=start))
    assert seen(at(9), events=events)[0] is OutcomeKind.FAILED


def test_an_instance_that_job_forgot_is_unknown():
    assert seen(Missing(20000000001)) == (
        OutcomeKind.UNKNOWN,
        note(Kind.SETTLED, outcome="unknown", reason="JOB does not know the instance any more"),
    )


def test_an_instance_that_job_forgot_after_its_end_changes_nothing():
    ended = (*ANSWERED, about(Kind.SETTLED, outcome="succeeded", status=3))
    assert seen(Missing(20000000001), events=ended) == (OutcomeKind.SUCCEEDED, ())


def test_a_request_that_may_have_started_an_unseen_instance_is_unknown():
    events = (created(), intended(phase="single"), about(Kind.STARTING))
    outcome, notes = seen(None, events=events)
    assert (outcome, len(notes)) == (OutcomeKind.UNKNOWN, 1)


def test_an_unstarted_attempt_is_not_judged_by_its_instance():
    assert seen(at(2), events=(created(), intended(), prepared())) == (OutcomeKind.PREPARED, ())


@pytest.mark.parametrize(
    ("now", "wanted", "outcome"),
    [
        (LATER, {}, OutcomeKind.UNKNOWN),
        (LATER, {"web-deploy": a_key("b")}, OutcomeKind.UNKNOWN),
        (LATER, WANTED, OutcomeKind.STARTING),
        (NOW, {}, OutcomeKind.STARTING),
    ],
    ids=["not declared", "another key", "still wanted", "not for long"],
)
def test_a_start_that_nobody_wants_any_more_is_unknown_once_it_never_began(now, wanted, outcome):
    assert seen(at(1), now=now, wanted=wanted)[0] is outcome


def test_a_running_instance_that_nobody_wants_any_more_runs_on():
    assert seen(at(2), now=LATER, wanted={})[0] is OutcomeKind.RUNNING


def test_the_notes_and_the_present_agree_and_the_head_stays():
    before = recorded_of(*ANSWERED)
    present, notes = with_observed(before, {"web-deploy": at(3, ended=NOON)}, NOW, WANTED)
    assert present.head == before.head
    assert (
        present.launches["web-deploy"].newest.outcome
        is recorded_of(*ANSWERED, *notes).launches["web-deploy"].newest.outcome
    )


def test_without_answers_nothing_is_new():
    before = recorded_of(*ANSWERED)
    assert with_observed(before, {}, NOW, WANTED) == (before, ())
