"""Merging, and the launches and keys that come of it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest

from launcher.diagnostics import Place
from launcher.engine.desired import Policy, desired
from launcher.engine.merging import environments_of, merge
from launcher.engine.spec import EffectiveSpec, Hosts, LaunchKey, Scope, SecretReference, Variable
from launcher.model.policy import Retry, Wait
from launcher.model.times import seconds_of
from tests.support.declared import SCOPE, a_manifest, a_workspace


def launch_of(manifest, workspace=None, environment="sandbox"):
    return desired(workspace or a_workspace(), [manifest], environment).launches[manifest.name]


# --- where ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("environments", "expected"),
    [
        (None, ("sandbox",)),
        ({}, ()),
        ({"production": {}}, ("production",)),
        ({"production": {}, "sandbox": None}, ("production", "sandbox")),
    ],
)
def test_without_environments_a_manifest_launches_in_the_default_one(environments, expected):
    assert environments_of(a_workspace(), a_manifest(environments=environments)) == expected


def test_a_manifest_is_no_launch_where_it_does_not_launch():
    assert dict(desired(a_workspace(), [a_manifest()], "production").launches) == {}


def test_launches_are_sorted_whatever_the_order_of_files():
    one, other = a_manifest("a"), a_manifest("b")
    straight = desired(a_workspace(), [one, other], "sandbox")
    assert straight == desired(a_workspace(), [other, one], "sandbox")
    assert list(straight.launches) == ["a", "b"]


# --- merging ----------------------------------------------------------------------------------


def test_defaults_spec_and_overlay_are_merged_in_that_order():
    workspace = a_workspace(revision=1, variables={"a": "d", "b": "d", "c": "d"}, suspend=True)
    manifest = a_manifest(
        revision=2,
        variables={"b": "s", "c": "s"},
        environments={"production": {"revision": 3, "variables": {"c": "o"}}},
    )
    merged = merge(workspace, manifest, "production")
    assert merged.data == {
        "plan": {"id": 1000},
        "revision": 3,
        "suspend": True,
        "variables": {"a": "d", "b": "s", "c": "o"},
    }
    assert merged.origins == {
        "plan": "spec",
        "revision": "environments.production",
        "suspend": "defaults",
        "variables.a": "defaults",
        "variables.b": "spec",
        "variables.c": "environments.production",
    }
    assert merged.pointers["variables.c"] == (
        "plans/web-deploy.yaml",
        ("environments", "production", "variables", "c"),
    )
    assert merged.pointers["suspend"] == ("launcher.yaml", ("spec", "defaults", "suspend"))


@pytest.mark.parametrize(
    ("field", "below", "above"),
    [
        ("plan", {"id": 1}, {"id": 2}),
        ("scope", {"type": "biz", "id": "2"}, {"type": "biz", "id": "3"}),
        ("needs", ["a", "b"], ["c"]),
        ("wait", {"timeout": "2h", "onTimeout": "terminate"}, {"timeout": "1h"}),
        ("retry", {"maxAttempts": 3, "backoff": "1m"}, {"maxAttempts": 2}),
        ("retry", {"maxAttempts": 3, "backoff": "1m"}, {}),
        ("notBefore", "2026-11-23T02:00:00Z", "2026-11-24T02:00:00Z"),
        ("trigger", "once", "manual"),
    ],
)
def test_a_field_is_replaced_whole(field, below, above):
    manifest = a_manifest(**{field: below}, environments={"production": {field: above}})
    assert merge(a_workspace(), manifest, "production").data[field] == above


def test_production_never_inherits_half_of_the_hosts_of_staging():
    manifest = a_manifest(
        variables={"targets": {"id": 436, "hosts": {"ids": [1], "dynamicGroups": ["g"]}}},
        environments={"production": {"variables": {"targets": {"hosts": {"ids": [2]}}}}},
    )
    merged = merge(a_workspace(), manifest, "production")
    assert merged.data["variables"] == {"targets": {"hosts": {"ids": [2]}}}


def test_an_unset_variable_is_left_to_the_job_plan():
    manifest = a_manifest(
        variables={"a": "1", "b": "2"},
        environments={"production": {"variables": {"a": {"unset": True}}}},
    )
    merged = merge(a_workspace(), manifest, "production")
    assert merged.data["variables"] == {"b": "2"}
    assert "variables.a" not in merged.origins


def test_what_the_spec_unsets_an_overlay_may_set():
    manifest = a_manifest(
        variables={"a": {"unset": True}},
        environments={"production": {"variables": {"a": "1"}}},
    )
    merged = merge(a_workspace(variables={"a": "0"}), manifest, "production")
    assert merged.data["variables"] == {"a": "1"}


def test_merging_changes_no_document():
    workspace, manifest = a_workspace(variables={"a": "1"}), a_manifest(variables={"b": "2"})
    merge(workspace, manifest, "sandbox")
    assert (dict(workspace.defaults), manifest.data["spec"]["variables"]) == (
        {"variables": {"a": "1"}},
        {"b": "2"},
    )


# --- launches ---------------------------------------------------------------------------------


def test_a_launch_holds_all_that_its_manifest_declares():
    manifest = a_manifest(
        title="Deploy",
        variables={
            "targets": {"id": 436, "hosts": {"ids": [102, 101]}},
            "package_version": "1.4.2",
            "empty": {"value": ""},
            "password": {"secret": {"env": "DB_PASSWORD", "version": "3"}},
        },
        callbackUrl="https://ops.example.org/hook",
        needs=["b", "a", "b"],
        suspend=True,
        revision=7,
    )
    launch = launch_of(manifest)
    assert launch.spec == EffectiveSpec(
        SCOPE,
        1000,
        (
            Variable("empty", ""),
            Variable("package_version", "1.4.2"),
            Variable("password", SecretReference("env", "DB_PASSWORD", "3")),
            Variable("targets", Hosts(ids=(101, 102)), 436),
        ),
        "https://ops.example.org/hook",
    )
    assert launch.policy == Policy(needs=("a", "b"), suspend=True)
    assert (launch.title, launch.revision, launch.path, launch.line) == (
        "Deploy",
        7,
        "plans/web-deploy.yaml",
        4,
    )
    assert launch.key == LaunchKey(7, launch.key.digest)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"variables": {"a": "1"}}, {"variables": {"a": {"value": "1"}}}),
        ({"scope": {"type": "biz", "id": "2"}}, {}),
        ({"trigger": "onChange", "revision": 1, "suspend": False}, {}),
        (
            {"variables": {"t": {"hosts": {"ids": [1, 2, 2]}}}},
            {"variables": {"t": {"hosts": {"ids": [2, 1]}}}},
        ),
    ],
)
def test_two_ways_to_say_the_same_have_the_same_key(one, other):
    assert launch_of(a_manifest(**one)).key == launch_of(a_manifest(**other)).key


def test_the_place_of_a_field_that_no_file_sets_is_the_name():
    launch = launch_of(a_manifest(variables={"a": "1"}))
    assert launch.place("variables.a") == Place("plans/web-deploy.yaml", ("spec", "variables", "a"))
    assert launch.place("revision") == Place("plans/web-deploy.yaml", ("metadata", "name"))


def test_a_policy_holds_all_that_a_manifest_says_of_time():
    launch = launch_of(
        a_manifest(
            trigger="once",
            notBefore="2026-11-23T02:00:00+08:00",
            wait={"timeout": "2h", "onTimeout": "terminate"},
            retry={"maxAttempts": 3, "backoff": "90s"},
            needs=["a"],
            suspend=True,
        )
    )
    assert launch.policy == Policy(
        trigger="once",
        needs=("a",),
        suspend=True,
        not_before=datetime(2026, 11, 22, 18, tzinfo=UTC),
        wait_timeout_s=7200,
        on_timeout="terminate",
        max_attempts=3,
        backoff_s=90,
    )
    assert launch.policy.not_before.utcoffset() == timedelta(0)
    assert launch.policy.to_data() == {
        "trigger": "once",
        "needs": ["a"],
        "suspend": True,
        "notBefore": "2026-11-22T18:00:00+00:00",
        "wait": {"timeout": "7200s", "onTimeout": "terminate"},
        "retry": {"maxAttempts": 3, "backoff": "90s"},
    }


def test_a_policy_without_a_word_in_the_manifest_is_what_the_schema_shows_as_defaults():
    wait, retry = Wait(), Retry()
    timeout_s, backoff_s = seconds_of(wait.timeout), seconds_of(retry.backoff)
    assert timeout_s is not None
    assert backoff_s is not None
    assert launch_of(a_manifest()).policy == Policy(
        wait_timeout_s=timeout_s,
        on_timeout=wait.on_timeout,
        max_attempts=retry.max_attempts,
        backoff_s=backoff_s,
    )
    assert launch_of(a_manifest()).policy == Policy()
    assert launch_of(a_manifest(wait={}, retry={})).policy == Policy()


def test_what_an_overlay_leaves_out_of_wait_and_retry_is_the_default_and_not_what_spec_says():
    manifest = a_manifest(
        wait={"timeout": "2h", "onTimeout": "terminate"},
        retry={"maxAttempts": 5, "backoff": "5m"},
        environments={"production": {"wait": {"timeout": "1h"}, "retry": {"maxAttempts": 2}}},
    )
    policy = launch_of(manifest, environment="production").policy
    assert policy == Policy(wait_timeout_s=3600, max_attempts=2)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-11-23T02:00:00Z", datetime(2026, 11, 23, 2, tzinfo=UTC)),
        ("2026-11-23T02:00:00-00:00", datetime(2026, 11, 23, 2, tzinfo=UTC)),
        ("2026-11-23T02:00:00+08:00", datetime(2026, 11, 22, 18, tzinfo=UTC)),
        ("2026-11-23T02:00:00.5-03:30", datetime(2026, 11, 23, 5, 30, 0, 500_000, tzinfo=UTC)),
        ("2000-01-01T00:00:00+23:59", datetime(1999, 12, 31, 0, 1, tzinfo=UTC)),
        ("2099-12-31T23:59:59-23:59", datetime(2100, 1, 1, 23, 58, 59, tzinfo=UTC)),
    ],
)
def test_a_time_is_the_same_instant_wherever_it_is_read(text, expected):
    not_before = launch_of(a_manifest(notBefore=text)).policy.not_before
    assert (not_before, not_before.tzinfo) == (expected, UTC)
    assert not_before.astimezone(timezone(timedelta(hours=8))) == expected


@pytest.mark.parametrize(
    "changed",
    [
        {"trigger": "once"},
        {"trigger": "manual"},
        {"notBefore": "2026-11-23T02:00:00Z"},
        {"wait": {"timeout": "1h"}},
        {"wait": {"onTimeout": "terminate"}},
        {"retry": {"maxAttempts": 2}},
        {"retry": {"backoff": "1h"}},
        {"needs": ["a"]},
        {"suspend": True},
        {"renamed_from": "web-release"},
    ],
    ids="-".join,
)
def test_changing_a_policy_field_starts_nothing(changed):
    before, after = launch_of(a_manifest()), launch_of(a_manifest(**changed))
    assert before.key == after.key
    assert (before.policy, before.renamed_from) != (after.policy, after.renamed_from)


def test_a_launch_knows_the_name_that_it_had_and_where_it_says_so():
    launch = launch_of(a_manifest(renamed_from="web-release"))
    assert launch.renamed_from == "web-release"
    assert launch.place("renamedFrom").pointer == ("metadata", "renamedFrom")
    assert launch_of(a_manifest()).renamed_from is None
    assert launch_of(a_manifest()).place("renamedFrom").pointer == ("metadata", "name")


def test_a_scope_that_the_environment_allows_is_where_the_launch_runs():
    launch = launch_of(a_manifest(scope={"type": "biz", "id": "9"}))
    assert launch.spec.scope == Scope("biz", "9")
    assert launch.key != launch_of(a_manifest()).key


# --- pins -------------------------------------------------------------------------------------

ONE, TWO = ({"digest": "v1:sha256:" + digit * 64} for digit in "12")

NAMED = {"name": "Deploy web", "template": "web"}

PINS = {
    "the spec's": ({"pin": ONE}, {}, ONE, "spec"),
    "the overlay's": ({"pin": ONE}, {"pin": TWO}, TWO, "environments.production"),
    "the spec's, for the same job plan": ({"pin": ONE}, {"plan": {"id": 1000}}, ONE, "spec"),
    "none for another job plan": ({"pin": ONE}, {"plan": {"id": 2000}}, None, None),
    "none for a name": ({"pin": ONE}, {"plan": NAMED}, None, None),
    "the spec's, for the same name": (
        {"plan": NAMED, "pin": ONE},
        {"plan": dict(NAMED)},
        ONE,
        "spec",
    ),
    "none for another name": (
        {"plan": NAMED, "pin": ONE},
        {"plan": {"name": "Deploy web"}},
        None,
        None,
    ),
    "none for the same name in another scope": (
        {"plan": NAMED, "pin": ONE},
        {"scope": {"type": "biz", "id": "77"}},
        None,
        None,
    ),
    "the spec's, for the same id in another scope": (
        {"pin": ONE},
        {"scope": {"type": "biz", "id": "77"}},
        ONE,
        "spec",
    ),
    "the spec's, where the scope is only repeated": (
        {"plan": NAMED, "pin": ONE},
        {"scope": {"type": SCOPE.type, "id": SCOPE.id}},
        ONE,
        "spec",
    ),
    "its own for another job plan": (
        {"pin": ONE},
        {"plan": {"id": 2000}, "pin": TWO},
        TWO,
        "environments.production",
    ),
}


@pytest.mark.parametrize(("spec", "overlay", "expected", "origin"), PINS.values(), ids=PINS)
def test_a_pin_goes_with_its_job_plan(spec, overlay, expected, origin):
    manifest = a_manifest(environments={"production": overlay}, **spec)

    launch = launch_of(manifest, environment="production")

    assert launch.spec.pin == (expected and expected["digest"])
    assert launch.origins.get("pin") == origin
    assert ("pin" in launch.pointers) == (expected is not None)


def test_a_pin_of_the_defaults_does_not_reach_a_manifest_that_names_another_job_plan():
    workspace = a_workspace(plan={"id": 7}, pin=ONE)

    assert launch_of(a_manifest(), workspace).spec.pin is None
    assert launch_of(a_manifest(plan={"id": 7}), workspace).spec.pin == ONE["digest"]


def test_a_pin_below_the_first_job_plan_that_is_named_speaks_of_that_one():
    assert launch_of(a_manifest(), a_workspace(pin=ONE)).spec.pin == ONE["digest"]
    manifest = a_manifest(environments={"production": {"plan": {"id": 2000}}}, pin=ONE)
    del manifest.data["spec"]["plan"]
    launch = launch_of(manifest, environment="production")
    assert (launch.spec.pin, launch.origins["pin"]) == (ONE["digest"], "spec")
