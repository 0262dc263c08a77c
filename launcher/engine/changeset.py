"""The changeset: what one apply would do, as a value with digests that a review can name."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from launcher.engine.recorded import pin_data
from launcher.engine.spec import digest_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from launcher.diagnostics import Diagnostic
    from launcher.engine.desired import Launch
    from launcher.engine.drift import Drift
    from launcher.engine.events import Head
    from launcher.engine.observed import PlanPin, PlanVariable
    from launcher.engine.recorded import Attempt
    from launcher.engine.spec import LaunchKey

__all__ = [
    "ACTING",
    "OFFLINE_PREFIX",
    "Action",
    "Change",
    "Changeset",
    "FieldDiff",
    "Reason",
    "Row",
    "change_digest",
    "changeset_digest",
]

OFFLINE_PREFIX = "offline:"
"""Marks a digest that was made without the server; it never satisfies a demand for review."""


class Action(StrEnum):
    """What is done for one name; exactly one per changeset."""

    LAUNCH = "launch"
    RESUME = "resume"
    SUPERSEDE = "supersede"
    ARCHIVE = "archive"
    RENAME = "rename"
    HOLD = "hold"
    BLOCK = "block"
    ERROR = "error"
    NONE = "none"


ACTING = frozenset({Action.LAUNCH, Action.SUPERSEDE, Action.ARCHIVE, Action.RENAME})
"""Actions that a review covers."""


class Reason(StrEnum):
    """Why a name has its action."""

    UNKNOWN = "UNKNOWN"
    RUNNING = "RUNNING"
    WAITING = "WAITING"
    STUCK = "STUCK"
    BUSY = "BUSY"
    DELETED = "DELETED"
    RENAMED = "RENAMED"
    LOOKS_RENAMED = "LOOKS_RENAMED"
    REVISION_LOWERED = "REVISION_LOWERED"
    EDITED = "EDITED"
    IN_SYNC = "IN_SYNC"
    MANUAL = "MANUAL"
    SUPERSEDED = "SUPERSEDED"
    FAILED = "FAILED"
    REFUSED = "REFUSED"
    NEEDS = "NEEDS"
    SUSPENDED = "SUSPENDED"
    FREEZE = "FREEZE"
    WINDOW = "WINDOW"
    NOT_BEFORE = "NOT_BEFORE"
    UNREVIEWED = "UNREVIEWED"
    GUARD = "GUARD"
    PREPARED = "PREPARED"
    REPLACED = "REPLACED"
    NEW = "NEW"
    CHANGED = "CHANGED"
    REVISION = "REVISION"
    RETRY = "RETRY"
    REQUESTED = "REQUESTED"


@dataclass(frozen=True, slots=True)
class FieldDiff:
    """One field that differs between what ran last and what is declared.

    Attributes:
        path: dotted, such as `variables.targets.hosts.ids`.
        before: JSON value of what ran last; `None` where it was not set.
        after: JSON value of what is declared; `None` where it is not set any more.
        origin: `defaults`, `spec` or `environments.NAME`; `None` for a field that is no longer set.
    """

    path: str
    before: Any
    after: Any
    origin: str | None


@dataclass(frozen=True, slots=True)
class Row:
    """One row of the decision table that was tried for a name.

    Attributes:
        number: its place in the table.
        title: the situation it asks for.
        fits: whether it was this one that decided.
    """

    number: int
    title: str
    fits: bool


@dataclass(frozen=True, slots=True)
class Change:
    """One action on one launch.

    Attributes:
        name: the launch.
        action: what is done.
        reason: why.
        launch: what is declared; `None` where nothing is any more.
        newest: the newest attempt on record, observations included; `None` without history.
        previous: the attempt that `fields` compares with: the newest that was started.
        ran_before: number of the newest attempt before `previous` that was started with the declared content: a
            commit was reverted, and the content runs once more; `None` where there is none.
        fields: differences in what would run.
        policy: differences in when it may run.
        needs: names it waits for, sorted.
        wave: how deep it stands in the order of needs, from 1; for display.
        by: what blocks or holds it: a need, an older name, a guard.
        until: when a hold ends, RFC 3339; `None` where nobody knows.
        plan: the job plan content it was decided with; `None` where it was not read.
        unmet: those of `needs` that are not in sync, sorted.
        omitted: the variables that it leaves to the job plan, as they were read with it.
        rows: the rows that were tried, in order; the last one fits.
        digest: what a review of this change covers.
        drift: what has changed in the job plan since it was pinned, prepared or last started; `None` where nothing
            has, or where the job plan was not read.
    """

    name: str
    action: Action
    reason: Reason
    launch: Launch | None
    newest: Attempt | None
    previous: Attempt | None
    ran_before: int | None
    fields: tuple[FieldDiff, ...]
    policy: tuple[FieldDiff, ...]
    needs: tuple[str, ...]
    wave: int
    by: str | None
    until: str | None
    plan: PlanPin | None
    rows: tuple[Row, ...]
    digest: str
    omitted: tuple[PlanVariable, ...] = ()
    unmet: tuple[str, ...] = ()
    drift: Drift | None = None

    @property
    def key(self) -> LaunchKey | None:
        """The launch key it is about: the declared one, or the last recorded one."""
        if self.launch is not None:
            return self.launch.key
        return self.newest.key if self.newest is not None else None

    @property
    def plan_before(self) -> int | None:
        """The id of the job plan that its name stood for when it ran last, if it stands for another one now."""
        if self.launch is None or self.plan is None or self.previous is None:
            return None
        before, written = self.previous.plan, self.launch.spec.to_data()["plan"]
        same_name = "name" in written and self.previous.spec["plan"] == written
        return before.id if same_name and before and before.id != self.plan.id else None

    @property
    def known_plan(self) -> PlanPin | None:
        """The job plan as it was read, or else as the newest attempt ran it if that declared the same one.

        Only for showing: what is not read for the decision may have changed since.
        """
        if self.plan is not None or self.launch is None or self.newest is None:
            return self.plan
        declared, recorded = self.launch.spec.to_data(), self.newest.spec
        is_same = all(declared[key] == recorded.get(key) for key in ("plan", "scope"))
        return self.newest.plan if is_same else None

    @property
    def acts(self) -> bool:
        """Whether a review covers it."""
        return self.action in ACTING

    @property
    def starts(self) -> bool:
        """Whether an instance is to be started for it; a hold or a block has other reasons."""
        return self.action is Action.LAUNCH or self.reason is Reason.PREPARED


@dataclass(frozen=True, slots=True)
class Changeset:
    """The ordered, immutable list of changes of one diff.

    Attributes:
        environment: the target's name.
        digest: what a review covers; with `offline:` before it where the server was not asked.
        offline: made without the server.
        commit: the commit the manifests were read at; `None` without git.
        lineage: of the ledger; `None` before it was created.
        head: of the ledger, or as the lockfile says.
        changes: by wave, then by name; unchanged launches included.
        diagnostics: what was found on the way, warnings included.
        server: fingerprint of the server that it would act on; `None` where that is not known.
    """

    environment: str
    digest: str
    offline: bool
    commit: str | None
    lineage: str | None
    head: Head
    changes: tuple[Change, ...]
    diagnostics: tuple[Diagnostic, ...]
    server: str | None = None

    def change(self, name: str) -> Change | None:
        """The change of `name`, if there is one."""
        return next((item for item in self.changes if item.name == name), None)

    @property
    def acting(self) -> tuple[Change, ...]:
        """The changes that a review covers."""
        return tuple(item for item in self.changes if item.acts)


def change_digest(
    *,
    environment: str,
    name: str,
    action: Action,
    reason: Reason,
    key: LaunchKey | None,
    previous: int | None,
    launch: Launch | None,
    plan: PlanPin | None,
    guards: Mapping[str, Any],
    renamed_from: str | None = None,
) -> str:
    """What a review of one change covers; commit ids and times are not part of it.

    Environment and name are: the same content under another name is another launch.
    """
    pin = pin_data(plan)
    return digest_of(
        {
            "action": action.value,
            "reason": reason.value,
            "environment": environment,
            "name": name,
            "key": None if key is None else {"revision": key.revision, "digest": key.digest},
            "previous": previous,
            "spec": None if launch is None else launch.spec.to_data(),
            "policy": None if launch is None else launch.policy.to_data(),
            "plan": None if pin is None else {"id": pin["id"], "digest": pin["digest"]},
            "guards": dict(guards),
            "from": renamed_from if action is Action.RENAME else None,
        }
    )


def changeset_digest(
    *, environment: str, server: str | None, lineage: str | None, digests: tuple[str, ...]
) -> str:
    """What a review of a whole changeset covers: where it acts and the changes that act."""
    return digest_of(
        {
            "environment": environment,
            "server": server,
            "lineage": lineage,
            "changes": sorted(digests),
        }
    )
