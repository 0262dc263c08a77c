"""What an event makes of an attempt that has moved on since it was sent for."""

from __future__ import annotations

from launcher.engine.events import Kind
from launcher.engine.recorded import OutcomeKind
from tests.support.ledgers import about, created, intended, prepared, recorded_of

STARTED = (created(), intended(), prepared(), about(Kind.STARTING))


def newest(*drafts):
    return recorded_of(*drafts).launches["web-deploy"].newest


def test_a_start_that_never_left_takes_nothing_from_an_attempt_that_has_ended():
    ended = about(Kind.SETTLED, outcome="succeeded", status=3)
    late = about(Kind.OBSERVED, start="not-sent")
    assert newest(*STARTED, ended, late) == newest(*STARTED, ended)


def test_a_start_that_never_left_takes_nothing_from_an_attempt_that_runs():
    runs = about(Kind.OBSERVED, status=2)
    late = about(Kind.OBSERVED, start="not-sent")
    assert newest(*STARTED, runs, late) == newest(*STARTED, runs)


def test_a_second_start_that_never_left_keeps_the_answer_to_the_first():
    attempt = newest(
        *STARTED,
        about(Kind.OBSERVED, start="accepted"),
        about(Kind.STARTING),
        about(Kind.OBSERVED, start="not-sent"),
    )
    assert (attempt.starts, attempt.start_answered, attempt.outcome) == (
        1,
        True,
        OutcomeKind.STARTING,
    )


def test_an_attempt_intended_again_goes_out_in_the_phase_of_its_newest_intention():
    void = about(Kind.OBSERVED, void="n1")
    first, again = intended(nonce="n1"), intended(nonce="n2", phase="single")
    assert newest(created(), first, void, again).single_phase
