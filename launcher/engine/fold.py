"""From events to the present: the only place that says what an event means.

So the ledger, the engine, a simulation and the lockfile cannot disagree about it.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from launcher.engine.events import Event, Head, Kind
from launcher.engine.observed import PlanPin, Status
from launcher.engine.recorded import (
    ANSWERED,
    IN_FLIGHT,
    NOT_SENT,
    UNSTARTED,
    Attempt,
    LaunchRecord,
    OutcomeKind,
    Recorded,
    Session,
)
from launcher.engine.spec import LaunchKey

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from launcher.engine.events import Draft

__all__ = ["fold", "next_attempt"]


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
