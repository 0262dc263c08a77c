"""Rules that look beyond one file."""

from __future__ import annotations

from itertools import pairwise

import pytest

from launcher.diagnostics import Diagnostic, Place
from launcher.engine.crossfile import check
from launcher.engine.spec import Scope
from launcher.model.documents import ManifestDocument
from tests.support.declared import a_manifest, a_workspace

OTHER_SCOPE = {"type": "biz", "id": "9"}
PRODUCTION: dict[str, dict[str, str]] = {"production": {}}


def problems(*manifests, **workspace):
    return [
        (item.code, item.place.path if item.place else "", item.place and item.place.pointer)
        for item in check(a_workspace(**workspace), manifests)
    ]


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


# --- scopes -----------------------------------------------------------------------------------


def test_a_scope_is_the_environments_or_one_that_it_allows():
    manifest = a_manifest(scope=OTHER_SCOPE)
    assert problems(manifest, allowed_scopes=(Scope("biz", "9"),)) == []
    assert problems(manifest, allowed_scopes=(Scope("biz_set", "9"), Scope("biz", "8"))) == [
        ("L203", "plans/web-deploy.yaml", ("spec", "scope"))
    ]
    assert problems(a_manifest(), allowed_scopes=(Scope("biz", "9"),)) == []


def test_the_scopes_that_would_do_are_named():
    allowed = (Scope("biz", "8"), Scope("biz_set", "7"))
    (found,) = check(a_workspace(allowed_scopes=allowed), [a_manifest(scope=OTHER_SCOPE)])
    assert found.facts["expected"] == "biz 2 or biz 8 or biz_set 7"


def test_a_scope_in_the_defaults_of_the_workspace_is_told_there():
    assert problems(a_manifest(), scope=OTHER_SCOPE) == [
        ("L203", "launcher.yaml", ("spec", "defaults", "scope"))
    ]


# --- pins -------------------------------------------------------------------------------------

PIN = {"digest": "v1:sha256:" + "1" * 64}
NAMED = {"name": "Deploy web", "template": "web"}
OVERLAY = ("environments", "production")
LEFT: dict[str, tuple[dict[str, object], dict[str, object], str | None]] = {
    "another job plan": ({}, {"plan": {"id": 2000}}, "plan"),
    "the same one, perhaps, by name": ({}, {"plan": NAMED}, "plan"),
    "a name, in another scope": ({"plan": NAMED}, {"scope": OTHER_SCOPE}, "scope"),
    "another name in another scope": (
        {"plan": NAMED},
        {"plan": {"name": "Deploy"}, "scope": OTHER_SCOPE},
        "plan",
    ),
    "another job plan with a pin": ({}, {"plan": {"id": 2000}, "pin": PIN}, None),
    "the same job plan": ({}, {"plan": {"id": 1000}}, None),
    "nothing of it": ({}, {"variables": {"a": "b"}}, None),
}


@pytest.mark.parametrize(("spec", "overlay", "field"), LEFT.values(), ids=LEFT)
def test_a_pin_that_an_environment_leaves_behind_is_told_of(spec, overlay, field):
    manifest = a_manifest(environments={"production": overlay}, pin=PIN, **spec)
    found = check(a_workspace(allowed_scopes=(Scope("biz", "9"),)), [manifest])
    expected = Diagnostic(
        "L298",
        {
            "name": "web-deploy",
            "layer": "environments.production",
            "below": "spec",
            "environment": "production",
        },
        Place(manifest.path, (*OVERLAY, str(field))),
        "environment",
        Place(manifest.path, ("spec", "pin")),
    )
    assert found == ((expected,) if field else ())


def test_a_pin_of_the_defaults_that_a_manifest_leaves_behind_is_told_of_once():
    both: dict[str, dict[str, object]] = {"sandbox": {}, "production": {}}
    manifest = a_manifest(environments=both)
    (found,) = check(a_workspace(plan={"id": 7}, pin=PIN), [manifest])
    assert (found.code, found.hint) == ("L298", "default")
    assert found.place == Place(manifest.path, ("spec", "plan"))
    assert found.related == Place("launcher.yaml", ("spec", "defaults", "pin"))


def test_a_pin_that_is_left_behind_is_not_missed_where_a_layer_above_has_one():
    manifest = a_manifest(environments={"production": {"pin": PIN}})
    assert problems(manifest, plan={"id": 7}, pin=PIN) == []


def test_a_pin_that_stands_only_where_it_is_meant_leaves_nothing_behind():
    overlays = {"sandbox": {"pin": PIN}, "production": {"plan": {"id": 2000}}}
    assert problems(a_manifest(environments=overlays)) == []


# --- renames ----------------------------------------------------------------------------------

RENAMED = ("metadata", "renamedFrom")


@pytest.mark.parametrize(
    ("manifests", "expected"),
    [
        ([a_manifest(renamed_from="old")], []),
        ([a_manifest("a", renamed_from="old-a"), a_manifest("b", renamed_from="old-b")], []),
        ([a_manifest("a", renamed_from="a")], [("L209", "plans/a.yaml", RENAMED)]),
        ([a_manifest("a", renamed_from="b"), a_manifest("b")], [("L210", "plans/a.yaml", RENAMED)]),
        (
            [a_manifest("a", renamed_from="b"), a_manifest("b", renamed_from="a")],
            [("L210", "plans/a.yaml", RENAMED), ("L210", "plans/b.yaml", RENAMED)],
        ),
        (
            [a_manifest("a", renamed_from="b"), a_manifest("b", renamed_from="c")],
            [("L210", "plans/a.yaml", RENAMED)],
        ),
        (
            [a_manifest("a", renamed_from="old"), a_manifest("b", renamed_from="old")],
            [("L213", "plans/b.yaml", RENAMED)],
        ),
        (
            [a_manifest(name, renamed_from="old") for name in ("a", "b", "c")],
            [("L213", "plans/b.yaml", RENAMED), ("L213", "plans/c.yaml", RENAMED)],
        ),
        # Environments have a ledger each, so a launch may go two ways.
        (
            [
                a_manifest("a", renamed_from="old"),
                a_manifest("b", renamed_from="old", environments=PRODUCTION),
            ],
            [],
        ),
        ([a_manifest("a", renamed_from="b"), a_manifest("b", environments=PRODUCTION)], []),
    ],
    ids=[
        "fine",
        "two of them",
        "itself",
        "still declared",
        "swapped",
        "in a row",
        "claimed twice",
        "claimed three times",
        "claimed in two environments",
        "declared in another environment",
    ],
)
def test_a_history_goes_to_one_launch_from_a_name_that_nothing_has(manifests, expected):
    assert problems(*manifests) == expected
    assert problems(*reversed(manifests)) == expected


def test_the_launch_that_stands_in_the_way_of_a_rename_is_shown():
    still, twice = (
        check(a_workspace(), manifests)[0]
        for manifests in (
            [a_manifest("a", renamed_from="b"), a_manifest("b")],
            [a_manifest("a", renamed_from="old"), a_manifest("b", renamed_from="old")],
        )
    )
    assert still.related is not None
    assert twice.related is not None
    assert (still.related.path, still.related.pointer) == ("plans/b.yaml", ("metadata", "name"))
    assert (twice.related.path, twice.related.pointer) == ("plans/a.yaml", RENAMED)
