"""What the ledger's events tell of the past of launches, beyond the present that is folded from them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from launcher.engine.events import Kind
from launcher.engine.history import NO_HISTORY, histories
from launcher.engine.recorded import OutcomeKind

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from launcher.engine.history import History
    from launcher.engine.recorded import Attempt
    from launcher.ledger.port import Ledger

__all__ = ["has_past", "name_now", "past_of"]


def has_past(attempt: Attempt) -> bool:
    """Whether somebody may ask who did what to it: it went on after an end, or was cancelled."""
    return bool(attempt.endings) or attempt.outcome is OutcomeKind.CANCELLED


def past_of(ledger: Ledger, names: Iterable[str]) -> Mapping[str, History]:
    """The history of each of `names`; all events are read, unless there is no name.

    Raises:
        SurroundingsFailed: the ledger cannot be read.
        RefusedToAct: it is damaged.
    """
    wanted = tuple(names)
    if not wanted:
        return {}
    found = histories(ledger.events())
    return {name: found.get(name, NO_HISTORY) for name in wanted}


def name_now(ledger: Ledger, name: str) -> str | None:
    """What the history that stood under `name` is called now; `None` where none was moved away from it.

    Raises as `past_of`.
    """
    now: str | None = None
    for event in ledger.events():
        if event.draft.kind is Kind.RENAMED and event.draft.data["from"] == (now or name):
            now = event.draft.name
    return now
