"""A process as the world sees it: what it has asked for, what it has heard, and its clocks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from launcher.engine.events import NO_HEAD

if TYPE_CHECKING:
    from collections.abc import Generator
    from datetime import datetime

    from tests.support.seeded.calls import UnderWay
    from tests.support.seeded.process import Errand
    from tests.support.seeded.times import Clock

__all__ = ["Runner"]


class Runner:
    """A process that lives.

    Attributes:
        errand: what it is to do.
        flow: what it does; asks for effects.
        clock: its clocks.
        asked: the effect that it waits for; `None` before the first.
        answer: the outcome that it has not heard yet.
        wake_s: it does nothing before.
        effects: how many it has asked for.
        may_prepare: nonces whose record it has asked for, with the time by its monotonic clock when it did.
        may_start: attempts it has a START on record for, with the time by its monotonic clock when it asked for
            that record: only those whose record was the head when it was acknowledged.
        may_operate: instances it has an operation on record for that it has not asked for yet, as `may_start`.
        accepted: instances whose START it has heard to be taken by JOB.
        read: instances that it has read in this run.
        recalled: the head of the record that it read last.
        looked: what its wall clock showed when it last read it.
        heard: it was told how every append of its went.
        over: it was told that its session is over, or not told how an append went: it may change nothing more.
        under_way: the calls that it has begun and not awaited yet, by ticket.
        prepared: the ids of instances that it was told it has created.
        refused: the nonces of prepares that it was told JOB refuses.
        sought: the nonces that it has looked for.
    """

    def __init__(self, errand: Errand, flow: Generator[Any, Any, Any], clock: Clock) -> None:
        self.errand = errand
        self.flow = flow
        self.clock = clock
        self.asked: Any = None
        self.answer: Any = None
        self.wake_s = 0.0
        self.effects = 0
        self.may_start: dict[tuple[str | None, int | None], float] = {}
        self.may_prepare: dict[str, float] = {}
        self.may_operate: dict[int | None, float] = {}
        self.accepted: set[int] = set()
        self.read: set[int] = set()
        self.recalled = NO_HEAD
        self.looked: datetime | None = None
        self.heard = True
        self.over = False
        self.under_way: dict[int, UnderWay] = {}
        self.prepared: set[int] = set()
        self.refused: set[str] = set()
        self.sought: set[str] = set()

    def __str__(self) -> str:
        return f"p{self.errand.number}"
