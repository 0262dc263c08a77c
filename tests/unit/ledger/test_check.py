from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from launcher.catalogue import texts
from launcher.engine.recorded import Recorded
from launcher.ledger.check import check_lineage, verify_lockfile
from launcher.ledger.lockfile import Lockfile, lockfile_of
from launcher.ledger.restore import creation, restoration
from tests.support.ledgers import (
    SERVER,
    a_file_ledger,
    a_whole_launch,
    bound,
    closed,
    created,
    opened,
    recorded_of,
)

if TYPE_CHECKING:
    from pathlib import Path

    from launcher.diagnostics import Diagnostic
    from launcher.engine.events import Draft
    from launcher.ledger.file import FileLedger

STORY = (created(), bound(), opened(), *a_whole_launch(), closed())


def a_ledger(folder: Path, *drafts: Draft) -> FileLedger:
    ledger = a_file_ledger(folder)
    for draft in drafts:
        ledger.append((draft,), ledger.read().head)
    return ledger


def problems(
    ledger: FileLedger,
    lockfile: Lockfile | None,
    head_lockfile: Lockfile | None,
    *,
    may_create: bool = True,
) -> tuple[Diagnostic, ...]:
    return check_lineage(
        ledger.read(),
        ledger.hash_at,
        "production",
        lockfile=lockfile,
        head_lockfile=head_lockfile,
        may_create=may_create,
    )


def codes(
    ledger: FileLedger,
    lockfile: Lockfile | None,
    head_lockfile: Lockfile | None = None,
    *,
    may_create: bool = True,
) -> list[str]:
    found = problems(ledger, lockfile, head_lockfile, may_create=may_create)
    assert all(texts(item).detail for item in found)
    return [item.code for item in found]


def a_lockfile(ledger: FileLedger) -> Lockfile:
    return lockfile_of(ledger.read(), "production")


def test_a_ledger_that_holds_what_its_lockfile_says_is_the_one(tmp_path: Path) -> None:
    ledger = a_ledger(tmp_path, *STORY[:4])
    earlier = a_lockfile(ledger)
    for draft in STORY[4:]:
        ledger.append((draft,), ledger.read().head)
    assert codes(ledger, None) == []
    assert codes(ledger, earlier) == []
    assert codes(ledger, a_lockfile(ledger), earlier) == []
    assert codes(ledger, a_lockfile(ledger), may_create=False) == []


def test_a_first_run_may_create_a_ledger_but_not_in_ci(tmp_path: Path) -> None:
    assert codes(a_ledger(tmp_path), None) == []
    assert codes(a_ledger(tmp_path), None, may_create=False) == ["L434"]


def test_a_deleted_journal_is_noticed_by_either_lockfile(tmp_path: Path) -> None:
    lockfile = a_lockfile(a_ledger(tmp_path / "old", *STORY))
    empty = a_ledger(tmp_path / "new")
    assert codes(empty, lockfile, None) == ["L430"]
    assert codes(empty, None, lockfile) == ["L430"]
    assert codes(empty, lockfile, lockfile, may_create=False) == ["L430"], "said once"
    older = replace(lockfile, serial=lockfile.serial - 1)
    assert codes(empty, lockfile, older) == ["L430", "L430"]


def test_a_truncated_journal_and_an_older_copy_are_noticed(tmp_path: Path) -> None:
    ledger = a_ledger(tmp_path, *STORY)
    lockfile = a_lockfile(ledger)
    journal = tmp_path / "production.jsonl"
    lines = journal.read_bytes().splitlines(keepends=True)
    journal.write_bytes(b"".join(lines[:-1]))
    assert codes(a_file_ledger(tmp_path), lockfile) == ["L431"]
    assert codes(a_file_ledger(tmp_path), None, lockfile) == ["L431"]
    journal.write_bytes(lines[0])
    assert codes(a_file_ledger(tmp_path), lockfile) == ["L431"]


def test_a_torn_end_that_hides_an_event_of_the_lockfile_is_noticed(tmp_path: Path) -> None:
    lockfile = a_lockfile(a_ledger(tmp_path, *STORY))
    journal = tmp_path / "production.jsonl"
    journal.write_bytes(journal.read_bytes()[:-1])
    assert codes(a_file_ledger(tmp_path), lockfile) == ["L431"]


def test_an_older_copy_that_went_another_way_is_noticed(tmp_path: Path) -> None:
    ledger = a_ledger(tmp_path, *STORY)
    lockfile = a_lockfile(ledger)
    journal = tmp_path / "production.jsonl"
    lines = journal.read_bytes().splitlines(keepends=True)
    journal.write_bytes(b"".join(lines[:-2]))
    again = a_file_ledger(tmp_path)
    for draft in (closed(), opened("s2"), closed("s2")):
        again.append((draft,), again.read().head)
    assert again.read().head.serial > lockfile.serial
    assert codes(again, lockfile) == ["L432"]


def test_only_a_lockfile_that_cannot_be_the_newer_one_is_blamed_instead_of_the_ledger(
    tmp_path: Path,
) -> None:
    ledger = a_ledger(tmp_path, *STORY)
    at_head = a_lockfile(ledger)

    def hints(lockfile: Lockfile, head_lockfile: Lockfile | None) -> list[str | None]:
        found = problems(ledger, lockfile, head_lockfile)
        assert all("locks/production.lock.json" in (texts(item).hint or "") for item in found)
        return [item.hint for item in found]

    edited = replace(at_head, serial=at_head.serial - 1)
    assert hints(edited, at_head) == ["edited"]
    assert hints(edited, None) == ["default"]
    assert hints(edited, edited) == ["default"], "it was committed"
    assert hints(at_head, edited) == ["default"], "the one at HEAD was edited"
    ledger.append((closed(),), ledger.read().head)
    forked = replace(at_head, serial=at_head.serial + 1)
    assert hints(forked, at_head) == ["default"], "it may be the ledger that was replaced"


def test_a_ledger_of_another_lineage_is_noticed(tmp_path: Path) -> None:
    lockfile = a_lockfile(a_ledger(tmp_path / "old", *STORY))
    other = a_ledger(tmp_path / "new", created("another"), *STORY[1:])
    assert codes(other, lockfile) == ["L433"]


def test_the_lockfile_of_another_environment_is_noticed(tmp_path: Path) -> None:
    ledger = a_ledger(tmp_path, *STORY)
    assert codes(ledger, replace(a_lockfile(ledger), environment="staging")) == ["L443"]


# --- restored ledgers -------------------------------------------------------------------------


def test_a_restored_ledger_stands_for_the_lost_one_until_its_lockfile_is_committed(
    tmp_path: Path,
) -> None:
    lost = a_ledger(tmp_path / "lost", *STORY[:4])
    earlier = a_lockfile(lost)
    for draft in STORY[4:]:
        lost.append((draft,), lost.read().head)
    lockfile = a_lockfile(lost)
    restored = a_ledger(tmp_path / "new", *restoration(lockfile, "fresh", "disk died"))
    assert codes(restored, lockfile, lockfile) == []
    assert codes(restored, a_lockfile(restored), earlier) == []


def test_a_ledger_restored_from_an_older_lockfile_is_noticed_by_the_newer_one(
    tmp_path: Path,
) -> None:
    lost = a_ledger(tmp_path / "lost", *STORY[:4])
    older = a_lockfile(lost)
    for draft in STORY[4:]:
        lost.append((draft,), lost.read().head)
    restored = a_ledger(tmp_path / "new", *restoration(older, "fresh", "disk died"))
    assert codes(restored, older, a_lockfile(lost)) == ["L437"]
    assert codes(restored, replace(older, head="sha256:" + "0" * 64)) == ["L437"]


def test_a_lost_ledger_that_turns_up_after_its_restore_is_not_taken_for_the_new_one(
    tmp_path: Path,
) -> None:
    lost = a_ledger(tmp_path / "lost", *STORY)
    restored = a_ledger(tmp_path / "new", *restoration(a_lockfile(lost), "fresh", "disk died"))
    assert codes(lost, a_lockfile(restored)) == ["L433"]


# --- lock verify ------------------------------------------------------------------------------


def test_a_lockfile_that_mirrors_the_ledger_has_no_differences() -> None:
    recorded = recorded_of(*STORY)
    assert verify_lockfile(recorded, lockfile_of(recorded, "production"), "production") == ()
    assert verify_lockfile(Recorded(), None, "production") == ()


@pytest.mark.parametrize(
    ("field", "value", "ledger", "file"),
    [
        ("serial", 3, "10", "3"),
        ("server", None, f'"{SERVER}"', "null"),
        ("launches.web-deploy.outcome", "failed", '"succeeded"', '"failed"'),
        ("launches.web-deploy.instance.id", 7, "20000000001", "7"),
        ("launches.web-deploy.archived", True, "nothing", "true"),
        ("launches.web-deploy.spec.variables.package_version.value", "1", '"1.4.2"', '"1"'),
    ],
)
def test_each_difference_is_told_with_both_sides(
    field: str, value: object, ledger: str, file: str
) -> None:
    recorded = recorded_of(*STORY)
    lockfile = lockfile_of(recorded, "production")
    data = _changed(lockfile.to_data(), field.split("."), value)
    changed = replace(
        lockfile, serial=data["serial"], server=data["server"], launches=data["launches"]
    )
    (found,) = verify_lockfile(recorded, changed, "production")
    assert found.code == "L445"
    assert dict(found.facts) == {
        "environment": "production",
        "field": field,
        "ledger": ledger,
        "file": file,
    }
    assert texts(found).detail


def test_a_launch_that_only_one_of_them_knows_is_told() -> None:
    recorded = recorded_of(*STORY)
    lockfile = lockfile_of(recorded, "production")
    (found,) = verify_lockfile(recorded, replace(lockfile, launches={}), "production")
    assert (found.facts["field"], found.facts["file"]) == ("launches.web-deploy", "nothing")


def test_a_missing_side_is_told() -> None:
    recorded = recorded_of(*STORY)
    lockfile = lockfile_of(recorded, "production")
    assert [item.code for item in verify_lockfile(recorded, None, "production")] == ["L446"]
    (found,) = verify_lockfile(Recorded(), lockfile, "production")
    assert found.code == "L430"
    assert texts(found).detail


def test_an_old_lockfile_differs_in_what_has_come_since() -> None:
    lockfile = lockfile_of(recorded_of(*STORY[:5]), "production")
    fields = {
        item.facts["field"] for item in verify_lockfile(recorded_of(*STORY), lockfile, "production")
    }
    assert fields == {
        "serial",
        "head",
        "launches.web-deploy.outcome",
        "launches.web-deploy.started",
        "launches.web-deploy.finished",
    }


def _changed(node: Any, route: list[str], value: object) -> Any:
    if not route:
        return value
    return {**node, route[0]: _changed(node.get(route[0]), route[1:], value)}


# --- making a ledger --------------------------------------------------------------------------


def test_a_new_ledger_has_its_lineage_and_nothing_else() -> None:
    recorded = recorded_of(*creation("fresh"))
    assert recorded.lineage == "fresh"
    assert (recorded.launches, recorded.server, recorded.restored) == ({}, None, None)
