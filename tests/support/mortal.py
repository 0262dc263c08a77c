"""Real `launcher` processes that die by SIGKILL before or after a chosen effect or HTTP request."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Self

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from types import TracebackType

ROOT = Path(__file__).parent.parent.parent


class Mortals:
    """Runs mortal processes; a context manager that leaves none behind."""

    def __enter__(self) -> Self:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.support.dying"],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._process.stdin is not None:
            self._process.stdin.close()
        self._process.wait(30)
        if self._process.stdout is not None:
            self._process.stdout.close()

    def run(
        self,
        arguments: Sequence[str],
        *,
        directory: Path,
        environ: Mapping[str, str],
        fuse: int | None = None,
        late: bool = False,
        at: Literal["effect", "request"] = "effect",
    ) -> Ended:
        """Run `launcher` with `arguments` until it ends, or dies at effect (or request) number `fuse`."""
        output = directory.parent / "output.txt"
        order = {
            "arguments": list(arguments),
            "environ": dict(environ),
            "directory": str(directory),
            "output": str(output),
            "fuse": fuse,
            "late": late,
            "at": at,
        }
        if self._process.stdin is None or self._process.stdout is None:
            raise RuntimeError("not started")
        self._process.stdin.write(json.dumps(order) + "\n")
        self._process.stdin.flush()
        answer = json.loads(self._process.stdout.readline())
        aside = output.with_suffix(".aside").read_text()
        return Ended(answer["code"], answer["effects"], output.read_text(), aside)


class Ended:
    """How a process ended.

    Attributes:
        code: exit code, or the negative number of the signal it died by.
        effects: how many effects it asked for; requests, where these were counted.
        answer: what it printed to its standard output.
        aside: what it printed to its standard error.
    """

    def __init__(self, code: int, effects: int, answer: str, aside: str) -> None:
        self.code = code
        self.effects = effects
        self.answer = answer
        self.aside = aside

    @property
    def output(self) -> str:
        """What it printed, both streams."""
        return self.answer + self.aside

    def json(self) -> Any:
        """Its answer, where that is JSON."""
        return json.loads(self.answer)

    @property
    def was_killed(self) -> bool:
        """Whether it died by SIGKILL."""
        return self.code == -signal.SIGKILL
