"""Look at what is on record."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from launcher.diagnostics import Diagnostic
    from launcher.engine.recorded import LaunchRecord, Recorded
    from launcher.engine.spec import LaunchKey

__all__ = ["Orphan", "StatusResult", "StatusRow"]


@dataclass(frozen=True, slots=True)
class StatusRow:
    """One launch.

    Attributes:
        name: the launch.
        title: for people; `None` where it is not declared or has none.
        declared: its declared key; `None` where nothing is declared any more.
        record: its history; `None` without one.
        in_sync: what is declared has run, and its outcome is accepted.
    """

    name: str
    title: str | None
    declared: LaunchKey | None
    record: LaunchRecord | None
    in_sync: bool


@dataclass(frozen=True, slots=True)
class Orphan:
    """An instance that was created, never started, and that nothing will ever start."""

    name: str
    attempt: int
    instance: int
    reason: str | None


@dataclass(frozen=True, slots=True)
class StatusResult:
    """What is on record, beside what is declared.

    Attributes:
        root: the workspace.
        environment: the target.
        recorded: the record, with what JOB says now where that was asked for.
        rows: by name; archived launches last.
        orphans: by name.
        diagnostics: warnings, and manifests that could not be read.
    """

    root: Path
    environment: str
    recorded: Recorded
    rows: tuple[StatusRow, ...]
    orphans: tuple[Orphan, ...]
    diagnostics: tuple[Diagnostic, ...]
