"""The changeset of a run that only watches: what is on its way is resumed, nothing else is touched."""

from __future__ import annotations

from typing import TYPE_CHECKING

from launcher.engine.changeset import (
    Action,
    Change,
    Changeset,
    Reason,
    change_digest,
    changeset_digest,
)
from launcher.engine.recorded import OutcomeKind

if TYPE_CHECKING:
    from collections.abc import Iterable

    from launcher.engine.recorded import LaunchRecord, Recorded

__all__ = ["watching"]


def watching(
    recorded: Recorded, names: Iterable[str], *, environment: str, commit: str | None
) -> Changeset:
    """What a run does that watches `names`, which are all on record.

    What is declared plays no part: whatever was started is watched to its end, whether it is still wanted or not.
    """
    changes = tuple(_change(recorded.launches[name], environment) for name in sorted(names))
    return Changeset(
        environment=environment,
        digest=changeset_digest(
            environment=environment, server=recorded.server, lineage=recorded.lineage, digests=()
        ),
        offline=False,
        commit=commit,
        lineage=recorded.lineage,
        head=recorded.head,
        changes=changes,
        diagnostics=(),
    )


def _change(record: LaunchRecord, environment: str) -> Change:
    waits = record.newest.outcome is OutcomeKind.WAITING
    reason = Reason.WAITING if waits else Reason.RUNNING
    return Change(
        name=record.name,
        action=Action.RESUME,
        reason=reason,
        launch=None,
        newest=record.newest,
        previous=record.newest_started,
        ran_before=None,
        fields=(),
        policy=(),
        needs=(),
        wave=1,
        by=None,
        until=None,
        plan=None,
        rows=(),
        digest=change_digest(
            environment=environment,
            name=record.name,
            action=Action.RESUME,
            reason=reason,
            key=record.newest.key,
            previous=record.newest.number,
            launch=None,
            plan=None,
            guards={},
        ),
    )
