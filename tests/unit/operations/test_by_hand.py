"""What people put in the place of a launch: an instance of theirs (`adopt`), or nothing (`waive`)."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from launcher.engine.changeset import Action, Reason
from launcher.engine.recorded import OutcomeKind
from launcher.errors import ExitCode
from launcher.operations import ledger
from launcher.operations.adopt import adopt
from launcher.operations.record import open_ledger
from launcher.operations.resolve import resolve
from launcher.operations.site import find_site
from launcher.operations.status import status
from launcher.operations.unlock import unlock
from launcher.operations.waive import waive
from tests.support.failures import fails
from tests.support.pages import FAILS_ONCE, Pages, fails_once
from tests.support.workspaces import Place, a_manifest, a_place

if TYPE_CHECKING:
    from launcher.operations.byhand import ByHand

JOURNAL = ".launcher/ledger/sandbox.jsonl"
NOT_THERE = 20000000999


@pytest.fixture
def place(tmp_path) -> Place:
    return a_place(tmp_path, a_manifest())


@pytest.fixture
def done(place: Place) -> Place:
    assert place.apply().exit_code is ExitCode.DONE
    return place


@pytest.fixture
def failed(tmp_path) -> Place:
    found = fails_once(a_place(tmp_path, a_manifest(plan=FAILS_ONCE)))
    assert found.apply().exit_code is ExitCode.JOB_FAILED
    return found


@pytest.fixture
def runs(tmp_path) -> Place:
    """A launch that a process left running."""
    found = a_place(tmp_path, a_manifest())
    found.apply(wait=False)
    return found


@pytest.fixture
def prepared(tmp_path) -> Place:
    """An instance was prepared for the launch, and a person ended the session of its run."""
    found = a_place(tmp_path, a_manifest())
    here = Place(found.root, found.clock, pid=4243).surroundings
    found.heard = Between(
        "read-back", lambda: unlock(found.root, None, reason="it hangs", surroundings=here)
    )
    assert found.apply().exit_code is ExitCode.LOCKED
    return found


def adopted(place: Place, instance: int, name: str = "db-migrate", **asked: Any) -> ByHand:
    asked = {"reason": "bo ran it at night", **asked}
    return adopt(
        place.root, None, name, instance=instance, surroundings=place.surroundings, **asked
    )


def waived(place: Place, name: str = "db-migrate", **asked: Any) -> ByHand:
    asked = {"reason": "done by hand", **asked}
    return waive(place.root, None, name, surroundings=place.surroundings, **asked)


def only_change(place: Place):
    (change,) = place.diff().changeset.changes
    return change.action, change.reason


def journal(place: Place) -> bytes:
    path = place.root / JOURNAL
    return path.read_bytes() if path.exists() else b""


def entry(place: Place, name: str = "db-migrate") -> dict[str, Any]:
    found = json.loads((place.root / "locks/sandbox.lock.json").read_text())
    return dict(found["launches"][name])


# --- waive: what it does -----------------------------------------------------------------------


def test_what_was_never_launched_is_waived_and_nothing_is_ever_sent(place):
    done = waived(place)

    assert (done.attempt.number, done.attempt.outcome) == (1, OutcomeKind.WAIVED)
    assert only_change(place) == (Action.NONE, Reason.IN_SYNC)
    assert place.apply().exit_code is ExitCode.DONE
    assert place.instances() == []
    assert (entry(place)["outcome"], entry(place)["instance"]) == ("waived", None)


def test_what_failed_is_waived_as_another_attempt_and_the_failure_stays_on_record(failed):
    done = waived(failed)

    assert done.attempt.number == 2
    found = status(failed.root, None, refresh=False, surroundings=failed.surroundings)
    record = found.recorded.launches["db-migrate"]
    assert [item.outcome for item in record.attempts] == [OutcomeKind.FAILED, OutcomeKind.WAIVED]
    assert record.newest.reason == "done by hand"
    assert failed.apply().exit_code is ExitCode.DONE
    assert len(failed.instances()) == 1


def test_what_needs_a_waived_launch_goes_on(tmp_path):
    place = a_place(tmp_path, a_manifest(), a_manifest("smoke", plan=1002, needs=["db-migrate"]))
    waived(place)
    assert place.apply().exit_code is ExitCode.DONE
    assert [item["job_plan_id"] for item in place.instances()] == [1002]


def test_a_waiver_is_of_what_is_declared_now_and_a_change_launches_as_usual(place):
    waived(place)
    place.write("plans/m0.yaml", a_manifest(variables={"revision": "7"}))
    assert place.apply().exit_code is ExitCode.DONE
    assert len(place.instances()) == 1


def test_what_is_prepared_is_waived_and_its_instance_is_an_orphan(prepared):
    waived(prepared)

    found = status(prepared.root, None, refresh=False, surroundings=prepared.surroundings)
    assert [item.instance for item in found.orphans] == [the_instance(prepared)]
    assert prepared.apply().exit_code is ExitCode.DONE
    assert [item["starts_accepted"] for item in prepared.instances()] == [0]


def the_instance(place: Place) -> int:
    found: int = place.instances()[0]["job_instance_id"]
    return found


def test_a_waiver_survives_the_loss_of_the_ledger(place):
    waived(place)
    (place.root / JOURNAL).unlink()
    ledger.restore(place.root, None, reason="the disk died", surroundings=place.surroundings)
    assert place.apply().exit_code is ExitCode.DONE
    assert place.instances() == []


# --- waive: what it refuses ---------------------------------------------------------------------


def test_nothing_is_waived_while_it_runs(runs):
    before = journal(runs)
    fails(lambda: waived(runs), "L723")
    assert journal(runs) == before


def test_nothing_is_waived_while_its_outcome_is_unknown(unknown):
    fails(lambda: waived(unknown), "L722")


def test_what_is_no_longer_declared_is_not_waived(done):
    (done.root / "plans/m0.yaml").unlink()
    fails(lambda: waived(done), "L720")
    done.apply()
    fails(lambda: waived(done), "L720")


def test_what_counts_as_done_is_not_waived(done):
    fails(lambda: waived(done), "L726")


def test_what_a_person_has_started_is_not_waived_as_if_it_had_never_run(prepared):
    Pages(prepared).start(the_instance(prepared))
    prepared.clock.sleep(5)
    before = journal(prepared)
    fails(lambda: waived(prepared), "L727")
    assert journal(prepared) == before


def test_a_lowered_revision_is_not_waived(tmp_path):
    place = a_place(tmp_path, a_manifest(revision=3))
    place.apply()
    place.write("plans/m0.yaml", a_manifest(revision=2))
    fails(lambda: waived(place), "L725")


def test_an_older_commit_waives_nothing(tmp_path):
    """What is declared there may have been replaced, and would then run once more."""
    place = a_place(tmp_path, a_manifest())
    place.write(".gitignore", ".launcher/\n")
    place.git("init", "--quiet", "-b", "main")
    first = place.commit("first")
    place.write("plans/m0.yaml", a_manifest(variables={"revision": "7"}))
    place.commit("second")
    place.apply()
    place.git("add", "--all")
    place.git("commit", "--quiet", "-m", "lockfile")
    place.git("checkout", "--quiet", first)
    fails(lambda: waived(place), "L524")


def test_waiving_needs_a_reason_and_a_launch_that_exists(place):
    fails(lambda: waived(place, reason=" "), "L539", ExitCode.USAGE)
    fails(lambda: waived(place, "nobody"), "L523", ExitCode.USAGE)
    assert journal(place) == b""


# --- adopt: what it does ------------------------------------------------------------------------


def test_an_instance_that_somebody_ran_on_jobs_pages_counts_as_the_launch(place):
    instance = Pages(place).run()
    place.clock.sleep(60)

    done = adopted(place, instance)

    assert (done.attempt.outcome, done.attempt.instance_id) == (OutcomeKind.ADOPTED, instance)
    assert done.attempt.started_at is not None
    assert done.attempt.finished_at is not None
    assert done.attempt.started_at < done.attempt.finished_at
    assert only_change(place) == (Action.NONE, Reason.IN_SYNC)
    assert place.apply().exit_code is ExitCode.DONE
    assert len(place.instances()) == 1
    assert entry(place)["outcome"] == "adopted"


def test_an_instance_that_still_runs_is_adopted_and_watched_to_its_end(place):
    instance = Pages(place).run()
    place.clock.sleep(1)

    assert adopted(place, instance).attempt.outcome is OutcomeKind.RUNNING
    assert entry(place)["outcome"] == "running"
    fails(lambda: waived(place), "L723")

    assert place.apply().exit_code is ExitCode.DONE
    assert entry(place)["outcome"] == "succeeded"
    assert len(place.instances()) == 1


def test_an_instance_that_waits_for_a_person_is_adopted_as_waiting(tmp_path):
    place = a_place(tmp_path, a_manifest("deploy", plan=1003))
    instance = Pages(place).run(1003)
    place.clock.sleep(5)
    assert adopted(place, instance, "deploy").attempt.outcome is OutcomeKind.WAITING


def test_an_adopted_instance_that_fails_later_is_a_failure_of_the_launch(tmp_path):
    place = fails_once(a_place(tmp_path, a_manifest(plan=FAILS_ONCE)))
    instance = Pages(place).run(FAILS_ONCE)
    place.clock.sleep(1)
    assert adopted(place, instance).attempt.outcome is OutcomeKind.RUNNING
    assert place.apply().exit_code is ExitCode.JOB_FAILED
    assert len(place.instances()) == 1


def test_adopting_binds_a_new_ledger_to_the_server_that_knows_the_instance(place):
    instance = Pages(place).run()
    place.clock.sleep(60)
    adopted(place, instance)
    found = status(place.root, None, refresh=False, surroundings=place.surroundings)
    assert found.recorded.server is not None
    for left in (place.root / ".launcher/sandbox").iterdir():
        left.unlink()
    place.write("plans/m0.yaml", a_manifest(variables={"revision": "7"}))
    fails(place.apply, "L435")


def test_what_an_adopted_instance_ran_is_kept_to_tell_later_what_has_changed(place):
    instance = Pages(place).run()
    place.clock.sleep(10)

    attempt = adopted(place, instance).attempt

    site = find_site(place.root, None, place.surroundings)
    assert attempt.plan is not None
    assert list(open_ledger(site).read().contents) == [attempt.plan.digest]


def test_after_a_failure_another_run_of_the_job_plan_is_adopted_as_the_next_attempt(failed):
    instance = Pages(failed).run(FAILS_ONCE)
    failed.clock.sleep(60)
    Pages(failed).retry_failed_hosts(instance)
    failed.clock.sleep(60)

    assert adopted(failed, instance).attempt.number == 2
    assert failed.apply().exit_code is ExitCode.DONE
    assert len(failed.instances()) == 2


def test_a_job_plan_that_was_changed_since_is_told_of_and_not_recorded_as_what_ran(tmp_path):
    place = fails_once(a_place(tmp_path, a_manifest()))
    world = place.root / ".launcher/world.yaml"
    instance = Pages(place).run()
    place.clock.sleep(60)
    text = world.read_text()
    world.write_text(
        text.replace("name: Migrate database", "name: Migrate database\n    modified: 1900000000")
    )

    done = adopted(place, instance)

    assert [item.code for item in done.diagnostics] == ["L732"]
    assert done.attempt.plan is None


# --- adopt: what it refuses ---------------------------------------------------------------------


def test_an_instance_that_nobody_started_is_never_adopted(place):
    instance = Pages(place).run(start=False)
    before = journal(place)
    fails(lambda: adopted(place, instance), "L729")
    assert before == b""
    assert OutcomeKind.ADOPTED.value not in journal(place).decode()


def test_an_instance_that_failed_is_not_adopted(tmp_path):
    place = fails_once(a_place(tmp_path, a_manifest(plan=FAILS_ONCE)))
    instance = Pages(place).run(FAILS_ONCE)
    place.clock.sleep(60)
    fails(lambda: adopted(place, instance), "L730")


def test_an_instance_of_another_job_plan_is_not_adopted(place):
    instance = Pages(place).run(1002)
    place.clock.sleep(60)
    fails(lambda: adopted(place, instance), "L561")


def test_an_instance_that_ran_another_content_than_the_pinned_one_is_not_adopted(place):
    instance = Pages(place).run()
    place.clock.sleep(10)
    place.write("plans/m0.yaml", a_manifest(pin={"digest": "v1:sha256:" + "0" * 64}))

    fails(lambda: adopted(place, instance), "L263")


def test_an_instance_of_another_scope_is_not_adopted(place):
    instance = Pages(place).run(2000, scope="3")
    place.clock.sleep(60)
    fails(lambda: adopted(place, instance), "L728")


def test_an_instance_that_job_does_not_know_is_not_adopted(place):
    fails(lambda: adopted(place, NOT_THERE), "L728")
    fails(lambda: adopted(place, 77), "L572", ExitCode.USAGE)


def test_an_instance_that_is_on_record_for_another_launch_is_not_adopted(done):
    done.write("plans/twin.yaml", a_manifest("twin", revision=2))
    fails(lambda: adopted(done, the_instance(done), "twin"), "L565")


def test_an_instance_that_is_on_record_for_an_attempt_before_is_not_adopted(failed):
    Pages(failed).retry_failed_hosts(the_instance(failed))
    failed.clock.sleep(60)
    fails(lambda: adopted(failed, the_instance(failed)), "L565")


def test_nothing_is_adopted_while_an_attempt_is_on_its_way(runs):
    instance = Pages(runs).run()
    runs.clock.sleep(60)
    fails(lambda: adopted(runs, instance), "L723")


def test_nothing_is_adopted_while_the_outcome_is_unknown(unknown):
    instance = Pages(unknown).run()
    unknown.clock.sleep(60)
    fails(lambda: adopted(unknown, instance), "L722")


def test_nothing_is_adopted_for_what_counts_as_done_or_is_not_declared(done):
    instance = Pages(done).run()
    done.clock.sleep(60)
    fails(lambda: adopted(done, instance), "L726")
    (done.root / "plans/m0.yaml").unlink()
    fails(lambda: adopted(done, instance), "L720")


def test_what_job_cannot_be_asked_about_is_not_adopted(place):
    instance = Pages(place).run()
    place.clock.sleep(60)
    for operation, code in (("get_job_instance_status", "L562"), ("get_job_plan_detail", "L731")):
        place.arm({"fault": "server-error", "times": "always", "when": {"operation": operation}})
        fails(lambda: adopted(place, instance), code, ExitCode.SURROUNDINGS)
    assert OutcomeKind.ADOPTED.value not in journal(place).decode()


def test_adopting_needs_a_reason_and_a_launch_that_exists(place):
    fails(lambda: adopted(place, NOT_THERE, reason=""), "L539", ExitCode.USAGE)
    fails(lambda: adopted(place, NOT_THERE, "nobody"), "L523", ExitCode.USAGE)


# --- beside a run that is at work -----------------------------------------------------------------


@pytest.fixture
def unknown(tmp_path) -> Place:
    """A launch of which nobody can say whether it ran."""
    place = a_place(tmp_path, a_manifest())
    place.apply(wait=False)
    place.arm({"fault": "purge"})
    place.clock.sleep(60)
    assert place.apply().exit_code is ExitCode.UNKNOWN
    place.arm()
    return place


def test_what_is_resolved_as_not_run_can_be_waived(unknown):
    resolve(
        unknown.root,
        None,
        "db-migrate",
        ran=None,
        reason="looked",
        surroundings=unknown.surroundings,
    )
    assert waived(unknown).attempt.number == 2


class Between(list[Any]):
    """Acts once, when an apply tells of the first `kind`."""

    def __init__(self, kind: str, act: Any) -> None:
        super().__init__()
        self.kind, self.act = kind, act
        self.acted = False

    def append(self, item: Any) -> None:
        super().append(item)
        if getattr(item, "kind", None) == self.kind and not self.acted:
            self.acted = True
            self.act()


@pytest.mark.parametrize("kind", ["read-plans", "prepare", "read-back"])
def test_a_launch_that_is_waived_while_a_run_prepares_it_is_not_started(tmp_path, kind):
    place = a_place(tmp_path, a_manifest())
    person = Place(place.root, place.clock, pid=4243)
    place.heard = Between(kind, lambda: waived(person))

    place.apply()

    assert place.heard.acted
    assert all(item["starts_accepted"] == 0 for item in place.instances())
    found = status(place.root, None, refresh=False, surroundings=place.surroundings)
    assert found.recorded.launches["db-migrate"].newest.outcome is OutcomeKind.WAIVED
    assert only_change(place) == (Action.NONE, Reason.IN_SYNC)


def test_another_launch_is_waived_while_an_apply_waits(tmp_path):
    place = a_place(tmp_path, a_manifest(), a_manifest("smoke", plan=1004))
    person = Place(place.root, place.clock, pid=4243)
    place.heard = Between("read-status", lambda: waived(person, "smoke"))

    place.apply(only=frozenset({"db-migrate"}))

    assert place.heard.acted
    assert place.apply().exit_code is ExitCode.DONE
    assert [item["job_plan_id"] for item in place.instances()] == [1001]
