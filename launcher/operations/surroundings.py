"""All that a use case needs from outside."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from launcher.diagnostics import Diagnostic
from launcher.model.times import duration_text

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from launcher.git import Slow

__all__ = ["Surroundings", "slow_git", "unheard"]


def _never() -> bool:
    return False


def unheard(_: Diagnostic) -> None:
    """Nobody is told."""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """Time, chance, variables and the person behind a run; built once by the command line.

    Attributes:
        environ: environment variables.
        now: the time, aware, in UTC.
        monotonic: seconds of a clock that never jumps; the only one that deadlines are measured with.
        sleep: waits that many seconds; returns early once `stop` is set.
        stop: number of the signal that the user asked to stop with; `None` while nobody has.
        entropy: that many random bytes, in hexadecimal.
        actor: who runs launcher.
        host: name of this machine.
        pid: number of this process.
        tool: version of launcher.
        language: what JOB's messages are to come in, if the command line says so.
        ended: whether nothing is to be waited for any more, asked from any thread: the run ends where it stands.
        remark: hears at once of what takes long, in any thread.
    """

    environ: Mapping[str, str]
    now: Callable[[], datetime]
    monotonic: Callable[[], float]
    sleep: Callable[[float], None]
    stop: Callable[[], int | None]
    entropy: Callable[[int], str]
    actor: str
    host: str
    pid: int
    tool: str
    language: str | None = None
    ended: Callable[[], bool] = _never
    remark: Callable[[Diagnostic], None] = unheard


def slow_git(here: Surroundings) -> Slow:
    """Says of a git that takes long that it is waited for."""

    def slow(command: str, seconds: float) -> None:
        facts = {"host": f"`git {command}`", "duration": duration_text(seconds)}
        here.remark(Diagnostic("L622", facts))

    return slow
