"""Desired states as chance has them, and a world of trouble to apply them in."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.support.simulated import Faults, a_launch, a_state

if TYPE_CHECKING:
    from random import Random

    from launcher.engine.desired import Desired, Launch

__all__ = ["NAMES", "TROUBLE", "a_drawn_state"]

NAMES = ("db-migrate", "web-deploy", "smoke-test")

TROUBLE = Faults(
    lost_before=0.1,
    lost_after=0.15,
    refused=0.03,
    connection_refused=0.05,
    full=0.05,
    read_lost=0.1,
    start_lost=0.15,
    bad_ending=0.15,
    interjected=0.1,
    slow_append=0.05,
    overtaken=0.05,
    ledger_lost=0.01,
    tampered=0.03,
    forgotten=0.02,
    others=0.1,
    not_held_back=0.03,
    stopped=0.02,
    meeting=0.3,
)


def a_drawn_state(chance: Random) -> Desired:
    """Some of the three launches, with needs among them, as chance has it."""
    launches: list[Launch] = []
    for index, name in enumerate(NAMES):
        if chance.random() < 0.85:
            earlier = [item.name for item in launches]
            needs = [item for item in earlier if chance.random() < 0.4]
            version = chance.choice("12") + str(index)
            launches.append(a_launch(name, version, needs=needs, suspend=chance.random() < 0.1))
    return a_state(*launches)
