"""Merging, keys, and the rules that look beyond one file."""

from __future__ import annotations

from itertools import pairwise

import pytest

from launcher.diagnostics import Place
from launcher.engine.desired import Policy, check, desired, environments_of, merge
from launcher.engine.spec import EffectiveSpec, Hosts, LaunchKey, Scope, SecretReference, Variable
from launcher.model.documents import Environment, ManifestDocument, WorkspaceDocument

SCOPE = Scope("biz", "2")


def a_workspace(*, marker=None, **defaults):
    names = ("sandbox", "production")
    return WorkspaceDocument(
        path="launcher.yaml",
        name="payments",
        manifests=("plans/**/*.yaml",),
        default_environment="sandbox",
        environments={name: Environment(name, "sandbox", SCOPE) for name in names},
        marker=marker,
        defaults=defaults,
    )


def a_manifest(name="web-deploy", environments=None, title=None, **spec):
    data = {"metadata": {"name": name}, "spec": {"plan": {"id": 1000}, **spec}}
    if title is not None:
        data["metadata"]["title"] = title
    if environments is not None:
        data["environments"] = environments
    return ManifestDocument(f"plans/{name}.yaml", data, 4)


def launch_of(manifest, workspace=None, environment="sandbox"):
    return desired(workspace or a_workspace(), [manifest], environment).launches[manifest.name]


def problems(*manifests, **workspace):
    return [
        (item.code, item.place.path if item.place else "", item.place and item.place.pointer)
        for item in check(a_workspace(**workspace), manifests)
    ]


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


# --- rules across files -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("manifests", "expected"),
    [
        ([a_manifest(needs=["web-canary"]), a_manifest("web-canary")], []),
        (
            [a_manifest(environments={"staging": {}})],
            [("L201", "plans/web-deploy.yaml", ("environments", "staging"))],
        ),
        (
            [a_manifest(scope={"type": "biz", "id": "9"})],
            [("L203", "plans/web-deploy.yaml", ("spec", "scope"))],
        ),
        (
            [a_manifest(variables={"a": {"id": 1, "value": ""}, "b": {"id": 1, "value": ""}})],
            [("L205", "plans/web-deploy.yaml", ("spec", "variables", "b"))],
        ),
        (
            [a_manifest(needs=["web-canry"]), a_manifest("web-canary")],
            [("L206", "plans/web-deploy.yaml", ("spec", "needs", 0))],
        ),
        (
            [a_manifest(needs=["b"]), a_manifest("b", environments={"production": {}})],
            [("L206", "plans/web-deploy.yaml", ("spec", "needs", 0))],
        ),
        (
            [a_manifest(needs=["web-deploy"])],
            [("L207", "plans/web-deploy.yaml", ("spec", "needs", 0))],
        ),
        (
            [
                a_manifest(
                    variables={"t": {"hosts": {"ids": [1], "ips": [{"cloud": 0, "ip": "x"}]}}}
                )
            ],
            [("L208", "plans/web-deploy.yaml", ("spec", "variables", "t", "hosts", "ips"))],
        ),
    ],
    ids=["fine", "L201", "L203", "L205", "L206", "L206 elsewhere", "L207", "L208"],
)
def test_a_broken_rule_is_said_where_it_is_broken(manifests, expected):
    assert problems(*manifests) == expected


def test_a_manifest_without_a_job_plan_in_any_layer_has_none():
    bare = ManifestDocument("plans/a.yaml", {"metadata": {"name": "a"}, "spec": {}}, 3)
    assert problems(bare) == [("L202", "plans/a.yaml", ("metadata", "name"))]
    assert problems(bare, plan={"id": 1}) == []


def test_the_marker_is_nobody_elses_variable():
    manifest = a_manifest(variables={"LAUNCH_KEY": "x"})
    assert problems(manifest, marker="LAUNCH_KEY") == [
        ("L204", "plans/web-deploy.yaml", ("spec", "variables", "LAUNCH_KEY"))
    ]


def test_every_circle_of_needs_is_told_once_in_reading_order():
    manifests = [
        a_manifest("a", needs=["b"]),
        a_manifest("b", needs=["c"]),
        a_manifest("c", needs=["a"]),
        a_manifest("d", needs=["d"]),
    ]
    found = check(a_workspace(), manifests)
    circles = [set(item.facts["circle"].split(" → ")) for item in found]
    assert [item.code for item in found] == ["L207", "L207"]
    assert sorted(circles, key=len) == [{"d"}, {"a", "b", "c"}]
    (whole,) = (item for item in found if len(item.facts["circle"]) > len("d → d"))
    names = whole.facts["circle"].split(" → ")
    assert all(
        after in next(it.data["spec"]["needs"] for it in manifests if it.name == before)
        for before, after in pairwise(names)
    )


def test_the_same_fault_in_two_environments_is_told_for_each_only_where_words_differ():
    both: dict[str, dict[str, str]] = {"sandbox": {}, "production": {}}
    manifest = a_manifest(
        variables={"a": {"id": 1, "value": ""}, "b": {"id": 1, "value": ""}}, environments=both
    )
    assert [code for code, _, _ in problems(manifest)] == ["L205"]
