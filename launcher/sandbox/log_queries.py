"""get_job_instance_ip_log and batch_get_job_instance_ip_log.

Source: bk-job, `EsbGetJobInstanceIpLogV3ResourceImpl`,
`EsbBatchGetJobInstanceIpLogV3ResourceImpl`, `EsbFileLogV3DTO`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from launcher.sandbox.call import Result
from launcher.sandbox.codes import Code
from launcher.sandbox.hosts_at_work import at_their_end
from launcher.sandbox.params import bad_request
from launcher.sandbox.plan_definition import Approval, FileStep
from launcher.sandbox.refusal import Refused

if TYPE_CHECKING:
    from launcher.sandbox.call import Call
    from launcher.sandbox.state import HostSnapshot, HostTask, Instance, StepInstance
    from launcher.sandbox.wire import Json

__all__ = ["batch_get_job_instance_ip_log", "get_job_instance_ip_log", "ids_of_step"]

_MAX_HOSTS = 500
_DOWNLOAD = 1


@dataclass(frozen=True, slots=True)
class _Wanted:
    host_id: int | None
    address: tuple[int, str] | None

    def fits(self, host: HostSnapshot) -> bool:
        if self.host_id is not None:
            return host.id == self.host_id
        return (host.cloud, host.ip) == self.address


def ids_of_step(call: Call) -> tuple[int, int]:
    """The ids of an instance and its step; a POST has them validated, a GET only their presence.

    Raises:
        Refused: one is missing, or (POST) below 1.
    """
    instance_id = call.params.integer("job_instance_id")
    step_id = call.params.integer("step_instance_id")
    if call.params.from_query:
        if instance_id is None or step_id is None:
            raise bad_request()
        return instance_id, step_id
    if instance_id is None or instance_id < 1:
        raise bad_request("Job instance id must be a positive number")
    if step_id is None or step_id < 1:
        raise bad_request("Step instance id must be a positive number")
    return instance_id, step_id


def get_job_instance_ip_log(call: Call) -> Result:
    """What one host printed in the latest execution of a step; nothing is not an error."""
    instance_id, step_id = ids_of_step(call)
    host_id = call.params.integer("bk_host_id")
    cloud, ip = call.params.integer("bk_cloud_id"), call.params.text("ip")
    if host_id is None and (cloud is None or not ip):
        raise Refused(Code.BAD_NAMED_PARAM, "host_id/(bk_cloud_id+ip)")
    step = _step(call, instance_id, step_id)
    address = None if cloud is None or ip is None else (cloud, ip)
    found = _printed(call, step, _Wanted(host_id, address))
    is_file = isinstance(step.origin, FileStep)
    files: list[Json] = (
        [log for host, _ in found for log in _file_logs(call, step, host)] if is_file else []
    )
    text = found[0][1].log if found and not is_file else None
    data: Json = {
        "log_type": _log_type(step),
        "bk_host_id": host_id,
        "bk_cloud_id": cloud,
        "ip": ip,
        "log_content": text,
        "file_logs": files or None,
    }
    return Result(call.state, data)


def batch_get_job_instance_ip_log(call: Call) -> Result:
    """What up to 500 hosts printed; hosts without logs are missing from the answer."""
    instance_id, step_id = ids_of_step(call)
    wanted = _wanted(call)
    step = _step(call, instance_id, step_id)
    found = [pair for item in wanted for pair in _printed(call, step, item)]
    is_file = isinstance(step.origin, FileStep)
    scripts: list[Json] = [] if is_file else [_script_log(host, task) for host, task in found]
    files: list[Json] = [_file_log(call, step, host) for host, _ in found] if is_file else []
    data: Json = {
        "job_instance_id": instance_id,
        "step_instance_id": step_id,
        "log_type": _log_type(step),
        "script_task_logs": scripts or None,
        "file_task_logs": files or None,
    }
    return Result(call.state, data)


def _wanted(call: Call) -> list[_Wanted]:
    by_id = call.params.numbers("host_id_list") or []
    by_address = call.params.items("ip_list") or []
    wanted = [_Wanted(host_id, None) for host_id in by_id]
    if not wanted:
        for item in by_address:
            if item is None:
                raise Refused(Code.INTERNAL_ERROR)
            cloud, ip = item.integer("bk_cloud_id"), item.text("ip")
            address = None if cloud is None or ip is None else (cloud, ip)
            wanted.append(_Wanted(item.integer("bk_host_id"), address))
    if not 1 <= len(wanted) <= _MAX_HOSTS:
        raise Refused(Code.BAD_NAMED_PARAM, "host_id_list/ip_list")
    return wanted


def _step(call: Call, instance_id: int, step_id: int) -> StepInstance:
    instance: Instance = call.viewable(instance_id)
    # The server uses the instance's code for a missing step here.
    return call.step(instance, step_id, Code.INSTANCE_NOT_FOUND)


def _printed(
    call: Call, step: StepInstance, wanted: _Wanted
) -> list[tuple[HostSnapshot, HostTask]]:
    tasks = {task.host_id: task for task in at_their_end(step.hosts_of(), call.now_ms)}
    is_file = isinstance(step.origin, FileStep)
    return [
        (host, tasks[host.id])
        for host in step.hosts
        if wanted.fits(host)
        and host.id in tasks
        and tasks[host.id].end_ms is not None
        and (is_file or tasks[host.id].log)
    ]


def _log_type(step: StepInstance) -> int | None:
    if isinstance(step.origin, Approval):
        return None
    return 2 if isinstance(step.origin, FileStep) else 1


def _script_log(host: HostSnapshot, task: HostTask) -> Json:
    return {
        "host_id": host.id,
        "bk_host_id": host.id,
        "bk_cloud_id": host.cloud,
        "ip": host.ip,
        "ipv6": host.ipv6,
        "log_content": task.log,
    }


def _file_log(call: Call, step: StepInstance, host: HostSnapshot) -> Json:
    logs: list[Json] = _file_logs(call, step, host, whole=True)
    return {
        "bk_host_id": host.id,
        "bk_cloud_id": host.cloud,
        "ip": host.ip,
        "file_logs": logs,
    }


def _file_logs(
    call: Call, step: StepInstance, host: HostSnapshot, *, whole: bool = False
) -> list[Json]:
    """One entry per file that came to `host`; the single-host call drops addresses and sizes."""
    if not isinstance(step.origin, FileStep):
        return []
    tasks = {task.host_id: task for task in at_their_end(step.hosts_of(), call.now_ms)}
    task = tasks[host.id]
    logs: list[Json] = []
    for source, hosts in zip(step.origin.sources, step.source_hosts, strict=True):
        for path in source.files:
            origins: list[HostSnapshot | None] = list(hosts) or [None]
            logs.extend(
                {
                    "mode": _DOWNLOAD,
                    "src_ip": None if origin is None else _address(origin, whole=whole),
                    "src_path": path,
                    "dest_ip": _address(host, whole=whole),
                    "dest_path": step.origin.path,
                    "status": task.status,
                    "log_content": task.log,
                    "size": "1.0 KB" if whole else None,
                    "speed": "1.0 KB/s" if whole else None,
                    "process": "100%" if whole else None,
                }
                for origin in origins
            )
    return logs


def _address(host: HostSnapshot, *, whole: bool) -> Json:
    return {
        "bk_host_id": host.id,
        "bk_cloud_id": host.cloud if whole else None,
        "bk_cloud_name": None,
        "ip": host.ip if whole else None,
        "ipv6": host.ipv6 if whole else None,
        "bk_agent_id": None,
        "alive": None,
    }
