"""Performs effects: the one place where what the engine asks becomes calls, writes and waiting.

Calls are made by threads, at most `parallelism` of them at a time: the server's connections see to that. STARTs and
operations have threads of their own, and go before everything else: they must leave within their window, however much
was begun before them.
"""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from queue import SimpleQueue
from typing import TYPE_CHECKING, Any, Self, TypeVar

from launcher.engine.effects import (
    Append,
    AppendOutcome,
    Await,
    Begin,
    Done,
    Effect,
    Find,
    Mint,
    Moment,
    NoAnswer,
    Operate,
    Prepare,
    Probe,
    ReadBack,
    ReadClock,
    ReadPlans,
    ReadSkew,
    ReadStatus,
    Start,
    Unknown,
    Unsent,
    Wait,
    Withdraw,
)
from launcher.engine.observed import InstanceRef
from launcher.errors import LauncherError
from launcher.operations.ahead import Ahead
from launcher.operations.asking import answered, in_words
from launcher.operations.plans import PlanReader

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from concurrent.futures import Future
    from types import TracebackType

    from launcher.engine.effects import (
        Call,
        Instance,
        OperationRequest,
        Outcome,
        PrepareRequest,
        StartAnswer,
        StartRequest,
    )
    from launcher.engine.observed import FrozenCopy, Missing, PlanEntry
    from launcher.engine.spec import PlanName, Scope, SecretReference
    from launcher.job.server import JobServer
    from launcher.ledger.port import Ledger
    from launcher.operations.surroundings import Surroundings

__all__ = ["Performer"]

_NONCE_BYTES = 16

S = TypeVar("S")
T = TypeVar("T")


class Performer(AbstractContextManager["Performer"]):
    """Asks JOB, writes the ledger, waits, and says how each of it went.

    The calls of one effect are made at the same time; their answers keep the order of the questions. Trouble that JOB or the ledger is expected to make is an answer, not an exception.

    Attributes:
        failure: why the ledger could not be written, if it could not.
    """

    def __init__(
        self,
        server: JobServer,
        ledger: Ledger,
        secrets: Mapping[SecretReference, str],
        surroundings: Surroundings,
        parallelism: int,
    ) -> None:
        self.failure: LauncherError | None = None
        self._server = server
        self._ledger = ledger
        self._secrets = secrets
        self._surroundings = surroundings
        self._pool = ThreadPoolExecutor(parallelism, "launcher")
        self._starters = ThreadPoolExecutor(parallelism, "launcher-start")
        self._copies = Ahead(self._begin_read_back, surroundings.monotonic)
        self._plans = PlanReader(server, self._pool, surroundings.monotonic)
        # Looking up names takes two steps; who reads job plans waits between them.
        self._reader = ThreadPoolExecutor(1, "launcher-plans")
        self._begun: dict[int, tuple[Call, list[Future[Any]]]] = {}
        self._answered: SimpleQueue[int] = SimpleQueue()
        self._withdrawn = threading.Event()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Wait for the calls that are under way, and make none of those that are not: none is left behind."""
        self._withdrawn.set()
        for pool in (self._reader, self._starters, self._pool):
            pool.shutdown(cancel_futures=True)

    def perform(self, effect: Effect) -> Any:  # noqa: ANN401 - each effect has its own kind of answer
        """Do what `effect` asks, and give the answer that its docstring promises."""
        match effect:
            case Append():
                return self._append(effect)
            case ReadClock():
                return self._moment()
            case Wait(seconds):
                return self._surroundings.sleep(seconds)
            case Mint(count):
                return tuple(self._surroundings.entropy(_NONCE_BYTES) for _ in range(count))
            case ReadSkew():
                return self._server.skew_s()
            case Begin(ticket, call):
                return self._begin(ticket, call)
            case Await():
                return self._await()
            case Withdraw():
                return self._withdrawn.set()
            case Operate(requests, deadline_s):
                calls = [self._starters.submit(self._operate, it, deadline_s) for it in requests]
                return tuple(item.result() for item in calls)
            case call:
                return self._answers(call, self._calls(call))

    # --- calls --------------------------------------------------------------------------------

    def _begin(self, ticket: int, call: Call) -> None:
        calls = self._calls(call)
        self._begun[ticket] = call, calls
        left = _Countdown(len(calls), lambda: self._answered.put(ticket))
        for item in calls:
            item.add_done_callback(left)

    def _await(self) -> tuple[int, Any]:
        ticket = self._answered.get()
        call, calls = self._begun.pop(ticket)
        return ticket, self._answers(call, calls)

    def _calls(self, call: Call) -> list[Future[Any]]:
        """Begin to ask; the answers to come, in the order of the questions."""
        server = self._server
        match call:
            case Probe(scope):
                return [self._submit(server.probe, scope)]
            case ReadPlans(plans):
                return [self._reader.submit(self._plans.answers, plans)]
            case Prepare(requests, deadline_s):
                return [self._pool.submit(self._prepare, item, deadline_s) for item in requests]
            case ReadBack(instances):
                return self._copies.calls(instances)
            case Start(requests, deadline_s):
                return [self._starters.submit(self._start, item, deadline_s) for item in requests]
            case ReadStatus(instances):
                return [self._submit(server.read_status, item) for item in instances]
            case Find(searches):
                return [self._submit(server.find, item) for item in searches]

    def _answers(self, call: Call, calls: Sequence[Future[Any]]) -> Any:  # noqa: ANN401 - as above
        """What `call` promises, once all answers are there."""
        answers = tuple(item.result() for item in calls)
        match call:
            case Probe() | ReadPlans():
                return answers[0]
            case ReadBack(instances):
                self._copies.given(instances)
            case Prepare(requests):
                self._read_plans_again(requests, answers)
            case Find() | ReadStatus() | Start():
                pass
        return answers

    def _submit(self, ask: Callable[[S], T], question: S) -> Future[T | Unknown]:
        return self._pool.submit(answered, ask, question)

    def _prepare(self, request: PrepareRequest, deadline_s: float) -> Outcome[Instance] | Unsent:
        """Prepare, and begin to read back what is prepared while other answers are on their way."""
        withdrawn = self._withdrawn.is_set
        if withdrawn():
            return Unsent()
        answer = answered(
            lambda item: self._server.prepare(item, self._secrets, deadline_s, withdrawn), request
        )
        if isinstance(answer, Done) and not request.start and not self._withdrawn.is_set():
            self._copies.begin(InstanceRef(request.spec.scope, answer.value.id))
        return answer

    def _read_plans_again(
        self, requests: Sequence[PrepareRequest], answers: Sequence[object]
    ) -> None:
        """Read the job plans once more, after the last answer: what was read before says nothing about the time since."""
        again = [
            (request.spec.scope, request.spec.plan, request.plan_id)
            for request, answer in zip(requests, answers, strict=True)
            if isinstance(answer, Done) and not request.start
        ]
        self._reader.submit(self._plans.read_again, again)

    def _start(self, request: StartRequest, deadline_s: float) -> Outcome[StartAnswer] | Unsent:
        withdrawn = self._withdrawn.is_set
        if withdrawn():
            return Unsent()
        return answered(lambda item: self._server.start(item, deadline_s, withdrawn), request)

    def _operate(self, request: OperationRequest, deadline_s: float) -> Outcome[None] | Unsent:
        withdrawn = self._withdrawn.is_set
        if withdrawn():
            return Unsent()
        return answered(lambda item: self._server.operate(item, deadline_s, withdrawn), request)

    def _begin_read_back(self, instance: InstanceRef) -> Future[Outcome[FrozenCopy | Missing]]:
        return self._submit(self._server.read_back, instance)

    # --- the rest -----------------------------------------------------------------------------

    def meaning(self, scope: Scope, plan: PlanName) -> int | None:
        """What the name of a job plan stands for, if that is known from looking up others; asks nobody."""
        return self._plans.meaning(scope, plan)

    def list_plans(self, scope: Scope) -> Outcome[tuple[PlanEntry, ...]]:
        """All job plans of a scope, as they were listed when a name was looked up in it, or now."""
        return self._plans.entries(scope)

    def _append(self, effect: Append) -> AppendOutcome:
        try:
            return self._ledger.append(effect.drafts, effect.expected)
        except LauncherError as error:
            # Nothing was recorded, which is less than `NoAnswer` allows for: the engine stops either way.
            self.failure = error
            return NoAnswer(in_words(error))

    def _moment(self) -> Moment:
        here = self._surroundings
        return Moment(here.now(), here.monotonic(), stop=here.stop() is not None)


class _Countdown:
    """Says when all of several calls have ended; they end in any thread."""

    def __init__(self, count: int, then: Callable[[], None]) -> None:
        self._left = count
        self._then = then
        self._lock = threading.Lock()
        if not count:
            then()

    def __call__(self, _: object) -> None:
        with self._lock:
            self._left -= 1
            is_last = self._left == 0
        if is_last:
            self._then()
