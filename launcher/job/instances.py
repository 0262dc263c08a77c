"""Read an instance: how far it is, its variables, and the hosts it would run on."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from launcher.engine.observed import Host, InstanceStatus, StepStatus
from launcher.job.envelope import Unreadable
from launcher.job.wire import InstanceState, InstanceVariables, StepHosts

if TYPE_CHECKING:
    from collections.abc import Mapping

    from launcher.job.wire import HostGroup, ResolvedHost, StepState

__all__ = ["APPROVAL", "FILE", "instance_status", "moment", "texts", "waiting_hosts"]

FILE = "file"
APPROVAL = "approval"

_KINDS = {1: "script", 2: FILE, 3: APPROVAL, 4: "script"}
"""Source: bk-job, `StepExecuteTypeEnum`; an SQL step is a script step to launcher."""

_WAITING = 5
"""Source: bk-job, `ExecuteObjectTaskStatusEnum`; the one group of a step that has not started."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def instance_status(data: Any, instance_id: int) -> InstanceStatus:  # noqa: ANN401 - any JSON value
    """The data of `get_job_instance_status`, which was asked for `instance_id`.

    Raises:
        Unreadable: it is another instance, or a time is no time.
        ValidationError: a field is missing or of another type.
    """
    state = InstanceState.model_validate(data)
    row = state.job_instance
    if row.job_instance_id != instance_id:
        raise Unreadable("it is about another instance")
    return InstanceStatus(
        id=row.job_instance_id,
        name=row.name,
        status=row.status,
        finished=state.finished,
        created=moment(row.create_time),
        started=None if row.start_time is None else moment(row.start_time),
        ended=None if row.end_time is None else moment(row.end_time),
        steps=tuple(_step(item) for item in state.step_instance_list or []),
    )


def texts(data: Any) -> Mapping[str, str] | None:  # noqa: ANN401 - any JSON value
    """String variables in the data of `get_job_instance_global_var_value`; `None` if it shows none.

    The first script step shows them as they were sent; later ones show what scripts made of them.
    """
    entries = InstanceVariables.model_validate(data).step_instance_var_list
    if not entries:
        return None
    found: dict[str, str] = {}
    for entry in entries:
        for item in entry.global_var_list or []:
            if item.value is not None:
                found.setdefault(item.name, item.value)
    return found


def waiting_hosts(data: Any) -> frozenset[Host] | None:  # noqa: ANN401 - any JSON value
    """Resolved hosts of an un-started step, from the data of `get_step_instance_status`.

    `None` where they cannot be told: the step has started, or a host has no id (a container).
    """
    answer = StepHosts.model_validate(data)
    groups = answer.step_result_group_list or []
    if answer.status != 1 or any(group.result_type != _WAITING for group in groups):
        return None
    found: set[Host] = set()
    for group in groups:
        hosts = [_host(item) for item in _whole(group)]
        if None in hosts:
            return None
        found.update(host for host in hosts if host is not None)
    return frozenset(found)


def _whole(group: HostGroup) -> list[ResolvedHost]:
    hosts = group.host_result_list or []
    if len(hosts) != group.host_size:
        raise Unreadable("a list of hosts is not whole")
    return hosts


def _host(host: ResolvedHost) -> Host | None:
    if host.bk_host_id is None or host.bk_cloud_id is None:
        return None
    return Host(host.bk_host_id, host.bk_cloud_id, host.ip or host.ipv6 or "")


def _step(item: StepState) -> StepStatus:
    kind = _KINDS.get(item.type, f"type {item.type}")
    executions = item.execute_count or 0
    return StepStatus(item.step_instance_id, item.name or "", kind, item.status, executions)


def moment(milliseconds: int) -> datetime:
    """A time of JOB.

    Raises:
        Unreadable: it is no time.
    """
    try:
        return _EPOCH + timedelta(milliseconds=milliseconds)
    except OverflowError as error:
        raise Unreadable("a time is no time") from error
