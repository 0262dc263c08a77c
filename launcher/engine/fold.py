"""From events to the present: the only place that says what an event means.

So the ledger, the engine, a simulation and the lockfile cannot disagree about it.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, ClassVar

from launcher.engine.attempts import accepted_by_hand, next_attempt, pin_of, restored
from launcher.engine.events import Event, Head, Kind
from launcher.engine.recorded import Approval, Attempt, LaunchRecord, OutcomeKind, Recorded, Session

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


__all__ = ["fold"]


def fold(recorded: Recorded, events: Iterable[Event]) -> Recorded:
    """The present after `events`, which follow on `recorded`.

    Raises:
        ValueError: an event does not follow on the one before it, or speaks of an attempt that is not there;
            a ledger that was read through its hash chain holds no such event.
    """
    known = _Newest.fold
    if known is not None and known[0] is recorded and known[1] is events:
        return known[2]
    present = _folded(recorded, events)
    if isinstance(events, tuple):
        _Newest.fold = recorded, events, present
    return present


class _Newest:
    """The newest fold: the ledger, the run and whoever tells of it each make the same one, of the same values."""

    fold: ClassVar[tuple[Recorded, tuple[Event, ...], Recorded] | None] = None


def _folded(recorded: Recorded, events: Iterable[Event]) -> Recorded:
    launches, contents = dict(recorded.launches), dict(recorded.contents)
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
        if "content" in event.draft.data:
            _keep_content(contents, event.draft.data)
        serial, digest, time = event.serial, event.hash, event.time
    if serial == recorded.head.serial:
        return recorded
    return replace(
        present,
        head=Head(serial, digest),
        last_time=time,
        launches=launches,
        contents=contents,
    )


def _keep_content(contents: dict[str, Mapping[str, Any]], data: Mapping[str, Any]) -> None:
    """The first one stays: it was recorded together with what was launched first."""
    pin = data.get("plan")
    if pin is not None:
        contents.setdefault(pin["digest"], data["content"])


def _fold_one(present: Recorded, launches: dict[str, LaunchRecord], event: Event) -> Recorded:
    data = event.draft.data
    match event.draft.kind:
        case Kind.CREATED:
            return _created(present, data)
        case Kind.BOUND:
            # A review speaks of one server; the first binding only names the one that it was made with.
            same = present.server in (None, data["server"])
            approvals = present.approvals if same else {}
            return replace(present, server=data["server"], approvals=approvals)
        case Kind.OPENED:
            # A run without git says nothing about how far the commits have come.
            commit = event.commit or present.commit
            return replace(present, session=_session(event), commit=commit)
        case Kind.CLOSED:
            ours = present.session is not None and present.session.id == data["session"]
            return replace(present, session=None) if ours else present
        case Kind.APPROVED:
            return replace(present, approvals={**present.approvals, **_approvals(event)})
        case Kind.RENAMED if event.draft.name is not None:
            launches[event.draft.name] = _renamed(launches, event.draft.name, event)
            # Whatever is declared under the old name one day is another launch, which nobody has reviewed.
            old = event.draft.data["from"]
            kept = {name: item for name, item in present.approvals.items() if name != old}
            return replace(present, approvals=kept)
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


def _approvals(event: Event) -> dict[str, Approval]:
    data = event.draft.data
    return {
        name: Approval(change, data["digest"], event.actor, event.time, data["source"])
        for name, change in data["changes"].items()
    }


def _renamed(launches: dict[str, LaunchRecord], name: str, event: Event) -> LaunchRecord:
    """The history of the old name, under the new one; the old name has none any more."""
    old = event.draft.data["from"]
    if old not in launches or name in launches:
        raise ValueError(f"event {event.serial} finds no history of {old} to move to {name}")
    return replace(launches.pop(old), name=name, archived=False)


def _next_record(record: LaunchRecord | None, event: Event) -> LaunchRecord:
    draft = event.draft
    if draft.name is None:
        raise ValueError(f"event {event.serial} names no launch")
    if draft.kind is Kind.INTENDED:
        return _intended(record, draft.name, event)
    if draft.kind is Kind.RESOLVED and "restored" in draft.data:
        return restored(record, draft.name, event)
    if draft.kind in (Kind.ADOPTED, Kind.WAIVED):
        known = record.attempts if record else ()
        if known and draft.attempt is not None and draft.attempt <= known[-1].number:
            raise ValueError(f"event {event.serial} makes no new attempt")
        return LaunchRecord(draft.name, (*known, accepted_by_hand(event)))
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
    return LaunchRecord(record.name, attempts, archived)


def _intended(record: LaunchRecord | None, name: str, event: Event) -> LaunchRecord:
    draft = event.draft
    if draft.key is None or draft.attempt is None:
        raise ValueError(f"event {event.serial} intends no attempt of a key")
    known = record.attempts if record else ()
    if known and known[-1].number == draft.attempt:
        return LaunchRecord(name, (*known[:-1], _prepared_again(known[-1], name, event)))
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
        plan=pin_of(draft.data.get("plan")),
        named=name,
        change=draft.data.get("change"),
        because=draft.data.get("because"),
        follows=draft.data.get("follows"),
        request=draft.data.get("request"),
    )
    return LaunchRecord(name, (*known, attempt))


def _prepared_again(before: Attempt, name: str, event: Event) -> Attempt:
    """`before` with another prepare under way: what was said of its last instance says nothing of the next."""
    data = event.draft.data
    left = () if before.instance_id is None else (before.instance_id,)
    return before.but(
        single_phase=data["phase"] == "single",
        nonces=(*before.nonces, data["nonce"]),
        intended_at=event.time,
        policy=data["policy"],
        outcome=OutcomeKind.INTENDED,
        instance_id=None,
        instance_name=None,
        prepared_at=None,
        status=None,
        status_since=None,
        compared=None,
        not_compared=(),
        plan=pin_of(data.get("plan")) or before.plan,
        named=name,
        # These three belong together: a digest is that of one reason and of one attempt before it.
        change=data.get("change"),
        because=data.get("because"),
        follows=data.get("follows"),
        request=data.get("request") or before.request,
        orphans=(*before.orphans, *left),
    )
