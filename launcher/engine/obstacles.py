"""Which needs a launch waits for, and where each chain of them ends.

A decision names the one need that blocks it. For people that is half an answer: the need may only wait in turn, and a
launch that is to start after another one waits as well, without being blocked.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from launcher.engine.changeset import Action, Reason

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from launcher.engine.changeset import Change
    from launcher.engine.making import Decision
    from launcher.engine.recorded import Attempt
    from launcher.engine.rows import Case

__all__ = ["Need", "Obstacle", "Waiting", "need_of", "unmet_needs", "waiting_among", "waiting_for"]


@dataclass(frozen=True, slots=True)
class Need:
    """A launch that others wait for, as it was decided.

    Attributes:
        name: the launch.
        action: what is done for it.
        reason: why.
        by: what blocks or holds it.
        until: when its hold ends, RFC 3339; `None` where nobody knows.
        newest: its newest attempt on record; `None` without history.
    """

    name: str
    action: Action
    reason: Reason
    by: str | None
    until: str | None
    newest: Attempt | None


@dataclass(frozen=True, slots=True)
class Obstacle:
    """A need that is not in sync.

    Attributes:
        need: the need itself.
        roots: what it waits for in the end, by name; empty where it waits for no other launch.
    """

    need: Need
    roots: tuple[Need, ...] = ()


@dataclass(frozen=True, slots=True)
class Waiting:
    """What a launch waits for.

    Attributes:
        is_blocked: an apply does not reach it: something that it needs does not come to a good end by itself.
        obstacles: its needs that are not in sync, by name; at least one.
    """

    is_blocked: bool
    obstacles: tuple[Obstacle, ...]


def waiting_for(decisions: Iterable[Decision]) -> Mapping[str, Waiting]:
    """What each launch waits for, by its name; those that wait for no other launch are left out.

    `decisions` come in an order in which needs come first, and on all that is declared: a need that nothing was
    decided about is left out.
    """
    return _found((need_of(item), unmet_needs(item.case)) for item in decisions)


def waiting_among(changes: Iterable[Change]) -> Mapping[str, Waiting]:
    """The same for the changes of a whole changeset, in their order."""
    return _found(
        (Need(item.name, item.action, item.reason, item.by, item.until, item.newest), item.unmet)
        for item in changes
    )


def need_of(decision: Decision) -> Need:
    """What was decided, as others see it that need it."""
    case, verdict = decision.case, decision.verdict
    newest = case.record.newest if case.record else None
    return Need(case.name, verdict.action, verdict.reason, verdict.by, verdict.until, newest)


def unmet_needs(case: Case) -> tuple[str, ...]:
    """Its needs that are not in sync, sorted."""
    return tuple(sorted(name for name, verdict in case.needs.items() if verdict is not None))


def _found(decided: Iterable[tuple[Need, tuple[str, ...]]]) -> dict[str, Waiting]:
    found: dict[str, Waiting] = {}
    needs: dict[str, Need] = {}
    for item, unmet in decided:
        needs[item.name] = item
        obstacles = tuple(
            Obstacle(needs[name], _roots(found.get(name))) for name in unmet if name in needs
        )
        if obstacles and _waits(item):
            found[item.name] = Waiting(item.reason is Reason.NEEDS, obstacles)
    return found


def _waits(item: Need) -> bool:
    """Whether it is for its needs that it does not start: what runs, or has failed itself, waits for none."""
    starts = item.action is Action.LAUNCH or item.reason is Reason.PREPARED
    return item.reason is Reason.NEEDS or starts or item.action is Action.HOLD


def _roots(waiting: Waiting | None) -> tuple[Need, ...]:
    if waiting is None:
        return ()
    ends = (end for obstacle in waiting.obstacles for end in (obstacle.roots or (obstacle.need,)))
    return tuple(sorted({end.name: end for end in ends}.values(), key=lambda end: end.name))
