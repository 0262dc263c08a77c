"""What a launch waits for, for people and as JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from launcher.render.because import meaning
from launcher.render.visible import visible

if TYPE_CHECKING:
    from launcher.engine.obstacles import Need, Obstacle, Waiting

__all__ = ["chain_text", "decided_data", "ends_of", "waiting_data", "waiting_text"]

_MOST_ROOTS = 3


def waiting_text(waiting: Waiting, environment: str) -> str:
    """What it waits for, and whether that comes by itself, on one line."""
    obstacles = "; ".join(chain_text(item, environment) for item in waiting.obstacles)
    return f"blocked: needs {obstacles}" if waiting.is_blocked else f"waits for {obstacles}"


def chain_text(item: Obstacle, environment: str) -> str:
    """A need with what it is at, or with what it waits for in its turn, at the end of the chain."""
    if not item.roots:
        return _stands(item.need, environment)
    roots = ", ".join(_stands(root, environment) for root in item.roots[:_MOST_ROOTS])
    more = len(item.roots) - _MOST_ROOTS
    further = f" and {more} more" if more > 0 else ""
    return f"{visible(item.need.name)}, which waits for {roots}{further}"


def _stands(need: Need, environment: str) -> str:
    """A need and why it is not in sync."""
    return f"{visible(need.name)} ({meaning(need, environment)})"


def ends_of(waiting: Waiting) -> tuple[str, ...]:
    """The names in which its chains of needs end, the first few of them."""
    names = {end.name for item in waiting.obstacles for end in (item.roots or (item.need,))}
    return tuple(sorted(names))[:_MOST_ROOTS]


def waiting_data(waiting: Waiting | None) -> dict[str, Any] | None:
    """The same as JSON values."""
    if waiting is None:
        return None
    return {
        "blocked": waiting.is_blocked,
        "needs": [
            {
                "name": item.need.name,
                **decided_data(item.need),
                "roots": [root.name for root in item.roots],
            }
            for item in waiting.obstacles
        ],
    }


def decided_data(need: Need) -> dict[str, Any]:
    """What was decided, as JSON values; its name stands beside it."""
    return {
        "action": need.action.value,
        "reason": need.reason.value,
        "by": need.by,
        "until": need.until,
    }
