"""One run at a time in a simulated world: what a death alone, no marker, or an older server may not break."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from random import Random

import pytest

from launcher.engine.events import Kind
from launcher.engine.recorded import OutcomeKind
from tests.support.lives import NAMES, TROUBLE, a_drawn_state
from tests.support.promises import broken
from tests.support.simulated import Crash, Faults, World, a_launch, a_state


@pytest.mark.parametrize("seed", range(200))
def test_a_death_alone_leaves_nothing_unknown_and_everything_started_once(seed):
    chance = Random(seed)
    state, fuse, late = a_drawn_state(chance), chance.randint(1, 90), chance.random() < 0.5
    world = World(chance)
    world.fuse, world.late = fuse, late
    with suppress(Crash):
        world.run(state)
    world.heal()
    for _ in range(3):
        world.run(state)
    assert broken(world, state, world.run(state)) == []
    recorded = world.recorded()
    wanted = {
        name
        for name, launch in state.launches.items()
        if not launch.policy.suspend and not _waits_for_suspended(state, name)
    }
    assert {
        name
        for name, record in recorded.launches.items()
        if record.newest.outcome is OutcomeKind.SUCCEEDED
    } == wanted


def _waits_for_suspended(state, name):
    return any(
        state.launches[need].policy.suspend or _waits_for_suspended(state, need)
        for need in state.launches[name].policy.needs
    )


@pytest.mark.parametrize("seed", range(150))
def test_without_a_marker_nothing_is_ever_adopted_and_nothing_starts_twice(seed):
    chance = Random(seed)
    first, second = a_drawn_state(chance), a_drawn_state(chance)
    fuse, late = chance.randint(1, 90), chance.random() < 0.5
    # Of an instance that begins by itself nothing could be known without a marker.
    world = World(chance, replace(TROUBLE, not_held_back=0))
    world.fuse, world.late = fuse, late
    with suppress(Crash):
        world.run(first, marker=False)
    world.heal()
    for _ in range(4):
        world.run(second, marker=False)
    world.settle_everything()
    starts = {str(item.name): 0 for item in world.durable(Kind.PREPARED)}
    for draft in world.durable(Kind.PREPARED):
        instance = world.instances[draft.data["instance"]["id"]]
        starts[str(draft.name)] += instance.begun
    begun = sum(item.begun for item in world.instances.values())
    assert begun == sum(starts.values())
    attempts = {name: len(item.attempts) for name, item in world.recorded().launches.items()}
    assert all(starts[name] <= attempts[name] for name in starts)


@pytest.mark.parametrize("seed", range(150))
def test_on_an_older_server_nothing_starts_twice_and_a_lost_answer_is_unknown(seed):
    chance = Random(seed)
    state, fuse, late = a_drawn_state(chance), chance.randint(1, 60), chance.random() < 0.5
    single = a_state(*state.launches.values(), single_phase=True)
    world = World(chance, Faults(lost_after=0.2, lost_before=0.1), older=True)
    world.fuse, world.late = fuse, late
    with suppress(Crash):
        world.run(single)
    world.heal()
    for _ in range(3):
        world.run(single)
    world.settle_everything()
    per_name = dict.fromkeys(NAMES, 0)
    for instance in world.instances.values():
        per_name[(instance.marker or "").split("/")[2]] += instance.begun
    assert max(per_name.values()) <= 1
    for name, record in world.recorded().launches.items():
        assert record.newest.outcome in (OutcomeKind.SUCCEEDED, OutcomeKind.UNKNOWN), name


def test_an_older_server_is_refused_with_nothing_sent():
    world = World(Random(1), older=True)
    report = world.run(a_state(a_launch("web-deploy")))
    assert [item.code for item in report.diagnostics] == ["L231"]
    assert "Prepare" not in world.requests
    assert not world.instances
