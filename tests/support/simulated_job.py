"""A JOB server in memory that can go wrong in every way that the protocol is made for.

Everything that chance decides is drawn from one `random.Random`, so a seed replays a life.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from launcher.engine.effects import (
    Done,
    Instance,
    Outcome,
    PrepareRequest,
    Refused,
    StartAnswer,
    StartRequest,
    Unknown,
    Unsent,
)
from launcher.engine.observed import (
    Candidate,
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
from launcher.engine.spec import EffectiveSpec, Scope, Variable, digest_of

if TYPE_CHECKING:
    from random import Random

SCOPE = Scope("biz", "2")
MARKER = "LAUNCH_KEY"
DAWN = datetime(2026, 1, 1, tzinfo=UTC)

PLAN = JobPlan(
    PlanPin(1000, "Deploy web", "v1:sha256:0", "2026-01-01T00:00:00Z"),
    (
        PlanVariable(1, "version", VariableKind.STRING, required=False),
        PlanVariable(2, MARKER, VariableKind.STRING, required=False),
    ),
    (),
)


@dataclass
class SimInstance:
    """One instance of the simulated JOB.

    Attributes:
        begun: how often its steps began to run.
        sent_at: when each START left for JOB, whether it arrived or not.
        answered_in: the session that heard JOB take a START.
        gone: JOB has deleted its history.
        by_itself: it began although it was to be held back.
    """

    id: int
    spec: EffectiveSpec
    marker: str | None
    created: datetime
    visible_from: datetime
    ending: int
    duration: timedelta
    status: int = Status.BLANK
    begun: int = 0
    sent_at: list[datetime] = field(default_factory=list)
    answered_in: str | None = None
    starts_queued: list[datetime] = field(default_factory=list)
    started: datetime | None = None
    ended: datetime | None = None
    gone: bool = False
    by_itself: bool = False


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
    overtaken: float = 0.0
    ledger_lost: float = 0.0
    tampered: float = 0.0
    forgotten: float = 0.0
    others: float = 0.0
    not_held_back: float = 0.0
    stopped: float = 0.0
    meeting: float = 0.0


class SimulatedJob:
    """The JOB half of a world.

    Attributes:
        chance: where every decision is drawn from.
        faults: the trouble to expect.
        older: the server ignores that an instance is to stay un-started, and says so when it is asked.
        violations: what must never happen and did, in words.
        refusals: how often JOB refused to create an instance, by launch name.
        turned_down: launches, by name and digest, whose refusal a run was told is on record.
    """

    def __init__(
        self, chance: Random, faults: Faults | None = None, *, older: bool = False
    ) -> None:
        self.chance = chance
        self.faults = faults or Faults()
        self.older = older
        self.now = DAWN
        self.monotonic_s = 0.0
        self.instances: dict[int, SimInstance] = {}
        self.violations: list[str] = []
        self.refusals: Counter[str] = Counter()
        self.turned_down: set[tuple[str, str]] = set()
        self._session = ""

    # --- chance and time ----------------------------------------------------------------------

    def happens(self, likelihood: float) -> bool:
        return likelihood > 0 and self.chance.random() < likelihood

    def let_pass(self, seconds: float) -> None:
        """Let time pass on both clocks."""
        self.now += timedelta(seconds=seconds)
        self.monotonic_s += seconds

    def maybe_lost(self, value: Any) -> Any:
        return Unknown("no answer") if self.happens(self.faults.read_lost) else Done(value)

    def lag_s(self) -> float:
        """How long a START waits in JOB's queue."""
        return self.chance.choice((0, 1, 5, 30))

    def duration_s(self) -> float:
        """How long an instance runs."""
        return self.chance.randint(0, 8)

    def settle_everything(self) -> None:
        """Let a long time pass, so that whatever was going to begin has begun and ended."""
        self.let_pass(3600)
        for instance in self.instances.values():
            self._at_now(instance)
            self._at_now(instance)

    # --- create -------------------------------------------------------------------------------

    def create(self, request: PrepareRequest) -> Outcome[Instance]:
        """`execute_job_plan`."""
        name = (request.marker or ("", "///"))[1].split("/")[2]
        asked = name, digest_of(request.spec.to_data())
        if asked in self.turned_down:
            self.violations.append(f"{name} is asked for again after JOB had refused it")
        if self.happens(self.faults.full):
            return Refused("quota", 1244032, full=True)
        if self.happens(self.faults.refused):
            self.refusals[name] += 1
            return Refused("host unknown", 1244030)
        if self.happens(self.faults.connection_refused):
            return Refused("connection refused")
        if self.happens(self.faults.others):
            self.insert(request.spec, "sim/rehearsal/of-others/0")
        if self.happens(self.faults.lost_before):
            return Unknown("no answer")
        lost = self.happens(self.faults.lost_after)
        created = self._create(request, late_s=self.chance.choice((0, 0, 90)) if lost else 0)
        return Unknown("no answer") if lost else Done(Instance(created.id, PLAN.pin.name))

    def _create(self, request: PrepareRequest, late_s: float) -> SimInstance:
        spec = request.spec
        if self.happens(self.faults.tampered):
            spec = EffectiveSpec(spec.scope, spec.plan, (Variable("version", "tampered"),))
        not_held_back = self.happens(self.faults.not_held_back)
        # Of an instance that starts by itself and is seen late nobody can know in time.
        late_s = 0 if not_held_back else late_s
        created = self.insert(spec, request.marker[1] if request.marker else None, late_s)
        created.by_itself = not_held_back and not request.start
        if request.start or self.older or not_held_back:
            created.starts_queued.append(self.now)
        return created

    def insert(self, spec: EffectiveSpec, marker: str | None, late_s: float = 0) -> SimInstance:
        """A new instance, un-started; the list shows it after `late_s`."""
        ending = Status.SUCCESS
        if self.happens(self.faults.bad_ending):
            ending = self.chance.choice((Status.FAIL, Status.STOP_SUCCESS, Status.ABNORMAL))
        created = SimInstance(
            id=20_000_000_001 + len(self.instances),
            spec=spec,
            marker=marker,
            created=self.now,
            visible_from=self.now + timedelta(seconds=late_s),
            ending=ending,
            duration=timedelta(seconds=self.duration_s()),
        )
        self.instances[created.id] = created
        return created

    # --- start --------------------------------------------------------------------------------

    def start(self, request: StartRequest, deadline_s: float) -> Outcome[StartAnswer] | Unsent:
        """`operate_job_instance` with code 2."""
        if self.monotonic_s > deadline_s:
            return Unsent()
        if self.happens(self.faults.connection_refused):
            return Refused("connection refused")
        instance = self.instances[request.instance.id]
        self.check_start(instance)
        instance.sent_at.append(self.now)
        if self.happens(self.faults.lost_before):
            return Unknown("no answer")
        answer = StartAnswer.ACCEPTED
        if instance.gone:
            return Refused("no such instance", 1244006)
        if self._at_now(instance).status != Status.BLANK:
            answer = StartAnswer.ALREADY
        elif not self.happens(self.faults.start_lost):
            instance.starts_queued.append(self.now + timedelta(seconds=self.lag_s()))
        if self.happens(self.faults.lost_after):
            return Unknown("no answer")
        instance.answered_in = self._session
        return Done(answer)

    def check_start(self, instance: SimInstance) -> None:
        """Say what speaks against a START that is about to be sent."""
        raise NotImplementedError

    # --- read ---------------------------------------------------------------------------------

    def read_back(self, ref: InstanceRef) -> FrozenCopy | Missing:
        status = self.status(ref.id)
        if isinstance(status, Missing):
            return status
        instance = self.instances[ref.id]
        texts = {item.name: str(item.value) for item in instance.spec.variables}
        if instance.marker is not None:
            texts[MARKER] = instance.marker
        return FrozenCopy(status, texts, (), ())

    def find(self, since: datetime) -> tuple[Candidate, ...]:
        return tuple(
            Candidate(item.id, self._at_now(item).status, has_steps=True, marker=item.marker)
            for item in self.instances.values()
            if item.visible_from <= self.now and item.created >= since and not item.gone
        )

    def status(self, instance_id: int) -> InstanceStatus | Missing:
        instance = self.instances.get(instance_id)
        if instance is None:
            return Missing(instance_id)
        if self.happens(self.faults.forgotten):
            instance.gone = True
        self._at_now(instance)
        if instance.gone:
            return Missing(instance_id)
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
            # Two STARTs that meet end a running instance with a false status.
            if len(due) > 1 and self.happens(self.faults.meeting):
                instance.ending = Status.ABNORMAL
        instance.starts_queued = [at for at in instance.starts_queued if at > self.now]
        if instance.status == Status.RUNNING and instance.started is not None:
            ends = instance.started + instance.duration
            if ends <= self.now:
                instance.status, instance.ended = instance.ending, ends
        return instance
