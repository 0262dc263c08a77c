"""End another run's session by hand."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from launcher.diagnostics import Diagnostic
from launcher.errors import RefusedToAct
from launcher.ledger.sessions import closing
from launcher.operations.acts import check_reason, record
from launcher.operations.permission import check_permitted
from launcher.operations.record import lockfile_name, open_ledger, recall, write_lockfile
from launcher.operations.site import find_site

if TYPE_CHECKING:
    from pathlib import Path

    from launcher.engine.events import Draft
    from launcher.engine.recorded import Recorded, Session
    from launcher.operations.surroundings import Surroundings

__all__ = ["Unlocked", "unlock"]


@dataclass(frozen=True, slots=True)
class Unlocked:
    """The session that was ended.

    Attributes:
        root: the workspace.
        environment: the target.
        session: whose it was.
        lockfile: where the lockfile stands, relative to the workspace.
        diagnostics: warnings: its process may still be there.
    """

    root: Path
    environment: str
    session: Session
    lockfile: str
    diagnostics: tuple[Diagnostic, ...]


def unlock(
    directory: Path, environment: str | None, *, reason: str | None, surroundings: Surroundings
) -> Unlocked:
    """End the open session on record. A run that is still at work finds out before it claims anything else.

    Raises:
        RefusedToAct: no session is open, or the ledger is lost.
        SurroundingsFailed: it cannot be recorded.
        WrongUsage: there is no reason.
    """
    why = check_reason("unlock", reason)
    site = find_site(directory, environment, surroundings)
    check_permitted(site)
    ledger = open_ledger(site)
    recorded = recall(site, ledger)
    session = recorded.session
    if session is None:
        raise RefusedToAct(Diagnostic("L568", {"environment": site.environment.name}))
    lives = ledger.liveness(session)

    def drafts(present: Recorded) -> tuple[Draft, ...]:
        still_open = present.session is not None and present.session.id == session.id
        return (closing(session.id, why),) if still_open else ()

    present = record(site, ledger, recorded, drafts)
    write_lockfile(site, present)
    warnings = () if lives is False else (_alive(session),)
    return Unlocked(
        root=site.root,
        environment=site.environment.name,
        session=session,
        lockfile=lockfile_name(site),
        diagnostics=(*warnings, *ledger.notes),
    )


def _alive(session: Session) -> Diagnostic:
    return Diagnostic(
        "L569",
        {
            "session": session.id,
            "actor": session.actor,
            "host": session.host,
            "pid": str(session.pid),
        },
    )
