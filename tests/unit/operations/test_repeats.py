"""What is told of a failure that another attempt follows."""

from __future__ import annotations

from launcher.errors import ExitCode
from launcher.operations.progress import Note, Settled
from tests.support.pages import FAILS_ONCE, fails_once
from tests.support.workspaces import Place, a_manifest, a_place


def noted(place: Place) -> list[str]:
    return [item.diagnostic.code for item in place.heard if isinstance(item, Note)]


def a_failing_launch(tmp_path, **spec) -> Place:
    return fails_once(a_place(tmp_path, a_manifest(plan=FAILS_ONCE, **spec)))


def test_a_run_that_waits_for_another_attempt_says_until_when(tmp_path):
    place = a_failing_launch(tmp_path, retry={"maxAttempts": 2, "backoff": "5m"})
    assert place.apply().exit_code is ExitCode.JOB_FAILED
    assert noted(place) == ["L279", "L277"]


def test_a_failure_that_nothing_follows_is_told_without_a_promise(tmp_path):
    place = a_failing_launch(tmp_path)
    assert place.apply().exit_code is ExitCode.JOB_FAILED
    assert noted(place) == []


def test_a_run_that_does_not_wait_promises_nothing(tmp_path):
    place = a_failing_launch(tmp_path, retry={"maxAttempts": 2, "backoff": "5m"})
    place.apply(wait=False)
    place.clock.sleep(60)
    place.write("plans/m1.yaml", a_manifest("other"))
    place.apply(wait=False)
    told = [item.name for item in place.heard if isinstance(item, Settled)]
    assert told == ["db-migrate"]
    assert noted(place) == []
