"""What a person may put in the place of a launch by hand, and what is recorded then.

Two things count as done without a START of ours: an instance that somebody else started (`adopted`), and nothing at
all (`waived`). Neither needs a session; the compare-and-swap on the head keeps them apart from a run that is about to
start the same launch.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Any

from launcher.engine.events import Draft, Kind
from launcher.engine.progress import outcome_at
from launcher.engine.recorded import IN_FLIGHT, OutcomeKind, pin_data
from launcher.engine.spec import recordable_spec

if TYPE_CHECKING:
    from launcher.engine.desired import Launch
    from launcher.engine.observed import InstanceStatus, PlanPin
    from launcher.engine.recorded import LaunchRecord, Recorded

__all__ = ["Hindrance", "adoption", "adoption_outcome", "hindrance", "owner_of", "waiver"]


class Hindrance(StrEnum):
    """Why nothing can be put in the place of a launch by hand."""

    UNDECLARED = "undeclared"
    """Nothing is declared under that name, so there is no launch key to speak of."""
    NOT_RENAMED = "not-renamed"
    """It has a history under another name, and a second one would part the two for good."""
    UNKNOWN = "unknown"
    """Its newest attempt may have run; a person has to say so first."""
    IN_FLIGHT = "in-flight"
    """Its newest attempt is on its way."""
    OPERATION = "operation"
    """Its instance was operated on, and nobody knows yet what came of that."""
    LOWERED = "lowered"
    """Its revision is lower than one on record: what is declared here is not the present."""
    IN_SYNC = "in-sync"
    """It counts as done already."""


def hindrance(recorded: Recorded, launch: Launch | None) -> Hindrance | None:
    """What stands in the way of accepting `launch` by hand; `None` if nothing does.

    Args:
        recorded: the record, observations included.
        launch: what is declared; `None` where nothing is.
    """
    if launch is None:
        return Hindrance.UNDECLARED
    record = recorded.launches.get(launch.name)
    if record is None:
        has_history = launch.renamed_from in recorded.launches
        return Hindrance.NOT_RENAMED if has_history else None
    newest = record.newest
    if newest.outcome is OutcomeKind.UNKNOWN:
        return Hindrance.UNKNOWN
    if newest.outcome in IN_FLIGHT:
        return Hindrance.IN_FLIGHT
    if newest.operation is not None:
        return Hindrance.OPERATION
    if launch.revision < max(item.key.revision for item in record.attempts):
        return Hindrance.LOWERED
    return Hindrance.IN_SYNC if record.is_in_sync(launch.key) else None


def owner_of(
    recorded: Recorded, instance: int, *, besides: tuple[str, int] | None = None
) -> str | None:
    """The launch that `instance` is on record for, as run or as orphan: none is the run of two attempts.

    Args:
        recorded: the record.
        instance: its id.
        besides: launch and attempt that may have it.
    """
    for record in recorded.launches.values():
        for attempt in record.attempts:
            if (record.name, attempt.number) == besides:
                continue
            if instance == attempt.instance_id or instance in attempt.orphans:
                return record.name
    return None


def adoption_outcome(status: int) -> OutcomeKind:
    """What an adopted instance at `status` counts as: `adopted` once it has succeeded."""
    outcome = outcome_at(status)
    return OutcomeKind.ADOPTED if outcome is OutcomeKind.SUCCEEDED else outcome


def adoption(
    launch: Launch,
    record: LaunchRecord | None,
    answer: InstanceStatus,
    plan: PlanPin | None,
    reason: str,
) -> Draft:
    """The record that an instance of somebody else's counts as `launch`, as a new attempt.

    Args:
        launch: what is declared.
        record: its history; `None` without one.
        answer: the instance; begun, and not failed.
        plan: the job plan content that it ran; `None` where that cannot be known.
        reason: a person's.
    """
    data: dict[str, Any] = {
        **_declared(launch),
        "plan": pin_data(plan),
        "instance": {"id": answer.id, "name": answer.name},
        "outcome": adoption_outcome(answer.status).value,
        "status": answer.status,
        "reason": reason,
    }
    if answer.started is not None:
        data["started"] = answer.started.isoformat()
    if answer.ended is not None:
        data["finished"] = answer.ended.isoformat()
    return Draft(Kind.ADOPTED, launch.name, launch.key, _next_number(record), data)


def waiver(launch: Launch, record: LaunchRecord | None, reason: str) -> Draft:
    """The record that `launch` counts as done without running, as a new attempt."""
    data = {**_declared(launch), "reason": reason}
    return Draft(Kind.WAIVED, launch.name, launch.key, _next_number(record), data)


def _declared(launch: Launch) -> dict[str, Any]:
    return {
        "spec": recordable_spec(launch.spec.to_data()),
        "policy": launch.policy.to_data(),
        "manifest": launch.path,
    }


def _next_number(record: LaunchRecord | None) -> int:
    return record.newest.number + 1 if record else 1
