"""Who may open a session, and what is recorded of it. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from launcher.diagnostics import Diagnostic
from launcher.engine.events import Draft, Kind
from launcher.errors import LockHeld
from launcher.ledger.codec import rfc3339

if TYPE_CHECKING:
    from launcher.engine.recorded import Recorded, Session
    from launcher.ledger.port import Author

__all__ = ["Held", "Takeover", "closing", "held_error", "may_open", "opening", "takeover_note"]


@dataclass(frozen=True, slots=True)
class Takeover:
    """The open session is dead or stale: a new one may be opened over it."""

    session: Session


@dataclass(frozen=True, slots=True)
class Held:
    """Another session holds the run lock.

    Attributes:
        session: whose it is.
        until: when it may be taken over if its ledger does not move; `None` for one that is known to live.
    """

    session: Session
    until: datetime | None


def may_open(
    recorded: Recorded, *, alive: bool | None, now: datetime, stale_s: float
) -> Takeover | Held | None:
    """Whether a new session may be opened; `None` if no session is open.

    A dead one is taken over at once and a living one never. Where it cannot be told, the session
    counts as living until the ledger has not moved for `stale_s`: a living one that claims appends more often.
    What is taken over wrongly is still safe, because every claim is a compare-and-swap.

    Args:
        recorded: the present of the ledger.
        alive: what `Ledger.liveness` says about its open session.
        now: the time.
        stale_s: LAUNCHER_LOCK_STALE.
    """
    session = recorded.session
    if session is None:
        return None
    if alive is False:
        return Takeover(session)
    if alive:
        return Held(session, None)
    until = (recorded.last_time or session.opened_at) + timedelta(seconds=stale_s)
    return Takeover(session) if now >= until else Held(session, until)


def opening(session_id: str, author: Author, over: Takeover | None = None) -> Draft:
    """The `opened` of a new session, over one that ended without saying so if need be."""
    data: dict[str, Any] = {"session": session_id, "host": author.host, "pid": author.pid}
    if over is not None:
        data["takes_over"] = over.session.id
    return Draft(Kind.OPENED, data=data)


def closing(session_id: str, reason: str | None = None) -> Draft:
    """The `closed` of a session; `reason` where a person ends one that is not theirs."""
    data = {"session": session_id}
    if reason is not None:
        data["reason"] = reason
    return Draft(Kind.CLOSED, data=data)


def held_error(held: Held, environment: str) -> LockHeld:
    """The refusal to run beside `held`."""
    facts = {**_whose(held.session), "environment": environment}
    if held.until is None:
        return LockHeld(Diagnostic("L420", facts))
    facts["until"] = rfc3339(held.until, timespec="seconds")
    return LockHeld(Diagnostic("L421", facts))


def takeover_note(over: Takeover) -> Diagnostic:
    """The warning that a session ended without saying so."""
    return Diagnostic("L422", _whose(over.session))


def _whose(session: Session) -> dict[str, str]:
    return {
        "session": session.id,
        "actor": session.actor,
        "host": session.host,
        "pid": str(session.pid),
        "since": rfc3339(session.opened_at, timespec="seconds"),
    }
