"""The promises as checks over a simulated world: each returns what is broken, in words."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise
from typing import TYPE_CHECKING

from launcher.engine.changeset import Action, Reason
from launcher.engine.events import Kind
from launcher.engine.observed import Status
from launcher.engine.recorded import IN_FLIGHT, UNSTARTED, OutcomeKind

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from launcher.engine.desired import Desired
    from launcher.engine.recorded import Attempt, Recorded
    from launcher.engine.report import Report
    from tests.support.simulated import World
    from tests.support.simulated_job import SimInstance

_TRUTH = {
    Status.SUCCESS: OutcomeKind.SUCCEEDED,
    Status.FAIL: OutcomeKind.FAILED,
    Status.STOP_SUCCESS: OutcomeKind.CANCELLED,
}


def broken(world: World, desired: Desired, report: Report | None) -> list[str]:
    """Everything that does not hold after the last run of `desired` in a world that is healthy again."""
    world.settle_everything()
    recorded = world.recorded()
    return [
        *world.violations,
        *_started_twice(world, recorded),
        *_launched_again(world, recorded),
        *_not_refused(world),
        *_untrue(world, recorded),
        *_other_content(world, recorded),
        *_not_closed(recorded, report),
        *_not_converged(world, desired),
        *_not_true_at_rest(world, desired, recorded),
        *_not_bound(world, recorded),
    ]


def _started_twice(world: World, recorded: Recorded) -> Iterator[str]:
    """An attempt begins to run at most once, in at most one instance."""
    for name, record in recorded.launches.items():
        for attempt in record.attempts:
            begun = sum(item.begun for item in _instances_of(world, name, attempt))
            if begun > 1:
                yield f"attempt {attempt.number} of {name} began {begun} times"
    known = {
        item.id
        for name, record in recorded.launches.items()
        for attempt in record.attempts
        for item in _instances_of(world, name, attempt)
    }
    for instance in world.instances.values():
        if instance.begun and instance.id not in known:
            yield f"{instance.id} began and no attempt on record asked for it"


def _launched_again(world: World, recorded: Recorded) -> Iterator[str]:
    """A launch key that began begins again only after another key of its name did."""
    for name, record in recorded.launches.items():
        began = _began(world, name, record.attempts)
        for before, after in pairwise(began):
            if before.key == after.key:
                yield f"{name} was launched again with nothing new, as attempt {after.number}"


def _began(world: World, name: str, attempts: Iterable[Attempt]) -> list[Attempt]:
    """Attempts whose instance began.

    What nobody could know does not count.
    """
    return [
        attempt
        for attempt in attempts
        if any(
            item.begun and not _unknowable(attempt, item)
            for item in _instances_of(world, name, attempt)
        )
    ]


def _unknowable(attempt: Attempt, instance: SimInstance) -> bool:
    """Whether it began by itself unseen: its id came after the attempt was given up, or JOB denied it."""
    unseen = attempt.instance_id is None or instance.gone
    return instance.by_itself and unseen and attempt.outcome is OutcomeKind.SUPERSEDED


def _not_refused(world: World) -> Iterator[str]:
    """What counts as refused by JOB was refused by JOB."""
    told = Counter(
        str(draft.name) for draft in world.durable(Kind.REFUSED) if draft.data["stage"] == "prepare"
    )
    for name, count in told.items():
        if count > world.refusals[name]:
            yield f"{name} is refused on record, and JOB never refused it"


def _instances_of(world: World, name: str, attempt: Attempt) -> list[SimInstance]:
    nonces = {draft.data["nonce"] for draft in world.durable(Kind.INTENDED, name, attempt.number)}
    texts = {f"sim/rehearsal/{name}/{nonce}" for nonce in nonces}
    return [item for item in world.instances.values() if item.marker in texts]


def _untrue(world: World, recorded: Recorded) -> Iterator[str]:
    """The ledger names only instances that exist, and tells their end as it was."""
    for name, record in recorded.launches.items():
        for attempt in record.attempts:
            if attempt.instance_id is None:
                continue
            instance = world.instances.get(attempt.instance_id)
            if instance is None:
                yield f"{name} names instance {attempt.instance_id}, which never was"
            elif not (instance.gone or instance.by_itself):
                yield from _untrue_of(world, name, attempt, instance)


def _untrue_of(world: World, name: str, attempt: Attempt, instance: SimInstance) -> Iterator[str]:
    if instance.status == Status.ABNORMAL and attempt.outcome not in IN_FLIGHT:
        yield from _abnormal(world, name, attempt, instance)
    elif attempt.outcome in _TRUTH.values():
        if _TRUTH.get(instance.status) is not attempt.outcome:
            yield f"{name}: {attempt.outcome} on record, status {instance.status} in truth"
    elif attempt.outcome in IN_FLIGHT:
        yield f"{name} is {attempt.outcome} on record long after everything ended"
    elif attempt.outcome in (OutcomeKind.SUPERSEDED, OutcomeKind.PREPARED) and instance.begun:
        yield f"{name}: attempt {attempt.number} began, and counts as {attempt.outcome}"


def _abnormal(world: World, name: str, attempt: Attempt, instance: SimInstance) -> Iterator[str]:
    """Status 9 is a failure if one START was sent and its answer is on record, and unknown otherwise."""
    certain = len(instance.sent_at) == 1 and instance.answered_in is not None
    if attempt.outcome is OutcomeKind.FAILED and not certain:
        yield f"{name}: status 9 is guessed to be a failure"
    on_record = certain and instance.answered_in in world.clean_sessions
    if attempt.outcome is OutcomeKind.UNKNOWN and on_record and attempt.starts == 1:
        yield f"{name}: status 9 is a failure, and its outcome is called unknown"


def _other_content(world: World, recorded: Recorded) -> Iterator[str]:
    """What began is what its attempt says."""
    for name, record in recorded.launches.items():
        for attempt in record.attempts:
            instance = world.instances.get(attempt.instance_id or 0)
            if instance is None or not instance.begun or instance.by_itself:
                continue
            if instance.spec.to_data() != attempt.spec:
                yield f"{name}: attempt {attempt.number} began with other content"


def _not_closed(recorded: Recorded, report: Report | None) -> Iterator[str]:
    if report is not None and recorded.session is not None:
        yield "the session stayed open after the run had ended"


def _not_converged(world: World, desired: Desired) -> Iterator[str]:
    """A healthy world comes to rest: nothing acts any more, and whatever does not is told why."""
    for change in world.changeset(desired).changes:
        if change.action in (Action.NONE, Action.HOLD):
            continue
        resting = {Reason.UNKNOWN, Reason.FAILED, Reason.REFUSED, Reason.NEEDS}
        if change.action is Action.BLOCK and change.reason in resting:
            continue
        yield f"{change.name} still has {change.action} {change.reason}"


def _not_true_at_rest(world: World, desired: Desired, recorded: Recorded) -> Iterator[str]:
    """What counts as in sync ran last, and no instance waits for a START that nobody wants."""
    for change in world.changeset(desired).changes:
        record = recorded.launches.get(change.name)
        if record is None or change.reason is not Reason.IN_SYNC:
            continue
        if record.newest.outcome in UNSTARTED:
            yield f"{change.name} is in sync, and an attempt of it still waits for a START"
        began = _began(world, change.name, record.attempts)
        if not began or began[-1].key != change.key:
            yield f"{change.name} counts as in sync, and something else began last"
    for name, record in recorded.launches.items():
        if record.archived and record.newest.outcome in UNSTARTED | IN_FLIGHT:
            yield f"{name} is archived, and its attempt is {record.newest.outcome}"


def _not_bound(world: World, recorded: Recorded) -> Iterator[str]:
    if any(world.durable(Kind.PREPARED)) and recorded.server is None:
        yield "instances are on record and the ledger is bound to no server"
