"""How an outcome is weighed by the eye, and how many of a thing there are."""

from __future__ import annotations

from typing import TYPE_CHECKING

from launcher.engine.recorded import ACCEPTED, OutcomeKind

if TYPE_CHECKING:
    from launcher.render.paint import Paint

__all__ = ["count_text", "outcome_text"]

_BAD = frozenset(
    {OutcomeKind.FAILED, OutcomeKind.CANCELLED, OutcomeKind.UNKNOWN, OutcomeKind.REFUSED}
)


def outcome_text(outcome: OutcomeKind, paint: Paint) -> str:
    """The outcome's word: green where it is accepted, red where somebody has to act."""
    if outcome in ACCEPTED:
        return paint.good(outcome.value)
    return paint.bad(outcome.value) if outcome in _BAD else paint.careful(outcome.value)


def count_text(count: int, noun: str) -> str:
    """`1 launch`, `2 launches`."""
    plural = noun + ("es" if noun.endswith("ch") else "s")
    return f"{count} {noun if count == 1 else plural}"
