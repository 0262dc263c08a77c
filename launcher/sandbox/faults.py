"""Scripted faults: what goes wrong, for which calls, how often.

A fault file (or the body of `POST /_sandbox/faults`) is a list:

    - {fault: answer-lost, effect: after, when: {operation: execute_job_plan, call: 2}}
    - {fault: start-lost, when: {operation: operate_job_instance, plan: 1000}, times: always}

Each fault fires on the calls that it can befall and that fit its `when`, from the `call`-th of them
on, `times` times (once by default). Several may fire on one call.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Annotated, ClassVar, Literal

from pydantic import ConfigDict, Field

from launcher.sandbox.definition import Action
from launcher.sandbox.plan_definition import STRICT, Seconds

__all__ = [
    "AnswerLost",
    "Delay",
    "Denied",
    "DuplicateStart",
    "ErrorAfterEffect",
    "EsbDropsStartTask",
    "Fault",
    "HalfInsert",
    "LateInsert",
    "LateStart",
    "LostStart",
    "OlderServer",
    "PlanUnreachable",
    "Purge",
    "QueueDown",
    "QuotaReached",
    "RateLimited",
    "Reset",
    "ServerError",
    "StuckStart",
    "When",
]

OperationName = Literal[
    "execute_job_plan",
    "operate_job_instance",
    "operate_step_instance",
    "get_job_instance_status",
    "get_job_instance_list",
    "get_job_instance_global_var_value",
    "get_job_instance_ip_log",
    "batch_get_job_instance_ip_log",
    "get_step_instance_detail",
    "get_step_instance_status",
    "get_job_plan_list",
    "get_job_plan_detail",
    "get_job_template_list",
    "get_latest_service_version",
]
Times = Annotated[int, Field(ge=1)] | Literal["always"]


_LAUNCH = frozenset({"execute_job_plan"})
_JOB_WRITES = _LAUNCH | {"operate_job_instance"}
_WRITES = _JOB_WRITES | {"operate_step_instance"}


@dataclass(frozen=True, slots=True, kw_only=True)
class When:
    """Which calls a fault fits; what is not named fits every call.

    Attributes:
        plan: the job plan that is launched, read or (by its instance) operated on.
        instance: the instance that is operated on or read.
        code: the `operation_code` of the call.
        call: fire from this fitting call on, counted from 1.
    """

    __pydantic_config__: ClassVar[ConfigDict] = STRICT
    operation: OperationName | None = None
    door: Literal["gateway", "esb"] | None = None
    plan: int | None = None
    instance: int | None = None
    code: int | None = None
    call: Annotated[int, Field(ge=1)] = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class _Scripted:
    """What all faults have: a kind of fault passes over the calls that it cannot befall."""

    __pydantic_config__: ClassVar[ConfigDict] = STRICT
    operations: ClassVar[frozenset[str]] = frozenset()
    """The only operations that the fault can befall; empty for all."""
    needs_start: ClassVar[bool] = False
    """It can befall only a call that asks for a START."""
    when: When = field(default_factory=When)
    times: Times = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerLost(_Scripted):
    """The connection is closed without an answer, before or after the call took effect."""

    fault: Literal["answer-lost"] = "answer-lost"
    effect: Literal["before", "after"] = "after"


@dataclass(frozen=True, slots=True, kw_only=True)
class LateInsert(_Scripted):
    """The caller gets no answer (or the gateway's 504) and the row appears after `seconds`."""

    operations: ClassVar[frozenset[str]] = _LAUNCH
    fault: Literal["late-insert"] = "late-insert"
    seconds: Seconds
    answer: Literal["closed", "504"] = "closed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Delay(_Scripted):
    """The call takes effect at once and is answered after `seconds` of real time."""

    fault: Literal["delay"] = "delay"
    seconds: Seconds


@dataclass(frozen=True, slots=True, kw_only=True)
class RateLimited(_Scripted):
    """429 with `Retry-After`, from the gateway in its own form; the call takes no effect."""

    fault: Literal["rate-limited"] = "rate-limited"
    retry_after_s: Annotated[int, Field(ge=0)] = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerError(_Scripted):
    """A 5xx from the gateway, in its own form, before or after the call took effect."""

    fault: Literal["server-error"] = "server-error"
    status: Annotated[int, Field(ge=500, le=599)] = 502
    effect: Literal["before", "after"] = "before"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reset(_Scripted):
    """The call takes effect; the connection is reset after `after_bytes` of the answer's body."""

    fault: Literal["reset"] = "reset"
    after_bytes: Annotated[int, Field(ge=0)] = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class QuotaReached(_Scripted):
    """A launch finds the quota of running jobs used up."""

    operations: ClassVar[frozenset[str]] = _LAUNCH
    fault: Literal["quota"] = "quota"
    level: Literal["system", "scope", "app"] = "scope"


@dataclass(frozen=True, slots=True, kw_only=True)
class Denied(_Scripted):
    """The caller lacks a permission for this call."""

    fault: Literal["permission-denied"] = "permission-denied"
    action: Action = Action.ACCESS


@dataclass(frozen=True, slots=True, kw_only=True)
class LostStart(_Scripted):
    """A START is accepted and its message never consumed."""

    needs_start: ClassVar[bool] = True
    fault: Literal["start-lost"] = "start-lost"


@dataclass(frozen=True, slots=True, kw_only=True)
class LateStart(_Scripted):
    """A START is accepted and its message consumed `seconds` later than usual."""

    needs_start: ClassVar[bool] = True
    fault: Literal["start-late"] = "start-late"
    seconds: Seconds


@dataclass(frozen=True, slots=True, kw_only=True)
class DuplicateStart(_Scripted):
    """A START is queued twice; both are consumed in turn, or `together` at the same moment."""

    needs_start: ClassVar[bool] = True
    fault: Literal["start-duplicated"] = "start-duplicated"
    together: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class StuckStart(_Scripted):
    """The engine dies after it marked the job as running: state 2, every step at 1, for ever."""

    needs_start: ClassVar[bool] = True
    fault: Literal["start-stuck"] = "start-stuck"


@dataclass(frozen=True, slots=True, kw_only=True)
class Purge(_Scripted):
    """Before the call, instances older than `older_than_s` are deleted."""

    fault: Literal["purge"] = "purge"
    older_than_s: Seconds = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class OlderServer(_Scripted):
    """The call meets a replica that knows neither `start_task` nor START."""

    operations: ClassVar[frozenset[str]] = _JOB_WRITES
    fault: Literal["older-server"] = "older-server"


@dataclass(frozen=True, slots=True, kw_only=True)
class EsbDropsStartTask(_Scripted):
    """ESB does not pass `start_task` on."""

    operations: ClassVar[frozenset[str]] = _LAUNCH
    fault: Literal["esb-drops-start-task"] = "esb-drops-start-task"


@dataclass(frozen=True, slots=True, kw_only=True)
class ErrorAfterEffect(_Scripted):
    """1240002 although the call took effect."""

    operations: ClassVar[frozenset[str]] = _WRITES
    fault: Literal["error-after-effect"] = "error-after-effect"


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueDown(_Scripted):
    """The message queue is down: rows are saved, nothing is started, 1240002."""

    operations: ClassVar[frozenset[str]] = _WRITES
    fault: Literal["queue-down"] = "queue-down"


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanUnreachable(_Scripted):
    """A launch cannot fetch its plan and takes it for missing: 1244012."""

    operations: ClassVar[frozenset[str]] = _LAUNCH
    fault: Literal["plan-unreachable"] = "plan-unreachable"


@dataclass(frozen=True, slots=True, kw_only=True)
class HalfInsert(_Scripted):
    """The server dies while creating: an instance without steps, and 1240002."""

    operations: ClassVar[frozenset[str]] = _LAUNCH
    fault: Literal["half-insert"] = "half-insert"


Fault = Annotated[
    AnswerLost
    | LateInsert
    | Delay
    | RateLimited
    | ServerError
    | Reset
    | QuotaReached
    | Denied
    | LostStart
    | LateStart
    | DuplicateStart
    | StuckStart
    | Purge
    | OlderServer
    | EsbDropsStartTask
    | ErrorAfterEffect
    | QueueDown
    | PlanUnreachable
    | HalfInsert,
    Field(discriminator="fault"),
]
