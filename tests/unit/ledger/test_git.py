"""What the git back end does beyond the port: commits, segments, other people's hands on the branch."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from launcher.catalogue import texts
from launcher.engine.effects import Appended, HeadMoved
from launcher.engine.events import NO_HEAD, Draft, Head, Kind
from launcher.engine.recorded import Recorded
from launcher.errors import LauncherError, SurroundingsFailed
from launcher.git import Git
from launcher.ledger.git_remote import find_remote
from launcher.ledger.git_tree import SEGMENT_SIZE
from tests.support.ledgers import (
    BRANCH,
    a_bare_repository,
    a_git_ledger,
    a_whole_launch,
    an_author,
    closed,
    created,
    git,
    intended,
    opened,
)

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from launcher.ledger.git import GitLedger


@pytest.fixture
def remote(tmp_path: Path) -> Path:
    return a_bare_repository(tmp_path / "remote.git")


def append(ledger: GitLedger, *drafts: Draft) -> Head:
    answer = ledger.append(drafts, ledger.read().head)
    assert isinstance(answer, Appended)
    return answer.events[-1].head


def refusal(act: Callable[[], object]) -> tuple[str, str]:
    """The code and the detail of the one diagnostic that `act` ends with."""
    with pytest.raises(LauncherError) as caught:
        act()
    (found,) = caught.value.diagnostics
    return found.code, texts(found).detail


def files(remote: Path) -> dict[str, str]:
    """Every file of the branch."""
    names = git(remote, "ls-tree", "-r", "--name-only", BRANCH).splitlines()
    return {name: git(remote, "show", f"{BRANCH}:{name}") for name in names}


def a_big_note(size: int = 60_000) -> Draft:
    return Draft(Kind.OVERRIDDEN, data={"rule": "r", "reason": "x" * size})


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, ...]]:
    """What git is asked, in order."""
    calls: list[tuple[str, ...]] = []
    really = Git.ask

    def ask(self: Git, *arguments: str, **options: object) -> object:
        calls.append(arguments)
        return really(self, *arguments, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(Git, "ask", ask)
    return calls


# --- commits ----------------------------------------------------------------------------------


def test_an_append_is_one_commit_that_says_what_it_is_and_starts_no_pipeline(remote: Path) -> None:
    ledger = a_git_ledger(remote, author=an_author("Bo <bo@x>\nevil"))
    append(ledger, created())
    append(ledger, *(item for name in ("a", "b", "c", "d", "e") for item in (intended(name),)))
    assert git(remote, "rev-list", "--count", BRANCH) == "2"
    told = git(remote, "log", "-1", "--format=%an|%ae|%s|%b", BRANCH).split("|")
    assert told[:3] == [
        "Bo bo@xevil",
        "launcher@localhost",
        "ledger: intended: a, b, c and 2 more [skip ci]",
    ]
    assert told[3].startswith("Events 2 to 6.\n\nLauncher-Append: ")


def test_the_tree_holds_events_in_a_segment_and_the_lockfile_of_a_closed_session(
    remote: Path,
) -> None:
    ledger = a_git_ledger(remote)
    append(ledger, created())
    append(ledger, opened())
    append(ledger, *a_whole_launch())
    assert json.loads(files(remote)["snapshot.json"])["serial"] == 1
    head = append(ledger, closed())
    found = files(remote)
    assert sorted(found) == ["events/000000000001.jsonl", "snapshot.json"]
    assert len(found["events/000000000001.jsonl"].splitlines()) == 9
    snapshot = json.loads(found["snapshot.json"])
    assert (snapshot["serial"], snapshot["head"]) == (head.serial, head.hash)
    assert snapshot["launches"]["web-deploy"]["outcome"] == "succeeded"


def test_an_append_takes_two_git_processes_and_a_look_at_nothing_new_takes_one(
    remote: Path, asked: list[tuple[str, ...]]
) -> None:
    ledger = a_git_ledger(remote)
    append(ledger, created())
    asked.clear()
    append(ledger, opened())
    assert [item[0] for item in asked] == ["fetch", "fast-import", "push"]
    head = ledger.read().head
    asked.clear()
    assert isinstance(ledger.append((closed(),), head), Appended)
    assert [item[0] for item in asked] == ["fast-import", "push"]


def test_every_push_names_the_commit_that_it_expects(
    remote: Path, asked: list[tuple[str, ...]]
) -> None:
    ledger = a_git_ledger(remote)
    append(ledger, created())
    first = git(remote, "rev-parse", BRANCH)
    append(ledger, opened())
    leases = [
        word for call in asked if call[0] == "push" for word in call if word.startswith("--force")
    ]
    ref = f"refs/heads/{BRANCH}"
    assert leases == [f"--force-with-lease={ref}:", f"--force-with-lease={ref}:{first}"]


def test_only_new_content_is_read(remote: Path, asked: list[tuple[str, ...]]) -> None:
    writer, reader = a_git_ledger(remote), a_git_ledger(remote)
    append(writer, created())
    for _ in range(6):
        append(writer, a_big_note())
    assert len(git(remote, "ls-tree", "-r", BRANCH, "events").splitlines()) == 2
    before = reader.read()
    append(writer, a_big_note())
    asked.clear()
    assert reader.read().head.serial == before.head.serial + 1
    assert [item[0] for item in asked] == ["fetch", "ls-tree", "cat-file"]


# --- segments ---------------------------------------------------------------------------------


def test_a_full_segment_is_left_alone_and_another_one_begins(remote: Path) -> None:
    ledger = a_git_ledger(remote)
    append(ledger, created())
    sizes: list[dict[str, int]] = []
    for _ in range(10):
        append(ledger, a_big_note())
        lines = git(remote, "ls-tree", "-r", "-l", BRANCH, "events").splitlines()
        sizes.append({line.split()[4]: int(line.split()[3]) for line in lines})
    assert sorted(sizes[-1]) == [f"events/{first:012d}.jsonl" for first in (1, 6, 10)]
    assert all(size <= SEGMENT_SIZE for size in sizes[-1].values())
    assert sizes[-1]["events/000000000001.jsonl"] == sizes[4]["events/000000000001.jsonl"]
    reader = a_git_ledger(remote)
    assert reader.read() == ledger.read()
    assert [item.serial for item in reader.events()] == list(range(1, 12))


def test_one_append_may_fill_several_segments_and_one_event_may_be_larger_than_one(
    remote: Path,
) -> None:
    ledger = a_git_ledger(remote)
    head = append(ledger, created())
    append(ledger, *(a_big_note(100_000) for _ in range(5)), a_big_note(400_000), a_big_note(10))
    names = git(remote, "ls-tree", "-r", "--name-only", BRANCH, "events").splitlines()
    assert [int(name[7:19]) for name in names] == [1, 4, 6, 7, 8]
    reader = a_git_ledger(remote)
    assert reader.read() == ledger.read()
    assert reader.append((closed(),), head) == HeadMoved(tuple(ledger.events())[1:])


def test_what_came_since_is_told_across_segments(remote: Path) -> None:
    one, two = a_git_ledger(remote), a_git_ledger(remote)
    heads = [append(one, created())]
    heads += [append(one, a_big_note()) for _ in range(9)]
    two.read()
    append(one, a_big_note())
    events = tuple(one.events())
    for head in heads:
        assert two.append((opened(),), head) == HeadMoved(events[head.serial :])


def test_an_event_larger_than_any_ledger_takes_is_refused(remote: Path) -> None:
    ledger = a_git_ledger(remote)
    head = append(ledger, created())
    assert refusal(lambda: ledger.append((a_big_note(4 * 1024 * 1024),), head))[0] == "L414"
    assert a_git_ledger(remote).read().head == head


# --- set aside --------------------------------------------------------------------------------


def test_setting_aside_renames_the_branch_and_deletes_nothing(remote: Path) -> None:
    ledger = a_git_ledger(remote)
    append(ledger, created("old"))
    tip = git(remote, "rev-parse", BRANCH)
    kept = ledger.set_aside()
    assert kept is not None
    assert kept.startswith(f"{BRANCH}.lost-2026")
    branches = git(remote, "for-each-ref", "--format=%(refname:short) %(objectname)")
    assert branches == f"{kept} {tip}"


def test_a_ledger_that_cannot_be_set_aside_stays_as_it_was(remote: Path) -> None:
    ledger = a_git_ledger(remote)
    head = append(ledger, created("old"))
    git(remote, "config", "receive.denyDeletes", "true")
    assert refusal(ledger.set_aside)[0] == "L455"
    assert a_git_ledger(remote).read().head == head


# --- the branch is changed by others ----------------------------------------------------------


def test_a_branch_that_is_deleted_is_refused_by_whoever_knew_it(remote: Path) -> None:
    ledger = a_git_ledger(remote)
    head = append(ledger, created())
    git(remote, "update-ref", "-d", f"refs/heads/{BRANCH}")
    assert refusal(ledger.read)[0] == "L408"
    assert refusal(lambda: ledger.append((opened(),), head))[0] == "L408"
    assert a_git_ledger(remote).read() == Recorded()


def test_a_branch_that_is_forced_back_is_refused_by_whoever_knew_it(remote: Path) -> None:
    ledger = a_git_ledger(remote)
    append(ledger, created())
    head = append(ledger, opened())
    git(remote, "update-ref", f"refs/heads/{BRANCH}", f"{BRANCH}^")
    code, said = refusal(ledger.read)
    assert code == "L408"
    assert "held event 2 a moment ago and now ends at event 1" in said
    assert refusal(lambda: ledger.append((closed(),), head))[0] == "L408"
    other = a_git_ledger(remote)
    append(other, opened("s2"))
    append(other, closed("s2"))
    assert refusal(ledger.read)[0] == "L408"


def test_another_lineage_in_its_place_is_refused_by_whoever_knew_the_first(remote: Path) -> None:
    ledger = a_git_ledger(remote)
    append(ledger, created("one"))
    git(remote, "update-ref", "-d", f"refs/heads/{BRANCH}")
    append(a_git_ledger(remote), created("two"))
    assert refusal(ledger.read)[0] == "L408"


def test_a_branch_whose_commits_were_joined_is_still_the_same_record(remote: Path) -> None:
    ledger, other = a_git_ledger(remote), a_git_ledger(remote)
    append(ledger, created())
    head = append(ledger, opened())
    other.read()
    tree = git(remote, "rev-parse", f"{BRANCH}^{{tree}}")
    git(remote, "update-ref", f"refs/heads/{BRANCH}", git(remote, "commit-tree", tree, "-m", "x"))
    assert ledger.read().head == head
    assert isinstance(ledger.append((closed(),), head), Appended)
    assert isinstance(other.append((closed(),), head), HeadMoved)


def test_a_remote_that_is_gone_is_told_and_nothing_was_recorded(remote: Path) -> None:
    ledger = a_git_ledger(remote)
    append(ledger, created())
    remote.rename(remote.with_name("moved.git"))
    code, said = refusal(ledger.read)
    assert code == "L452"
    assert str(remote) in said
    with pytest.raises(SurroundingsFailed):
        a_git_ledger(remote).append((created(),), NO_HEAD)


# --- clones of every kind ---------------------------------------------------------------------


@pytest.mark.parametrize("how", ["shallow", "detached", "bare", "sha256"])
def test_any_clone_will_do_and_none_is_touched(tmp_path: Path, how: str) -> None:
    remote = tmp_path / "remote.git"
    remote.mkdir()
    form = "sha256" if how == "sha256" else "sha1"
    git(remote, "init", "--quiet", "--bare", f"--object-format={form}", "-b", "main", ".")
    seed = tmp_path / "seed"
    seed.mkdir()
    git(seed, "init", "--quiet", f"--object-format={form}", ".")
    for number in range(3):
        git(seed, "commit", "--quiet", "--allow-empty", "-m", f"c{number}")
    git(seed, "push", "--quiet", str(remote), "HEAD:main")
    clone = tmp_path / "clone"
    options = {"shallow": ["--depth=1"], "bare": ["--bare"]}.get(how, [])
    git(tmp_path, "clone", "--quiet", *options, remote.as_uri(), str(clone))
    if how == "detached":
        git(clone, "checkout", "--quiet", "--detach")
    before = (git(clone, "for-each-ref"), git(clone, "count-objects", "-v"))
    ledgers = [a_ledger_of(clone) for _ in range(2)]
    append(ledgers[0], created())
    append(ledgers[1], opened())
    append(ledgers[0], closed())
    assert ledgers[1].read().head.serial == 3
    assert (git(clone, "for-each-ref"), git(clone, "count-objects", "-v")) == before
    assert git(remote, "rev-list", "--count", BRANCH) == "3"
    if how != "bare":
        assert git(clone, "status", "--porcelain") == ""


def a_ledger_of(clone: Path) -> GitLedger:
    """A ledger on the `origin` of `clone`."""
    found = find_remote(clone, {"PATH": "/usr/bin:/bin"}, is_repository=True)
    ledger = a_git_ledger(clone)
    return type(ledger)(
        found, "production", an_author(), ledger._clock, ledger._entropy, workspace="payments"
    )
