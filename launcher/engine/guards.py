"""Rules of an environment, and of a launch itself, that hold a launch back or refuse it.

Every function is asked twice: when a launch is decided, and again right before its START. A rule that a person has
set aside (`overridden`, by the names of `OVERRIDABLE`) is not asked at all. A rule that cannot be evaluated refuses.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from launcher.diagnostics import Diagnostic
from launcher.engine.changeset import Reason
from launcher.engine.spec import Hosts, PlanName, plan_text
from launcher.engine.windows import freeze_at, is_open, next_start
from launcher.model.times import duration_text

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime

    from launcher.engine.desired import Launch
    from launcher.model.documents import Environment, Freeze

__all__ = [
    "ALLOWED_PLANS",
    "CLOCK",
    "CLOCK_LIMIT_S",
    "FREEZES",
    "MAX_HOSTS",
    "MAX_LAUNCHES",
    "NOT_BEFORE",
    "OVERRIDABLE",
    "REVIEWED_DIGEST",
    "VERIFICATION",
    "WINDOWS",
    "Hold",
    "Refusal",
    "clock_problem",
    "goes_by_plan",
    "goes_by_time",
    "guards_in_force",
    "hold_on",
    "host_problem",
    "refusals",
    "too_many",
    "unseen_problems",
]

MAX_LAUNCHES = "maxLaunches"
MAX_HOSTS = "maxHosts"
ALLOWED_PLANS = "allowedPlans"
WINDOWS = "windows"
FREEZES = "freezes"
REVIEWED_DIGEST = "requireReviewedDigest"
VERIFICATION = "requireVerification"
CLOCK = "clock"

OVERRIDABLE = (
    MAX_LAUNCHES,
    MAX_HOSTS,
    ALLOWED_PLANS,
    WINDOWS,
    FREEZES,
    REVIEWED_DIGEST,
    VERIFICATION,
    CLOCK,
)
"""Guards that a person may set aside, by the names they have in the workspace; `clock` has no name there."""

NOT_BEFORE = "notBefore"
"""A rule of a manifest. Nobody sets it aside; it is left out only to see what a launch will be once it has passed."""

CLOCK_LIMIT_S = 120
"""How far our clock may be from the server's where hours or days decide."""


@dataclass(frozen=True, slots=True)
class Hold:
    """What keeps a launch from starting for now.

    Attributes:
        reason: `SUSPENDED`, `FREEZE`, `WINDOW` or `NOT_BEFORE`.
        until: when nothing holds it any more by itself; `None` where nobody knows.
        by: which rule, in words for people; `None` where the reason says it all.
    """

    reason: Reason
    until: datetime | None = None
    by: str | None = None


@dataclass(frozen=True, slots=True)
class Refusal:
    """A guard that says no, whatever the hour.

    Attributes:
        guard: its name, one of `OVERRIDABLE`.
        diagnostic: what it says.
    """

    guard: str
    diagnostic: Diagnostic


def guards_in_force(environment: Environment) -> dict[str, Any]:
    """The guards of `environment` as JSON values, every field written out: a review covers them."""
    guards = environment.guards
    return {
        MAX_LAUNCHES: guards.max_launches,
        MAX_HOSTS: guards.max_hosts,
        ALLOWED_PLANS: None if guards.allowed_plans is None else sorted(guards.allowed_plans),
        WINDOWS: [
            {
                "days": sorted(item.days),
                "from": item.start,
                "to": item.end,
                "timezone": item.timezone,
            }
            for item in guards.windows
        ],
        FREEZES: [
            {
                "from": item.first,
                "to": item.last,
                "timezone": item.timezone,
                "reason": item.reason,
            }
            for item in guards.freezes
        ],
        REVIEWED_DIGEST: guards.require_reviewed_digest,
        VERIFICATION: guards.require_verification,
        "allowSinglePhase": guards.allow_single_phase,
    }


def hold_on(
    launch: Launch,
    environment: Environment,
    now: datetime,
    *,
    overridden: frozenset[str] = frozenset(),
) -> Hold | None:
    """The first rule that holds `launch` back at `now`, in the order of the decision table.

    `Hold.until` is when none of them holds it any more.
    """
    policy, guards = launch.policy, environment.guards
    if policy.suspend:
        return Hold(Reason.SUSPENDED)
    freezes = () if FREEZES in overridden else guards.freezes
    frozen = freeze_at(freezes, now) if freezes else None
    windows = () if WINDOWS in overridden else guards.windows
    not_before = now if NOT_BEFORE in overridden else policy.not_before or now

    def until() -> datetime | None:
        return next_start(windows, freezes, max(now, not_before))

    if frozen is not None:
        return Hold(Reason.FREEZE, until(), _freeze_text(frozen[0]))
    if not is_open(windows, now):
        return Hold(Reason.WINDOW, until())
    if now < not_before:
        return Hold(Reason.NOT_BEFORE, until())
    return None


def refusals(
    launch: Launch,
    environment: Environment,
    *,
    plan_id: int | None = None,
    overridden: frozenset[str] = frozenset(),
) -> tuple[Refusal, ...]:
    """What speaks against `launch` by what is declared: its job plan and its hosts.

    `plan_id` is what the name of its job plan stands for; `None` where that is not known, which refuses where
    only some job plans are allowed.

    Hosts of dynamic groups and topology nodes, and what `requireVerification` asks for, are known only once an
    instance of it is there; what no instance will ever show is for `unseen_problems` to tell.
    """
    found = [_plan_problem(launch, environment, plan_id)]
    if environment.guards.max_hosts is not None:
        found.append(host_problem(launch, _declared_hosts(launch), environment))
    return tuple(item for item in found if item is not None and item.guard not in overridden)


def host_problem(
    launch: Launch,
    count: int | None,
    environment: Environment,
    *,
    overridden: frozenset[str] = frozenset(),
) -> Refusal | None:
    """What `maxHosts` says to `count` hosts, declared or resolved; `None` as a count stands for not known."""
    limit = environment.guards.max_hosts
    if limit is None or MAX_HOSTS in overridden or (count is not None and count <= limit):
        return None
    facts = {
        "name": launch.name,
        "count": "unknown" if count is None else str(count),
        "limit": str(limit),
        "environment": environment.name,
    }
    return Refusal(MAX_HOSTS, Diagnostic("L251", facts, launch.place("variables")))


def unseen_problems(
    launch: Launch,
    environment: Environment,
    never_read: Collection[str],
    *,
    overridden: frozenset[str] = frozenset(),
) -> tuple[Refusal, ...]:
    """What speaks against `launch` because of what the door shows of no instance: of `steps` and `hosts`."""
    found = []
    if environment.guards.require_verification and VERIFICATION not in overridden and never_read:
        facts = {
            "name": launch.name,
            "what": " and ".join(never_read),
            "environment": environment.name,
        }
        found.append(Refusal(VERIFICATION, Diagnostic("L278", facts, launch.place())))
    if "hosts" in never_read:
        hosts = host_problem(launch, None, environment, overridden=overridden)
        found += [] if hosts is None else [hosts]
    return tuple(found)


def goes_by_time(
    launch: Launch, environment: Environment, *, overridden: frozenset[str] = frozenset()
) -> bool:
    """Whether hours or days decide about `launch`."""
    guards = environment.guards
    return (
        bool(guards.windows and WINDOWS not in overridden)
        or bool(guards.freezes and FREEZES not in overridden)
        or launch.policy.not_before is not None
    )


def clock_problem(
    launch: Launch,
    environment: Environment,
    skew_s: float | None,
    *,
    overridden: frozenset[str] = frozenset(),
) -> Refusal | None:
    """What speaks against going by our clock where hours or days decide about `launch`.

    `skew_s` is how far the server's clock is ahead of ours, in seconds; `None` where no answer told. It is not
    asked where nothing depends on the time.
    """
    if CLOCK in overridden or not goes_by_time(launch, environment, overridden=overridden):
        return None
    facts = {"name": launch.name, "environment": environment.name}
    if skew_s is None:
        return Refusal(CLOCK, Diagnostic("L255", facts, launch.place()))
    if abs(skew_s) <= CLOCK_LIMIT_S:
        return None
    facts |= {"skew": duration_text(abs(skew_s)), "way": "ahead of" if skew_s > 0 else "behind"}
    return Refusal(CLOCK, Diagnostic("L256", facts, launch.place()))


def too_many(
    count: int, environment: Environment, *, overridden: frozenset[str] = frozenset()
) -> Refusal | None:
    """What `maxLaunches` says to `count` starts in one apply."""
    limit = environment.guards.max_launches
    if limit is None or count <= limit or MAX_LAUNCHES in overridden:
        return None
    facts = {"count": str(count), "limit": str(limit), "environment": environment.name}
    return Refusal(MAX_LAUNCHES, Diagnostic("L253", facts))


def goes_by_plan(
    launch: Launch, environment: Environment, *, overridden: frozenset[str] = frozenset()
) -> bool:
    """Whether a guard asks which job plan the name in `launch` stands for."""
    asks = environment.guards.allowed_plans is not None and ALLOWED_PLANS not in overridden
    return asks and isinstance(launch.spec.plan, PlanName)


def _plan_problem(launch: Launch, environment: Environment, plan_id: int | None) -> Refusal | None:
    allowed = environment.guards.allowed_plans
    plan = launch.spec.plan
    found = plan_id if isinstance(plan, PlanName) else plan
    if allowed is None or found in allowed:
        return None
    if found is None:
        facts = {
            "name": launch.name,
            "plan": plan_text(plan),
            "environment": environment.name,
        }
        return Refusal(ALLOWED_PLANS, Diagnostic("L284", facts, launch.place("plan")))
    facts = {
        "name": launch.name,
        "plan": str(found),
        "allowed": ", ".join(map(str, sorted(allowed))) or "none",
        "environment": environment.name,
    }
    return Refusal(ALLOWED_PLANS, Diagnostic("L250", facts, launch.place("plan")))


def _declared_hosts(launch: Launch) -> int:
    """How many hosts `launch` certainly has: the same one may be declared by id and by address."""
    targets = [item.value for item in launch.spec.variables if isinstance(item.value, Hosts)]
    ids = {each for target in targets for each in target.ids}
    ips = {each for target in targets for each in target.ips}
    return max(len(ids), len(ips))


def _freeze_text(freeze: Freeze) -> str:
    days = freeze.first if freeze.first == freeze.last else f"{freeze.first} to {freeze.last}"
    return days if freeze.reason is None else f"{freeze.reason}, {days}"
