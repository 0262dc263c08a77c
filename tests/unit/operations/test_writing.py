"""New files: whole or not at all, never over another."""

from __future__ import annotations

import errno
import os
import resource
import signal

import pytest

from launcher.errors import ExitCode
from launcher.operations.rewrite import replace_file as rewrite
from launcher.operations.writing import replace_file, write_new
from tests.support.failures import fails


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def without_links(monkeypatch):
    def refuse(_from: object, _to: object) -> None:
        raise OSError(errno.EPERM, "no hard links here")

    monkeypatch.setattr(os, "link", refuse)


@pytest.mark.parametrize("links", [True, False])
def test_a_new_file_appears_and_another_stays(tmp_path, monkeypatch, links):
    if not links:
        without_links(monkeypatch)
    assert write_new(tmp_path, "a/b.yaml", "one\r\n")
    assert not write_new(tmp_path, "a/b.yaml", "two\n")
    (tmp_path / "a/c.yaml").symlink_to("nowhere")
    assert not write_new(tmp_path, "a/c.yaml", "two\n")
    assert (tmp_path / "a/b.yaml").read_bytes() == b"one\r\n"
    assert names(tmp_path / "a") == ["b.yaml", "c.yaml"]


def test_a_file_that_is_written_over_keeps_its_mode(tmp_path):
    (tmp_path / "a").write_text("old")
    (tmp_path / "a").chmod(0o600)
    replace_file(tmp_path, "a", "new")
    assert (tmp_path / "a").read_text() == "new"
    assert (tmp_path / "a").stat().st_mode & 0o777 == 0o600
    assert names(tmp_path) == ["a"]


def test_what_cannot_be_written_leaves_nothing_behind(tmp_path):
    (tmp_path / "file").write_text("x")
    (tmp_path / "folder").mkdir()
    fails(lambda: write_new(tmp_path, "file/b", "x"), "L586", ExitCode.SURROUNDINGS)
    fails(lambda: replace_file(tmp_path, "folder", "x"), "L586", ExitCode.SURROUNDINGS)
    assert names(tmp_path) == ["file", "folder"]


@pytest.mark.parametrize("write", [write_new, replace_file, rewrite])
def test_a_link_where_the_draft_goes_is_not_written_through(tmp_path, write):
    # A repository can hold one for each number that a process may have.
    root, elsewhere = tmp_path / "root", tmp_path / "elsewhere"
    root.mkdir()
    elsewhere.write_text("mine")
    (root / f".a.yaml.{os.getpid()}.new").symlink_to(elsewhere)
    if write is rewrite:
        (root / "a.yaml").write_text("old")
    write(root, "a.yaml", b"new" if write is rewrite else "new")
    assert elsewhere.read_text() == "mine"
    assert (root / "a.yaml").read_text() == "new"
    assert not (root / "a.yaml").is_symlink()
    assert names(root) == ["a.yaml"]


def test_a_folder_where_the_draft_goes_is_told(tmp_path):
    (tmp_path / f".a.{os.getpid()}.new").mkdir()
    fails(lambda: write_new(tmp_path, "a", "x"), "L586", ExitCode.SURROUNDINGS)


def test_a_draft_that_cannot_be_written_whole_is_gone(tmp_path):
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    before = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, hard))
    try:
        fails(lambda: write_new(tmp_path, "a", "x" * 100_000), "L586", ExitCode.SURROUNDINGS)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        signal.signal(signal.SIGXFSZ, before)
    assert names(tmp_path) == []
