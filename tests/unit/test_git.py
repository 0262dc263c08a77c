"""The git program, run with care."""

from __future__ import annotations

import hashlib
import os
from typing import TYPE_CHECKING

import pytest

import launcher.git
from launcher.git import Git, GitHung, scrubbed

if TYPE_CHECKING:
    from pathlib import Path


def reading(folder: Path) -> Path:
    """What git reads until somebody writes it."""
    pipe = folder / "pipe"
    os.mkfifo(pipe)
    return pipe


def test_a_git_that_takes_long_is_told_once_and_still_waited_for(tmp_path, monkeypatch):
    monkeypatch.setattr(launcher.git, "_SILENT_S", 0.05)
    pipe, heard = reading(tmp_path), []

    def slow(command: str, seconds: float) -> None:
        heard.append((command, seconds))
        pipe.write_bytes(b"a word")

    git = Git(tmp_path, scrubbed(os.environ), slow=slow)
    found = git.ask("hash-object", "--stdin-paths", stdin=f"{pipe}\n".encode())

    assert heard == [("hash-object", 0.05)]
    oid = hashlib.sha1(b"blob 6\0a word", usedforsecurity=False).hexdigest()
    assert (found.returncode, found.stdout, found.stderr) == (0, f"{oid}\n".encode(), b"")


def test_a_git_that_takes_longer_than_its_limit_is_ended(tmp_path, monkeypatch):
    monkeypatch.setattr(launcher.git, "_SILENT_S", 0.05)
    heard: list[str] = []
    git = Git(tmp_path, scrubbed(os.environ), slow=lambda command, _: heard.append(command))

    with pytest.raises(GitHung, match="L521") as hung:
        git.ask("hash-object", str(reading(tmp_path)), limit_s=1)

    assert hung.value.diagnostics[0].facts["problem"] == "it did not answer within 1s"
    assert heard == ["hash-object"]


def test_a_git_that_answers_in_time_is_not_spoken_of(tmp_path):
    heard: list[str] = []
    git = Git(tmp_path, scrubbed(os.environ), slow=lambda command, _: heard.append(command))

    assert git.ask("version").returncode == 0
    assert heard == []
