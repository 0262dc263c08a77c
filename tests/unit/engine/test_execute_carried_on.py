"""Somebody carries on with a failed attempt while a run is about to launch another one."""

from __future__ import annotations

import pytest

from launcher.engine.effects import Append
from launcher.engine.events import Draft, Kind
from launcher.engine.observed import Status
from launcher.engine.recorded import OutcomeKind
from tests.support.scripted import Scripted, at_append_of
from tests.support.simulated import a_launch, a_state

WEB = "web-deploy"
CHANGED = a_state(a_launch(WEB, "2"), a_launch("smoke-test"))


def after_a_failure():
    world = Scripted()
    world.apply(a_state(a_launch(WEB, "1")))
    (instance,) = world.instances.values()
    attempt = world.recorded().launches[WEB].newest
    failed = {"outcome": "failed", "status": Status.FAIL}
    world.write([Draft(Kind.SETTLED, WEB, attempt.key, 1, failed)])
    instance.status = Status.FAIL
    return world


def told_first(data, kind=Kind.OBSERVED):
    """Somebody else records something of the failed attempt right before the append."""

    def answer(world, effect):
        attempt = world.recorded().launches[WEB].newest
        world.write([Draft(kind, WEB, attempt.key, attempt.number, data)])
        return world.as_usual(effect)

    return answer


OPERATING = {"operation": "retry-failed-hosts", "status": Status.FAIL, "reason": "disk was full"}


@pytest.mark.parametrize(
    "touched",
    [
        told_first({"status": Status.RUNNING}),
        told_first({"status": Status.WAITING_USER}),
        told_first({"outcome": "succeeded", "status": Status.SUCCESS}, Kind.SETTLED),
        told_first({"outcome": "unknown", "reason": "gone"}, Kind.SETTLED),
        told_first(OPERATING, Kind.OPERATING),
    ],
    ids=["it runs", "it waits", "it has succeeded", "nobody knows", "it is operated on"],
)
def test_nothing_is_launched_beside_an_attempt_that_somebody_carries_on_with(touched):
    world = after_a_failure().on(Append, at_append_of(Kind.INTENDED, touched))
    report = world.apply(CHANGED, wait=False)
    assert world.sent().count(f"prepare {WEB}") == 1
    assert [item.number for item in report.recorded.launches[WEB].attempts] == [1]
    assert "carried on" in report.blocked[WEB]
    assert report.recorded.launches["smoke-test"].newest.starts == 1


def test_what_is_told_right_before_its_own_claim_counts_as_well():
    touched = told_first({"status": Status.RUNNING})
    world = after_a_failure().on(Append, at_append_of(Kind.INTENDED, touched))
    report = world.apply(a_state(a_launch(WEB, "2")), wait=False)
    assert [item.number for item in report.recorded.launches[WEB].attempts] == [1]


def test_a_note_that_changes_nothing_lets_the_launch_go_on():
    world = after_a_failure().on(Append, at_append_of(Kind.INTENDED, told_first({})))
    report = world.apply(CHANGED)
    assert report.recorded.launches[WEB].newest.outcome is OutcomeKind.SUCCEEDED
    assert report.blocked == {}
