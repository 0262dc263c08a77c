"""Performs one effect of one process: the only place where processes meet JOB, the ledger and time."""

from __future__ import annotations

from dataclasses import fields
from typing import TYPE_CHECKING, Any

from launcher.engine.effects import (
    Append,
    Appended,
    AppendOutcome,
    Await,
    Begin,
    Done,
    Find,
    Mint,
    Moment,
    NoAnswer,
    Operate,
    OperationRequest,
    Outcome,
    Overtaken,
    Prepare,
    PrepareRequest,
    Probe,
    ReadBack,
    ReadClock,
    ReadPlans,
    ReadSkew,
    ReadStatus,
    Refused,
    Start,
    StartAnswer,
    StartRequest,
    Unknown,
    Unsent,
    Wait,
    Withdraw,
)
from launcher.engine.events import Kind
from launcher.engine.observed import Capability
from tests.support.seeded.calls import Calls
from tests.support.seeded.people import Strangers, Truth
from tests.support.seeded.process import Recall
from tests.support.seeded.record import Record, Writer
from tests.support.seeded.rules import Rules
from tests.support.seeded.server import Server

if TYPE_CHECKING:
    from collections.abc import Callable
    from random import Random

    from launcher.engine.events import Draft
    from launcher.engine.recorded import Recorded
    from tests.support.seeded.runner import Runner
    from tests.support.seeded.troubles import Troubles

__all__ = ["World"]

_CALL_S = 0.05


class World:
    """Everything outside the engine.

    Attributes:
        told: whether the ledger tells for certain if a session lives, as a lock on a file does.
        living: processes that live, by their session.
        counts: how often what happened, so that a simulation in which nothing happens is noticed.
        unmarked: instances carry no marker, so that nobody can tell whose they are.
        closed_well: sessions whose process came to its end, and was told how each of its appends went.
    """

    def __init__(self, chance: Random, troubles: Troubles, *, older: bool, told: bool) -> None:
        self.chance = chance
        self.troubles = troubles
        self.server = Server(chance, troubles, older=older)
        self.record = Record(chance, troubles)
        self.rules = Rules(self.server)
        self.told = told
        self.living: dict[str, Runner] = {}
        self.unmarked = False
        self.counts: dict[str, int] = {}
        self.closed_well: set[str] = set()
        self._performs: dict[type, Callable[[Runner, Any], Any]] = {
            Append: self._append,
            Await: lambda runner, _: self.calls.finish_one(runner),
            Begin: lambda runner, effect: self.calls.begin(runner, effect.ticket, effect.call),
            Find: self._find,
            Mint: self._mint,
            Operate: self._operate,
            Prepare: self._prepare,
            Probe: self._probe,
            ReadBack: self._read_back,
            ReadClock: self._read_clock,
            ReadPlans: self._read_plans,
            ReadSkew: lambda runner, _: -runner.clock.off_s,
            ReadStatus: self._read_status,
            Recall: lambda runner, _: self._recall(runner),
            Start: self._start,
            Strangers: lambda *_: self.server.strangers(),
            Truth: self._truth,
            Wait: self._wait,
            Withdraw: lambda runner, _: self.calls.withdraw(runner),
        }
        self.calls = Calls(chance, self._do)

    @property
    def t(self) -> float:
        """The true time, in seconds."""
        return self.server.t

    @t.setter
    def t(self, value: float) -> None:
        self.server.t = value

    def happens(self, likelihood: float) -> bool:
        """Whether it does, this time."""
        return likelihood > 0 and self.chance.random() < likelihood

    def count(self, what: str) -> None:
        """Note that it happened."""
        self.counts[what] = self.counts.get(what, 0) + 1

    def heal(self) -> None:
        """From here on nothing goes wrong."""
        for item in fields(self.troubles):
            setattr(self.troubles, item.name, 0.0)

    def perform(self, runner: Runner, effect: Any) -> Any:
        """Let `effect` happen, or not, as chance has it."""
        self.t += 0.1
        self.calls.go_on(runner, self.living.values(), self.t)
        if isinstance(effect, Begin) and runner.under_way:
            self.count("side by side")
        return self._do(runner, effect)

    def _do(self, runner: Runner, effect: Any) -> Any:
        return self._performs[type(effect)](runner, effect)

    # --- time and chance ----------------------------------------------------------------------

    def _read_clock(self, runner: Runner, _: ReadClock) -> Moment:
        runner.looked = runner.clock.wall(self.t)
        stop = self.happens(self.troubles.stopped)
        return Moment(runner.looked, runner.clock.monotonic(self.t), stop=stop)

    def _wait(self, runner: Runner, effect: Wait) -> None:
        runner.wake_s = self.t + effect.seconds

    def _mint(self, _: Runner, effect: Mint) -> tuple[str, ...]:
        return tuple(f"{self.chance.getrandbits(128):032x}" for _ in range(effect.count))

    # --- the ledger ---------------------------------------------------------------------------

    def _recall(self, runner: Runner) -> tuple[Recorded, bool | None]:
        recorded = self.record.read(self.t)
        runner.recalled = recorded.head
        session = recorded.session
        alive = session.id in self.living if session is not None and self.told else None
        return recorded, alive

    def _append(self, runner: Runner, effect: Append) -> AppendOutcome:
        if not effect.drafts:
            self.rules.violations.append("an append without events")
        before, asked_s = self.record.present(), runner.clock.monotonic(self.t)
        writer = Writer(str(runner), runner.clock.wall(self.t), str(runner.errand.state.commit))
        answer = self.record.append(effect.drafts, effect.expected, writer, self.t)
        if self.happens(self.troubles.slow_append):
            self.t += self.chance.choice((2, 4, 8))
        self.count(type(answer).__name__)
        if isinstance(answer, Appended):
            self.rules.check_append(runner, before, effect.drafts)
        if isinstance(answer, NoAnswer):
            runner.heard = False
        # What the ledger says is checked against what it holds.
        is_head = isinstance(answer, Appended) and (
            [event.head for event in answer.events[-1:]] == [self.record.head]
        )
        if effect.drafts and effect.drafts[0].kind is Kind.OPENED and is_head:
            self.rules.check_opening(runner, effect.expected)
            runner.over = False
        told = isinstance(answer, Appended | Overtaken)
        runner.may_prepare |= {
            draft.data["nonce"]: asked_s for draft in effect.drafts if draft.kind is Kind.INTENDED
        }
        self._take_note(runner, effect, before, asked_s if is_head else None, told=told)
        runner.over |= self.rules.ends_session(runner, answer)
        return answer

    def _take_note(
        self,
        runner: Runner,
        effect: Append,
        before: Recorded,
        asked_s: float | None,
        *,
        told: bool,
    ) -> None:
        """Note what the append allows the process to do; `asked_s` only where it is the head, `told` if it is recorded."""
        for draft in effect.drafts:
            about = (draft.name, draft.attempt)
            if draft.kind is Kind.STARTING:
                self.rules.started_s.setdefault(about, self.t)
                runner.may_start.pop(about, None)
                if asked_s is not None:
                    runner.may_start[about] = asked_s
            if "void" in draft.data and told:
                self.rules.voided.add(draft.data["void"])
            if draft.kind is Kind.OPERATING:
                instance = _instance_of(before, draft)
                runner.may_operate.pop(instance, None)
                if asked_s is not None:
                    runner.may_operate[instance] = asked_s

    # --- JOB: what it is asked to do ----------------------------------------------------------

    def _prepare(self, runner: Runner, effect: Prepare) -> tuple[Outcome[Any] | Unsent, ...]:
        return tuple(self._create(runner, item, effect.deadline_s) for item in effect.requests)

    def _create(
        self, runner: Runner, request: PrepareRequest, deadline_s: float
    ) -> Outcome[Any] | Unsent:
        self.t += 2.0 if self.happens(self.troubles.slow_append) else _CALL_S
        if runner.clock.monotonic(self.t) > deadline_s:
            self.count("expired prepares")
            return Unsent()
        self.count("prepares")
        self.rules.check_prepare(runner, request, self.record.nonces(), self.record.answered())
        if request.start and request.marker is not None:
            name = request.marker[1].split("/")[2]
            if all(started[0] != name for started in runner.may_start):
                self.rules.violations.append(f"{name} is started at once without a record of it")
        return self.server.create(request)

    def _start(self, runner: Runner, effect: Start) -> tuple[Outcome[StartAnswer] | Unsent, ...]:
        return tuple(self._start_one(runner, item, effect.deadline_s) for item in effect.requests)

    def _start_one(
        self, runner: Runner, request: StartRequest, deadline_s: float
    ) -> Outcome[StartAnswer] | Unsent:
        self.t += 2.0 if self.happens(self.troubles.slow_append) else _CALL_S
        if runner.clock.monotonic(self.t) > deadline_s:
            self.count("expired")
            return Unsent()
        if self.happens(self.troubles.connection_refused):
            return Refused("connection refused")
        instance = self.server.instances[request.instance.id]
        self.rules.check_start(runner, instance, self.record.present())
        self.count("starts")
        answer = self.server.start(instance)
        if isinstance(answer, Done):
            runner.accepted.add(instance.id)
        return answer

    def _operate(self, runner: Runner, effect: Operate) -> tuple[Outcome[None] | Unsent, ...]:
        return tuple(self._operate_one(runner, it, effect.deadline_s) for it in effect.requests)

    def _operate_one(
        self, runner: Runner, request: OperationRequest, deadline_s: float
    ) -> Outcome[None] | Unsent:
        self.t += 2.0 if self.happens(self.troubles.slow_append) else _CALL_S
        if runner.clock.monotonic(self.t) > deadline_s:
            self.count("expired operations")
            return Unsent()
        self.count("operations")
        instance = self.server.instances[request.instance.id]
        recorded = sum(event.draft.kind is Kind.OPERATING for event in self.record.events)
        self.rules.check_operation(runner, instance, recorded)
        return self.server.operate(request)

    def _truth(self, _: Runner, effect: Truth) -> int | None:
        """What people find out: the instance that began for an attempt, whatever the record knows of it."""
        nonces = self.record.nonces().get((effect.name, effect.attempt), [])
        found = [
            item
            for item in self.server.instances.values()
            if item.marker is not None and item.marker.rpartition("/")[2] in nonces
        ]
        if not found and nonces and self.unmarked:
            return None
        begun = [item.id for item in found if item.begun]
        if begun:
            return begun[0]
        return None if any(item.queue or item.created_s > self.t for item in found) else 0

    # --- JOB: what it is asked ----------------------------------------------------------------

    def _read(self, value: Any) -> Outcome[Any]:
        return Unknown("no answer") if self.happens(self.troubles.read_lost) else Done(value)

    def _probe(self, _: Runner, __: Probe) -> Outcome[Any]:
        return self._read(Capability.SINGLE_PHASE if self.server.older else Capability.TWO_PHASE)

    def _read_plans(self, _: Runner, effect: ReadPlans) -> tuple[Outcome[Any], ...]:
        return tuple(self._read(self.server.plan(plan)) for _, plan in effect.plans)

    def _read_back(self, runner: Runner, effect: ReadBack) -> tuple[Outcome[Any], ...]:
        runner.read.update(item.id for item in effect.instances)
        return tuple(self._read(self.server.read_back(item.id)) for item in effect.instances)

    def _read_status(self, runner: Runner, effect: ReadStatus) -> tuple[Outcome[Any], ...]:
        runner.read.update(item.id for item in effect.instances)
        return tuple(self._read(self.server.status(item.id)) for item in effect.instances)

    def _find(self, runner: Runner, effect: Find) -> tuple[Outcome[Any], ...]:
        runner.sought.update(item.marker[1].rpartition("/")[2] for item in effect.searches)
        return tuple(
            self._read(self.server.find(item.plan_id, item.since, item.until))
            for item in effect.searches
        )


def _instance_of(present: Recorded, draft: Draft) -> int | None:
    record = present.launches.get(draft.name or "")
    attempts = record.attempts if record is not None else ()
    return next((it.instance_id for it in attempts if it.number == draft.attempt), None)
