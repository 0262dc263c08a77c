"""Which changes of a changeset would run a job plan that is not what it was, and since when."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from launcher.engine.changeset import Action, Reason
from launcher.engine.drift import Since, drift_between
from launcher.engine.recorded import UNSTARTED
from launcher.engine.spec import PlanName

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from launcher.engine.changeset import Changeset
    from launcher.engine.desired import Launch
    from launcher.engine.drift import Drift
    from launcher.engine.observed import JobPlan
    from launcher.engine.recorded import Attempt, LaunchRecord, Recorded
    from launcher.engine.spec import PlanReference, Scope

__all__ = ["drift_of", "held_plans", "with_drifts"]


def with_drifts(
    changeset: Changeset,
    recorded: Recorded,
    plans: Mapping[str, JobPlan],
    redact: Callable[[str], str] = str,
) -> Changeset:
    """`changeset`, each change for which the job plan was read with its drift, without what `redact` takes out.

    Nothing that a review covers depends on it: the digest of a change covers the job plan's.
    """
    found = {
        change.name: drift
        for change in changeset.changes
        if change.name in plans
        and change.launch is not None
        and (drift := drift_of(change.launch, recorded, plans[change.name], redact)) is not None
    }
    changes = tuple(
        replace(change, drift=found[change.name]) if change.name in found else change
        for change in changeset.changes
    )
    return replace(changeset, changes=changes)


def drift_of(
    launch: Launch, recorded: Recorded, plan: JobPlan, redact: Callable[[str], str] = str
) -> Drift | None:
    """What has changed in `plan` since it was pinned, prepared or last started for `launch`; the first that fits.

    `None` where nothing has, or where nothing on record says what it was.
    """
    record = recorded.launches.get(launch.name)
    attempt = None if record is None else _compared_with(record, launch, plan)
    pinned = launch.spec.pin
    if pinned not in (None, plan.pin.digest) and (attempt is None or pinned in recorded.contents):
        kept = recorded.contents.get(pinned)
        return drift_between(pinned, kept, plan, since=Since.PINNED, redact=redact)
    if attempt is None or attempt.plan is None:
        return None
    return drift_between(
        attempt.plan.digest,
        recorded.contents.get(attempt.plan.digest),
        plan,
        since=Since.RAN if attempt.was_started else Since.PREPARED,
        attempt=attempt.number,
        redact=redact,
    )


def held_plans(
    changeset: Changeset, recorded: Recorded
) -> tuple[tuple[str, Scope, PlanReference], ...]:
    """Job plans of launches that are held and have run, which nothing else asks about: name, scope and job plan."""
    return tuple(
        (change.name, change.launch.spec.scope, change.launch.spec.plan)
        for change in changeset.changes
        if change.launch is not None
        and change.action is Action.HOLD
        and change.reason is not Reason.UNREVIEWED
        and change.plan is None
        and change.name in recorded.launches
        and _of_plan(recorded.launches[change.name], change.launch)
    )


def _compared_with(record: LaunchRecord, launch: Launch, plan: JobPlan) -> Attempt | None:
    attempts = _of_plan(record, launch, plan.pin.id)
    if attempts and attempts[-1] is record.newest and _is_prepared_from_other(attempts[-1], plan):
        return attempts[-1]
    return next((item for item in reversed(attempts) if item.was_started), None)


def _is_prepared_from_other(attempt: Attempt, plan: JobPlan) -> bool:
    prepared = attempt.outcome in UNSTARTED and attempt.instance_id is not None
    return prepared and attempt.plan is not None and attempt.plan.digest != plan.pin.digest


def _of_plan(record: LaunchRecord, launch: Launch, plan_id: int | None = None) -> list[Attempt]:
    """The attempts that named the same job plan, and of which it is known what it held.

    Where `plan_id` does not say what a name stands for now, those count that named it alike.
    """
    declared = launch.spec.to_data()
    wanted = plan_id if isinstance(launch.spec.plan, PlanName) else launch.spec.plan
    return [
        item
        for item in record.attempts
        if item.plan is not None
        and (item.spec["plan"] == declared["plan"] if wanted is None else item.plan.id == wanted)
        and item.spec["scope"] == declared["scope"]
        and (item.was_started or item is record.newest)
    ]
