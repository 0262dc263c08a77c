"""Environments whose ledger is a branch of the remote, from clones that come and go."""

from __future__ import annotations

import shutil
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

import launcher.git
from launcher.engine.events import Kind
from launcher.errors import ExitCode, SurroundingsFailed
from launcher.ledger.git import GitLedger
from launcher.ledger.sessions import opening
from launcher.operations import ledger as ledgers
from launcher.operations import lock
from launcher.operations.record import open_ledger
from launcher.operations.site import find_site
from launcher.operations.unlock import unlock
from tests.support.failures import fails
from tests.support.ledgers import a_bare_repository, git
from tests.support.workspaces import Place, a_manifest

if TYPE_CHECKING:
    from pathlib import Path


WORKSPACE = """\
apiVersion: launcher/v1
kind: Workspace
metadata: {name: payments}
spec:
  marker: LAUNCH_KEY
  defaultEnvironment: sandbox
  environments:
    sandbox: {server: sandbox, scope: {type: biz, id: "2"}, ledger: git}
    production: {server: remote, scope: {type: biz, id: "3"}, ledger: git}
"""
BRANCH = "launcher-ledger/payments/sandbox"
PUSH = {"GITHUB_ACTIONS": "true", "GITHUB_EVENT_NAME": "push"}


@pytest.fixture
def remote(tmp_path: Path) -> Path:
    """A remote whose main branch holds the workspace and one manifest."""
    made = a_bare_repository(tmp_path / "remote.git")
    git(made, "symbolic-ref", "HEAD", "refs/heads/main")
    seed = Place(tmp_path / "seed")
    seed.write("launcher.yaml", WORKSPACE)
    seed.write("plans/a.yaml", a_manifest())
    seed.write(".gitignore", ".launcher/\n")
    seed.git("init", "--quiet", "-b", "main")
    seed.commit()
    seed.git("push", "--quiet", str(made), "main")
    return made


def a_clone(remote: Path, name: str, *, sandbox_of: Place | None = None, pid: int = 1) -> Place:
    """A runner's fresh checkout: shallow, with a detached head; with the sandbox that another one used."""
    folder = remote.parent / name
    git(remote.parent, "clone", "--quiet", "--depth=1", remote.as_uri(), str(folder))
    git(folder, "checkout", "--quiet", "--detach")
    if sandbox_of is not None:
        kept = sandbox_of.root / ".launcher" / "sandbox"
        shutil.copytree(kept, folder / ".launcher" / "sandbox")
    return Place(folder, pid=pid)


def kinds(remote: Path) -> list[str]:
    """What the branch says, in order."""
    lines = git(remote, "show", f"{BRANCH}:events/000000000001.jsonl").splitlines()
    return [line.split('"kind":"')[1].split('"')[0] for line in lines]


def test_what_one_runner_launched_is_in_sync_for_the_next_one(remote):
    first = a_clone(remote, "one")
    assert first.apply().exit_code is ExitCode.DONE
    assert len(first.instances()) == 1
    assert not (first.root / ".launcher" / "ledger").exists()
    second = a_clone(remote, "two", sandbox_of=first, pid=2)
    shutil.copytree(first.root / "locks", second.root / "locks")
    assert second.apply().exit_code is ExitCode.DONE
    assert len(second.instances()) == 1
    assert kinds(remote).count("starting") == 1


def test_a_run_touches_neither_branches_nor_files_of_the_clone(remote):
    place = a_clone(remote, "one")
    before = place.git("for-each-ref")
    place.apply()
    assert place.git("for-each-ref") == before
    assert place.git("status", "--porcelain") == "?? locks/"


def test_another_clone_without_a_lockfile_still_sees_what_ran(remote):
    first = a_clone(remote, "one")
    first.apply()
    second = a_clone(remote, "two", sandbox_of=first, pid=2)
    found = second.diff()
    assert [change.action.value for change in found.changeset.changes] == ["none"]


def test_verify_sync_and_restore_work_on_a_branch(remote):
    place = a_clone(remote, "one")
    place.apply()
    here = place.surroundings
    assert lock.verify(place.root, None, surroundings=here).differences == ()
    path = place.root / "locks" / "sandbox.lock.json"
    path.unlink()
    lock.sync(place.root, None, surroundings=here)
    assert path.exists()
    tip = git(remote, "rev-parse", BRANCH)
    git(remote, "update-ref", "-d", f"refs/heads/{BRANCH}")
    fails(place.apply, "L430")
    made = ledgers.restore(place.root, None, reason="gone", surroundings=here)
    assert made.kept is None
    assert BRANCH in made.location
    assert place.apply().exit_code is ExitCode.DONE
    assert len(place.instances()) == 1
    git(remote, "update-ref", f"refs/heads/{BRANCH}", tip)
    fails(place.apply, "L433")


def test_a_restore_keeps_the_damaged_branch_under_another_name(remote):
    place = a_clone(remote, "one")
    place.apply()
    broken = git(remote, "rev-parse", "main")
    git(remote, "update-ref", f"refs/heads/{BRANCH}", broken)
    fails(place.apply, "L454")
    made = ledgers.restore(place.root, None, reason="broken", surroundings=place.surroundings)
    assert made.kept is not None
    assert git(remote, "rev-parse", made.kept) == broken
    assert place.apply().exit_code is ExitCode.DONE
    assert len(place.instances()) == 1


def test_a_session_elsewhere_holds_until_its_branch_stood_still_and_can_be_ended(remote):
    place = a_clone(remote, "one")
    place.apply()
    site = find_site(place.root, None, replace(place.surroundings, host="elsewhere", pid=77))
    other = open_ledger(site)
    other.append((opening("s9", site.author),), other.read().head)
    place.write("plans/b.yaml", a_manifest("again"))
    fails(place.apply, "L421", ExitCode.LOCKED)
    unlock(place.root, None, reason="it hangs", surroundings=place.surroundings)
    assert place.apply().exit_code is ExitCode.DONE
    other.append((opening("s10", site.author),), other.read().head)
    place.write("plans/c.yaml", a_manifest("third"))
    fails(place.apply, "L421", ExitCode.LOCKED)
    place.clock.sleep(121)
    found = place.apply()
    assert found.exit_code is ExitCode.DONE
    assert "L422" in {item.code for item in found.diagnostics}
    assert len(place.instances()) == 3


# --- in CI --------------------------------------------------------------------------------------


def test_a_ci_run_may_launch_from_a_branch_but_never_starts_one_by_itself(remote):
    place = a_clone(remote, "one")
    place.environ |= PUSH
    fails(lambda: place.apply(environment="production"), "L434")
    ledgers.init(place.root, "production", surroundings=place.surroundings)
    assert git(remote, "rev-parse", "launcher-ledger/payments/production")
    fails(lambda: ledgers.init(place.root, "production", surroundings=place.surroundings), "L438")


def test_a_pull_request_launches_nothing_from_a_branch_either(remote):
    place = a_clone(remote, "one")
    place.environ |= {"GITHUB_ACTIONS": "true", "GITHUB_EVENT_NAME": "pull_request"}
    fails(lambda: place.apply(environment="production"), "L527")


# --- the remote -------------------------------------------------------------------------------


def test_without_a_remote_nothing_is_launched(remote):
    place = a_clone(remote, "one")
    place.git("remote", "remove", "origin")
    fails(place.apply, "L450", ExitCode.SURROUNDINGS)
    assert place.instances() == []
    place.environ["LAUNCHER_GIT_REMOTE"] = str(remote)
    assert place.apply().exit_code is ExitCode.DONE
    assert len(place.instances()) == 1


def test_without_git_the_remote_can_be_named(remote):
    place = a_clone(remote, "one")
    shutil.rmtree(place.root / ".git")
    fails(place.apply, "L450", ExitCode.SURROUNDINGS)
    place.environ["LAUNCHER_GIT_REMOTE"] = str(remote)
    assert place.apply().exit_code is ExitCode.DONE
    assert Kind.CLOSED.value in kinds(remote)


def test_a_remote_that_does_not_answer_lets_nothing_be_sent(remote):
    place = a_clone(remote, "one")
    remote.rename(remote.with_name("gone.git"))
    fails(place.apply, "L452", ExitCode.SURROUNDINGS)
    assert place.instances() == []


def test_a_remote_that_hangs_is_told_and_named_and_lets_nothing_be_sent(remote, monkeypatch):
    monkeypatch.setattr(launcher.git, "_SILENT_S", 0.05)
    place = a_clone(remote, "one")
    place.git("config", "core.sshCommand", "exec sleep 600 #")
    place.git("remote", "set-url", "origin", "ssh://git@example.invalid/ledgers.git")

    ledger = open_ledger(find_site(place.root, None, place.surroundings))
    assert isinstance(ledger, GitLedger)
    ledger._place._limit_s = 1

    with pytest.raises(SurroundingsFailed) as failed:
        ledger.read()

    (told,) = failed.value.diagnostics
    assert told.code == "L452"
    assert told.facts["path"].startswith("ssh://example.invalid/ledgers.git ")
    assert told.facts["problem"] == "it did not answer within 1s"
    assert ("L622", "`git fetch`") in [(item.code, item.facts["host"]) for item in place.remarks]


def test_a_remote_that_takes_no_push_lets_nothing_be_sent(remote):
    place = a_clone(remote, "one")
    hook = remote / "hooks" / "pre-receive"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text("#!/bin/sh\nexit 1\n")
    hook.chmod(0o755)
    fails(place.apply, "L453", ExitCode.SURROUNDINGS)
    assert place.instances() == []
