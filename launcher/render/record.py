"""What was done to the record, for people."""

from __future__ import annotations

from typing import TYPE_CHECKING

from launcher.render.paint import PLAIN
from launcher.render.values import time_text
from launcher.render.visible import visible
from launcher.render.words import count_text

if TYPE_CHECKING:
    from launcher.engine.recorded import Recorded, Session
    from launcher.render.paint import Paint

__all__ = ["render_ledger", "render_unlocked", "render_verified"]


def render_verified(path: str, events: int, paint: Paint = PLAIN) -> str:
    """Ledger and lockfile agree."""
    chain = f"{count_text(events, 'event')} in an unbroken chain"
    return f"{paint.good('Verified:')} {chain}, and {visible(path)} agrees with them.\n"


def render_ledger(
    what: str,
    environment: str,
    *,
    location: str,
    recorded: Recorded,
    lockfile: str,
    kept: str | None,
    paint: Paint = PLAIN,
) -> str:
    """A ledger that was `what`: created, restored, bound."""
    launches = count_text(len(recorded.launches), "launch")
    lines = [
        f"{paint.good(f'Ledger {what}')} for {visible(environment)}: {visible(location)}",
        f"lineage {recorded.lineage}, serial {recorded.head.serial}, {launches} on record",
    ]
    if kept is not None:
        lines.append(f"The ledger that stood there is kept: {visible(kept)}")
    return "\n".join([*lines, f"Lockfile: {visible(lockfile)}"]) + "\n"


def render_unlocked(environment: str, session: Session) -> str:
    """The session that was ended."""
    whose = f"{visible(session.actor)} on {visible(session.host)} (process {session.pid})"
    since = time_text(session.opened_at)
    return f"Ended in {visible(environment)}: the session of {whose}, open since {since}.\n"
