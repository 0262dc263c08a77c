"""Make a ledger: new, again from its lockfile, or bound to a server that has moved."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from launcher.diagnostics import Diagnostic
from launcher.engine.effects import Appended, HeadMoved, NoAnswer, Overtaken
from launcher.engine.events import NO_HEAD
from launcher.engine.fold import fold
from launcher.errors import RefusedToAct, SurroundingsFailed
from launcher.ledger.restore import creation, rebinding, restoration
from launcher.ledger.sessions import Held, held_error
from launcher.operations.acts import check_reason, record
from launcher.operations.beginning import ID_BYTES
from launcher.operations.observe import connected
from launcher.operations.permission import check_permitted
from launcher.operations.record import (
    lockfile_at,
    lockfile_in_work_tree,
    lockfile_name,
    open_ledger,
    recall,
    write_lockfile,
)
from launcher.operations.run_lock import check_lock
from launcher.operations.site import find_site

if TYPE_CHECKING:
    from pathlib import Path

    from launcher.engine.events import Draft
    from launcher.engine.recorded import Recorded
    from launcher.ledger.lockfile import Lockfile
    from launcher.ledger.port import Ledger
    from launcher.operations.site import Site
    from launcher.operations.surroundings import Surroundings

__all__ = ["Made", "init", "rebind", "restore"]


@dataclass(frozen=True, slots=True)
class Made:
    """A ledger as it stands now.

    Attributes:
        root: the workspace.
        environment: the target.
        location: where the ledger is.
        recorded: what is on record now.
        lockfile: where the lockfile stands, relative to the workspace.
        kept: where the ledger that was replaced is kept; `None` where there was none.
        diagnostics: warnings.
    """

    root: Path
    environment: str
    location: str
    recorded: Recorded
    lockfile: str
    kept: str | None
    diagnostics: tuple[Diagnostic, ...]


def init(directory: Path, environment: str | None, *, surroundings: Surroundings) -> Made:
    """Start a ledger where none ever was.

    Raises:
        RefusedToAct: there is one, or a lockfile says that there was one.
        SurroundingsFailed: it cannot be written.
    """
    site = _site(directory, environment, surroundings)
    ledger = open_ledger(site)
    recorded = recall(site, ledger)
    if recorded.lineage is not None:
        raise _exists(site, recorded)
    lineage = surroundings.entropy(ID_BYTES)
    return _made(site, ledger, _first(site, ledger, creation(lineage)), None)


def restore(
    directory: Path, environment: str | None, *, reason: str | None, surroundings: Surroundings
) -> Made:
    """Start a ledger that knows what is left in the lockfile, in the place of one that is lost.

    The lockfile in the folder is used, and the one at HEAD where that is gone. What was on its way when it was
    written becomes unknown. A ledger that knows more than the lockfile is not replaced.

    Raises:
        RefusedToAct: there is no lockfile, or the ledger that stands there agrees with it.
        LockHeld: a run is at work with the ledger that stands there.
        SurroundingsFailed: it cannot be written.
        WrongUsage: there is no reason.
    """
    why = check_reason("ledger restore", reason)
    site = _site(directory, environment, surroundings)
    lockfile = _lockfile(site)
    if lockfile is None:
        facts = {"environment": site.environment.name, "path": lockfile_name(site)}
        raise RefusedToAct(Diagnostic("L545", facts))
    ledger = open_ledger(site)
    _check_lost(site, ledger)
    kept = ledger.set_aside()
    lineage = surroundings.entropy(ID_BYTES)
    drafts = restoration(lockfile, lineage, why)
    return _made(site, ledger, _first(site, ledger, drafts), kept)


def rebind(
    directory: Path, environment: str | None, *, reason: str | None, surroundings: Surroundings
) -> Made:
    """Bind the ledger to the server that the environment names now: the same JOB behind another address.

    Raises:
        RefusedToAct: it is bound to this server already, or it is not the ledger that the lockfile speaks of.
        LockHeld: a run is at work.
        SurroundingsFailed: there is no ledger, or it cannot be written.
        WrongUsage: there is no reason.
    """
    why = check_reason("ledger rebind", reason)
    site = _site(directory, environment, surroundings)
    ledger = open_ledger(site)
    recorded = recall(site, ledger)
    facts = {"environment": site.environment.name, "path": ledger.location()}
    if recorded.lineage is None:
        raise SurroundingsFailed(Diagnostic("L571", facts))
    _check_idle(site, ledger, recorded)
    with connected(site) as server:
        fingerprint = server.fingerprint

    def drafts(present: Recorded) -> tuple[Draft, ...]:
        if present.server == fingerprint:
            raise RefusedToAct(Diagnostic("L570", facts))
        return rebinding(fingerprint, why)

    return _made(site, ledger, record(site, ledger, recorded, drafts), None)


def _site(directory: Path, environment: str | None, surroundings: Surroundings) -> Site:
    site = find_site(directory, environment, surroundings)
    check_permitted(site)
    return site


def _lockfile(site: Site) -> Lockfile | None:
    found = lockfile_in_work_tree(site)
    if found is None and site.commit is not None:
        return lockfile_at(site, site.commit)
    return found


def _check_lost(site: Site, ledger: Ledger) -> None:
    """Check that the ledger that stands there is no good: replacing a good one would forget what it knows."""
    try:
        recorded = recall(site, ledger)
    except RefusedToAct:
        # Damaged, older, or another one: this is what a restore is for.
        return
    if recorded.lineage is not None:
        _check_idle(site, ledger, recorded)
        raise RefusedToAct(Diagnostic("L436", {"environment": site.environment.name}))


def _check_idle(site: Site, ledger: Ledger, recorded: Recorded) -> None:
    lock = check_lock(site, ledger, recorded)
    if isinstance(lock, Held):
        raise held_error(lock, site.environment.name)


def _first(site: Site, ledger: Ledger, drafts: tuple[Draft, ...]) -> Recorded:
    empty = ledger.read()
    match ledger.append(drafts, NO_HEAD):
        case Appended(events):
            return fold(empty, events)
        case Overtaken(since):
            return fold(empty, since)
        case HeadMoved():
            raise _exists(site, ledger.read())
        case NoAnswer(message):
            facts = {"environment": site.environment.name, "message": message}
            raise SurroundingsFailed(Diagnostic("L567", facts))


def _exists(site: Site, recorded: Recorded) -> RefusedToAct:
    facts = {"environment": site.environment.name, "found": str(recorded.head.serial)}
    return RefusedToAct(Diagnostic("L438", facts))


def _made(site: Site, ledger: Ledger, recorded: Recorded, kept: str | None) -> Made:
    write_lockfile(site, recorded)
    return Made(
        root=site.root,
        environment=site.environment.name,
        location=ledger.location(),
        recorded=recorded,
        lockfile=lockfile_name(site),
        kept=kept,
        diagnostics=ledger.notes,
    )
