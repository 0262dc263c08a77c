"""Calls that processes have begun and not awaited yet: each of their requests may take hold at any time."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from launcher.engine.effects import (
    Call,
    Done,
    Find,
    Prepare,
    Probe,
    ReadBack,
    ReadPlans,
    ReadStatus,
    Refused,
    Start,
    Unsent,
    Withdraw,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from datetime import datetime
    from random import Random

    from launcher.engine.effects import PrepareRequest
    from tests.support.seeded.runner import Runner

__all__ = ["Calls", "UnderWay"]

_OF_OTHERS = 0.3
"""How likely a request of a process takes hold while another process does something."""


@dataclass(slots=True)
class UnderWay:
    """A call that was begun.

    Attributes:
        call: what is asked.
        parts: its requests, one by one.
        looked: what the wall clock of the process showed when it was last read before.
        answers: what JOB has said so far, by the place of the request.
    """

    call: Call
    parts: list[Call]
    looked: datetime | None
    answers: dict[int, Any] = field(default_factory=dict)

    @property
    def open(self) -> list[int]:
        """Requests that have not taken hold yet."""
        return [place for place in range(len(self.parts)) if place not in self.answers]


class Calls:
    """Lets requests take hold, in an order that chance decides.

    How soon they do is drawn once for a life: with a slow JOB, more is under way at the same time.
    """

    def __init__(self, chance: Random, perform: Callable[[Runner, Any], Any]) -> None:
        self._chance = chance
        self._perform = perform
        self._soon = chance.choice((0.02, 0.2, 0.6))

    def begin(self, runner: Runner, ticket: int, call: Call) -> None:
        """From here on each request of `call` may take hold."""
        if ticket in runner.under_way:
            raise ValueError(f"{runner} uses ticket {ticket} twice")
        runner.under_way[ticket] = UnderWay(call, _parts(call), runner.looked)

    def finish_one(self, runner: Runner) -> tuple[int, Any]:
        """One of the calls of `runner` has all its answers: its ticket, and what it promises."""
        ticket = self._chance.choice(sorted(runner.under_way))
        begun = runner.under_way[ticket]
        while begun.open:
            self._take_hold(runner, begun)
        del runner.under_way[ticket]
        if isinstance(begun.call, Prepare):
            for place, answer in begun.answers.items():
                _note(runner, begun.call.requests[place], answer)
        if isinstance(begun.call, Probe):
            return ticket, begun.answers[0]
        return ticket, tuple(begun.answers[place] for place in range(len(begun.parts)))

    def withdraw(self, runner: Runner) -> None:
        """What has not left yet, and would change something, never does."""
        for begun in runner.under_way.values():
            if isinstance(begun.call, Prepare | Start):
                begun.answers |= dict.fromkeys(begun.open, Unsent())

    def go_on(self, runner: Runner, others: Iterable[Runner], t: float) -> None:
        """Let requests take hold while `runner` does something; one that is stopped sends nothing."""
        for other in others:
            if isinstance(other.asked, Withdraw):
                continue
            if other is runner or (
                other.wake_s <= t and other.under_way and self._chance.random() < _OF_OTHERS
            ):
                self._some(other)

    def die(self, runner: Runner) -> None:
        """The process dies: what has left takes hold all the same, and nobody hears of it."""
        if isinstance(runner.asked, Withdraw):
            self.withdraw(runner)
        for begun in runner.under_way.values():
            for _ in begun.open:
                if self._chance.random() < 0.5:
                    self._take_hold(runner, begun)
        runner.under_way.clear()

    def _some(self, runner: Runner) -> None:
        for begun in runner.under_way.values():
            while begun.open and self._chance.random() < self._soon:
                self._take_hold(runner, begun)

    def _take_hold(self, runner: Runner, begun: UnderWay) -> None:
        place = self._chance.choice(begun.open)
        # It is judged by what the process knew when it was begun.
        now, runner.looked = runner.looked, begun.looked
        answer = self._perform(runner, begun.parts[place])
        runner.looked = now
        begun.answers[place] = answer if isinstance(begun.call, Probe) else answer[0]


def _note(runner: Runner, request: PrepareRequest, answer: Any) -> None:
    """Note what a process was told of its prepare, and has to record."""
    match answer:
        case Done(instance):
            runner.prepared.add(instance.id)
        case Refused(code=code, full=False) if code is not None and request.marker is not None:
            runner.refused.add(request.marker[1].rpartition("/")[2])


def _parts(call: Call) -> list[Call]:
    """The requests of `call`, each as a call of its own."""
    match call:
        case Probe():
            return [call]
        case Prepare(requests):
            return [replace(call, requests=(item,)) for item in requests]
        case Start(requests):
            return [replace(call, requests=(item,)) for item in requests]
        case ReadPlans(plans):
            return [ReadPlans((item,)) for item in plans]
        case ReadBack(instances):
            return [ReadBack((item,)) for item in instances]
        case ReadStatus(instances):
            return [ReadStatus((item,)) for item in instances]
        case Find(searches):
            return [Find((item,)) for item in searches]
