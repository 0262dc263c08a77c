"""A branch that is not as launcher wrote it is refused, and never repaired."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from launcher.catalogue import texts
from launcher.engine.effects import Appended
from launcher.errors import RefusedToAct
from launcher.ledger.check import check_lineage
from launcher.ledger.lockfile import lockfile_of
from tests.support.ledgers import (
    BRANCH,
    a_bare_repository,
    a_git_ledger,
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

ONE, TWO = "events/000000000001.jsonl", "events/000000000003.jsonl"
Files = dict[str, bytes]


@pytest.fixture
def remote(tmp_path: Path) -> Path:
    """A branch with two segments: events 1 and 2, and a group of three."""
    made = a_bare_repository(tmp_path / "remote.git")
    ledger = a_git_ledger(made)
    for drafts in ((created(),), (opened(),), (intended("web"), intended("db"), intended("cache"))):
        assert isinstance(ledger.append(drafts, ledger.read().head), Appended)
    lines = contents(made)[ONE].splitlines(keepends=True)
    put(
        made,
        {ONE: b"".join(lines[:2]), TWO: b"".join(lines[2:]), "snapshot.json": snapshot(made)},
    )
    return made


def contents(remote: Path) -> Files:
    names = git(remote, "ls-tree", "-r", "--name-only", BRANCH).splitlines()
    return {name: git(remote, "show", f"{BRANCH}:{name}").encode() + b"\n" for name in names}


def snapshot(remote: Path) -> bytes:
    return contents(remote)["snapshot.json"]


def put(remote: Path, files: Files, *, mode: str = "100644") -> None:
    """Let the branch hold `files` and nothing else, as a commit on what was there."""
    index = {"folders": [], "top": []}  # type: dict[str, list[str]]
    for path, content in files.items():
        folder, _, name = path.rpartition("/")
        oid = git(remote, "hash-object", "-w", "--stdin", stdin=content)
        index["folders" if folder == "events" else "top"].append(
            f"{mode} blob {oid}\t{name or path}"
        )
    if index["folders"]:
        tree = git(remote, "mktree", stdin="\n".join(index["folders"]).encode() + b"\n")
        index["top"].append(f"040000 tree {tree}\tevents")
    tree = git(remote, "mktree", stdin="".join(f"{line}\n" for line in index["top"]).encode())
    commit = git(remote, "commit-tree", tree, "-p", BRANCH, "-m", "by hand")
    git(remote, "update-ref", f"refs/heads/{BRANCH}", commit)


def _a_foreign_file(files: Files) -> None:
    files["README.md"] = b"hello\n"


def _a_foreign_name(files: Files) -> None:
    files["events/1.jsonl"] = files.pop(ONE)


def _no_events(files: Files) -> None:
    del files[ONE], files[TWO]


def _the_first_segment_is_gone(files: Files) -> None:
    del files[ONE]


def _the_last_segment_is_gone(files: Files) -> None:
    del files[TWO]
    later = json.loads(files["snapshot.json"])
    files["snapshot.json"] = json.dumps({**later, "serial": 5}).encode()


def _another_first_serial(files: Files) -> None:
    files["events/000000000004.jsonl"] = files.pop(TWO)


def _a_gap(files: Files) -> None:
    files[ONE] = files[ONE].splitlines(keepends=True)[0]


def _half_a_line(files: Files) -> None:
    files[TWO] = files[TWO][:-20]


def _half_a_group(files: Files) -> None:
    files[TWO] = b"".join(files[TWO].splitlines(keepends=True)[:2])


def _empty(files: Files) -> None:
    files[TWO] = b""


def _a_changed_word(files: Files) -> None:
    files[ONE] = files[ONE].replace(b"build-1", b"build-2")


def _no_json(files: Files) -> None:
    files[TWO] = files[TWO].replace(b"{", b"[", 1)


def _holes(files: Files) -> None:
    files[TWO] = files[TWO][:20] + b"\0" * 30 + files[TWO][50:]


def _a_newer_format(files: Files) -> None:
    files[TWO] = files[TWO].replace(b'"v":1', b'"v":2')


def _no_snapshot_of_this_record(files: Files) -> None:
    data = json.loads(files["snapshot.json"])
    files["snapshot.json"] = json.dumps({**data, "head": "sha256:" + "0" * 64}).encode()


def _another_lineage(files: Files) -> None:
    data = json.loads(files["snapshot.json"])
    files["snapshot.json"] = json.dumps({**data, "lineage": "f" * 32}).encode()


def _another_environment(files: Files) -> None:
    data = json.loads(files["snapshot.json"])
    files["snapshot.json"] = json.dumps({**data, "environment": "staging"}).encode()


def _a_snapshot_that_is_none(files: Files) -> None:
    files["snapshot.json"] = b"[]\n"


DAMAGES = [
    (_a_foreign_file, "L454", "README.md does not belong there"),
    (_a_foreign_name, "L454", "events/1.jsonl does not belong there"),
    (_no_events, "L454", "it holds no events"),
    (_the_first_segment_is_gone, "L454", f"the events before {TWO} are missing"),
    (_the_last_segment_is_gone, "L454", "speaks of an event 5 that the segments do not hold"),
    (_another_first_serial, "L454", f"events/000000000004.jsonl does not follow on {ONE}"),
    (_a_gap, "L454", f"{TWO} does not follow on {ONE}"),
    (_half_a_line, "L454", f"{TWO} ends in the middle of a line"),
    (_half_a_group, "L402", "the branch ends in the middle of an append"),
    (_empty, "L454", f"{TWO} ends in the middle of a line"),
    (_a_changed_word, "L402", f"Line 1 of {{where}} {TWO}"),
    (_no_json, "L401", f"Line 1 of {{where}} {TWO}"),
    (_holes, "L402", "the branch ends in the middle of an append"),
    (_a_newer_format, "L403", f"Line 1 of {{where}} {TWO}"),
    (_no_snapshot_of_this_record, "L454", "speaks of an event 1"),
    (_another_lineage, "L454", "speaks of an event 1"),
    (_another_environment, "L454", "speaks of the environment staging"),
    (_a_snapshot_that_is_none, "L454", "snapshot.json is not a lockfile"),
]


def refusal(act: Callable[[], object]) -> tuple[str, str]:
    with pytest.raises(RefusedToAct) as caught:
        act()
    (found,) = caught.value.diagnostics
    return found.code, texts(found).detail


def test_two_segments_are_one_record(remote: Path) -> None:
    ledger = a_git_ledger(remote)
    assert ledger.read().head.serial == 5
    assert isinstance(ledger.append((closed(),), ledger.read().head), Appended)
    assert sorted(contents(remote)) == [ONE, TWO, "snapshot.json"]


@pytest.mark.parametrize(
    ("damage", "code", "words"), DAMAGES, ids=[item[0].__name__.strip("_") for item in DAMAGES]
)
def test_a_damaged_branch_is_refused_by_whoever_reads_it_first_and_by_whoever_knew_it(
    remote: Path, damage: Callable[[Files], None], code: str, words: str
) -> None:
    knows, reads = a_git_ledger(remote), a_git_ledger(remote)
    head = knows.read().head
    files = contents(remote)
    damage(files)
    put(remote, files)
    tip = git(remote, "rev-parse", BRANCH)
    found, said = refusal(reads.read)
    assert found == code
    assert words.format(where=reads.location()) in said
    assert refusal(reads.read)[0] == code
    assert refusal(knows.read)[0] in (code, "L408")
    assert refusal(lambda: knows.append((closed(),), head))[0] in (code, "L408")
    if "snapshot" not in said:
        assert refusal(lambda: list(reads.events()))[0] == code
    assert git(remote, "rev-parse", BRANCH) == tip


def test_a_line_is_told_twice_as_it_is_read_once(remote: Path) -> None:
    """A carriage return is no end of a line: JSON may hold one between two words."""
    files = contents(remote)
    files.pop("snapshot.json")
    first, _, _ = files[ONE].partition(b"\n")
    put(remote, {ONE: first.replace(b"{", b"{\r", 1) + b"\n"})
    ledger = a_git_ledger(remote)
    assert ledger.read().head.serial == 1
    assert [event.serial for event in ledger.events()] == [1]


def test_a_symbolic_link_in_the_tree_is_refused(remote: Path) -> None:
    put(remote, contents(remote), mode="120000")
    code, said = refusal(a_git_ledger(remote).read)
    assert code == "L454"
    assert "is no plain file" in said


def test_a_damaged_branch_can_be_set_aside(remote: Path) -> None:
    put(remote, {"README.md": b"hello\n"})
    tip = git(remote, "rev-parse", BRANCH)
    ledger = a_git_ledger(remote)
    kept = ledger.set_aside()
    assert kept is not None
    assert git(remote, "rev-parse", kept) == tip
    assert isinstance(ledger.append((created("new"),), ledger.read().head), Appended)


# --- lineage, as a run that knows only the lockfile sees it -----------------------------------


def lineage(ledger: GitLedger, known: GitLedger) -> list[str]:
    """What a run says of `ledger` that holds the lockfile of `known`."""
    found = check_lineage(
        ledger.read(),
        ledger.hash_at,
        "production",
        lockfile=lockfile_of(known.read(), "production"),
        head_lockfile=None,
        may_create=False,
    )
    return [item.code for item in found]


@pytest.fixture
def known(remote: Path) -> GitLedger:
    """What was known of the branch before it was changed; it looks at a copy."""
    copy = remote.with_name("copy.git")
    git(remote.parent, "clone", "--quiet", "--mirror", str(remote), str(copy))
    return a_git_ledger(copy)


def test_the_ledger_that_the_lockfile_speaks_of_is_taken(remote: Path, known: GitLedger) -> None:
    assert lineage(a_git_ledger(remote), known) == []


def test_a_branch_that_is_absent_is_a_lost_ledger(remote: Path, known: GitLedger) -> None:
    git(remote, "update-ref", "-d", f"refs/heads/{BRANCH}")
    assert lineage(a_git_ledger(remote), known) == ["L430"]


def test_a_branch_that_was_forced_back_is_a_lost_ledger(remote: Path, known: GitLedger) -> None:
    git(remote, "update-ref", f"refs/heads/{BRANCH}", f"{BRANCH}~2")
    assert lineage(a_git_ledger(remote), known) == ["L431"]


def test_a_branch_that_went_another_way_is_a_lost_ledger(remote: Path, known: GitLedger) -> None:
    git(remote, "update-ref", f"refs/heads/{BRANCH}", f"{BRANCH}~2")
    other = a_git_ledger(remote)
    for number in range(4):
        assert isinstance(other.append((closed(f"s{number}"),), other.read().head), Appended)
    assert lineage(a_git_ledger(remote), known) == ["L432"]


def test_a_branch_of_another_lineage_is_a_lost_ledger(remote: Path, known: GitLedger) -> None:
    git(remote, "update-ref", "-d", f"refs/heads/{BRANCH}")
    other = a_git_ledger(remote)
    for draft in (created("f" * 32), *(closed(f"s{number}") for number in range(4))):
        assert isinstance(other.append((draft,), other.read().head), Appended)
    assert lineage(a_git_ledger(remote), known) == ["L433"]
