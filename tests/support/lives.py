"""Whole simulated lives: desired states that follow on one another, deaths in between, and what is broken then."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from tests.support.promises import broken, broken_while_under_way
from tests.support.simulated import Crash, Faults, World

if TYPE_CHECKING:
    from launcher.engine.desired import Desired

__all__ = ["NAMES", "TROUBLE", "live_beside", "live_through"]

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


def live_through(
    world: World,
    states: tuple[Desired, Desired, Desired],
    *,
    fuse: int,
    late: bool,
    parallelism: int,
    wait: bool,
) -> list[str]:
    """Run the first state, die somewhere in the second, then come to rest with the third in a healthy world."""
    first, second, third = states
    world.run(first, parallelism=parallelism, wait=wait)
    world.fuse, world.late = world.effects + fuse, late
    with suppress(Crash):
        world.run(second, parallelism=parallelism, wait=wait)
    world.heal()
    report = None
    for _ in range(6):
        world.let_pass(300)
        report = world.run(third, parallelism=parallelism)
    return broken(world, third, report)


def live_beside(
    world: World, states: tuple[Desired, Desired, Desired], *, parallelism: int
) -> list[str]:
    """Let a second run take over from one that still lives, then come to rest in a healthy world."""
    first, second, third = states
    one = world.begin(first, parallelism=parallelism)
    left, right = world.session, ""
    outcome = None
    for _ in range(world.chance.randint(1, 60)):
        try:
            effect = one.send(outcome)
        except StopIteration:
            break
        outcome = world.step(effect)
    else:
        other = world.begin(second, parallelism=parallelism)
        right = world.session
        world.drive_both(one, left, other, right, outcome)
    found = broken_while_under_way(world)
    world.heal()
    report = None
    for _ in range(6):
        world.let_pass(300)
        report = world.run(third, parallelism=parallelism)
    return found or broken(world, third, report)
