"""Launches whose job plan is declared by name: decided, reviewed, guarded and carried out by what it stands for."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace

import pytest

from launcher.engine.changeset import Action, Reason
from launcher.engine.decide import Observed, Options, Outline, make_changeset
from launcher.engine.effects import Append, Done, Find, Prepare, ReadPlans
from launcher.engine.events import Kind
from launcher.engine.guards import goes_by_plan, refusals
from launcher.engine.observed import PlanVariable, Status, VariableKind
from launcher.engine.planname import Unresolved
from launcher.engine.recorded import OutcomeKind, Recorded
from launcher.engine.report import Limits
from launcher.engine.spec import PlanName
from launcher.model.documents import Guards
from tests.support.scripted import Scripted, at_append_of, dies_before
from tests.support.simulated import ENVIRONMENT, Crash, a_launch, a_state
from tests.support.simulated_job import DAWN, PLAN

BY_ID = a_launch("web-deploy")
NAME = PlanName("Deploy web", "web")
BY_NAME = replace(BY_ID, spec=replace(BY_ID.spec, plan=NAME))
OTHER = replace(PLAN, pin=replace(PLAN.pin, id=1005, digest="v1:sha256:5"))
NOWHERE = Unresolved(
    "L280",
    "no job plan has that name",
    {"plan": "Deploy web", "template": "web", "scope": "biz 2", "candidates": "none"},
    "known",
)


def guarded(state, **guards):
    return replace(state, environment=replace(state.environment, guards=Guards(**guards)))


def decided(state, recorded=None, plan=PLAN, *, meanings=(), **options):
    answer = plan if isinstance(plan, Unresolved) else Done(plan)
    plans = {} if plan is None else {"web-deploy": answer}
    return make_changeset(
        state,
        recorded or Recorded(),
        Observed("sha256:sim", {}, plans, skew_s=0, meanings=dict(meanings)),
        now=DAWN,
        options=Options(**options),
    )


def after(state):
    world = Scripted()
    world.apply(state)
    return world.recorded()


def codes(changeset):
    return [item.code for item in changeset.diagnostics]


def fields(changeset):
    (change,) = changeset.changes
    return {item.path: (item.before, item.after) for item in change.fields}


def edited(launch, version="2"):
    variable = replace(launch.spec.variables[0], value=version)
    return replace(launch, spec=replace(launch.spec, variables=(variable,)))


# --- decide -----------------------------------------------------------------------------------


def test_the_name_is_asked_for_as_it_is_written():
    wanted = Outline(a_state(BY_NAME), Recorded(), Observed(), now=DAWN).plans_to_read()
    assert wanted == (("web-deploy", BY_NAME.spec.scope, NAME),)


def test_what_is_in_sync_stays_so_whatever_its_name_stands_for():
    found = decided(a_state(BY_NAME), after(a_state(BY_NAME)), None, meanings={"web-deploy": 1005})
    assert [(item.action, item.reason) for item in found.changes] == [(Action.NONE, Reason.IN_SYNC)]
    (said,) = found.diagnostics
    assert (said.code, said.facts["before"], said.facts["now"]) == ("L286", "1000", "1005")


@pytest.mark.parametrize("meanings", [{}, {"web-deploy": 1000}])
def test_a_name_that_has_not_moved_is_not_told(meanings):
    assert codes(decided(a_state(BY_NAME), after(a_state(BY_NAME)), None, meanings=meanings)) == []


def test_what_runs_again_shows_that_its_name_stands_for_another_job_plan():
    found = decided(a_state(edited(BY_NAME)), after(a_state(BY_NAME)), OTHER)
    assert fields(found) == {"plan.id": (1000, 1005), "variables.version": ("1", "2")}
    assert found.changes[0].plan_before == 1000


def test_what_runs_again_as_the_same_job_plan_shows_no_more_than_the_edit():
    found = decided(a_state(edited(BY_NAME)), after(a_state(BY_NAME)))
    assert fields(found) == {"variables.version": ("1", "2")}
    assert found.changes[0].plan_before is None


def test_from_an_id_to_a_name_the_id_that_stays_is_no_difference():
    found = decided(a_state(BY_NAME), after(a_state(BY_ID)))
    assert fields(found) == {"plan.name": (None, "Deploy web"), "plan.template": (None, "web")}
    assert found.changes[0].plan_before is None
    back = decided(a_state(BY_ID), after(a_state(BY_NAME)))
    assert fields(back) == {"plan.name": ("Deploy web", None), "plan.template": ("web", None)}


def test_without_a_server_an_id_that_nobody_looked_up_is_no_difference():
    found = decided(a_state(edited(BY_NAME)), after(a_state(BY_NAME)), None, offline=True)
    assert fields(found) == {"variables.version": ("1", "2")}


def test_a_review_covers_what_the_name_stood_for():
    (one,), (other,) = (decided(a_state(BY_NAME), plan=plan).changes for plan in (PLAN, OTHER))
    assert one.key == other.key
    assert one.digest != other.digest


def test_a_name_that_stands_for_nothing_refuses_the_launch():
    found = decided(a_state(BY_NAME), plan=NOWHERE)
    (change,) = found.changes
    assert (change.action, change.reason, change.by) == (Action.BLOCK, Reason.GUARD, "job plan")
    assert codes(found) == ["L280"]


# --- what is left to the job plan ----------------------------------------------------------------


def test_a_change_shows_what_it_leaves_to_the_job_plan_and_no_marker():
    extra = PlanVariable(3, "channel", VariableKind.STRING, required=False, value="stable")
    plan = replace(PLAN, variables=(*PLAN.variables, extra))
    state = replace(a_state(BY_ID), marker="LAUNCH_KEY")
    assert decided(state, plan=plan).changes[0].omitted == (extra,)
    assert decided(state, plan=None).changes[0].omitted == ()


def test_what_is_left_to_the_job_plan_is_in_the_review_only_by_its_digest():
    extra = PlanVariable(3, "channel", VariableKind.STRING, required=False, value="stable")
    plan = replace(PLAN, variables=(*PLAN.variables, extra))
    (one,), (other,) = (decided(a_state(BY_ID), plan=item).changes for item in (PLAN, plan))
    assert one.digest == other.digest


def test_doubts_are_told_of_what_starts_and_of_nothing_else():
    state = replace(a_state(BY_ID), marker="OTHER_KEY")
    assert codes(decided(state)) == ["L294"]
    held = a_launch("web-deploy", suspend=True)
    assert codes(decided(replace(a_state(held), marker="OTHER_KEY"))) == []


def test_what_the_job_plan_requires_refuses_the_launch():
    extra = PlanVariable(3, "channel", VariableKind.STRING, required=True, value="")
    found = decided(a_state(BY_ID), plan=replace(PLAN, variables=(*PLAN.variables, extra)))
    assert (found.changes[0].by, codes(found)) == ("job plan", ["L287"])


# --- guards -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("allowed", "plan_id", "expected"),
    [
        ((1000,), 1000, []),
        ((1000,), 1005, ["L250"]),
        ((1000,), None, ["L284"]),
        (None, None, []),
    ],
)
def test_what_a_name_stands_for_has_to_be_allowed_and_known(allowed, plan_id, expected):
    environment = replace(ENVIRONMENT, guards=Guards(allowed_plans=allowed))
    found = refusals(BY_NAME, environment, plan_id=plan_id)
    assert [item.diagnostic.code for item in found] == expected
    aside = frozenset({"allowedPlans"})
    assert refusals(BY_NAME, environment, plan_id=plan_id, overridden=aside) == ()
    assert goes_by_plan(BY_NAME, environment) is (allowed is not None)
    assert not goes_by_plan(BY_NAME, environment, overridden=aside)
    assert not goes_by_plan(BY_ID, environment)


def test_a_job_plan_that_is_not_allowed_is_refused_by_what_its_name_stands_for():
    state = guarded(a_state(BY_NAME), allowed_plans=(1000,))
    assert codes(decided(state)) == []
    assert codes(decided(state, plan=OTHER)) == ["L250"]


def test_a_name_that_stands_for_nothing_is_told_once_where_a_guard_asks_too():
    assert codes(decided(guarded(a_state(BY_NAME), allowed_plans=(1000,)), plan=NOWHERE)) == [
        "L280"
    ]


def test_without_a_server_a_guard_that_could_not_be_asked_is_told():
    state = guarded(a_state(BY_NAME), allowed_plans=(7,))
    found = decided(state, plan=None, offline=True)
    assert (found.changes[0].action, codes(found)) == (Action.LAUNCH, ["L285"])
    by_id = guarded(a_state(BY_ID), allowed_plans=(1000,))
    assert codes(decided(by_id, plan=None, offline=True)) == []


# --- carry out ----------------------------------------------------------------------------------


def test_what_was_read_is_prepared_and_recorded():
    world = Scripted()
    world.apply(a_state(BY_NAME))
    (asked,) = (item for item in world.trace if isinstance(item, Prepare))
    assert [item.plan_id for item in asked.requests] == [1000]
    attempt = world.recorded().launches["web-deploy"].newest
    assert attempt.outcome is OutcomeKind.SUCCEEDED
    assert attempt.plan == PLAN.pin
    assert attempt.spec["plan"] == {"name": "Deploy web", "template": "web"}


def test_a_name_that_moves_after_the_decision_goes_no_further():
    world = Scripted().on(ReadPlans, (Done(OTHER),))
    report = world.apply(a_state(BY_NAME))
    assert [item.code for item in report.diagnostics] == ["L283"]
    assert (world.told(), world.sent()) == ([], [])


def test_a_name_that_is_gone_before_the_prepare_goes_no_further():
    world = Scripted().on(ReadPlans, (NOWHERE,))
    report = world.apply(a_state(BY_NAME))
    assert [item.code for item in report.diagnostics] == ["L280"]
    assert (world.told(), world.sent()) == ([], [])


def test_a_name_that_is_gone_before_the_start_leaves_what_is_prepared():
    world = Scripted().on(ReadPlans, None, (NOWHERE,))
    report = world.apply(a_state(BY_NAME))
    assert [item.code for item in report.diagnostics] == ["L238"]
    assert world.told("web-deploy") == ["1 intended", "1 prepared"]
    assert world.apply(a_state(BY_NAME)).diagnostics == ()
    assert world.recorded().launches["web-deploy"].newest.outcome is OutcomeKind.SUCCEEDED


def test_what_was_prepared_is_not_started_once_its_name_stands_for_another_job_plan():
    world = Scripted().on(ReadPlans, None, (Done(OTHER),))
    world.apply(a_state(BY_NAME))
    assert world.told("web-deploy")[-1] == "1 refused verify"
    assert not any(word.startswith("start") for word in world.sent())


def moved_by_name(world, effect):
    """By its name, another job plan answers than by the id that was prepared."""
    world.on(ReadPlans, moved_by_name)
    return tuple(Done(PLAN if plan == PLAN.pin.id else OTHER) for _, plan in effect.plans)


@pytest.mark.parametrize(("allowed", "starts"), [(1000, 3), (1005, 1)])
@pytest.mark.parametrize("more", [{}, {"max_hosts": 9}], ids=["unseen", "looked into"])
def test_another_start_is_asked_of_the_guards_for_what_was_prepared(allowed, starts, more):
    world = Scripted(lag=1e6)
    world.apply(a_state(BY_NAME), wait=False)
    world.on(ReadPlans, moved_by_name)
    guards = guarded(a_state(BY_NAME), allowed_plans=(allowed,), **more)
    world.apply(guards, limits=Limits(poll_s=1))
    assert world.told("web-deploy").count("1 starting") == starts


def test_what_an_earlier_run_has_started_is_repeated_within_the_guards_for_what_it_was():
    def fails(world, effect):
        answer = world.as_usual(effect)
        world.instances[answer[0].value.id].ending = Status.FAIL
        return answer

    trying = replace(BY_NAME, policy=replace(BY_NAME.policy, max_attempts=2))
    state = guarded(a_state(trying), allowed_plans=(1000,))
    world = Scripted(runs_for=60).on(Prepare, fails)
    world.apply(state, wait=False)
    world.apply(state)
    attempts = world.recorded().launches["web-deploy"].attempts
    assert [item.outcome for item in attempts] == [OutcomeKind.FAILED, OutcomeKind.SUCCEEDED]


def test_a_guard_is_asked_for_what_the_name_was_decided_with():
    world = Scripted()
    report = world.apply(guarded(a_state(BY_NAME), allowed_plans=(1000,)))
    assert report.diagnostics == ()
    assert world.recorded().launches["web-deploy"].newest.outcome is OutcomeKind.SUCCEEDED


def test_what_a_dead_run_may_have_prepared_is_looked_for_by_what_it_asked_for():
    world = Scripted().on(Append, at_append_of(Kind.PREPARED, dies_before))
    with suppress(Crash):
        world.apply(a_state(BY_NAME))
    world.apply(a_state(BY_NAME))
    (find,) = (item for item in world.trace if isinstance(item, Find))
    assert [search.plan_id for search in find.searches] == [1000]
    assert world.told("web-deploy").count("1 prepared") == 1
