"""Wait until a session may be opened."""

from __future__ import annotations

from typing import TYPE_CHECKING

from launcher.diagnostics import Diagnostic
from launcher.ledger.sessions import Held, Takeover, held_error, may_open
from launcher.model.times import duration_text

if TYPE_CHECKING:
    from collections.abc import Callable

    from launcher.engine.recorded import Recorded, Session
    from launcher.ledger.port import Ledger
    from launcher.operations.site import Site

__all__ = ["check_lock", "wait_for_lock"]

_LOOK_S = 1.0


def wait_for_lock(
    site: Site, ledger: Ledger, recall: Callable[[], Recorded], timeout_s: float
) -> tuple[Recorded, Takeover | None]:
    """The record at a moment when no other session stands in the way, and the dead one that would be taken over.

    Raises:
        LockHeld: another session holds the run lock, and did so for `timeout_s`.
    """
    here = site.surroundings
    until_s = here.monotonic() + timeout_s
    told = ""
    while True:
        recorded = recall()
        state = check_lock(site, ledger, recorded)
        if not isinstance(state, Held):
            return recorded, state
        left_s = until_s - here.monotonic()
        if left_s <= 0 or here.stop() is not None:
            raise held_error(state, site.environment.name)
        if state.session.id != told:
            told = state.session.id
            here.remark(_waiting(state.session, site.environment.name, left_s))
        here.sleep(min(_LOOK_S, left_s))


def check_lock(site: Site, ledger: Ledger, recorded: Recorded) -> Takeover | Held | None:
    """Whether another session is open, and whether it still counts."""
    alive = None if recorded.session is None else ledger.liveness(recorded.session)
    return may_open(
        recorded,
        alive=alive,
        now=site.surroundings.now(),
        stale_s=site.settings.lock_stale_s,
    )


def _waiting(session: Session, environment: str, left_s: float) -> Diagnostic:
    """Whose session is waited for, and how long at most."""
    facts = {
        "actor": session.actor,
        "host": session.host,
        "pid": str(session.pid),
        "environment": environment,
        "duration": duration_text(left_s),
    }
    return Diagnostic("L623", facts)
