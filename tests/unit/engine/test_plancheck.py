"""Everything about a job plan that JOB itself keeps silent about."""

from __future__ import annotations

from dataclasses import replace

import pytest

from launcher.catalogue import texts
from launcher.diagnostics import Diagnostic, Place
from launcher.engine.desired import Launch
from launcher.engine.effects import Done, Refused, Unknown
from launcher.engine.observed import JobPlan, PlanPin, PlanVariable, Step, VariableKind
from launcher.engine.plancheck import check_plan, moved_plan, omitted
from launcher.engine.spec import EffectiveSpec, Hosts, PlanName, Scope, SecretReference, Variable

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


# --- values that the job plan has to have ---------------------------------------------------------


def declares(*variables, steps=()):
    return Done(replace(PLAN, variables=variables, steps=steps))


def a_variable(kind=VariableKind.STRING, **more):
    return PlanVariable(1, "v", kind, **{"required": True, **more})


TEXTS = [
    VariableKind.STRING,
    VariableKind.NAMESPACE,
    VariableKind.INDEX_ARRAY,
    VariableKind.ASSOCIATIVE_ARRAY,
]


def codes_of(answer, *variables, marker=None):
    return [item.code for item in check_plan(a_launch(*variables), answer, marker)]


@pytest.mark.parametrize("kind", TEXTS)
def test_a_required_text_needs_a_value_from_somewhere(kind):
    empty, full = declares(a_variable(kind, value="")), declares(a_variable(kind, value="x"))
    assert codes_of(empty) == ["L287"]
    assert codes_of(full) == []
    assert codes_of(empty, Variable("v", "1")) == []
    assert codes_of(full, Variable("v", "")) == ["L288"]
    assert codes_of(empty, Variable("anything", "", 1)) == ["L288"]


@pytest.mark.parametrize(("own", "hint"), [("x", "own"), ("", "default")])
def test_removing_an_empty_value_is_advised_only_where_the_job_plan_has_one(own, hint):
    answer = declares(a_variable(VariableKind.STRING, value=own))
    (found,) = check_plan(a_launch(Variable("v", "")), answer, None)
    assert (found.code, found.hint) == ("L288", hint)


@pytest.mark.parametrize("kind", TEXTS)
def test_what_is_not_required_may_be_empty(kind):
    answer = declares(a_variable(kind, value="", required=False))
    assert codes_of(answer) == codes_of(answer, Variable("v", "")) == []


def test_a_required_host_variable_needs_hosts_from_somewhere():
    none, some = a_variable(VariableKind.HOSTS), a_variable(VariableKind.HOSTS, hosts=HOSTS)
    (found,) = check_plan(a_launch(), declares(none))
    assert (found.code, found.hint) == ("L287", "hosts")
    assert codes_of(declares(some)) == []
    assert codes_of(declares(none), Variable("v", HOSTS)) == []


def test_a_required_secret_may_have_a_value_that_job_never_shows():
    assert codes_of(declares(a_variable(VariableKind.CIPHER))) == []


STEPS = (Step("check", "script", target_variable="v"),)


@pytest.mark.parametrize(
    ("steps", "more", "expected"),
    [
        (STEPS, {"used": True}, ["L290"]),
        (STEPS, {"used": True, "hosts": HOSTS}, []),
        # Such a step is disabled, or JOB does not tell; if it is not, JOB refuses and nothing runs.
        (STEPS, {"used": False}, []),
        (STEPS, {"used": None}, []),
        ((), {"used": True}, []),
    ],
)
def test_a_step_needs_hosts_from_somewhere(steps, more, expected):
    answer = declares(a_variable(VariableKind.HOSTS, required=False, **more), steps=steps)
    assert codes_of(answer) == expected
    assert codes_of(answer, Variable("v", HOSTS)) == []


def test_the_marker_gets_its_text_from_launcher():
    answer = declares(a_variable(value=""))
    assert codes_of(answer, marker="v") == []
    assert codes_of(answer, marker="other") == ["L287"]


# --- what is left to the job plan ------------------------------------------------------------------


def left(*variables, marker=None):
    return [item.name for item in omitted(a_launch(*variables), PLAN, marker)]


def test_what_is_not_sent_is_left_to_the_job_plan_in_its_order():
    assert left(Variable("map", "()"), Variable("anything", HOSTS, 2)) == [
        "version",
        "password",
        "space",
        "list",
    ]


def test_the_marker_is_left_to_nobody():
    assert left(*(Variable(item.name, "") for item in PLAN.variables[1:]), marker="version") == []


def test_a_variable_of_another_id_is_still_left_to_the_job_plan():
    assert "version" in left(Variable("version", "1", 99))


# --- what it was decided with -----------------------------------------------------------------------


def test_a_job_plan_that_moved_is_told_from_another_one_of_that_name():
    launch = replace(a_launch(), spec=replace(a_launch().spec, plan=PlanName("Deploy", "web")))
    edited = replace(PLAN.pin, digest="v1:sha256:1")
    assert moved_plan(launch, PLAN.pin, edited).code == "L233"
    found = moved_plan(launch, PLAN.pin, replace(edited, id=1005))
    assert found.code == "L283"
    assert texts(found).detail.startswith(
        'web-deploy was decided with job plan 1000, and its name "Deploy" of template "web" stood for job plan 1005'
    )


@pytest.mark.parametrize(
    ("pin", "codes"), [(None, []), (PLAN.pin.digest, []), ("v1:sha256:1", ["L263"])]
)
def test_a_job_plan_whose_content_is_not_the_pinned_one_is_told_with_both_digests(pin, codes):
    launch = a_launch()
    pinned = replace(
        launch,
        environment="production",
        spec=replace(launch.spec, pin=pin),
        pointers={"pin": ("plans/web.yaml", ("spec", "pin"))},
    )

    found = check_plan(pinned, Done(PLAN))

    assert [item.code for item in found] == codes
    for item in found:
        assert item.place == Place("plans/web.yaml", ("spec", "pin"))
        assert (item.facts["pinned"], item.facts["found"]) == (pin, PLAN.pin.digest)
        assert item.facts["environment"] == "production"
