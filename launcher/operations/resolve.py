"""End an unknown outcome by what a person has found out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from launcher.diagnostics import Diagnostic
    from launcher.engine.recorded import OutcomeKind

__all__ = ["Resolved"]


@dataclass(frozen=True, slots=True)
class Resolved:
    """What is on record now.

    Attributes:
        root: the workspace.
        environment: the target.
        name: the launch.
        attempt: its number.
        outcome: what the attempt's outcome is now.
        instance: its instance; `None` where none ran.
        lockfile: where the lockfile stands, relative to the workspace.
        diagnostics: warnings.
    """

    root: Path
    environment: str
    name: str
    attempt: int
    outcome: OutcomeKind
    instance: int | None
    lockfile: str
    diagnostics: tuple[Diagnostic, ...]
