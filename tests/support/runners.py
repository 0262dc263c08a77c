"""Real `launcher` processes that stop themselves by SIGSTOP, and go on when a test says."""

from __future__ import annotations

import itertools
import os
import signal
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

__all__ = ["APPLY", "Run", "running"]

ROOT = Path(__file__).parent.parent.parent
APPLY = ("apply", "--yes", "--lock-timeout", "60s")
_COUNT = itertools.count(1)


class Run:
    """A process of `launcher` in a runner's folder, which stops itself at `stop`; an apply unless told otherwise."""

    def __init__(
        self, folder: Path, environ: Mapping[str, str], stop: str, arguments: tuple[str, ...]
    ) -> None:
        self._output = folder.parent / f"{folder.name}.{next(_COUNT)}.txt"
        with self._output.open("w") as output:
            self.process = subprocess.Popen(  # noqa: S603 - the test's own words
                (
                    sys.executable,
                    "-m",
                    "tests.support.stopping",
                    stop,
                    "-C",
                    str(folder),
                    *(arguments or APPLY),
                ),
                cwd=ROOT,
                env=dict(environ),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
            )

    @property
    def said(self) -> str:
        return self._output.read_text()

    def stopped(self) -> bool:
        """Whether it has stopped itself; waits until it did, or has ended."""
        how = os.WSTOPPED | os.WEXITED | os.WNOWAIT
        found = os.waitid(os.P_PID, self.process.pid, how)
        return found is not None and found.si_code == os.CLD_STOPPED

    def go_on(self) -> None:
        os.kill(self.process.pid, signal.SIGCONT)

    def ended(self) -> int:
        return self.process.wait(120)


@contextmanager
def running(
    folder: Path, environ: Mapping[str, str], stop: str = "never", arguments: tuple[str, ...] = ()
) -> Iterator[Run]:
    """A process that is not left behind, whatever happens."""
    run = Run(folder, environ, stop, arguments)
    try:
        yield run
    finally:
        if run.process.poll() is None:
            run.process.kill()
            run.process.wait(30)
