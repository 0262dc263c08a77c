"""A server that turns a run away, as if for ever."""

from __future__ import annotations

import pytest

from launcher.errors import ExitCode
from launcher.operations.progress import EffectDone
from tests.support.workspaces import Place, a_manifest, a_place

OPERATION = {"operation": "execute_job_plan", "plan": 1001}


def told(place: Place, kind: str) -> list[tuple[str, ...]]:
    return [x.names for x in place.heard if isinstance(x, EffectDone) and x.kind == kind]


@pytest.fixture
def limited(tmp_path) -> Place:
    place = a_place(tmp_path, a_manifest("late"), a_manifest("first", plan=1002))
    place.diff()
    place.arm({"fault": "rate-limited", "retry_after_s": 20, "times": "always", "when": OPERATION})
    return place


def test_a_prepare_that_never_left_is_not_told_as_one_that_did(limited):
    done = limited.apply()

    assert done.exit_code is ExitCode.SURROUNDINGS
    assert "L241" in {item.code for item in done.diagnostics}
    assert told(limited, "prepare") == [("first",)]
    assert [item["job_plan_id"] for item in limited.instances()] == [1002]


def test_the_pauses_are_told_and_end(limited):
    limited.apply()

    assert {item.code for item in limited.remarks} == {"L620"}
    assert limited.clock.slept_s < 150
