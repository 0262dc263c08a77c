"""Read a job plan: what it would run, what it declares, and a digest of all JOB tells about it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from launcher.engine.observed import JobPlan, PlanPin, PlanVariable, VariableKind
from launcher.engine.spec import digest_of
from launcher.job.envelope import Unreadable
from launcher.job.steps import plan_step
from launcher.job.wire import PlanDetail

if TYPE_CHECKING:
    from collections.abc import Mapping

    from launcher.job.wire import GlobalVariable

__all__ = ["job_plan", "plan_digest"]

_KINDS = {
    1: VariableKind.STRING,
    2: VariableKind.NAMESPACE,
    3: VariableKind.HOSTS,
    4: VariableKind.CIPHER,
    5: VariableKind.ASSOCIATIVE_ARRAY,
    6: VariableKind.INDEX_ARRAY,
}
_CIPHER = 4

_PASSING = frozenset({"alive", "bk_agent_id", "bk_cloud_name"})
"""What JOB shows beside a host and looks up anew each time: no part of the job plan."""


def job_plan(data: Any, plan_id: int) -> JobPlan:  # noqa: ANN401 - any JSON value
    """The job plan in the data of `get_job_plan_detail`, which was asked for `plan_id`.

    Raises:
        Unreadable: it is another job plan, or holds something of a kind that we do not know.
        ValidationError: a field is missing or of another type.
    """
    detail = PlanDetail.model_validate(data)
    if detail.id != plan_id:
        raise Unreadable("it is about another job plan")
    pin = PlanPin(detail.id, detail.name, plan_digest(data), _rfc3339(detail.last_modify_time))
    return JobPlan(
        pin,
        variables=tuple(_variable(item) for item in detail.global_var_list or []),
        steps=tuple(plan_step(item) for item in detail.step_list or []),
    )


def plan_digest(data: Mapping[str, Any]) -> str:
    """Digest of everything JOB tells about a job plan, the time of its last change included.

    Without sensitive parameters and cipher values, so that it cannot be guessed back to one, and
    without what is looked up anew for each answer.
    """
    return digest_of(_without_secrets(data))


def _without_secrets(data: Any) -> Any:  # noqa: ANN401 - any JSON value
    if isinstance(data, list):
        return [_without_secrets(item) for item in data]
    if not isinstance(data, dict):
        return data
    hidden = set(_PASSING)
    if data.get("is_param_sensitive"):
        hidden.add("script_param")
    if data.get("type") == _CIPHER:
        hidden.add("value")
    return {key: _without_secrets(value) for key, value in data.items() if key not in hidden}


def _variable(item: GlobalVariable) -> PlanVariable:
    if item.type not in _KINDS:
        raise Unreadable(f"variable type {item.type} is not known")
    return PlanVariable(item.id, item.name, _KINDS[item.type], required=bool(item.required))


def _rfc3339(seconds: int) -> str:
    try:
        return datetime.fromtimestamp(seconds, UTC).isoformat().replace("+00:00", "Z")
    except (OverflowError, ValueError, OSError) as error:
        raise Unreadable("the time of the last change is no time") from error
