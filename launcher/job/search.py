"""Look for an instance of ours whose id we never learnt."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from launcher.engine.effects import Done, Refused, Unknown
from launcher.engine.observed import Candidate, InstanceRef, Status
from launcher.job import instances
from launcher.job.bodies import instance_query, scope_fields
from launcher.job.calls import INSTANCE_LIST, INSTANCE_STATUS, INSTANCE_VARIABLES
from launcher.job.verdicts import Verdict
from launcher.job.wire import InstancePage
from launcher.job.words import say

if TYPE_CHECKING:
    from datetime import datetime

    from launcher.engine.effects import Outcome, Search
    from launcher.job.asking import Asker
    from launcher.job.wire import ListedInstance

__all__ = ["MAX_PAGES", "PAGE", "find", "plan_of"]

PAGE = 1000
"""Rows asked for at once, the most that JOB gives. Source: bk-job, `EsbGetJobInstanceListV3Request`."""

MAX_PAGES = 50
"""A window of minutes that holds more than this many pages is not searched."""

_PLAN_LAUNCH = 0
_BY_API = 2
_NO_PERMISSION = 9900403


@dataclass(frozen=True, slots=True)
class _Row:
    """An instance in the window, of the right job plan and name."""

    id: int
    status: int
    created: datetime | None
    operator: str | None


def find(asker: Asker, search: Search) -> Outcome[tuple[Candidate, ...]]:
    """Every instance that `search` could mean, by id, each with its marker; one that vanishes meanwhile is left out."""
    rows = _rows(asker, search)
    if not isinstance(rows, Done):
        return rows
    found: list[Candidate] = []
    for row in rows.value:
        candidate = _candidate(asker, search, row)
        if not isinstance(candidate, Done):
            return candidate
        if candidate.value is not None:
            found.append(candidate.value)
    return Done(tuple(found))


def plan_of(asker: Asker, instance: InstanceRef, created: datetime) -> Outcome[int | None]:
    """Id of the job plan that `instance` was made from; `None` where JOB does not tell.

    Of the reads of one instance, only its row in the list names the job plan. JOB wants a time there even so, and looks
    at nothing but id and scope then. Source: bk-job, `EsbGetJobInstanceListV3ResourceImpl`.
    """
    since = max(1, math.floor(_milliseconds(created)) - 1)
    values = instance_query(instance) | {
        "create_time_start": since,
        "create_time_end": since + 2,
    }

    def read(data: Any) -> int | None:  # noqa: ANN401 - any JSON value
        rows = InstancePage.model_validate(data).data or []
        return next((row.job_plan_id for row in rows if row.job_instance_id == instance.id), None)

    return asker.read(INSTANCE_LIST, values, read)


def _rows(asker: Asker, search: Search) -> Outcome[tuple[_Row, ...]]:
    """All pages. New rows push old ones back, so a row may come twice and none is passed over."""
    rows: dict[int, _Row] = {}
    for number in range(MAX_PAGES):
        values = _query(search, number * PAGE)
        listed = asker.read(INSTANCE_LIST, values, lambda data: _page(data, search))
        if not isinstance(listed, Done):
            return listed
        meant, count = listed.value
        rows |= {row.id: row for row in meant}
        if count < PAGE:
            return Done(tuple(rows[key] for key in sorted(rows)))
    return Refused(say("L314", count=str(MAX_PAGES * PAGE)))


def _query(search: Search, start: int) -> dict[str, Any]:
    """One page. JOB's filter by name is a pattern, so it only narrows, and `_meant` decides.

    A name with a backslash would not even match itself. The times are JOB's own, taken early in the
    call that created the row.
    """
    values = scope_fields(search.scope) | {
        "create_time_start": max(1, math.floor(_milliseconds(search.since))),
        "create_time_end": math.ceil(_milliseconds(search.until)),
        "type": _PLAN_LAUNCH,
        "launch_mode": _BY_API,
        "start": start,
        "length": PAGE,
    }
    return values if "\\" in search.plan_name else values | {"name": search.plan_name}


def _page(data: Any, search: Search) -> tuple[list[_Row], int]:  # noqa: ANN401 - any JSON value
    """The rows of a page that could be meant, and how many there were in all."""
    listed = InstancePage.model_validate(data).data or []
    return [
        _row(item)
        for item in listed
        if item.job_plan_id == search.plan_id and item.name == search.plan_name
    ], len(listed)


def _row(item: ListedInstance) -> _Row:
    created = None if item.create_time is None else instances.moment(item.create_time)
    return _Row(item.job_instance_id, item.status, created, item.operator)


def _candidate(asker: Asker, search: Search, row: _Row) -> Outcome[Candidate | None]:
    """`None` for an instance that is gone by now."""
    instance = InstanceRef(search.scope, row.id)
    # Only an un-started row can be without steps: a started one had some to run.
    has_steps = _has_steps(asker, instance) if row.status == Status.BLANK else Done(True)  # noqa: FBT003
    if not isinstance(has_steps, Done):
        return has_steps
    if has_steps.value is None:
        return Done(None)
    marker = _marker(asker, instance, search.marker[0])
    if not isinstance(marker, Done):
        return marker
    return Done(
        Candidate(row.id, row.status, has_steps.value, marker.value, row.created, row.operator)
    )


def _has_steps(asker: Asker, instance: InstanceRef) -> Outcome[bool | None]:
    def read(data: Any) -> bool | None:  # noqa: ANN401 - any JSON value
        return bool(instances.instance_status(data, instance.id).steps)

    special = {Verdict.STEPLESS: False, Verdict.MISSING: None}
    return asker.read(INSTANCE_STATUS, instance_query(instance), read, special)


def _marker(asker: Asker, instance: InstanceRef, name: str) -> Outcome[str | None]:
    """What the marker variable reads back as; `None` for an instance that we may not look into.

    Whoever launched an instance may always look into it, so that one is not ours. Source: bk-job,
    `ExecuteAuthServiceImpl.authViewTaskInstance`.
    """

    def read(data: Any) -> str | None:  # noqa: ANN401 - any JSON value
        return (instances.texts(data) or {}).get(name)

    special = {Verdict.MISSING: None}
    found = asker.read(INSTANCE_VARIABLES, instance_query(instance), read, special)
    if isinstance(found, Refused | Unknown) and found.code == _NO_PERMISSION:
        return Done(None)
    return found


def _milliseconds(moment: datetime) -> float:
    return moment.timestamp() * 1000
