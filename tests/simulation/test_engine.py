"""The engine in a simulated world: killed anywhere, with answers lost, and a third desired state."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from random import Random
from typing import TYPE_CHECKING

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from launcher.engine.events import Kind
from launcher.engine.recorded import OutcomeKind
from tests.support.lives import NAMES, TROUBLE, live_beside, live_through
from tests.support.promises import broken
from tests.support.simulated import Crash, Faults, World, a_launch, a_state

if TYPE_CHECKING:
    from launcher.engine.desired import Launch


@st.composite
def states(draw):
    """A desired state over three names; a name may need those before it."""
    launches: list[Launch] = []
    for index, name in enumerate(NAMES):
        if not draw(st.booleans() | st.just(value=True)):
            continue
        earlier = [item.name for item in launches]
        needs = draw(st.lists(st.sampled_from(earlier), unique=True)) if earlier else []
        launches.append(
            a_launch(
                name,
                draw(st.sampled_from(["1", "2"])) + str(index),
                needs=needs,
                suspend=draw(st.sampled_from([False, False, False, True])),
            )
        )
    return a_state(*launches)


@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.tuples(states(), states(), states()),
    st.integers(1, 90),
    st.booleans(),
    st.booleans(),
    st.sampled_from([1, 2, 16]),
    st.randoms(use_true_random=False),
)
def test_a_death_anywhere_in_a_world_full_of_trouble_is_repaired(
    three, fuse, late, wait, parallelism, chance
):
    world = World(chance, TROUBLE)
    found = live_through(world, three, fuse=fuse, late=late, parallelism=parallelism, wait=wait)
    assert found == []


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.tuples(states(), states(), states()),
    st.sampled_from([1, 2, 16]),
    st.randoms(use_true_random=False),
)
def test_a_run_that_another_one_took_over_from_while_it_lives_does_no_harm(
    three, parallelism, chance
):
    assert live_beside(World(chance, TROUBLE), three, parallelism=parallelism) == []


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(states(), st.integers(1, 90), st.booleans(), st.randoms(use_true_random=False))
def test_a_death_alone_leaves_nothing_unknown_and_everything_started_once(
    state, fuse, late, chance
):
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


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(states(), states(), st.integers(1, 90), st.booleans(), st.randoms(use_true_random=False))
def test_without_a_marker_nothing_is_ever_adopted_and_nothing_starts_twice(
    first, second, fuse, late, chance
):
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


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(states(), st.integers(1, 60), st.booleans(), st.randoms(use_true_random=False))
def test_on_an_older_server_nothing_starts_twice_and_a_lost_answer_is_unknown(
    state, fuse, late, chance
):
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
