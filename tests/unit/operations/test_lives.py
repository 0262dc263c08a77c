"""The lives of launches, each from its first apply on, as people lead them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from launcher.engine.changeset import Action, Reason
from launcher.engine.recorded import OutcomeKind
from launcher.errors import ExitCode
from launcher.operations import ledger
from launcher.operations.adopt import adopt
from launcher.operations.status import status
from launcher.operations.unlock import unlock
from launcher.operations.waive import waive
from launcher.operations.watch import WatchRequest, watch
from tests.support.failures import fails
from tests.support.pages import FAILS_ONCE, Pages, fails_once
from tests.support.workspaces import Place, a_manifest, a_place

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from launcher.engine.recorded import LaunchRecord

JOURNAL = ".launcher/ledger/sandbox.jsonl"


def verdict(place: Place, name: str = "db-migrate") -> tuple[Action, Reason]:
    change = place.diff().changeset.change(name)
    assert change is not None
    return change.action, change.reason


def history(place: Place, name: str = "db-migrate") -> LaunchRecord:
    found = status(place.root, None, refresh=False, surroundings=place.surroundings)
    return found.recorded.launches[name]


def outcomes(place: Place, name: str = "db-migrate") -> list[str]:
    return [item.outcome.value for item in history(place, name).attempts]


def waived(place: Place, name: str = "db-migrate") -> None:
    waive(place.root, None, name, reason="done by hand", surroundings=place.surroundings)


def named(name: str, old: str | None = None, **spec: Any) -> str:
    document = json.loads(a_manifest(name, **spec))
    if old is not None:
        document["metadata"]["renamedFrom"] = old
    return json.dumps(document)


def lose_and_restore(place: Place) -> None:
    """The ledger's disk dies, and the lockfile is what is left."""
    (place.root / JOURNAL).unlink()
    ledger.restore(place.root, None, reason="the disk died", surroundings=place.surroundings)


def test_a_launch_that_runs_once_is_edited_waived_and_run_again_by_its_revision(
    tmp_path: Path,
) -> None:
    place = a_place(tmp_path, a_manifest(trigger="once"))
    assert place.apply().exit_code is ExitCode.DONE

    place.write("plans/m0.yaml", a_manifest(trigger="once", variables={"revision": "7"}))
    assert verdict(place) == (Action.ERROR, Reason.EDITED)
    assert place.apply().exit_code is ExitCode.INVALID
    assert len(place.instances()) == 1

    waived(place)
    assert verdict(place) == (Action.NONE, Reason.IN_SYNC)
    assert place.apply().exit_code is ExitCode.DONE
    assert len(place.instances()) == 1

    place.write("plans/m0.yaml", a_manifest(trigger="once", revision=2))
    assert place.apply().exit_code is ExitCode.DONE
    assert outcomes(place) == ["succeeded", "waived", "succeeded"]
    assert [item["starts_accepted"] for item in place.instances()] == [1, 1]


def test_a_manual_launch_waits_is_asked_for_changes_and_waits_again(tmp_path: Path) -> None:
    place = a_place(
        tmp_path,
        a_manifest(trigger="manual"),
        a_manifest("smoke", plan=1002, needs=["db-migrate"]),
    )
    assert place.apply().exit_code is ExitCode.DONE
    assert verdict(place) == (Action.NONE, Reason.MANUAL)
    assert verdict(place, "smoke") == (Action.BLOCK, Reason.NEEDS)
    assert place.instances() == []

    only = frozenset({"db-migrate"})
    assert place.apply(only=only, requested={"db-migrate": "tonight"}).exit_code is ExitCode.DONE
    assert place.apply().exit_code is ExitCode.DONE
    assert [item["job_plan_id"] for item in place.instances()] == [1001, 1002]

    place.write("plans/m0.yaml", a_manifest(trigger="manual", variables={"revision": "7"}))
    assert place.apply().exit_code is ExitCode.DONE
    assert len(place.instances()) == 2

    place.write("plans/m0.yaml", a_manifest(trigger="manual", revision=2))
    assert place.apply().exit_code is ExitCode.DONE
    assert [item["job_plan_id"] for item in place.instances()] == [1001, 1002, 1001]
    assert [item.request for item in history(place).attempts] == ["tonight", None]


def test_a_launch_fails_is_retried_carried_on_with_and_survives_the_loss_of_its_ledger(
    tmp_path: Path,
) -> None:
    place = fails_once(a_place(tmp_path, a_manifest(plan=FAILS_ONCE)))
    assert place.apply().exit_code is ExitCode.JOB_FAILED
    assert place.apply().exit_code is ExitCode.JOB_FAILED
    assert verdict(place) == (Action.BLOCK, Reason.FAILED)
    assert len(place.instances()) == 1

    only = frozenset({"db-migrate"})
    again = place.apply(only=only, retry={"db-migrate": "disk was full"})
    assert again.exit_code is ExitCode.JOB_FAILED
    assert outcomes(place) == ["failed", "failed"]

    lose_and_restore(place)
    assert verdict(place) == (Action.BLOCK, Reason.FAILED)

    Pages(place).retry_failed_hosts(place.instances()[1]["job_instance_id"])
    place.clock.sleep(60)
    assert place.apply().exit_code is ExitCode.DONE
    assert history(place).newest.number == 2
    assert [item.outcome for item in history(place).newest.endings] == [OutcomeKind.FAILED]
    assert [item["starts_accepted"] for item in place.instances()] == [1, 1]


def test_a_job_plan_that_was_run_on_jobs_pages_is_adopted_watched_and_then_changed(
    tmp_path: Path,
) -> None:
    place = a_place(tmp_path, a_manifest(), a_manifest("smoke", plan=1002, needs=["db-migrate"]))
    instance = Pages(place).run()
    place.clock.sleep(1)
    here = place.surroundings
    adopt(place.root, None, "db-migrate", instance=instance, reason="bo ran it", surroundings=here)
    assert verdict(place) == (Action.RESUME, Reason.RUNNING)

    watched = watch(WatchRequest(place.root), place.surroundings, progress=place.heard.append)
    assert watched.exit_code is ExitCode.DONE
    assert place.apply().exit_code is ExitCode.DONE
    assert [item["job_plan_id"] for item in place.instances()] == [1001, 1002]

    lose_and_restore(place)
    assert place.apply().exit_code is ExitCode.DONE
    assert len(place.instances()) == 2

    place.write("plans/m0.yaml", a_manifest(variables={"revision": "7"}))
    assert place.apply().exit_code is ExitCode.DONE
    assert outcomes(place) == ["succeeded", "succeeded"]
    assert history(place).attempts[0].instance_id == instance


def test_a_launch_is_renamed_runs_on_under_its_new_name_and_its_old_name_is_free(
    tmp_path: Path,
) -> None:
    place = a_place(tmp_path, a_manifest())
    place.apply()

    (place.root / "plans/m0.yaml").unlink()
    place.write("plans/m1.yaml", named("db-upgrade", "db-migrate"))
    fails(lambda: waived(place, "db-upgrade"), "L721")
    assert verdict(place, "db-upgrade") == (Action.RENAME, Reason.RENAMED)
    assert place.apply().exit_code is ExitCode.DONE
    assert place.apply().exit_code is ExitCode.DONE
    assert len(place.instances()) == 1
    assert outcomes(place, "db-upgrade") == ["succeeded"]
    assert history(place, "db-upgrade").newest.named == "db-migrate"
    launches = json.loads((place.root / "locks/sandbox.lock.json").read_text())["launches"]
    assert list(launches) == ["db-upgrade"]

    place.write("plans/m1.yaml", named("db-upgrade", "db-migrate", variables={"revision": "7"}))
    assert place.apply().exit_code is ExitCode.DONE
    assert [item.number for item in history(place, "db-upgrade").attempts] == [1, 2]

    lose_and_restore(place)
    assert place.apply().exit_code is ExitCode.DONE
    assert len(place.instances()) == 2


@pytest.mark.parametrize("left_after", ["prepare", "read-back", "start"])
def test_a_launch_that_is_renamed_on_its_way_is_finished_under_its_new_name(
    tmp_path: Path, left_after: str
) -> None:
    """Its instance is un-started and not on record, un-started and on record, or runs."""
    place = a_place(tmp_path, a_manifest())
    person = Place(place.root, place.clock, pid=4243)
    ended: list[str] = []

    def end_session(item: object) -> None:
        if getattr(item, "kind", None) == left_after and not ended:
            ended.append(left_after)
            unlock(place.root, None, reason="it hangs", surroundings=person.surroundings)

    place.heard = Hearing(end_session)
    place.apply(wait=False)
    assert ended
    (place.root / "plans/m0.yaml").unlink()
    place.write("plans/m1.yaml", named("db-upgrade", "db-migrate"))

    later = Place(place.root, place.clock, pid=4244)
    for _ in range(2):
        assert later.apply().exit_code is ExitCode.DONE

    assert outcomes(place, "db-upgrade") == ["succeeded"]
    assert [item["starts_accepted"] for item in place.instances()] == [1]


class Hearing(list[Any]):
    """Passes on what it is told."""

    def __init__(self, tell: Callable[[object], None]) -> None:
        super().__init__()
        self.tell = tell

    def append(self, item: object) -> None:
        super().append(item)
        self.tell(item)
