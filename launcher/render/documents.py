"""The JSON shapes of answers; `schema` holds what they promise."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from launcher.catalogue import texts
from launcher.diagnostics import in_order, json_pointer
from launcher.engine.changeset import Action
from launcher.engine.history import NO_HISTORY
from launcher.engine.recorded import OutcomeKind
from launcher.engine.spec import PlanName, hosts_data, plan_from, recordable_spec
from launcher.render.drift import drift_data
from launcher.render.json_text import FORMAT_VERSION
from launcher.render.obstacles import decided_data, waiting_data
from launcher.render.past import archived_data, asked_data

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from launcher.diagnostics import Diagnostic
    from launcher.engine.changeset import Change, Changeset, FieldDiff
    from launcher.engine.history import Asked, History
    from launcher.engine.observed import PlanVariable
    from launcher.engine.obstacles import Waiting
    from launcher.engine.recorded import Attempt, LaunchRecord, Recorded
    from launcher.engine.spec import LaunchKey
    from launcher.render.status import Left, Line

__all__ = [
    "archived",
    "attempt_data",
    "changeset",
    "diagnostic",
    "explained",
    "failure",
    "key_data",
    "launches",
    "rendered",
    "status",
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
        "changes": [_change(item) for item in shown],
        "summary": {
            action.value: sum(item.action is action for item in made.changes) for action in Action
        },
        "diagnostics": diagnostics(found),
    }


def explained(
    environment: str,
    change: Change,
    found: Iterable[Diagnostic],
    *,
    waiting: Waiting | None = None,
    history: History = NO_HISTORY,
) -> Data:
    """The answer of `why` about a launch that something was decided about."""
    canceller = None if change.newest is None else _canceller(change.newest, history)
    return {
        "format_version": FORMAT_VERSION,
        "environment": environment,
        "change": _change(change),
        "waits_for": waiting_data(waiting),
        "cancelled_by": asked_data(canceller),
        "archived": None,
        "rows": [{"row": row.number, "title": row.title, "fits": row.fits} for row in change.rows],
        "operation": None if change.newest is None else _pending(change.newest),
        "unsent": None if change.newest is None else _unsent(change.newest),
        "diagnostics": diagnostics(found),
    }


def archived(
    environment: str, record: LaunchRecord, history: History, found: Iterable[Diagnostic]
) -> Data:
    """The answer of `why` about an archived name: nothing was decided about it."""
    return {
        "format_version": FORMAT_VERSION,
        "environment": environment,
        "change": None,
        "waits_for": None,
        "cancelled_by": asked_data(_canceller(record.newest, history)),
        "archived": {
            "name": record.name,
            **archived_data(history.archived),
            "newest": attempt_data(record.newest),
        },
        "rows": [],
        "diagnostics": diagnostics(found),
    }


def _change(item: Change) -> Data:
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
        "started": _time(item.started_at),
        "finished": _time(item.finished_at),
        "reason": item.reason,
        "compared": None if item.compared is None else list(item.compared),
        "not_compared": list(item.not_compared),
    }


def _status_line(line: Line) -> Data:
    hold, approval, record = line.hold, line.approval, line.record
    return {
        "name": line.name,
        "declared": key_data(line.declared),
        "in_sync": line.in_sync,
        "archived": bool(record and record.archived),
        "hold": None
        if hold is None
        else {
            "reason": hold.reason.value,
            "by": hold.by,
            "until": _time(hold.until),
        },
        "decided": None if line.decided is None else decided_data(line.decided),
        "waits_for": waiting_data(line.waiting),
        "stuck": line.stuck,
        "approval": None
        if approval is None
        else {
            "digest": approval.changeset,
            "change_digest": approval.change,
            "actor": approval.actor,
            "at": _time(approval.at),
            "source": approval.source,
        },
        "newest": _whole_attempt(record.newest, line.history) if record else None,
    }


def _whole_attempt(item: Attempt, history: History) -> Data:
    """One attempt with what is pending and how it had ended before."""
    return {
        **attempt_data(item),
        "request": item.request,
        "operation": _pending(item),
        "unsent": _unsent(item),
        "endings": [
            {
                "outcome": ending.outcome.value,
                "status": ending.status,
                "finished": _time(ending.finished_at),
                "carried_on_by": asked_data(history.carried_on(number)),
            }
            for number, ending in enumerate(item.endings)
        ],
        "cancelled_by": asked_data(_canceller(item, history)),
    }


def _pending(item: Attempt) -> Data | None:
    asked = item.operation
    if asked is None:
        return None
    return {"operation": asked.kind.value, "at": _time(asked.at), "step": asked.step}


def _unsent(item: Attempt) -> Data | None:
    unsent = item.unsent
    return None if unsent is None else {"operation": unsent.kind.value, "at": _time(unsent.at)}


def _canceller(item: Attempt, history: History) -> Asked | None:
    is_cancelled = item.outcome is OutcomeKind.CANCELLED
    return history.ended(len(item.endings)) if is_cancelled else None


def _time(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat()


def status(
    environment: str,
    recorded: Recorded,
    lines: Iterable[Line],
    left: Iterable[Left],
    found: Iterable[Diagnostic] = (),
    *,
    detail: Data | None = None,
) -> Data:
    """The answer of `status`; `detail` is that of the one launch that was named."""
    return {
        "format_version": FORMAT_VERSION,
        "environment": environment,
        "ledger": {
            "lineage": recorded.lineage,
            "serial": recorded.head.serial,
            "head": recorded.head.hash or None,
        },
        "launches": [_status_line(line) for line in lines],
        "detail": detail,
        "orphans": [
            {"name": name, "attempt": attempt, "instance": instance, "reason": reason}
            for name, attempt, instance, reason in left
        ],
        "diagnostics": diagnostics(found),
    }
