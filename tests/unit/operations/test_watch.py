"""Watching what runs, beside whatever else is at work."""

from __future__ import annotations

import json
import signal
from typing import TYPE_CHECKING, Any

import pytest

from launcher.catalogue import texts
from launcher.engine.recorded import OutcomeKind
from launcher.errors import ExitCode
from launcher.operations.adopt import adopt
from launcher.operations.progress import Observed, Settled
from launcher.operations.status import status
from launcher.operations.watch import WatchRequest, watch
from tests.support.failures import fails
from tests.support.pages import FAILS_ONCE, Pages, fails_once
from tests.support.workspaces import Place, a_manifest, a_place

if TYPE_CHECKING:
    from pathlib import Path

    from launcher.operations.applied import Applied

JOURNAL = ".launcher/ledger/sandbox.jsonl"


@pytest.fixture
def runs(tmp_path) -> Place:
    """A launch that a process left running."""
    found = a_place(tmp_path, a_manifest())
    found.apply(wait=False)
    return found


def watched(place: Place, *names: str, timeout_s: float = 1800) -> Applied:
    request = WatchRequest(place.root, None, frozenset(names), timeout_s=timeout_s)
    return watch(request, place.surroundings, progress=place.heard.append)


def newest(place: Place, name: str = "db-migrate") -> Any:
    found = status(place.root, None, refresh=False, surroundings=place.surroundings)
    return found.recorded.launches[name].newest


def sessions(place: Place) -> int:
    return (place.root / JOURNAL).read_text().count('"opened"')


def test_what_runs_is_watched_to_its_end_and_that_is_recorded(runs):
    before = sessions(runs)

    done = watched(runs)

    assert done.exit_code is ExitCode.DONE
    assert newest(runs).outcome is OutcomeKind.SUCCEEDED
    assert [item.outcome for item in runs.heard if isinstance(item, Settled)] == ["succeeded"]
    assert sessions(runs) == before
    lockfile = json.loads((runs.root / done.lockfile).read_text())
    assert lockfile["launches"]["db-migrate"]["outcome"] == "succeeded"
    assert [item["starts_accepted"] for item in runs.instances()] == [1]


def test_a_job_that_fails_while_it_is_watched_gives_its_code(tmp_path):
    place = a_place(tmp_path, a_manifest(plan=1004))
    place.apply(wait=False)
    assert watched(place).exit_code is ExitCode.JOB_FAILED


def test_a_job_of_which_nothing_is_known_any_more_gives_its_code(runs):
    runs.arm({"fault": "purge"})
    runs.clock.sleep(60)
    assert watched(runs, "db-migrate").exit_code is ExitCode.UNKNOWN


def waiting(root: Path, **spec: Any) -> Place:
    """A place where a job waits for a person, for ever."""
    place = a_place(root, a_manifest("deploy", plan=1003, **spec))
    place.apply(wait=False)
    return place


@pytest.mark.parametrize("timeout_s", [60, 7200])
def test_it_watches_for_as_long_as_it_was_asked_to_counted_from_its_own_beginning(
    tmp_path, timeout_s
):
    place = waiting(tmp_path)
    place.clock.sleep(3600)
    before = place.clock.slept_s

    assert watched(place, timeout_s=timeout_s).exit_code is ExitCode.STILL_RUNNING
    assert timeout_s <= place.clock.slept_s - before <= timeout_s + 31


@pytest.mark.parametrize("on_timeout", ["detach", "terminate"])
def test_the_wait_of_a_manifest_was_for_the_run_that_started_it(tmp_path, on_timeout):
    place = waiting(tmp_path, wait={"timeout": "1m", "onTimeout": on_timeout})
    before = place.clock.slept_s

    assert watched(place).exit_code is ExitCode.STILL_RUNNING
    assert place.clock.slept_s - before >= 1800
    assert newest(place, "deploy").outcome is OutcomeKind.WAITING


def test_a_wait_that_ends_before_the_job_gives_its_code(tmp_path):
    place = a_place(tmp_path, a_manifest("deploy", plan=1003))
    place.apply(wait=False)
    done = watched(place)
    assert done.exit_code is ExitCode.STILL_RUNNING
    assert newest(place, "deploy").outcome is OutcomeKind.WAITING


def test_a_person_who_stops_watching_stops_nothing_else(tmp_path):
    place = a_place(tmp_path, a_manifest("deploy", plan=1003))
    place.apply(wait=False)
    place.clock.sleep(5)
    place.signal = signal.SIGINT
    stopped = watched(place)
    assert stopped.exit_code is ExitCode.INTERRUPTED
    (said,) = stopped.diagnostics
    assert (said.code, texts(said).hint) == ("L550", "launcher watch -e sandbox")
    place.signal = None
    assert [item.outcome for item in place.heard if isinstance(item, Observed)][-1] == "waiting"
    assert newest(place, "deploy").outcome is OutcomeKind.WAITING


def test_a_job_that_had_failed_when_it_was_first_looked_at_gives_its_code_and_is_told(tmp_path):
    place = a_place(tmp_path, a_manifest(plan=1004))
    place.apply(wait=False)
    place.clock.sleep(60)
    assert watched(place).exit_code is ExitCode.JOB_FAILED
    place.heard.clear()
    assert watched(place, "db-migrate").exit_code is ExitCode.JOB_FAILED
    (told,) = place.heard
    assert isinstance(told, Settled)
    assert (told.name, told.outcome) == ("db-migrate", "failed")


def test_where_nothing_runs_there_is_nothing_to_watch(tmp_path):
    place = a_place(tmp_path, a_manifest())
    place.apply()
    before = (place.root / JOURNAL).read_bytes()
    done = watched(place)
    assert (done.report, done.exit_code) == (None, ExitCode.DONE)
    assert (place.root / JOURNAL).read_bytes() == before


def test_only_what_is_named_is_watched_and_an_end_before_counts_too(tmp_path):
    place = a_place(tmp_path, a_manifest(plan=1004), a_manifest("smoke", plan=1002))
    place.apply(only=frozenset({"db-migrate"}))
    place.apply(only=frozenset({"smoke"}), wait=False)
    assert watched(place, "smoke").exit_code is ExitCode.DONE
    assert watched(place, "db-migrate").exit_code is ExitCode.JOB_FAILED
    assert watched(place).exit_code is ExitCode.DONE


def test_a_launch_that_nobody_knows_cannot_be_watched(runs):
    fails(lambda: watched(runs, "nobody"), "L523", ExitCode.USAGE)


def test_what_is_no_longer_declared_is_watched_all_the_same(runs):
    (runs.root / "plans/m0.yaml").unlink()
    assert watched(runs).exit_code is ExitCode.DONE
    assert newest(runs).outcome is OutcomeKind.SUCCEEDED


def test_a_broken_manifest_hides_nothing_from_it(runs):
    runs.write("plans/broken.yaml", "kind: [")
    assert watched(runs).exit_code is ExitCode.DONE


def test_a_failed_job_that_somebody_carries_on_with_is_watched_again(tmp_path):
    place = fails_once(a_place(tmp_path, a_manifest(plan=FAILS_ONCE)))
    place.apply()
    Pages(place).retry_failed_hosts(place.instances()[0]["job_instance_id"])

    assert watched(place).exit_code is ExitCode.DONE

    attempt = newest(place)
    assert attempt.outcome is OutcomeKind.SUCCEEDED
    assert [item.outcome for item in attempt.endings] == [OutcomeKind.FAILED]


def test_an_adopted_instance_is_watched(tmp_path):
    place = a_place(tmp_path, a_manifest())
    instance = Pages(place).run()
    place.clock.sleep(1)
    here = place.surroundings
    adopt(place.root, None, "db-migrate", instance=instance, reason="bo", surroundings=here)
    assert watched(place, "db-migrate").exit_code is ExitCode.DONE


def test_watching_beside_an_apply_is_told_what_the_apply_records(tmp_path):
    place = a_place(tmp_path, a_manifest("deploy", plan=1003))
    place.apply(wait=False)
    place.clock.sleep(5)
    watcher = Place(place.root, place.clock, pid=4243)
    acted: list[ExitCode] = []

    def apply_meanwhile(item: Any) -> None:
        if getattr(item, "kind", None) == "read-status" and not acted:
            acted.append(ExitCode.DONE)
            step = Pages(place, "admin").call(
                "get_job_instance_status",
                job_instance_id=place.instances()[0]["job_instance_id"],
            )["step_instance_list"][0]["step_instance_id"]
            Pages(place, "admin").call(
                "operate_step_instance",
                job_instance_id=place.instances()[0]["job_instance_id"],
                step_instance_id=step,
                operation_code=6,
            )
            acted.append(place.apply().exit_code)

    watcher.heard = Hearing(apply_meanwhile)

    assert watched(watcher).exit_code is ExitCode.DONE

    assert acted == [ExitCode.DONE, ExitCode.DONE]
    assert [item.outcome for item in watcher.heard if isinstance(item, Settled)] == ["succeeded"]
    assert [item["starts_accepted"] for item in place.instances()] == [1]


class Hearing(list[Any]):
    """Passes on what it is told."""

    def __init__(self, tell: Any) -> None:
        super().__init__()
        self.tell = tell

    def append(self, item: Any) -> None:
        super().append(item)
        self.tell(item)


@pytest.mark.parametrize("names", [(), ("db-migrate",)])
def test_a_launch_that_is_renamed_meanwhile_goes_on_under_another_name(runs, names):
    """Whoever renames it watches it; this one says that it goes on."""
    other = Place(runs.root, runs.clock, pid=4243)
    renamed: list[ExitCode] = []

    def rename_meanwhile(item: Any) -> None:
        if getattr(item, "kind", None) == "read-status" and not renamed:
            renamed.append(ExitCode.DONE)
            manifest = json.loads(a_manifest("db-move"))
            manifest["metadata"]["renamedFrom"] = "db-migrate"
            runs.write("plans/m0.yaml", json.dumps(manifest))
            renamed.append(other.apply(wait=False).exit_code)

    runs.heard = Hearing(rename_meanwhile)

    assert watched(runs, *names).exit_code is ExitCode.STILL_RUNNING

    assert renamed == [ExitCode.DONE, ExitCode.DONE]
    assert watched(other, "db-move").exit_code is ExitCode.DONE
