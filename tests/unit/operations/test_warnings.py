"""What a run has to say of itself is told when it arises."""

from __future__ import annotations

from launcher.errors import ExitCode
from launcher.operations.progress import Note, Planned, Settled
from launcher.operations.watch import WatchRequest, watch
from tests.support.workspaces import Place, a_manifest, a_place

SILENT = {
    "fault": "server-error",
    "when": {"operation": "get_job_instance_status"},
    "times": 24,
}


def codes(place: Place) -> list[str]:
    """The codes of what was told, and where an end was."""
    told = []
    for item in place.heard:
        if isinstance(item, Note):
            told.append(item.diagnostic.code)
        if isinstance(item, Settled):
            told.append("settled")
    return told


def a_silent_place(tmp_path) -> Place:
    """A launch that runs, and of which JOB does not tell for a while."""
    place = a_place(tmp_path, a_manifest())
    place.apply(wait=False)
    place.arm(SILENT)
    place.heard.clear()
    return place


def test_silence_of_job_is_told_while_it_lasts_and_again_when_it_is_over(tmp_path):
    place = a_silent_place(tmp_path)
    request = WatchRequest(place.root, None, frozenset())

    watched = watch(request, place.surroundings, progress=place.heard.append)

    assert watched.exit_code is ExitCode.DONE
    assert sorted(codes(place)) == ["L271", "L272", "settled"]
    assert codes(place)[0] == "L271"
    begun, over = (item.time for item in place.heard if isinstance(item, Note))
    assert (over - begun).total_seconds() > 60


def test_warnings_about_what_is_planned_come_with_it_and_errors_do_not(tmp_path):
    place = a_place(tmp_path, a_manifest(), a_manifest("bad", plan=4711))

    applied = place.apply()

    (planned,) = [item for item in place.heard if isinstance(item, Planned)]
    assert [item.code for item in planned.warnings] == ["L525"]
    assert sorted({item.code for item in applied.diagnostics}) == ["L221", "L525"]
