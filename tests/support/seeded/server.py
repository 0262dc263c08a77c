"""JOB in memory: what it creates, what its queue does with a START, and what people do on its pages.

Times are seconds of the world's own time, which is also JOB's clock.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from launcher.engine.effects import Done, Instance, Outcome, Refused, StartAnswer, Unknown
from launcher.engine.observed import (
    Candidate,
    FrozenCopy,
    InstanceStatus,
    JobPlan,
    Missing,
    PlanPin,
    PlanVariable,
    Status,
    Step,
    VariableKind,
)
from launcher.engine.recorded import OperationKind
from launcher.engine.spec import EffectiveSpec, PlanName, PlanReference, Scope, Variable
from tests.support.seeded.instances import SimInstance
from tests.support.seeded.times import at

if TYPE_CHECKING:
    from datetime import datetime
    from random import Random

    from launcher.engine.effects import OperationRequest, PrepareRequest
    from tests.support.seeded.troubles import Troubles

__all__ = ["CONFIRMED", "MARKER", "PLAIN", "SCOPE", "Server"]

SCOPE = Scope("biz", "2")
MARKER = "LAUNCH_KEY"
PLAIN, CONFIRMED = 1000, 2000
"""Job plans: one with a script step alone, and one that asks a person before its script."""

OF_OTHERS = "sim/rehearsal/of-others/0"
_FIRST_ID = 20_000_000_001
_NAMES = {PLAIN: "Deploy web", CONFIRMED: "Deploy web with leave"}


class Server:
    """One JOB server.

    Attributes:
        t: the time, in seconds.
        older: it ignores that an instance is to stay un-started, and says so when it is asked.
        instances: by id.
        refusals: how often it refused to create an instance, by launch name.
    """

    def __init__(self, chance: Random, troubles: Troubles, *, older: bool) -> None:
        self.chance = chance
        self.troubles = troubles
        self.older = older
        self.t = 0.0
        self.instances: dict[int, SimInstance] = {}
        self.refusals: dict[str, int] = {}
        self.edits = 0
        self._backlog_s = 0.0
        self._plans = {plan: _plan(plan, 0) for plan in _NAMES}

    def happens(self, likelihood: float) -> bool:
        """Whether it does, this time."""
        return likelihood > 0 and self.chance.random() < likelihood

    # --- job plans ----------------------------------------------------------------------------

    def plan(self, reference: PlanReference) -> JobPlan:
        """The job plan as it is now."""
        plan = self._id_of(reference)
        if self.happens(self.troubles.plan_edited):
            self.edits += 1
            self._plans[plan] = _plan(plan, self.edits)
        return self._plans[plan]

    def _id_of(self, reference: PlanReference) -> int:
        if not isinstance(reference, PlanName):
            return reference
        (found,) = [
            plan_id for plan_id, plan in self._plans.items() if plan.pin.name == reference.name
        ]
        return found

    # --- create -------------------------------------------------------------------------------

    def create(self, request: PrepareRequest) -> Outcome[Instance]:
        """`execute_job_plan`."""
        troubles = self.troubles
        name = request.marker[1].split("/")[2] if request.marker else ""
        if self.happens(troubles.full):
            return Refused("quota", 1244032, full=True)
        if self.happens(troubles.refused):
            self.refusals[name] = self.refusals.get(name, 0) + 1
            return Refused("host unknown", 1244030)
        if self.happens(troubles.connection_refused):
            return Refused("connection refused")
        if self.happens(troubles.others):
            self.insert(request.spec, OF_OTHERS, 0)
        if self.happens(troubles.lost_before):
            return Unknown("no answer")
        lost = self.happens(troubles.lost_after)
        late_s = self.chance.choice((5, 90)) if lost and self.happens(troubles.late) else 0
        made = self._create(request, late_s)
        return Unknown("no answer") if lost else Done(Instance(made.id, made.plan.pin.name))

    def _create(self, request: PrepareRequest, late_s: float) -> SimInstance:
        spec = request.spec
        if self.happens(self.troubles.tampered):
            spec = EffectiveSpec(spec.scope, spec.plan, (Variable("version", "tampered"),))
        made = self.insert(spec, request.marker[1] if request.marker else None, late_s)
        made.unheld = not request.start and (
            self.older or self.happens(self.troubles.not_held_back)
        )
        if request.start or made.unheld:
            made.queue.append((made.created_s, "us" if request.start else "itself"))
        return made

    def insert(self, spec: EffectiveSpec, marker: str | None, late_s: float) -> SimInstance:
        """A new instance, un-started, that exists after `late_s`."""
        ending: int = Status.SUCCESS
        if self.happens(self.troubles.bad_ending):
            ending = self.chance.choice((Status.FAIL, Status.ABNORMAL, Status.ABANDONED))
        made = SimInstance(
            id=_FIRST_ID + len(self.instances),
            spec=spec,
            marker=marker,
            plan=self._plans[self._id_of(spec.plan)],
            created_s=self.t + late_s,
            ending=ending,
            lasts_s=self.chance.choice((0.0, 2.0, 8.0, 40.0)),
            meets=self.happens(self.troubles.meeting),
        )
        self.instances[made.id] = made
        return made

    # --- start and operate --------------------------------------------------------------------

    def start(self, instance: SimInstance) -> Outcome[StartAnswer]:
        """`operate_job_instance` with code 2; whether it may be sent was judged before."""
        if self.happens(self.troubles.lost_before):
            instance.sent.append((self.t, False))
            return Unknown("no answer")
        lost = self.happens(self.troubles.lost_after)
        instance.sent.append((self.t, not lost))
        if instance.gone:
            return Refused("no such instance", 1244006)
        if self.at_now(instance).status != Status.BLANK:
            return Unknown("no answer") if lost else Done(StartAnswer.ALREADY)
        self._enqueue(instance, "us")
        return Unknown("no answer") if lost else Done(StartAnswer.ACCEPTED)

    def _enqueue(self, instance: SimInstance, who: str) -> None:
        if self.happens(self.troubles.start_lost):
            return
        if self._backlog_s <= self.t and self.happens(self.troubles.backlog):
            self._backlog_s = self.t + self.chance.choice((10, 60, 400))
        due = max(self._backlog_s, self.t + self.chance.choice((0, 0.5, 3)))
        copies = 2 if self.happens(self.troubles.doubled) else 1
        instance.queue.extend([(due, who)] * copies)

    def operate(self, request: OperationRequest) -> Outcome[None]:
        """`operate_job_instance` with code 1, and `operate_step_instance`."""
        if self.happens(self.troubles.connection_refused):
            return Refused("connection refused")
        if self.happens(self.troubles.lost_before):
            return Unknown("no answer")
        instance = self.instances[request.instance.id]
        if instance.gone:
            return Refused("no such instance", 1244006)
        if not self._operate(self.at_now(instance), request.kind):
            return Refused("the status does not allow it", 1241003)
        return Unknown("no answer") if self.happens(self.troubles.lost_after) else Done(None)

    def meddle(self) -> str | None:
        """Let somebody do something to an instance on JOB's pages; says what."""
        there = [item for item in self.instances.values() if self._is_there(item)]
        if not there:
            return None
        instance = self.at_now(self.chance.choice(there))
        if instance.status == Status.BLANK:
            if instance.queue:
                return None
            instance.queue.append((self.t, "person"))
            return f"somebody starts {instance.id}"
        if self._operate(instance, OperationKind.TERMINATE):
            return f"somebody terminates {instance.id}"
        if self._operate(instance, OperationKind.RETRY_FAILED_HOSTS):
            return f"somebody retries {instance.id}"
        return None

    def agree_to_all(self) -> None:
        """Let people answer whatever waits for them, also what was terminated while it waited."""
        for instance in self.instances.values():
            self.at_now(instance)
            self._operate(instance, OperationKind.CONTINUE)
            if instance.stops_s == float("inf"):
                instance.stops_s = self.t

    def strangers(self) -> tuple[int, ...]:
        """Instances that other clients have started."""
        return tuple(
            item.id
            for item in self.instances.values()
            if item.begun and not item.gone and (item.marker or "").endswith(OF_OTHERS)
        )

    # --- read ---------------------------------------------------------------------------------

    def status(self, number: int) -> InstanceStatus | Missing:
        """`get_job_instance_status`."""
        instance = self.instances.get(number)
        if instance is None or instance.created_s > self.t:
            return Missing(number)
        if self.happens(self.troubles.forgotten):
            instance.gone = True
        if instance.gone:
            return Missing(number)
        return self.at_now(instance).as_read()

    def read_back(self, number: int) -> FrozenCopy | Missing:
        """What is frozen in an instance."""
        status = self.status(number)
        if isinstance(status, Missing):
            return status
        instance = self.instances[number]
        texts = {item.name: str(item.value) for item in instance.spec.variables}
        if instance.marker is not None:
            texts[MARKER] = instance.marker
        return FrozenCopy(status, texts, instance.plan.steps, ())

    def find(self, plan: int, since: datetime, until: datetime) -> tuple[Candidate, ...]:
        """The instances of a job plan that were created in a window."""
        return tuple(
            Candidate(
                item.id,
                self.at_now(item).status,
                has_steps=True,
                marker=item.marker,
                created=at(item.created_s),
                operator="sim",
            )
            for item in self.instances.values()
            if self._is_there(item)
            and item.plan.pin.id == plan
            and since <= at(item.created_s) <= until
        )

    def _is_there(self, instance: SimInstance) -> bool:
        return instance.created_s <= self.t and not instance.gone

    # --- what JOB's engine does meanwhile -----------------------------------------------------

    def at_now(self, instance: SimInstance) -> SimInstance:
        """Let JOB catch up with the time."""
        instance.catch_up(self.t)
        return instance

    def _operate(self, instance: SimInstance, kind: OperationKind) -> bool:
        return instance.operate(kind, self.t, goes_well=self.chance.random() < 0.6)

    def settle_everything(self) -> None:
        """Let a long time pass, so that whatever was going to begin has begun and ended."""
        self.t += 7200
        for instance in self.instances.values():
            for _ in range(3):
                self.at_now(instance)


def _plan(plan: int, edits: int) -> JobPlan:
    script = Step("deploy", "script", {"script": f"deploy {edits}"})
    leave = Step("ask", "approval", {"message": "go on?"})
    names: tuple[Any, ...] = ("version", MARKER)
    return JobPlan(
        PlanPin(plan, _NAMES[plan], f"v1:sha256:{plan}-{edits}", f"2026-01-01T00:00:{edits:02}Z"),
        tuple(
            PlanVariable(number, name, VariableKind.STRING, required=False)
            for number, name in enumerate(names, start=1)
        ),
        (script,) if plan == PLAIN else (leave, script),
    )
