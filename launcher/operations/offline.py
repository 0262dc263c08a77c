"""What is on record as far as a lockfile tells it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from launcher.engine.events import Head
from launcher.engine.observed import PlanPin
from launcher.engine.recorded import Attempt, LaunchRecord, OutcomeKind, Recorded
from launcher.engine.spec import LaunchKey

if TYPE_CHECKING:
    from collections.abc import Mapping

    from launcher.ledger.lockfile import Lockfile

__all__ = ["recorded_from"]

_NEVER_STARTED = frozenset(
    {
        OutcomeKind.INTENDED,
        OutcomeKind.PREPARED,
        OutcomeKind.REFUSED,
        OutcomeKind.SUPERSEDED,
        OutcomeKind.NOT_RAN,
    }
)

_LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)


def recorded_from(lockfile: Lockfile) -> Recorded:
    """The record that `lockfile` mirrors; of each launch only the newest attempt, and the accepted one before it.

    To decide with, never to act on: it holds no nonces, and what has happened since is not in it.
    """
    return Recorded(
        lineage=lockfile.lineage,
        server=lockfile.server,
        head=Head(lockfile.serial, lockfile.head),
        commit=lockfile.commit,
        launches={name: _record(name, entry) for name, entry in lockfile.launches.items()},
    )


def _record(name: str, entry: Mapping[str, Any]) -> LaunchRecord:
    newest = _attempt(entry, entry, OutcomeKind(entry["outcome"]))
    accepted = entry["accepted"]
    before = () if accepted is None else (_attempt(accepted, entry, OutcomeKind.SUCCEEDED),)
    return LaunchRecord(name, (*before, newest), archived=entry.get("archived", False))


def _attempt(data: Mapping[str, Any], entry: Mapping[str, Any], outcome: OutcomeKind) -> Attempt:
    instance = data.get("instance") or {}
    started = _time(data.get("started"))
    return Attempt(
        number=data["attempt"],
        key=LaunchKey(data["key"]["revision"], data["key"]["digest"]),
        spec=data["spec"],
        manifest=entry["manifest"],
        commit=entry["commit"],
        single_phase=False,
        nonces=(),
        intended_at=started or _LONG_AGO,
        outcome=outcome,
        instance_id=instance.get("id"),
        instance_name=instance.get("name"),
        plan=_pin(data.get("plan")),
        prepared_at=started,
        starts=0 if outcome in _NEVER_STARTED else 1,
        started_at=started,
        finished_at=_time(data.get("finished")),
    )


def _pin(data: Mapping[str, Any] | None) -> PlanPin | None:
    if data is None:
        return None
    return PlanPin(data["id"], data["name"], data["digest"], data["lastModified"])


def _time(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
