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
    from launcher.engine.making import Decision
    from launcher.engine.observed import InstanceStatus, Missing
    from launcher.engine.planname import PlanAnswer
    from launcher.engine.recorded import Recorded
    from launcher.engine.spec import PlanReference, Scope

__all__ = ["Observed", "Options", "Outline", "make_changeset"]


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
        never_read: of `steps` and `hosts`, what the door shows of no instance.
    """

    server: str | None = None
    statuses: Mapping[str, InstanceStatus | Missing] = field(default_factory=dict)
    plans: Mapping[str, PlanAnswer] = field(default_factory=dict)
    skew_s: float | None = None
    unread: frozenset[str] = frozenset()
    meanings: Mapping[str, int] = field(default_factory=dict)
    never_read: tuple[str, ...] = ()


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


class Outline:
    """A changeset of which is decided what becomes of each name; the rest is found out when it is asked for.

    So whoever only wants to know which job plans to read first pays for no more.
    """

    def __init__(
        self,
        desired: Desired,
        recorded: Recorded,
        observed: Observed,
        *,
        now: datetime,
        commit: str | None = None,
        options: Options | None = None,
    ) -> None:
        self._maker = Maker(desired, recorded, observed, now, options or Options())
        self._commit = commit

    @property
    def decisions(self) -> tuple[Decision, ...]:
        """What is to become of each name, in an order in which needs come first."""
        return self._maker.decisions()

    def plans_to_read(self) -> tuple[tuple[str, Scope, PlanReference], ...]:
        """Which job plans would run: launch name, scope and job plan, by launch name."""
        starting = [item.case for item in self.decisions if item.verdict.starts]
        return tuple(
            (case.name, case.launch.spec.scope, case.launch.spec.plan)
            for case in sorted(starting, key=lambda item: item.name)
            if case.launch is not None
        )

    def changeset(self) -> Changeset:
        """The whole of it."""
        maker = self._maker
        environment, recorded = maker.desired.environment.name, maker.recorded
        changes, diagnostics = maker.changes()
        server = maker.observed.server or recorded.server
        digest = changeset_digest(
            environment=environment,
            server=server,
            lineage=recorded.lineage,
            digests=tuple(change.digest for change in changes if change.acts),
        )
        return Changeset(
            environment=environment,
            digest=(OFFLINE_PREFIX if maker.options.offline else "") + digest,
            offline=maker.options.offline,
            commit=self._commit,
            lineage=recorded.lineage,
            head=recorded.head,
            changes=changes,
            diagnostics=diagnostics,
            server=server,
        )


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
    outline = Outline(desired, recorded, observed, now=now, commit=commit, options=options)
    return outline.changeset()
