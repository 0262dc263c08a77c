"""A JOB server, a ledger and a clock in memory, for driving the engine through every kind of trouble."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from launcher.engine.decide import Observed, Options, Outline, make_changeset
from launcher.engine.desired import Desired, Launch, Policy
from launcher.engine.effects import (
    Append,
    Appended,
    AppendOutcome,
    Await,
    Begin,
    Call,
    Done,
    Find,
    HeadMoved,
    Mint,
    Moment,
    NoAnswer,
    Operate,
    Overtaken,
    Prepare,
    Probe,
    ReadBack,
    ReadClock,
    ReadPlans,
    ReadSkew,
    ReadStatus,
    Start,
    Unsent,
    Wait,
    Withdraw,
)
from launcher.engine.events import NO_HEAD, Draft, Event, Head, Kind
from launcher.engine.execute import execute
from launcher.engine.fold import fold
from launcher.engine.observed import Capability, InstanceStatus, Missing
from launcher.engine.progress import with_observed
from launcher.engine.recorded import ENDED_BADLY, IN_FLIGHT, Recorded
from launcher.engine.report import Limits, Order, Report, Stop
from launcher.engine.spec import EffectiveSpec, Variable
from launcher.model.documents import Environment, Guards
from tests.support.simulated_job import (
    MARKER,
    PLAN,
    SCOPE,
    Faults,
    SimInstance,
    SimulatedJob,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from random import Random

    from launcher.engine.changeset import Changeset
    from launcher.engine.effects import Effect
    from launcher.engine.run import Flow

__all__ = ["ENVIRONMENT", "MARKER", "Crash", "Endless", "Faults", "World", "a_launch", "a_state"]

ENVIRONMENT = Environment("rehearsal", "sandbox", SCOPE)
GRACE_S = 20
WINDOW_S = 5
MOST_EFFECTS = 5000
"""A run that asks for more than this makes no progress."""


class Crash(BaseException):
    """The process dies here; nothing catches it but the simulation."""


class Endless(AssertionError):
    """The run asks and asks, and does not come to its end."""


def a_launch(
    name: str,
    version: str = "1",
    *,
    revision: int = 1,
    needs: Iterable[str] = (),
    suspend: bool = False,
) -> Launch:
    """A launch of the one simulated job plan, with `version` as its only text."""
    return Launch(
        name=name,
        spec=EffectiveSpec(SCOPE, 1000, (Variable("version", version),)),
        revision=revision,
        policy=Policy(needs=tuple(sorted(needs)), suspend=suspend),
        path=f"plans/{name}.yaml",
    )


def a_state(*launches: Launch, single_phase: bool = False) -> Desired:
    """A desired state that holds `launches`."""
    environment = replace(ENVIRONMENT, guards=Guards(allow_single_phase=single_phase))
    return Desired(environment, {item.name: item for item in launches})


@dataclass(slots=True)
class UnderWay:
    """A call that was begun.

    Attributes:
        call: what is asked.
        answer: what JOB has said; `None` while nothing has happened yet.
    """

    call: Call
    answer: Any = None


class World(SimulatedJob):
    """All that is outside the engine.

    Attributes:
        fuse: how many effects until the process dies; `None` for never.
        late: it dies after that effect took hold, not before.
        forget: kinds of events that are acknowledged and never become durable.
        effects: how many were asked for so far.
        requests: the names of those effects, in order.
        skew_s: how far the server's clock is ahead of ours; `None` where no answer tells.
        clean_sessions: sessions whose run recorded everything that it was told.
    """

    def __init__(
        self,
        chance: Random,
        faults: Faults | None = None,
        *,
        forget: frozenset[Kind] = frozenset(),
        older: bool = False,
    ) -> None:
        super().__init__(chance, faults, older=older)
        self.fuse: int | None = None
        self.late = False
        self.forget = forget
        self.effects = 0
        self.requests: list[str] = []
        self.clean_sessions: set[str] = set()
        self.skew_s: float | None = 0.0
        self._durable: list[tuple[Draft, datetime]] = []
        self._events: list[Event] = []
        self._drawn = 0
        self._desired: dict[str, Desired] = {}
        self._asked: dict[tuple[str | None, int | None], datetime] = {}
        self._behind: set[tuple[str | None, int | None]] = set()
        self._last_start: dict[int, datetime] = {}
        self._begun: dict[str, dict[int, UnderWay]] = {}

    # --- the ledger ---------------------------------------------------------------------------

    def recorded(self) -> Recorded:
        """What a process that starts now reads: only what is durable."""
        self._events = []
        for draft, time in self._durable:
            self._chain(draft, time)
        return fold(Recorded(), self._events)

    def head(self) -> Head:
        return self._events[-1].head if self._events else NO_HEAD

    def append(self, drafts: Sequence[Draft], expected: Head) -> AppendOutcome:
        """The compare-and-swap of the ledger, with whatever can come between."""
        started = {(item.name, item.attempt) for item in drafts if item.kind is Kind.STARTING}
        self._asked |= dict.fromkeys(started, self.now)
        self._behind -= started
        if self.happens(self.faults.interjected):
            self.write([Draft(Kind.ANCHORED)])
        if self.happens(self.faults.ledger_lost):
            if self.chance.random() < 0.5 and expected == self.head():
                self.write(drafts)
            return NoAnswer("the disk is full")
        if expected != self.head():
            return HeadMoved(tuple(self._events[expected.serial :]))
        if self.happens(self.faults.slow_append):
            self.let_pass(10)
        written = self.write(drafts)
        if self.happens(self.faults.overtaken):
            self._behind |= started
            return Overtaken((*written, *self.write([Draft(Kind.ANCHORED)])))
        return Appended(written)

    def write(self, drafts: Iterable[Draft]) -> tuple[Event, ...]:
        """Make `drafts` durable."""
        wanted = list(drafts)
        self.turned_down |= {
            (str(item.name), item.key.digest)
            for item in wanted
            if item.kind is Kind.REFUSED and item.key is not None
        }
        kept = (item for item in wanted if item.kind not in self.forget)
        self._durable.extend((item, self.now) for item in kept)
        return tuple(self._chain(item, self.now) for item in wanted)

    def _chain(self, draft: Draft, time: datetime) -> Event:
        event = _event(self.head(), draft, time)
        self._events.append(event)
        return event

    def durable(
        self, kind: Kind, name: str | None = None, attempt: int | None = None
    ) -> list[Draft]:
        """Durable events of `kind`, of one launch and attempt if they are given."""
        return [
            item
            for item, _ in self._durable
            if item.kind is kind
            and (name is None or item.name == name)
            and (attempt is None or item.attempt == attempt)
        ]

    def drafts(self) -> list[Draft]:
        """Everything that is durable, in order."""
        return [item for item, _ in self._durable]

    # --- a run --------------------------------------------------------------------------------

    def changeset(self, desired: Desired) -> Changeset:
        """What a diff would show now; nothing goes wrong on the way."""
        recorded = self.recorded()
        return self._changeset(desired, recorded, self.statuses(recorded))

    def run(
        self, desired: Desired, *, wait: bool = True, parallelism: int = 1, marker: bool = True
    ) -> Report:
        """One apply of `desired`, from reading the ledger to the end of the run, or to its death."""
        flow = self.begin(desired, wait=wait, parallelism=parallelism, marker=marker)
        session = self._session
        report = self.drive(flow)
        self._note_end(session, report)
        return report

    def begin(
        self,
        desired: Desired,
        *,
        wait: bool = True,
        parallelism: int = 1,
        marker: bool = True,
        limits: Limits | None = None,
        assume: Capability | None = None,
    ) -> Flow[Report]:
        """An apply that has read the ledger and JOB, has decided, and has not done anything yet."""
        recorded = self._born(self.recorded())
        statuses = self.statuses(recorded)
        _, notes = with_observed(recorded, statuses, self.now, desired.keys)
        self._drawn += 1
        self._session = f"session-{self._drawn}"
        self._desired[self._session] = desired
        opened = {"session": self._session, "host": "sim", "pid": self._drawn}
        order = Order(
            changeset=self._changeset(desired, recorded, statuses),
            desired=desired,
            recorded=recorded,
            fingerprint="sha256:sim",
            marker=MARKER if marker else None,
            opening=(Draft(Kind.OPENED, data=opened),),
            notes=notes,
            wait=wait,
            assume=assume,
            limits=limits
            or Limits(
                parallelism=parallelism,
                start_window_s=WINDOW_S,
                start_grace_s=GRACE_S,
                start_limit_s=120,
            ),
        )
        return execute(order)

    def drive(self, flow: Flow[Report]) -> Report:
        """Perform effects until the flow ends."""
        outcome: Any = None
        for _ in range(MOST_EFFECTS):
            try:
                effect = flow.send(outcome)
            except StopIteration as end:
                report: Report = end.value
                return report
            outcome = self.step(effect)
        raise Endless(f"more than {MOST_EFFECTS} effects, the last of them {self.requests[-6:]}")

    def drive_both(
        self, first: Flow[Report], one: str, second: Flow[Report], other: str, outcome: Any
    ) -> None:
        """Perform the effects of two runs that do not know of each other, in an order that chance decides.

        `outcome` is what the first run waits for; the second has not begun.
        """
        flows = {one: first, other: second}
        outcomes: dict[str, Any] = {one: outcome, other: None}
        for _ in range(2 * MOST_EFFECTS):
            if not flows:
                return
            self._session = self.chance.choice(sorted(flows))
            try:
                effect = flows[self._session].send(outcomes[self._session])
            except StopIteration as end:
                self._note_end(self._session, end.value)
                del flows[self._session]
            else:
                outcomes[self._session] = self.step(effect)
        raise Endless("two runs keep each other from ending")

    def _note_end(self, session: str, report: Report) -> None:
        if report.stop not in (Stop.LEDGER, Stop.LOST_SESSION):
            self.clean_sessions.add(session)

    @property
    def session(self) -> str:
        """The session whose effects are performed now."""
        return self._session

    def step(self, effect: Effect) -> Any:
        """Perform one effect, or die before or after it."""
        self.effects += 1
        dies = self.fuse is not None and self.effects >= self.fuse
        if dies and not self.late:
            self._die()
        self.let_pass(0.1)
        outcome = self.perform(effect)
        if dies:
            self._die()
        return outcome

    def _die(self) -> None:
        """The process dies; what it has begun may have left, or not."""
        for begun in self._begun.pop(self._session, {}).values():
            if begun.answer is None and self.happens(0.5):
                self.perform(begun.call)
        raise Crash

    # --- calls under way ----------------------------------------------------------------------

    def begin_call(self, ticket: int, call: Call) -> None:
        """It takes hold at once, or at any time until it is awaited."""
        begun = UnderWay(call)
        self._begun.setdefault(self._session, {})[ticket] = begun
        if self.is_prompt():
            begun.answer = self.perform(call)

    def await_call(self) -> tuple[int, Any]:
        """Any of those that are under way is answered first."""
        under_way = self._begun[self._session]
        ticket = self.which(sorted(under_way))
        begun = under_way.pop(ticket)
        if begun.answer is None:
            begun.answer = self.perform(begun.call)
        return ticket, begun.answer

    def withdraw(self) -> None:
        """What has not left yet, and would change something, never does."""
        for begun in self._begun.get(self._session, {}).values():
            if begun.answer is None and isinstance(begun.call, Prepare | Start):
                begun.answer = (Unsent(),) * len(begun.call.requests)

    def is_prompt(self) -> bool:
        """Whether a call takes hold as soon as it is begun."""
        return self.chance.random() < 0.5

    def which(self, tickets: Sequence[int]) -> int:
        """The ticket of the call whose answers are there first."""
        return self.chance.choice(tickets)

    def heal(self) -> None:
        """From here on nothing goes wrong."""
        self.faults = Faults()
        self.fuse = None

    def _born(self, recorded: Recorded) -> Recorded:
        if recorded.lineage is not None:
            return recorded
        self.write([Draft(Kind.CREATED, data={"lineage": "sim"})])
        return self.recorded()

    def _changeset(
        self,
        desired: Desired,
        recorded: Recorded,
        statuses: Mapping[str, InstanceStatus | Missing],
    ) -> Changeset:
        observed = Observed("sha256:sim", statuses, skew_s=self.skew_s)
        first = Outline(desired, recorded, observed, now=self.now, options=Options())
        plans = {name: Done(PLAN) for name, _, _ in first.plans_to_read()}
        observed = replace(observed, plans=plans)
        return make_changeset(desired, recorded, observed, now=self.now, options=Options())

    def statuses(self, recorded: Recorded) -> dict[str, InstanceStatus | Missing]:
        """What JOB says about instances that run, and about those that failed last."""
        return {
            name: self.status(record.newest.instance_id)
            for name, record in recorded.launches.items()
            if record.newest.outcome in IN_FLIGHT | ENDED_BADLY
            and record.newest.instance_id is not None
        }

    # --- effects ------------------------------------------------------------------------------

    def perform(self, effect: Effect) -> Any:
        """Let `effect` happen, or not, as chance has it."""
        match effect:
            case Begin(ticket, call):
                return self.begin_call(ticket, call)
            case Await():
                return self.await_call()
            case Withdraw():
                return self.withdraw()
            case _:
                self.requests.append(type(effect).__name__)
                return self._perform(effect)

    def _perform(self, effect: Effect) -> Any:  # noqa: C901, PLR0912 - one case for each effect
        match effect:
            case Append(drafts, expected):
                self._check_claims(drafts, expected)
                return self.append(drafts, expected)
            case Mint(count):
                return tuple(f"{self.chance.getrandbits(128):032x}" for _ in range(count))
            case ReadClock():
                return Moment(self.now, self.monotonic_s, stop=self.happens(self.faults.stopped))
            case Wait(seconds):
                self.let_pass(seconds)
                return None
            case Probe():
                return Done(Capability.SINGLE_PHASE if self.older else Capability.TWO_PHASE)
            case ReadPlans(plans):
                return tuple(Done(PLAN) for _ in plans)
            case Prepare(requests, prepared_by):
                return tuple(
                    Unsent() if self.monotonic_s > prepared_by else self.create(item)
                    for item in requests
                )
            case ReadBack(instances):
                return tuple(self.maybe_lost(self.read_back(item)) for item in instances)
            case Start(requests, deadline):
                return tuple(self.start(item, deadline) for item in requests)
            case ReadStatus(instances):
                return tuple(self.maybe_lost(self.status(item.id)) for item in instances)
            case ReadSkew():
                return self.skew_s
            case Operate(requests, asked_by):
                late = self.monotonic_s > asked_by
                return tuple(Unsent() if late else self.maybe_lost(None) for _ in requests)
            case Find(searches):
                return tuple(self.maybe_lost(self.find(item.since)) for item in searches)
            case Begin() | Await() | Withdraw():
                raise AssertionError(effect)

    # --- rules --------------------------------------------------------------------------------

    def _check_claims(self, drafts: Iterable[Draft], expected: Head) -> None:
        claims = {Kind.INTENDED, Kind.STARTING, Kind.SUPERSEDED, Kind.ARCHIVED, Kind.PREPARED}
        if expected != self.head():
            return
        for draft in drafts:
            if draft.kind is Kind.ARCHIVED and self._is_in_flight(str(draft.name)):
                self.violations.append(f"{draft.name} is archived while it runs")
            if draft.kind in claims and self._open_session() != self._session:
                self.violations.append(f"{draft.kind} of {draft.name} outside an open session")

    def _is_in_flight(self, name: str) -> bool:
        record = self._present().launches.get(name)
        return record is not None and record.newest.outcome in IN_FLIGHT

    def _open_session(self) -> str | None:
        session: str | None = None
        for draft, _ in self._durable:
            if draft.kind is Kind.OPENED:
                session = draft.data["session"]
            elif draft.kind is Kind.CLOSED and draft.data["session"] == session:
                session = None
        return session

    def check_start(self, instance: SimInstance) -> None:
        """A START goes out only for what is verified, wanted, ready, on its way by the head, and not too soon."""
        owners = [
            (item.name, item.attempt)
            for item in self.durable(Kind.PREPARED)
            if item.data["instance"]["id"] == instance.id
        ]
        if len(owners) != 1:
            self.violations.append(f"{instance.id} is started and not recorded as prepared")
            return
        (owner,) = owners
        for kind in (Kind.STARTING, Kind.VERIFIED):
            if not self.durable(kind, *owner):
                self.violations.append(f"{instance.id} is started without a durable {kind}")
        asked = self._asked.get(owner, self.now)
        if (self.now - asked).total_seconds() > WINDOW_S + 0.2:
            self.violations.append(f"{instance.id} is started long after its record")
        if owner in self._behind:
            self.violations.append(f"{instance.id} is started though its record was not the head")
        last = self._last_start.get(instance.id)
        # Another session's clock begins at its own record, which may be older than the START by the window.
        if last is not None and self.now - last < timedelta(seconds=GRACE_S - WINDOW_S - 1):
            self.violations.append(f"{instance.id} is started again at once")
        self._last_start[instance.id] = self.now
        self._check_wanted(str(owner[0]), instance)

    def _check_wanted(self, name: str, instance: SimInstance) -> None:
        desired = self._desired[self._session]
        launch = desired.launches.get(name)
        if launch is None or launch.policy.suspend or launch.spec != instance.spec:
            self.violations.append(f"{instance.id} is started though {name} does not ask for it")
            return
        present = self._present()
        for need in launch.policy.needs:
            record = present.launches.get(need)
            if record is None or not record.is_in_sync(desired.launches[need].key):
                self.violations.append(f"{instance.id} is started though {need} is not in sync")

    def _present(self) -> Recorded:
        """What the durable events say, without a look at what a run believes."""
        present = Recorded()
        for draft, time in self._durable:
            present = fold(present, [_event(present.head, draft, time)])
        return present


def _event(head: Head, draft: Draft, time: datetime) -> Event:
    return Event(
        serial=head.serial + 1,
        id=f"{head.serial + 1:032x}",
        time=time,
        draft=draft,
        actor="sim",
        ci=None,
        commit=None,
        tool="sim",
        previous=head.hash,
        hash=f"sha256:{head.serial + 1}",
    )
