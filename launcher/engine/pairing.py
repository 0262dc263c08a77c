"""Which of two lists of named things are the same thing, and which of them have changed places."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

__all__ = ["Pair", "paired"]

Thing = dict[str, Any]

_ENOUGH = 0.7
"""How alike two things of different names have to be to count as one that was renamed."""

_MOST_TRIED = 200
"""Things on one side that are tried as renamed; a job plan with more was written anew."""


@dataclass(frozen=True, slots=True)
class Pair:
    """One thing, before and now.

    Attributes:
        old: `None` for a new one.
        new: `None` for one that is gone.
        was: its place before, from 1; 0 for a new one.
        now: its place now; 0 for one that is gone.
        moved: its place among those that stayed is another one.
    """

    old: Thing | None
    new: Thing | None
    was: int = 0
    now: int = 0
    moved: bool = False


def paired(
    before: Sequence[Thing], after: Sequence[Thing], likeness: Callable[[Thing, Thing], float]
) -> tuple[Pair, ...]:
    """`before` and `after` as pairs, in the order of now, those that are gone at their former places.

    Things of one name are the same thing, the first with the first where a name stands several times; of the
    others those that are alike. `likeness` is a share, from 0 to 1.
    """
    partner = _by_name(before, after)
    partner |= _by_likeness(before, after, partner, likeness)
    moved = _moved(partner)
    pairs = [
        Pair(before[partner[now]], thing, partner[now] + 1, now + 1, now in moved)
        if now in partner
        else Pair(None, thing, now=now + 1)
        for now, thing in enumerate(after)
    ]
    for was in sorted(set(range(len(before))) - set(partner.values())):
        # Behind the one that stood before it, wherever that is now.
        where = next((n for n, pair in enumerate(pairs) if pair.was == was), -1) if was else -1
        pairs.insert(where + 1, Pair(before[was], None, was=was + 1))
    return tuple(pairs)


def _by_name(before: Sequence[Thing], after: Sequence[Thing]) -> dict[int, int]:
    """Places before, by places now."""
    known: dict[str, list[int]] = {}
    for was, thing in enumerate(before):
        known.setdefault(thing["name"], []).append(was)
    found = {}
    for now, thing in enumerate(after):
        if places := known.get(thing["name"]):
            found[now] = places.pop(0)
    return found


def _by_likeness(
    before: Sequence[Thing],
    after: Sequence[Thing],
    taken: Mapping[int, int],
    likeness: Callable[[Thing, Thing], float],
) -> dict[int, int]:
    gone = [was for was in range(len(before)) if was not in set(taken.values())][:_MOST_TRIED]
    new = [now for now in range(len(after)) if now not in taken][:_MOST_TRIED]
    tries = sorted(
        (-likeness(before[was], after[now]), abs(was - now), was, now)
        for was in gone
        for now in new
    )
    found: dict[int, int] = {}
    for share, _, was, now in tries:
        if -share >= _ENOUGH and now not in found and was not in found.values():
            found[now] = was
    return found


def _moved(partner: Mapping[int, int]) -> set[int]:
    """Places now of those that are in another order than before: as few of them as explain it."""
    ends: list[int] = []
    at: list[int] = []
    behind: dict[int, int | None] = {}
    for now in sorted(partner):
        place = bisect_left(ends, partner[now])
        behind[now] = at[place - 1] if place else None
        ends[place : place + 1] = [partner[now]]
        at[place : place + 1] = [now]
    stays: set[int] = set()
    last = at[-1] if at else None
    while last is not None:
        stays.add(last)
        last = behind[last]
    return set(partner) - stays
