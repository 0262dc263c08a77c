"""What is asked again, with the present time, right before a prepare and right before a START.

A rule about time holds a launch back: it stays as it is, and a later run goes on with it. A rule about content
refuses the attempt for good. A rule that cannot be evaluated counts as broken.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from launcher.diagnostics import Diagnostic
from launcher.engine.changeset import Reason
from launcher.engine.effects import ReadSkew
from launcher.engine.guards import (
    MAX_HOSTS,
    VERIFICATION,
    clock_problem,
    hold_on,
    host_problem,
    refusals,
)
from launcher.engine.verify import unread

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from launcher.engine.guards import Hold
    from launcher.engine.observed import FrozenCopy, JobPlan
    from launcher.engine.run import Flow, Run

__all__ = [
    "broken_guard",
    "looks_into_instances",
    "may_go_on",
    "may_start_unseen",
    "read_skew",
    "what_holds",
]


def read_skew(run: Run, names: Iterable[str]) -> Flow[float | None]:
    """How far the server's clock is ahead of ours; not asked where no rule on `names` goes by the time."""
    environment, overridden = run.order.desired.environment, run.order.overridden
    if not any(
        clock_problem(run.launch(name), environment, None, overridden=overridden) for name in names
    ):
        return None
    skew_s: float | None = yield ReadSkew()
    return skew_s


def what_holds(
    run: Run, name: str, now: datetime, skew_s: float | None
) -> tuple[str, Diagnostic] | None:
    """What keeps `name` from going on at `now`: the word for it, and how to say it."""
    launch, environment = run.launch(name), run.order.desired.environment
    overridden = run.order.overridden
    hold = hold_on(launch, environment, now, overridden=overridden)
    if hold is not None:
        return hold.reason.value, _said(name, hold, environment.name)
    clock = clock_problem(launch, environment, skew_s, overridden=overridden)
    if clock is not None:
        return Reason.GUARD.value, clock.diagnostic
    declared = refusals(launch, environment, plan_id=_meaning(run, name), overridden=overridden)
    return (Reason.GUARD.value, declared[0].diagnostic) if declared else None


def _meaning(run: Run, name: str) -> int | None:
    """The job plan that `name` was decided with in this run, or else was intended with in an earlier one.

    What is not to be started is decided without a look at its job plan: it may only get another START or be repeated.
    """
    change, record = run.changes.get(name), run.recorded.launches.get(name)
    pin = None if change is None else change.plan
    if pin is None and record is not None:
        pin = record.newest.plan
    return None if pin is None else pin.id


def may_go_on(run: Run, name: str, now: datetime, skew_s: float | None) -> bool:
    """Whether nothing holds `name`; otherwise this run carries it no further, and what was prepared stays."""
    held = what_holds(run, name, now, skew_s)
    if held is not None:
        run.leave(name, *held)
    return held is None


def may_start_unseen(run: Run, name: str) -> bool:
    """Whether no guard speaks of what only the instance of `name` tells, which starts as soon as it is there."""
    if not looks_into_instances(run):
        return True
    launch, environment = run.launch(name), run.order.desired.environment
    hosts = host_problem(launch, None, environment, overridden=run.order.overridden)
    facts = {"name": name, "what": "steps, hosts and variables", "environment": environment.name}
    run.leave(name, Reason.GUARD.value, hosts.diagnostic if hosts else Diagnostic("L278", facts))
    return False


def looks_into_instances(run: Run) -> bool:
    """Whether a guard speaks of what only an instance tells."""
    guards, overridden = run.order.desired.environment.guards, run.order.overridden
    hosts = guards.max_hosts is not None and MAX_HOSTS not in overridden
    return hosts or _must_be_read(run)


def broken_guard(
    run: Run, name: str, copy: FrozenCopy, plan: JobPlan
) -> tuple[str, Diagnostic] | None:
    """Which guard refuses the instance of `name`, in a sentence for the record, and how to say it."""
    launch, environment = run.launch(name), run.order.desired.environment
    overridden = run.order.overridden
    declared = refusals(launch, environment, plan_id=plan.pin.id, overridden=overridden)
    for refusal in declared:
        return f"The guard {refusal.guard} refuses it.", refusal.diagnostic
    count = None if copy.hosts is None else len(copy.hosts)
    hosts = host_problem(launch, count, environment, overridden=overridden)
    if hosts is not None:
        found = "an unknown number of" if count is None else str(count)
        limit = environment.guards.max_hosts
        return f"It would run on {found} hosts; {MAX_HOSTS} is {limit}.", hosts.diagnostic
    missing = unread(copy, launch.spec, plan) if _must_be_read(run) else ()
    if not missing:
        return None
    what = " and ".join(missing)
    facts = {"name": name, "what": what, "environment": environment.name}
    message = f"Its {what} cannot be read back; {VERIFICATION} is set."
    return message, Diagnostic("L278", facts, launch.place())


def _must_be_read(run: Run) -> bool:
    guards = run.order.desired.environment.guards
    return guards.require_verification and VERIFICATION not in run.order.overridden


def _said(name: str, hold: Hold, environment: str) -> Diagnostic:
    until = "a person lifts it" if hold.until is None else hold.until.isoformat()
    by = "" if hold.by is None else f", {hold.by}"
    facts = {"name": name, "environment": environment, "until": until}
    return Diagnostic("L270", {**facts, "reason": hold.reason.value + by})
