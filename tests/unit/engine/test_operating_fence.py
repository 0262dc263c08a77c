"""An operation leaves at once, on the head, for what the person has seen, or not at all; and that is on record."""

from __future__ import annotations

from typing import Any

import pytest

from launcher.engine.act import End
from launcher.engine.effects import Done, Overtaken, ReadStatus, Refused, Unknown
from launcher.engine.events import Draft, Kind
from launcher.engine.recorded import OperationKind, OutcomeKind, UnsentOperation
from tests.support.acting import LIMITS, NAME, Stage, a_status, a_step
from tests.support.ledgers import about

TERMINATE, CONTINUE = OperationKind.TERMINATE, OperationKind.CONTINUE
END, RETRY = OperationKind.END, OperationKind.RETRY_FAILED_HOSTS

RUNS = a_status(2, a_step(2, "script"))
WAITS = a_status(7, a_step(7))
FAILED = a_status(4, a_step(4, "script"))
FAILED_AGAIN = a_status(4, a_step(4, "script", executions=1))
STOPPED = a_status(11, a_step(11, "script"))
WINDOW_S = LIMITS.start_window_s


def codes(done):
    return [item.code for item in done.diagnostics]


def a_failure(**more):
    stage = Stage(FAILED, **more)
    stage.write(about(Kind.SETTLED, outcome="failed", status=4))
    return stage


def an_operation(kind: OperationKind, status: int, step: int | None = None) -> Draft:
    """What others record before they ask for it."""
    data: dict[str, Any] = {"operation": kind.value, "status": status, "reason": "theirs"}
    if step is not None:
        data |= {"step": 7, "step_status": step, "executions": 0}
    return about(Kind.OPERATING, **data)


def others_carry_on(stage, _=None):
    """It fails, and somebody retries the hosts: it runs again."""
    stage.write(
        about(Kind.SETTLED, outcome="failed", status=4),
        an_operation(RETRY, 4, 4),
        about(Kind.OBSERVED, operation="done", status=2),
    )


def others_retry(stage, _=None):
    """Somebody retries the hosts, and they fail again for a good reason."""
    stage.write(
        an_operation(RETRY, 4, 4),
        about(Kind.OBSERVED, operation="done", status=2),
        about(Kind.SETTLED, outcome="failed", status=4),
    )
    stage.status = FAILED_AGAIN


def unsent(stage):
    """The event that tells so."""
    return [
        item.draft.data for item in stage.events if item.draft.data.get("operation") == "not-sent"
    ]


# --- the window -----------------------------------------------------------------------------------


def test_what_is_late_at_the_socket_is_not_sent_and_recorded_so():
    stage = Stage(WAITS, late_s=WINDOW_S + 0.1)

    done = stage.act(CONTINUE)

    assert (done.end, done.sent, codes(done), stage.asked) == (End.REFUSED, False, ["L630"], [])
    assert stage.told()[1:] == ["operating confirm-continue 7 7", "observed not-sent"]
    asked = next(item for item in stage.events if item.draft.kind is Kind.OPERATING)
    assert unsent(stage) == [
        {
            "operation": "not-sent",
            "of": {"operation": "confirm-continue", "at": asked.time.isoformat()},
        }
    ]
    assert stage.newest.operation is None
    assert stage.newest.unsent == UnsentOperation(CONTINUE, asked.time)


def test_what_is_just_in_time_is_sent():
    stage = Stage(WAITS, late_s=WINDOW_S, then={0: a_status(2, a_step(3))})

    assert (stage.act(CONTINUE).end, len(stage.asked)) == (End.DONE, 1)


def test_the_window_begins_before_its_record_is_asked_for():
    def slow(stage, _):
        stage.passed_s += WINDOW_S + 0.1

    stage = Stage(WAITS, on_append=[lambda *_: None, slow])

    done = stage.act(CONTINUE)

    assert (codes(done), stage.asked) == (["L630"], [])


def test_after_one_that_was_not_sent_a_person_may_ask_again_at_once():
    stage = Stage(WAITS, late_s=WINDOW_S + 0.1, then={0: a_status(2, a_step(3))})
    stage.act(CONTINUE)
    stage.late_s = 0

    done = stage.act(CONTINUE)

    assert (done.end, len(stage.asked), stage.newest.unsent) == (End.DONE, 1, None)


def test_an_end_makes_what_was_not_sent_a_thing_of_the_past():
    stage = Stage(WAITS, late_s=WINDOW_S + 0.1)
    stage.act(CONTINUE)
    stage.write(about(Kind.SETTLED, outcome="succeeded", status=3))

    assert stage.newest.unsent is None


# --- the head -------------------------------------------------------------------------------------


def test_what_others_have_come_behind_is_not_sent_on_that_record():
    def behind(stage, effect):
        ours = stage.write(*effect.drafts)
        return Overtaken((*ours, *stage.write(Draft(Kind.ANCHORED))))

    stage = Stage(WAITS, on_append=[lambda *_: None, behind], then={0: a_status(2, a_step(3))})

    done = stage.act(CONTINUE)

    assert (done.end, len(stage.asked), len(unsent(stage))) == (End.DONE, 1, 1)
    assert stage.told()[1:4] == [
        "operating confirm-continue 7 7",
        "anchored",
        "observed not-sent",
    ]


# --- a process that was stopped -------------------------------------------------------------------


def stopped_at_the_request(stage, meanwhile):
    """The next request is about to be sent when the process is stopped, and goes on a day later."""
    perform = stage.perform

    def stopping(effect):
        if type(effect).__name__ == "Operate":
            stage.perform = perform
            stage.passed_s += 86400
            meanwhile(stage)
        return perform(effect)

    stage.perform = stopping


def test_hosts_that_others_have_retried_after_it_gave_no_sign_are_not_retried_again():
    stage = a_failure()

    def meanwhile(stage):
        stage.write(about(Kind.OBSERVED, operation="unknown"))
        others_retry(stage)

    stopped_at_the_request(stage, meanwhile)
    done = stage.act(RETRY)

    assert (done.end, codes(done), stage.asked) == (End.REFUSED, ["L630"], [])
    assert len(unsent(stage)) == 1, "others said that nobody knows; now somebody does"
    assert stage.newest.unsent is not None


def test_who_tells_late_that_theirs_was_not_sent_leaves_the_operation_of_others_pending():
    stage = a_failure()

    def meanwhile(stage):
        stage.write(about(Kind.OBSERVED, operation="unknown"), an_operation(RETRY, 4, 4))

    stopped_at_the_request(stage, meanwhile)
    stage.act(RETRY)

    pending, left = stage.newest.operation, stage.newest.unsent
    assert pending is not None
    assert left is not None
    assert pending.at > left.at


def test_hosts_that_others_have_retried_and_that_failed_again_are_not_retried():
    stage = a_failure(on_append=[others_retry])

    done = stage.act(RETRY)

    assert (done.end, codes(done), stage.asked) == (End.REFUSED, ["L631"], [])


def test_hosts_that_somebody_has_retried_on_jobs_own_pages_are_not_retried_again():
    """Nothing of it is on record: only what is read tells."""

    def meanwhile(stage, _):
        stage.status = FAILED_AGAIN
        stage.write(about(Kind.OBSERVED, declared=True))

    stage = a_failure(on_append=[meanwhile])

    assert (codes(stage.act(RETRY)), stage.asked) == (["L631"], [])


def test_who_was_stopped_after_looking_looks_again_before_anything_is_sent():
    stage = a_failure()
    perform = stage.perform

    def stopping(effect):
        answer = perform(effect)
        if isinstance(effect, ReadStatus):
            stage.perform = perform
            stage.passed_s += 86400
            stage.status = FAILED_AGAIN
        return answer

    stage.perform = stopping
    done = stage.act(RETRY)

    assert (done.end, codes(done), stage.asked) == (End.REFUSED, ["L631"], [])


@pytest.mark.parametrize("late", [LIMITS.start_window_s, LIMITS.start_window_s + 1])
def test_what_was_read_counts_for_as_long_as_a_request_may_take(late):
    stage = a_failure()
    read: list[Stage] = []
    stage.read = read.append
    perform, clocks = stage.perform, 0

    def slow(effect):
        nonlocal clocks
        clocks += type(effect).__name__ == "ReadClock"
        if clocks == 3:
            clocks += 1
            stage.passed_s += late
        return perform(effect)

    stage.perform = slow
    stage.then[0] = a_status(2, a_step(4, "script", executions=1))
    assert stage.act(RETRY).end is End.DONE
    assert len(stage.asked) == 1
    assert len(read) == (2 if late <= WINDOW_S else 3)


# --- what the person has seen ---------------------------------------------------------------------


def test_a_confirmation_is_not_given_to_the_step_that_waits_next():
    def others_confirm(stage, _):
        stage.write(an_operation(CONTINUE, 7, 7), about(Kind.OBSERVED, operation="done", status=2))
        stage.status = a_status(7, a_step(3), a_step(7, number=8, name="approve again"))

    stage = Stage(WAITS, on_append=[lambda *_: None, others_confirm])

    done = stage.act(END)

    assert (done.end, codes(done), stage.asked) == (End.REFUSED, ["L631"], [])


def test_a_confirmation_that_was_ended_and_asked_for_again_is_another_one():
    def others_end_and_restart(stage, _):
        stage.write(
            an_operation(END, 7, 7),
            about(Kind.OBSERVED, operation="done"),
            about(Kind.SETTLED, outcome="cancelled", status=13),
            an_operation(OperationKind.RESTART, 13, 13),
            about(Kind.OBSERVED, operation="done", status=7),
        )

    stage = Stage(WAITS, on_append=[lambda *_: None, others_end_and_restart])

    assert (codes(stage.act(CONTINUE)), stage.asked) == (["L631"], [])


def test_an_instance_that_goes_on_by_itself_is_cancelled_where_it_has_got_to():
    def goes_on(stage, _):
        stage.status = WAITS
        stage.write(about(Kind.OBSERVED, status=7))

    stage = Stage(RUNS, on_append=[lambda *_: None, goes_on], then={0: a_status(13, a_step(13))})

    assert stage.act(TERMINATE).end is End.DONE
    assert [request.kind for request, _ in stage.asked] == [END]


def test_an_instance_that_others_have_carried_on_with_is_not_cancelled():
    stage = Stage(RUNS, on_append=[others_carry_on])

    assert (codes(stage.act(TERMINATE)), stage.asked) == (["L631"], [])


@pytest.mark.parametrize("word", ["refused", "not-sent"])
def test_of_two_at_once_the_other_asks_where_the_first_came_to_nothing(word):
    """The second waits for what the first has asked for; how that went is on record when it gives up."""

    def theirs(stage, _):
        stage.write(an_operation(CONTINUE, 7, 7))

    def told(stage, _):
        at = stage.newest.operation.at.isoformat()
        of = {"operation": CONTINUE.value, "at": at}
        more: dict[str, Any] = {"of": of} if word == "not-sent" else {}
        stage.write(about(Kind.OBSERVED, operation=word, **more))

    stage = Stage(
        WAITS, on_append=[lambda *_: None, theirs, told], then={0: a_status(2, a_step(3))}
    )

    done = stage.act(CONTINUE)

    assert (done.end, done.sent, len(stage.asked)) == (End.DONE, True, 1)


@pytest.mark.parametrize("appends", [0, 1])
def test_an_instance_that_others_cancel_meanwhile_is_not_cancelled_beside_them(appends):
    """Whether they come in before what was read is recorded, or before the operation is."""

    def theirs(stage, _):
        stage.write(an_operation(TERMINATE, 2))

    stage = Stage(RUNS, on_append=[*[lambda *_: None] * appends, theirs])
    stage.read = lambda it: Done(STOPPED) if it.passed_s > 10 else None

    done = stage.act(TERMINATE)

    assert (done.end, done.sent, stage.asked) == (End.DONE, False, [])
    assert [item for item in stage.told() if item.startswith("operating")] == [
        "operating terminate 2"
    ]


def an_older_one(stage, kind: OperationKind = END) -> Draft:
    """One was asked for, and nobody knows how it went; its end as whoever asked tells it late: it was never sent."""
    stage.write(an_operation(kind, 7, 7))
    of = {"operation": kind.value, "at": stage.newest.operation.at.isoformat()}
    stage.write(about(Kind.OBSERVED, operation="unknown"))
    return about(Kind.OBSERVED, operation="not-sent", of=of)


def test_that_an_older_one_was_not_sent_says_nothing_of_what_others_have_carried_on():
    def and_tell_late(stage, _):
        others_carry_on(stage)
        stage.write(late)

    stage = Stage(RUNS, on_append=[and_tell_late])
    late = an_older_one(stage)

    assert (codes(stage.act(TERMINATE)), stage.asked) == (["L631"], [])


def test_that_an_older_one_was_not_sent_says_nothing_of_the_one_that_is_followed():
    def theirs(stage, _):
        stage.write(an_operation(CONTINUE, 7, 7))

    def told(stage, _):
        stage.write(about(Kind.OBSERVED, operation="unknown"), late)

    stage = Stage(WAITS, on_append=[lambda *_: None, theirs, told])
    late = an_older_one(stage)

    done = stage.act(CONTINUE)

    assert (done.end, codes(done), stage.asked) == (End.UNKNOWN, ["L341"], [])


# --- the ids of the answers -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("answer", "word"),
    [(Done(None, "abc"), "accepted"), (Unknown("gone", request_id="abc"), "lost")],
)
def test_the_id_of_the_answer_is_recorded_before_anything_shows(answer, word):
    stage = Stage(WAITS, answer=answer, then={5: a_status(2, a_step(3))})

    assert stage.act(CONTINUE).end is End.DONE
    told = [item.draft.data for item in stage.events if "operated" in item.draft.data]
    assert told == [{"operated": word, "answer": "abc"}]
    assert [item.draft.data.get("operation") for item in stage.events[-4:]] == [
        "confirm-continue",
        None,
        "done",
        None,
    ]


def test_the_id_of_a_refusal_is_recorded_with_it():
    stage = Stage(WAITS, answer=Refused("no", 1241003, request_id="abc"))

    stage.act(CONTINUE)

    assert stage.events[-1].draft.data["answer"] == "abc"
    assert stage.events[-1].draft.data["operation"] == "refused"


def test_the_id_of_an_answer_leaves_the_operation_pending():
    stage = Stage(WAITS)
    stage.write(an_operation(CONTINUE, 7, 7), about(Kind.OBSERVED, operated="accepted", answer="a"))

    assert stage.newest.operation is not None
    assert stage.newest.outcome is OutcomeKind.STARTING


def test_an_act_under_another_name_tells_of_its_own_attempt():
    def others_rename(stage, effect):
        ours = stage.write(*effect.drafts)
        renamed = stage.write(Draft(Kind.RENAMED, "web-release", data={"from": NAME}))
        return Overtaken((*ours, *renamed))

    stage = Stage(RUNS, on_append=[lambda *_: None, others_rename], then={0: STOPPED})
    done = stage.act(TERMINATE)
    record = done.recorded.launches["web-release"]

    assert (done.end, len(stage.asked)) == (End.DONE, 1)
    assert (record.newest.operation, record.newest.unsent) == (None, None)
