"""What the ledger says: the present that follows from its events.

`fold` is the only way from events to a present, so the ledger, the engine, a simulation and the
lockfile cannot disagree about what an event means.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from launcher.engine.events import NO_HEAD, Event, Head, Kind
from launcher.engine.observed import PlanPin, Status
from launcher.engine.spec import LaunchKey

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from launcher.engine.events import Draft

__all__ = [
    "ACCEPTED",
    "ANSWERED",
    "ENDED_BADLY",
    "IN_FLIGHT",
    "NOT_SENT",
    "UNSTARTED",
    "Attempt",
    "LaunchRecord",
    "OutcomeKind",
    "Recorded",
    "Session",
    "fold",
    "next_attempt",
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
"""How an `observed` event says that a START is certain never to have left this process."""

ANSWERED = ("accepted", "already")
"""How an `observed` event says that JOB took a START."""

UNSTARTED = frozenset({OutcomeKind.INTENDED, OutcomeKind.PREPARED})
"""Outcomes of an attempt that no START was ever asked for and that may still go on."""


@dataclass(frozen=True, slots=True)
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
        """The newest attempt of `key`."""
        return next((item for item in reversed(self.attempts) if item.key == key), None)

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
    """

    lineage: str | None = None
    server: str | None = None
    head: Head = NO_HEAD
    last_time: datetime | None = None
    commit: str | None = None
    session: Session | None = None
    launches: Mapping[str, LaunchRecord] = field(default_factory=dict)
    restored: Mapping[str, Any] | None = None


def fold(recorded: Recorded, events: Iterable[Event]) -> Recorded:
    """The present after `events`, which follow on `recorded`.

    Raises:
        ValueError: an event does not follow on the one before it, or speaks of an attempt that is not there;
            a ledger that was read through its hash chain holds no such event.
    """
    launches = dict(recorded.launches)
    present, serial, digest, time = (
        recorded,
        recorded.head.serial,
        recorded.head.hash,
        recorded.last_time,
    )
    for event in events:
        if event.serial != serial + 1 or event.previous != digest:
            raise ValueError(f"event {event.serial} does not follow on {serial}")
        present = _fold_one(present, launches, event)
        serial, digest, time = event.serial, event.hash, event.time
    return replace(present, head=Head(serial, digest), last_time=time, launches=launches)


def _fold_one(present: Recorded, launches: dict[str, LaunchRecord], event: Event) -> Recorded:
    data = event.draft.data
    match event.draft.kind:
        case Kind.CREATED:
            return _created(present, data)
        case Kind.BOUND:
            return replace(present, server=data["server"])
        case Kind.OPENED:
            # A run without git says nothing about how far the commits have come.
            commit = event.commit or present.commit
            return replace(present, session=_session(event), commit=commit)
        case Kind.CLOSED:
            ours = present.session is not None and present.session.id == data["session"]
            return replace(present, session=None) if ours else present
        case _ if event.draft.name is not None:
            launches[event.draft.name] = _next_record(launches.get(event.draft.name), event)
            return present
        case _:
            return present


def _created(present: Recorded, data: Mapping[str, Any]) -> Recorded:
    restored = data.get("restored")
    # An older commit than the lost ledger's must stay refused.
    commit = restored["commit"] if restored else None
    return replace(present, lineage=data["lineage"], restored=restored, commit=commit)


def _session(event: Event) -> Session:
    data = event.draft.data
    return Session(
        id=data["session"],
        opened_at=event.time,
        actor=event.actor,
        host=data["host"],
        pid=data["pid"],
        commit=event.commit,
    )


def _next_record(record: LaunchRecord | None, event: Event) -> LaunchRecord:
    draft = event.draft
    if draft.name is None:
        raise ValueError(f"event {event.serial} names no launch")
    if draft.kind is Kind.INTENDED:
        return _intended(record, draft.name, event)
    if draft.kind is Kind.RESOLVED and "restored" in draft.data:
        return _restored(record, draft.name, event)
    if record is None:
        raise ValueError(f"event {event.serial} speaks of an unknown launch")
    if draft.kind is Kind.ARCHIVED:
        return replace(record, archived=True)
    if draft.attempt is None:
        return record
    attempts = tuple(
        next_attempt(item, draft, event.time) if item.number == draft.attempt else item
        for item in record.attempts
    )
    if all(item.number != draft.attempt for item in attempts):
        raise ValueError(f"event {event.serial} speaks of an unknown attempt")
    archived = record.archived and not draft.data.get("declared", False)
    return replace(record, attempts=attempts, archived=archived)


def _intended(record: LaunchRecord | None, name: str, event: Event) -> LaunchRecord:
    draft = event.draft
    if draft.key is None or draft.attempt is None:
        raise ValueError(f"event {event.serial} intends no attempt of a key")
    known = record.attempts if record else ()
    if known and known[-1].number == draft.attempt:
        again = replace(
            known[-1],
            single_phase=draft.data["phase"] == "single",
            nonces=(*known[-1].nonces, draft.data["nonce"]),
            intended_at=event.time,
            outcome=OutcomeKind.INTENDED,
            instance_id=None,
            instance_name=None,
            prepared_at=None,
            plan=_pin(draft.data.get("plan")) or known[-1].plan,
        )
        return LaunchRecord(name, (*known[:-1], again))
    attempt = Attempt(
        number=draft.attempt,
        key=draft.key,
        spec=draft.data["spec"],
        manifest=draft.data["manifest"],
        commit=event.commit,
        single_phase=draft.data["phase"] == "single",
        nonces=(draft.data["nonce"],),
        intended_at=event.time,
        policy=draft.data["policy"],
        plan=_pin(draft.data.get("plan")),
    )
    return LaunchRecord(name, (*known, attempt))


def next_attempt(attempt: Attempt, draft: Draft, time: datetime) -> Attempt:
    """What `draft`, recorded at `time`, makes of the attempt that it is about."""
    data = draft.data
    match draft.kind:
        case Kind.PREPARED:
            return replace(
                attempt,
                # In single phase the instance is learnt after the START was recorded.
                outcome=OutcomeKind.STARTING if attempt.starts else OutcomeKind.PREPARED,
                instance_id=data["instance"]["id"],
                instance_name=data["instance"]["name"],
                prepared_at=time,
            )
        case Kind.REFUSED:
            return replace(
                attempt,
                outcome=OutcomeKind.REFUSED,
                reason=data["message"],
                finished_at=time,
            )
        case Kind.STARTING:
            return replace(
                attempt,
                outcome=OutcomeKind.STARTING,
                starts=attempt.starts + 1,
                started_at=attempt.started_at or time,
            )
        case Kind.OBSERVED:
            return _observed(attempt, data)
        case Kind.SETTLED | Kind.RESOLVED:
            return _settled(attempt, data, time)
        case Kind.SUPERSEDED:
            return replace(attempt, outcome=OutcomeKind.SUPERSEDED, reason=data.get("reason"))
        case Kind.ADOPTED:
            return replace(attempt, outcome=OutcomeKind.ADOPTED)
        case Kind.WAIVED:
            return replace(attempt, outcome=OutcomeKind.WAIVED)
        case _:
            return attempt


def _observed(attempt: Attempt, data: Mapping[str, Any]) -> Attempt:
    if "void" in data:
        attempt = replace(
            attempt, nonces=tuple(item for item in attempt.nonces if item != data["void"])
        )
    if data.get("start") == NOT_SENT:
        attempt = _unsent(attempt)
    status = data.get("status")
    return replace(
        attempt,
        status=attempt.status if status is None else status,
        outcome=_outcome_at(attempt, status),
        start_answered=attempt.start_answered or data.get("start") in ANSWERED,
    )


def _unsent(attempt: Attempt) -> Attempt:
    """The attempt without its newest START, which is known never to have left."""
    if (
        attempt.outcome is not OutcomeKind.STARTING
    ):  # too late: it runs or has ended, whoever began it
        return attempt
    starts = attempt.starts - 1
    if starts:
        return replace(attempt, starts=starts)
    unstarted = OutcomeKind.INTENDED if attempt.instance_id is None else OutcomeKind.PREPARED
    return replace(attempt, starts=0, outcome=unstarted, started_at=None)


def _outcome_at(attempt: Attempt, status: int | None) -> OutcomeKind:
    if status in (None, Status.BLANK) or not attempt.starts:
        return attempt.outcome
    # A number that we do not know is shown as it is and never treated as final.
    return OutcomeKind.WAITING if status == Status.WAITING_USER else OutcomeKind.RUNNING


def _settled(attempt: Attempt, data: Mapping[str, Any], time: datetime) -> Attempt:
    outcome = OutcomeKind(data["outcome"])
    instance = data.get("instance") or {}
    finished = _time(data.get("finished"))
    ended = None if outcome in IN_FLIGHT or outcome is OutcomeKind.UNKNOWN else time
    return replace(
        attempt,
        outcome=outcome,
        status=data.get("status", attempt.status),
        reason=data.get("reason"),
        instance_id=instance.get("id", attempt.instance_id),
        instance_name=instance.get("name", attempt.instance_name),
        finished_at=finished or ended,
    )


def _pin(data: Mapping[str, Any] | None) -> PlanPin | None:
    if data is None:
        return None
    return PlanPin(data["id"], data["name"], data["digest"], data["lastModified"])


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


def _restored(record: LaunchRecord | None, name: str, event: Event) -> LaunchRecord:
    """The record of an entry of a lockfile; its earlier attempts are lost, all but the accepted one."""
    entry = event.draft.data["restored"]
    newest = _restored_attempt(entry, entry["outcome"], entry["spec"], event)
    accepted = entry.get("accepted")
    before: tuple[Attempt, ...] = ()
    if accepted is not None:
        older = {**accepted, "commit": None, "manifest": entry["manifest"]}
        before = (_restored_attempt(older, "succeeded", accepted["spec"], event),)
    known = record.attempts if record else ()
    return LaunchRecord(name, (*known, *before, newest), archived=entry.get("archived", False))


def _restored_attempt(
    entry: Mapping[str, Any], outcome: str, spec: Mapping[str, Any], event: Event
) -> Attempt:
    kind = OutcomeKind(outcome)
    instance = entry.get("instance") or {}
    if kind in IN_FLIGHT | UNSTARTED:
        kind = OutcomeKind.UNKNOWN
    never_started = kind in (OutcomeKind.REFUSED, OutcomeKind.SUPERSEDED, OutcomeKind.NOT_RAN)
    return Attempt(
        number=entry["attempt"],
        key=LaunchKey(entry["key"]["revision"], entry["key"]["digest"]),
        spec=spec,
        manifest=entry["manifest"],
        commit=entry["commit"],
        single_phase=False,
        nonces=(),
        intended_at=event.time,
        outcome=kind,
        instance_id=instance.get("id"),
        instance_name=instance.get("name"),
        plan=_pin(entry.get("plan")),
        starts=0 if never_started else 1,
        started_at=_time(entry.get("started")),
        finished_at=_time(entry.get("finished")),
    )


def _time(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
