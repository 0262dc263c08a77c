"""The health of the record: ledger, lockfile, run lock. Reads only."""

from __future__ import annotations

from typing import TYPE_CHECKING

from launcher.diagnostics import Diagnostic
from launcher.errors import LauncherError, LockHeld
from launcher.ledger.check import verify_lockfile
from launcher.ledger.sessions import Held, held_error
from launcher.operations.health import check_of, checks_of, not_tested, well
from launcher.operations.permission import may_create_ledger
from launcher.operations.record import lockfile_in_work_tree, lockfile_name, open_ledger, recall
from launcher.operations.run_lock import check_lock
from launcher.render.doctor import State
from launcher.render.words import count_text

if TYPE_CHECKING:
    from launcher.engine.recorded import Recorded
    from launcher.ledger.port import Ledger
    from launcher.operations.site import Site
    from launcher.render.doctor import Check

__all__ = ["look_at_record"]

_UNREAD = "the ledger cannot be used"


def look_at_record(site: Site) -> tuple[Recorded | None, list[Check]]:
    """The record, and what was found; `None` where it cannot be used."""
    try:
        ledger = open_ledger(site)
        recorded = recall(site, ledger, may_create=may_create_ledger(site))
    except LauncherError as error:
        left = [not_tested("lockfile", _UNREAD), not_tested("run-lock", _UNREAD)]
        # The lockfile at HEAD often says the same as the one in the work tree.
        told = {check.code: check for check in reversed(checks_of("ledger", error))}
        return None, [*reversed(told.values()), *left]
    checks = [_ledger(site, ledger, recorded), *checks_of("ledger", ledger.notes, State.WARNING)]
    return recorded, [*checks, _lockfile(site, recorded), _run_lock(site, ledger, recorded)]


def _ledger(site: Site, ledger: Ledger, recorded: Recorded) -> Check:
    if recorded.lineage is None:
        return well("ledger", f"none yet at {ledger.location()}; the first apply creates it")
    # Whether a branch may be pushed to shows only in a push, and this one changes nothing.
    rest = "; whether it may be pushed to is not tested" if site.environment.ledger == "git" else ""
    serial = f"serial {recorded.head.serial}, {count_text(len(recorded.launches), 'launch')}"
    return well("ledger", f"{ledger.location()}, {serial}{rest}")


def _lockfile(site: Site, recorded: Recorded) -> Check:
    try:
        lockfile = lockfile_in_work_tree(site)
    except LauncherError as error:
        return check_of("lockfile", error.diagnostics[0])
    problems = verify_lockfile(recorded, lockfile, site.environment.name)
    if problems:
        return check_of("lockfile", problems[0], State.WARNING)
    name = lockfile_name(site)
    said = f"{name} agrees with the ledger" if lockfile else "none, and nothing is on record"
    return well("lockfile", said)


def _run_lock(site: Site, ledger: Ledger, recorded: Recorded) -> Check:
    try:
        found = check_lock(site, ledger, recorded)
    except LauncherError as error:
        return check_of("run-lock", error.diagnostics[0])
    if found is None:
        return well("run-lock", "free")
    if isinstance(found, Held):
        held: LockHeld = held_error(found, site.environment.name)
        return check_of("run-lock", held.diagnostics[0], State.WARNING)
    session = found.session
    facts = {
        "actor": session.actor,
        "host": session.host,
        "since": session.opened_at.isoformat(timespec="seconds"),
        "environment": site.environment.name,
    }
    return check_of("run-lock", Diagnostic("L373", facts), State.WARNING)
