"""get_job_instance_status, get_job_instance_list, get_job_instance_global_var_value.

Source: bk-job, `EsbGetJobInstanceStatusV3ResourceImpl`, `EsbGetJobInstanceListV3ResourceImpl`,
`TaskInstanceDAOImpl`, `EsbTaskInstanceV3DTO`, `StepInstanceVariableValueServiceImpl`. All times
are epoch milliseconds.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from launcher.sandbox.call import Result
from launcher.sandbox.codes import FINISHED, Code, RunStatus
from launcher.sandbox.execution import latest_run
from launcher.sandbox.hosts_at_work import at_their_end
from launcher.sandbox.params import bad_request
from launcher.sandbox.patterns import like
from launcher.sandbox.plan_definition import Approval, ScriptStep, VariableKind
from launcher.sandbox.refusal import Refused
from launcher.sandbox.shapes import execute_type, scope_fields

if TYPE_CHECKING:
    from launcher.sandbox.call import Call
    from launcher.sandbox.state import HostTask, Instance, StepInstance
    from launcher.sandbox.wire import Json

__all__ = [
    "get_job_instance_global_var_value",
    "get_job_instance_list",
    "get_job_instance_status",
    "required_id",
    "total_time",
]

_MONTH_MS = 30 * 86_400_000
_MAX_LENGTH = 1000
_LAUNCH_MODES = frozenset({1, 2, 3})
_API_LAUNCH = 2
_TYPES = frozenset({0, 1, 2})
_PLAN_TYPE = 0
_LIVE_TOTAL = frozenset({RunStatus.RUNNING, RunStatus.WAITING_USER, RunStatus.STOPPING})


def required_id(call: Call, name: str) -> int:
    """An id that a query cannot do without.

    Raises:
        Refused: 1240003 if a query string lacks it, 1241007 if it is null or below 1.
    """
    value = call.params.integer(name)
    if value is None and call.params.from_query:
        raise bad_request()
    if value is None or value < 1:
        raise Refused(Code.BAD_NAMED_PARAM, name)
    return value


def total_time(start_ms: int | None, end_ms: int | None) -> int | None:
    """Milliseconds from start to end; `None` until both are known."""
    return None if start_ms is None or end_ms is None else end_ms - start_ms


def get_job_instance_status(call: Call) -> Result:
    """State of an instance and its steps, on request with the hosts of each."""
    with_hosts = call.params.flag("return_ip_result") or False
    instance = call.viewable(required_id(call, "job_instance_id"))
    if not instance.steps:
        raise Refused(Code.STEP_NOT_FOUND)
    job: dict[str, Json] = scope_fields(call.scope) | {
        "job_instance_id": instance.id,
        "status": int(instance.status),
        "name": instance.name,
        "create_time": instance.create_ms,
        "start_time": instance.start_ms,
        "end_time": instance.end_ms,
        "total_time": total_time(instance.start_ms, instance.end_ms),
    }
    steps: list[Json] = [_step(call, step, with_hosts=with_hosts) for step in instance.steps]
    data: Json = {
        "finished": instance.status in FINISHED,
        "job_instance": job,
        "step_instance_list": steps,
    }
    return Result(call.state, data)


def _step(call: Call, step: StepInstance, *, with_hosts: bool) -> Json:
    return {
        "step_instance_id": step.id,
        "name": step.origin.name,
        "status": int(step.status),
        "type": execute_type(step.origin),
        "execute_count": step.execute_count,
        "start_time": step.start_ms,
        "end_time": step.end_ms,
        "total_time": total_time(step.start_ms, step.end_ms),
        "create_time": step.create_ms,
        "step_ip_result_list": _hosts(call, step) if with_hosts else None,
    }


def _hosts(call: Call, step: StepInstance) -> list[Json]:
    known = {host.id: host for host in step.hosts}
    tasks = at_their_end(step.hosts_of(), call.now_ms)
    return [_host_result(task, known[task.host_id].ip, known[task.host_id].cloud) for task in tasks]


def _host_result(task: HostTask, ip: str, cloud: int) -> Json:
    is_over = task.end_ms is not None
    return {
        "bk_host_id": task.host_id,
        "ip": ip,
        "bk_cloud_id": cloud,
        "status": task.status,
        "tag": "",
        "exit_code": task.exit_code if is_over else 0,
        "error_code": task.error_code if is_over else 0,
        "start_time": task.start_ms,
        "end_time": task.end_ms,
        "total_time": total_time(task.start_ms, task.end_ms) or 0,
    }


@dataclass(frozen=True, slots=True)
class _Filter:
    since_ms: int
    until_ms: int
    instance_id: int | None
    operator: str | None
    name: str | None
    launch_mode: int | None
    kind: int | None
    status: int | None
    ip: str | None
    cron_id: int | None


def get_job_instance_list(call: Call) -> Result:
    """Instances of a scope, the newest first; no filter by plan exists, and no right to view is asked."""
    start = max(call.params.integer("start") or 0, 0)
    length = call.params.integer("length")
    length = 20 if length is None else length
    # An annotation of the parameter: looked at before the operation's own checks.
    if not 1 <= length <= _MAX_LENGTH:
        raise bad_request("The param 'length' must be in range: [1,1000]")
    wanted = _filter(call)
    _check_filter(wanted)
    limit = call.places.definition.server.max_list_start
    if limit is not None and start > limit:
        raise Refused(Code.ILLEGAL_PARAM_REASON, "start", f"start must be less than {limit}")
    found = _found(call, wanted)
    page: list[Json] = [_list_item(call, item) for item in found[start : start + length]]
    data: Json = {"start": start, "length": length, "total": len(found), "data": page or None}
    return Result(call.state, data)


def _filter(call: Call) -> _Filter:
    params = call.params
    since_ms = params.integer("create_time_start")
    until_ms = params.integer("create_time_end")
    if params.from_query and (since_ms is None or until_ms is None):
        raise bad_request()
    if since_ms is None or since_ms < 1:
        raise Refused(Code.BAD_NAMED_PARAM, "create_time_start")
    if until_ms is None or until_ms < 1:
        raise Refused(Code.BAD_NAMED_PARAM, "create_time_end")
    return _Filter(
        since_ms=since_ms,
        until_ms=until_ms,
        instance_id=params.integer("job_instance_id"),
        operator=params.text("operator"),
        name=params.text("name"),
        launch_mode=params.integer("launch_mode"),
        kind=params.integer("type"),
        status=params.integer("status"),
        ip=params.text("ip"),
        cron_id=params.integer("job_cron_id"),
    )


def _check_filter(wanted: _Filter) -> None:
    if wanted.until_ms <= wanted.since_ms:
        raise Refused(Code.BAD_NAMED_PARAM, "create_time_start|create_time_end")
    if wanted.until_ms - wanted.since_ms > _MONTH_MS:
        raise Refused(Code.ILLEGAL_PARAM)
    if wanted.kind is not None and wanted.kind not in _TYPES:
        raise Refused(Code.ILLEGAL_PARAM)
    if wanted.launch_mode is not None and wanted.launch_mode not in _LAUNCH_MODES:
        raise Refused(Code.INTERNAL_ERROR)
    if wanted.status is not None and wanted.status not in set(RunStatus):
        raise Refused(Code.INTERNAL_ERROR)


def _found(call: Call, wanted: _Filter) -> list[Instance]:
    if call.found_scope is None:
        return []
    here = call.found_scope.key
    fitting = [
        item
        for item in call.state.instances.values()
        if item.scope == here and item.visible_ms <= call.now_ms and _fits(item, wanted)
    ]
    return sorted(fitting, key=lambda item: (item.create_ms, item.id), reverse=True)


def _fits(item: Instance, wanted: _Filter) -> bool:
    if wanted.instance_id is not None and wanted.instance_id > 0:
        return item.id == wanted.instance_id
    return (
        wanted.since_ms <= item.create_ms <= wanted.until_ms
        and wanted.launch_mode in {None, _API_LAUNCH}
        and wanted.kind in {None, _PLAN_TYPE}
        and wanted.status in {None, item.status}
        and (not wanted.operator or item.operator == wanted.operator)
        and (not wanted.name or like(wanted.name, item.name))
        and (not wanted.ip or _targets_ip(item, wanted.ip))
        and (wanted.cron_id is None or wanted.cron_id <= 0)
    )


def _targets_ip(item: Instance, ip: str) -> bool:
    return any(host.ip == ip for step in item.steps for host in step.hosts)


def _list_item(call: Call, item: Instance) -> Json:
    live = item.status in _LIVE_TOTAL
    end_ms = call.now_ms if live else item.end_ms
    return scope_fields(call.scope) | {
        "job_instance_id": item.id,
        "job_plan_id": item.plan_id,
        "job_template_id": item.template_id,
        "name": item.name,
        "operator": item.operator,
        "launch_mode": _API_LAUNCH,
        "status": int(item.status),
        "start_time": item.start_ms,
        "end_time": item.end_ms,
        "total_time": total_time(item.start_ms, end_ms),
        "create_time": item.create_ms,
        "type": _PLAN_TYPE,
    }


def get_job_instance_global_var_value(call: Call) -> Result:
    """The String variables of each script step: as launched, overlaid by what steps set so far."""
    instance = call.viewable(required_id(call, "job_instance_id"))
    texts = [item for item in instance.variables if item.kind is VariableKind.STRING]
    changeable = {item.name for item in texts if item.changeable}
    values = {item.name: item.value for item in texts}
    listed: list[Json] = []
    for step in instance.steps:
        if step.status in FINISHED and not isinstance(step.origin, Approval) and step.executions:
            run = latest_run(step)
            values |= {name: text for name, text in run.sets.items() if name in changeable}
        if isinstance(step.origin, ScriptStep) and instance.variables:
            shown: list[Json] = [{"name": n, "value": v, "type": 1} for n, v in values.items()]
            listed.append({"step_instance_id": step.id, "global_var_list": shown})
    data: Json = {"job_instance_id": instance.id, "step_instance_var_list": listed}
    return Result(call.state, data)
