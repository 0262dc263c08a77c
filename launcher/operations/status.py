"""Look at what is on record."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from launcher.engine.changeset import Action, Reason
from launcher.engine.decide import Observed, Options, Outline
from launcher.engine.desired import desired
from launcher.engine.guards import hold_on
from launcher.engine.history import NO_HISTORY
from launcher.engine.observed import InstanceStatus
from launcher.engine.obstacles import need_of, waiting_for
from launcher.engine.recorded import ENDED_BADLY, IN_FLIGHT, UNSTARTED, OutcomeKind
from launcher.engine.stuck import stuck_because
from launcher.ledger.sessions import Takeover
from launcher.operations.acts import notes_of
from launcher.operations.closely import look_closely
from launcher.operations.observe import Line, look
from launcher.operations.opening import check_names, read_declared
from launcher.operations.past import has_past, past_of
from launcher.operations.record import open_ledger, recall
from launcher.operations.run_lock import check_lock
from launcher.operations.site import find_site

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime
    from pathlib import Path

    from launcher.diagnostics import Diagnostic
    from launcher.engine.desired import Desired
    from launcher.engine.guards import Hold
    from launcher.engine.history import History
    from launcher.engine.observed import Missing
    from launcher.engine.obstacles import Need, Waiting
    from launcher.engine.recorded import Approval, LaunchRecord, Recorded
    from launcher.engine.results import InstanceResults
    from launcher.engine.spec import LaunchKey
    from launcher.operations.site import Site
    from launcher.operations.surroundings import Surroundings

__all__ = ["Orphan", "StatusResult", "StatusRow", "status"]

_PARALLELISM = 16
_ASKS_A_PERSON = (Reason.FAILED, Reason.REFUSED, Reason.UNKNOWN)


@dataclass(frozen=True, slots=True)
class StatusRow:
    """One launch.

    Attributes:
        name: the launch.
        title: for people; `None` where it is not declared or has none.
        declared: its declared key; `None` where nothing is declared any more.
        record: its history; `None` without one.
        in_sync: what is declared has run, and its outcome is accepted.
        hold: what keeps it from starting for now; `None` where nothing does, or nothing is to be started.
        stuck: what of its instance has not moved for long; `None` where it goes on, or JOB was not asked.
        approval: the newest review of a change of it; `None` where it is in sync, or nobody has reviewed any.
        decided: what a diff would decide without reading a job plan; `None` where it is not declared.
        waiting: the launches that it needs and waits for; `None` where it waits for none.
        history: what was done to it, where somebody may ask who went on with it, ended or archived it.
    """

    name: str
    title: str | None
    declared: LaunchKey | None
    record: LaunchRecord | None
    in_sync: bool
    hold: Hold | None = None
    stuck: str | None = None
    approval: Approval | None = None
    decided: Need | None = None
    waiting: Waiting | None = None
    history: History = NO_HISTORY


@dataclass(frozen=True, slots=True)
class Orphan:
    """An instance that was created, never started, and that nothing will ever start."""

    name: str
    attempt: int
    instance: int
    reason: str | None


@dataclass(frozen=True, slots=True)
class StatusResult:
    """What is on record, beside what is declared.

    Attributes:
        root: the workspace.
        environment: the target.
        recorded: the record, with what JOB says now where that was asked for.
        rows: by name; archived launches last.
        orphans: by name.
        diagnostics: warnings, and manifests that could not be read.
        detail: how far the instance of the newest attempt is; `None` unless one launch was named and JOB told.
        is_left: the session that is on record is dead or stale, so that it stands in nobody's way.
    """

    root: Path
    environment: str
    recorded: Recorded
    rows: tuple[StatusRow, ...]
    orphans: tuple[Orphan, ...]
    diagnostics: tuple[Diagnostic, ...]
    detail: InstanceResults | None = None
    is_left: bool = False


def status(
    directory: Path,
    environment: str | None,
    *,
    refresh: bool,
    surroundings: Surroundings,
    name: str | None = None,
) -> StatusResult:
    """What is on record in one environment; with `refresh`, as JOB says it now. Writes nothing.

    What failed or was cancelled is asked about too: somebody may have carried on with it on JOB's own pages.
    With `name`, that launch alone, and JOB is asked for its steps and hosts; where it cannot tell, a warning says so.

    Manifests that cannot be read are told of; the record is shown all the same, as if nothing were declared.

    Raises:
        RefusedToAct: a lost ledger, or another server.
        SurroundingsFailed: a file, a variable or git failed.
        WrongUsage: there is no such environment, or no such launch.
    """
    site = find_site(directory, environment, surroundings)
    declared = read_declared(site.workspace)
    known = declared.manifests if declared.is_valid else ()
    wanted = desired(site.workspace.document, known, site.environment.name)
    launches = wanted.launches
    ledger = open_ledger(site)
    recorded = recall(site, ledger)
    said = [*declared.diagnostics, *ledger.notes]
    if name is not None:
        check_names([name], {*launches, *recorded.launches}, site.environment.name)
    statuses: Mapping[str, InstanceStatus | Missing] = {}
    if refresh:
        asked = [
            each
            for each, item in recorded.launches.items()
            if item.newest.outcome in IN_FLIGHT | ENDED_BADLY and name in (None, each)
        ]
        with Line(site, ledger, _PARALLELISM) as line:
            statuses, unread = look(line, recorded, asked)
        recorded, _ = notes_of(recorded, statuses, wanted.keys, site)
        said.extend(unread)
    detail = None
    if name is not None:
        detail, missed = look_closely(site, ledger, recorded, name)
        said.extend(missed)
        if detail is not None:
            statuses = {**statuses, name: detail.instance}
    past = past_of(
        ledger, [each for each in recorded.launches if _asks_for_past(each, recorded, name)]
    )
    return StatusResult(
        root=site.root,
        environment=site.environment.name,
        recorded=recorded,
        rows=tuple(
            replace(row, history=past.get(row.name, NO_HISTORY))
            for row in _rows(wanted, recorded, statuses, site)
            if name in (None, row.name)
        ),
        orphans=tuple(item for item in _orphans(recorded) if name in (None, item.name)),
        diagnostics=tuple(said),
        detail=detail,
        is_left=isinstance(check_lock(site, ledger, recorded), Takeover),
    )


def _asks_for_past(each: str, recorded: Recorded, name: str | None) -> bool:
    """Whether the events have to be read for `each`: who archived it is told only to whoever asks for it by `name`."""
    record = recorded.launches[each]
    return name in (None, each) and (has_past(record.newest) or (name == each and record.archived))


def _rows(
    wanted: Desired,
    recorded: Recorded,
    statuses: Mapping[str, InstanceStatus | Missing],
    site: Site,
) -> Iterator[StatusRow]:
    launches, now = wanted.launches, site.surroundings.now()
    # Decided as a diff would, without asking JOB: what its job plan speaks against is not known here.
    outline = Outline(wanted, recorded, Observed(), now=now, options=Options(offline=True))
    waiting = waiting_for(outline.decisions)
    decided = {item.case.name: need_of(item) for item in outline.decisions}

    def rank(name: str) -> tuple[bool, str]:
        record = recorded.launches.get(name)
        return (name not in launches and record is not None and record.archived, name)

    for name in sorted({*launches, *recorded.launches}, key=rank):
        launch, record = launches.get(name), recorded.launches.get(name)
        in_sync = launch is not None and record is not None and record.is_in_sync(launch.key)
        in_flight = record is not None and record.newest.outcome in IN_FLIGHT
        may_start = not in_sync and not in_flight and not _needs_a_person(decided.get(name))
        yield StatusRow(
            name=name,
            title=launch.title if launch else None,
            declared=launch.key if launch else None,
            record=record,
            in_sync=in_sync,
            hold=hold_on(launch, site.environment, now) if launch and may_start else None,
            stuck=_stuck(record, statuses.get(name), now) if in_flight else None,
            approval=None if in_sync else recorded.approvals.get(name),
            decided=decided.get(name) if launch else None,
            waiting=waiting.get(name),
        )


def _needs_a_person(decided: Need | None) -> bool:
    """Whether nothing starts by itself, whatever the hour: a hold is then not what keeps it."""
    if decided is None:
        return False
    retried = decided.reason is Reason.FAILED and decided.until is not None
    return decided.action is Action.ERROR or (decided.reason in _ASKS_A_PERSON and not retried)


def _stuck(
    record: LaunchRecord | None, answer: InstanceStatus | Missing | None, now: datetime
) -> str | None:
    if record is None or not isinstance(answer, InstanceStatus):
        return None
    return stuck_because(record.newest, answer, now)


def _orphans(recorded: Recorded) -> Iterator[Orphan]:
    for name, record in sorted(recorded.launches.items()):
        for attempt in record.attempts:
            for instance in attempt.orphans:
                yield Orphan(name, attempt.number, instance, "another instance took its place")
            if attempt.instance_id is None or attempt.starts:
                continue
            if attempt.outcome in (OutcomeKind.SUPERSEDED, OutcomeKind.REFUSED):
                yield Orphan(name, attempt.number, attempt.instance_id, attempt.reason)
            elif attempt.outcome in UNSTARTED and attempt is not record.newest:
                yield Orphan(
                    name,
                    attempt.number,
                    attempt.instance_id,
                    "a person put another attempt in its place",
                )
