"""Steps, targets and scopes in the shapes of the wire, shared by plan detail and step detail.

Source: bk-job, `EsbStepV3DTO`, `EsbScriptStepV3DTO`, `EsbFileStepV3DTO`, `EsbServerV3DTO` (of
which `variable` is left out where it is null, and `host_id_list` where it is empty).
"""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING

from launcher.sandbox.caller import MASK
from launcher.sandbox.codes import Code
from launcher.sandbox.plan_definition import FileStep, ScriptStep
from launcher.sandbox.refusal import Refused

if TYPE_CHECKING:
    from launcher.sandbox.definition import ScopeEntry
    from launcher.sandbox.places import Places
    from launcher.sandbox.plan_definition import Approval, FileSource, Step, Targets
    from launcher.sandbox.state import HostSnapshot, StepInstance
    from launcher.sandbox.wire import Json

__all__ = [
    "execute_type",
    "plan_step",
    "scope_fields",
    "server_shape",
    "step_instance_detail",
    "step_type",
]

_SQL = 6


def scope_fields(scope: ScopeEntry) -> dict[str, Json]:
    """The scope as answers carry it: the old field first."""
    number = int(scope.id) if scope.id.isdigit() else None
    return {"bk_biz_id": number, "bk_scope_type": scope.type, "bk_scope_id": scope.id}


def step_type(step: Step) -> int:
    """The type in plan and step detail: 1 script (SQL too), 2 file, 3 approval."""
    return {"script": 1, "file": 2, "approval": 3}[step.type]


def execute_type(step: Step) -> int:
    """The type in the status operations: 1 script, 2 file, 3 manual confirm, 4 SQL."""
    return 4 if isinstance(step, ScriptStep) and step.language == _SQL else step_type(step)


def plan_step(places: Places, step: Step) -> Json:
    """A step of plan detail: script and parameters in base64, sensitive ones too."""
    body: dict[str, Json] = {"id": step.id, "name": step.name, "type": step_type(step)}
    script = file = approval = None
    if isinstance(step, ScriptStep):
        script = _script(
            step,
            _account(step.account, None),
            server_shape(places, step.variable, step.targets),
            content=_base64(step.script),
            param=None if step.param is None else _base64(step.param),
            ignore=None,
        )
    elif isinstance(step, FileStep):
        sources: list[Json] = [
            _source(
                item,
                None if item.account is None else _account(item.account, None),
                None if item.is_local else server_shape(places, item.variable, item.targets),
            )
            for item in step.sources
        ]
        server = server_shape(places, step.variable, step.targets)
        file = _file(step, sources, _account(step.account, None), server, ignore=None)
    else:
        approval = _approval(step)
    return body | {"script_info": script, "file_info": file, "approval_info": approval}


def step_instance_detail(places: Places, step: StepInstance) -> Json:
    """A step instance: plain text, a sensitive parameter masked, targets as selected.

    Raises:
        Refused: a file source has no server, which the server stumbles over.
    """
    origin = step.origin
    body: dict[str, Json] = {"id": step.id, "name": origin.name, "type": step_type(origin)}
    script: Json = None
    file: Json = None
    approval: Json = None
    if isinstance(origin, ScriptStep):
        param = MASK if origin.param_sensitive and origin.param else (origin.param or "")
        script = _script(
            origin,
            _named_account(places, origin.account),
            server_shape(places, origin.variable, step.selection, step.hosts),
            content=origin.script,
            param=param,
            ignore=int(origin.ignore_error),
        )
    elif isinstance(origin, FileStep):
        file = _frozen_file(places, origin, step)
    else:
        approval = {
            "approval_type": None,
            "approval_user": None,
            "approval_message": origin.message,
            "notify_channel": None,
        }
    return body | {"script_info": script, "file_info": file, "approval_info": approval}


def _frozen_file(places: Places, origin: FileStep, step: StepInstance) -> Json:
    if any(source.is_local for source in origin.sources):
        raise Refused(Code.INTERNAL_ERROR)
    sources: list[Json] = [
        _source(
            item,
            None if item.account is None else _named_account(places, item.account),
            server_shape(places, item.variable, item.targets, hosts),
        )
        for item, hosts in zip(origin.sources, step.source_hosts, strict=True)
    ]
    server = server_shape(places, origin.variable, step.selection, step.hosts)
    account = _named_account(places, origin.account)
    return _file(origin, sources, account, server, ignore=int(origin.ignore_error))


def server_shape(
    places: Places,
    variable: str | None,
    targets: Targets | None,
    frozen: tuple[HostSnapshot, ...] | None = None,
) -> Json:
    """A selection of hosts: the static ones with their addresses, groups and nodes by name.

    Args:
        places: where host ids are looked up.
        variable: the host variable that it comes from.
        targets: the selection; `None` in plan detail where a variable holds it.
        frozen: the instance's own hosts, which also tell whether their agents were alive.
    """
    shape: dict[str, Json] = {} if variable is None else {"variable": variable}
    if targets is None or (variable is not None and frozen is None):
        return shape | {"ip_list": None, "dynamic_group_list": None, "topo_node_list": None}
    known = {host.id: host for host in frozen or ()}
    ips = [_static_host(places, host_id, known.get(host_id)) for host_id in targets.hosts]
    groups: list[Json] = [{"id": name} for name in targets.groups]
    nodes: list[Json] = [{"id": node.id, "node_type": node.type} for node in targets.nodes]
    return shape | {
        "ip_list": ips or None,
        "dynamic_group_list": groups or None,
        "topo_node_list": nodes or None,
    }


def _static_host(places: Places, host_id: int, frozen: HostSnapshot | None) -> Json:
    host = frozen or places.hosts.get(host_id)
    return {
        "bk_host_id": host_id,
        "bk_cloud_id": host.cloud if host else None,
        "bk_cloud_name": None,
        "ip": host.ip if host else None,
        "ipv6": host.ipv6 if host else None,
        "bk_agent_id": frozen.agent_id if frozen else None,
        "alive": frozen.alive if frozen else None,
    }


def _script(
    step: ScriptStep, account: Json, server: Json, *, content: str, param: str | None, ignore: Json
) -> Json:
    return {
        "script_type": 1,
        "script_id": None,
        "script_version_id": None,
        "script_content": content,
        "script_language": step.language,
        "script_param": param,
        "windows_interpreter": None,
        "script_timeout": step.timeout_s,
        "account": account,
        "server": server,
        "is_param_sensitive": int(step.param_sensitive),
        "is_ignore_error": ignore,
    }


def _file(
    step: FileStep, sources: list[Json], account: Json, server: Json, *, ignore: Json
) -> Json:
    return {
        "file_source_list": sources,
        "file_destination": {"path": step.path, "account": account, "server": server},
        "timeout": step.timeout_s,
        "source_speed_limit": step.source_speed_limit,
        "destination_speed_limit": step.destination_speed_limit,
        "transfer_mode": step.transfer_mode,
        "is_ignore_error": ignore,
    }


def _source(source: FileSource, account: Json, server: Json) -> Json:
    return {
        "file_list": list(source.files),
        "account": account,
        "server": server,
        "file_type": 2 if source.is_local else 1,
        "file_source_id": None,
        "file_source_code": None,
    }


def _approval(step: Approval) -> Json:
    return {
        "approval_type": step.approval_type,
        "approval_user": {"user_list": list(step.users), "role_list": list(step.roles)},
        "approval_message": step.message,
        "notify_channel": list(step.channels),
    }


def _account(account_id: int, name: str | None) -> Json:
    return {"id": account_id, "name": name, "alias": None}


def _named_account(places: Places, account_id: int) -> Json:
    found = places.accounts.get(account_id)
    return _account(account_id, found.name if found else None)


def _base64(text: str) -> str:
    return base64.b64encode(text.encode()).decode()
