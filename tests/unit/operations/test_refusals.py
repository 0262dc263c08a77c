"""What is refused before anything is sent, each with its code and its cure."""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING, Any

import pytest

from launcher.catalogue import entry, texts
from launcher.errors import ExitCode, LauncherError, SurroundingsFailed
from tests.support.workspaces import Place, a_manifest, a_place

if TYPE_CHECKING:
    from collections.abc import Callable

JOURNAL = ".launcher/ledger/sandbox.jsonl"


def a_migration(revision: str = "head", **spec) -> str:
    return a_manifest(variables={"revision": revision}, **spec)


@pytest.fixture
def place(tmp_path) -> Place:
    """A workspace whose migration has run twice."""
    found = a_place(tmp_path, a_migration("1"))
    found.apply()
    shutil.copy(tmp_path / JOURNAL, tmp_path / "older.jsonl")
    found.write("plans/m0.yaml", a_migration("2"))
    found.apply()
    found.write("plans/m0.yaml", a_migration("3"))
    assert len(found.instances()) == 2
    return found


def changing(place: Place) -> int:
    """How many requests that can change something came in; a run that is under way may read at any time."""
    return sum(item["method"] != "GET" for item in place.requests())


def refused(place: Place, act: Callable[[], object], code: str, exit_code: ExitCode) -> str:
    """`act` is refused with `code`, says how to go on (given back), and has sent nothing that changes anything."""
    instances, lockfile = place.instances(), (place.root / "locks/sandbox.lock.json").read_bytes()
    asked = changing(place)
    with pytest.raises(LauncherError) as error:
        act()
    assert [item.code for item in error.value.diagnostics] == [code]
    assert error.value.exit_code is exit_code
    assert texts(error.value.diagnostics[0]).hint
    assert entry(code).cure
    assert place.instances() == instances
    assert changing(place) == asked
    assert (place.root / "locks/sandbox.lock.json").read_bytes() == lockfile
    return texts(error.value.diagnostics[0]).hint or ""


def test_a_deleted_journal_is_refused(place):
    (place.root / JOURNAL).unlink()
    refused(place, place.apply, "L430", ExitCode.REFUSED)


def test_a_truncated_journal_is_refused(place):
    lines = (place.root / JOURNAL).read_bytes().splitlines(keepends=True)
    (place.root / JOURNAL).write_bytes(b"".join(lines[: len(lines) // 2]))
    refused(place, place.apply, "L431", ExitCode.REFUSED)


def test_a_journal_replaced_by_an_older_copy_is_refused(place):
    shutil.copy(place.root / "older.jsonl", place.root / JOURNAL)
    refused(place, place.apply, "L431", ExitCode.REFUSED)


def test_an_older_copy_that_went_on_by_itself_is_refused(place):
    """Somebody took the lockfile away, applied on the older copy, and the lockfile came back with git."""
    lockfile = place.root / "locks/sandbox.lock.json"
    newer = lockfile.read_bytes()
    shutil.copy(place.root / "older.jsonl", place.root / JOURNAL)
    lockfile.unlink()
    place.apply()
    place.apply(refresh_only=True)
    lockfile.write_bytes(newer)
    refused(place, place.apply, "L432", ExitCode.REFUSED)


def test_a_ledger_that_is_not_the_lockfiles_is_refused(place, tmp_path):
    other = a_place(tmp_path / "other", a_migration("1"))
    other.apply()
    shutil.copy(other.root / JOURNAL, place.root / JOURNAL)
    refused(place, place.apply, "L433", ExitCode.REFUSED)


def test_another_world_behind_the_same_environment_is_refused(place):
    for left in (place.root / ".launcher/sandbox").iterdir():
        left.unlink()
    with pytest.raises(LauncherError) as error:
        place.apply()
    assert [item.code for item in error.value.diagnostics] == ["L435"]
    assert error.value.exit_code is ExitCode.REFUSED
    assert texts(error.value.diagnostics[0]).hint
    assert place.requests() == []


def test_a_second_session_is_refused_while_the_first_one_lives(place):
    second = Place(place.root, place.clock, pid=4243)
    met: list[str] = []

    def meet(item: object) -> None:
        if getattr(item, "kind", None) == "prepare" and not met:
            refused(place, second.apply, "L420", ExitCode.LOCKED)
            met.append("second")

    place.heard = Hearing(meet)
    assert place.apply().exit_code is ExitCode.DONE
    assert met == ["second"]
    assert [item["starts_accepted"] for item in place.instances()] == [1, 1, 1]


def test_a_renamed_launch_without_its_history_is_refused(place):
    place.write("plans/m0.yaml", a_migration("2").replace("db-migrate", "database-migration"))
    place.write("plans/other.yaml", a_manifest("other", plan=1002))
    before = len(place.instances())

    done = place.apply()

    assert done.exit_code is ExitCode.INVALID
    looks_renamed = next(item for item in done.diagnostics if item.code == "L211")
    assert texts(looks_renamed).hint
    assert (done.report, len(place.instances())) == (None, before)

    place.apply(as_new=frozenset({"database-migration"}))
    assert len(place.instances()) == before + 2


class Hearing(list[Any]):
    """Passes on what it is told."""

    def __init__(self, tell: Callable[[object], None]) -> None:
        super().__init__()
        self.tell = tell

    def append(self, item: object) -> None:
        super().append(item)
        self.tell(item)


# --- never backwards ----------------------------------------------------------------------------


@pytest.fixture
def repository(tmp_path) -> Place:
    """A workspace in git: commit one and commit two were applied, the lockfile was committed after each."""
    found = a_place(tmp_path, a_migration("1"))
    found.write(".gitignore", ".launcher/\n")
    found.git("init", "--quiet", "--initial-branch=main")
    found.commit("one")
    found.git("tag", "one")
    found.apply()
    found.commit("lockfile of one")
    found.write("plans/m0.yaml", a_migration("2"))
    found.commit("two")
    found.git("tag", "two")
    found.apply()
    found.commit("lockfile of two")
    assert len(found.instances()) == 2
    return found


def keep_lockfile(place: Place, revision: str) -> None:
    """Check out `revision` with the lockfile as it is, as a late CI run with a shared ledger would see it."""
    place.git("checkout", "--quiet", "--force", revision)
    shutil.rmtree(place.root / "locks", ignore_errors=True)
    place.git("checkout", "--quiet", "main", "--", "locks")
    place.git("reset", "--quiet")


def test_an_older_commit_is_refused(repository):
    keep_lockfile(repository, "one")
    refused(repository, repository.apply, "L524", ExitCode.REFUSED)


def test_an_older_commit_is_refused_without_the_newer_lockfile_too(repository):
    repository.git("checkout", "--quiet", "--force", "one")
    asked = len(repository.requests())
    with pytest.raises(LauncherError) as error:
        repository.apply()
    assert [item.code for item in error.value.diagnostics] == ["L524"]
    assert len(repository.requests()) == asked


def test_an_unrelated_commit_is_refused(repository):
    repository.git("checkout", "--quiet", "--orphan", "other")
    repository.commit("something else")
    refused(repository, repository.apply, "L524", ExitCode.REFUSED)


def test_a_branch_that_was_not_brought_up_to_date_is_refused(repository):
    repository.git("checkout", "--quiet", "--force", "-b", "feature", "one")
    repository.write("plans/m0.yaml", a_migration("feature"))
    repository.commit("feature")
    with pytest.raises(LauncherError) as error:
        repository.apply()
    assert [item.code for item in error.value.diagnostics] == ["L524"]


def test_a_commit_that_only_writes_the_lockfile_makes_no_older_commit(repository):
    repository.apply()
    repository.write("plans/m0.yaml", a_migration("3"))
    repository.apply(refresh_only=True)
    repository.git("checkout", "--quiet", "--force", "main")
    # The session of this run works for the commit of the lockfile; then its parent is applied again.
    repository.write("plans/extra.yaml", a_manifest("extra", plan=1002))
    repository.apply()
    (repository.root / "plans/extra.yaml").unlink()
    keep_lockfile(repository, "two")

    assert repository.apply(only=frozenset({"db-migrate"})).exit_code is ExitCode.DONE


def test_an_older_commit_is_applied_by_a_persons_leave_and_that_is_recorded(repository):
    keep_lockfile(repository, "one")

    done = repository.apply(allow_older_commit=True, reason="the newer one breaks the database")

    assert done.exit_code is ExitCode.DONE
    assert len(repository.instances()) == 3
    events = [json.loads(line) for line in (repository.root / JOURNAL).read_text().splitlines()]
    overridden = [item for item in events if "overridden" in json.dumps(item)]
    assert "the newer one breaks the database" in json.dumps(overridden)


def test_an_older_commit_needs_a_reason(repository):
    keep_lockfile(repository, "one")
    refused(repository, lambda: repository.apply(allow_older_commit=True), "L539", ExitCode.USAGE)


def test_a_copy_without_its_git_repository_is_refused(repository):
    shutil.rmtree(repository.root / ".git")
    repository.write("plans/m0.yaml", a_migration("3"))
    refused(repository, repository.apply, "L529", ExitCode.REFUSED)


def test_missing_history_is_fetched(repository, tmp_path_factory):
    clone = tmp_path_factory.mktemp("clone") / "clone"
    repository.write("plans/m0.yaml", a_migration("3"))
    repository.commit("three")
    repository.git("clone", "--quiet", "--depth=1", f"file://{repository.root}", str(clone))
    shutil.copytree(repository.root / ".launcher", clone / ".launcher")
    late = Place(clone, repository.clock)
    assert late.git("rev-list", "--count", "HEAD") == "1"

    assert late.apply().exit_code is ExitCode.DONE
    assert len(late.instances()) == 3


def test_history_that_cannot_be_fetched_is_refused(repository, tmp_path_factory):
    clone = tmp_path_factory.mktemp("clone") / "clone"
    repository.write("plans/m0.yaml", a_migration("3"))
    repository.commit("three")
    repository.git("clone", "--quiet", "--depth=1", f"file://{repository.root}", str(clone))
    shutil.copytree(repository.root / ".launcher", clone / ".launcher")
    late = Place(clone, repository.clock)
    late.git("remote", "set-url", "origin", f"file://{clone.parent}/nowhere")

    assert refused(late, late.apply, "L530", ExitCode.REFUSED) == "git fetch --unshallow"


def test_a_commit_that_was_applied_and_never_pushed_is_asked_for(repository, tmp_path_factory):
    clone = tmp_path_factory.mktemp("clone") / "clone"
    repository.git("clone", "--quiet", f"file://{repository.root}", str(clone))
    ahead = Place(clone, repository.clock)
    shutil.copytree(repository.root / ".launcher", clone / ".launcher")
    ahead.git("commit", "--quiet", "--allow-empty", "-m", "not pushed")
    ahead.write("plans/m0.yaml", a_migration("3"))
    ahead.commit("three")
    ahead.apply()
    shutil.rmtree(repository.root / ".launcher")
    shutil.copytree(clone / ".launcher", repository.root / ".launcher")

    hint = refused(repository, repository.apply, "L530", ExitCode.REFUSED)
    assert "was not pushed" in hint
    assert hint.endswith("\ngit fetch")


@pytest.mark.parametrize("is_repository", [True, False])
def test_without_a_commit_the_commands_that_make_one_are_named(tmp_path, is_repository):
    place = a_place(tmp_path, a_manifest())
    if is_repository:
        place.git("init", "--quiet")
    hints = {item.code: item.hint for item in place.apply().diagnostics}
    assert hints["L525"] == ("repository" if is_repository else "default")


def test_a_dirty_work_tree_is_applied_as_its_commit_with_a_warning(repository):
    repository.write("plans/m0.yaml", a_migration("3"))

    done = repository.apply()

    assert done.exit_code is ExitCode.DONE
    assert "L526" in {item.code for item in done.diagnostics}


def test_a_file_that_declares_nothing_is_no_news(repository):
    repository.write("notes/today.txt", "buy milk")
    assert "L526" not in {item.code for item in repository.apply().diagnostics}


def test_an_uncommitted_lockfile_does_not_make_the_work_tree_dirty(repository):
    repository.write("plans/m0.yaml", a_migration("3"))
    repository.commit("three")
    repository.apply()

    assert repository.git("status", "--porcelain") != ""
    assert "L526" not in {item.code for item in repository.apply().diagnostics}


@pytest.mark.parametrize(
    "fault", [{"fault": "server-error", "status": 502}, {"fault": "answer-lost"}], ids=str
)
def test_a_job_plan_that_cannot_be_asked_for_is_no_guard_but_a_failure(tmp_path, fault):
    place = a_place(tmp_path, a_manifest())
    place.apply(refresh_only=True)
    place.arm({**fault, "times": "always", "when": {"operation": "get_job_plan_detail"}})

    for act in (place.diff, place.apply):
        with pytest.raises(SurroundingsFailed) as failed:
            act()
        assert [item.code for item in failed.value.diagnostics] == ["L573"]
        assert "\nlauncher doctor -e sandbox\n" in (texts(failed.value.diagnostics[0]).hint or "")
    assert place.instances() == []
