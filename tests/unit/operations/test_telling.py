"""What a run tells of the launches that it asks JOB about."""

from __future__ import annotations

import pytest

from launcher.errors import ExitCode
from launcher.operations.progress import EffectDone
from tests.support.workspaces import Place, a_manifest, a_place


def told(place: Place, kind: str) -> list[str]:
    effects = (item for item in place.heard if isinstance(item, EffectDone))
    return sorted(name for item in effects if item.kind == kind for name in item.names)


@pytest.mark.parametrize("kind", ["prepare", "read-back", "start"])
def test_a_call_about_instances_names_the_launches_that_they_belong_to(tmp_path, kind):
    place = a_place(tmp_path, a_manifest("web", plan=1002), a_manifest("batch", plan=1002))
    assert place.apply().exit_code is ExitCode.DONE
    assert told(place, kind) == ["batch", "web"]


def test_instances_of_an_earlier_run_are_called_by_their_names_as_well(tmp_path):
    place = a_place(tmp_path, a_manifest("web", plan=1002))
    place.apply(wait=False)
    place.heard.clear()
    place.apply()
    assert set(told(place, "read-status")) == {"web"}
