"""The rules about lineage, binding and sessions, over every back end of the ledger."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from launcher.engine.events import Draft, Kind
from launcher.errors import ExitCode, LockHeld
from launcher.ledger.sessions import opening
from launcher.operations import ledger as ledgers
from launcher.operations.record import open_ledger
from launcher.operations.site import find_site
from launcher.operations.unlock import unlock
from tests.support.failures import fails
from tests.support.ledgers import a_bare_repository, git
from tests.support.workspaces import Place, a_manifest

if TYPE_CHECKING:
    from pathlib import Path

    from launcher.ledger.port import Ledger

WORKSPACE = """\
apiVersion: launcher/v1
kind: Workspace
metadata: {{name: payments}}
spec:
  marker: LAUNCH_KEY
  defaultEnvironment: sandbox
  environments:
    sandbox: {{server: sandbox, scope: {{type: biz, id: "2"}}, ledger: {kind}}}
    production: {{server: remote, scope: {{type: biz, id: "3"}}, ledger: {kind}}}
"""
REF = "refs/heads/launcher-ledger/payments/sandbox"
STALE_S = 121
LOCKFILE = "locks/sandbox.lock.json"


class Kept(Place):
    """A clone whose ledgers are of one kind, with hands that reach behind launcher's back."""

    remote: Path
    kind: str

    @property
    def _journal(self) -> Path:
        return self.root / ".launcher" / "ledger" / "sandbox.jsonl"

    def copy(self) -> bytes:
        """The record as it is."""
        if self.kind == "git":
            return git(self.remote, "rev-parse", REF).encode()
        return self._journal.read_bytes()

    def put(self, record: bytes | None) -> None:
        """Let the record be what `copy` gave; `None` takes it away."""
        if self.kind == "git":
            words = ("-d", REF) if record is None else (REF, record.decode())
            git(self.remote, "update-ref", *words)
        elif record is None:
            self._journal.unlink()
        else:
            self._journal.write_bytes(record)

    def lockfile(self) -> Any:
        return json.loads((self.root / LOCKFILE).read_text())

    def other(self) -> Ledger:
        """The ledger as a runner on another machine has it."""
        return open_ledger(find_site(self.root, None, replace(self.surroundings, host="far")))


@pytest.fixture(params=["file", "git"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Kept:
    made = Kept(tmp_path / "clone")
    made.kind = request.param
    made.remote = a_bare_repository(tmp_path / "remote.git")
    made.write("launcher.yaml", WORKSPACE.format(kind=request.param))
    made.write("plans/a.yaml", a_manifest())
    made.write(".gitignore", ".launcher/\n")
    made.git("init", "--quiet")
    made.git("remote", "add", "origin", str(made.remote))
    made.commit()
    return made


def refused_with_nothing_sent(place: Kept, code: str) -> None:
    before = place.requests()
    place.write("plans/new.yaml", a_manifest("another-one"))
    fails(place.apply, code)
    assert place.requests() == before


# --- lineage ------------------------------------------------------------------------------------


def test_the_lineage_that_a_ledger_is_born_with_is_copied_to_the_lockfile(place: Kept) -> None:
    place.apply()
    lineage = place.lockfile()["lineage"]
    assert len(lineage) == 32
    assert next(iter(place.other().events())).draft.data == {"lineage": lineage}
    place.apply()
    assert place.lockfile()["lineage"] == lineage


def test_a_ledger_that_is_absent_is_refused_by_the_lockfile_in_the_work_tree(place: Kept) -> None:
    place.apply()
    place.put(None)
    refused_with_nothing_sent(place, "L430")


def test_a_ledger_that_is_absent_is_refused_by_the_lockfile_at_head(place: Kept) -> None:
    place.apply()
    place.commit()
    (place.root / LOCKFILE).unlink()
    place.put(None)
    refused_with_nothing_sent(place, "L430")


def test_a_ledger_without_the_lockfiles_serial_is_refused(place: Kept) -> None:
    place.apply()
    older = place.copy()
    place.write("plans/b.yaml", a_manifest("second"))
    place.apply()
    place.put(older)
    refused_with_nothing_sent(place, "L431")


def test_a_ledger_with_another_head_at_the_lockfiles_serial_is_refused(place: Kept) -> None:
    place.apply()
    older, kept = place.copy(), place.lockfile()
    place.write("plans/b.yaml", a_manifest("second"))
    place.apply()
    newer = place.root / LOCKFILE
    text = newer.read_text()
    place.put(older)
    newer.write_text(json.dumps(kept))
    # Another way on, and a longer one.
    place.write("plans/c.yaml", a_manifest("third"))
    place.apply()
    newer.write_text(text)
    refused_with_nothing_sent(place, "L432")


def test_a_ledger_of_another_lineage_is_refused(place: Kept) -> None:
    place.apply()
    text = (place.root / LOCKFILE).read_text()
    place.put(None)
    (place.root / LOCKFILE).unlink()
    place.apply()
    (place.root / LOCKFILE).write_text(text)
    refused_with_nothing_sent(place, "L433")


def test_a_lost_ledger_is_restored_from_its_lockfile_and_nothing_runs_again(place: Kept) -> None:
    place.apply()
    place.put(None)
    made = ledgers.restore(place.root, None, reason="lost", surroundings=place.surroundings)
    assert made.recorded.lineage == place.lockfile()["lineage"]
    assert place.apply().exit_code is ExitCode.DONE
    assert len(place.instances()) == 1


def test_in_ci_a_ledger_is_created_by_init_alone(
    place: Kept, tmp_path_factory: pytest.TempPathFactory
) -> None:
    place.environ |= {
        "GITHUB_ACTIONS": "true",
        "GITHUB_EVENT_NAME": "push",
        "LAUNCHER_LEDGER_DIR": str(tmp_path_factory.mktemp("ledgers")),
    }
    fails(lambda: place.apply(environment="production"), "L434")
    made = ledgers.init(place.root, "production", surroundings=place.surroundings)
    assert made.recorded.head.serial == 1


# --- binding ------------------------------------------------------------------------------------


def test_the_first_prepared_binds_and_another_server_is_refused(place: Kept) -> None:
    place.apply()
    assert place.lockfile()["server"].startswith("sha256:")
    shutil.rmtree(place.root / ".launcher" / "sandbox")
    place.write("plans/new.yaml", a_manifest("another-one"))
    fails(place.apply, "L435")
    assert place.instances() == []


def test_after_a_move_the_ledger_is_bound_again_by_a_person(place: Kept) -> None:
    place.apply()
    shutil.rmtree(place.root / ".launcher" / "sandbox")
    ledgers.rebind(place.root, None, reason="moved", surroundings=place.surroundings)
    place.write("plans/new.yaml", a_manifest("another-one"))
    assert place.apply().exit_code is ExitCode.DONE
    assert len(place.instances()) == 1


# --- sessions -----------------------------------------------------------------------------------


def leave_open(place: Kept) -> None:
    """A session that somebody on another machine has opened and not closed, a moment ago."""
    place.apply()
    site = find_site(place.root, None, replace(place.surroundings, host="far", pid=77))
    ledger = open_ledger(site)
    ledger.append((opening("s9", site.author),), ledger.read().head)


def test_a_run_closes_its_session(place: Kept) -> None:
    place.apply()
    assert place.other().read().session is None


def test_an_open_session_keeps_others_away_with_nothing_sent(place: Kept) -> None:
    leave_open(place)
    before = place.requests()
    place.write("plans/new.yaml", a_manifest("another-one"))
    with pytest.raises(LockHeld):
        place.apply()
    assert place.requests() == before


def test_a_session_whose_head_has_not_moved_for_long_enough_is_taken_over(place: Kept) -> None:
    leave_open(place)
    place.write("plans/new.yaml", a_manifest("another-one"))
    place.clock.sleep(STALE_S)
    found = place.apply()
    assert found.exit_code is ExitCode.DONE
    assert "L422" in {item.code for item in found.diagnostics}


def test_a_session_that_still_moves_its_head_is_not_taken_over(place: Kept) -> None:
    leave_open(place)
    place.clock.sleep(STALE_S - 20)
    ledger = place.other()
    session = ledger.read().session
    assert session is not None
    note = Draft(Kind.OBSERVED, data={"session": session.id})
    ledger.append((note,), ledger.read().head)
    place.clock.sleep(STALE_S - 20)
    with pytest.raises(LockHeld):
        place.apply()


def test_one_waits_for_a_session_as_long_as_one_is_asked_to(place: Kept) -> None:
    leave_open(place)
    place.write("plans/new.yaml", a_manifest("another-one"))
    assert place.apply(lock_timeout_s=600).exit_code is ExitCode.DONE
    assert place.clock.slept_s >= STALE_S - 1


def test_a_session_is_ended_by_hand(place: Kept) -> None:
    leave_open(place)
    unlock(place.root, None, reason="it hangs", surroundings=place.surroundings)
    place.write("plans/new.yaml", a_manifest("another-one"))
    assert place.apply().exit_code is ExitCode.DONE
