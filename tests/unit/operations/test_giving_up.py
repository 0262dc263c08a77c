"""Give up an instance that JOB calls running for ever, by a person's word."""

from __future__ import annotations

from functools import partial

import pytest

from launcher.engine.recorded import OutcomeKind
from launcher.errors import ExitCode
from launcher.operations.resolve import Resolved, resolve
from tests.support.failures import fails
from tests.support.pages import Pages
from tests.support.workspaces import Place, a_manifest, a_place

NAME = "db-migrate"
STOP = 1


@pytest.fixture
def stuck(tmp_path) -> Place:
    place = a_place(tmp_path, a_manifest())
    place.diff()
    place.arm({"fault": "start-stuck", "when": {"operation": "operate_job_instance", "plan": 1001}})
    place.apply(wait=False)
    place.clock.sleep(5)
    place.apply(refresh_only=True)
    return place


def the_instance(place: Place) -> int:
    (instance,) = place.instances()
    found: int = instance["job_instance_id"]
    return found


def given_up(place: Place, instance: int | None = None) -> Resolved:
    return resolve(
        place.root,
        None,
        NAME,
        ran=the_instance(place) if instance is None else instance,
        reason="looked at it",
        surroundings=place.surroundings,
        stuck=True,
    )


def test_an_instance_of_which_no_step_begins_can_be_given_up_and_the_launch_goes_on(stuck):
    stuck.clock.sleep(3600)
    assert given_up(stuck).outcome is OutcomeKind.FAILED
    assert stuck.apply().exit_code is ExitCode.JOB_FAILED
    assert len(stuck.instances()) == 1

    stuck.write("plans/m0.yaml", a_manifest(revision=2))
    assert stuck.apply().exit_code is ExitCode.DONE
    assert len(stuck.instances()) == 2


def test_an_instance_that_hangs_while_it_is_stopped_can_be_given_up(stuck):
    Pages(stuck).call(
        "operate_job_instance", job_instance_id=the_instance(stuck), operation_code=STOP
    )
    stuck.clock.sleep(5)
    stuck.apply(refresh_only=True)
    stuck.clock.sleep(3600)
    assert given_up(stuck).outcome is OutcomeKind.FAILED


def test_an_instance_that_has_just_begun_cannot_be_given_up(stuck):
    fails(partial(given_up, stuck), "L594")


def test_another_instance_cannot_be_given_up_in_its_place(stuck):
    stuck.write("plans/m1.yaml", a_manifest("other", plan=1002))
    stuck.apply(only=frozenset({"other"}), wait=False)
    stuck.clock.sleep(3600)
    other = max(item["job_instance_id"] for item in stuck.instances())
    fails(partial(given_up, stuck, other), "L565")


def test_what_somebody_else_ran_does_not_stand_for_what_is_stuck(stuck):
    theirs = Pages(stuck).run(1001)
    stuck.clock.sleep(3600)
    fails(partial(given_up, stuck, theirs), "L594")


def test_without_the_word_a_stuck_instance_stays_what_it_is(stuck):
    stuck.clock.sleep(3600)

    def plainly() -> Resolved:
        instance, here = the_instance(stuck), stuck.surroundings
        return resolve(stuck.root, None, NAME, ran=instance, reason="x", surroundings=here)

    fails(plainly, "L560")
