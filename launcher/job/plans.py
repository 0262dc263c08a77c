"""Read a job plan: what it would run, what it declares, and a digest of all JOB tells about it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from launcher.engine.observed import (
    JobPlan,
    PlanEntry,
    PlanPin,
    PlanVariable,
    TemplateEntry,
    VariableKind,
)
from launcher.engine.spec import Hosts, digest_of
from launcher.job.bodies import scope_fields
from launcher.job.calls import PLAN_DETAIL, PLAN_LIST, TEMPLATE_LIST
from launcher.job.envelope import Unreadable
from launcher.job.steps import plan_step
from launcher.job.wire import PlanDetail, PlanPage, TemplatePage

if TYPE_CHECKING:
    from collections.abc import Mapping

    from launcher.engine.effects import Outcome
    from launcher.engine.spec import Scope
    from launcher.job.asking import Asker
    from launcher.job.wire import GlobalVariable, ServerSelection

__all__ = ["job_plan", "list_plans", "list_templates", "plan_digest", "read_plan"]

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

_SAVED = frozenset({"last_modify_time", "last_modify_user"})
"""What changes whenever somebody saves a job plan, whether anything in it differs or not."""


def read_plan(asker: Asker, scope: Scope, plan_id: int) -> Outcome[JobPlan]:
    """The job plan as it is now."""

    def read(data: Any) -> JobPlan:  # noqa: ANN401 - any JSON value
        return job_plan(data, plan_id)

    return asker.read(PLAN_DETAIL, scope_fields(scope) | {"job_plan_id": plan_id}, read)


def list_plans(asker: Asker, scope: Scope, template: int | None) -> Outcome[tuple[PlanEntry, ...]]:
    """All job plans of a scope, or of one template in it, by id.

    In one answer: pages over a list that is sorted by its last change could pass one over. And not by name: JOB's
    filter is a pattern in which `%` and `_` stand for others. Source: bk-job, `TaskPlanDAOImpl`.
    """
    narrowed = {} if template is None else {"job_template_id": template}
    return asker.read(PLAN_LIST, _everything(scope) | narrowed, _plan_entries)


def list_templates(asker: Asker, scope: Scope) -> Outcome[tuple[TemplateEntry, ...]]:
    """All templates of a scope, by id."""
    return asker.read(TEMPLATE_LIST, _everything(scope), _template_entries)


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
        template=detail.job_template_id,
        modified_by=detail.last_modify_user or "",
        substance=plan_digest({key: item for key, item in data.items() if key not in _SAVED}),
    )


def _plan_entries(data: Any) -> tuple[PlanEntry, ...]:  # noqa: ANN401 - any JSON value
    """The job plans in the data of `get_job_plan_list`, by id."""
    rows = PlanPage.model_validate(data).data or []
    return tuple(
        PlanEntry(
            row.id,
            row.job_template_id,
            row.name,
            bool(row.need_update),
            row.last_modify_user or "",
            _rfc3339(row.last_modify_time),
        )
        for row in sorted(rows, key=lambda row: row.id)
    )


def _template_entries(data: Any) -> tuple[TemplateEntry, ...]:  # noqa: ANN401 - any JSON value
    """The templates in the data of `get_job_template_list`, by id."""
    rows = TemplatePage.model_validate(data).data or []
    return tuple(TemplateEntry(row.id, row.name) for row in sorted(rows, key=lambda row: row.id))


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


def _everything(scope: Scope) -> dict[str, Any]:
    """A list without pages. Source: bk-job, `EsbPlanV3ResourceImpl`: -1 and -1 mean all."""
    return scope_fields(scope) | {"start": -1, "length": -1}


def _variable(item: GlobalVariable) -> PlanVariable:
    if item.type not in _KINDS:
        raise Unreadable(f"variable type {item.type} is not known")
    kind = _KINDS[item.type]
    is_shown = kind not in (VariableKind.CIPHER, VariableKind.HOSTS)
    return PlanVariable(
        item.id,
        item.name,
        kind,
        required=bool(item.required),
        # A masked cipher says nothing, not even whether there is a value.
        value=item.value or "" if is_shown else None,
        hosts=_hosts(item.server) if kind is VariableKind.HOSTS else None,
        description=item.description or "",
        used=item.used,
    )


def _hosts(server: ServerSelection | None) -> Hosts | None:
    """The hosts that a job plan names itself; by id where JOB tells one, since an address may move to another host."""
    if server is None:
        return None
    listed = server.ip_list or []
    hosts = Hosts(
        ids=tuple(sorted({item.bk_host_id for item in listed if item.bk_host_id})),
        ips=tuple(
            sorted(
                {
                    (item.bk_cloud_id or 0, item.ip)
                    for item in listed
                    if not item.bk_host_id and item.ip
                }
            )
        ),
        # Old job plans hold `business:group`; bk-job cuts it when it creates an instance.
        dynamic_groups=tuple(
            sorted({item.id.rpartition(":")[2] for item in server.dynamic_group_list or []})
        ),
        topo_nodes=tuple(
            sorted({(item.node_type, item.id) for item in server.topo_node_list or []})
        ),
    )
    return None if hosts == Hosts() else hosts


def _rfc3339(seconds: int) -> str:
    try:
        return datetime.fromtimestamp(seconds, UTC).isoformat().replace("+00:00", "Z")
    except (OverflowError, ValueError, OSError) as error:
        raise Unreadable("the time of the last change is no time") from error
