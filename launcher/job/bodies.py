"""Our words as JOB's requests."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from launcher.engine.recorded import OperationKind
from launcher.engine.spec import Hosts, SecretReference

if TYPE_CHECKING:
    from collections.abc import Mapping

    from launcher.engine.effects import OperationRequest, PrepareRequest
    from launcher.engine.observed import InstanceRef
    from launcher.engine.spec import Scope, Variable

__all__ = [
    "START",
    "instance_query",
    "launch_body",
    "operation_body",
    "scope_fields",
    "start_body",
]

START = 2
"""Starts an instance. Source: bk-job, `TaskOperationEnum`."""

_TERMINATE = 1
"""Ends an instance. Source: bk-job, `TaskOperationEnum`."""

_STEP_OPERATIONS = {
    OperationKind.RETRY_FAILED_HOSTS: 2,
    OperationKind.CONTINUE: 6,
    OperationKind.END: 9,
    OperationKind.RESTART: 10,
}
"""Source: bk-job, `StepOperationEnum`."""


def scope_fields(scope: Scope) -> dict[str, Any]:
    """What every request names first."""
    return {"bk_scope_type": scope.type, "bk_scope_id": scope.id}


def instance_query(instance: InstanceRef) -> dict[str, Any]:
    """What a read of one instance asks with."""
    return scope_fields(instance.scope) | {"job_instance_id": instance.id}


def start_body(scope: Scope, instance_id: int) -> dict[str, Any]:
    """The request that starts an instance."""
    return scope_fields(scope) | {"job_instance_id": instance_id, "operation_code": START}


def operation_body(request: OperationRequest) -> dict[str, Any]:
    """The request that operates on an instance, or on one of its steps.

    Raises:
        ValueError: it terminates a step, or does to a whole instance what is done to steps.
    """
    body = instance_query(request.instance)
    if (request.step is None) is not (request.kind is OperationKind.TERMINATE):
        raise ValueError(f"{request.kind} of step {request.step}")
    if request.step is None:
        return body | {"operation_code": _TERMINATE}
    code = _STEP_OPERATIONS[request.kind]
    return body | {"step_instance_id": request.step, "operation_code": code}


def launch_body(request: PrepareRequest, secrets: Mapping[SecretReference, str]) -> dict[str, Any]:
    """The request that creates an instance; un-started, unless `request.start`.

    Variables come by name, the marker last: the last one wins where a name stands twice. `start_task`
    is never null: bk-job fails on null after it has saved the instance.

    Raises:
        KeyError: the value of a secret is not in `secrets`.
    """
    spec = request.spec
    variables = sorted(spec.variables, key=lambda variable: variable.name)
    items = [_item(variable, secrets) for variable in variables]
    if request.marker is not None:
        name, text = request.marker
        items.append({"name": name, "value": text})
    body = scope_fields(spec.scope) | {"job_plan_id": request.plan_id, "global_var_list": items}
    if spec.callback_url is not None:
        body["callback_url"] = spec.callback_url
    if not request.start:
        body["start_task"] = False
    return body


def _item(variable: Variable, secrets: Mapping[SecretReference, str]) -> dict[str, Any]:
    """One variable; where it has an id, bk-job matches by that alone and reads no name."""
    item: dict[str, Any] = {"name": variable.name} if variable.id is None else {"id": variable.id}
    match variable.value:
        case str() as text:
            item["value"] = text
        case Hosts() as hosts:
            item["server"] = _server(hosts)
        case SecretReference() as reference:
            item["value"] = secrets[reference]
    return item


def _server(hosts: Hosts) -> dict[str, Any]:
    lists: dict[str, list[Any]] = {
        "dynamic_group_list": [{"id": group} for group in hosts.dynamic_groups],
        "host_id_list": list(hosts.ids),
        "ip_list": [{"bk_cloud_id": cloud, "ip": ip} for cloud, ip in hosts.ips],
        "topo_node_list": [{"id": node, "node_type": kind} for kind, node in hosts.topo_nodes],
    }
    return {name: items for name, items in lists.items() if items}
