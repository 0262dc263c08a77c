"""The operations of JOB that launcher calls: one table, with the method for each door."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import TYPE_CHECKING, Literal

from launcher.job.address import Door

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = [
    "EXECUTE_PLAN",
    "INSTANCE_LIST",
    "INSTANCE_STATUS",
    "INSTANCE_VARIABLES",
    "OPERATE_INSTANCE",
    "OPERATE_STEP",
    "PLAN_DETAIL",
    "PLAN_LIST",
    "STEP_DETAIL",
    "STEP_STATUS",
    "TEMPLATE_LIST",
    "TERMINATE_INSTANCE",
    "Call",
    "Kind",
]


class Kind(StrEnum):
    """What a call can change, which decides what a lost answer means."""

    PREPARE = "prepare"
    """It creates an instance."""
    START = "start"
    """It starts an instance."""
    OPERATE = "operate"
    """It acts on an instance that was started."""
    READ = "read"
    """It changes nothing, and may be asked again."""


@dataclass(frozen=True, slots=True)
class Call:
    """One operation of JOB.

    Attributes:
        name: JOB's name of it.
        kind: what it can change.
        methods: HTTP method by door; a door that is missing does not have the operation.
    """

    name: str
    kind: Kind
    methods: Mapping[Door, Literal["GET", "POST"]]

    def path(self, door: Door) -> str:
        """Where it is, below the base of `door`."""
        match door:
            case Door.GATEWAY:
                return f"/api/v3/{self.name}"
            case Door.ESB:
                return f"/api/c/compapi/v2/jobv3/{self.name}/"


def _gateway(method: Literal["GET", "POST"]) -> Mapping[Door, Literal["GET", "POST"]]:
    return MappingProxyType({Door.GATEWAY: method})


# Source: bk-job, support-files/bk-api-gateway/v3/resources.yaml. On the gateway, what only reads is
# GET with a query string.
EXECUTE_PLAN = Call("execute_job_plan", Kind.PREPARE, _gateway("POST"))
OPERATE_INSTANCE = Call("operate_job_instance", Kind.START, _gateway("POST"))
# The same operation of JOB, with a code that is no START.
TERMINATE_INSTANCE = Call("operate_job_instance", Kind.OPERATE, _gateway("POST"))
OPERATE_STEP = Call("operate_step_instance", Kind.OPERATE, _gateway("POST"))
INSTANCE_STATUS = Call("get_job_instance_status", Kind.READ, _gateway("GET"))
INSTANCE_LIST = Call("get_job_instance_list", Kind.READ, _gateway("GET"))
INSTANCE_VARIABLES = Call("get_job_instance_global_var_value", Kind.READ, _gateway("GET"))
STEP_DETAIL = Call("get_step_instance_detail", Kind.READ, _gateway("GET"))
STEP_STATUS = Call("get_step_instance_status", Kind.READ, _gateway("GET"))
PLAN_DETAIL = Call("get_job_plan_detail", Kind.READ, _gateway("GET"))
PLAN_LIST = Call("get_job_plan_list", Kind.READ, _gateway("GET"))
TEMPLATE_LIST = Call("get_job_template_list", Kind.READ, _gateway("GET"))
