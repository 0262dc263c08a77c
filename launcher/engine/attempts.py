"""What an event makes of the attempt that it is about, or of which attempt it is the first word."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from launcher.engine.events import Kind
from launcher.engine.observed import PlanPin, Status
from launcher.engine.recorded import (
    ACCEPTED,
    ANSWERED,
    ENDED_BADLY,
    IN_FLIGHT,
    NOT_SENT,
    UNSTARTED,
    Attempt,
    Ending,
    LaunchRecord,
    Operation,
    OperationKind,
    OutcomeKind,
    UnsentOperation,
)
from launcher.engine.spec import LaunchKey

if TYPE_CHECKING:
    from collections.abc import Mapping

    from launcher.engine.events import Draft, Event

__all__ = ["accepted_by_hand", "next_attempt", "pin_of", "restored"]

_ENDED = ACCEPTED | ENDED_BADLY
_NEVER_STARTED = frozenset(
    {
        OutcomeKind.REFUSED,
        OutcomeKind.SUPERSEDED,
        OutcomeKind.NOT_RAN,
        OutcomeKind.WAIVED,
    }
)


def accepted_by_hand(event: Event) -> Attempt:
    """The attempt that a person has put in the place of one of ours: an instance of theirs, or none at all."""
    draft, data = event.draft, event.draft.data
    if draft.key is None or draft.attempt is None or draft.name is None:
        raise ValueError(f"event {event.serial} accepts no attempt of a key")
    adopted = draft.kind is Kind.ADOPTED
    outcome = OutcomeKind(data["outcome"]) if adopted else OutcomeKind.WAIVED
    instance = data.get("instance") or {}
    return Attempt(
        number=draft.attempt,
        key=draft.key,
        spec=data["spec"],
        manifest=data["manifest"],
        commit=event.commit,
        single_phase=False,
        nonces=(),
        intended_at=event.time,
        policy=data["policy"],
        outcome=outcome,
        instance_id=instance.get("id"),
        instance_name=instance.get("name"),
        plan=pin_of(data.get("plan")),
        starts=1 if adopted else 0,
        start_answered=adopted,
        status=data.get("status"),
        status_since=event.time if adopted else None,
        started_at=_time(data.get("started")) or event.time if adopted else None,
        finished_at=None if outcome in IN_FLIGHT else _time(data.get("finished")) or event.time,
        reason=data["reason"],
        named=draft.name,
    )


def next_attempt(attempt: Attempt, draft: Draft, time: datetime) -> Attempt:
    """What `draft`, recorded at `time`, makes of the attempt that it is about."""
    data = draft.data
    match draft.kind:
        case Kind.PREPARED:
            return attempt.but(
                # In single phase the instance is learnt after the START was recorded.
                outcome=OutcomeKind.STARTING if attempt.starts else OutcomeKind.PREPARED,
                instance_id=data["instance"]["id"],
                instance_name=data["instance"]["name"],
                prepared_at=time,
            )
        case Kind.VERIFIED:
            return attempt.but(
                compared=tuple(data["compared"]),
                not_compared=tuple(data["not_compared"]),
            )
        case Kind.REFUSED:
            return attempt.but(
                outcome=OutcomeKind.REFUSED,
                reason=data["message"],
                finished_at=time,
            )
        case Kind.STARTING:
            return attempt.but(
                outcome=OutcomeKind.STARTING,
                starts=attempt.starts + 1,
                started_at=attempt.started_at or time,
            )
        case Kind.OBSERVED:
            return _observed(attempt, data, time)
        case Kind.SETTLED | Kind.RESOLVED:
            return _settled(attempt, data, time)
        case Kind.OPERATING:
            return attempt.but(operation=_operation(data, time), unsent=None)
        case Kind.SUPERSEDED:
            return attempt.but(outcome=OutcomeKind.SUPERSEDED, reason=data.get("reason"))
        case _:
            return attempt


def _operation(data: Mapping[str, Any], time: datetime) -> Operation:
    return Operation(
        kind=OperationKind(data["operation"]),
        at=time,
        status=data["status"],
        step=data.get("step"),
        step_status=data.get("step_status"),
        executions=data.get("executions"),
    )


def _observed(attempt: Attempt, data: Mapping[str, Any], time: datetime) -> Attempt:
    if "void" in data:
        attempt = attempt.but(nonces=tuple(item for item in attempt.nonces if item != data["void"]))
    if data.get("start") == NOT_SENT:
        attempt = _unsent(attempt)
    if "operation" in data:
        attempt = _operated(attempt, data)
    status = data.get("status")
    outcome = _outcome_at(attempt, status)
    if outcome in IN_FLIGHT and attempt.outcome in _ENDED:
        attempt = attempt.but(
            endings=(*attempt.endings, _ending(attempt)), finished_at=None, reason=None
        )
    return attempt.but(
        status=attempt.status if status is None else status,
        status_since=attempt.status_since if status in (None, attempt.status) else time,
        outcome=outcome,
        start_answered=attempt.start_answered or data.get("start") in ANSWERED,
    )


def _operated(attempt: Attempt, data: Mapping[str, Any]) -> Attempt:
    """The attempt once it is known how an operation went, the pending one unless `of` names another.

    Whoever tells late how theirs went may find one pending that others have asked for since.
    """
    of, pending = data.get("of"), attempt.operation
    if of is None:
        return attempt.but(operation=None)
    told = UnsentOperation(OperationKind(of["operation"]), datetime.fromisoformat(of["at"]))
    is_other = pending is not None and pending.at != told.at
    return attempt.but(
        operation=pending if is_other else None,
        unsent=told if data["operation"] == NOT_SENT else attempt.unsent,
    )


def _ending(attempt: Attempt) -> Ending:
    return Ending(attempt.outcome, attempt.status, attempt.finished_at)


def _unsent(attempt: Attempt) -> Attempt:
    """The attempt without its newest START, which is known never to have left."""
    if attempt.outcome is not OutcomeKind.STARTING:
        # Too late: it runs or has ended, whoever began it.
        return attempt
    starts = attempt.starts - 1
    if starts:
        return attempt.but(starts=starts)
    unstarted = OutcomeKind.INTENDED if attempt.instance_id is None else OutcomeKind.PREPARED
    return attempt.but(starts=0, outcome=unstarted, started_at=None)


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
    status = data.get("status", attempt.status)
    known = instance.get("id", attempt.instance_id)
    # Somebody carried on with it, and nobody looked before it had ended again.
    before = (_ending(attempt),) if attempt.outcome in _ENDED else ()
    # An instance at its end has moved since the operation was asked for.
    operation = attempt.operation if ended is None else None
    return attempt.but(
        outcome=outcome,
        endings=(*attempt.endings, *before),
        operation=operation,
        unsent=None,
        status=status,
        status_since=attempt.status_since if status == attempt.status else time,
        reason=data.get("reason"),
        instance_id=known,
        instance_name=instance.get("name", attempt.instance_name),
        # Another instance than the one that was prepared: a person has named it.
        prepared_at=attempt.prepared_at if known == attempt.instance_id else None,
        finished_at=finished or ended,
    )


def pin_of(data: Mapping[str, Any] | None) -> PlanPin | None:
    """The job plan content that an event names."""
    if data is None:
        return None
    return PlanPin(data["id"], data["name"], data["digest"], data["lastModified"])


def restored(record: LaunchRecord | None, name: str, event: Event) -> LaunchRecord:
    """The record of an entry of a lockfile; its earlier attempts are lost, all but the accepted one."""
    entry = event.draft.data["restored"]
    newest = _restored_attempt(entry, entry["outcome"], entry["spec"], event)
    accepted = entry.get("accepted")
    before: tuple[Attempt, ...] = ()
    if accepted is not None:
        older = {**accepted, "commit": None, "manifest": entry["manifest"]}
        # A lockfile that does not say how is of a time when nothing else was possible.
        outcome = accepted.get("outcome", OutcomeKind.SUCCEEDED.value)
        before = (_restored_attempt(older, outcome, accepted["spec"], event),)
    known = record.attempts if record else ()
    return LaunchRecord(name, (*known, *before, newest), archived=entry.get("archived", False))


def _restored_attempt(
    entry: Mapping[str, Any], outcome: str, spec: Mapping[str, Any], event: Event
) -> Attempt:
    kind = OutcomeKind(outcome)
    instance = entry.get("instance") or {}
    if kind in IN_FLIGHT | UNSTARTED:
        kind = OutcomeKind.UNKNOWN
    never_started = kind in _NEVER_STARTED
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
        plan=pin_of(entry.get("plan")),
        starts=0 if never_started else 1,
        started_at=_time(entry.get("started")),
        finished_at=_time(entry.get("finished")),
        named=event.draft.name or "",
    )


def _time(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
