"""Performs effects: the one place where what the engine asks becomes calls, writes and waiting."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any, Self, TypeVar

from launcher.engine.effects import (
    Append,
    AppendOutcome,
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
    Wait,
)
from launcher.engine.observed import InstanceRef
from launcher.errors import LauncherError
from launcher.operations.ahead import Ahead
from launcher.operations.asking import answered, in_words
from launcher.operations.plans import PlanReader

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from types import TracebackType

    from launcher.engine.effects import Instance, Outcome, PrepareRequest
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

    The calls of one effect are made at the same time, at most `parallelism` of them; their answers keep the order
    of the questions. Trouble that JOB or the ledger is expected to make is an answer, not an exception.

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
        self._copies = Ahead(self._pool, self._read_back, surroundings.monotonic)
        self._plans = PlanReader(server, self._pool, surroundings.monotonic)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Wait for the calls that are under way: none of them is left behind."""
        self._copies.forget()
        self._plans.close()
        self._pool.shutdown()

    def perform(self, effect: Effect) -> Any:  # noqa: ANN401, C901, PLR0912 - each effect has its own kind of answer
        """Do what `effect` asks, and give the answer that its docstring promises."""
        server = self._server
        match effect:
            case Append():
                return self._append(effect)
            case ReadClock():
                return self._moment()
            case Wait(seconds):
                return self._surroundings.sleep(seconds)
            case Mint(count):
                return tuple(self._surroundings.entropy(_NONCE_BYTES) for _ in range(count))
            case Probe(scope):
                return answered(server.probe, scope)
            case ReadPlans(plans):
                return self._plans.answers(plans)
            case Prepare(requests):
                return self._prepare(requests)
            case ReadBack(instances):
                return self._copies.answers(instances)
            case Start(requests, deadline_s):
                return self._each(lambda item: server.start(item, deadline_s), requests)
            case Operate(requests):
                return self._each(server.operate, requests)
            case ReadSkew():
                return server.skew_s()
            case ReadStatus(instances):
                return self._each(server.read_status, instances)
            case Find(searches):
                return self._each(server.find, searches)

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

    def _prepare(self, requests: Sequence[PrepareRequest]) -> tuple[Outcome[Instance], ...]:
        """Prepare, and read back what is prepared already while other answers are on their way.

        The job plans are read once more after the last answer: what was read before says nothing about the time since.
        """
        self._copies.forget()
        calls = [self._pool.submit(self._prepare_one, item) for item in requests]
        answers: list[Outcome[Instance]] = []
        for request, call in zip(requests, calls, strict=True):
            answers.append(call.result())
            match answers[-1]:
                case Done(instance) if not request.start:
                    self._copies.begin(InstanceRef(request.spec.scope, instance.id))
        self._plans.forget()
        for request, answer in zip(requests, answers, strict=True):
            if isinstance(answer, Done) and not request.start:
                self._plans.begin(request.spec.scope, request.plan_id)
        return tuple(answers)

    def _prepare_one(self, request: PrepareRequest) -> Outcome[Instance]:
        return answered(lambda item: self._server.prepare(item, self._secrets), request)

    def _read_back(self, instance: InstanceRef) -> Outcome[FrozenCopy | Missing]:
        return answered(self._server.read_back, instance)

    def _each(self, ask: Callable[[S], T], questions: Iterable[S]) -> tuple[T | Unknown, ...]:
        return tuple(self._pool.map(lambda item: answered(ask, item), questions))
