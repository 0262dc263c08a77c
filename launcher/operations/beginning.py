"""What a run needs before its first effect: a ledger with its first event, and the numbers to go by."""

from __future__ import annotations

from typing import TYPE_CHECKING

from launcher.diagnostics import Diagnostic
from launcher.engine.effects import Appended, NoAnswer
from launcher.engine.events import NO_HEAD
from launcher.engine.fold import fold
from launcher.engine.report import Limits
from launcher.errors import SurroundingsFailed
from launcher.ledger.restore import creation

if TYPE_CHECKING:
    from launcher.engine.recorded import Recorded
    from launcher.ledger.port import Ledger
    from launcher.operations.site import Site
    from launcher.settings import Settings

__all__ = ["ID_BYTES", "limits_of", "with_ledger"]

ID_BYTES = 16
"""Bytes of the random ids of lineages and sessions."""


def with_ledger(site: Site, ledger: Ledger, recorded: Recorded) -> Recorded | None:
    """The record of a ledger that has its first event; `None` where another run has just created it.

    Raises:
        SurroundingsFailed: it cannot be created, or it cannot be known whether it was.
    """
    if recorded.head != NO_HEAD:
        return recorded
    answer = ledger.append(creation(site.surroundings.entropy(ID_BYTES)), NO_HEAD)
    if isinstance(answer, NoAnswer):
        facts = {"environment": site.environment.name, "message": answer.message}
        raise SurroundingsFailed(Diagnostic("L567", facts))
    return fold(recorded, answer.events) if isinstance(answer, Appended) else None


def limits_of(settings: Settings, ledger: Ledger, parallelism: int) -> Limits:
    """The numbers that a run goes by."""
    return Limits(
        start_window_s=settings.start_window_s,
        start_grace_s=settings.start_grace_s,
        start_limit_s=settings.start_limit_s,
        poll_s=settings.poll_s,
        parallelism=parallelism,
        heartbeat_s=ledger.heartbeat_s,
        notes_s=ledger.notes_s,
    )
