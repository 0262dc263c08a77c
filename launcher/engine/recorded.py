"""What the ledger says: the present that follows from its events, as values.

How it follows from them is said in `launcher.engine.fold`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Self

from launcher.engine.events import NO_HEAD, Head

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from launcher.engine.observed import PlanPin
    from launcher.engine.spec import LaunchKey


__all__ = [
    "ACCEPTED",
    "ANSWERED",
    "ENDED_BADLY",
    "IN_FLIGHT",
    "NOT_SENT",
    "UNSTARTED",
    "Approval",
    "Attempt",
    "Ending",
    "LaunchRecord",
    "Operation",
    "OperationKind",
    "OutcomeKind",
    "Recorded",
    "Session",
    "UnsentOperation",
    "pin_data",
]


class OutcomeKind(StrEnum):
    """What came of an attempt, so far or for good."""

    INTENDED = "intended"
    """Asked for, and no instance of it is known yet."""
    PREPARED = "prepared"
    STARTING = "starting"
    RUNNING = "running"
    WAITING = "waiting"
    """The instance waits for a person."""
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"
    UNKNOWN = "unknown"
    REFUSED = "refused"
    NOT_RAN = "not-ran"
    SUPERSEDED = "superseded"
    ADOPTED = "adopted"
    WAIVED = "waived"


ACCEPTED = frozenset({OutcomeKind.SUCCEEDED, OutcomeKind.ADOPTED, OutcomeKind.WAIVED})
"""Outcomes that count as done."""

IN_FLIGHT = frozenset({OutcomeKind.STARTING, OutcomeKind.RUNNING, OutcomeKind.WAITING})
"""Outcomes of an attempt whose START was asked for and whose end is not known."""

ENDED_BADLY = frozenset({OutcomeKind.FAILED, OutcomeKind.CANCELLED})
"""Outcomes of an instance that ran and did not succeed; a person may retry it on JOB's own pages."""

NOT_SENT = "not-sent"
"""How an `observed` event says that a START, or an operation, is certain never to have left this process."""

ANSWERED = ("accepted", "already")
"""How an `observed` event says that JOB took a START."""

UNSTARTED = frozenset({OutcomeKind.INTENDED, OutcomeKind.PREPARED})
"""Outcomes of an attempt that no START was ever asked for and that may still go on."""


class OperationKind(StrEnum):
    """What can be done to an instance that was started."""

    TERMINATE = "terminate"
    RETRY_FAILED_HOSTS = "retry-failed-hosts"
    CONTINUE = "confirm-continue"
    END = "confirm-terminate"
    RESTART = "confirm-restart"


@dataclass(frozen=True, slots=True)
class Operation:
    """An operation that was asked for, and of which it is not known yet whether JOB took it.

    Attributes:
        kind: what was asked for.
        at: when it was recorded, before it was sent.
        status: run status of the instance before.
        step: id of the step it is about; `None` for the whole instance.
        step_status: run status of the step before.
        executions: how often the step had been executed again before.
    """

    kind: OperationKind
    at: datetime
    status: int
    step: int | None = None
    step_status: int | None = None
    executions: int | None = None


@dataclass(frozen=True, slots=True)
class UnsentOperation:
    """An operation that was recorded, and is certain never to have left the process that was to ask for it.

    Attributes:
        kind: what was to be asked for.
        at: when it was recorded.
    """

    kind: OperationKind
    at: datetime


@dataclass(frozen=True, slots=True)
class Ending:
    """How an instance had ended before somebody carried on with it: "finished" is not final on JOB.

    Attributes:
        outcome: what it was.
        status: run status.
        finished_at: when it had ended.
    """

    outcome: OutcomeKind
    status: int | None
    finished_at: datetime | None


@dataclass(frozen=True, slots=True)
class Approval:
    """A change that a review covers.

    Attributes:
        change: digest of the change.
        changeset: digest of the changeset that was reviewed.
        actor: whose run recorded it.
        at: when.
        source: where the run had the digest from.
    """

    change: str
    changeset: str
    actor: str
    at: datetime
    source: str


@dataclass(frozen=True)
class Attempt:
    """One START asked for a launch, with everything that came before and after.

    Attributes:
        number: per name, over all keys, from 1.
        key: the launch key it belongs to.
        spec: canonical form of the effective spec it was intended with.
        manifest: the file that declared it.
        commit: the commit it was intended for.
        single_phase: its one request starts at once.
        nonces: one for each prepare of it that may have created an instance, in order.
        intended_at: when the newest of them was recorded.
        policy: the policy it was intended with; `None` where that was not kept.
        outcome: see `OutcomeKind`.
        instance_id: `None` until one is known.
        instance_name: `None` until one is known.
        plan: the job plan content it was intended for.
        prepared_at: when the instance's id was recorded.
        starts: how many times `starting` was recorded.
        start_answered: a START of it is known to have been taken by JOB; which one, where there are several, is not.
        status: the newest run status that was recorded.
        started_at: when the first START was recorded.
        finished_at: when it ended, by JOB's clock where JOB said so.
        reason: why, for an outcome that needs one.
        named: the name it was intended under, which its markers carry.
        change: digest of the change it was intended for; `None` where that was not kept.
        because: the reason of that change; `None` where that was not kept.
        follows: number of the attempt that this change was compared with.
        request: why a person asked for it by hand.
        compared: what of the instance was compared before its START; `None` before that.
        not_compared: what could not be.
        status_since: when `status` was first recorded.
        operation: an operation of which it is not known yet whether JOB took it.
        unsent: one that was never sent, while nothing has been asked for and nothing has ended since it was told.
        endings: how it had ended before somebody carried on with it, oldest first.
        orphans: instances that were prepared for it, never started, and replaced by another one.
    """

    number: int
    key: LaunchKey
    spec: Mapping[str, Any]
    manifest: str
    commit: str | None
    single_phase: bool
    nonces: tuple[str, ...]
    intended_at: datetime
    policy: Mapping[str, Any] | None = None
    outcome: OutcomeKind = OutcomeKind.INTENDED
    instance_id: int | None = None
    instance_name: str | None = None
    plan: PlanPin | None = None
    prepared_at: datetime | None = None
    starts: int = 0
    start_answered: bool = False
    status: int | None = None
    started_at: datetime | None = None
    finished_at: datetime | None = None
    reason: str | None = None
    named: str = ""
    change: str | None = None
    because: str | None = None
    follows: int | None = None
    request: str | None = None
    compared: tuple[str, ...] | None = None
    not_compared: tuple[str, ...] = ()
    status_since: datetime | None = None
    operation: Operation | None = None
    unsent: UnsentOperation | None = None
    endings: tuple[Ending, ...] = ()
    orphans: tuple[int, ...] = ()

    def but(self, **changes: Any) -> Self:  # noqa: ANN401 - a value for each field, as in `dataclasses.replace`
        """This attempt with `changes`: what `replace` gives, in a tenth of its time.

        Each event makes another attempt of one, and there are five events to a launch.

        Raises:
            TypeError: an attempt has no such field.
        """
        if not changes.keys() <= self.__dict__.keys():
            raise TypeError(f"an attempt has no {sorted(changes.keys() - self.__dict__.keys())}")
        other = object.__new__(type(self))
        other.__dict__.update(self.__dict__)
        other.__dict__.update(changes)
        return other

    @property
    def was_started(self) -> bool:
        """Whether it decides if its launch is in sync: it was started, adopted or waived.

        A START that was recorded, and of which it is certain that nothing ran, counts as none.
        """
        if self.outcome in (OutcomeKind.NOT_RAN, OutcomeKind.REFUSED):
            return False
        # A person may have resolved an attempt as run of which no START was ever recorded.
        return self.starts > 0 or self.outcome in ACCEPTED | ENDED_BADLY | IN_FLIGHT


@dataclass(frozen=True, slots=True)
class LaunchRecord:
    """The history of one name.

    Attributes:
        name: the launch.
        attempts: in order; at least one.
        archived: it was no longer declared when this was recorded.
    """

    name: str
    attempts: tuple[Attempt, ...]
    archived: bool = False

    @property
    def newest(self) -> Attempt:
        """The attempt with the highest number."""
        return self.attempts[-1]

    @property
    def newest_started(self) -> Attempt | None:
        """The newest attempt that was started, adopted or waived."""
        return next((item for item in reversed(self.attempts) if item.was_started), None)

    @property
    def accepted(self) -> Attempt | None:
        """The newest attempt whose outcome is accepted."""
        return next((item for item in reversed(self.attempts) if item.outcome in ACCEPTED), None)

    def newest_of(self, key: LaunchKey) -> Attempt | None:
        """The newest attempt of `key`, those left out that were given up un-started: nothing came of them.

        Or a failure would be forgotten with another attempt that never ran.
        """
        given_up = OutcomeKind.SUPERSEDED
        tried = (item for item in self.attempts if item.key == key and item.outcome is not given_up)
        return max(tried, key=lambda item: item.number, default=None)

    def is_in_sync(self, key: LaunchKey) -> bool:
        """Whether the newest attempt that was started belongs to `key` and its outcome is accepted."""
        attempt = self.newest_started
        return attempt is not None and attempt.key == key and attempt.outcome in ACCEPTED


@dataclass(frozen=True, slots=True)
class Session:
    """The time in which one run may claim launches.

    Attributes:
        id: random.
        opened_at: when it was opened.
        actor: who opened it.
        host: the machine it runs on.
        pid: the process on that machine.
        commit: what it works for.
    """

    id: str
    opened_at: datetime
    actor: str
    host: str
    pid: int
    commit: str | None


@dataclass(frozen=True, slots=True)
class Recorded:
    """The present of one ledger.

    Attributes:
        lineage: the random id it was born with; `None` for a ledger without events.
        server: fingerprint of the server it is bound to; `None` before the first `bound`.
        head: the newest event.
        last_time: when that was appended.
        commit: what the newest session worked for.
        session: the open session.
        launches: by name; archived ones stay.
        restored: what it was restored from: `lineage`, `serial`, `head` and `commit` of a lockfile.
        approvals: the newest approval of each launch, by its name.
        contents: of job plans that were launched, as `launcher.engine.content` makes them, by digest; a ledger
            restored from a lockfile, or begun by an older launcher, does not hold all of them.
    """

    lineage: str | None = None
    server: str | None = None
    head: Head = NO_HEAD
    last_time: datetime | None = None
    commit: str | None = None
    session: Session | None = None
    launches: Mapping[str, LaunchRecord] = field(default_factory=dict)
    restored: Mapping[str, Any] | None = None
    approvals: Mapping[str, Approval] = field(default_factory=dict)
    contents: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)


def pin_data(pin: PlanPin | None) -> dict[str, Any] | None:
    """`pin` as it is written in events and in the lockfile."""
    if pin is None:
        return None
    return {
        "id": pin.id,
        "name": pin.name,
        "digest": pin.digest,
        "lastModified": pin.last_modified,
    }
