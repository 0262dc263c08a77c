"""What is said about a whole changeset beside its changes: what could not be compared, and what is hardly meant."""

from __future__ import annotations

from typing import TYPE_CHECKING

from launcher.diagnostics import Diagnostic
from launcher.engine.changeset import Reason
from launcher.engine.effects import Done
from launcher.engine.guards import goes_by_plan, goes_by_time
from launcher.engine.plandoubts import doubts
from launcher.engine.spec import plan_text

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from launcher.engine.changeset import Change
    from launcher.engine.decide import Observed, Options
    from launcher.engine.desired import Desired, Launch

__all__ = ["notes"]

_BY_TIME = frozenset({Reason.FREEZE, Reason.WINDOW, Reason.NOT_BEFORE})


def notes(
    made: Sequence[Change], desired: Desired, observed: Observed, options: Options
) -> Iterator[Diagnostic]:
    """Warnings about `made`; none of them changes anything."""
    yield from _clock(made, desired, options)
    for change in made:
        if change.launch is None:
            continue
        answer = observed.plans.get(change.name)
        if change.starts and isinstance(answer, Done):
            yield from doubts(change.launch, answer.value, desired.marker)
        yield from _not_looked_up(change, change.launch, desired, options)
        yield from _moved(change, change.launch, observed.meanings.get(change.name))


def _clock(made: Sequence[Change], desired: Desired, options: Options) -> Iterator[Diagnostic]:
    """Hours and days were gone by without asking the server what time it is."""
    environment = desired.environment
    if options.offline and any(
        item.launch is not None
        and (item.starts or item.reason in _BY_TIME)
        and goes_by_time(item.launch, environment, overridden=options.overridden)
        for item in made
    ):
        yield Diagnostic("L257", {"environment": environment.name})


def _not_looked_up(
    change: Change, launch: Launch, desired: Desired, options: Options
) -> Iterator[Diagnostic]:
    """A guard lists ids, and nobody was asked what a name stands for."""
    environment = desired.environment
    asks = goes_by_plan(launch, environment, overridden=options.overridden)
    if options.offline and change.starts and asks:
        facts = {
            "name": launch.name,
            "plan": plan_text(launch.spec.plan),
            "environment": environment.name,
        }
        yield Diagnostic("L285", facts, launch.place("plan"))


def _moved(change: Change, launch: Launch, now: int | None) -> Iterator[Diagnostic]:
    """The name of what is in sync stands for another job plan than the one that ran."""
    ran = change.newest.plan if change.newest is not None else None
    if change.reason is Reason.IN_SYNC and ran is not None and now not in (None, ran.id):
        facts = {
            "name": launch.name,
            "plan": plan_text(launch.spec.plan),
            "before": str(ran.id),
            "now": str(now),
        }
        yield Diagnostic("L286", facts, launch.place("plan"))
