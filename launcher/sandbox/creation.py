"""execute_job_plan: the checks in the server's order, and the instance that they let through.

Source: bk-job, `EsbExecuteJobPlanV3ResourceImpl`, `TaskExecuteServiceImpl.executeJobPlanInternal`
and `buildTaskInfoFromExecuteParam`. Rows are saved one after the other without a transaction, so
that some failures leave an instance behind.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from launcher.sandbox.blueprint import Blueprint, draw
from launcher.sandbox.call import Result
from launcher.sandbox.callbacks import is_callback_allowed
from launcher.sandbox.caller import MASK
from launcher.sandbox.codes import Code
from launcher.sandbox.definition import Action
from launcher.sandbox.faults import (
    ErrorAfterEffect,
    EsbDropsStartTask,
    HalfInsert,
    LateInsert,
    OlderServer,
    PlanUnreachable,
    QueueDown,
)
from launcher.sandbox.launch_variables import Merged, Sent, bind_variables, check_variables, merge
from launcher.sandbox.params import bad_request
from launcher.sandbox.permissions import display_name, host_paths, is_denied, plan_path
from launcher.sandbox.plan_definition import Approval, VariableKind
from launcher.sandbox.refusal import Denial, Refused
from launcher.sandbox.starting import queue_start
from launcher.sandbox.state import FrozenVariable, Instance, StepInstance
from launcher.sandbox.targets import snapshot

if TYPE_CHECKING:
    from launcher.sandbox.call import Call
    from launcher.sandbox.plan_definition import Plan
    from launcher.sandbox.refusal import Path

__all__ = ["execute_job_plan"]

_CALLBACK_COLUMN = 1024


@dataclass(frozen=True, slots=True)
class _Launch:
    plan_id: int | None
    variables: tuple[Sent | None, ...]
    callback_url: str | None
    start: bool | None


def execute_job_plan(call: Call) -> Result:
    """Create an instance of a job plan and, unless `start_task` is false, start it."""
    launch = _bind(call)
    _check(call, launch)
    plan = _plan(call, launch)
    merged = merge(call.places, plan.variables, launch.variables)
    blueprint = draw(call, plan, merged)
    _authorise(call, plan, blueprint)
    return _save(call, launch, plan, blueprint)


def _bind(call: Call) -> _Launch:
    return _Launch(
        plan_id=call.params.integer("job_plan_id"),
        variables=bind_variables(call.params),
        callback_url=call.params.text("callback_url"),
        start=_start_task(call),
    )


def _start_task(call: Call) -> bool | None:
    server = call.places.definition.server
    dropped = call.door == "esb" and (
        not server.esb_start_task or call.fault(EsbDropsStartTask) is not None
    )
    if not server.two_phase or call.fault(OlderServer) or dropped:
        return True
    return call.params.flag("start_task") if call.params.has("start_task") else True


def _check(call: Call, launch: _Launch) -> None:
    check_variables(launch.variables)
    white_list = call.places.definition.server.callback_white_list
    if launch.callback_url and not is_callback_allowed(launch.callback_url, white_list):
        raise bad_request(
            "Callback url is invalid or not in the allowed list,"
            " please contact the platform administrator to add it",
        )
    if launch.plan_id is None or launch.plan_id <= 0:
        raise Refused(Code.ILLEGAL_NAMED_PARAM, "job_plan_id")
    # The controller walks the list before anything is looked up.
    merge(call.places, (), launch.variables)


def _plan(call: Call, launch: _Launch) -> Plan:
    found = call.places.plan_in(call.scope.key, launch.plan_id or 0)
    if found is None or call.fault(PlanUnreachable):
        raise Refused(Code.LAUNCH_PLAN_NOT_FOUND)
    return found


def _authorise(call: Call, plan: Plan, blueprint: Blueprint) -> None:
    """Check the last script or file step only, as the server's loop does by mistake."""
    last = next(
        (item for item in reversed(blueprint.steps) if not isinstance(item.origin, Approval)), None
    )
    if last is None or isinstance(last.origin, Approval):
        return
    lacking: list[tuple[Action, tuple[Path, ...]]] = []
    account = last.origin.account
    if is_denied(call, Action.ACCOUNT, plan=plan.id, account=account):
        name = call.places.accounts[account].name
        lacking.append((Action.ACCOUNT, ((("account", str(account), name),),)))
    hosts = [call.places.hosts[host.id] for host in last.hosts]
    if any(is_denied(call, Action.LAUNCH, plan=plan.id, host=host.id) for host in hosts):
        paths = (plan_path(plan), *host_paths(call, hosts))
        lacking.append((Action.LAUNCH, paths))
    if lacking:
        raise Denial(display_name(call), tuple(lacking))


def _save(call: Call, launch: _Launch, plan: Plan, blueprint: Blueprint) -> Result:
    if launch.callback_url and len(launch.callback_url) > _CALLBACK_COLUMN:
        raise Refused(Code.INTERNAL_ERROR)
    instance = _instance(call, launch, plan, blueprint)
    state = replace(
        call.state,
        next_instance_id=instance.id + 1,
        next_step_id=call.state.next_step_id + len(blueprint.steps),
    )
    if call.fault(HalfInsert):
        raise Refused(
            Code.INTERNAL_ERROR,
            state=state.put(replace(instance, steps=(), variables=(), quota_ms=None)),
        )
    if launch.start is None or (launch.start and call.fault(QueueDown)):
        raise Refused(Code.INTERNAL_ERROR, state=state.put(instance))
    if launch.start:
        instance = queue_start(call, instance)
    state = state.put(instance)
    if call.fault(ErrorAfterEffect):
        raise Refused(Code.INTERNAL_ERROR, state=state)
    return Result(
        state,
        {
            "job_instance_id": instance.id,
            "job_instance_name": instance.name,
            "step_instance_id": None,
        },
    )


def _instance(call: Call, launch: _Launch, plan: Plan, blueprint: Blueprint) -> Instance:
    late = call.fault(LateInsert)
    first = call.state.next_step_id
    steps = tuple(
        StepInstance(
            id=first + index,
            origin=item.origin,
            create_ms=call.now_ms,
            selection=item.selection,
            hosts=tuple(snapshot(host) for host in item.hosts),
            source_hosts=tuple(tuple(map(snapshot, hosts)) for hosts in item.sources),
        )
        for index, item in enumerate(blueprint.steps)
    )
    return Instance(
        id=call.state.next_instance_id,
        scope=call.scope.key,
        plan_id=plan.id,
        template_id=plan.template,
        name=plan.name,
        operator=call.user,
        app_code=call.app_code,
        create_ms=call.now_ms,
        visible_ms=call.now_ms if late is None else call.after_s(late.seconds),
        variables=tuple(
            _frozen(item, hosts)
            for item, hosts in zip(blueprint.variables, blueprint.variable_hosts, strict=True)
        ),
        steps=steps,
        callback_url=launch.callback_url or None,
        quota_ms=call.now_ms,
    )


def _frozen(item: Merged, host_ids: tuple[int, ...]) -> FrozenVariable:
    is_secret = item.variable.type is VariableKind.CIPHER
    return FrozenVariable(
        id=item.variable.id,
        name=item.variable.name,
        kind=item.variable.type,
        value=MASK if is_secret and item.value else item.value,
        changeable=item.variable.changeable or item.variable.type is VariableKind.NAMESPACE,
        selection=item.targets,
        host_ids=host_ids,
    )
