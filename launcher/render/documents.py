"""The JSON shapes of answers; `schema` holds what they promise."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from launcher.catalogue import texts
from launcher.diagnostics import in_order, json_pointer
from launcher.engine.changeset import Action
from launcher.engine.spec import PlanName, hosts_data, plan_from, recordable_spec
from launcher.render.drift import drift_data
from launcher.render.json_text import FORMAT_VERSION

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from launcher.diagnostics import Diagnostic
    from launcher.engine.changeset import Change, Changeset, FieldDiff
    from launcher.engine.observed import PlanVariable
    from launcher.engine.recorded import Attempt
    from launcher.engine.spec import LaunchKey

__all__ = [
    "Data",
    "attempt_data",
    "change_data",
    "changeset",
    "diagnostic",
    "failure",
    "key_data",
    "launches",
    "rendered",
    "time_data",
    "validated",
]

Data = dict[str, Any]

_LONGEST = 500


def diagnostic(item: Diagnostic) -> Data:
    """One diagnostic: `message` is summary and detail, `pointer` as in RFC 6901."""
    said = texts(item)
    place = item.place
    span = place.span if place else None
    return {
        "code": item.code,
        "severity": said.severity.value,
        "message": f"{said.summary}: {said.detail}",
        "hint": said.hint,
        "path": place.path if place else None,
        "line": span.line if span else None,
        "column": span.column if span else None,
        "end_line": span.end_line if span else None,
        "end_column": span.end_column if span else None,
        "pointer": json_pointer(place.pointer) if place and place.pointer is not None else None,
    }


def diagnostics(items: Iterable[Diagnostic]) -> list[Data]:
    """Several, sorted by place."""
    return [diagnostic(item) for item in in_order(items)]


def failure(items: Iterable[Diagnostic]) -> Data:
    """What stands for an answer that could not be given."""
    return {"format_version": FORMAT_VERSION, "diagnostics": diagnostics(items)}


def validated(
    *, valid: bool, files: int, found: Iterable[Diagnostic], online: Data | None = None
) -> Data:
    """The answer of `validate`; `online` says what was held against which job plans, if anything was."""
    return {
        "format_version": FORMAT_VERSION,
        "valid": valid,
        "files": files,
        "diagnostics": diagnostics(found),
        "online": online,
    }


def rendered(
    *,
    name: str,
    environment: str,
    path: str,
    key: LaunchKey,
    data: Mapping[str, Any],
    origins: Mapping[str, str],
) -> Data:
    """One launch in the answer of `render`; see `launches`."""
    return {
        "name": name,
        "environment": environment,
        "manifest": path,
        "key": key_data(key),
        "spec": recordable_spec(data),
        "origins": dict(sorted(origins.items())),
    }


def launches(items: Iterable[Data]) -> Data:
    """The answer of `render`."""
    return {"format_version": FORMAT_VERSION, "launches": list(items)}


def changeset(made: Changeset, *, every: bool, found: Iterable[Diagnostic] = ()) -> Data:
    """The answer of `diff`; unchanged launches are in it only with `every`."""
    shown = [item for item in made.changes if every or item.action is not Action.NONE]
    return {
        "format_version": FORMAT_VERSION,
        "environment": made.environment,
        "digest": made.digest,
        "offline": made.offline,
        "commit": made.commit,
        "ledger": {
            "lineage": made.lineage,
            "serial": made.head.serial,
            "head": made.head.hash or None,
        },
        "changes": [change_data(item) for item in shown],
        "summary": {
            action.value: sum(item.action is action for item in made.changes) for action in Action
        },
        "diagnostics": diagnostics(found),
    }


def change_data(item: Change) -> Data:
    """One change, with what would change in it."""
    return {
        "name": item.name,
        "action": item.action.value,
        "reason": item.reason.value,
        "key": key_data(item.key),
        "change_digest": item.digest,
        "manifest": (
            None if item.launch is None else {"path": item.launch.path, "line": item.launch.line}
        ),
        "plan": _plan(item),
        "fields": [_field(each) for each in item.fields],
        "policy": [_field(each) for each in item.policy],
        "needs": list(item.needs),
        "wave": item.wave,
        "by": item.by,
        "until": item.until,
        "attempt": item.newest.number if item.newest else None,
        "instance": item.newest.instance_id if item.newest else None,
        "omitted": [_omitted(each) for each in item.omitted],
        "drift": drift_data(item.drift),
    }


def _plan(item: Change) -> Data:
    """The job plan by its id; one that is declared by name and was not read has the name alone."""
    declared = None
    if item.launch is not None:
        declared = item.launch.spec.plan
    elif item.newest is not None:
        declared = plan_from(item.newest.spec["plan"])
    pin = item.plan
    if pin is None and item.launch is None and item.newest is not None:
        pin = item.newest.plan if isinstance(declared, PlanName) else None
    by_name = declared.name if isinstance(declared, PlanName) else None
    by_id = None if isinstance(declared, PlanName) else declared
    return {
        "id": pin.id if pin else by_id,
        "name": pin.name if pin else by_name,
        "digest": item.plan.digest if item.plan else None,
    }


def _omitted(item: PlanVariable) -> Data:
    """A variable that is left to the job plan; a text is cut where it is very long."""
    value = item.value if item.hosts is None else hosts_data(item.hosts)
    if isinstance(value, str) and len(value) > _LONGEST:
        value = value[:_LONGEST] + "…"
    return {
        "name": item.name,
        "kind": item.kind.value,
        "required": item.required,
        "used": item.used,
        "value": value,
    }


def _field(item: FieldDiff) -> Data:
    return {
        "path": item.path,
        "before": item.before,
        "after": item.after,
        "origin": item.origin,
    }


def key_data(key: LaunchKey | None) -> Data | None:
    """A launch key; environment and name stand beside it."""
    return None if key is None else {"revision": key.revision, "digest": key.digest}


def attempt_data(item: Attempt) -> Data:
    """One attempt as it is on record, with what was compared before its START; times RFC 3339 in UTC."""
    return {
        "attempt": item.number,
        "key": key_data(item.key),
        "outcome": item.outcome.value,
        "status": item.status,
        "instance": item.instance_id,
        "started": time_data(item.started_at),
        "finished": time_data(item.finished_at),
        "reason": item.reason,
        "compared": None if item.compared is None else list(item.compared),
        "not_compared": list(item.not_compared),
    }


def time_data(moment: datetime | None) -> str | None:
    """A time as it stands in an answer."""
    return None if moment is None else moment.isoformat()
