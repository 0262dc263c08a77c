"""Whether an operation fits what is there, and which step it is about.

| asked for | needs | is sent |
|---|---|---|
| terminate | instance at 2 | terminate |
| | instance at 7 or 10, a confirmation at 7 | end of that confirmation: terminate leaves it at 10 for ever |
| confirm: continue, end | instance at 7, a confirmation at 7 | as asked |
| confirm: restart | instance at 13, a confirmation at 13 | as asked |
| retry failed hosts | instance at 4, 9 or 11, a step at 4, 9 or 11 | as asked |

The instance's status is looked at beside the step's, because JOB moves it at once and the step later: a step that
still waits in an instance that runs has just been answered by somebody else. To ignore an error is not offered: on a
step at 9 it leaves the instance at 2 with nothing running.

Source: bk-job, `TaskExecuteServiceImpl.doTaskOperation`, `doStepOperation`; `JobListener.stopJob`,
`ConfirmStepEventHandler.handleEvent`, `GseStepEventHandler.ignoreError`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from launcher.engine.observed import Status
from launcher.engine.recorded import OperationKind

if TYPE_CHECKING:
    from launcher.engine.observed import InstanceStatus, StepStatus
    from launcher.engine.recorded import Operation

__all__ = ["RETRYABLE", "Fit", "Unfit", "fit", "has_moved", "is_same"]

CONFIRMATION = "approval"
"""The kind of a step that waits for a person; see `StepStatus.kind`."""

RETRYABLE = (Status.FAIL, Status.ABNORMAL, Status.STOP_SUCCESS)
"""Where an instance and its step must stand for the step to be run again where it failed."""

# What the instance and the step must be at.
_NEEDS: dict[OperationKind, tuple[tuple[int, ...], tuple[int, ...]]] = {
    OperationKind.CONTINUE: ((Status.WAITING_USER,), (Status.WAITING_USER,)),
    OperationKind.END: ((Status.WAITING_USER, Status.STOPPING), (Status.WAITING_USER,)),
    OperationKind.RESTART: ((Status.CONFIRM_TERMINATED,), (Status.CONFIRM_TERMINATED,)),
    OperationKind.RETRY_FAILED_HOSTS: (RETRYABLE, RETRYABLE),
}

_CODES = {
    OperationKind.TERMINATE: "L331",
    OperationKind.CONTINUE: "L332",
    OperationKind.END: "L332",
    OperationKind.RESTART: "L333",
    OperationKind.RETRY_FAILED_HOSTS: "L334",
}


@dataclass(frozen=True, slots=True)
class Fit:
    """What is to be sent.

    Attributes:
        kind: what to do.
        step: the step it is about; `None` for the whole instance.
    """

    kind: OperationKind
    step: StepStatus | None = None


@dataclass(frozen=True, slots=True)
class Unfit:
    """Nothing is to be sent, and why.

    Attributes:
        code: of the diagnostic that says it.
        steps: names of the steps that it speaks of.
    """

    code: str
    steps: tuple[str, ...] = ()


def fit(kind: OperationKind, status: InstanceStatus, step: str | None = None) -> Fit | Unfit:
    """What to send so that `kind` is done to an instance that stands at `status`.

    `step` is the name or the id of the step that is meant; `None` where there is only one.
    """
    if status.status == Status.BLANK:
        return Unfit("L336")
    if kind is not OperationKind.TERMINATE:
        return _fit_step(kind, status, step)
    if status.status == Status.RUNNING:
        return Fit(kind)
    if status.status not in (Status.WAITING_USER, Status.STOPPING):
        return Unfit(_CODES[kind])
    found = _fit_step(OperationKind.END, status, step)
    if isinstance(found, Unfit) and found.code == _CODES[OperationKind.END]:
        return Unfit("L335" if status.status == Status.STOPPING else "L346")
    return found


def _fit_step(kind: OperationKind, status: InstanceStatus, step: str | None) -> Fit | Unfit:
    of_instance, of_step = _NEEDS[kind]
    retries = kind is OperationKind.RETRY_FAILED_HOSTS
    found = [
        item
        for item in status.steps
        if item.status in of_step and (item.kind == CONFIRMATION) is not retries
    ]
    if status.status not in of_instance or not found:
        return Unfit(_CODES[kind])
    meant = [item for item in found if step is None or step in (item.name, str(item.id))]
    match meant:
        case [only]:
            return Fit(kind, only)
        case []:
            return Unfit("L338", tuple(item.name for item in found))
        case _:
            return Unfit("L337", tuple(f"{item.name} ({item.id})" for item in meant))


def is_same(kind: OperationKind, operation: Operation) -> bool:
    """Whether `operation` is what asking for `kind` would have sent, however the instance stood then."""
    if kind is OperationKind.TERMINATE:
        return operation.kind in (OperationKind.TERMINATE, OperationKind.END)
    return operation.kind is kind


def has_moved(operation: Operation, status: InstanceStatus) -> bool:
    """Whether anything has come of `operation`: the instance or the step is not where it was before."""
    if status.status != operation.status:
        return True
    step = next((item for item in status.steps if item.id == operation.step), None)
    return step is not None and (step.status, step.executions) != (
        operation.step_status,
        operation.executions,
    )
