"""What is hardly meant, and warned of."""

from __future__ import annotations

from dataclasses import replace

import pytest

from launcher.catalogue import entry
from launcher.diagnostics import Severity
from launcher.engine.desired import Launch
from launcher.engine.observed import JobPlan, PlanPin, PlanVariable, Step, VariableKind
from launcher.engine.plandoubts import doubts
from launcher.engine.spec import EffectiveSpec, Scope, SecretReference, Variable

SCRIPT = Step("check", "script")
MARKER = "LAUNCH_KEY"


def declared(name, kind=VariableKind.STRING, number=1, **more):
    return PlanVariable(
        number, name, kind, **{"required": False, "used": True, "value": "x", **more}
    )


def a_plan(*variables, steps=(SCRIPT,)):
    return JobPlan(PlanPin(1000, "Deploy web", "v1:sha256:0", ""), variables, steps)


def codes(plan, *variables, marker=None):
    launch = Launch("web", EffectiveSpec(Scope("biz", "2"), 1000, variables), path="plans/web.yaml")
    found = doubts(launch, plan, marker)
    assert all(entry(item.code).severity is Severity.WARNING for item in found)
    return [item.code if item.hint == "default" else (item.code, item.hint) for item in found]


def test_what_is_plain_is_not_doubted():
    plan = a_plan(declared("version"), declared(MARKER, number=2, used=False))
    assert codes(plan, Variable("version", "1"), marker=MARKER) == []


def test_an_id_and_a_key_that_name_two_variables():
    plan = a_plan(declared("version"), declared("channel", number=2))
    assert codes(plan, Variable("channel", "1", 1)) == ["L291"]
    assert codes(plan, Variable("version", "1", 1)) == []


@pytest.mark.parametrize(("used", "expected"), [(False, ["L292"]), (True, []), (None, [])])
def test_a_variable_that_no_step_uses(used, expected):
    assert codes(a_plan(declared("version", used=used)), Variable("version", "1")) == expected
    assert codes(a_plan(declared("version", used=used))) == []


ARRAYS = [
    (VariableKind.INDEX_ARRAY, "(one two)", True),
    (VariableKind.INDEX_ARRAY, " ( one\n two )\n", True),
    (VariableKind.INDEX_ARRAY, "()", True),
    (VariableKind.INDEX_ARRAY, "([3]=one)", True),
    (VariableKind.INDEX_ARRAY, "", True),
    (VariableKind.INDEX_ARRAY, "one two", False),
    (VariableKind.INDEX_ARRAY, "(one", False),
    (VariableKind.INDEX_ARRAY, '["one"]', False),
    (VariableKind.ASSOCIATIVE_ARRAY, "([a]=1 [b]=2)", True),
    (VariableKind.ASSOCIATIVE_ARRAY, "(\n  [a]='1 2'\n)", True),
    (VariableKind.ASSOCIATIVE_ARRAY, "( )", True),
    (VariableKind.ASSOCIATIVE_ARRAY, "(one two)", False),
    (VariableKind.ASSOCIATIVE_ARRAY, "a=1", False),
    (VariableKind.STRING, "one two", True),
    (VariableKind.NAMESPACE, "one two", True),
]


@pytest.mark.parametrize(("kind", "text", "fits"), ARRAYS)
def test_an_array_that_is_not_written_as_bash_reads_it(kind, text, fits):
    assert codes(a_plan(declared("v", kind)), Variable("v", text)) == ([] if fits else ["L293"])


@pytest.mark.parametrize(("required", "expected"), [(True, ["L289"]), (False, [])])
def test_a_required_secret_that_is_left_to_the_job_plan(required, expected):
    plan = a_plan(declared("password", VariableKind.CIPHER, required=required, value=None))
    assert codes(plan) == expected
    assert codes(plan, Variable("password", SecretReference("env", "A", "1"))) == []


@pytest.mark.parametrize(
    ("plan", "expected"),
    [
        (a_plan(declared(MARKER)), []),
        (a_plan(), ["L294"]),
        (a_plan(declared(MARKER.lower())), ["L294"]),
        (a_plan(declared(MARKER, VariableKind.NAMESPACE)), [("L294", "kind")]),
        (a_plan(declared(MARKER), steps=(Step("wait", "approval"),)), [("L294", "step")]),
        (a_plan(declared(MARKER), steps=(Step("wait", "approval"), SCRIPT)), []),
    ],
)
def test_an_instance_that_could_not_be_found_again(plan, expected):
    assert codes(plan, marker=MARKER) == expected
    assert codes(plan) == []


def test_a_cipher_for_a_marker_is_told_once():
    plan = a_plan(declared(MARKER, VariableKind.CIPHER, required=True, value=None))
    assert codes(plan, marker=MARKER) == [("L294", "kind")]


def test_a_doubt_says_nothing_of_the_value():
    plan = a_plan(declared("v", VariableKind.INDEX_ARRAY, used=False))
    launch = Launch("web", EffectiveSpec(Scope("biz", "2"), 1000, (Variable("v", "s3cret"),)))
    assert "s3cret" not in str(doubts(launch, replace(plan), None))
