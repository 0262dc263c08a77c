"""From what is desired, recorded and observed to the changeset."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from launcher.engine.changeset import OFFLINE_PREFIX, Changeset, changeset_digest
from launcher.engine.making import Maker

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from launcher.engine.desired import Desired
    from launcher.engine.observed import InstanceStatus, Missing
    from launcher.engine.planname import PlanAnswer
    from launcher.engine.recorded import Recorded
    from launcher.engine.spec import PlanReference, Scope

__all__ = ["Observed", "Options", "make_changeset", "plans_to_read"]


@dataclass(frozen=True, slots=True)
class Observed:
    """What JOB says now.

    Attributes:
        server: fingerprint of the server; `None` where it was not asked.
        statuses: of instances in flight, by launch name.
        plans: job plans that were read, by launch name; a plan that is not here is not checked.
        unread: launches whose instance was asked for, and JOB gave no answer that tells anything.
        skew_s: how far the server's clock is ahead of ours, in seconds; `None` where no answer told.
        meanings: ids that names of job plans stand for now, by launch name, as far as that cost no question.
    """

    server: str | None = None
    statuses: Mapping[str, InstanceStatus | Missing] = field(default_factory=dict)
    plans: Mapping[str, PlanAnswer] = field(default_factory=dict)
    skew_s: float | None = None
    unread: frozenset[str] = frozenset()
    meanings: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Options:
    """What was asked for beside the manifests.

    Attributes:
        only: nothing but these names; `None` for all.
        as_new: names that are no renames, whatever they look like.
        reviewed: change digests that a review covers; `None` where no review is demanded.
        offline: the server was not asked.
        requested: launches that a person asks for by hand, whatever their trigger.
        retry: launches whose failed or refused attempt a person wants to be followed by another.
        overridden: guards that a person sets aside, by the names they have in the workspace.
    """

    only: frozenset[str] | None = None
    as_new: frozenset[str] = frozenset()
    reviewed: frozenset[str] | None = None
    offline: bool = False
    requested: frozenset[str] = frozenset()
    retry: frozenset[str] = frozenset()
    overridden: frozenset[str] = frozenset()


def make_changeset(
    desired: Desired,
    recorded: Recorded,
    observed: Observed,
    *,
    now: datetime,
    commit: str | None = None,
    options: Options | None = None,
) -> Changeset:
    """What an apply would do, every name decided by the first row that fits.

    A server that answers nothing new and manifests that change nothing give a changeset that acts on nothing.
    """
    maker = Maker(desired, recorded, observed, now, options or Options())
    changes, diagnostics = maker.changes()
    server = observed.server or recorded.server
    digest = changeset_digest(
        environment=desired.environment.name,
        server=server,
        lineage=recorded.lineage,
        digests=tuple(change.digest for change in changes if change.acts),
    )
    return Changeset(
        environment=desired.environment.name,
        digest=(OFFLINE_PREFIX if maker.options.offline else "") + digest,
        offline=maker.options.offline,
        commit=commit,
        lineage=recorded.lineage,
        head=recorded.head,
        changes=changes,
        diagnostics=diagnostics,
        server=server,
    )


def plans_to_read(changeset: Changeset) -> tuple[tuple[str, Scope, PlanReference], ...]:
    """Which job plans the changeset would run: launch name, scope and job plan."""
    return tuple(
        (change.name, change.launch.spec.scope, change.launch.spec.plan)
        for change in changeset.changes
        if change.launch is not None and change.starts
    )
