"""JOB's answers as it writes them: field names, types, and what may be null.

Strict and tolerant at once: a field that we use must have its type, and fields that we do not know
are left alone. Source: bk-job, the v3 response models (`Esb…V3DTO`) of job-execute and job-manage;
where its documents say otherwise, its code wins.
"""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

__all__ = [
    "ApprovalInfo",
    "Executed",
    "FileInfo",
    "FileSource",
    "GlobalVariable",
    "InstancePage",
    "InstanceRow",
    "InstanceState",
    "InstanceVariables",
    "ListedInstance",
    "Operated",
    "PlanDetail",
    "PlanPage",
    "PlanRow",
    "ScriptInfo",
    "ServerSelection",
    "StepDetail",
    "StepHosts",
    "StepState",
    "TemplatePage",
    "TemplateRow",
]

Id = Annotated[int, Field(gt=0)]


class _Answer(BaseModel):
    model_config = ConfigDict(strict=True, frozen=True, extra="ignore")


class Executed(_Answer):
    """`execute_job_plan`."""

    job_instance_id: Id
    job_instance_name: str | None = None


class Operated(_Answer):
    """`operate_job_instance` and `operate_step_instance`; only the latter names a step."""

    job_instance_id: Id
    step_instance_id: int | None = None


class StepState(_Answer):
    """One step of `get_job_instance_status`; `type`: 1 script, 2 file, 3 manual confirmation, 4 SQL."""

    step_instance_id: Id
    name: str | None = None
    type: int
    status: int
    execute_count: int | None = None


class InstanceRow(_Answer):
    """The instance in `get_job_instance_status`; times are epoch milliseconds."""

    job_instance_id: Id
    name: str
    status: int
    create_time: int
    start_time: int | None = None
    end_time: int | None = None


class InstanceState(_Answer):
    """`get_job_instance_status`."""

    finished: bool
    job_instance: InstanceRow
    step_instance_list: list[StepState] | None = None


class ListedInstance(_Answer):
    """One row of `get_job_instance_list`. The documents' samples name its fields wrongly."""

    job_instance_id: Id
    job_plan_id: int | None = None
    name: str | None = None
    operator: str | None = None
    status: int
    create_time: int | None = None


class InstancePage(_Answer):
    """`get_job_instance_list`; `data` is null when the page is empty."""

    total: int
    data: list[ListedInstance] | None = None


class InstanceVariable(_Answer):
    """One String variable as it is in an instance."""

    name: str
    value: str | None = None


class StepVariables(_Answer):
    """The variables as one script step sees them."""

    global_var_list: list[InstanceVariable] | None = None


class InstanceVariables(_Answer):
    """`get_job_instance_global_var_value`: one entry for each script step."""

    step_instance_var_list: list[StepVariables] | None = None


class SelectedHost(_Answer):
    """A host of a selection."""

    bk_host_id: int | None = None
    bk_cloud_id: int | None = None
    ip: str | None = None


class DynamicGroup(_Answer):
    """A dynamic group of a selection."""

    id: str


class TopoNode(_Answer):
    """A topology node of a selection."""

    id: int
    node_type: str


class ServerSelection(_Answer):
    """Which hosts are meant, before groups and nodes become hosts."""

    variable: str | None = None
    ip_list: list[SelectedHost] | None = None
    dynamic_group_list: list[DynamicGroup] | None = None
    topo_node_list: list[TopoNode] | None = None


class Account(_Answer):
    """The account that a step runs as; a job plan shows its id only."""

    id: int | None = None


class ScriptInfo(_Answer):
    """A script step. Content and parameters are Base64 in a job plan, plain in an instance."""

    script_type: int | None = None
    script_id: str | None = None
    script_version_id: int | None = None
    script_content: str | None = None
    script_language: int | None = None
    script_param: str | None = None
    windows_interpreter: Any = None
    script_timeout: int | None = None
    account: Account | None = None
    server: ServerSelection | None = None
    is_param_sensitive: int | None = None


class FileSource(_Answer):
    """Where files come from."""

    file_list: list[str] | None = None
    account: Account | None = None
    server: ServerSelection | None = None


class FileDestination(_Answer):
    """Where files go."""

    path: str | None = None
    account: Account | None = None
    server: ServerSelection | None = None


class FileInfo(_Answer):
    """A file step."""

    file_source_list: list[FileSource] | None = None
    file_destination: FileDestination | None = None
    timeout: int | None = None
    source_speed_limit: int | None = None
    destination_speed_limit: int | None = None
    transfer_mode: int | None = None


class ApprovalInfo(_Answer):
    """An approval step; who is asked, and how, is only shown to people."""

    approval_message: str | None = None
    approval_type: Any = None
    approval_user: Any = None
    notify_channel: Any = None


class StepDetail(_Answer):
    """A step of a job plan, or `get_step_instance_detail`; `type`: 1 script, 2 file, 3 approval."""

    id: Id
    name: str
    type: int
    script_info: ScriptInfo | None = None
    file_info: FileInfo | None = None
    approval_info: ApprovalInfo | None = None


class GlobalVariable(_Answer):
    """A variable of a job plan."""

    id: Id
    name: str
    type: int
    required: int | None = None
    value: str | None = None
    server: ServerSelection | None = None
    description: str | None = None
    used: bool | None = None


class PlanDetail(_Answer):
    """`get_job_plan_detail`; times are epoch seconds, whatever the documents show."""

    id: Id
    name: str
    job_template_id: Id | None = None
    last_modify_user: str | None = None
    last_modify_time: int
    step_list: list[StepDetail] | None = None
    global_var_list: list[GlobalVariable] | None = None


class PlanRow(_Answer):
    """One row of `get_job_plan_list`; times are epoch seconds."""

    id: Id
    job_template_id: Id
    name: str
    last_modify_user: str | None = None
    last_modify_time: int
    need_update: bool | None = None


class PlanPage(_Answer):
    """`get_job_plan_list`; `total` is 0 on any empty page."""

    data: list[PlanRow] | None = None


class TemplateRow(_Answer):
    """One row of `get_job_template_list`."""

    id: Id
    name: str


class TemplatePage(_Answer):
    """`get_job_template_list`."""

    data: list[TemplateRow] | None = None


class ResolvedHost(_Answer):
    """A host that a step would run on."""

    bk_host_id: int | None = None
    bk_cloud_id: int | None = None
    ip: str | None = None
    ipv6: str | None = None


class HostGroup(_Answer):
    """Hosts with the same result; `result_type` 5 is waiting."""

    result_type: int
    host_size: int
    host_result_list: list[ResolvedHost] | None = None


class StepHosts(_Answer):
    """`get_step_instance_status`; the list is left out where it is empty."""

    status: int
    step_result_group_list: list[HostGroup] | None = None
