"""A world in which several calls are under way, and a test says which of them is answered first."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from launcher.engine.effects import Append, Begin
from launcher.engine.report import Limits
from tests.support.scripted import Scripted
from tests.support.simulated import a_launch, a_state

if TYPE_CHECKING:
    from collections.abc import Sequence

    from launcher.engine.effects import Effect
    from launcher.engine.events import Kind

__all__ = ["BATCHES", "FIRST", "LIMITS", "NAMES", "STATE", "Slow", "at", "tells"]

NAMES = tuple(f"a{number}" for number in range(7))
STATE = a_state(*(a_launch(name, name) for name in NAMES))
FIRST, BATCHES = NAMES[0], (NAMES[1:3], NAMES[3:5], NAMES[5:])
LIMITS = Limits(parallelism=1, poll_s=1)


class Slow(Scripted):
    """A world in which nothing takes hold before it is awaited, and a test says what is answered first.

    Attributes:
        order: kinds of calls; those that come first here are answered first.
        asked: every effect, also those that are about calls under way.
        most: how many calls were under way at the same time, at most.
    """

    def __init__(self, *order: type, older: bool = False) -> None:
        super().__init__(older=older)
        self.order = order
        self.asked: list[Effect] = []
        self.most = 0

    def is_prompt(self) -> bool:
        return False

    def which(self, tickets: Sequence[int]) -> int:
        under_way = self._begun[self._session]
        self.most = max(self.most, len(under_way))

        def rank(ticket: int) -> int:
            kind = type(under_way[ticket].call)
            return self.order.index(kind) if kind in self.order else len(self.order)

        return min(tickets, key=rank)

    def perform(self, effect: Effect) -> Any:
        self.asked.append(effect)
        return super().perform(effect)

    def begun(self, kind: type) -> list[Any]:
        """Calls of that kind that were begun, in order."""
        return [
            item.call
            for item in self.asked
            if isinstance(item, Begin) and isinstance(item.call, kind)
        ]

    def started(self) -> int:
        """How many instances JOB was asked to start."""
        return sum(len(item.sent_at) for item in self.instances.values())


def tells(effect: Any, kind: Kind, name: str) -> bool:
    return isinstance(effect, Append) and any(
        item.kind is kind and item.name == name for item in effect.drafts
    )


def at(kind: Kind, name: str, then: Any) -> Any:
    """Do `then` at the append that tells `kind` of the launch `name`."""

    def answer(world: Slow, effect: Append) -> Any:
        if tells(effect, kind, name):
            return then(world, effect)
        world.on(Append, answer)
        return world.as_usual(effect)

    return answer
