"""What people do to the record by hand: resolve, unlock, restore, rebind, look."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from launcher.engine.recorded import OutcomeKind
from launcher.errors import ExitCode
from launcher.operations import instances, ledger, lock
from launcher.operations import resolve as resolving
from launcher.operations.adopt import adopt
from launcher.operations.resolve import Resolved, resolve
from launcher.operations.status import status
from launcher.operations.unlock import unlock
from tests.support.failures import fails
from tests.support.workspaces import SINGLE_PHASE, Place, a_manifest, a_place

if TYPE_CHECKING:
    from collections.abc import Callable

JOURNAL = ".launcher/ledger/sandbox.jsonl"
NOT_THERE = 20000000999


@pytest.fixture
def lost(tmp_path) -> Place:
    """On an older server, the answer to the one request that starts the migration was lost."""
    place = a_place(
        tmp_path,
        a_manifest(),
        a_manifest("smoke", plan=1002, needs=["db-migrate"]),
        workspace=SINGLE_PHASE,
    )
    place.arm(
        {"fault": "older-server", "times": "always"},
        {"fault": "answer-lost", "when": {"operation": "execute_job_plan", "plan": 1001}},
    )
    found = place.apply()
    assert found.exit_code is ExitCode.UNKNOWN
    assert len(place.instances()) == 1
    return place


def resolved(
    place: Place,
    ran: int | None = None,
    name: str = "db-migrate",
    reason: str = "the log says so",
    *,
    forgotten: bool = False,
) -> Resolved:
    return resolve(
        place.root,
        None,
        name,
        ran=ran,
        reason=reason,
        surroundings=place.surroundings,
        forgotten=forgotten,
    )


def the_instance(place: Place) -> int:
    found: int = place.instances()[0]["job_instance_id"]
    return found


# --- resolve ------------------------------------------------------------------------------------


def test_an_unknown_outcome_starts_nothing_by_itself_however_often_one_applies(lost):
    lost.write("plans/m0.yaml", a_manifest(variables={"revision": "7"}))
    assert lost.apply().exit_code is ExitCode.UNKNOWN
    assert lost.apply().exit_code is ExitCode.UNKNOWN
    assert len(lost.instances()) == 1


def test_what_ran_is_resolved_by_what_job_says_of_it_and_what_needs_it_goes_on(lost):
    lost.clock.sleep(60)

    done = resolved(lost, ran=the_instance(lost))

    assert (done.outcome, done.attempt) == (OutcomeKind.SUCCEEDED, 1)
    entry = json.loads((lost.root / done.lockfile).read_text())["launches"]["db-migrate"]
    assert entry["instance"]["id"] == the_instance(lost)
    assert lost.apply().exit_code is ExitCode.DONE
    assert [item["job_plan_id"] for item in lost.instances()] == [1001, 1002]


def test_of_two_who_claim_one_instance_for_two_launches_one_is_refused(tmp_path, monkeypatch):
    place = a_place(
        tmp_path,
        a_manifest(),
        a_manifest("again", plan=1001, trigger="manual"),
        workspace=SINGLE_PHASE,
    )
    place.arm(
        {"fault": "older-server", "times": "always"},
        {"fault": "answer-lost", "when": {"operation": "execute_job_plan", "plan": 1001}},
    )
    assert place.apply().exit_code is ExitCode.UNKNOWN
    place.clock.sleep(60)
    really = instances.read_instance

    def read_while_another_adopts(*asked, **more):
        monkeypatch.setattr(resolving, "read_instance", really)
        here = place.surroundings
        adopt(
            place.root, None, "again", instance=the_instance(place), reason="bo", surroundings=here
        )
        return really(*asked, **more)

    monkeypatch.setattr(resolving, "read_instance", read_while_another_adopts)
    fails(lambda: resolved(place, the_instance(place)), "L565")


def test_what_has_not_begun_may_still_begin_and_is_not_resolved_yet(lost):
    fails(lambda: resolved(lost, ran=the_instance(lost)), "L564")


def test_what_still_runs_is_watched_from_then_on(lost):
    lost.clock.sleep(1)
    done = resolved(lost, ran=the_instance(lost))

    assert done.outcome is OutcomeKind.RUNNING
    assert lost.apply().exit_code is ExitCode.DONE
    assert [item["job_plan_id"] for item in lost.instances()] == [1001, 1002]


def test_what_did_not_run_is_launched_again(lost):
    lost.arm()

    done = resolved(lost)

    assert (done.outcome, done.instance) == (OutcomeKind.NOT_RAN, None)
    assert lost.apply().exit_code is ExitCode.DONE
    assert [item["job_plan_id"] for item in lost.instances()] == [1001, 1001, 1002]


def test_what_did_run_as_far_as_job_knows_is_not_resolved_as_not_run(tmp_path):
    place = a_place(tmp_path, a_manifest())
    place.apply(wait=False)
    (place.root / JOURNAL).unlink()
    restored(place)
    place.clock.sleep(60)

    fails(lambda: resolved(place), "L546")
    assert resolved(place, ran=the_instance(place)).outcome is OutcomeKind.SUCCEEDED


def test_a_start_that_may_still_be_on_its_way_is_waited_for_and_then_given_up(tmp_path):
    place = a_place(tmp_path, a_manifest())
    ledger.init(place.root, None, surroundings=place.surroundings)
    place.arm({"fault": "start-lost", "times": "always"})
    place.apply(wait=False)
    (place.root / JOURNAL).unlink()
    restored(place)

    fails(lambda: resolved(place), "L564")
    place.clock.sleep(601)
    assert resolved(place).outcome is OutcomeKind.NOT_RAN


def test_an_instance_that_job_has_forgotten_never_counts_as_a_success(lost):
    done = resolved(lost, ran=NOT_THERE, forgotten=True)

    assert done.outcome is OutcomeKind.FAILED
    assert [item.code for item in done.diagnostics] == ["L563"]
    assert lost.apply().exit_code is ExitCode.JOB_FAILED
    assert len(lost.instances()) == 1


def test_an_instance_that_job_does_not_know_may_be_a_slip_of_the_pen(lost):
    before = (lost.root / JOURNAL).read_bytes()
    fails(lambda: resolved(lost, ran=NOT_THERE), "L593")
    assert (lost.root / JOURNAL).read_bytes() == before


def test_what_job_knows_is_asked_of_job_whether_it_may_have_forgotten_it_or_not(lost):
    lost.clock.sleep(60)
    assert resolved(lost, ran=the_instance(lost), forgotten=True).outcome is OutcomeKind.SUCCEEDED


def test_a_number_that_no_instance_can_have_is_refused(lost):
    fails(lambda: resolved(lost, ran=77), "L572", ExitCode.USAGE)
    assert resolved(lost).outcome is OutcomeKind.NOT_RAN


def test_an_instance_of_another_job_plan_is_refused(lost):
    other = a_place(lost.root, workspace=SINGLE_PHASE)
    other.clock = lost.clock
    other.write("plans/other.yaml", a_manifest("other", plan=1002))
    other.apply(only=frozenset({"other"}))
    newest = other.instances()[-1]["job_instance_id"]

    fails(lambda: resolved(lost, ran=newest), "L565")
    (lost.root / "plans/other.yaml").unlink()


def test_an_outcome_that_is_known_cannot_be_resolved(tmp_path):
    place = a_place(tmp_path, a_manifest())
    place.apply()
    fails(lambda: resolved(place), "L560")


@pytest.mark.parametrize("operation", ["get_job_instance_status", "get_job_instance_list"])
def test_what_job_cannot_be_asked_about_is_not_taken_on_trust(lost, operation):
    lost.clock.sleep(60)
    lost.arm({"fault": "server-error", "times": "always", "when": {"operation": operation}})
    before = (lost.root / JOURNAL).read_bytes()
    fails(lambda: resolved(lost, ran=the_instance(lost)), "L562", ExitCode.SURROUNDINGS)
    assert (lost.root / JOURNAL).read_bytes() == before


def test_a_launch_in_flight_that_job_has_forgotten_can_be_resolved_at_once(tmp_path):
    place = a_place(tmp_path, a_manifest())
    place.apply(wait=False)
    place.arm({"fault": "purge"})
    place.clock.sleep(60)

    assert resolved(place).outcome is OutcomeKind.NOT_RAN


def test_what_is_on_record_as_begun_did_run_although_job_has_forgotten_it(tmp_path):
    place = a_place(tmp_path, a_manifest())
    place.apply(wait=False)
    place.clock.sleep(1)
    place.apply(refresh_only=True)
    place.arm({"fault": "purge"})
    place.clock.sleep(60)

    fails(lambda: resolved(place), "L546")
    done = resolved(place, ran=the_last(place), forgotten=True)
    assert done.outcome is OutcomeKind.FAILED


def test_what_was_prepared_when_its_ledger_was_lost_may_still_begin(tmp_path):
    place = a_place(tmp_path, a_manifest())
    place.arm({"fault": "start-lost", "times": "always"})
    path = place.root / place.apply(wait=False).lockfile
    data = json.loads(path.read_text())
    data["launches"]["db-migrate"] |= {"outcome": "prepared", "started": None}
    path.write_text(json.dumps(data))
    (place.root / JOURNAL).unlink()
    restored(place)

    fails(lambda: resolved(place), "L564")
    place.clock.sleep(660)
    assert resolved(place).outcome is OutcomeKind.NOT_RAN


def the_last(place: Place) -> int:
    """The instance of the newest attempt on record."""
    entry = json.loads((place.root / "locks/sandbox.lock.json").read_text())
    found: int = entry["launches"]["db-migrate"]["instance"]["id"]
    return found


def test_resolving_needs_a_reason_and_a_launch_that_exists(lost):
    fails(lambda: resolved(lost, reason=" "), "L539", ExitCode.USAGE)
    fails(lambda: resolved(lost, name="nobody"), "L523", ExitCode.USAGE)


# --- unlock -------------------------------------------------------------------------------------


def test_a_session_is_ended_by_hand_and_its_run_claims_nothing_more(tmp_path):
    place = a_place(tmp_path, a_manifest(), a_manifest("smoke", plan=1002, needs=["db-migrate"]))
    person = Place(place.root, place.clock, pid=4243)
    ended: list[str] = []

    def end(item: object) -> None:
        if getattr(item, "kind", None) == "prepare" and not ended:
            found = unlock(place.root, None, reason="it hangs", surroundings=person.surroundings)
            ended.append(found.session.actor)
            assert [item.code for item in found.diagnostics] == ["L569"]

    place.heard = Hearing(end)
    done = place.apply()

    assert ended == ["ana"]
    assert done.exit_code is ExitCode.LOCKED
    assert "L237" in {item.code for item in done.diagnostics}
    assert [item["starts_accepted"] for item in place.instances()] == [0]
    assert Place(place.root, place.clock, pid=4244).apply().exit_code is ExitCode.DONE
    assert sorted(item["starts_accepted"] for item in place.instances()) == [0, 1, 1] or [
        item["starts_accepted"] for item in place.instances()
    ] == [1, 1]


def test_there_is_nothing_to_unlock_where_no_session_is_open(tmp_path):
    place = a_place(tmp_path, a_manifest())
    place.apply()
    fails(
        lambda: unlock(place.root, None, reason="because", surroundings=place.surroundings),
        "L568",
    )


class Hearing(list[Any]):
    """Passes on what it is told."""

    def __init__(self, tell: Callable[[object], None]) -> None:
        super().__init__()
        self.tell = tell

    def append(self, item: object) -> None:
        super().append(item)
        self.tell(item)


# --- the ledger and its lockfile ------------------------------------------------------------------


@pytest.fixture
def done(tmp_path) -> Place:
    place = a_place(tmp_path, a_manifest())
    place.apply()
    return place


def restored(place: Place) -> ledger.Made:
    return ledger.restore(place.root, None, reason="the disk died", surroundings=place.surroundings)


def test_a_lost_ledger_is_restored_from_its_lockfile_and_nothing_runs_again(done):
    (done.root / JOURNAL).unlink()

    made = restored(done)

    assert made.kept is None
    assert made.recorded.launches["db-migrate"].newest.outcome is OutcomeKind.SUCCEEDED
    assert done.apply().exit_code is ExitCode.DONE
    assert len(done.instances()) == 1


def test_an_older_copy_is_kept_beside_the_restored_ledger(done):
    lines = (done.root / JOURNAL).read_bytes().splitlines(keepends=True)
    (done.root / JOURNAL).write_bytes(b"".join(lines[:3]))

    made = restored(done)

    assert made.kept is not None
    assert (done.root / made.kept).read_bytes() == b"".join(lines[:3])
    assert done.apply().exit_code is ExitCode.DONE


def test_what_was_on_its_way_when_the_ledger_was_lost_is_unknown(tmp_path):
    place = a_place(tmp_path, a_manifest())
    place.apply(wait=False)
    (place.root / JOURNAL).unlink()

    restored(place)

    assert place.apply().exit_code is ExitCode.UNKNOWN
    assert len(place.instances()) == 1


def test_a_good_ledger_is_not_replaced(done):
    fails(lambda: restored(done), "L436")


def test_without_a_lockfile_nothing_can_be_restored(tmp_path):
    place = a_place(tmp_path, a_manifest())
    fails(lambda: restored(place), "L545")


def test_a_ledger_is_started_once_and_never_over_a_lockfile(tmp_path):
    place = a_place(tmp_path, a_manifest())
    made = ledger.init(place.root, None, surroundings=place.surroundings)
    assert made.recorded.head.serial == 1

    def again() -> object:
        return ledger.init(place.root, None, surroundings=place.surroundings)

    fails(again, "L438")
    (place.root / JOURNAL).unlink()
    fails(again, "L430")


def test_a_ledger_is_bound_to_a_server_that_has_moved_by_a_persons_leave(done):
    for left in (done.root / ".launcher/sandbox").iterdir():
        left.unlink()
    fails(done.apply, "L435")

    made = ledger.rebind(done.root, None, reason="moved", surroundings=done.surroundings)

    assert made.recorded.server is not None
    assert done.apply().exit_code is ExitCode.DONE
    fails(
        lambda: ledger.rebind(done.root, None, reason="again", surroundings=done.surroundings),
        "L570",
    )


def test_the_lockfile_agrees_with_the_ledger_after_an_apply(done):
    found = lock.verify(done.root, None, surroundings=done.surroundings)
    assert (found.differences, found.events > 5) == ((), True)
    shown = lock.show(done.root, None, surroundings=done.surroundings)
    assert shown.text == (done.root / shown.path).read_text()


def test_a_lockfile_that_was_edited_is_seen_and_written_again(done):
    path = done.root / "locks/sandbox.lock.json"
    good = path.read_text()
    path.write_text(good.replace('"succeeded"', '"failed"'))

    found = lock.verify(done.root, None, surroundings=done.surroundings)
    assert [item.code for item in found.differences] == ["L445"]

    assert lock.sync(done.root, None, surroundings=done.surroundings).changed
    assert path.read_text() == good
    assert not lock.sync(done.root, None, surroundings=done.surroundings).changed


def test_a_lockfile_that_knows_more_than_the_ledger_is_never_overwritten(done):
    lines = (done.root / JOURNAL).read_bytes().splitlines(keepends=True)
    (done.root / JOURNAL).write_bytes(b"".join(lines[:3]))
    fails(lambda: lock.sync(done.root, None, surroundings=done.surroundings), "L431")


def test_there_is_no_lockfile_without_a_ledger(tmp_path):
    place = a_place(tmp_path, a_manifest())
    fails(
        lambda: lock.show(place.root, None, surroundings=place.surroundings),
        "L571",
        ExitCode.SURROUNDINGS,
    )


# --- look ---------------------------------------------------------------------------------------


def test_status_tells_what_is_declared_and_what_has_run(done):
    done.write("plans/new.yaml", a_manifest("smoke", plan=1002))

    found = status(done.root, None, refresh=False, surroundings=done.surroundings)

    assert [(row.name, row.in_sync) for row in found.rows] == [
        ("db-migrate", True),
        ("smoke", False),
    ]
    assert found.orphans == ()


def test_a_refreshed_status_shows_what_job_says_and_records_nothing(tmp_path):
    place = a_place(tmp_path, a_manifest())
    place.apply(wait=False)
    place.clock.sleep(60)
    before = (place.root / JOURNAL).read_bytes()

    found = status(place.root, None, refresh=True, surroundings=place.surroundings)

    assert found.recorded.launches["db-migrate"].newest.outcome is OutcomeKind.SUCCEEDED
    assert (place.root / JOURNAL).read_bytes() == before


def test_status_shows_the_record_although_a_manifest_is_broken(done):
    done.write("plans/broken.yaml", "kind: [")

    found = status(done.root, None, refresh=False, surroundings=done.surroundings)

    assert [row.name for row in found.rows] == ["db-migrate"]
    assert found.diagnostics


def test_why_tells_which_rows_were_tried_and_what_blocks(tmp_path):
    place = a_place(
        tmp_path, a_manifest(suspend=True), a_manifest("smoke", plan=1002, needs=["db-migrate"])
    )

    found = place.why("smoke")

    assert (found.change.reason.value, found.change.by) == ("NEEDS", "db-migrate")
    assert [row.fits for row in found.change.rows] == [False] * 10 + [True]
    fails(
        lambda: place.why("nobody"),
        "L523",
        ExitCode.USAGE,
    )
