"""One life: several runners in a world of trouble, then health, then rest."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random
from typing import TYPE_CHECKING

from tests.support.seeded.living import Endless, Living
from tests.support.seeded.promises import broken
from tests.support.seeded.troubles import drawn
from tests.support.seeded.world import World

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.support.seeded.process import Errand

__all__ = ["Life", "live"]


@dataclass(slots=True)
class Life:
    """What came of a seed.

    Attributes:
        seed: replays it.
        found: what is broken, in words; the first is what matters.
        world: as it was at the end.
        light: only what every network does went wrong.
    """

    seed: int
    found: list[str]
    world: World
    light: bool


def live(
    seed: int,
    *,
    tell: Callable[[str], None] | None = None,
    prepare: Callable[[World], None] | None = None,
    change: Callable[[Errand], Errand] = lambda errand: errand,
) -> Life:
    """Live the life of `seed`.

    Args:
        seed: everything is drawn from it.
        tell: hears each effect.
        prepare: may break the world before it begins.
        change: may break what a process is to go by.
    """
    chance = Random(seed)
    troubles, light = drawn(chance)
    single = chance.random() < 0.07
    world = World(chance, troubles, older=single, told=chance.random() < 0.5)
    if prepare is not None:
        prepare(world)
    living = Living(world, chance, single=single, tell=tell, change=change)
    if single:
        troubles.late = troubles.tampered = 0.0
    try:
        living.through_trouble()
        living.to_rest()
        found = [
            *world.rules.violations,
            *broken(world, living.state, marked=living.marker is not None),
        ]
    except (ValueError, Endless) as error:
        # The record speaks of what it never held, or a run never ends.
        found = [*world.rules.violations, repr(error)]
    return Life(seed, found, world, light and not single)
