"""Create an instance, and see through JOB's answer that its job plan does not exist.

job-execute answers so to any trouble with job-manage, which holds the job plans; only job-manage itself knows.
Nothing is kept by then, so the same request may be sent again. Source: bk-job, `TaskPlanServiceImpl.getPlanById`
in job-execute.

| the job plan, when it is read | means |
|---|---|
| is there | JOB's trouble: asked once more, and then nothing happened for now |
| job-manage knows none, no template, or no scope of it | it is gone: the refusal stands |
| anything else | not confirmed: nothing happened for now |
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from launcher.engine.effects import Done, Instance, Refused
from launcher.engine.spec import Hosts
from launcher.job.bodies import launch_body
from launcher.job.calls import EXECUTE_PLAN
from launcher.job.envelope import outcome, signal_of, with_id
from launcher.job.plans import read_plan
from launcher.job.verdicts import Again, again
from launcher.job.wire import Executed
from launcher.job.words import say

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from launcher.engine.effects import Outcome, PrepareRequest
    from launcher.engine.spec import SecretReference
    from launcher.job.asking import Asker
    from launcher.job.envelope import Answer, Fault

__all__ = ["prepare"]

T = TypeVar("T")

_GONE = frozenset({1243009, 1243026, 1243049})
"""TASK_PLAN_NOT_EXIST, TEMPLATE_NOT_EXIST and APP_NOT_EXIST, of job-manage itself."""

_PAUSE_S = 3.0
"""job-manage is restarting, or did not answer within 20 s. Source: bk-job, VALUES `executeConfig.feign`."""


def prepare(
    asker: Asker,
    request: PrepareRequest,
    secrets: Mapping[SecretReference, str],
    deadline_s: float | None = None,
    withdrawn: Callable[[], bool] | None = None,
) -> Outcome[Instance]:
    """See `JobServer.prepare`.

    Raises:
        Expired: `deadline_s` had passed, or it was `withdrawn`, before a byte left, or before it could be sent
            again; nothing has happened.
    """
    clash = _clash(request)
    if clash is not None:
        return Refused(say("L311", variable=clash))
    body = launch_body(request, secrets)

    def ask() -> Answer | Fault:
        # What starts at once is sent once.
        return asker.ask(
            EXECUTE_PLAN,
            body,
            deadline_s=deadline_s,
            withdrawn=withdrawn,
            once=request.start,
            secrets=tuple(secrets.values()),
        )

    return _prepared(asker, request, ask)


def _prepared(
    asker: Asker, request: PrepareRequest, ask: Callable[[], Answer | Fault]
) -> Outcome[Instance]:
    found = ask()
    if not _is_to_be_confirmed(found):
        return outcome(EXECUTE_PLAN.kind, found, _instance)
    plan = read_plan(asker, request.spec.scope, request.plan_id)
    if isinstance(plan, Refused) and plan.code in _GONE:
        return outcome(EXECUTE_PLAN.kind, found, _instance)
    if not isinstance(plan, Done):
        return _not_now("L325", found, reason=plan.message)
    if not request.start and asker.budget.spend() and asker.pause(_PAUSE_S, found):
        found = ask()
        if not _is_to_be_confirmed(found):
            return outcome(EXECUTE_PLAN.kind, found, _instance)
    return _not_now("L324", found, plan=plan.value.pin.name)


def _is_to_be_confirmed(found: Answer | Fault) -> bool:
    return again(EXECUTE_PLAN.kind, signal_of(found)) is Again.CONFIRMED


def _not_now(code: str, found: Answer | Fault, **facts: str) -> Refused:
    """Nothing happened, and not for what was asked: no code of JOB, so that the attempt stays open."""
    return Refused(with_id(say(code, **facts), found.request_id), request_id=found.request_id)


def _clash(request: PrepareRequest) -> str | None:
    """A variable whose addresses JOB would drop: with host ids beside them, it ignores them in silence.

    Source: bk-job, `JobExecuteCommonV3Processor.convertToServersDTO`.
    """
    for variable in request.spec.variables:
        if isinstance(variable.value, Hosts) and variable.value.ids and variable.value.ips:
            return variable.name
    return None


def _instance(data: Any) -> Instance:  # noqa: ANN401 - any JSON value
    answer = Executed.model_validate(data)
    return Instance(answer.job_instance_id, answer.job_instance_name or "")
