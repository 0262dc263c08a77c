"""Runs that end in the middle, and what the next one finds."""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING, Any

import pytest

from launcher.engine.recorded import OutcomeKind
from launcher.errors import ExitCode, LockHeld, RefusedToAct, SurroundingsFailed
from launcher.operations.ledger import restore
from launcher.operations.unlock import unlock
from tests.support.workspaces import Clock, Place, a_manifest, a_place

if TYPE_CHECKING:
    from collections.abc import Callable

JOURNAL = ".launcher/ledger/sandbox.jsonl"


class Death(Exception):
    """The process is gone."""


class Hearing(list[Any]):
    """Does something once an effect of that kind was performed."""

    def __init__(self, kind: str, act: Callable[[], None]) -> None:
        super().__init__()
        self.kind = kind
        self.act = act

    def append(self, item: object) -> None:
        super().append(item)
        if getattr(item, "kind", None) == self.kind:
            self.act()


@pytest.fixture
def place(tmp_path) -> Place:
    return a_place(tmp_path, a_manifest(), a_manifest("smoke", plan=1002, needs=["db-migrate"]))


@pytest.mark.parametrize("kind", ["probe", "prepare", "read-back", "start", "read-status"])
def test_a_run_that_dies_is_taken_over_and_nothing_starts_twice(place, kind):
    def die() -> None:
        raise Death

    place.heard = Hearing(kind, die)
    with pytest.raises(Death):
        place.apply()

    place.heard = []
    after = Place(place.root, place.clock, pid=4243)
    done = after.apply()

    assert done.exit_code is ExitCode.DONE
    assert "L422" in {item.code for item in done.diagnostics}
    started = [item for item in place.instances() if item["starts_accepted"]]
    assert [item["job_plan_id"] for item in started] == [1001, 1002]
    assert {item["starts_accepted"] for item in started} == {1}


def test_the_lockfile_tells_how_far_a_run_got_that_ended_in_an_error(place):
    def die() -> None:
        raise Death

    place.heard = Hearing("start", die)
    with pytest.raises(Death):
        place.apply()

    launches = json.loads((place.root / "locks/sandbox.lock.json").read_text())["launches"]
    assert launches["db-migrate"]["outcome"] == "starting"


def test_a_ledger_that_is_replaced_during_a_run_stops_it_before_anything_starts(place):
    place.apply(only=frozenset({"db-migrate"}))
    shutil.copy(place.root / JOURNAL, place.root / "older.jsonl")

    place.heard = Hearing(
        "prepare", lambda: shutil.copy(place.root / "older.jsonl", place.root / JOURNAL) and None
    )
    done = place.apply()

    assert done.exit_code is ExitCode.REFUSED
    assert {"L236", "L408"} <= {item.code for item in done.diagnostics}
    assert [item["starts_accepted"] for item in place.instances()] == [1, 0]


def test_a_server_that_cannot_hold_instances_back_is_refused_with_nothing_sent(place):
    place.arm({"fault": "older-server", "times": "always"})

    done = place.apply()

    assert done.exit_code is ExitCode.REFUSED
    assert "L231" in {item.code for item in done.diagnostics}
    assert place.instances() == []


def test_an_answer_that_is_lost_after_the_start_is_found_out_and_not_repeated(place):
    place.arm(
        {
            "fault": "answer-lost",
            "times": "always",
            "when": {"operation": "operate_job_instance", "plan": 1001},
        }
    )

    done = place.apply()

    assert done.exit_code is ExitCode.DONE
    assert [item["starts_accepted"] for item in place.instances()] == [1, 1]


def test_jobs_that_outlast_the_wait_go_on_and_the_exit_code_tells(tmp_path):
    place = a_place(tmp_path, a_manifest("approve", plan=1003))

    done = place.apply()

    assert done.exit_code is ExitCode.STILL_RUNNING
    assert "L551" in {item.code for item in done.diagnostics}
    assert done.report is not None
    assert done.report.recorded.launches["approve"].newest.outcome is OutcomeKind.WAITING


def test_a_stop_before_anything_was_sent_does_nothing(place):
    place.signal = 2

    done = place.apply()

    assert (done.exit_code, done.report) == (ExitCode.INTERRUPTED, None)
    assert place.instances() == []


class Patient(Clock):
    """Whoever sleeps on it ends the session that is in the way, once."""

    def __init__(self, place: Place) -> None:
        super().__init__(place.clock.now)
        self.place = place
        self.ended = False

    def sleep(self, seconds: float) -> None:
        super().sleep(seconds)
        if not self.ended:
            self.ended = True
            unlock(self.place.root, None, reason="slow", surroundings=self.place.surroundings)


def test_another_session_is_waited_for_and_then_it_is_our_turn(place):
    second = Place(place.root, Patient(place), pid=4243)
    met: list[ExitCode] = []

    def meet() -> None:
        if not met:
            met.append(second.apply(lock_timeout_s=60).exit_code)

    place.heard = Hearing("prepare", meet)

    assert place.apply().exit_code is ExitCode.LOCKED
    assert met == [ExitCode.DONE]
    told = [(item.code, item.facts["pid"], item.facts["duration"]) for item in second.remarks]
    assert told == [("L623", "4242", "1m")]
    started = [item for item in place.instances() if item["starts_accepted"]]
    assert [item["job_plan_id"] for item in started] == [1001, 1002]


def test_another_session_is_waited_for_no_longer_than_asked(place):
    second = Place(place.root, pid=4243)
    met: list[str] = []

    def meet() -> None:
        if not met:
            with pytest.raises(LockHeld) as error:
                second.apply(lock_timeout_s=5)
            met.append(error.value.diagnostics[0].code)

    place.heard = Hearing("prepare", meet)
    place.apply()

    assert (met, second.clock.slept_s) == (["L420"], 5)
    assert [item.code for item in second.remarks] == ["L623"]


@pytest.mark.parametrize("kind", ["prepare", "start"])
@pytest.mark.parametrize("is_first", [True, False])
def test_a_run_that_is_killed_and_whose_ledger_gets_lost_is_noticed_and_starts_nothing_again(
    place, kind, is_first
):
    """A `git clean` after a SIGKILL: of the whole run, the lockfile alone is left, as it stood at that moment."""
    if not is_first:
        place.apply()
        place.write("plans/m0.yaml", a_manifest(variables={"revision": "2"}))
    lockfile = place.root / "locks/sandbox.lock.json"
    left: list[bytes] = []
    place.heard = Hearing(kind, lambda: left.append(lockfile.read_bytes()))
    place.apply()
    started = [item["began"] for item in place.instances()]
    lockfile.write_bytes(left[0])
    shutil.rmtree(place.root / ".launcher/ledger")

    with pytest.raises(RefusedToAct) as refused:
        place.apply()
    assert [item.code for item in refused.value.diagnostics] == ["L430"]

    restore(place.root, None, reason="cleaned", surroundings=place.surroundings)
    found = place.apply(only=frozenset({"db-migrate"}))
    assert found.exit_code is ExitCode.UNKNOWN
    assert [item["began"] for item in place.instances()] == started


def test_nothing_is_sent_where_the_lockfile_of_a_new_ledger_cannot_be_written(place):
    place.write("locks", "a file where the folder should be")
    with pytest.raises(SurroundingsFailed) as failed:
        place.apply()
    assert failed.value.diagnostics[0].code in ("L444", "L447")
    assert place.instances() == []
