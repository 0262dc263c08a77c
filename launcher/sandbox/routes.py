"""Which path and method is which operation, at both doors.

Source: bk-job, `support-files/bk-api-gateway/v3/resources.yaml` (gateway: queries are GET) and
`docs/apidoc/esb/jobv3-confapis/job.yaml` (ESB: always POST; two operations are missing there).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

__all__ = ["OPERATIONS", "Door", "Entrance", "Operation", "Route", "path_of", "route"]

Door = Literal["gateway", "esb"]


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation of the API.

    Attributes:
        method: at the gateway.
        through_esb: ESB has it too.
        system_only: the gateway has it in the system family only.
        has_scope: it belongs to a scope.
        needs_scope: a GET without scope fields is refused by the controller itself.
    """

    name: str
    method: Literal["GET", "POST"]
    through_esb: bool = True
    system_only: bool = False
    has_scope: bool = True
    needs_scope: bool = False


OPERATIONS = {
    item.name: item
    for item in (
        Operation("execute_job_plan", "POST"),
        Operation("operate_job_instance", "POST"),
        Operation("operate_step_instance", "POST"),
        Operation("get_job_instance_status", "GET"),
        Operation("get_job_instance_list", "GET"),
        Operation("get_job_instance_global_var_value", "GET"),
        Operation("get_job_instance_ip_log", "GET"),
        Operation("batch_get_job_instance_ip_log", "POST"),
        Operation("get_step_instance_detail", "GET", through_esb=False, needs_scope=True),
        Operation("get_step_instance_status", "GET", through_esb=False, needs_scope=True),
        Operation("get_job_plan_list", "GET"),
        Operation("get_job_plan_detail", "GET"),
        Operation("get_job_template_list", "GET"),
        Operation("get_latest_service_version", "GET", system_only=True, has_scope=False),
    )
}
"""Every operation of the sandbox by name."""


@dataclass(frozen=True, slots=True)
class Entrance:
    """Where a request came in; `system` is the gateway's second family."""

    door: Door
    system: bool = False


@dataclass(frozen=True, slots=True)
class Route:
    """An operation at an entrance, and the one method it takes there."""

    entrance: Entrance
    operation: Operation

    @property
    def method(self) -> str:
        """The method that is registered at this door."""
        return "POST" if self.entrance.door == "esb" else self.operation.method

    @property
    def is_registered(self) -> bool:
        """The door has the operation."""
        if self.entrance.door == "esb":
            return self.operation.through_esb
        return self.entrance.system or not self.operation.system_only


_GATEWAY = re.compile(r".*?/api/v3/(?P<system>system/)?(?P<name>[a-z_]+)")
_ESB = re.compile(r".*?/api/c/compapi/(?P<odd>esb/api/v3|v2/jobv3)/(?P<name>[a-z_]+)/")


def route(path: str) -> Route | None:
    """The operation at `path`, under any prefix; `None` if there is none."""
    if through_esb := _ESB.fullmatch(path):
        return _esb(through_esb["name"], odd=through_esb["odd"] != "v2/jobv3")
    if through_gateway := _GATEWAY.fullmatch(path):
        return _gateway(through_gateway["name"], system=bool(through_gateway["system"]))
    return None


def path_of(route: Route) -> str:
    """The path of a registered operation, without a prefix; `route` finds it there."""
    name = route.operation.name
    if route.entrance.door == "esb":
        # get_latest_service_version is registered under another public path than its siblings.
        family = "esb/api/v3" if route.operation.system_only else "v2/jobv3"
        return f"/api/c/compapi/{family}/{name}/"
    return f"/api/v3/{'system/' if route.entrance.system else ''}{name}"


def _esb(name: str, *, odd: bool) -> Route | None:
    operation = OPERATIONS.get(name)
    if operation is None or operation.system_only is not odd:
        return None
    return _registered(Route(Entrance("esb"), operation))


def _gateway(name: str, *, system: bool) -> Route | None:
    operation = OPERATIONS.get(name)
    return None if operation is None else _registered(Route(Entrance("gateway", system), operation))


def _registered(found: Route) -> Route | None:
    return found if found.is_registered else None
