"""Look at the lockfile, hold it against the ledger, or write it again."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from launcher.diagnostics import Diagnostic
from launcher.errors import SurroundingsFailed
from launcher.ledger.check import verify_lockfile
from launcher.ledger.lockfile import lockfile_of, render
from launcher.operations.permission import check_permitted
from launcher.operations.record import (
    lockfile_in_work_tree,
    lockfile_name,
    open_ledger,
    recall,
    write_lockfile,
)
from launcher.operations.site import find_site

if TYPE_CHECKING:
    from pathlib import Path

    from launcher.engine.recorded import Recorded
    from launcher.operations.surroundings import Surroundings

__all__ = ["Shown", "Synced", "Verified", "show", "sync", "verify"]


@dataclass(frozen=True, slots=True)
class Shown:
    """The lockfile as the ledger would have it.

    Attributes:
        root: the workspace.
        environment: the target.
        path: where it stands, relative to the workspace.
        text: its content.
        diagnostics: warnings.
    """

    root: Path
    environment: str
    path: str
    text: str
    diagnostics: tuple[Diagnostic, ...]


@dataclass(frozen=True, slots=True)
class Verified:
    """How ledger and lockfile stand to each other.

    Attributes:
        root: the workspace.
        environment: the target.
        path: where the lockfile stands, relative to the workspace.
        events: how many events of the ledger were read, each checked against the one before it.
        differences: where they disagree; empty if they agree.
        diagnostics: warnings.
    """

    root: Path
    environment: str
    path: str
    events: int
    differences: tuple[Diagnostic, ...]
    diagnostics: tuple[Diagnostic, ...]


@dataclass(frozen=True, slots=True)
class Synced:
    """The lockfile agrees with the ledger now.

    Attributes:
        root: the workspace.
        environment: the target.
        path: where the lockfile stands, relative to the workspace.
        changed: it did not agree before.
        diagnostics: warnings.
    """

    root: Path
    environment: str
    path: str
    changed: bool
    diagnostics: tuple[Diagnostic, ...]


def show(directory: Path, environment: str | None, *, surroundings: Surroundings) -> Shown:
    """The lockfile that the ledger gives, whatever stands in the folder.

    Raises:
        RefusedToAct: the ledger is damaged.
        SurroundingsFailed: there is none yet, or it cannot be read.
    """
    site = find_site(directory, environment, surroundings)
    ledger = open_ledger(site)
    recorded = _present(ledger.read(), site.environment.name, ledger.location())
    text = render(lockfile_of(recorded, site.environment.name))
    return Shown(site.root, site.environment.name, lockfile_name(site), text, ledger.notes)


def verify(directory: Path, environment: str | None, *, surroundings: Surroundings) -> Verified:
    """Read the whole ledger along its hash chain, and hold the lockfile against it.

    Raises:
        RefusedToAct: the ledger or the lockfile is damaged.
        SurroundingsFailed: one of them cannot be read.
    """
    site = find_site(directory, environment, surroundings)
    ledger = open_ledger(site)
    recorded = ledger.read()
    events = sum(1 for _ in ledger.events())
    found = verify_lockfile(recorded, lockfile_in_work_tree(site), site.environment.name)
    return Verified(
        root=site.root,
        environment=site.environment.name,
        path=lockfile_name(site),
        events=events,
        differences=found,
        diagnostics=ledger.notes,
    )


def sync(directory: Path, environment: str | None, *, surroundings: Surroundings) -> Synced:
    """Write the lockfile again from the ledger; a lockfile that knows more than the ledger is never overwritten.

    Raises:
        RefusedToAct: the ledger is not the one that the lockfile speaks of, or is damaged.
        SurroundingsFailed: there is no ledger, or the lockfile cannot be written.
    """
    site = find_site(directory, environment, surroundings)
    check_permitted(site)
    ledger = open_ledger(site)
    recorded = _present(recall(site, ledger), site.environment.name, ledger.location())
    changed = write_lockfile(site, recorded)
    return Synced(site.root, site.environment.name, lockfile_name(site), changed, ledger.notes)


def _present(recorded: Recorded, environment: str, location: str) -> Recorded:
    if recorded.lineage is None:
        facts = {"environment": environment, "path": location}
        raise SurroundingsFailed(Diagnostic("L571", facts))
    return recorded
