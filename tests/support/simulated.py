"""A JOB server, a ledger and a clock in memory, for driving the engine through every kind of trouble.

Everything that chance decides is drawn from one `random.Random`, so a seed replays a run.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from launcher.engine.decide import Observed, Options, make_changeset, plans_to_read
from launcher.engine.desired import Desired, Launch, Policy
from launcher.engine.effects import (
    Append,
    Appended,
    AppendOutcome,
    Done,
    Find,
    HeadMoved,
    Instance,
    Mint,
    Moment,
    Outcome,
    Prepare,
    PrepareRequest,
    Probe,
    ReadBack,
    ReadClock,
    ReadPlans,
    ReadStatus,
    Refused,
    Start,
    StartAnswer,
    StartExpired,
    StartRequest,
    Unknown,
    Wait,
)
from launcher.engine.events import NO_HEAD, Draft, Event, Head, Kind
from launcher.engine.execute import execute
from launcher.engine.observed import (
    Candidate,
    Capability,
    FrozenCopy,
    InstanceRef,
    InstanceStatus,
    JobPlan,
    Missing,
    PlanPin,
    PlanVariable,
    Status,
    StepStatus,
    VariableKind,
)
from launcher.engine.progress import with_observed
from launcher.engine.recorded import IN_FLIGHT, Recorded, fold
from launcher.engine.report import Limits, Order, Report
from launcher.engine.spec import EffectiveSpec, Scope, Variable, digest_of
from launcher.model.documents import Environment

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from random import Random

    from launcher.engine.changeset import Changeset
    from launcher.engine.effects import Effect
    from launcher.engine.run import Flow

SCOPE = Scope("biz", "2")
ENVIRONMENT = Environment("rehearsal", "sandbox", SCOPE)
MARKER = "LAUNCH_KEY"
DAWN = datetime(2026, 1, 1, tzinfo=UTC)


class Crash(BaseException):
    """The process dies here; nothing catches it but the simulation."""


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
    environment = replace(ENVIRONMENT, allow_single_phase=single_phase)
    return Desired(environment, {item.name: item for item in launches})


@dataclass
class SimInstance:
    """One instance of the simulated JOB."""

    id: int
    spec: EffectiveSpec
    marker: str | None
    created: datetime
    visible_from: datetime
    ending: int
    duration: timedelta
    status: int = Status.BLANK
    begun: int = 0
    starts_sent: int = 0
    answered_in: str | None = None
    starts_queued: list[datetime] = field(default_factory=list)
    started: datetime | None = None
    ended: datetime | None = None


@dataclass
class Faults:
    """How likely each kind of trouble is, from 0 to 1."""

    lost_before: float = 0.0
    lost_after: float = 0.0
    refused: float = 0.0
    connection_refused: float = 0.0
    full: float = 0.0
    read_lost: float = 0.0
    start_lost: float = 0.0
    bad_ending: float = 0.0
    interjected: float = 0.0
    slow_append: float = 0.0


class World:
    """All that is outside the engine.

    Attributes:
        chance: where every decision is drawn from.
        faults: the trouble to expect.
        fuse: how many effects until the process dies; `None` for never.
        late: it dies after that effect took hold, not before.
        forget: kinds of events that are acknowledged and never become durable.
        older: the server ignores that an instance is to stay un-started.
    """

    def __init__(
        self,
        chance: Random,
        faults: Faults | None = None,
        *,
        forget: frozenset[Kind] = frozenset(),
        older: bool = False,
    ) -> None:
        self.chance = chance
        self.faults = faults or Faults()
        self.fuse: int | None = None
        self.late = False
        self.forget = forget
        self.older = older
        self.now = DAWN
        self.monotonic_s = 0.0
        self.effects = 0
        self.instances: dict[int, SimInstance] = {}
        self.requests: list[str] = []
        self.violations: list[str] = []
        self._durable: list[tuple[Draft, datetime]] = []
        self._events: list[Event] = []
        self._drawn = 0
        self._session = ""
        self._turned_down: set[tuple[str, str]] = set()
        self.clean_sessions: set[str] = set()

    # --- the ledger ---------------------------------------------------------------------------

    def recorded(self) -> Recorded:
        """What a process that starts now reads: only what is durable."""
        self._events = []
        for draft, time in self._durable:
            self._chain(draft, time)
        return fold(Recorded(), self._events)

    def head(self) -> Head:
        return self._events[-1].head if self._events else NO_HEAD

    def append(self, drafts: Iterable[Draft], expected: Head) -> AppendOutcome:
        if self._happens(self.faults.interjected):
            self._write([Draft(Kind.ANCHORED)])
        if expected != self.head():
            return HeadMoved(tuple(self._events[expected.serial :]))
        if self._happens(self.faults.slow_append):
            self.let_pass(10)
        return Appended(self._write(drafts))

    def _write(self, drafts: Iterable[Draft]) -> tuple[Event, ...]:
        wanted = list(drafts)
        kept = (item for item in wanted if item.kind not in self.forget)
        self._durable.extend((item, self.now) for item in kept)
        return tuple(self._chain(item, self.now) for item in wanted)

    def _chain(self, draft: Draft, time: datetime) -> Event:
        head = self.head()
        event = Event(
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

    # --- a run --------------------------------------------------------------------------------

    def changeset(self, desired: Desired) -> Changeset:
        """What a diff would show now; nothing goes wrong on the way."""
        recorded = self.recorded()
        return self._changeset(desired, recorded, self._statuses(recorded))

    def run(
        self, desired: Desired, *, wait: bool = True, parallelism: int = 1, marker: bool = True
    ) -> Report:
        """One apply of `desired`, from reading the ledger to the end of the run, or to its death."""
        recorded = self._born(self.recorded())
        statuses = self._statuses(recorded)
        _, notes = with_observed(recorded, statuses, self.now, desired.keys)
        self._drawn += 1
        self._session = f"session-{self._drawn}"
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
            limits=Limits(parallelism=parallelism, start_grace_s=20, start_limit_s=120),
        )
        report = self.drive(execute(order))
        self.clean_sessions.add(self._session)
        return report

    def drive(self, flow: Flow[Report]) -> Report:
        """Perform effects until the flow ends."""
        outcome: Any = None
        while True:
            try:
                effect = flow.send(outcome)
            except StopIteration as end:
                report: Report = end.value
                return report
            outcome = self._step(effect)

    def _step(self, effect: Effect) -> Any:
        self.effects += 1
        dies = self.fuse is not None and self.effects >= self.fuse
        if dies and not self.late:
            raise Crash
        self.let_pass(0.1)
        outcome = self.perform(effect)
        if dies:
            raise Crash
        return outcome

    def heal(self) -> None:
        """From here on nothing goes wrong."""
        self.faults = Faults()
        self.fuse = None

    def _born(self, recorded: Recorded) -> Recorded:
        if recorded.lineage is not None:
            return recorded
        self._write([Draft(Kind.CREATED, data={"lineage": "sim"})])
        return self.recorded()

    def _changeset(
        self,
        desired: Desired,
        recorded: Recorded,
        statuses: Mapping[str, InstanceStatus | Missing],
    ) -> Changeset:
        observed = Observed("sha256:sim", statuses)
        first = make_changeset(desired, recorded, observed, now=self.now, options=Options())
        plans = {name: Done(PLAN) for name, _, _ in plans_to_read(first)}
        observed = replace(observed, plans=plans)
        return make_changeset(desired, recorded, observed, now=self.now, options=Options())

    def _statuses(self, recorded: Recorded) -> dict[str, InstanceStatus | Missing]:
        return {
            name: self._status(record.newest.instance_id)
            for name, record in recorded.launches.items()
            if record.newest.outcome in IN_FLIGHT and record.newest.instance_id is not None
        }

    # --- effects ------------------------------------------------------------------------------

    def perform(self, effect: Effect) -> Any:  # noqa: C901 - one case for each effect
        """Let `effect` happen, or not, as chance has it."""
        self.requests.append(type(effect).__name__)
        match effect:
            case Append(drafts, expected):
                self._check_claims(drafts)
                return self.append(drafts, expected)
            case Mint(count):
                return tuple(f"{self.chance.getrandbits(128):032x}" for _ in range(count))
            case ReadClock():
                return Moment(self.now, self.monotonic_s)
            case Wait(seconds):
                self.let_pass(seconds)
                return None
            case Probe():
                return Done(Capability.SINGLE_PHASE if self.older else Capability.TWO_PHASE)
            case ReadPlans(plans):
                return tuple(Done(PLAN) for _ in plans)
            case Prepare(requests):
                return tuple(self._prepare(item) for item in requests)
            case ReadBack(instances):
                return tuple(self._maybe_lost(self._read_back(item)) for item in instances)
            case Start(requests, deadline):
                return tuple(self._start(item, deadline) for item in requests)
            case ReadStatus(instances):
                return tuple(self._maybe_lost(self._status(item.id)) for item in instances)
            case Find(searches):
                return tuple(self._maybe_lost(self._find(item.since)) for item in searches)

    def _check_claims(self, drafts: Iterable[Draft]) -> None:
        for draft in drafts:
            if draft.kind is Kind.INTENDED and self._open_session() != self._session:
                self.violations.append(f"{draft.name} was intended outside an open session")

    def _open_session(self) -> str | None:
        session: str | None = None
        for draft, _ in self._durable:
            if draft.kind is Kind.OPENED:
                session = draft.data["session"]
            elif draft.kind is Kind.CLOSED:
                session = None
        return session

    def _prepare(self, request: PrepareRequest) -> Outcome[Instance]:
        asked = (request.marker or ("", "///"))[1].split("/")[2], digest_of(request.spec.to_data())
        if asked in self._turned_down:
            self.violations.append(f"{asked[0]} is asked for again after JOB had refused it")
        if self._happens(self.faults.full):
            return Refused("quota", 1244032, full=True)
        if self._happens(self.faults.refused):
            self._turned_down.add(asked)
            return Refused("host unknown", 1244030)
        if self._happens(self.faults.connection_refused):
            return Refused("connection refused")
        if self._happens(self.faults.lost_before):
            return Unknown("no answer")
        lost = self._happens(self.faults.lost_after)
        created = self._create(request, late_s=self.chance.choice((0, 0, 90)) if lost else 0)
        return Unknown("no answer") if lost else Done(Instance(created.id, PLAN.pin.name))

    def _create(self, request: PrepareRequest, late_s: int) -> SimInstance:
        ending = Status.SUCCESS
        if self._happens(self.faults.bad_ending):
            ending = self.chance.choice((Status.FAIL, Status.STOP_SUCCESS, Status.ABNORMAL))
        created = SimInstance(
            id=20_000_000_001 + len(self.instances),
            spec=request.spec,
            marker=request.marker[1] if request.marker else None,
            created=self.now,
            visible_from=self.now + timedelta(seconds=late_s),
            ending=ending,
            duration=timedelta(seconds=self.chance.randint(0, 8)),
        )
        self.instances[created.id] = created
        if request.start or self.older:
            created.starts_queued.append(self.now)
        return created

    def _start(
        self, request: StartRequest, deadline_s: float
    ) -> Outcome[StartAnswer] | StartExpired:
        if self.monotonic_s > deadline_s:
            return StartExpired()
        if self._happens(self.faults.connection_refused):
            return Refused("connection refused")
        if self._happens(self.faults.lost_before):
            return Unknown("no answer")
        instance = self.instances[request.instance.id]
        self._check_start(instance)
        instance.starts_sent += 1
        answer = StartAnswer.ACCEPTED
        if self._at_now(instance).status != Status.BLANK:
            answer = StartAnswer.ALREADY
        elif not self._happens(self.faults.start_lost):
            lag = timedelta(seconds=self.chance.choice((0, 1, 5, 30)))
            instance.starts_queued.append(self.now + lag)
        if self._happens(self.faults.lost_after):
            return Unknown("no answer")
        instance.answered_in = self._session
        return Done(answer)

    def _check_start(self, instance: SimInstance) -> None:
        """A START goes out only for what the durable record says is verified and on its way."""
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

    def _read_back(self, ref: InstanceRef) -> FrozenCopy | Missing:
        status = self._status(ref.id)
        if isinstance(status, Missing):
            return status
        instance = self.instances[ref.id]
        texts = {item.name: item.value for item in instance.spec.variables}
        if instance.marker is not None:
            texts[MARKER] = instance.marker
        return FrozenCopy(status, {k: str(v) for k, v in texts.items()}, (), ())

    def _find(self, since: datetime) -> tuple[Candidate, ...]:
        return tuple(
            Candidate(item.id, self._at_now(item).status, has_steps=True, marker=item.marker)
            for item in self.instances.values()
            if item.visible_from <= self.now and item.created >= since
        )

    def _status(self, instance_id: int) -> InstanceStatus | Missing:
        if instance_id not in self.instances:
            return Missing(instance_id)
        instance = self._at_now(self.instances[instance_id])
        return InstanceStatus(
            id=instance.id,
            name=PLAN.pin.name,
            status=instance.status,
            finished=instance.ended is not None,
            created=instance.created,
            started=instance.started,
            ended=instance.ended,
            steps=(StepStatus(1, "step", "script", instance.status),),
        )

    def _at_now(self, instance: SimInstance) -> SimInstance:
        """Let the engine of JOB catch up: START messages are consumed, running steps end."""
        due = [at for at in instance.starts_queued if at <= self.now]
        if due and instance.status == Status.BLANK:
            instance.status, instance.started = Status.RUNNING, min(due)
            instance.begun += 1
        instance.starts_queued = [at for at in instance.starts_queued if at > self.now]
        if instance.status == Status.RUNNING and instance.started is not None:
            ends = instance.started + instance.duration
            if ends <= self.now:
                instance.status, instance.ended = instance.ending, ends
        return instance

    def _maybe_lost(self, value: Any) -> Any:
        return Unknown("no answer") if self._happens(self.faults.read_lost) else Done(value)

    def _happens(self, likelihood: float) -> bool:
        return likelihood > 0 and self.chance.random() < likelihood

    def let_pass(self, seconds: float) -> None:
        """Let time pass on both clocks."""
        self.now += timedelta(seconds=seconds)
        self.monotonic_s += seconds

    # --- what must hold -----------------------------------------------------------------------

    def settle_everything(self) -> None:
        """Let a long time pass, so that whatever was going to begin has begun and ended."""
        self.let_pass(3600)
        for instance in self.instances.values():
            self._at_now(instance)
            self._at_now(instance)


PLAN = JobPlan(
    PlanPin(1000, "Deploy web", "v1:sha256:0", "2026-01-01T00:00:00Z"),
    (
        PlanVariable(1, "version", VariableKind.STRING, required=False),
        PlanVariable(2, MARKER, VariableKind.STRING, required=False),
    ),
    (),
)
