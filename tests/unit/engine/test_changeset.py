"""The changeset: fields, reviews, what it is restricted to, and its laws."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from launcher.engine.changeset import Action, FieldDiff, Reason
from launcher.engine.decide import Observed, Options, Outline, make_changeset
from launcher.engine.desired import Desired, Policy
from launcher.engine.effects import Append, Done, Unknown
from launcher.engine.events import Kind
from launcher.engine.observed import PlanVariable, VariableKind
from launcher.engine.recorded import Recorded
from launcher.engine.spec import SecretReference, Variable
from tests.support.scripted import Scripted, at_append_of, dies_before
from tests.support.simulated import ENVIRONMENT, Crash, World, a_launch, a_state
from tests.support.simulated_job import DAWN, PLAN, SCOPE

WEB = a_launch("web-deploy")
NEEDY = a_launch("smoke-test", needs=["web-deploy"])


def decided(state, recorded=None, *, plans=None, server="sha256:sim", **options):
    return make_changeset(
        state,
        recorded or Recorded(),
        Observed(server, {}, plans or {}),
        now=DAWN,
        options=Options(**options),
    )


def after(*states):
    """What is on record after each of `states` was applied."""
    world = Scripted()
    for state in states:
        world.apply(state)
    return world.recorded()


def told(changeset):
    return {item.name: f"{item.action} {item.reason}" for item in changeset.changes}


def with_url(url):
    return replace(WEB, spec=replace(WEB.spec, callback_url=url))


# --- laws -------------------------------------------------------------------------------------


def test_what_was_applied_leaves_nothing_to_do():
    state = a_state(WEB, NEEDY)
    changeset = decided(state, after(state))
    assert told(changeset) == {"web-deploy": "none IN_SYNC", "smoke-test": "none IN_SYNC"}
    assert [item.fields for item in changeset.changes] == [(), ()]
    assert changeset.acting == ()


@given(st.permutations(["a", "b", "c", "d"]), st.randoms(use_true_random=False))
@settings(max_examples=50)
def test_the_order_of_manifests_does_not_matter(names, chance):
    needs = {"a": (), "b": ("a",), "c": ("a", "b"), "d": ()}
    straight = [a_launch(name, needs=needs[name]) for name in "abcd"]
    shuffled = [
        a_launch(name, needs=chance.sample(needs[name], len(needs[name]))) for name in names
    ]
    assert decided(a_state(*straight)) == decided(a_state(*shuffled))


def test_waves_follow_needs_and_then_names():
    state = a_state(a_launch("c"), a_launch("a", needs=["b"]), a_launch("b", needs=["c"]))
    assert [(item.wave, item.name) for item in decided(state).changes] == [
        (1, "c"),
        (2, "b"),
        (3, "a"),
    ]


# --- needs ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        (a_state(WEB, NEEDY), "launch NEW"),
        (a_state(a_launch("web-deploy", suspend=True), NEEDY), "block NEEDS"),
    ],
)
def test_a_need_that_acts_before_it_does_not_block(state, expected):
    assert told(decided(state))["smoke-test"] == expected


def test_alone_a_launch_is_blocked_by_a_need_that_is_not_in_sync():
    changeset = decided(a_state(WEB, NEEDY), only=frozenset({"smoke-test"}))
    assert told(changeset) == {"smoke-test": "block NEEDS"}
    assert changeset.changes[0].by == "web-deploy"


def test_alone_a_launch_goes_when_its_needs_are_in_sync():
    changeset = decided(a_state(WEB, NEEDY), after(a_state(WEB)), only=frozenset({"smoke-test"}))
    assert told(changeset) == {"smoke-test": "launch NEW"}


def test_two_launches_that_need_the_same_blocked_one_both_name_it():
    state = a_state(
        a_launch("a", suspend=True), a_launch("b", needs=["a"]), a_launch("c", needs=["b"])
    )
    assert [(item.name, item.by) for item in decided(state).changes if item.by] == [
        ("b", "a"),
        ("c", "b"),
    ]


# --- renames ----------------------------------------------------------------------------------


def test_a_new_name_with_the_content_of_a_deleted_one_is_an_error_with_both_names():
    changeset = decided(a_state(a_launch("web-release")), after(a_state(WEB)))
    assert told(changeset) == {
        "web-release": "error LOOKS_RENAMED",
        "web-deploy": "archive DELETED",
    }
    (problem,) = changeset.diagnostics
    assert (problem.code, problem.facts["name"], problem.facts["by"]) == (
        "L211",
        "web-release",
        "web-deploy",
    )


def test_a_new_name_with_the_content_that_a_deleted_one_ran_before_its_last_edit_looks_renamed():
    world = Scripted()
    world.apply(a_state(WEB))
    with suppress(Crash):
        world.on(Append, at_append_of(Kind.STARTING, dies_before))
        world.apply(a_state(a_launch("web-deploy", "2")))
    changeset = world.changeset(a_state(a_launch("web-release")))
    assert told(changeset)["web-release"] == "error LOOKS_RENAMED"


def test_alone_a_new_name_still_looks_renamed():
    changeset = decided(
        a_state(a_launch("web-release")), after(a_state(WEB)), only=frozenset({"web-release"})
    )
    assert told(changeset) == {"web-release": "error LOOKS_RENAMED"}


def test_a_person_may_say_that_it_is_no_rename():
    changeset = decided(
        a_state(a_launch("web-release")), after(a_state(WEB)), as_new=frozenset({"web-release"})
    )
    assert told(changeset)["web-release"] == "launch NEW"


def test_a_lowered_revision_is_an_error_with_the_recorded_one():
    changeset = decided(a_state(WEB), after(a_state(a_launch("web-deploy", revision=3))))
    assert [(item.code, item.facts["by"]) for item in changeset.diagnostics] == [("L212", "3")]


# --- field diffs ------------------------------------------------------------------------------


def fields(before, now):
    return decided(a_state(now), after(a_state(before))).changes[0].fields


def test_a_changed_text_is_shown_before_and_after_with_its_origin():
    launch = replace(a_launch("web-deploy", "2"), origins={"variables.version": "spec"})
    assert fields(WEB, launch) == (FieldDiff("variables.version", "1", "2", "spec"),)


def test_a_field_that_is_no_longer_set_has_no_origin():
    bare = replace(WEB, spec=replace(WEB.spec, variables=()))
    assert fields(WEB, bare) == (FieldDiff("variables.version", "1", None, None),)


def test_a_secret_is_shown_as_its_reference():
    secret = Variable("version", SecretReference("env", "DB_PASSWORD", "3"))
    launch = replace(WEB, spec=replace(WEB.spec, variables=(secret,)))
    assert fields(WEB, launch) == (
        FieldDiff("variables.version", "1", None, None),
        FieldDiff("variables.version.secret.env", None, "DB_PASSWORD", "environment"),
        FieldDiff("variables.version.secret.version", None, "3", "environment"),
    )


def test_a_raised_revision_has_no_fields():
    assert fields(WEB, a_launch("web-deploy", revision=2)) == ()


HOOK = "https://ops.example.org/hook"


def test_a_callback_is_shown_without_its_query_and_does_not_differ_for_ever():
    assert fields(WEB, with_url(f"{HOOK}?token=s3cret")) == (
        FieldDiff("callbackUrl", None, HOOK, "environment"),
    )
    state = a_state(with_url(f"{HOOK}?token=s3cret"))
    (change,) = decided(state, after(state)).changes
    assert (change.reason, change.fields) == (Reason.IN_SYNC, ())


@pytest.mark.parametrize(
    "url", [f"{HOOK}?token=other", HOOK, f"{HOOK}#part", "https://me@ops.example.org/hook"]
)
def test_a_callback_that_differs_only_where_it_is_not_shown_says_that(url):
    assert fields(with_url(f"{HOOK}?token=s3cret"), with_url(url)) == (
        FieldDiff("callbackUrl", HOOK, f"{HOOK}?…", "environment"),
    )


def test_a_change_of_policy_is_shown_apart_and_starts_nothing():
    launch = replace(WEB, policy=Policy(suspend=True))
    (change,) = decided(a_state(launch), after(a_state(WEB))).changes
    assert (change.action, change.fields, change.policy) == (
        Action.NONE,
        (),
        (FieldDiff("suspend", before=False, after=True, origin="environment"),),
    )


def with_recorded_policy(policy):
    """What is on record after `WEB` ran with a policy that was written down like this."""
    recorded = after(a_state(WEB))
    record = recorded.launches["web-deploy"]
    attempts = tuple(replace(item, policy=policy) for item in record.attempts)
    return replace(recorded, launches={"web-deploy": replace(record, attempts=attempts)})


@pytest.mark.parametrize(
    "policy", [{}, {"needs": [], "suspend": False}, None], ids=["nothing", "some", "not kept"]
)
def test_a_policy_of_a_time_that_knew_fewer_fields_differs_in_none_of_them(policy):
    (change,) = decided(a_state(WEB), with_recorded_policy(policy)).changes
    assert change.policy == ()


def test_a_policy_of_such_a_time_differs_where_it_is_set_now():
    launch = replace(WEB, policy=Policy(max_attempts=3), origins={"retry": "spec"})
    (change,) = decided(a_state(launch), with_recorded_policy({"needs": []})).changes
    assert change.policy == (FieldDiff("retry.maxAttempts", 1, 3, "spec"),)


# --- job plans --------------------------------------------------------------------------------


def test_a_job_plan_that_cannot_be_read_refuses_the_launch():
    changeset = decided(a_state(WEB), plans={"web-deploy": Unknown("no answer")})
    (change,) = changeset.changes
    assert (change.action, change.reason, change.by) == (Action.BLOCK, Reason.GUARD, "job plan")
    assert [item.code for item in changeset.diagnostics] == ["L221"]


def test_a_value_that_belongs_in_a_secret_is_not_shown():
    kinds = (PlanVariable(1, "version", VariableKind.CIPHER, required=False),)
    plan = replace(PLAN, variables=kinds)
    by_name, by_id = Variable("version", "hunter2"), Variable("version", "hunter2", 1)
    for variable, path in ((by_name, "version"), (by_id, "version.value")):
        launch = replace(WEB, spec=replace(WEB.spec, variables=(variable,)))
        (change,) = decided(a_state(launch), plans={"web-deploy": Done(plan)}).changes
        shown = {field.path: field.after for field in change.fields}
        assert (change.reason, shown[f"variables.{path}"]) == (Reason.GUARD, "******")
        assert "hunter2" not in shown.values()


def test_job_plans_are_read_for_what_would_run_and_for_nothing_else():
    state = a_state(WEB, NEEDY, a_launch("held", suspend=True))
    recorded = after(a_state(WEB))
    outline = Outline(state, recorded, Observed(), now=DAWN)
    assert outline.plans_to_read() == (("smoke-test", SCOPE, 1000),)


# --- reviews ----------------------------------------------------------------------------------


PLANS = {"web-deploy": Done(PLAN)}


def review(state=None, recorded=None, plans=PLANS):
    return decided(state or a_state(WEB), recorded, plans=plans).change("web-deploy").digest


MOVED = {"web-deploy": Done(replace(PLAN, pin=replace(PLAN.pin, digest="v1:sha256:1")))}


@pytest.mark.parametrize(
    "other",
    [
        review(a_state(a_launch("web-deploy", "2"))),
        review(a_state(a_launch("web-deploy", revision=2))),
        review(a_state(replace(WEB, policy=Policy(suspend=True)))),
        review(a_state(WEB, single_phase=True)),
        review(plans=MOVED),
        review(recorded=after(a_state(a_launch("web-deploy", "0")))),
        review(a_state(with_url(f"{HOOK}?token=1"))),
    ],
    ids=["content", "revision", "policy", "guards", "job plan", "what ran before", "callback"],
)
def test_a_review_covers(other):
    assert other != review()


def test_a_review_of_one_launch_does_not_cover_the_same_content_under_another_name():
    one, other = a_launch("web-deploy"), a_launch("web-canary")
    digests = {item.digest for item in decided(a_state(one, other)).changes}
    assert len(digests) == 2


def test_a_review_of_one_environment_does_not_cover_another():
    elsewhere = Desired(replace(ENVIRONMENT, name="production"), a_state(WEB).launches)
    assert review(elsewhere) != review()


def test_a_review_tells_callbacks_apart_by_what_is_not_shown():
    one, other = (review(a_state(with_url(f"{HOOK}?token={number}"))) for number in (1, 2))
    assert one != other


def test_a_review_does_not_cover_title_place_or_other_launches():
    moved = replace(WEB, title="Other", path="plans/moved.yaml", line=9)
    assert review(a_state(moved, NEEDY)) == review()


def test_a_review_still_holds_after_a_run_that_died_before_the_start():
    world = World(Random(1))
    world.fuse = 12
    with suppress(Crash):
        world.run(a_state(WEB))
    assert world.recorded().launches["web-deploy"].attempts
    assert review(recorded=world.recorded()) == review()


def test_what_a_review_does_not_cover_is_held_and_blocks_what_needs_it():
    state = a_state(WEB, NEEDY, a_launch("report"))
    reviewed = frozenset({decided(state).change("report").digest})
    assert told(decided(state, reviewed=reviewed)) == {
        "report": "launch NEW",
        "web-deploy": "hold UNREVIEWED",
        "smoke-test": "block NEEDS",
    }


def test_the_digest_of_a_changeset_covers_only_what_acts():
    state, ran = a_state(WEB), after(a_state(a_launch("report")))
    with_more = a_state(WEB, a_launch("report"))
    held = a_state(WEB, a_launch("report"), a_launch("x", suspend=True))
    assert decided(with_more, ran).digest == decided(held, ran).digest
    assert decided(state, ran).digest != decided(with_more, ran).digest


@pytest.mark.parametrize(
    "other",
    [
        decided(Desired(replace(ENVIRONMENT, name="production"), a_state(WEB).launches)),
        decided(a_state(WEB), replace(Recorded(), lineage="other")),
        decided(a_state(WEB), server="sha256:other"),
    ],
    ids=["environment", "lineage", "server"],
)
def test_the_digest_of_a_changeset_covers_where_it_acts(other):
    assert other.digest != decided(a_state(WEB)).digest


def test_the_digest_of_a_changeset_covers_no_commit_and_no_time():
    one = make_changeset(a_state(WEB), Recorded(), Observed(), now=DAWN, commit="a")
    other = make_changeset(a_state(WEB), Recorded(), Observed(), now=DAWN.replace(year=2030))
    assert one.digest == other.digest


def test_the_digest_of_an_offline_changeset_is_marked():
    online, offline = decided(a_state(WEB)), decided(a_state(WEB), offline=True)
    assert offline.digest == f"offline:{online.digest}"
