"""One workspace from its first apply on: what starts a launch, what does not, and what is left behind."""

from __future__ import annotations

import json
from typing import Any

import pytest

from launcher.engine.changeset import Action, Reason
from launcher.engine.recorded import OutcomeKind
from launcher.errors import ExitCode, InvalidManifests
from launcher.operations.progress import Planned, Settled
from tests.support.workspaces import Place, a_manifest, a_place


def a_deploy(version: str = "1.4.2", **spec) -> str:
    variables = {"package_version": version, "targets": {"hosts": {"ids": [101]}}}
    return a_manifest("web-deploy", plan=1000, variables=variables, **spec)


@pytest.fixture
def place(tmp_path) -> Place:
    found = a_place(tmp_path, a_deploy())
    assert found.apply().exit_code is ExitCode.DONE
    return found


def versions(place: Place) -> list[str]:
    """The version that each instance ran with, in order; every one of them was started exactly once."""
    instances = place.instances()
    assert all(item["starts_accepted"] == 1 for item in instances)
    return [item["variables"]["package_version"] for item in instances]


def test_applying_starts_what_is_declared_and_writes_the_lockfile(place):
    assert versions(place) == ["1.4.2"]
    entry = json.loads((place.root / "locks/sandbox.lock.json").read_text())["launches"]
    assert entry["web-deploy"]["outcome"] == "succeeded"
    assert entry["web-deploy"]["instance"]["id"] == place.instances()[0]["job_instance_id"]


def test_applying_twice_starts_once_and_asks_nothing_the_second_time(place):
    asked = len(place.requests())
    lockfile = (place.root / "locks/sandbox.lock.json").read_bytes()

    again = place.apply()

    assert again.report is None
    assert again.exit_code is ExitCode.DONE
    assert len(place.requests()) == asked
    assert (place.root / "locks/sandbox.lock.json").read_bytes() == lockfile
    assert versions(place) == ["1.4.2"]


def test_a_diff_of_what_is_in_sync_asks_nothing_and_opens_no_server(place):
    (place.root / ".launcher/sandbox/sandbox.sqlite").unlink()

    found = place.diff()

    assert [change.action for change in found.changeset.changes] == [Action.NONE]
    assert not (place.root / ".launcher/sandbox/sandbox.sqlite").exists()


def test_editing_a_variable_starts_once_more_and_so_does_reverting_it(place):
    place.write("plans/m0.yaml", a_deploy("1.4.3"))
    place.apply()
    assert versions(place) == ["1.4.2", "1.4.3"]

    place.write("plans/m0.yaml", a_deploy("1.4.2"))
    changes = place.diff().changeset.changes
    assert (changes[0].reason, changes[0].ran_before) == (Reason.CHANGED, 1)
    place.apply()
    place.apply()
    assert versions(place) == ["1.4.2", "1.4.3", "1.4.2"]


def test_editing_the_title_or_moving_the_file_starts_nothing(place):
    (place.root / "plans/m0.yaml").unlink()
    titled = json.loads(a_deploy())
    titled["metadata"]["title"] = "Deploy the web tier"
    place.write("plans/web/deploy.yaml", json.dumps(titled))

    assert place.apply().exit_code is ExitCode.DONE
    assert versions(place) == ["1.4.2"]


def test_raising_the_revision_starts_once_more(place):
    place.write("plans/m0.yaml", a_deploy(revision=2))

    place.apply()
    place.apply()

    assert versions(place) == ["1.4.2", "1.4.2"]


def test_lowering_the_revision_is_an_error_and_nothing_is_applied_at_all(place):
    place.write("plans/m0.yaml", a_deploy(revision=2))
    place.apply()
    place.write("plans/m0.yaml", a_deploy(revision=1))
    place.write("plans/other.yaml", a_manifest())

    refused = place.apply()

    assert refused.exit_code is ExitCode.INVALID
    assert "L212" in {item.code for item in refused.diagnostics}
    assert len(place.instances()) == 2


def test_deleting_the_manifest_archives_it_and_undoes_nothing(place):
    (place.root / "plans/m0.yaml").unlink()

    done = place.apply()

    assert done.exit_code is ExitCode.DONE
    assert [change.action for change in done.changeset.changes] == [Action.ARCHIVE]
    assert versions(place) == ["1.4.2"]
    lockfile = json.loads((place.root / done.lockfile).read_text())
    assert lockfile["launches"]["web-deploy"]["archived"] is True
    assert place.apply().changeset.changes == ()


def test_a_launch_that_is_declared_again_is_no_longer_archived_and_a_rename_of_it_is_seen(place):
    manifest = place.root / "plans/m0.yaml"
    text = manifest.read_text()
    manifest.unlink()
    place.apply()
    manifest.write_text(text)

    assert place.apply().exit_code is ExitCode.DONE
    lockfile = json.loads((place.root / "locks/sandbox.lock.json").read_text())
    assert "archived" not in lockfile["launches"]["web-deploy"]

    manifest.write_text(text.replace("web-deploy", "web-release"))
    renamed = place.apply()
    assert renamed.exit_code is ExitCode.INVALID
    assert "L211" in {item.code for item in renamed.diagnostics}
    assert versions(place) == ["1.4.2"]


def test_a_launch_that_is_declared_again_after_its_archive_is_compared_with_its_history(place):
    text = (place.root / "plans/m0.yaml").read_text()
    (place.root / "plans/m0.yaml").unlink()
    place.apply()

    place.write("plans/back.yaml", text)
    place.apply()
    assert versions(place) == ["1.4.2"]


@pytest.mark.parametrize("text", ["kind: [", "\x00", "apiVersion: launcher/v1\nkind: PlanLaunch\n"])
def test_one_unreadable_file_stops_everything_and_nothing_looks_deleted(place, text):
    before = len(place.requests())
    place.write("plans/broken.yaml", text)
    (place.root / "plans/m0.yaml").unlink()

    with pytest.raises(InvalidManifests) as refused:
        place.apply()

    assert refused.value.exit_code is ExitCode.INVALID
    assert {item.place.path for item in refused.value.diagnostics if item.place} == {
        "plans/broken.yaml"
    }
    assert len(place.requests()) == before


def test_what_needs_another_launch_starts_after_it_has_succeeded(tmp_path):
    place = a_place(tmp_path, a_manifest("smoke", plan=1002, needs=["db-migrate"]), a_manifest())

    done = place.apply()

    assert done.exit_code is ExitCode.DONE
    first, second = place.instances()
    assert (first["job_plan_id"], second["job_plan_id"]) == (1001, 1002)
    assert first["end_time"] <= second["create_time"]


def test_a_failure_blocks_itself_and_what_needs_it_and_the_others_go_on(tmp_path):
    place = a_place(
        tmp_path,
        a_manifest("flaky", plan=1004),
        a_manifest("after", plan=1002, needs=["flaky"]),
        a_manifest(),
    )

    done = place.apply()

    assert done.exit_code is ExitCode.JOB_FAILED
    assert done.report is not None
    launches = done.report.recorded.launches
    assert launches["flaky"].newest.outcome is OutcomeKind.FAILED
    assert launches["db-migrate"].newest.outcome is OutcomeKind.SUCCEEDED
    assert "after" not in launches
    assert done.report.blocked == {"after": "flaky"}

    again = place.apply()
    assert again.exit_code is ExitCode.JOB_FAILED
    assert len(place.instances()) == 2


def test_without_waiting_everything_is_started_and_a_later_apply_watches_it_to_its_end(tmp_path):
    place = a_place(tmp_path, a_manifest())

    started = place.apply(wait=False)
    assert started.exit_code is ExitCode.DONE
    assert started.report is not None
    assert started.report.recorded.launches["db-migrate"].newest.outcome is OutcomeKind.STARTING

    watched = place.apply()
    assert watched.exit_code is ExitCode.DONE
    assert [change.action for change in watched.changeset.changes] == [Action.RESUME]
    assert watched.report is not None
    assert watched.report.recorded.launches["db-migrate"].newest.outcome is OutcomeKind.SUCCEEDED
    assert len(place.instances()) == 1


def test_a_refresh_records_what_has_ended_and_opens_no_session(tmp_path):
    place = a_place(tmp_path, a_manifest())
    place.apply(wait=False)
    place.clock.sleep(60)

    refreshed = place.apply(refresh_only=True)

    assert refreshed.report is None
    lockfile = json.loads((place.root / refreshed.lockfile).read_text())
    assert lockfile["launches"]["db-migrate"]["outcome"] == "succeeded"
    journal = (place.root / ".launcher/ledger/sandbox.jsonl").read_text()
    assert journal.count('"opened"') == 1


def test_only_takes_nothing_else_along(tmp_path):
    place = a_place(tmp_path, a_manifest("smoke", plan=1002, needs=["db-migrate"]), a_manifest())

    blocked = place.apply(only=frozenset({"smoke"}))
    assert [(item.name, item.reason) for item in blocked.changeset.changes] == [
        ("smoke", Reason.NEEDS)
    ]
    assert place.instances() == []

    place.apply(only=frozenset({"db-migrate"}))
    assert [item["job_plan_id"] for item in place.instances()] == [1001]


def test_what_is_not_confirmed_is_not_done_and_no_ledger_is_made(tmp_path):
    place = a_place(tmp_path, a_manifest())

    declined = place.apply(confirm=lambda _: False)

    assert (declined.exit_code, declined.report) == (ExitCode.DONE, None)
    assert place.instances() == []
    assert not (place.root / ".launcher/ledger").exists()


def test_the_changeset_is_told_before_anything_is_sent_and_the_end_of_each_launch_after(tmp_path):
    place = a_place(tmp_path, a_manifest())

    place.apply()

    assert isinstance(place.heard[0], Planned)
    assert [item.outcome for item in place.heard if isinstance(item, Settled)] == [
        OutcomeKind.SUCCEEDED
    ]


def test_a_run_that_is_stopped_saves_the_record_and_the_next_one_goes_on(tmp_path):
    place = a_place(tmp_path, a_manifest())

    def stop(_):
        place.signal = 15

    place.heard = Stopping(stop)
    stopped = place.apply()

    assert stopped.exit_code is ExitCode.TERMINATED
    assert "L550" in {item.code for item in stopped.diagnostics}
    lockfile = json.loads((place.root / stopped.lockfile).read_text())
    assert lockfile["launches"]["db-migrate"]["outcome"] in ("prepared", "starting", "running")

    place.signal, place.heard = None, []
    assert place.apply().exit_code is ExitCode.DONE
    assert [item["starts_accepted"] for item in place.instances()] == [1]


class Stopping(list[Any]):
    """Stops the run once an instance is prepared."""

    def __init__(self, stop):
        super().__init__()
        self.stop = stop

    def append(self, item):
        super().append(item)
        if getattr(item, "kind", None) == "prepare":
            self.stop(item)
