"""The engine and the ledger broken on purpose, one promise at a time: the simulated lives must see each of them.

The table is in `tests.support.breaks`; `pytest -q tests/simulation/test_mutations.py -k table -s` shows it.
"""

from __future__ import annotations

import importlib
from dataclasses import replace

import pytest

from launcher.engine.events import Kind
from tests.support.breaks import BREAKS, table
from tests.support.seeded.life import live

MOST_LIVES = 1000
"""A break that shows in fewer than one of so many lives counts as unseen."""


def first_broken(lives=MOST_LIVES, **more):
    """The first broken promise over the lives of the first seeds."""
    for seed in range(lives):
        found = live(seed, **more).found
        if found:
            return f"seed {seed}: {found[0]}"
    return None


def named_test(name):
    """The test `module:function`, which must hold while nothing is broken."""
    module, _, function = name.partition(":")
    return getattr(importlib.import_module(module), function)


@pytest.mark.parametrize("broken", BREAKS, ids=lambda item: item.id)
def test_it_is_seen_that(broken, monkeypatch):
    broken.do(monkeypatch)
    if broken.seen_by is None:
        assert first_broken() is not None
    else:
        with pytest.raises(AssertionError):
            named_test(broken.seen_by)()


def test_they_see_nothing_where_nothing_is_broken():
    assert first_broken(200) is None


WRITTEN = (
    Kind.CLOSED,
    Kind.BOUND,
    Kind.INTENDED,
    Kind.PREPARED,
    Kind.VERIFIED,
    Kind.STARTING,
    Kind.REFUSED,
    Kind.OBSERVED,
    Kind.SETTLED,
    Kind.OPERATING,
    Kind.SUPERSEDED,
    Kind.ARCHIVED,
    Kind.OPENED,
)


@pytest.mark.parametrize("kind", WRITTEN, ids=str)
def test_leaving_out_any_one_write_breaks_a_promise(kind):
    def forgetful(world):
        world.record.forget = frozenset({kind})

    assert first_broken(prepare=forgetful) is not None


def test_a_heartbeat_that_is_never_heard_costs_the_session_and_no_promise():
    def silent(world):
        world.told = False

    def without(errand):
        return replace(errand, limits=replace(errand.limits, heartbeat_s=None))

    lives = [live(seed, prepare=silent, change=without) for seed in range(200)]
    assert [life.found for life in lives if life.found] == []
    assert sum(life.world.counts.get("end: lost-session", 0) for life in lives) > 0


def test_the_table_names_every_break_once():
    shown = table()
    print(shown)  # noqa: T201 - this is how it is looked at
    assert len({item.id for item in BREAKS}) == len(BREAKS) == len(shown.splitlines())
