"""A stage for one operation: a ledger in memory, an instance that moves when a test says, and a clock."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from launcher.engine.act import Act, Operated
from launcher.engine.effects import (
    Append,
    Appended,
    AppendOutcome,
    Done,
    HeadMoved,
    Moment,
    Operate,
    ReadClock,
    ReadStatus,
    Unsent,
    Wait,
)
from launcher.engine.events import Draft, Event, Kind
from launcher.engine.fold import fold
from launcher.engine.observed import InstanceStatus, Missing, StepStatus
from launcher.engine.operating import operate
from launcher.engine.recorded import OperationKind, Recorded
from launcher.engine.report import Limits
from tests.support.ledgers import NOON, about, created, events_of, intended, prepared

if TYPE_CHECKING:
    from collections.abc import Callable

    from launcher.engine.effects import Effect, OperationRequest
    from launcher.engine.recorded import Attempt

__all__ = ["ID", "NAME", "STARTED", "Stage", "a_status", "a_step"]

NAME = "web-deploy"
ID = 20000000001
LIMITS = Limits(start_grace_s=120, poll_s=2)
STARTED = (
    created(),
    intended(),
    prepared(),
    about(Kind.STARTING),
    about(Kind.OBSERVED, start="accepted"),
)


def a_step(status: int, kind: str = "approval", number: int = 7, **more: Any) -> StepStatus:
    return StepStatus(number, more.pop("name", "approve"), kind, status, **more)


def a_status(status: int, *steps: StepStatus, **more: Any) -> InstanceStatus:
    finished = status in (3, 4, 8, 9, 11, 13, 14)
    given: dict[str, Any] = {
        "id": ID,
        "name": "Deploy web",
        "finished": finished,
        "created": NOON + timedelta(seconds=2),
        "started": NOON,
        "ended": NOON if finished else None,
    }
    return InstanceStatus(status=status, steps=steps, **given | more)


@dataclass
class Stage:
    """One launch, started, with an instance that stands at `status`.

    Attributes:
        status: how far the instance is; `Missing` once JOB has forgotten it.
        then: what the instance is at some seconds after it was first operated on.
        answer: what JOB says to an operation; a callable is asked.
        asked: every operation that was sent, with the time since the start.
        on_append: answers the next append instead of the ledger, unless it gives `None`.
        read: what reading the status gives, unless it is `None`.
        late_s: how long a request waits before it is handed to the socket.
    """

    status: InstanceStatus | Missing
    events: list[Event] = field(default_factory=list)
    then: dict[float, InstanceStatus | Missing] = field(default_factory=dict)
    answer: Any = field(default_factory=lambda: Done(None))
    asked: list[tuple[OperationRequest, float]] = field(default_factory=list)
    on_append: list[Callable[[Stage, Append], AppendOutcome | None]] = field(default_factory=list)
    read: Callable[[Stage], Any] | None = None
    stop: bool = False
    late_s: float = 0
    passed_s: float = 0
    _operated_s: float | None = None

    def __post_init__(self) -> None:
        if not self.events:
            self.write(*STARTED)

    @property
    def recorded(self) -> Recorded:
        return fold(Recorded(), self.events)

    @property
    def newest(self) -> Attempt:
        return self.recorded.launches[NAME].newest

    @property
    def now(self) -> datetime:
        return NOON + timedelta(seconds=10 + self.passed_s)

    def write(self, *drafts: Draft) -> tuple[Event, ...]:
        """Append, whoever does it."""
        fresh = events_of(*drafts, after=self.recorded.head)
        if self.events:
            fresh = [replace(item, time=self.now) for item in fresh]
        self.events.extend(fresh)
        return tuple(fresh)

    def act(self, kind: OperationKind, *, limits: Limits = LIMITS, **more: Any) -> Operated:
        """Carry an act to its end."""
        flow = operate(
            self.recorded, Act(NAME, "production", kind, reason="because", **more), limits
        )
        try:
            effect = next(flow)
            while True:
                effect = flow.send(self.perform(effect))
        except StopIteration as done:
            found: Operated = done.value
            assert found.recorded == self.recorded or found.end.value == "ledger"
            return found

    def perform(self, effect: Effect) -> Any:
        match effect:
            case ReadClock():
                return Moment(self.now, self.passed_s, self.stop)
            case Wait(seconds):
                self.passed_s += seconds
                return None
            case ReadStatus((where,)):
                assert where.id == ID
                return (self._read(),)
            case Operate((request,), deadline_s):
                self.passed_s += self.late_s
                if self.passed_s > deadline_s:
                    return (Unsent(),)
                self.asked.append((request, self.passed_s))
                if self._operated_s is None:
                    self._operated_s = self.passed_s
                return (self.answer(self) if callable(self.answer) else self.answer,)
            case Append():
                return self._append(effect)
            case _:
                raise AssertionError(effect)

    def _read(self) -> Any:
        given = self.read(self) if self.read is not None else None
        if given is not None:
            return given
        if self._operated_s is not None:
            for delay_s, status in sorted(self.then.items()):
                if self.passed_s - self._operated_s >= delay_s:
                    self.status = status
        return Done(self.status)

    def _append(self, effect: Append) -> AppendOutcome:
        special = self.on_append.pop(0)(self, effect) if self.on_append else None
        if special is not None:
            return special
        if effect.expected != self.recorded.head:
            since = [item for item in self.events if item.serial > effect.expected.serial]
            return HeadMoved(tuple(since))
        return Appended(self.write(*effect.drafts))

    def told(self, since: int = len(STARTED)) -> list[str]:
        """What was recorded since the instance was started: kind, and what matters of the payload."""
        keys = ("operation", "step", "status", "outcome", "message")
        return [
            " ".join(
                [
                    item.draft.kind.value,
                    *(str(item.draft.data[k]) for k in keys if k in item.draft.data),
                ]
            )
            for item in self.events[since:]
        ]
