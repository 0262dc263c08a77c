"""A fact as a row of a table, and the short words that rows are written in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tests.support.sandbox import (
    NOON_MS,
    SCOPE,
    Bench,
    a_plan,
    a_script,
    a_variable,
    a_world,
    bench,
)

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = [
    "APPROVAL",
    "FILE",
    "SECTIONS",
    "WINDOW",
    "Fact",
    "a_user",
    "asked",
    "asked_code",
    "code",
    "data",
    "fact",
    "http",
    "keys",
    "message",
    "plan_with",
    "told",
]

SECTIONS = {
    "1.1": "two doors; bk-job, resources.yaml and definition.yaml of the gateway, job.yaml of ESB",
    "1.2": "methods and paths; bk-job, resources.yaml, job.yaml, Esb*V3Resource",
    "1.3": "headers; bk-job, JobCommonHeaders, AddEsbLangHeaderGatewayFilterFactory",
    "1.4": "the envelope; bk-job, EsbResp",
    "1.5": "HTTP status and code; bk-job, EsbExceptionControllerAdvice and the gateway's filters;"
    " blueking-apigateway-apisix, errorx.lua, bk-error-wrapper.lua",
    "1.6": "order of checks; bk-job, BasicAppInterceptor, AuthAppInterceptor",
    "1.7": "scope; bk-job, EsbAppScopeReq, ValidBkScope",
    "1.8": "permission; bk-job, EsbResp.buildAuthFailResult, OpenApiApplyPermissionDTO",
    "2.1": "execute_job_plan; bk-job, EsbExecuteJobPlanV3ResourceImpl, TaskExecuteServiceImpl",
    "2.2": "operate_job_instance; bk-job, TaskExecuteServiceImpl.doTaskOperation, JobListener",
    "2.3": "operate_step_instance; bk-job, TaskExecuteServiceImpl.doStepOperation",
    "2.4": "get_job_instance_status; bk-job, EsbGetJobInstanceStatusV3ResourceImpl",
    "2.5": "get_job_instance_list; bk-job, EsbGetJobInstanceListV3ResourceImpl",
    "2.6": "get_job_instance_global_var_value; bk-job, StepInstanceVariableValueServiceImpl",
    "2.7": "get_job_instance_ip_log; bk-job, EsbGetJobInstanceIpLogV3ResourceImpl",
    "2.8": "batch_get_job_instance_ip_log; bk-job, EsbBatchGetJobInstanceIpLogV3ResourceImpl",
    "2.9": "get_step_instance_status; bk-job, EsbGetStepInstanceStatusV3ResourceImpl",
    "2.10": "get_step_instance_detail; bk-job, EsbGetStepInstanceDetailV3ResourceImpl",
    "2.11": "get_job_plan_list; bk-job, EsbPlanV3ResourceImpl, EsbPageDataV3",
    "2.12": "get_job_plan_detail; bk-job, EsbPlanV3ResourceImpl, TaskPlanInfoDTO",
    "2.13": "get_job_template_list; bk-job, EsbTemplateV3ResourceImpl",
    "2.14": "get_latest_service_version; bk-job, EsbServiceInfoV3ResourceImpl",
    "2.15": "callback; bk-job, JobListener.callback, CallbackUrlValidateServiceImpl",
    "3.1": "run status; bk-job, RunStatusEnum",
    "3.2": "host status; bk-job, ExecuteObjectTaskStatusEnum",
    "3.3": "other numbers; bk-job, TaskVariableTypeEnum, StepExecuteTypeEnum and their like",
    "4.1": "generic errors; bk-job, ErrorCode and its texts",
    "4.2": "errors of a launch; bk-job, ErrorCode and its texts",
    "4.3": "errors of instances and steps; bk-job, ErrorCode and its texts",
    "5": "limits; bk-job, JobExecuteConfig, RunningJobResourceQuotaManager, the archive",
    "6.1": "identity; bk-job, TaskExecuteServiceImpl",
    "6.2": "two phases; bk-job since 3.10.3, TaskOperationEnum",
    "6.3": "START is a message; bk-job, TaskExecuteMQEventDispatcher, JobListener.startJob",
    "7": "where JOB's documents and its code differ: the code wins",
}
"""By number: what the section is about, and where in bk-job its facts come from."""

WINDOW: dict[str, Any] = {
    "create_time_start": NOON_MS - 1000,
    "create_time_end": NOON_MS + 3_600_000,
}
APPROVAL = {"type": "approval", "id": 1, "name": "approve"}
FILE = {
    "type": "file",
    "id": 2,
    "name": "push",
    "sources": [{"files": ["/data/a.tgz"], "account": 4, "targets": {"hosts": [102]}}],
    "path": "/tmp/",  # noqa: S108 - a path on hosts that do not exist
    "account": 4,
    "targets": {"hosts": [101]},
    "runs": [{"log": "arrived on {ip}"}],
}


@dataclass(frozen=True)
class Fact:
    """One fact: its title begins with the number of its section.

    Attributes:
        play: makes the requests and gives what is to be compared.
        plans: of the world that it plays in; the usual plan if there are none.
        world: the world's other parts.
    """

    title: str
    play: Callable[[Bench], Any]
    expected: Any
    plans: tuple[dict[str, Any], ...]
    world: dict[str, Any]

    @property
    def section(self) -> str:
        """The number of its section."""
        return self.title.partition(" ")[0]

    def holds(self) -> None:
        """Play it."""
        table = bench(a_world(*self.plans, **self.world))
        assert self.play(table) == self.expected, self.title


def fact(
    title: str, play: Callable[[Bench], Any], expected: Any, *plans: dict[str, Any], **world: Any
) -> Fact:
    """A row."""
    return Fact(title, play, expected, plans, world)


def code(operation: str, **params: Any) -> Callable[[Bench], int]:
    """The code of one call."""
    return lambda table: table.code(operation, **params)


def message(operation: str, **params: Any) -> Callable[[Bench], str]:
    """The message of one call that fails."""
    return lambda table: str(table.call(operation, **params)["message"])


def data(operation: str, *path: str | int, **params: Any) -> Callable[[Bench], Any]:
    """The data of one call, or what `path` leads to in it."""

    def played(table: Bench) -> Any:
        found = table.data(operation, **params)
        for part in path:
            found = found[part]
        return found

    return played


def http(operation: str, **params: Any) -> Callable[[Bench], tuple[int, int]]:
    """HTTP status and length of the body of one request."""

    def played(table: Bench) -> tuple[int, int]:
        response = table.send(operation, **{**SCOPE, **params}).response
        return response.status, len(response.body)

    return played


def keys(operation: str, *path: str | int, **params: Any) -> Callable[[Bench], list[str]]:
    """The keys of an object in the data of one call, sorted."""
    found = data(operation, *path, **params)
    return lambda table: sorted(found(table))


def plan_with(*variables: dict[str, Any], **step: Any) -> dict[str, Any]:
    """The usual plan with variables."""
    return a_plan(a_script(**step), variables=list(variables))


def a_user(*denied: dict[str, Any], name: str = "alice", **fields: Any) -> dict[str, Any]:
    """A user who may not do everything."""
    return {"name": name, "denied": list(denied), **fields}


STRING = a_variable("KEY", value="default", id=11)
"""A String variable."""


def asked(
    operation: str, *, started: bool = True, **params: Any
) -> Callable[[Bench], dict[str, Any]]:
    """The envelope of a question about the first step of an instance."""

    def played(table: Bench) -> dict[str, Any]:
        instance = table.run() if started else table.prepare()
        ids = {"job_instance_id": instance, "step_instance_id": table.step_id(instance)}
        return table.call(operation, **{**ids, **params})

    return played


def told(operation: str, *path: str | int, **params: Any) -> Callable[[Bench], Any]:
    """A part of the data of such a question."""

    def played(table: Bench) -> Any:
        found: Any = asked(operation, **params)(table)["data"]
        for part in path:
            found = found[part]
        return found

    return played


def asked_code(operation: str, **params: Any) -> Callable[[Bench], int]:
    return lambda table: int(asked(operation, **params)(table)["code"])
