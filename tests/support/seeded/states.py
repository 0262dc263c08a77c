"""Desired states, drawn."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING

from launcher.engine.desired import Desired, Launch, Policy
from launcher.engine.spec import EffectiveSpec, Variable
from launcher.model.documents import Environment, Freeze, Guards, Window
from tests.support.seeded.server import CONFIRMED, PLAIN, SCOPE
from tests.support.seeded.times import at

if TYPE_CHECKING:
    from collections.abc import Sequence
    from random import Random

__all__ = ["NAMES", "OPEN_AGAIN_S", "Drawer", "State"]

_EARLY = Window(("mon", "tue"), "07:00", "08:04", "UTC")
"""Closes four minutes after the world has begun."""
_FIRST_DAY = Freeze("2026-03-02", "2026-03-02", "UTC", "first day")
OPEN_AGAIN_S = (23 * 60 + 10) * 60.0
"""The second day, ten minutes after the window has opened."""

NAMES = ("db-migrate", "web-deploy", "smoke-test", "cache-warm", "mail-relay", "log-rotate")


@dataclass(frozen=True, slots=True)
class State:
    """What one commit declares.

    Attributes:
        commit: its number; a higher one is newer.
        desired: the desired state.
    """

    commit: int
    desired: Desired


class Drawer:
    """Draws one desired state after another, as commits on one branch would bring them."""

    def __init__(self, chance: Random, *, single_phase: bool) -> None:
        self.chance = chance
        self.guards = Guards(
            allow_single_phase=single_phase,
            windows=(_EARLY,) if chance.random() < 0.12 else (),
            freezes=(_FIRST_DAY,) if chance.random() < 0.05 else (),
        )
        self.commits = 0
        self._names = NAMES[: chance.choice((1, 2, 3, 3, 4, 6))]
        self._revisions = dict.fromkeys(self._names, 1)
        self._called = {name: name for name in self._names}
        self._before: dict[str, str] = {}

    def draw(self, t: float, *, last: bool = False) -> State:
        """The next state, at `t`; the `last` one waits for whatever it starts, and holds no error that stops all."""
        self.commits += 1
        launches: list[Launch] = []
        for index, name in enumerate(self._names):
            if self.chance.random() < 0.02 and name not in self._before:
                self._before[name] = self._called[name]
                self._called[name] = f"{name}-2"
            if self.chance.random() < 0.85:
                launches.append(
                    self._launch(name, index, t, [item.name for item in launches], last=last)
                )
        environment = Environment("rehearsal", "sandbox", SCOPE, guards=self.guards)
        return State(self.commits, Desired(environment, {item.name: item for item in launches}))

    def _launch(
        self, name: str, index: int, t: float, earlier: Sequence[str], *, last: bool
    ) -> Launch:
        chance = self.chance
        if chance.random() < 0.1:
            self._revisions[name] += 1
        version = f"{chance.choice('12')}{index}"
        spec = EffectiveSpec(
            SCOPE, CONFIRMED if chance.random() < 0.15 else PLAIN, (Variable("version", version),)
        )
        policy = Policy(
            needs=tuple(sorted(item for item in earlier if chance.random() < 0.4)),
            suspend=chance.random() < 0.1,
            trigger=chance.choice(("onChange",) * 20 + ("manual", "once")),
            max_attempts=chance.choice((1, 1, 1, 2, 3)),
            backoff_s=chance.choice((5.0, 30.0)),
            wait_timeout_s=chance.choice((30.0, 1800.0)),
            on_timeout=chance.choice(("detach", "detach", "terminate")),
        )
        if last:
            policy = replace(policy, wait_timeout_s=1800.0)
            policy = replace(policy, trigger="manual" if policy.trigger == "manual" else "onChange")
        if chance.random() < 0.1:
            wait = timedelta(seconds=chance.choice((20, 300, 3000)))
            policy = replace(policy, not_before=at(t) + wait)
        return Launch(
            name=self._called[name],
            renamed_from=self._before.get(name),
            spec=spec,
            revision=self._revisions[name],
            policy=policy,
            path=f"plans/{name}.yaml",
        )
