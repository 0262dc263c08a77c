"""How a run can end: one root for every expected failure, and the exit codes.

Whatever reaches the outermost caller and is not a `LauncherError` is a bug in launcher.
"""

from __future__ import annotations

from enum import IntEnum
from typing import TYPE_CHECKING

from launcher.diagnostics import in_order

if TYPE_CHECKING:
    from collections.abc import Iterable

    from launcher.diagnostics import Diagnostic

__all__ = [
    "ExitCode",
    "InvalidManifests",
    "LauncherError",
    "LockHeld",
    "OutcomeUnknown",
    "RefusedToAct",
    "SurroundingsFailed",
    "WrongUsage",
    "combined",
]


class ExitCode(IntEnum):
    """What the process ends with; the numbers are a public contract."""

    DONE = 0
    SURROUNDINGS = 1
    """The tool or its surroundings failed."""
    CHANGES = 2
    """`diff --detailed-exitcode`: there are changes that would act. Nothing else gives 2."""
    INVALID = 3
    """Manifests are invalid, or a change is an error."""
    REFUSED = 4
    """Refused: guard, stale, unreviewed, older commit, lost ledger, other server, pull request."""
    JOB_FAILED = 5
    """A job failed, was cancelled or refused, now or still from before."""
    UNKNOWN = 6
    """An outcome is unknown."""
    LOCKED = 7
    """The run lock is held."""
    STILL_RUNNING = 8
    """The wait ended and jobs go on."""
    USAGE = 64
    """Wrong usage; `--yes` missing without a terminal."""
    BUG = 70
    INTERRUPTED = 130
    TERMINATED = 143


_WORST_FIRST = (70, 6, 130, 143, 5, 7, 4, 3, 8, 1, 64, 2, 0)


def combined(codes: Iterable[ExitCode]) -> ExitCode:
    """The one exit code that stands for several: the first of 70, 6, 130, 143, 5, 7, 4, 3, 8, 1, 64, 2, 0."""
    present = set(codes) | {ExitCode.DONE}
    return ExitCode(next(code for code in _WORST_FIRST if code in present))


class LauncherError(Exception):
    """An expected failure, told by its diagnostics.

    Attributes:
        diagnostics: at least one, sorted by place.
        exit_code: what the process ends with if nobody handles it.
    """

    exit_code = ExitCode.SURROUNDINGS

    def __init__(self, *diagnostics: Diagnostic) -> None:
        self.diagnostics = in_order(diagnostics)
        super().__init__(", ".join(item.code for item in self.diagnostics))


class SurroundingsFailed(LauncherError):
    """Something around launcher failed: a file, the network, the server, a missing secret."""


class InvalidManifests(LauncherError):
    """Manifests or the workspace file are invalid, or a change is an error."""

    exit_code = ExitCode.INVALID


class RefusedToAct(LauncherError):
    """Acting now would break a promise or a guard; nothing was sent."""

    exit_code = ExitCode.REFUSED


class OutcomeUnknown(LauncherError):
    """It cannot be known whether something ran."""

    exit_code = ExitCode.UNKNOWN


class LockHeld(LauncherError):
    """Another session holds the run lock of this environment."""

    exit_code = ExitCode.LOCKED


class WrongUsage(LauncherError):
    """The command line asks for something that makes no sense."""

    exit_code = ExitCode.USAGE
