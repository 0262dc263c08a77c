"""operate_job_instance and operate_step_instance: read the state, answer, leave the rest to the queue.

Source: bk-job, `EsbOperateJobInstanceV3ResourceImpl`, `TaskExecuteServiceImpl.doTaskOperation`
and `doStepOperation`. Nothing is locked between the look and the message, and START is not
re-authorised.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from launcher.sandbox.call import Result
from launcher.sandbox.codes import Code, JobOperation, RunStatus, StepOperation
from launcher.sandbox.faults import ErrorAfterEffect, OlderServer, QueueDown
from launcher.sandbox.plan_definition import Approval
from launcher.sandbox.refusal import Refused
from launcher.sandbox.starting import queue_start
from launcher.sandbox.state import Message, MessageKind

if TYPE_CHECKING:
    from launcher.sandbox.call import Call
    from launcher.sandbox.state import Instance, StepInstance

__all__ = ["operate_job_instance", "operate_step_instance"]

_FAILED = frozenset({RunStatus.FAIL, RunStatus.ABNORMAL})
_STOPPED = frozenset({RunStatus.STOP_SUCCESS})
_PRECONDITIONS = {
    StepOperation.RETRY_FAILED: _FAILED | _STOPPED,
    StepOperation.IGNORE_ERROR: _FAILED,
    StepOperation.CONFIRM_CONTINUE: frozenset({RunStatus.WAITING_USER}),
    StepOperation.RETRY_ALL: _FAILED | _STOPPED,
    StepOperation.CONFIRM_TERMINATE: frozenset({RunStatus.WAITING_USER}),
    StepOperation.CONFIRM_RESTART: frozenset({RunStatus.CONFIRM_TERMINATED}),
    StepOperation.NEXT_STEP: _STOPPED,
    StepOperation.FORCE_SKIP: frozenset({RunStatus.STOPPING}),
    # A plan that is launched through the API is never rolling.
    StepOperation.ROLLING_CONTINUE: frozenset[RunStatus](),
}
_MESSAGES = {
    StepOperation.RETRY_FAILED: MessageKind.RETRY_FAILED,
    StepOperation.IGNORE_ERROR: MessageKind.IGNORE,
    StepOperation.CONFIRM_CONTINUE: MessageKind.CONTINUE,
    StepOperation.RETRY_ALL: MessageKind.RETRY_ALL,
    StepOperation.CONFIRM_TERMINATE: MessageKind.TERMINATE,
    StepOperation.CONFIRM_RESTART: MessageKind.RESTART,
    StepOperation.NEXT_STEP: MessageKind.NEXT,
    StepOperation.FORCE_SKIP: MessageKind.SKIP,
}
_FOR_APPROVALS = frozenset(
    {
        StepOperation.CONFIRM_CONTINUE,
        StepOperation.CONFIRM_TERMINATE,
        StepOperation.CONFIRM_RESTART,
    },
)
_RETRIES = frozenset({StepOperation.RETRY_FAILED, StepOperation.RETRY_ALL})
_CONFIRMS = frozenset({StepOperation.CONFIRM_CONTINUE, StepOperation.CONFIRM_TERMINATE})
_RUN_AT_ONCE = _RETRIES | {
    StepOperation.IGNORE_ERROR,
    StepOperation.CONFIRM_CONTINUE,
    StepOperation.NEXT_STEP,
    StepOperation.FORCE_SKIP,
}


def operate_job_instance(call: Call) -> Result:
    """Terminate or start an instance; the state is not changed by the call itself."""
    instance_id = call.params.integer("job_instance_id")
    code = call.params.integer("operation_code")
    known: set[int | None] = set(JobOperation)
    if not call.places.definition.server.two_phase or call.fault(OlderServer):
        known.discard(JobOperation.START)
    if instance_id is None or instance_id <= 0 or code not in known:
        raise Refused(Code.ILLEGAL_PARAM)
    instance = call.instance(instance_id)
    if code == JobOperation.START:
        return _operated(call, instance, _started(call, instance), None)
    if instance.status not in {RunStatus.RUNNING, RunStatus.WAITING_USER}:
        raise Refused(Code.UNSUPPORTED_OPERATION)
    lag_s = call.places.definition.server.stop_lag_s
    return _operated(call, instance, _queued(call, instance, MessageKind.STOP, lag_s), None)


def _started(call: Call, instance: Instance) -> Instance:
    if instance.status is not RunStatus.BLANK:
        raise Refused(Code.REPEATED_START, instance.id)
    return queue_start(call, instance)


def _queued(
    call: Call, instance: Instance, kind: MessageKind, lag_s: float, step_id: int | None = None
) -> Instance:
    return replace(instance, queue=(*instance.queue, Message(call.after_s(lag_s), kind, step_id)))


def _operated(call: Call, written: Instance, queued: Instance, step_id: int | None) -> Result:
    """Answer for an operation: `written` is what the call itself wrote, `queued` has its message."""
    if call.fault(QueueDown):
        raise Refused(Code.INTERNAL_ERROR, state=call.state.put(written))
    state = call.state.put(queued)
    if call.fault(ErrorAfterEffect):
        raise Refused(Code.INTERNAL_ERROR, state=state)
    return Result(
        state,
        {
            "job_instance_id": queued.id,
            "job_instance_name": None,
            "step_instance_id": step_id,
        },
    )


def operate_step_instance(call: Call) -> Result:
    """Retry, ignore, confirm, skip: one step of an instance."""
    instance_id = call.params.integer("job_instance_id")
    step_id = call.params.integer("step_instance_id")
    code = call.params.integer("operation_code")
    is_known = code in set(StepOperation)
    if not is_known or (instance_id or 0) <= 0 or (step_id or 0) <= 0:
        raise Refused(Code.ILLEGAL_PARAM)
    instance = call.instance(instance_id or 0)
    step = call.step(instance, step_id or 0, Code.STEP_NOT_FOUND)
    operation = StepOperation(code or 0)
    _check_step(call, step, operation)
    touched = _touched(call, instance, step, operation)
    lag_s = call.places.definition.server.operation_lag_s
    queued = _queued(call, touched, _MESSAGES[operation], lag_s, step.id)
    return _operated(call, touched, queued, step.id)


def _check_step(call: Call, step: StepInstance, operation: StepOperation) -> None:
    is_approval = isinstance(step.origin, Approval)
    if operation in _FOR_APPROVALS and not is_approval:
        raise Refused(Code.UNSUPPORTED_OPERATION)
    if step.status not in _PRECONDITIONS[operation]:
        raise Refused(Code.UNSUPPORTED_OPERATION)
    if operation in _CONFIRMS and not _may_confirm(call, step):
        raise Refused(Code.NOT_CONFIRMER)


def _may_confirm(call: Call, step: StepInstance) -> bool:
    """In the list, or in a role; where no role is listed, everybody may."""
    if not isinstance(step.origin, Approval) or not step.origin.roles:
        return True
    user = call.places.users.get(call.user)
    roles = user.roles if user else ()
    return call.user in step.origin.users or any(role in step.origin.roles for role in roles)


def _touched(
    call: Call, instance: Instance, step: StepInstance, operation: StepOperation
) -> Instance:
    """What the call writes at once, before the engine has seen anything."""
    if operation in _RUN_AT_ONCE:
        instance = replace(instance, status=RunStatus.RUNNING, end_ms=None)
    if operation in _RETRIES:
        retried = replace(step, execute_count=step.execute_count + 1, due_ms=None)
        instance = replace(instance.with_step(retried), quota_ms=call.now_ms)
    return instance
