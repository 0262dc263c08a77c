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
    "INSTANCE_LOGS",
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


Method = Literal["GET", "POST"]


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
    methods: Mapping[Door, Method]

    def is_at(self, door: Door) -> bool:
        """Whether `door` has it."""
        return door in self.methods

    def path(self, door: Door) -> str:
        """Where it is, below the base of `door`."""
        match door:
            case Door.GATEWAY:
                return f"/api/v3/{self.name}"
            case Door.ESB:
                return f"/api/c/compapi/v2/jobv3/{self.name}/"


def _query(name: str, *, gateway: Method = "GET", on_esb: bool = True) -> Call:
    """A read; at the gateway nearly always GET with a query string."""
    return Call(name, Kind.READ, _methods(gateway, on_esb=on_esb))


def _action(name: str, kind: Kind) -> Call:
    """What can change something; there is none that a door lacks."""
    return Call(name, kind, _methods("POST", on_esb=True))


def _methods(gateway: Method, *, on_esb: bool) -> Mapping[Door, Method]:
    # ESB itself takes anything as POST with a JSON body.
    esb: dict[Door, Method] = {Door.ESB: "POST"} if on_esb else {}
    return MappingProxyType({Door.GATEWAY: gateway, **esb})


# Source: bk-job, support-files/bk-api-gateway/v3/resources.yaml (gateway) and
# docs/apidoc/esb/jobv3-confapis/job.yaml (ESB).
EXECUTE_PLAN = _action("execute_job_plan", Kind.PREPARE)
OPERATE_INSTANCE = _action("operate_job_instance", Kind.START)
# The same operation of JOB, with a code that is no START.
TERMINATE_INSTANCE = _action("operate_job_instance", Kind.OPERATE)
OPERATE_STEP = _action("operate_step_instance", Kind.OPERATE)
INSTANCE_STATUS = _query("get_job_instance_status")
INSTANCE_LIST = _query("get_job_instance_list")
# It only reads, and has a list of hosts for which a query string would be too short.
INSTANCE_LOGS = _query("batch_get_job_instance_ip_log", gateway="POST")
INSTANCE_VARIABLES = _query("get_job_instance_global_var_value")
STEP_DETAIL = _query("get_step_instance_detail", on_esb=False)
STEP_STATUS = _query("get_step_instance_status", on_esb=False)
PLAN_DETAIL = _query("get_job_plan_detail")
PLAN_LIST = _query("get_job_plan_list")
TEMPLATE_LIST = _query("get_job_template_list")
