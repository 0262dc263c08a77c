"""Read back what is frozen in an un-started instance, as far as JOB lets it be read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from launcher.engine.effects import Done, Refused, Unknown
from launcher.engine.observed import FrozenCopy, InstanceStatus, Missing
from launcher.job import instances
from launcher.job.bodies import instance_query
from launcher.job.calls import INSTANCE_STATUS, INSTANCE_VARIABLES, STEP_DETAIL, STEP_STATUS
from launcher.job.steps import frozen_step
from launcher.job.verdicts import Verdict
from launcher.job.wire import StepDetail

if TYPE_CHECKING:
    from launcher.engine.effects import Outcome
    from launcher.engine.observed import Host, InstanceRef, Step, StepStatus
    from launcher.job.asking import Asker

__all__ = ["never_read", "read_back", "read_status"]

_TROUBLE_INSIDE = 1240002


def never_read(asker: Asker) -> tuple[str, ...]:
    """What of an instance cannot be read back through the door in use: none or some of `steps` and `hosts`."""
    needed = {"steps": STEP_DETAIL, "hosts": STEP_STATUS}
    return tuple(what for what, call in needed.items() if not asker.has(call))


def read_status(asker: Asker, instance: InstanceRef) -> Outcome[InstanceStatus | Missing]:
    """How far `instance` is."""

    def read(data: Any) -> InstanceStatus | Missing:  # noqa: ANN401 - any JSON value
        return instances.instance_status(data, instance.id)

    special = {Verdict.MISSING: Missing(instance.id)}
    return asker.read(INSTANCE_STATUS, instance_query(instance), read, special)


def read_back(asker: Asker, instance: InstanceRef) -> Outcome[FrozenCopy | Missing]:
    """The frozen copy of `instance`: one call, one for its variables, two for each step where the door has them."""
    status = read_status(asker, instance)
    if not isinstance(status, Done):
        return status
    if isinstance(status.value, Missing):
        return Done(status.value)
    texts = asker.read(INSTANCE_VARIABLES, instance_query(instance), instances.texts)
    if not isinstance(texts, Done):
        return texts
    steps = _steps(asker, instance, status.value.steps)
    if not isinstance(steps, Done):
        return steps
    hosts = _hosts(asker, instance, status.value.steps)
    if not isinstance(hosts, Done):
        return hosts
    return Done(FrozenCopy(status.value, texts.value, steps.value, hosts.value))


def _steps(
    asker: Asker, instance: InstanceRef, statuses: tuple[StepStatus, ...]
) -> Outcome[tuple[Step, ...] | None]:
    """All steps; `None` where the door shows none, or JOB fails on one whose files come from no server.

    Source: bk-job, `EsbGetStepInstanceDetailV3ResourceImpl` dereferences the server of each source.
    """
    if "steps" in never_read(asker):
        return Done(None)
    found: list[Step] = []
    for status in statuses:
        step = _step(asker, instance, status)
        if isinstance(step, Done):
            found.append(step.value)
        elif status.kind == instances.FILE and _is_trouble_inside(step):
            return Done(None)
        else:
            return step
    return Done(tuple(found))


def _step(asker: Asker, instance: InstanceRef, status: StepStatus) -> Outcome[Step]:
    def read(data: Any) -> Step:  # noqa: ANN401 - any JSON value
        return frozen_step(StepDetail.model_validate(data))

    return asker.read(STEP_DETAIL, _step_query(instance, status), read)


def _hosts(
    asker: Asker, instance: InstanceRef, statuses: tuple[StepStatus, ...]
) -> Outcome[tuple[Host, ...] | None]:
    """All hosts; `None` where the door shows none, or they cannot be told any more."""
    if "hosts" in never_read(asker):
        return Done(None)
    found: set[Host] = set()
    for status in statuses:
        if status.kind == instances.APPROVAL:
            continue  # bk-job answers 1241003: such a step has no hosts
        hosts = asker.read(STEP_STATUS, _step_query(instance, status), instances.waiting_hosts)
        if not isinstance(hosts, Done):
            return hosts
        if hosts.value is None:
            return Done(None)
        found |= hosts.value
    return Done(tuple(sorted(found)))


def _step_query(instance: InstanceRef, status: StepStatus) -> dict[str, Any]:
    return instance_query(instance) | {"step_instance_id": status.id}


def _is_trouble_inside(found: Refused | Unknown) -> bool:
    return found.code == _TROUBLE_INSIDE
