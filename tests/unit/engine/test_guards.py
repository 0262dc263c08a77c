"""Guards: what holds a launch back, what refuses it, and what a person may set aside."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from launcher.cli import options
from launcher.engine import guards as names
from launcher.engine.changeset import Action, Reason
from launcher.engine.decide import Observed, Options, make_changeset
from launcher.engine.desired import Desired, Policy
from launcher.engine.effects import Done
from launcher.engine.guards import (
    CLOCK_LIMIT_S,
    OVERRIDABLE,
    Hold,
    clock_problem,
    guards_in_force,
    hold_on,
    host_problem,
    refusals,
    too_many,
)
from launcher.engine.recorded import Recorded
from launcher.engine.spec import Hosts, Variable
from launcher.model.documents import Freeze, Guards, Window
from launcher.operations.permission import CAPABILITY
from tests.support.simulated import ENVIRONMENT, a_launch
from tests.support.simulated_job import PLAN

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
WEB = a_launch("web-deploy")
CLOSED = Window(("tue",), "10:00", "17:00", "UTC")
OPEN = Window(("mon",), "10:00", "17:00", "UTC")
AUDIT = Freeze("2026-11-23", "2026-11-24", "UTC", "audit")


def where(**guards):
    return replace(ENVIRONMENT, guards=Guards(**guards))


def with_policy(**policy):
    return replace(WEB, policy=Policy(**policy))


def with_hosts(*hosts):
    variables = tuple(Variable(f"targets{number}", item) for number, item in enumerate(hosts))
    return replace(WEB, spec=replace(WEB.spec, variables=variables))


# --- holds --------------------------------------------------------------------------------------

LATER = NOW + timedelta(hours=1)
EVERYTHING = {"windows": (CLOSED,), "freezes": (AUDIT,)}

HOLDS = {
    "nothing": ({}, {}, None),
    "suspended, whatever else holds": (
        {"suspend": True, "not_before": LATER},
        EVERYTHING,
        Hold(Reason.SUSPENDED),
    ),
    "a freeze before a window": (
        {"not_before": LATER},
        EVERYTHING,
        Hold(
            Reason.FREEZE,
            datetime(2026, 12, 1, 10, 0, tzinfo=UTC),
            "audit, 2026-11-23 to 2026-11-24",
        ),
    ),
    "a freeze of one day without a reason": (
        {},
        {"freezes": (Freeze("2026-11-23", "2026-11-23", "UTC"),)},
        Hold(Reason.FREEZE, datetime(2026, 11, 24, tzinfo=UTC), "2026-11-23"),
    ),
    "a window before its time": (
        {"not_before": LATER},
        {"windows": (CLOSED,)},
        Hold(Reason.WINDOW, datetime(2026, 11, 24, 10, 0, tzinfo=UTC)),
    ),
    "before its time": (
        {"not_before": LATER},
        {"windows": (OPEN,)},
        Hold(Reason.NOT_BEFORE, LATER),
    ),
    "at its time": ({"not_before": NOW}, {"windows": (OPEN,)}, None),
}


@pytest.mark.parametrize(("policy", "guards", "expected"), HOLDS.values(), ids=HOLDS)
def test_the_first_rule_that_holds_is_told_with_its_end(policy, guards, expected):
    assert hold_on(with_policy(**policy), where(**guards), NOW) == expected


@pytest.mark.parametrize(
    ("overridden", "reason"),
    [
        ({"freezes"}, Reason.WINDOW),
        ({"windows"}, Reason.FREEZE),
        ({"windows", "freezes"}, Reason.NOT_BEFORE),
        (set(OVERRIDABLE), Reason.NOT_BEFORE),
    ],
)
def test_a_person_sets_aside_one_rule_at_a_time_and_none_of_a_manifest(overridden, reason):
    launch, environment = with_policy(not_before=LATER), where(**EVERYTHING)
    found = hold_on(launch, environment, NOW, overridden=frozenset(overridden))
    assert found is not None
    assert found.reason is reason


def test_a_freeze_that_is_set_aside_does_not_put_off_the_next_window():
    environment = where(windows=(CLOSED,), freezes=(Freeze("2026-11-24", "2026-11-24", "UTC"),))
    first = datetime(2026, 11, 24, 10, 0, tzinfo=UTC)
    frozen = hold_on(WEB, environment, NOW)
    found = hold_on(WEB, environment, NOW, overridden=frozenset({"freezes"}))
    assert frozen is not None
    assert frozen.until == first + timedelta(days=7)
    assert found is not None
    assert found.until == first


# --- refusals -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("allowed", "expected"),
    [(None, []), ((1000,), []), ((999, 1000), []), ((999,), ["L250"]), ((), ["L250"])],
)
def test_only_job_plans_that_are_allowed_run(allowed, expected):
    found = refusals(WEB, where(allowed_plans=allowed))
    assert [item.diagnostic.code for item in found] == expected
    assert {item.guard for item in found} <= {"allowedPlans"}
    assert refusals(WEB, where(allowed_plans=()), overridden=frozenset({"allowedPlans"})) == ()


IPS = tuple((0, f"10.0.0.{number}") for number in range(3))


@pytest.mark.parametrize(
    ("hosts", "limit", "is_refused"),
    [
        ([Hosts(ids=(1, 2, 3))], 3, False),
        ([Hosts(ids=(1, 2, 3))], 2, True),
        ([Hosts(ids=(1, 2)), Hosts(ids=(2, 3))], 3, False),
        ([Hosts(ids=(1, 2)), Hosts(ids=(2, 3))], 2, True),
        ([Hosts(ips=IPS)], 2, True),
        # The same three, by id and by address, as far as can be known before JOB has resolved them.
        ([Hosts(ids=(1, 2, 3)), Hosts(ips=IPS)], 3, False),
        ([Hosts(dynamic_groups=("everything",))], 0, False),
    ],
)
def test_declared_hosts_are_counted_once(hosts, limit, is_refused):
    found = refusals(with_hosts(*hosts), where(max_hosts=limit))
    assert [item.guard for item in found] == (["maxHosts"] if is_refused else [])


def test_hosts_that_cannot_be_counted_are_too_many_where_there_is_a_limit():
    refused = host_problem(WEB, None, where(max_hosts=9))
    assert refused is not None
    assert refused.diagnostic.facts["count"] == "unknown"
    assert host_problem(WEB, None, where()) is None
    overridden = frozenset({"maxHosts"})
    assert host_problem(WEB, None, where(max_hosts=9), overridden=overridden) is None


BY_TIME = {
    "windows": (WEB, {"windows": (OPEN,)}),
    "freezes": (WEB, {"freezes": (AUDIT,)}),
    "notBefore": (with_policy(not_before=NOW), {}),
}


@pytest.mark.parametrize(("launch", "guards"), BY_TIME.values(), ids=BY_TIME)
@pytest.mark.parametrize(
    ("skew_s", "code"),
    [
        (0.0, None),
        (CLOCK_LIMIT_S, None),
        (-CLOCK_LIMIT_S, None),
        (CLOCK_LIMIT_S + 1, "L256"),
        (-CLOCK_LIMIT_S - 1, "L256"),
        (None, "L255"),
    ],
)
def test_a_clock_that_is_wrong_or_not_known_refuses_where_hours_matter(
    launch, guards, skew_s, code
):
    found = clock_problem(launch, where(**guards), skew_s)
    assert (found and found.diagnostic.code) == code
    assert clock_problem(launch, where(**guards), skew_s, overridden=frozenset({"clock"})) is None
    assert clock_problem(WEB, where(), skew_s) is None


def test_a_rule_that_is_set_aside_needs_no_clock():
    assert (
        clock_problem(WEB, where(windows=(OPEN,)), None, overridden=frozenset({"windows"})) is None
    )


@pytest.mark.parametrize(
    ("count", "limit", "expected"), [(3, 3, None), (4, 3, "L253"), (9, None, None), (0, 1, None)]
)
def test_more_starts_than_one_apply_may_have_are_too_many(count, limit, expected):
    found = too_many(count, where(max_launches=limit))
    assert (found and found.diagnostic.code) == expected


def test_the_command_line_takes_every_guard_that_can_be_set_aside():
    assert (CAPABILITY, *OVERRIDABLE) == options.OVERRIDABLE


def test_every_guard_of_the_workspace_is_in_force_for_a_review():
    in_force = guards_in_force(where())
    assert {*OVERRIDABLE} - {names.CLOCK} < {*in_force}
    assert len(in_force) == len(Guards.__dataclass_fields__)


# --- in a changeset -----------------------------------------------------------------------------


def decided(*launches, guards=None, skew_s=0.0, **options):
    state = Desired(where(**(guards or {})), {item.name: item for item in launches})
    plans = {item.name: Done(PLAN) for item in launches}
    observed = Observed("sha256:sim", {}, plans, skew_s)
    return make_changeset(state, Recorded(), observed, now=NOW, options=Options(**options))


def test_the_guard_that_refuses_is_named_and_all_that_do_are_told():
    changeset = decided(WEB, guards={"allowed_plans": (), "windows": (OPEN,)}, skew_s=None)
    (change,) = changeset.changes
    assert (change.action, change.reason, change.by) == (
        Action.BLOCK,
        Reason.GUARD,
        "allowedPlans",
    )
    assert [item.code for item in changeset.diagnostics] == ["L250", "L255"]


def test_what_is_held_says_until_when_and_needs_no_clock():
    (change,) = decided(WEB, guards={"windows": (CLOSED,)}, skew_s=None).changes
    assert (change.reason, change.until) == (Reason.WINDOW, "2026-11-24T10:00:00+00:00")


def test_only_what_starts_counts_towards_the_limit():
    held = a_launch("held", suspend=True)
    guards = {"max_launches": 1}
    assert [item.action for item in decided(WEB, held, guards=guards).changes] == [
        Action.HOLD,
        Action.LAUNCH,
    ]
    changeset = decided(WEB, a_launch("b"), held, guards=guards)
    assert [(item.name, item.by) for item in changeset.changes] == [
        ("b", "maxLaunches"),
        ("held", None),
        ("web-deploy", "maxLaunches"),
    ]
    assert [item.rows[-1].number for item in changeset.changes] == [14, 13, 14]
    assert [item.code for item in changeset.diagnostics] == ["L253"]
    assert changeset.acting == ()


def test_what_a_review_does_not_cover_does_not_count_towards_the_limit():
    both = decided(
        WEB, a_launch("b"), guards={"max_launches": 1}, overridden=frozenset(OVERRIDABLE)
    )
    reviewed = frozenset({both.change("b").digest})
    changeset = decided(WEB, a_launch("b"), guards={"max_launches": 1}, reviewed=reviewed)
    assert [(item.name, item.reason) for item in changeset.changes] == [
        ("b", Reason.NEW),
        ("web-deploy", Reason.UNREVIEWED),
    ]


GUARDS = {
    "max_launches": 9,
    "max_hosts": 9,
    "allowed_plans": (1000, 7),
    "windows": (OPEN,),
    "freezes": (Freeze("2030-01-01", "2030-01-02", "UTC"),),
    "require_reviewed_digest": True,
    "require_verification": True,
    "allow_single_phase": True,
}


def test_every_guard_is_tried_below():
    assert set(GUARDS) == set(Guards.__dataclass_fields__)


@pytest.mark.parametrize("guard", GUARDS)
def test_a_review_covers_every_guard(guard):
    (plain,) = decided(WEB).changes
    (guarded,) = decided(WEB, guards={guard: GUARDS[guard]}).changes
    assert (plain.action, guarded.action) == (Action.LAUNCH, Action.LAUNCH)
    assert plain.digest != guarded.digest


def test_what_several_rules_hold_is_held_until_none_of_them_does():
    # A window that is open by day, a freeze, and a time that lies in the freeze.
    window = Window(("mon", "tue", "wed", "thu", "fri", "sat", "sun"), "10:00", "17:00", "UTC")
    environment = where(windows=(window,), freezes=(Freeze("2026-12-01", "2026-12-03", "UTC"),))
    launch = with_policy(not_before=datetime(2026, 12, 2, 12, 0, tzinfo=UTC))
    found = hold_on(launch, environment, datetime(2026, 11, 24, 9, 0, tzinfo=UTC))
    assert found is not None
    assert (found.reason, found.until) == (Reason.WINDOW, datetime(2026, 12, 4, 10, tzinfo=UTC))
