"""An act reads an instance, and others have read it later before the act can tell the ledger."""

from __future__ import annotations

from dataclasses import replace

from launcher.engine.act import End
from launcher.engine.effects import Done, ReadStatus
from launcher.engine.events import Draft, Kind
from launcher.engine.recorded import OperationKind, OutcomeKind
from tests.support.acting import ID, NAME, Stage, a_status, a_step
from tests.support.ledgers import about, intended, prepared

OTHER = ID + 1
RUNS = a_status(2, a_step(2, "script"))
STOPPING = a_status(10, a_step(10, "script"))
STOPPED = a_status(11, a_step(11, "script"))


def others_settle(stage, _):
    stage.status = STOPPED
    stage.write(about(Kind.SETTLED, outcome="cancelled", status=11))


def test_an_older_answer_does_not_take_back_an_end_that_others_have_recorded():
    stage = Stage(RUNS, on_append=[others_settle])
    done = stage.act(OperationKind.TERMINATE)
    assert (done.end, stage.asked) == (End.REFUSED, [])
    assert stage.told() == ["settled 11 cancelled"]
    assert stage.newest.outcome is OutcomeKind.CANCELLED


def test_nor_does_one_that_tells_how_the_operation_went():
    appends = []

    def at_the_third(stage, effect):
        appends.append(effect)
        if any(draft.data.get("operation") == "done" for draft in effect.drafts):
            others_settle(stage, effect)

    stage = Stage(RUNS, then={3: STOPPING, 5: STOPPED}, on_append=[at_the_third] * 3)
    done = stage.act(OperationKind.TERMINATE)
    assert done.end is End.DONE
    assert stage.newest.outcome is OutcomeKind.CANCELLED
    assert "observed 10" not in stage.told()


class Two(Stage):
    """An attempt that fails, and another one that others have started since."""

    def perform(self, effect):
        if isinstance(effect, ReadStatus) and effect.instances[0].id == OTHER:
            return (Done(replace(RUNS, id=OTHER)),)
        return super().perform(effect)


def others_start_the_next(stage, _):
    stage.write(
        about(Kind.SETTLED, outcome="failed", status=4),
        intended(attempt=2, nonce="n2"),
        prepared(attempt=2, nonce="n2", instance=OTHER),
        about(Kind.STARTING, attempt=2),
    )


def test_what_was_read_of_one_attempt_allows_no_operation_on_the_next():
    stage = Two(RUNS, on_append=[others_start_the_next])
    done = stage.act(OperationKind.TERMINATE)
    assert (done.end, [item.code for item in done.diagnostics]) == (End.REFUSED, ["L631"])
    assert (stage.asked, stage.newest.number) == ([], 2)


def test_an_act_follows_a_launch_that_others_rename_meanwhile():
    def others_rename(stage, _):
        stage.write(Draft(Kind.RENAMED, "web-release", data={"from": NAME}))

    stage = Stage(RUNS, on_append=[others_rename], then={1: STOPPED})
    done = stage.act(OperationKind.TERMINATE)
    record = done.recorded.launches["web-release"]
    assert (done.end, len(stage.asked)) == (End.DONE, 1)
    assert record.newest.outcome is OutcomeKind.CANCELLED
