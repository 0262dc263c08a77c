"""What a launch waits for, for people and as JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from launcher.render.because import meaning
from launcher.render.visible import visible

if TYPE_CHECKING:
    from collections.abc import Iterator

    from launcher.engine.obstacles import Need, Waiting

__all__ = ["chain_texts", "decided_data", "waiting_data", "waiting_text", "way_on"]

_MOST_ROOTS = 3


def waiting_text(waiting: Waiting, environment: str) -> str:
    """What it waits for, and whether that comes by itself, on one line."""
    needs = "; ".join(chain_texts(waiting, environment))
    return f"blocked: needs {needs}" if waiting.is_blocked else f"waits for {needs}"


def chain_texts(waiting: Waiting, environment: str) -> Iterator[str]:
    """Each need with what it is at, or with what it waits for in its turn, at the end of its chain."""
    direct = {item.need.name for item in waiting.obstacles if not item.roots}
    for item in waiting.obstacles:
        if not item.roots:
            yield _stands(item.need, environment)
            continue
        # What is needed directly too is told of there.
        roots = ", ".join(
            visible(root.name) if root.name in direct else _stands(root, environment)
            for root in item.roots[:_MOST_ROOTS]
        )
        more = len(item.roots) - _MOST_ROOTS
        further = f" and {more} more" if more > 0 else ""
        yield f"{visible(item.need.name)}, which waits for {roots}{further}"


def _stands(need: Need, environment: str) -> str:
    """A need and why it is not in sync."""
    return f"{visible(need.name)} ({meaning(need, environment)})"


def _ends_of(waiting: Waiting) -> tuple[str, ...]:
    """The names in which its chains of needs end, the first few of them."""
    names = {end.name for item in waiting.obstacles for end in (item.roots or (item.need,))}
    return tuple(sorted(names))[:_MOST_ROOTS]


def way_on(waiting: Waiting, environment: str) -> Iterator[str]:
    """Where to ask on about what blocks it; commands on lines of their own."""
    yield "See what would change that:"
    for name in _ends_of(waiting):
        yield f"launcher why {visible(name)} -e {visible(environment)}"


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
