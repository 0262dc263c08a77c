"""What a run does at its beginning, and again when something has ended.

Histories are moved to new names, what is gone is archived, and what is not wanted any more is given up.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from launcher.engine.changeset import Action, Reason
from launcher.engine.events import Draft, Kind
from launcher.engine.recorded import IN_FLIGHT, UNSTARTED, OutcomeKind
from launcher.engine.supersede import give_up, look_first

if TYPE_CHECKING:
    from launcher.engine.run import Flow, Run

__all__ = ["archive", "begin"]


def begin(run: Run) -> Flow[None]:
    """Move the histories of renamed launches to their new names, archive and supersede, all in one append."""
    yield from _tidy(run, _renames(run))


def archive(run: Run) -> Flow[None]:
    """Archive what is no longer declared and does not run; an un-started attempt of it is superseded first.

    Un-started attempts of launches that are back in sync are superseded as well. A launch that another one looks
    renamed from is kept: once it is archived, nobody could tell any more.
    """
    yield from _tidy(run, [])


def _tidy(run: Run, renames: list[Draft]) -> Flow[None]:
    to_archive = [name for name in _named(run, Action.ARCHIVE) if name not in _renamed(run)]
    to_supersede = _named(run, Action.SUPERSEDE)
    free = yield from look_first(run, [*to_archive, *to_supersede])
    drafts = renames
    for name in [*to_archive, *to_supersede]:
        record = run.recorded.launches[name]
        attempt, gone = record.newest, name in to_archive
        if name in free:
            why = "it is no longer declared" if gone else "what is declared has run already"
            drafts.append(give_up(name, attempt, why))
        elif attempt.outcome in IN_FLIGHT | UNSTARTED:
            continue
        if gone and not record.archived and attempt.outcome is not OutcomeKind.UNKNOWN:
            drafts.append(Draft(Kind.ARCHIVED, name, attempt.key, attempt.number))
    if drafts:
        yield from run.append(drafts)


def _renames(run: Run) -> list[Draft]:
    known = run.recorded.launches
    return [
        Draft(Kind.RENAMED, name, data={"from": change.by})
        for name, change in run.changes.items()
        if change.action is Action.RENAME and change.by in known and name not in known
    ]


def _named(run: Run, action: Action) -> list[str]:
    return [
        change.name
        for change in run.order.changeset.changes
        if change.action is action and change.name in run.recorded.launches
    ]


def _renamed(run: Run) -> set[str | None]:
    changes = run.order.changeset.changes
    return {change.by for change in changes if change.reason is Reason.LOOKS_RENAMED}
