"""A healthy simulated world that answers as a test says, and remembers what it was asked."""

from __future__ import annotations

from collections import deque
from random import Random
from typing import TYPE_CHECKING, Any

from launcher.engine.effects import Append, Await, Begin, Find, Prepare, ReadBack, Start, Withdraw
from launcher.engine.events import Kind
from launcher.engine.report import Limits
from tests.support.simulated import Crash, World

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from launcher.engine.desired import Desired
    from launcher.engine.effects import Effect
    from launcher.engine.events import Draft
    from launcher.engine.report import Report

__all__ = ["Scripted", "at_append_of", "dies_after", "dies_before"]

_TOLD_TO_JOB = (Prepare, Start, Find, ReadBack)


class Scripted(World):
    """A world without chance.

    Attributes:
        trace: every effect, in order.
        lag: how long a START waits in JOB's queue, in seconds.
        runs_for: how long an instance runs, in seconds.
    """

    def __init__(self, *, lag: float = 0, runs_for: float = 3, older: bool = False) -> None:
        self.lag = lag
        self.runs_for = runs_for
        self.trace: list[Effect] = []
        self._answers: dict[type, deque[Any]] = {}
        super().__init__(Random(1), older=older)

    def lag_s(self) -> float:
        return self.lag

    def duration_s(self) -> float:
        return self.runs_for

    def on(self, kind: type, *answers: Any) -> Scripted:
        """Answer the next effects of `kind` with `answers`.

        A callable gets the world and the effect; `None` lets the world answer by itself.
        """
        self._answers.setdefault(kind, deque()).extend(answers)
        return self

    def is_prompt(self) -> bool:
        return True

    def which(self, tickets: Sequence[int]) -> int:
        return tickets[0]

    def perform(self, effect: Effect) -> Any:
        """Perform `effect`; what is begun is traced, and answered, as what it is."""
        if isinstance(effect, Begin | Await | Withdraw):
            return super().perform(effect)
        self.trace.append(effect)
        queue = self._answers.get(type(effect))
        answer = queue.popleft() if queue else None
        if answer is None:
            return super().perform(effect)
        return answer(self, effect) if callable(answer) else answer

    def as_usual(self, effect: Effect) -> Any:
        """What the world answers by itself."""
        return super().perform(effect)

    def apply(
        self,
        desired: Desired,
        *,
        wait: bool = True,
        parallelism: int = 4,
        limits: Limits | None = None,
    ) -> Report:
        """One apply; like `run`, with the limits of the product unless told otherwise."""
        flow = self.begin(
            desired, wait=wait, limits=limits or Limits(parallelism=parallelism, poll_s=1)
        )
        return self.drive(flow)

    def told(self, name: str | None = None) -> list[str]:
        """What is durable of `name`, or of all launches: kind and attempt, and what matters of the payload."""
        return [
            _words(item, with_name=name is None)
            for item in self.drafts()
            if item.name is not None and name in (None, item.name)
        ]

    def sent(self) -> list[str]:
        """What JOB was asked that concerns instances, one word for each call."""
        return [
            word
            for effect in self.trace
            if isinstance(effect, _TOLD_TO_JOB)
            for word in _calls(effect)
        ]

    def starts_of(self, instance_id: int) -> int:
        """How many STARTs were sent for an instance."""
        return len(self.instances[instance_id].sent_at)


def dies_before(_world: Scripted, _effect: Effect) -> Any:
    """The process dies before the effect takes hold."""
    raise Crash


def dies_after(world: Scripted, effect: Effect) -> Any:
    """The effect takes hold, and the process dies before it hears of it."""
    world.as_usual(effect)
    raise Crash


def at_append_of(kind: Kind, then: Callable[[Scripted, Effect], Any]) -> Callable[..., Any]:
    """Answer with `then` the next append that holds an event of `kind`, and no other."""

    def answer(world: Scripted, effect: Append) -> Any:
        if any(item.kind is kind for item in effect.drafts):
            return then(world, effect)
        world.on(Append, answer)
        return world.as_usual(effect)

    return answer


_SHOWN: dict[Kind, Callable[[Draft], str]] = {
    Kind.SETTLED: lambda item: str(item.data["outcome"]),
    Kind.REFUSED: lambda item: str(item.data["stage"]),
    Kind.STARTING: lambda item: "by other" if item.data.get("by") else "",
    Kind.OBSERVED: lambda item: " ".join(
        "void" if key == "void" else str(item.data[key])
        for key in ("void", "start", "status")
        if key in item.data
    ),
}


def _words(item: Draft, *, with_name: bool) -> str:
    name = str(item.name) if with_name else ""
    attempt = "" if item.attempt is None else str(item.attempt)
    shown = _SHOWN.get(item.kind, lambda _: "")(item)
    return " ".join(word for word in (name, attempt, item.kind.value, shown) if word)


def _calls(effect: Effect) -> list[str]:
    match effect:
        case Prepare(requests):
            return [f"prepare {(item.marker or ('', '///'))[1].split('/')[2]}" for item in requests]
        case Start(requests):
            return [f"start {item.instance.id}" for item in requests]
        case Find(searches):
            return ["find"] * len(searches)
        case ReadBack(instances):
            return [f"read back {item.id}" for item in instances]
        case _:
            return []
