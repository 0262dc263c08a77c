"""What an apply is asked for, and what came of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from launcher.diagnostics import Diagnostic
    from launcher.engine.changeset import Changeset
    from launcher.engine.report import Report
    from launcher.errors import ExitCode

__all__ = ["Applied", "ApplyRequest"]


@dataclass(frozen=True, slots=True)
class ApplyRequest:
    """What is to be carried out.

    Attributes:
        directory: where to look for the workspace, upwards from here.
        environment: the target; `None` for the workspace's default.
        only: nothing but these launches; `None` for all.
        as_new: names that are no renames, whatever they look like.
        digest: the digest of the changeset that was reviewed; `None` for `LAUNCHER_REVIEWED_DIGEST`, or for none.
        file: a changeset that `diff --save` wrote; its changes and no others are carried out.
        wait: watch until everything has ended.
        lock_timeout_s: how long to wait for another session.
        parallelism: calls in flight.
        override: rules that a person takes upon themselves: `CAPABILITY`, or a guard.
        reason: why, for an override and for an older commit.
        allow_older_commit: apply although a newer commit was applied before.
        refresh_only: record what JOB says about what runs, and start nothing.
        requested: launches that a person asks for by hand, whatever their trigger, with the reason.
        retry: launches of which a person wants another attempt after one that failed or was refused, with the reason.
    """

    directory: Path
    environment: str | None = None
    only: frozenset[str] | None = None
    as_new: frozenset[str] = frozenset()
    digest: str | None = None
    file: Path | None = None
    wait: bool = True
    lock_timeout_s: float = 0
    parallelism: int = 16
    override: frozenset[str] = frozenset()
    reason: str | None = None
    allow_older_commit: bool = False
    refresh_only: bool = False
    requested: Mapping[str, str] = field(default_factory=dict)
    retry: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Applied:
    """What came of it.

    Attributes:
        root: the workspace.
        environment: the target.
        changeset: what was to be done.
        report: how it went; `None` where nothing was to be done, or the person said no.
        lockfile: where the lockfile stands, relative to the workspace.
        exit_code: what the process ends with, all things taken together.
        diagnostics: everything worth saying, with lines and columns, warnings included.
    """

    root: Path
    environment: str
    changeset: Changeset
    report: Report | None
    lockfile: str
    exit_code: ExitCode
    diagnostics: tuple[Diagnostic, ...]
