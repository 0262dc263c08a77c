"""How a run records, whatever others have recorded meanwhile."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from launcher.engine.decide import Observed, make_changeset
from launcher.engine.effects import Append, Appended, HeadMoved
from launcher.engine.events import Draft, Event, Kind
from launcher.engine.fold import fold
from launcher.engine.recorded import Recorded
from launcher.engine.report import Order
from launcher.engine.run import Run, Written
from tests.support.ledgers import (
    NOON,
    a_whole_launch,
    about,
    bound,
    created,
    events_of,
    opened,
    renamed,
)
from tests.support.simulated import a_launch, a_state

if TYPE_CHECKING:
    from collections.abc import Generator

NAME, OTHER = "web", "batch"
STATE = a_state(a_launch(NAME), a_launch(OTHER))
NOTE = about(Kind.OBSERVED, NAME, status=2)


def a_run() -> Run:
    """One whose session is open, with `NAME` in a batch that is under way."""
    recorded = fold(Recorded(), events_of(created(), bound(), *a_whole_launch(NAME)))
    changeset = make_changeset(STATE, recorded, Observed(), now=NOON)
    run = Run(Order(changeset, STATE, recorded, "server", None, (opened(),)))
    run.take(following(run, opened()))
    run.set_out([NAME])
    return run


def following(run: Run, *drafts: Draft) -> tuple[Event, ...]:
    return tuple(events_of(*drafts, after=run.recorded.head))


def hears_of(run: Run, *drafts: Draft) -> None:
    """Another batch is recorded behind `drafts` of somebody else."""
    flow = run.append([Draft(Kind.OVERRIDDEN, data={"rule": "windows", "reason": "a fire"})])
    asked = next(flow)
    assert isinstance(asked, Append)
    asked = flow.send(HeadMoved(following(run, *drafts)))
    assert isinstance(asked, Append)
    assert result(flow, Appended(following(run, *asked.drafts))) is Written.HEAD


def result(flow: Generator[Any, Any, Written], answer: Any = None) -> Written | None:
    """What the flow ends with; `None` where it asks for something."""
    try:
        flow.send(answer)
    except StopIteration as done:
        value: Written = done.value
        return value
    return None


def test_nothing_is_recorded_of_a_launch_that_others_have_told_of_since_it_set_out():
    """So says the last look before the ledger is asked, for whoever forgot to look before."""
    run = a_run()
    assert result(run.append([NOTE])) is None
    hears_of(run, NOTE)
    assert result(run.append([NOTE])) is Written.AGAIN
    assert result(run.append([renamed(OTHER, NAME)])) is Written.AGAIN


def test_what_has_happened_is_recorded_whatever_others_tell():
    run = a_run()
    hears_of(run, NOTE)
    assert result(run.append([NOTE], insist=True)) is None


def test_what_others_told_is_known_once_the_batch_has_come_back():
    run = a_run()
    hears_of(run, NOTE)
    assert run.unmoved([NAME, OTHER]) == [OTHER]
    run.come_back([NAME])
    assert run.unmoved([NAME, OTHER]) == [NAME, OTHER]
    assert result(run.append([NOTE])) is None


def test_what_others_tell_of_launches_that_are_not_under_way_is_no_news():
    run = a_run()
    hears_of(run, *a_whole_launch(OTHER))
    assert result(run.append([about(Kind.OBSERVED, OTHER, status=2)])) is None
