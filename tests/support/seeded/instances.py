"""One instance of the simulated JOB: what its queue and its engine make of it as time goes on."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from launcher.engine.observed import InstanceStatus, Status, StepStatus
from launcher.engine.recorded import OperationKind
from tests.support.seeded.times import at

if TYPE_CHECKING:
    from launcher.engine.observed import JobPlan
    from launcher.engine.spec import EffectiveSpec

__all__ = ["RETRYABLE", "SimInstance"]

RETRYABLE = (Status.FAIL, Status.ABNORMAL, Status.STOP_SUCCESS)
_AT_ONCE_S = 1.0
_STOPS_IN_S = 4.0


@dataclass(slots=True)
class SimInstance:
    """One instance.

    Attributes:
        plan: the job plan as it was when the instance was created.
        created_s: from when on it exists.
        ending: the status it will end with.
        begun: how often its steps began on the hosts without anybody having asked for it on JOB's pages.
        begun_by: who had it begin: `us`, `itself` or `person`.
        retried: how often somebody had it run again.
        went_on: somebody carried on with it after its end.
        sent: when each START of ours was handed to the socket, and whether its answer came back.
        queue: when each START in JOB's queue will be consumed.
        stops_s: when a termination takes hold; infinite while it waits for a person first.
        agreed: a person has let it go on.
        meets: two STARTs that are consumed at once end it with status 9.
        gone: JOB has deleted it.
        unheld: it was to be held back, and the server started it.
    """

    id: int
    spec: EffectiveSpec
    marker: str | None
    plan: JobPlan
    created_s: float
    ending: int
    lasts_s: float
    status: int = Status.BLANK
    begun: int = 0
    begun_by: str = ""
    retried: int = 0
    went_on: bool = False
    sent: list[tuple[float, bool]] = field(default_factory=list)
    queue: list[tuple[float, str]] = field(default_factory=list)
    started_s: float | None = None
    ended_s: float | None = None
    stops_s: float | None = None
    agreed: bool = False
    meets: bool = False
    gone: bool = False
    unheld: bool = False

    @property
    def name(self) -> str:
        """The launch that its marker names; empty without a marker."""
        return self.marker.split("/")[2] if self.marker else ""

    @property
    def asks(self) -> bool:
        """Whether it still has to wait for a person."""
        return len(self.plan.steps) > 1 and not self.agreed

    def catch_up(self, t: float) -> None:
        """Let JOB do what it has done until `t`: STARTs are consumed, running steps end."""
        if self.queue:
            self._consume(t)
        if self.status == Status.STOPPING and self.stops_s is not None and self.stops_s <= t:
            self.status, self.ended_s = Status.STOP_SUCCESS, self.stops_s
        if self.status == Status.RUNNING and self.started_s is not None:
            ends_s = self.started_s + self.lasts_s
            if ends_s <= t:
                self.ended_s = None if self.asks else ends_s
                self.status = Status.WAITING_USER if self.asks else self.ending

    def _consume(self, t: float) -> None:
        due = sorted(item for item in self.queue if item[0] <= t)
        self.queue = [item for item in self.queue if item[0] > t]
        # JOB drops a START of an instance that has left status 1.
        if not due or self.status != Status.BLANK:
            return
        first_s, self.begun_by = due[0]
        self.status, self.started_s = Status.RUNNING, first_s
        self.begun += 1
        if self.meets and len(due) > 1 and due[1][0] - first_s < _AT_ONCE_S:
            # The commands run once, and the instance ends with a status that says nothing about them.
            self.ending = Status.ABNORMAL

    def operate(self, kind: OperationKind, t: float, *, goes_well: bool) -> bool:
        """Do what a person or a process asks for; false where the status does not allow it."""
        match kind, self.status:
            case OperationKind.TERMINATE, Status.RUNNING | Status.WAITING_USER:
                waits = self.status == Status.WAITING_USER
                self.stops_s = float("inf") if waits else t + _STOPS_IN_S
                self.status = Status.STOPPING
            case OperationKind.RETRY_FAILED_HOSTS, status if status in RETRYABLE:
                self.status, self.started_s, self.ended_s = Status.RUNNING, t, None
                self.retried += 1
                self.went_on = True
                self.ending = Status.SUCCESS if goes_well else Status.FAIL
            case OperationKind.CONTINUE, Status.WAITING_USER:
                self.agreed, self.status, self.started_s = True, Status.RUNNING, t
            case OperationKind.END, Status.WAITING_USER:
                self.status, self.ended_s = Status.CONFIRM_TERMINATED, t
            case OperationKind.RESTART, Status.CONFIRM_TERMINATED:
                self.status, self.ended_s, self.went_on = Status.WAITING_USER, None, True
            case _:
                return False
        return True

    def as_read(self) -> InstanceStatus:
        """What `get_job_instance_status` says."""
        return InstanceStatus(
            id=self.id,
            name=self.plan.pin.name,
            status=self.status,
            finished=self.ended_s is not None,
            created=at(self.created_s),
            started=None if self.started_s is None else at(self.started_s),
            ended=None if self.ended_s is None else at(self.ended_s),
            steps=tuple(
                StepStatus(
                    self.id * 10 + number, step.name, step.kind, self._at_step(number), self.retried
                )
                for number, step in enumerate(self.plan.steps, start=1)
            ),
        )

    def _at_step(self, number: int) -> int:
        """Run status of a step: the first one waits, the last one runs."""
        first, last = number == 1, number == len(self.plan.steps)
        if self.status == Status.BLANK or (last and not self.asks) or (first and self.asks):
            return self.status
        return Status.BLANK if self.asks else Status.SUCCESS
