"""What git says, asked with care."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from launcher.errors import SurroundingsFailed
from launcher.forge.git import Relation, Repository, find_repository
from tests.support.workspaces import Place

ENVIRON = {"PATH": os.environ["PATH"], "HOME": "/nonexistent"}


@pytest.fixture
def place(tmp_path) -> Place:
    found = Place(tmp_path / "repository")
    found.write("a.txt", "1")
    found.git("init", "--quiet", "--initial-branch=main")
    found.commit("one")
    return found


def asked(place: Place, folder: str = ".", **environ: str) -> Repository:
    repository = find_repository(place.root / folder, ENVIRON | environ)
    assert repository is not None
    return repository


def test_a_folder_without_git_has_no_repository(tmp_path):
    assert find_repository(tmp_path, ENVIRON) is None


def test_a_repository_without_a_commit_has_no_head(tmp_path):
    place = Place(tmp_path)
    place.git("init", "--quiet")
    assert asked(place).head() is None


def test_head_is_the_commit_that_is_checked_out(place):
    assert asked(place).head() == place.git("rev-parse", "HEAD")


def test_variables_that_point_to_another_repository_are_not_passed_on(place, tmp_path):
    other = Place(tmp_path / "other")
    other.write("b.txt", "1")
    other.git("init", "--quiet")
    other.commit("other")

    repository = asked(
        place, GIT_DIR=str(other.root / ".git"), GIT_WORK_TREE=str(other.root), GIT_INDEX_FILE="x"
    )

    assert repository.head() == place.git("rev-parse", "HEAD")


@pytest.mark.parametrize("option", ["core.fsmonitor", "core.hooksPath"])
def test_nothing_of_the_repositorys_own_is_run(place, option):
    ran = place.root / "ran"
    script = place.write("hook/post-checkout", f"#!/bin/sh\ntouch {ran}\n")
    script.chmod(0o755)
    place.git("config", option, str(script if option == "core.fsmonitor" else script.parent))

    asked(place).edited()

    assert not ran.exists()


def test_git_that_is_not_installed_is_said(place):
    with pytest.raises(SurroundingsFailed) as error:
        find_repository(place.root, {"PATH": "/nonexistent"})
    assert [item.code for item in error.value.diagnostics] == ["L520"]


def test_a_repository_that_git_cannot_read_is_no_folder_without_git(tmp_path):
    (tmp_path / ".git").mkdir()
    with pytest.raises(SurroundingsFailed) as error:
        find_repository(tmp_path, ENVIRON)
    assert [item.code for item in error.value.diagnostics] == ["L521"]


def test_edited_new_and_removed_files_are_told(place):
    place.write("b.txt", "1")
    place.write("odd \u00e9 name.txt", "1")
    place.commit()
    repository = asked(place)
    assert repository.edited() == ()
    place.write("a.txt", "2")
    (place.root / "b.txt").unlink()
    place.write("new/folder/c.txt", "1")
    place.write("odd \u00e9 name.txt", "2")
    told = {"a.txt", "b.txt", "new/folder/c.txt", "odd \u00e9 name.txt"}
    assert set(repository.edited()) == told


def test_only_files_of_the_workspace_are_told_and_relative_to_it(place):
    place.write("sub/launcher.yaml", "x")
    place.commit()
    place.write("a.txt", "2")
    assert asked(place, "sub").edited() == ()
    place.write("sub/launcher.yaml", "y")
    assert asked(place, "sub").edited() == ("launcher.yaml",)


def test_a_file_is_read_at_a_commit_relative_to_the_workspace(place):
    place.write("sub/locks/a.lock.json", "old")
    old = place.commit()
    place.write("sub/locks/a.lock.json", "new")
    repository = asked(place, "sub")

    assert repository.file_at(old, "locks/a.lock.json") == b"old"
    assert repository.file_at(old, "locks/b.lock.json") is None
    assert repository.file_at(old, "locks") is None


@pytest.mark.parametrize("revision", ["nowhere", "--help", "-n", "", "HEAD:a.txt"])
def test_a_revision_that_names_no_commit_is_none(place, revision):
    assert asked(place).commit(revision) is None


class History:
    """Commits by a short word."""

    def __init__(self, place: Place) -> None:
        self.place = place
        self.by_word: dict[str, str] = {}

    def __getitem__(self, word: str) -> str:
        return self.by_word[word]

    def content(self, word: str) -> None:
        self.place.write("a.txt", word)
        self.by_word[word] = self.place.commit(word)

    def lock(self, word: str) -> None:
        self.place.write("locks/production.lock.json", word)
        self.by_word[word] = self.place.commit(word)


@pytest.fixture
def history(place) -> History:
    """main: one, lock-one, lock-two, two; side (from one): side."""
    found = History(place)
    found.content("one")
    found.lock("lock-one")
    found.lock("lock-two")
    found.content("two")
    place.git("checkout", "--quiet", "-b", "side", found["one"])
    found.content("side")
    return found


@pytest.mark.parametrize(
    ("head", "recorded", "relation"),
    [
        ("two", "two", Relation.SAME),
        ("two", "one", Relation.NEWER),
        ("one", "two", Relation.OLDER),
        ("side", "two", Relation.UNRELATED),
        ("two", "side", Relation.UNRELATED),
        ("one", "lock-one", Relation.SAME),
        ("one", "lock-two", Relation.SAME),
        ("lock-one", "lock-two", Relation.NEWER),
        ("side", "lock-two", Relation.NEWER),
    ],
)
def test_the_relation_of_two_commits(history, head, recorded, relation):
    assert asked(history.place).relation(history[head], history[recorded]) is relation


def test_a_commit_that_is_not_here_and_cannot_be_fetched_is_not_known(history):
    gone = "0123456789" * 4
    assert asked(history.place).relation(history["two"], gone) is Relation.NOT_KNOWN


@pytest.mark.parametrize("word", ["--upload-pack=touch {mark}; git-upload-pack", "HEAD", "two"])
def test_what_a_record_says_is_no_word_for_git(history, tmp_path, word):
    """Whoever may write to a ledger would otherwise run what they like wherever it is read."""
    place, mark = history.place, tmp_path / "ran"
    place.git("clone", "--quiet", "--bare", ".", str(tmp_path / "remote.git"))
    place.git("remote", "add", "origin", str(tmp_path / "remote.git"))

    relation = asked(place).relation(history["two"], word.format(mark=mark))

    assert (relation, mark.exists()) == (Relation.NOT_KNOWN, False)


def test_lockfiles_of_another_folder_are_content(history):
    """Only the workspace's own `locks/` counts."""
    place = history.place
    place.git("checkout", "--quiet", "main")
    place.write("sub/launcher.yaml", "x")
    base = place.commit()
    history.lock("lock-elsewhere")

    relation = asked(place, "sub").relation(base, history["lock-elsewhere"])

    assert relation is Relation.OLDER


def test_a_merge_counts_as_itself(history):
    place = history.place
    place.git("checkout", "--quiet", "main")
    place.git("merge", "--quiet", "--strategy=ours", "-m", "merge", "side")
    merge = place.git("rev-parse", "HEAD")

    assert asked(place).relation(history["two"], merge) is Relation.OLDER


def test_a_workspace_in_a_folder_of_a_linked_work_tree_is_found(place, tmp_path):
    place.git("worktree", "add", "--quiet", str(tmp_path / "linked"))
    found = find_repository(Path(tmp_path / "linked"), ENVIRON)
    assert found is not None
    assert found.head() == place.git("rev-parse", "HEAD")
