"""Command lines run in this process, as a user types them."""

from __future__ import annotations

import io
import os
import re
import shutil
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from launcher.cli.run import run

if TYPE_CHECKING:
    import pytest

REPOSITORY = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Result:
    """What a command line gave; shown whole where a test fails."""

    line: str
    code: int
    out: str
    err: str


class _Text(io.TextIOWrapper):
    """A stream as a process has it, kept in memory."""

    def __init__(self) -> None:
        super().__init__(io.BytesIO(), encoding="utf-8", write_through=True)

    def text(self) -> str:
        self.flush()
        content: bytes = self.buffer.getvalue()  # type: ignore[attr-defined]  # it is a BytesIO
        return content.decode()


@dataclass
class CommandLine:
    """A folder to run `launcher` in, with a quick sandbox and an environment that holds nothing else."""

    directory: Path

    def __call__(self, *arguments: str) -> Result:
        out, err = _Text(), _Text()
        with redirect_stdout(out), redirect_stderr(err):
            code = run(arguments)
        return Result(f"launcher {' '.join(arguments)}", int(code), out.text(), err.text())

    def edit(self, path: str, before: str, after: str) -> None:
        """Replace a text that stands in the file exactly once."""
        file = self.directory / path
        text = file.read_text()
        assert text.count(before) == 1, f"{before!r} stands {text.count(before)} times in {path}"
        file.write_text(text.replace(before, after))


def quick_world(directory: Path) -> Path:
    """The demo world with steps that take no time."""
    text = (REPOSITORY / "launcher/sandbox/demo.yaml").read_text()
    text = re.sub(r"(takes_s|start_lag_s|stop_lag_s): [\d.]+", r"\1: 0", text)
    path = directory / "quick-world.yaml"
    path.write_text(text)
    return path


def a_command_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> CommandLine:
    """A command line in a folder of its own, which is empty."""
    directory = tmp_path / "workspace"
    directory.mkdir()
    monkeypatch.chdir(directory)
    for name in tuple(os.environ):
        if name not in ("PATH", "HOME", "TMPDIR", "LANG"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("LAUNCHER_SANDBOX_WORLD", str(quick_world(tmp_path)))
    monkeypatch.setenv("LAUNCHER_POLL", "0.05")
    # What the user of this machine has configured is none of a test's business.
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    return CommandLine(directory)


def with_demo(line: CommandLine) -> CommandLine:
    """The repository's own workspace in it."""
    shutil.copy(REPOSITORY / "launcher.yaml", line.directory)
    shutil.copytree(REPOSITORY / "plans", line.directory / "plans")
    return line
