"""Everything about a job plan that JOB itself keeps silent about."""

from __future__ import annotations

from dataclasses import replace

import pytest

from launcher.diagnostics import Diagnostic, Place
from launcher.engine.desired import Launch
from launcher.engine.effects import Done, Refused, Unknown
from launcher.engine.observed import JobPlan, PlanPin, PlanVariable, VariableKind
from launcher.engine.plancheck import check_plan
from launcher.engine.spec import EffectiveSpec, Hosts, Scope, SecretReference, Variable

PLAN = JobPlan(
    PlanPin(1000, "Deploy web", "v1:sha256:0", "2026-01-01T00:00:00Z"),
    tuple(
        PlanVariable(number, name, kind, required=False)
        for number, (name, kind) in enumerate(
            [
                ("version", VariableKind.STRING),
                ("targets", VariableKind.HOSTS),
                ("password", VariableKind.CIPHER),
                ("space", VariableKind.NAMESPACE),
                ("map", VariableKind.ASSOCIATIVE_ARRAY),
                ("list", VariableKind.INDEX_ARRAY),
            ],
            start=1,
        )
    ),
    (),
)
SECRET = SecretReference("env", "DB_PASSWORD", "3")
HOSTS = Hosts(ids=(1,))


def a_launch(*variables):
    return Launch(
        name="web-deploy",
        spec=EffectiveSpec(Scope("biz", "2"), 1000, variables),
        path="plans/web.yaml",
        pointers={
            f"variables.{item.name}": ("plans/web.yaml", ("spec", "variables", item.name))
            for item in variables
        },
    )


def problems(*variables):
    return check_plan(a_launch(*variables), Done(PLAN))


@pytest.mark.parametrize(
    "variable",
    [
        Variable("version", "1"),
        Variable("version", ""),
        Variable("targets", HOSTS),
        Variable("password", SECRET),
        Variable("space", "x"),
        Variable("map", "([a]=1)"),
        Variable("list", "(1)"),
        Variable("anything", "1", 1),
        Variable("anything", HOSTS, 2),
    ],
)
def test_what_the_job_plan_takes_is_no_problem(variable):
    assert problems(variable) == ()


@pytest.mark.parametrize(
    ("variable", "code"),
    [
        (Variable("version", HOSTS), "L223"),
        (Variable("targets", "10.0.0.1"), "L223"),
        (Variable("targets", ""), "L223"),
        (Variable("version", SECRET), "L224"),
        (Variable("targets", SECRET), "L224"),
        (Variable("password", "s3cret"), "L225"),
        (Variable("password", HOSTS), "L225"),
        (Variable("Version", "1"), "L222"),
        (Variable("version", "1", 99), "L222"),
        (Variable("targets", HOSTS, 1), "L223"),
    ],
)
def test_what_it_does_not_take_is_said_at_its_place(variable, code):
    (found,) = problems(variable)
    # What is wrong with an unknown variable is its name; with any other, its value.
    place = Place("plans/web.yaml", ("spec", "variables", variable.name), of_key=code == "L222")
    assert (found.code, found.place) == (code, place)


def test_an_unknown_name_suggests_the_nearest():
    (found,) = problems(Variable("versoin", "1"))
    assert found == Diagnostic(
        "L222",
        {
            "variable": "versoin",
            "plan": "Deploy web",
            "name": "web-deploy",
            "address": "versoin",
            "nearest": "version",
            "known": "version, targets, password, space, map, list",
        },
        Place("plans/web.yaml", ("spec", "variables", "versoin"), of_key=True),
        hint="nearest",
    )


def test_an_unknown_id_is_not_looked_up_by_name():
    (found,) = problems(Variable("version", "1", 99))
    assert (found.facts["address"], found.hint) == ("id 99", "id")


def test_a_variable_addressed_by_id_and_by_name_is_named_twice():
    (found,) = problems(Variable("by_id", "1", 1), Variable("version", "2"))
    assert (found.code, found.facts["first"], found.facts["target"]) == (
        "L226",
        "by_id",
        "version",
    )
    assert found.related == Place("plans/web.yaml", ("spec", "variables", "by_id"))


def test_all_problems_are_found_at_once():
    found = problems(Variable("a", "1"), Variable("password", "x"), Variable("targets", "x"))
    assert [item.code for item in found] == ["L222", "L225", "L223"]


def test_no_value_is_repeated_in_a_problem():
    for variable in (Variable("password", "s3cret"), Variable("targets", "s3cret")):
        (found,) = problems(variable)
        assert "s3cret" not in str(found)


@pytest.mark.parametrize("answer", [Refused("no permission", 9900403), Unknown("no answer")])
def test_a_job_plan_that_cannot_be_read_is_a_problem(answer):
    assert check_plan(a_launch(), answer) == (
        Diagnostic(
            "L221",
            {"plan": "1000", "name": "web-deploy", "message": answer.message},
            Place("plans/web.yaml", ("metadata", "name")),
        ),
    )


def test_a_job_plan_without_variables_says_that_it_declares_none():
    (found,) = check_plan(a_launch(Variable("a", "1")), Done(replace(PLAN, variables=())))
    assert found.facts["known"] == "none"
