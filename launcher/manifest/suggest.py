"""The nearest of some known words."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["distance", "nearest"]

_LONGEST = 64


def nearest(word: str, known: Iterable[str]) -> str | None:
    """The word of `known` that `word` was probably meant to be, or `None` if none is near.

    Case and hyphens do not count. Near means: at most a third of the letters differ.
    """
    if len(word) > _LONGEST:
        return None
    ranked = sorted((distance(_plain(word), _plain(item)), item) for item in known)
    if not ranked:
        return None
    steps, best = ranked[0]
    return best if steps <= max(1, len(_plain(best)) // 3) else None


def distance(left: str, right: str) -> int:
    """How many letters must be added, dropped, replaced or swapped with their neighbour."""
    before: list[int] = []
    previous = list(range(len(right) + 1))
    for row, a in enumerate(left, start=1):
        current = [row]
        for column, b in enumerate(right, start=1):
            cost = min(
                previous[column] + 1,
                current[column - 1] + 1,
                previous[column - 1] + (a != b),
            )
            if row > 1 and column > 1 and a == right[column - 2] and left[row - 2] == b:
                cost = min(cost, before[column - 2] + 1)
            current.append(cost)
        before, previous = previous, current
    return previous[-1]


def _plain(word: str) -> str:
    return word.lower().replace("-", "").replace("_", "")
