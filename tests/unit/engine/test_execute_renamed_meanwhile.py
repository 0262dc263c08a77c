"""Another session takes over and renames a launch that this run is still about."""

from __future__ import annotations

from dataclasses import replace

import pytest

from launcher.engine.effects import (
    Append,
    Operate,
    Overtaken,
    Prepare,
    ReadStatus,
    Start,
    Unsent,
)
from launcher.engine.events import Draft, Kind
from launcher.engine.report import Stop
from tests.support.scripted import Scripted, at_append_of
from tests.support.simulated import a_launch, a_state

OLD, NEW = "web-deploy", "web-release"
WEB = a_state(a_launch(OLD))
TAKEOVER = Draft(Kind.OPENED, data={"session": "other", "host": "there", "pid": 1})


def renamed(world):
    attempt = world.recorded().launches[OLD].newest
    return world.write([TAKEOVER, Draft(Kind.RENAMED, NEW, attempt.key, data={"from": OLD})])


def before(world, effect):
    renamed(world)
    return world.as_usual(effect)


def overtaken(world, effect):
    written = world.as_usual(effect)
    return Overtaken((*written.events, *renamed(world)))


def expired_after(world, _):
    renamed(world)
    return (Unsent(),)


@pytest.mark.parametrize(
    ("kind", "answer"),
    [
        (Prepare, before),
        (Start, before),
        (Start, expired_after),
        (ReadStatus, before),
        (Append, at_append_of(Kind.PREPARED, before)),
        (Append, at_append_of(Kind.SETTLED, before)),
    ],
    ids=["prepare", "start", "start not sent", "look", "id", "end"],
)
def test_the_record_stays_readable_and_the_history_with_its_new_name(kind, answer):
    world = Scripted().on(kind, answer)
    report = world.apply(WEB)
    # Folding it again is what every later reader does.
    launches = world.recorded().launches
    assert list(launches) == [NEW]
    assert len(launches[NEW].attempts) == 1
    assert report.stop in (Stop.LOST_SESSION, None)


@pytest.mark.parametrize("when", [Kind.OBSERVED, Kind.OPERATING])
def test_no_job_of_another_name_is_ended(when):
    ending = a_launch(OLD)
    policy = replace(ending.policy, wait_timeout_s=60, on_timeout="terminate")
    world = Scripted(runs_for=1e6).on(Append, at_append_of(when, overtaken))
    report = world.apply(a_state(replace(ending, policy=policy)))
    assert list(world.recorded().launches) == [NEW]
    assert not [item for item in world.trace if isinstance(item, Operate)]
    assert report.stop in (Stop.LOST_SESSION, Stop.WAITED, None)


def test_that_a_start_was_not_sent_is_told_of_the_history_that_it_is_about():
    world = Scripted().on(Start, expired_after)
    world.apply(WEB)
    assert world.told(NEW)[-1] == "1 observed not-sent"
    assert world.recorded().launches[NEW].newest.starts == 0
