"""What a person asks for by hand: a launch (`launch`), or another attempt of it (`retry`)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from launcher.engine.changeset import Action, Reason
from launcher.engine.events import Draft, Kind
from launcher.engine.recorded import OutcomeKind
from launcher.errors import ExitCode, LockHeld
from launcher.operations.acts import record
from launcher.operations.record import open_ledger
from launcher.operations.site import find_site
from launcher.operations.status import status
from launcher.operations.unlock import unlock
from tests.support.failures import fails
from tests.support.pages import FAILS_ONCE, Pages, fails_once
from tests.support.workspaces import Place, a_manifest, a_place

if TYPE_CHECKING:
    from launcher.engine.recorded import Attempt
    from launcher.operations.applied import Applied

STOP = 1


@pytest.fixture
def place(tmp_path) -> Place:
    return a_place(tmp_path, a_manifest(trigger="manual"))


@pytest.fixture
def failed(tmp_path) -> Place:
    found = fails_once(a_place(tmp_path, a_manifest(plan=FAILS_ONCE)))
    assert found.apply().exit_code is ExitCode.JOB_FAILED
    return found


def launched(place: Place, name: str = "db-migrate", **asked: Any) -> Applied:
    return place.apply(only=frozenset({name}), requested={name: "please"}, **asked)


def retried(place: Place, name: str = "db-migrate", **asked: Any) -> Applied:
    return place.apply(only=frozenset({name}), retry={name: "disk was full"}, **asked)


def attempts(place: Place, name: str = "db-migrate") -> tuple[Attempt, ...]:
    found = status(place.root, None, refresh=False, surroundings=place.surroundings)
    return found.recorded.launches[name].attempts


def the_instance(place: Place) -> int:
    found: int = place.instances()[0]["job_instance_id"]
    return found


# --- launch: what it does -----------------------------------------------------------------------


def test_a_manual_launch_is_started_when_a_person_asks_for_it_and_only_then(place):
    assert place.apply().exit_code is ExitCode.DONE
    (change,) = place.diff().changeset.changes
    assert (change.action, change.reason) == (Action.NONE, Reason.MANUAL)
    assert place.instances() == []

    assert launched(place).exit_code is ExitCode.DONE

    (attempt,) = attempts(place)
    assert (attempt.outcome, attempt.request) == (OutcomeKind.SUCCEEDED, "please")
    assert attempt.because == Reason.REQUESTED
    assert place.apply().exit_code is ExitCode.DONE
    assert len(place.instances()) == 1


def test_a_manual_launch_whose_content_changed_waits_to_be_asked_for_again(place):
    launched(place)
    place.write("plans/m0.yaml", a_manifest(trigger="manual", variables={"revision": "7"}))
    place.apply()
    assert len(place.instances()) == 1
    launched(place)
    assert len(place.instances()) == 2


def test_a_launch_that_is_not_manual_can_be_asked_for_as_well(tmp_path):
    place = a_place(tmp_path, a_manifest(), a_manifest("smoke", plan=1002))
    assert launched(place).exit_code is ExitCode.DONE
    assert [item["job_plan_id"] for item in place.instances()] == [1001]


def test_what_a_person_does_not_confirm_is_not_launched(place):
    done = launched(place, confirm=lambda _: False)
    assert [item.code for item in done.diagnostics if item.code == "L553"] == ["L553"]
    assert place.instances() == []


def test_a_launch_that_was_asked_for_and_interrupted_is_finished_by_the_next_apply(place):
    person = Place(place.root, place.clock, pid=4243)
    place.heard = Once(
        "read-back",
        lambda: unlock(place.root, None, reason="hangs", surroundings=person.surroundings),
    )
    assert launched(place).exit_code is ExitCode.LOCKED
    assert Place(place.root, place.clock, pid=4244).apply().exit_code is ExitCode.DONE
    assert [item["starts_accepted"] for item in place.instances()] == [1]


# --- launch: what it refuses --------------------------------------------------------------------


def test_what_counts_as_done_is_not_launched_because_somebody_asks(place):
    launched(place)
    fails(lambda: launched(place), "L726")
    assert len(place.instances()) == 1


def test_what_is_on_its_way_is_not_launched_again(place):
    launched(place, wait=False)
    fails(lambda: launched(place), "L723")
    assert len(place.instances()) == 1


def test_what_is_no_longer_declared_is_not_launched(place):
    launched(place)
    (place.root / "plans/m0.yaml").unlink()
    fails(lambda: launched(place), "L720")


def test_what_nobody_knows_is_not_launched(place):
    fails(lambda: launched(place, "nobody"), "L523", ExitCode.USAGE)


def test_what_is_held_is_not_launched_and_that_is_no_success(tmp_path):
    place = a_place(tmp_path, a_manifest(trigger="manual", suspend=True))
    error = fails(lambda: launched(place), "L734")
    assert "suspended" in error.diagnostics[0].facts["why"]


def test_what_needs_another_launch_first_is_not_launched(tmp_path):
    needing = a_manifest("smoke", plan=1002, trigger="manual", needs=["db-migrate"])
    place = a_place(tmp_path, a_manifest(), needing)
    fails(lambda: launched(place, "smoke"), "L734")
    place.apply()
    assert launched(place, "smoke").exit_code is ExitCode.DONE


def test_what_failed_is_not_launched_again_but_retried(failed):
    done = launched(failed)
    assert done.exit_code is ExitCode.JOB_FAILED
    assert done.changeset.changes[0].reason is Reason.FAILED
    assert len(failed.instances()) == 1


def test_what_is_unknown_is_not_launched(place):
    unknown(place)
    assert launched(place).exit_code is ExitCode.UNKNOWN
    assert attempts(place)[-1].number == 1
    assert place.instances() == []


def test_a_launch_waits_for_the_run_lock_or_says_that_it_is_held(place):
    place.write("plans/other.yaml", a_manifest("smoke", plan=1002))
    person = Place(place.root, place.clock, pid=4243)
    seen: list[type] = []

    def ask() -> None:
        with pytest.raises(LockHeld) as caught:
            launched(person)
        seen.append(caught.type)
        assert caught.value.exit_code is ExitCode.LOCKED

    place.heard = Once("prepare", ask)
    assert place.apply().exit_code is ExitCode.DONE
    assert seen == [LockHeld]
    assert [item["job_plan_id"] for item in place.instances()] == [1002]


# --- retry: what it does ------------------------------------------------------------------------


def test_a_failed_launch_is_started_once_more_as_the_next_attempt(failed):
    failed.apply()
    assert len(failed.instances()) == 1

    assert retried(failed).exit_code is ExitCode.JOB_FAILED

    first, second = attempts(failed)
    assert (first.number, second.number) == (1, 2)
    assert first.key == second.key
    assert (second.request, second.because) == ("disk was full", Reason.RETRY)
    assert len(failed.instances()) == 2
    failed.apply()
    assert len(failed.instances()) == 2


def test_a_cancelled_launch_is_started_once_more(tmp_path):
    place = a_place(tmp_path, a_manifest())
    place.apply(wait=False)
    place.clock.sleep(1)
    Pages(place).call(
        "operate_job_instance", job_instance_id=the_instance(place), operation_code=STOP
    )
    place.clock.sleep(5)
    assert place.apply().exit_code is ExitCode.JOB_FAILED
    assert attempts(place)[-1].outcome is OutcomeKind.CANCELLED

    assert retried(place).exit_code is ExitCode.DONE
    assert [item.number for item in attempts(place)] == [1, 2]
    assert len(place.instances()) == 2


def test_what_a_failure_held_up_goes_on_after_a_retry(tmp_path):
    place = fails_once(
        a_place(
            tmp_path,
            a_manifest(plan=FAILS_ONCE),
            a_manifest("smoke", plan=1002, needs=["db-migrate"]),
        )
    )
    assert place.apply().exit_code is ExitCode.JOB_FAILED
    retried(place, wait=False)
    place.clock.sleep(60)
    instance = place.instances()[-1]["job_instance_id"]
    Pages(place).retry_failed_hosts(instance)
    assert place.apply().exit_code is ExitCode.DONE
    assert [item["job_plan_id"] for item in place.instances()] == [FAILS_ONCE, FAILS_ONCE, 1002]


# --- retry: what it refuses ---------------------------------------------------------------------


def test_what_somebody_has_carried_on_with_on_jobs_pages_is_not_retried(failed):
    Pages(failed).retry_failed_hosts(the_instance(failed))
    fails(lambda: retried(failed), "L723")
    failed.clock.sleep(60)
    fails(lambda: retried(failed), "L726")
    assert len(failed.instances()) == 1


def test_what_has_not_failed_is_not_retried(place):
    fails(lambda: retried(place), "L733")
    launched(place)
    fails(lambda: retried(place), "L726")
    assert len(place.instances()) == 1


def test_what_is_declared_otherwise_since_is_not_retried_but_applied(failed):
    failed.write("plans/m0.yaml", a_manifest(plan=FAILS_ONCE, revision=2))
    fails(lambda: retried(failed), "L733")
    failed.apply()
    assert len(failed.instances()) == 2


def test_what_is_on_its_way_is_not_retried(place):
    launched(place, wait=False)
    fails(lambda: retried(place), "L723")


def test_what_is_unknown_is_resolved_before_it_is_retried(place):
    unknown(place)
    assert retried(place).exit_code is ExitCode.UNKNOWN
    assert attempts(place)[-1].number == 1
    assert place.instances() == []


def test_what_is_no_longer_declared_is_not_retried(failed):
    (failed.root / "plans/m0.yaml").unlink()
    fails(lambda: retried(failed), "L720")


def test_what_is_held_is_not_retried(failed):
    failed.write("plans/m0.yaml", a_manifest(plan=FAILS_ONCE, suspend=True))
    fails(lambda: retried(failed), "L734")
    assert len(failed.instances()) == 1


def test_an_instance_that_may_be_about_to_go_on_is_not_followed_by_another(failed):
    site = find_site(failed.root, None, failed.surroundings)
    ledger = open_ledger(site)
    data = {"operation": "retry-failed-hosts", "status": 4}
    (attempt,) = attempts(failed)
    draft = Draft(Kind.OPERATING, "db-migrate", attempt.key, 1, data)
    record(site, ledger, ledger.read(), lambda _: (draft,))

    fails(lambda: retried(failed), "L724")
    assert len(failed.instances()) == 1


def dark(place: Place) -> None:
    """Let JOB tell nobody how far an instance is."""
    place.arm(
        {
            "fault": "server-error",
            "times": "always",
            "when": {"operation": "get_job_instance_status"},
        }
    )


def test_what_may_have_been_carried_on_with_unseen_is_not_retried(failed):
    dark(failed)
    fails(lambda: retried(failed), "L734")
    assert len(failed.instances()) == 1
    failed.arm()
    retried(failed)
    assert len(failed.instances()) == 2


@pytest.mark.parametrize("how", [{"revision": 2}, {"retry": {"maxAttempts": 2, "backoff": "1s"}}])
def test_nothing_is_launched_beside_what_may_have_been_carried_on_with_unseen(failed, how):
    failed.write("plans/m0.yaml", a_manifest(plan=FAILS_ONCE, **how))
    failed.clock.sleep(60)
    dark(failed)
    found = failed.apply()
    (change,) = found.changeset.changes
    assert (change.action, len(failed.instances())) == (Action.BLOCK, 1)
    assert "L535" in {item.code for item in found.diagnostics}
    failed.arm()
    failed.apply()
    assert len(failed.instances()) == 2


# --- helpers ------------------------------------------------------------------------------------


def unknown(place: Place) -> None:
    """Bring the launch to an outcome that nobody can know."""
    launched(place, wait=False)
    place.arm({"fault": "purge"})
    place.clock.sleep(60)
    assert place.apply().exit_code is ExitCode.UNKNOWN
    place.arm()


class Once(list[Any]):
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
