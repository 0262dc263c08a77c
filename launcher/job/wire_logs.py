"""JOB's answers about single hosts, as it writes them; see `wire` for how strict they are read."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict

from launcher.job.wire import InstanceRow, StepState

__all__ = ["FileEntry", "HostAddress", "HostState", "InstanceOnHosts", "StepLogs", "StepOnHosts"]


class _Answer(BaseModel):
    model_config = ConfigDict(strict=True, frozen=True, extra="ignore")


class HostState(_Answer):
    """One host of a step in `get_job_instance_status` with `return_ip_result`."""

    bk_host_id: int | None = None
    bk_cloud_id: int | None = None
    ip: str | None = None
    status: int
    tag: str | None = None
    exit_code: int | None = None
    start_time: int | None = None
    end_time: int | None = None


class StepOnHosts(StepState):
    """One step with its hosts; the list is null unless it was asked for."""

    start_time: int | None = None
    end_time: int | None = None
    step_ip_result_list: list[HostState] | None = None


class InstanceOnHosts(_Answer):
    """`get_job_instance_status`, for its times and hosts."""

    finished: bool
    job_instance: InstanceRow
    step_instance_list: list[StepOnHosts] | None = None


class HostAddress(_Answer):
    """A host of a file's way."""

    bk_host_id: int | None = None
    bk_cloud_id: int | None = None
    ip: str | None = None
    ipv6: str | None = None


class FileEntry(_Answer):
    """The log of one file at one host; sizes are texts such as `1.0 KB`."""

    src_ip: HostAddress | None = None
    src_path: str | None = None
    dest_path: str | None = None
    status: int | None = None
    size: str | None = None
    process: str | None = None
    log_content: str | None = None


class ScriptLog(HostAddress):
    """What a script printed on one host."""

    log_content: str | None = None


class FileLogs(HostAddress):
    """The logs of all files that came to one host."""

    file_logs: list[FileEntry] | None = None


class StepLogs(_Answer):
    """`batch_get_job_instance_ip_log`; hosts without a log are missing, and an empty list is null."""

    job_instance_id: int | None = None
    step_instance_id: int | None = None
    script_task_logs: list[ScriptLog] | None = None
    file_task_logs: list[FileLogs] | None = None
