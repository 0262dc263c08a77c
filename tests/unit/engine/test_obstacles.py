"""What a launch waits for, to the end of each chain of needs."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from launcher.engine.decide import Observed, Options, Outline
from launcher.engine.events import Kind
from launcher.engine.obstacles import Waiting, waiting_among, waiting_for
from launcher.engine.recorded import Recorded
from tests.support.ledgers import about, created, intended, prepared, recorded_of
from tests.support.scripted import Scripted
from tests.support.simulated import a_launch, a_state
from tests.support.simulated_job import DAWN

if TYPE_CHECKING:
    from launcher.engine.desired import Desired, Launch


def waits(state: Desired, recorded: Recorded | None = None) -> dict[str, Waiting]:
    """By name; the same whether it is asked of decisions or of the whole changeset."""
    outline = Outline(
        state, recorded or Recorded(), Observed(), now=DAWN, options=Options(offline=True)
    )
    found = dict(waiting_for(outline.decisions))
    assert dict(waiting_among(outline.changeset().changes)) == found
    return found


def told(found: dict[str, Waiting]) -> dict[str, str]:
    """`blocked` or `waits`, then each need, and in brackets where its chain ends."""

    def chain(waiting: Waiting) -> str:
        needs = (
            item.need.name + (f"({' '.join(root.name for root in item.roots)})" * bool(item.roots))
            for item in waiting.obstacles
        )
        return " ".join(needs)

    return {
        name: f"{'blocked' if item.is_blocked else 'waits'}: {chain(item)}"
        for name, item in found.items()
    }


def held(name: str, needs: tuple[str, ...] = ()) -> Launch:
    return a_launch(name, suspend=True, needs=needs)


@pytest.mark.parametrize(
    ("launches", "expected"),
    [
        ([a_launch("a"), a_launch("b", needs=["a"])], {"b": "waits: a"}),
        ([held("a"), a_launch("b", needs=["a"])], {"b": "blocked: a"}),
        (
            [held("a"), a_launch("b", needs=["a"]), a_launch("c", needs=["b"])],
            {"b": "blocked: a", "c": "blocked: b(a)"},
        ),
        (
            [
                a_launch("a"),
                a_launch("b", needs=["a"]),
                a_launch("c", needs=["b"]),
                a_launch("d", needs=["c"]),
            ],
            {"b": "waits: a", "c": "waits: b(a)", "d": "waits: c(a)"},
        ),
        (
            [held("a"), held("z"), a_launch("c", needs=["a", "z"]), a_launch("d", needs=["c"])],
            {"c": "blocked: a z", "d": "blocked: c(a z)"},
        ),
        (
            [held("z"), a_launch("a"), a_launch("c", needs=["a", "z"])],
            {"c": "blocked: a z"},
        ),
        ([a_launch("a"), held("b", ("a",))], {"b": "waits: a"}),
        (
            [
                held("a"),
                a_launch("b", needs=["a"]),
                a_launch("c", needs=["a"]),
                a_launch("d", needs=["b", "c"]),
            ],
            {"b": "blocked: a", "c": "blocked: a", "d": "blocked: b(a) c(a)"},
        ),
    ],
    ids=["acts", "held", "chain", "chain that acts", "two", "one of two", "both", "diamond"],
)  # fmt: skip
def test_needs_that_are_not_in_sync_are_named_with_the_ends_of_their_chains(launches, expected):
    assert told(waits(a_state(*launches))) == expected


def test_a_need_that_is_in_sync_is_none_any_more():
    world = Scripted()
    world.apply(a_state(a_launch("a")))
    state = a_state(a_launch("a"), held("z"), a_launch("b", needs=["a", "z"]))
    assert told(waits(state, world.recorded())) == {"b": "blocked: z"}


def test_what_has_failed_itself_waits_for_none():
    needy = a_launch("b", needs=["a"])
    key = needy.key
    recorded = recorded_of(
        created(),
        intended("b", key=key),
        prepared("b"),
        about(Kind.STARTING, "b"),
        about(Kind.SETTLED, "b", outcome="failed", status=4),
    )
    assert recorded.launches["b"].newest.key == key
    assert told(waits(a_state(held("a"), needy), recorded)) == {}


def test_what_launches_by_hand_waits_for_none_until_it_is_asked_for():
    by_hand = a_launch("b", needs=["a"])
    by_hand = replace(by_hand, policy=replace(by_hand.policy, trigger="manual"))
    assert told(waits(a_state(held("a"), by_hand, a_launch("c", needs=["b"])))) == {
        "c": "blocked: b"
    }
