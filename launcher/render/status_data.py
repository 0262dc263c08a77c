"""The JSON answers of `status` and `why`; `schema_status` holds what they promise."""

from __future__ import annotations

from typing import TYPE_CHECKING

from launcher.engine.history import NO_HISTORY
from launcher.engine.recorded import OutcomeKind
from launcher.render.documents import (
    Data,
    attempt_data,
    change_data,
    diagnostics,
    key_data,
    time_data,
)
from launcher.render.json_text import FORMAT_VERSION
from launcher.render.obstacles import decided_data, waiting_data
from launcher.render.past import archived_data, asked_data

if TYPE_CHECKING:
    from collections.abc import Iterable

    from launcher.diagnostics import Diagnostic
    from launcher.engine.changeset import Change
    from launcher.engine.history import Asked, History
    from launcher.engine.obstacles import Waiting
    from launcher.engine.recorded import Attempt, LaunchRecord, Recorded
    from launcher.render.status import Left, Line

__all__ = ["archived", "explained", "status"]


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
        "change": change_data(change),
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
        "operation": _pending(record.newest),
        "unsent": _unsent(record.newest),
        "diagnostics": diagnostics(found),
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
            "until": time_data(hold.until),
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
            "at": time_data(approval.at),
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
                "finished": time_data(ending.finished_at),
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
    return {"operation": asked.kind.value, "at": time_data(asked.at), "step": asked.step}


def _unsent(item: Attempt) -> Data | None:
    unsent = item.unsent
    return None if unsent is None else {"operation": unsent.kind.value, "at": time_data(unsent.at)}


def _canceller(item: Attempt, history: History) -> Asked | None:
    is_cancelled = item.outcome is OutcomeKind.CANCELLED
    return history.ended(len(item.endings)) if is_cancelled else None
