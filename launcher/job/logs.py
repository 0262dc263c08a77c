"""Read what came of an instance host by host, and what the hosts of a step have printed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from launcher.engine.effects import Done
from launcher.engine.observed import Missing
from launcher.engine.results import (
    FileLog,
    HostKey,
    HostLog,
    HostResult,
    InstanceResults,
    StepResults,
)
from launcher.job import instances
from launcher.job.bodies import instance_query
from launcher.job.calls import INSTANCE_LOGS, INSTANCE_STATUS
from launcher.job.envelope import Unreadable, outcome
from launcher.job.faults import Fault
from launcher.job.verdicts import Verdict
from launcher.job.wire_logs import InstanceOnHosts, StepLogs

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from launcher.engine.effects import Outcome
    from launcher.engine.observed import InstanceRef, InstanceStatus, StepStatus
    from launcher.job.asking import Asker
    from launcher.job.envelope import Answer
    from launcher.job.wire_logs import FileEntry, HostAddress, HostState, StepOnHosts

__all__ = ["MOST_HOSTS", "read_logs", "read_results"]

Row = TypeVar("Row", bound="HostAddress")
T = TypeVar("T")

MOST_HOSTS = 500
"""How many hosts one call may ask about. Source: bk-job, `EsbBatchGetJobInstanceIpLogV3ResourceImpl`."""


def read_results(asker: Asker, instance: InstanceRef) -> Outcome[InstanceResults | Missing]:
    """How far `instance` is, with the hosts of each step's latest execution."""

    def read(data: Any) -> InstanceResults | Missing:  # noqa: ANN401 - any JSON value
        return _results(data, instances.instance_status(data, instance.id))

    values = instance_query(instance) | {"return_ip_result": True}
    return asker.read(INSTANCE_STATUS, values, read, {Verdict.MISSING: Missing(instance.id)})


def read_logs(
    asker: Asker, instance: InstanceRef, step: int, hosts: Sequence[HostKey]
) -> Iterator[Outcome[tuple[HostLog, ...] | Missing]]:
    """What `hosts` have printed in the latest execution of a step: one outcome for each call, the last one if it failed.

    Each holds a log for every host that it was asked about, in their order. An answer that is too long is asked for
    again for half as many hosts, and that is as many as later calls ask about.
    """
    most = MOST_HOSTS
    by_id = [host for host in hosts if host.id is not None]
    by_address = [host for host in hosts if host.id is None]
    # Where ids are given, JOB reads no addresses.
    for left in (by_id, by_address):
        while left:
            asked = left[:most]
            found = asker.ask(INSTANCE_LOGS, _query(instance, step, asked))
            if _is_too_long(found) and len(asked) > 1:
                most = len(asked) // 2
                continue
            answer = _logs(found, instance, step, asked)
            yield answer
            if not isinstance(answer, Done) or isinstance(answer.value, Missing):
                return
            del left[: len(asked)]


# --- results ------------------------------------------------------------------------------------


def _results(data: Any, status: InstanceStatus) -> InstanceResults:  # noqa: ANN401 - any JSON value
    rows = InstanceOnHosts.model_validate(data).step_instance_list or []
    has_hosts = all(row.step_ip_result_list is not None for row in rows)
    # Both come from one list of one answer.
    steps = tuple(_step(row, step) for row, step in zip(rows, status.steps, strict=True))
    return InstanceResults(status, steps, has_hosts)


def _step(row: StepOnHosts, step: StepStatus) -> StepResults:
    return StepResults(
        step,
        None if row.start_time is None else instances.moment(row.start_time),
        None if row.end_time is None else instances.moment(row.end_time),
        tuple(_host(item) for item in row.step_ip_result_list or []),
    )


def _host(item: HostState) -> HostResult:
    return HostResult(
        HostKey(item.bk_host_id, item.bk_cloud_id, item.ip or ""),
        item.status,
        item.exit_code,
        item.tag or "",
        None if item.start_time is None else instances.moment(item.start_time),
        None if item.end_time is None else instances.moment(item.end_time),
    )


# --- logs ---------------------------------------------------------------------------------------


def _query(instance: InstanceRef, step: int, hosts: Sequence[HostKey]) -> dict[str, Any]:
    values = instance_query(instance) | {"step_instance_id": step}
    ids = [host.id for host in hosts if host.id is not None]
    if ids:
        return values | {"host_id_list": ids}
    return values | {"ip_list": [{"bk_cloud_id": host.cloud or 0, "ip": host.ip} for host in hosts]}


def _is_too_long(found: Answer | Fault) -> bool:
    return isinstance(found, Fault) and found.too_long


def _logs(
    found: Answer | Fault, instance: InstanceRef, step: int, asked: Sequence[HostKey]
) -> Outcome[tuple[HostLog, ...] | Missing]:
    if _is_too_long(found):
        return Done(tuple(HostLog(host, too_long=True) for host in asked))

    def read(data: Any) -> tuple[HostLog, ...] | Missing:  # noqa: ANN401 - any JSON value
        answer = StepLogs.model_validate(data)
        if answer.job_instance_id not in (None, instance.id):
            raise Unreadable("it is about another instance")
        if answer.step_instance_id not in (None, step):
            raise Unreadable("it is about another step")
        return _by_host(answer, asked)

    # JOB answers the same where it does not know the step.
    special = {Verdict.MISSING: Missing(instance.id)}
    return outcome(INSTANCE_LOGS.kind, found, read, special)


def _by_host(answer: StepLogs, asked: Sequence[HostKey]) -> tuple[HostLog, ...]:
    """A log for each host that was asked about; JOB leaves out those that have printed nothing."""
    texts = _found(answer.script_task_logs or [], lambda item: item.log_content or "")
    files = _found(
        answer.file_task_logs or [],
        lambda item: tuple(_file(entry) for entry in item.file_logs or []),
    )
    return tuple(
        HostLog(host, texts.get(_name(host), ""), files.get(_name(host), ())) for host in asked
    )


def _found(rows: Sequence[Row], value: Callable[[Row], T]) -> dict[int | tuple[int, str], T]:
    """The value of each row, by the host's id and by its address."""
    found: dict[int | tuple[int, str], T] = {}
    for row in rows:
        if row.bk_host_id is not None:
            found.setdefault(row.bk_host_id, value(row))
        if row.ip is not None:
            found.setdefault((row.bk_cloud_id or 0, row.ip), value(row))
    return found


def _name(host: HostKey) -> int | tuple[int, str]:
    return (host.cloud or 0, host.ip) if host.id is None else host.id


def _file(entry: FileEntry) -> FileLog:
    source = entry.src_ip
    return FileLog(
        source="" if source is None else source.ip or source.ipv6 or "",
        source_path=entry.src_path or "",
        target_path=entry.dest_path or "",
        status=entry.status,
        size=entry.size or "",
        progress=entry.process or "",
        text=entry.log_content or "",
    )
