"""Which job plan a name stands for."""

from __future__ import annotations

import pytest

from launcher.catalogue import texts
from launcher.diagnostics import Diagnostic
from launcher.engine.desired import Launch
from launcher.engine.observed import PlanEntry, TemplateEntry
from launcher.engine.plancheck import check_plan
from launcher.engine.planname import PlanListing, Unresolved, meaning_of
from launcher.engine.spec import EffectiveSpec, PlanName, Scope

SCOPE = Scope("biz", "2")


def a_plan(plan_id, name, template):
    return PlanEntry(
        plan_id, template, name, need_update=False, modified_by="ana", last_modified=""
    )


LISTING = PlanListing(
    (
        a_plan(1000, "Deploy", 500),
        a_plan(1001, "Deploy", 501),
        a_plan(1002, "Deploy slowly", 500),
        a_plan(1003, "Probe", 501),
        a_plan(1004, "Twin", 502),
        a_plan(1005, "Twin", 503),
        a_plan(1006, "Lost", 999),
    ),
    (
        TemplateEntry(500, "web"),
        TemplateEntry(501, "database"),
        TemplateEntry(502, "same"),
        TemplateEntry(503, "same"),
    ),
)


@pytest.mark.parametrize(
    ("name", "template", "expected"),
    [
        ("Probe", None, 1003),
        ("Probe", "database", 1003),
        ("Deploy", "web", 1000),
        ("Deploy", "database", 1001),
        ("Lost", None, 1006),
    ],
)
def test_the_one_job_plan_of_that_name_is_meant(name, template, expected):
    assert meaning_of(PlanName(name, template), SCOPE, LISTING) == expected


PROBLEMS = {
    "ambiguous": (
        PlanName("Deploy"),
        "L281",
        'Add `template`, or use an id: 1000 "Deploy" of template "web", 1001 "Deploy" of template "database".',
    ),
    "ambiguous although a template is named": (
        PlanName("Twin", "same"),
        "L281",
        'Use an id: 1004 "Twin" of template "same", 1005 "Twin" of template "same".',
    ),
    "of another template": (
        PlanName("Probe", "web"),
        "L280",
        'Other templates have one: 1003 "Probe" of template "database".',
    ),
    "upper and lower case": (
        PlanName("probe"),
        "L280",
        'Did you mean one of these? 1003 "Probe" of template "database".',
    ),
    "misspelt, within its template": (
        PlanName("Delpoy slowly", "web"),
        "L280",
        'Did you mean one of these? 1002 "Deploy slowly" of template "web", 1000 "Deploy" of template "web".',
    ),
    "like nothing": (
        PlanName("xyz", "web"),
        "L280",
        'The scope has: 1000 "Deploy" of template "web", 1002 "Deploy slowly" of template "web".',
    ),
    "a template that is misspelt": (
        PlanName("Probe", "databse"),
        "L282",
        'Did you mean one of these? "database".',
    ),
    "a template like nothing": (
        PlanName("Probe", "xyz"),
        "L282",
        'The scope has: "web", "database", "same", "same".',
    ),
}


def told(reference, listing=LISTING):
    found = meaning_of(reference, SCOPE, listing)
    assert isinstance(found, Unresolved)
    launch = Launch("web-deploy", EffectiveSpec(SCOPE, reference), path="plans/web.yaml")
    (said,) = check_plan(launch, found)
    return said


@pytest.mark.parametrize(("reference", "code", "hint"), PROBLEMS.values(), ids=PROBLEMS)
def test_a_name_that_means_no_single_job_plan_is_told_with_candidates(reference, code, hint):
    said = told(reference)
    assert (said.code, texts(said).hint) == (code, hint)
    assert "biz 2" in texts(said).detail


def test_an_empty_scope_says_that_there_is_nothing():
    assert texts(told(PlanName("Probe"), PlanListing((), ()))).hint == "The scope has: none."
    assert texts(told(PlanName("Probe", "web"), PlanListing((), ()))).hint == "The scope has: none."


def test_only_a_few_of_many_candidates_are_told():
    many = tuple(a_plan(1000 + number, "Deploy", 500 + number) for number in range(20))
    hint = texts(told(PlanName("Deploy"), PlanListing(many, ()))).hint
    assert hint is not None
    assert hint.count('"Deploy"') == 8
    assert hint.endswith(" and 12 more.")


def test_a_name_is_looked_up_at_its_place():
    reference = PlanName("probe")
    launch = Launch(
        "web-deploy",
        EffectiveSpec(SCOPE, reference),
        path="plans/web.yaml",
        pointers={"plan": ("plans/web.yaml", ("spec", "plan"))},
    )
    found = meaning_of(reference, SCOPE, LISTING)
    assert isinstance(found, Unresolved)
    (said,) = check_plan(launch, found)
    assert isinstance(said, Diagnostic)
    assert said.place == launch.place("plan")
