"""get_step_instance_status and get_step_instance_detail: gateway only, GET only.

Source: bk-job, `EsbGetStepInstanceStatusV3ResourceImpl`,
`TaskResultServiceImpl.getStepExecutionResult`, `EsbGetStepInstanceDetailV3ResourceImpl`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from launcher.sandbox.call import Result
from launcher.sandbox.codes import Code, HostStatus, RunStatus
from launcher.sandbox.host_words import host_status_text
from launcher.sandbox.hosts_at_work import at_their_end
from launcher.sandbox.instance_queries import total_time
from launcher.sandbox.log_queries import ids_of_step
from launcher.sandbox.params import bad_request
from launcher.sandbox.plan_definition import Approval
from launcher.sandbox.refusal import Refused
from launcher.sandbox.shapes import execute_type, step_instance_detail

if TYPE_CHECKING:
    from launcher.sandbox.call import Call
    from launcher.sandbox.state import HostSnapshot, HostTask, StepInstance
    from launcher.sandbox.wire import Json

__all__ = ["get_step_instance_detail", "get_step_instance_status"]


@dataclass(frozen=True, slots=True)
class _Narrowing:
    execution: int | None
    most: int | None
    keyword: str | None
    ip: str | None
    status: int | None
    tag: str | None


def get_step_instance_status(call: Call) -> Result:
    """The hosts of one execution of a step, grouped by state; before the start, all are waiting."""
    step = _step(call)
    wanted = _Narrowing(
        execution=call.params.integer("execute_count"),
        most=call.params.integer("max_host_num_per_group"),
        keyword=call.params.text("keyword"),
        ip=call.params.text("search_ip"),
        status=call.params.integer("status"),
        tag=call.params.text("tag"),
    )
    call.params.integer("batch")
    if isinstance(step.origin, Approval):
        raise Refused(Code.UNSUPPORTED_OPERATION)
    data: dict[str, Json] = {
        "step_instance_id": step.id,
        "execute_count": step.execute_count if wanted.execution is None else wanted.execution,
        "name": step.origin.name,
        "type": execute_type(step.origin),
        "status": int(step.status),
        "create_time": step.create_ms,
        "start_time": step.start_ms,
        "end_time": step.end_ms,
        "total_time": total_time(step.start_ms, step.end_ms),
    }
    groups = _groups(call, step, wanted)
    if groups:
        data["step_result_group_list"] = groups
    return Result(call.state, data)


def get_step_instance_detail(call: Call) -> Result:
    """A step as it was frozen: plain script, masked sensitive parameters, targets as selected."""
    return Result(call.state, step_instance_detail(call.places, _step(call)))


def _step(call: Call) -> StepInstance:
    instance_id, step_id = ids_of_step(call)
    if instance_id < 1:
        raise bad_request("Job instance id must be a positive number")
    if step_id < 1:
        raise bad_request("Step instance id must be a positive number")
    return call.step(call.viewable(instance_id), step_id, Code.STEP_NOT_FOUND)


def _groups(call: Call, step: StepInstance, wanted: _Narrowing) -> list[Json]:
    if step.status is RunStatus.BLANK:
        return [_waiting(call, step, wanted)]
    by_status: dict[int, list[HostTask]] = {}
    known = {host.id: host for host in step.hosts}
    for task in at_their_end(step.hosts_of(wanted.execution), call.now_ms):
        if _is_wanted(task, known[task.host_id], wanted):
            by_status.setdefault(task.status, []).append(task)
    return [
        _group(
            call, status, "", [_result(call, known[task.host_id], task) for task in tasks], wanted
        )
        for status, tasks in by_status.items()
    ]


def _is_wanted(task: HostTask, host: HostSnapshot, wanted: _Narrowing) -> bool:
    return (
        (wanted.status is None or task.status == wanted.status)
        and (not wanted.tag or wanted.tag == "")
        and (not wanted.keyword or wanted.keyword in task.log)
        and (not wanted.ip or wanted.ip in host.ip)
    )


def _waiting(call: Call, step: StepInstance, wanted: _Narrowing) -> Json:
    results = [_result(call, host, None) for host in step.hosts]
    return _group(call, HostStatus.WAITING, None, results, wanted)


def _group(
    call: Call, status: int, tag: str | None, results: list[Json], wanted: _Narrowing
) -> Json:
    shown = results if wanted.most is None else results[: max(wanted.most, 0)]
    return {
        "result_type": status,
        "result_type_desc": host_status_text(status, english=call.english),
        "tag": tag,
        "host_size": len(results),
        "host_result_list": shown,
    }


def _result(call: Call, host: HostSnapshot, task: HostTask | None) -> Json:
    status = HostStatus.WAITING if task is None else task.status
    is_over = task is not None and task.end_ms is not None
    return {
        "bk_host_id": host.id,
        "ip": host.ip,
        "ipv6": host.ipv6,
        "bk_agent_id": host.agent_id,
        "bk_cloud_id": host.cloud,
        "bk_cloud_name": host.cloud_name,
        "status": int(status),
        "status_desc": host_status_text(status, english=call.english),
        "tag": None if task is None else "",
        "exit_code": task.exit_code if task is not None and is_over else 0,
        "start_time": None if task is None else task.start_ms,
        "end_time": None if task is None else task.end_ms,
        "total_time": 0 if task is None else total_time(task.start_ms, task.end_ms) or 0,
    }
