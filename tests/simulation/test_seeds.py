"""Ten thousand lives: several runners, a faulty JOB, a faulty ledger, clocks that jump, processes that stop and die.

A life is replayed, and told effect by effect, by its seed: `SEED=1234 .venv/bin/pytest tests/simulation/test_seeds.py`
"""

from __future__ import annotations

import os
from collections import Counter

import pytest

from launcher.engine.recorded import OutcomeKind
from tests.support.seeded.life import live

LIVES = 10_000
CHUNK = 250
"""Lives of one test, so that the tests can be shared among processes."""

ONE = os.environ.get("SEED")
FIRST = [int(ONE)] if ONE else list(range(0, LIVES, CHUNK))
LAST_EFFECTS = 60


@pytest.mark.parametrize("first", FIRST)
def test_every_life_keeps_every_promise(first):
    for seed in range(first, first + (1 if ONE else CHUNK)):
        found = live(seed).found
        assert not found, _told(seed, found)


def _told(seed, found):
    """What is broken, how to replay it, and how it came to that."""
    story: list[str] = []
    live(seed, tell=story.append)
    shown = story if ONE else story[-LAST_EFFECTS:]
    command = f"SEED={seed} .venv/bin/pytest tests/simulation/test_seeds.py"
    return "\n".join([*found, f"replay all of it: {command}", *shown])


def test_a_seed_replays_its_life_effect_by_effect():
    stories: list[list[str]] = [[], []]
    for story in stories:
        live(7, tell=story.append)
    assert stories[0] == stories[1]
    assert len(stories[0]) > 100


@pytest.fixture(scope="module")
def many():
    return [live(seed) for seed in range(400)]


@pytest.mark.parametrize(
    ("what", "least"),
    [
        ("starts", 800),
        ("deaths", 400),
        ("meddling", 100),
        ("HeadMoved", 400),
        ("Overtaken", 100),
        ("NoAnswer", 100),
        ("expired", 10),
        ("end: lost-session", 10),
        ("end: older commit", 20),
        ("end: not-held-back", 5),
    ],
)
def test_what_can_happen_does_happen(many, what, least):
    assert sum(life.world.counts.get(what, 0) for life in many) >= least


def test_unknown_is_rare_where_only_answers_are_lost(many):
    outcomes = Counter(
        attempt.outcome
        for life in many
        if life.light
        for record in life.world.record.present().launches.values()
        for attempt in record.attempts
    )
    assert outcomes[OutcomeKind.SUCCEEDED] > 100
    assert outcomes[OutcomeKind.UNKNOWN] <= 0.03 * outcomes.total()
