"""What is told of a job plan that has changed since a launch of it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from launcher.engine.content import LIMITS, content_of
from launcher.engine.drift import (
    UNDER_MASK,
    Difference,
    Drift,
    Found,
    Kind,
    Since,
    Subject,
    drift_between,
)
from launcher.engine.linediff import MOST_COMPARED, MOST_LINES, Line, line_diff
from launcher.engine.observed import JobPlan, PlanPin, PlanVariable, Step, VariableKind
from launcher.engine.spec import Hosts

OLD = "v1:sha256:" + "a" * 64
NOW = PlanPin(1000, "Deploy web", "v1:sha256:" + "b" * 64, "2026-11-20T10:00:00Z")


def script(name: str, text: str = "exit 0", **facts: str) -> Step:
    return Step(name, "script", {"script": text, "account": "4", "target": "host 1", **facts})


def variable(name: str = "v", **more: Any) -> PlanVariable:
    return replace(PlanVariable(7, name, VariableKind.STRING, required=False, value="x"), **more)


def a_plan(*parts, name: str = "Deploy web", substance: str = "") -> JobPlan:
    steps = tuple(item for item in parts if isinstance(item, Step))
    variables = tuple(item for item in parts if isinstance(item, PlanVariable))
    return JobPlan(replace(NOW, name=name), variables, steps, None, "bob", substance)


def drift(before: JobPlan, after: JobPlan) -> Drift:
    found = drift_between(OLD, content_of(before), after, since=Since.RAN, attempt=3)
    assert found is not None
    return found


def differences(before: JobPlan, after: JobPlan) -> list[Difference]:
    return list(drift(before, after).differences)


def step(name: str, kind: Kind, *more, **named) -> Difference:
    return Difference(Subject.STEP, name, kind, *more, **named)


def test_the_same_digest_is_no_drift():
    assert drift_between(NOW.digest, None, a_plan(), since=Since.RAN) is None


def test_it_says_who_and_since_when():
    found = drift(a_plan(substance="s"), a_plan(substance="t"))

    assert found == Drift(replace(NOW), "bob", Since.RAN, 3, OLD, Found.NOT_COMPARED, ())


@pytest.mark.parametrize("content", [None, {"format": 2, "something": "else"}])
def test_a_content_that_is_not_kept_or_not_known_is_not_compared(content):
    found = drift_between(OLD, content, a_plan(script("a")), since=Since.PINNED)

    assert found is not None
    assert (found.found, found.differences) == (Found.NOT_KEPT, ())


def test_saving_it_again_changes_nothing_that_is_shown():
    plan = a_plan(script("a"), variable(), substance="s")

    assert drift(plan, plan).found is Found.NOTHING_SHOWN


def test_what_differs_elsewhere_is_not_taken_for_nothing():
    before, after = (a_plan(script("a"), substance=text) for text in "st")

    assert drift(before, after).found is Found.NOT_COMPARED
    assert drift(a_plan(), a_plan()).found is Found.NOT_COMPARED, "nothing is known of it"


def test_what_stands_where_a_secret_was_taken_out_may_be_something_else():
    """Whoever changes it, and something harmless beside it, is not taken for somebody who changed only that."""
    before = script("a", "login (secret)\nexit 0")
    after = script("a", "login x; steal\nexit 1")
    hidden = step("a", Kind.HIDDEN, "script", UNDER_MASK, UNDER_MASK)

    changed, *rest = differences(a_plan(before), a_plan(after))

    assert (changed.kind, changed.field) == (Kind.CHANGED, "script")
    assert rest == [hidden]
    assert "steal" not in str(changed)
    for text in ("login x; steal\nexit 0", "login (secret)\nexit 0"):
        same = a_plan(script("a", text))
        assert differences(a_plan(before), same) == [hidden]
        assert drift(a_plan(before), same).found is Found.NOT_COMPARED


def test_nothing_else_stands_there_where_all_of_the_job_plan_is_the_same():
    plan = a_plan(script("a", "login (secret)"), substance="s")
    found = drift(plan, plan)
    assert (found.found, found.differences) == (Found.NOTHING_SHOWN, ())


def test_facts_are_told_before_and_after_what_it_does_first():
    before, after = script("a", "one"), script("a", "two", account="5", target="host 2")

    assert differences(a_plan(before), a_plan(after)) == [
        step("a", Kind.CHANGED, "script", "one", "two"),
        step("a", Kind.CHANGED, "account", "4", "5"),
        step("a", Kind.CHANGED, "target", "host 1", "host 2"),
    ]


def test_a_script_is_told_line_by_line():
    before, after = script("a", "one\ntwo\n"), script("a", "one\nzwei\nthree\n")

    assert differences(a_plan(before), a_plan(after)) == [
        step(
            "a",
            Kind.CHANGED,
            "script",
            "one\ntwo\n",
            "one\nzwei\nthree\n",
            lines=(
                Line(" ", 1, "one"),
                Line("-", 2, "two"),
                Line("+", 2, "zwei"),
                Line("+", 3, "three"),
            ),
        )
    ]


def test_a_script_that_was_too_long_to_keep_is_compared_by_its_digest():
    text = "echo\n" * LIMITS[0]
    same = differences(a_plan(script("a", text)), a_plan(script("a", text)))
    (grown,) = differences(a_plan(script("a", "echo\n")), a_plan(script("a", text)))
    (other,) = differences(a_plan(script("a", text)), a_plan(script("a", "echo\n")))

    assert same == []
    assert (grown.after, len(grown.lines)) == (text, MOST_LINES), "what is there now is all there"
    assert (other.before["lines"], other.after, other.lines) == (LIMITS[0] + 1, "echo\n", ())


def test_nor_is_it_told_to_have_changed_where_a_secret_was_taken_out_since():
    """Who has kept it did not know the secret: the digest is that of another text."""
    text = "echo\n" * LIMITS[0]
    before, after = (a_plan(script("a", text + end)) for end in ("pass", "(secret)"))
    assert differences(before, after) == [step("a", Kind.HIDDEN, "script", UNDER_MASK, UNDER_MASK)]


def test_steps_that_come_go_and_move_are_told_in_the_order_of_now():
    before = a_plan(*map(script, ("a", "b", "c", "d"), ("1", "2", "3", "4")))
    after = a_plan(*map(script, ("d", "a", "e", "c"), ("4", "1", "5", "3")))

    found = [(item.name, item.kind, item.before, item.after) for item in differences(before, after)]

    assert [item for item in found if item[1] is not Kind.CHANGED] == [
        ("d", Kind.MOVED, 4, 1),
        ("b", Kind.REMOVED, 2, None),
        ("e", Kind.ADDED, None, 3),
    ]


def test_a_new_step_is_told_with_its_facts():
    found = differences(a_plan(), a_plan(script("a", parameters="")))

    assert found == [
        step("a", Kind.ADDED, after=1),
        step("a", Kind.CHANGED, "kind", None, "script"),
        step("a", Kind.CHANGED, "script", None, "exit 0"),
        step("a", Kind.CHANGED, "account", None, "4"),
        step("a", Kind.CHANGED, "target", None, "host 1"),
    ]


def test_a_step_of_another_name_that_does_the_same_was_renamed():
    before, after = script("a", "x\ny\nz"), script("b", "x\ny\nz\n")

    kinds = [item.kind for item in differences(a_plan(before), a_plan(after))]

    assert kinds == [Kind.RENAMED, Kind.CHANGED]


def test_a_step_of_another_name_that_does_something_else_is_another():
    before, after = script("a", "#!/bin/sh\nrm -r /x"), script("b", "#!/bin/sh\nsystemctl stop y")

    kinds = {item.kind for item in differences(a_plan(before), a_plan(after))}

    assert kinds == {Kind.ADDED, Kind.REMOVED, Kind.CHANGED}


def test_steps_of_one_name_are_told_apart_by_their_order():
    before = a_plan(script("a", "1"), script("a", "2"))
    after = a_plan(script("a", "1"), script("a", "3"))

    assert differences(before, after) == [step("a", Kind.CHANGED, "script", "2", "3")]


# --- what is never told -----------------------------------------------------------------------

PLAIN = script("a", parameters="--password hunter2")
HIDDEN = replace(script("a"), hides_parameters=True)


@pytest.mark.parametrize(
    ("before", "after", "marks"),
    [
        (PLAIN, HIDDEN, ("plain", "sensitive")),
        (HIDDEN, PLAIN, ("sensitive", "plain")),
        (HIDDEN, HIDDEN, ("sensitive", "sensitive")),
    ],
)
def test_sensitive_parameters_are_told_neither_before_nor_after(before, after, marks):
    found = differences(a_plan(before), a_plan(after))

    assert found == [step("a", Kind.HIDDEN, "parameters", *marks)]
    assert "hunter2" not in str(found)


def test_a_new_step_with_sensitive_parameters_says_that_they_are():
    (found,) = [item for item in differences(a_plan(), a_plan(HIDDEN)) if item.kind is Kind.HIDDEN]

    assert (found.field, found.before, found.after) == ("parameters", None, "sensitive")


@pytest.mark.parametrize("is_cipher_first", [True, False])
def test_a_default_is_not_told_where_the_variable_is_or_was_a_cipher(is_cipher_first):
    cipher, text = variable(kind=VariableKind.CIPHER, value=None), variable(value="hunter2")
    pair = (cipher, text) if is_cipher_first else (text, cipher)

    found = differences(*map(a_plan, pair))

    assert [(item.kind, item.field) for item in found] == [
        (Kind.CHANGED, "kind"),
        (Kind.HIDDEN, "default"),
    ]
    assert "hunter2" not in str(found)


def test_what_is_hidden_alone_does_not_make_a_difference():
    plan = a_plan(HIDDEN, substance="s")

    found = drift(plan, plan)

    assert found.found is Found.NOTHING_SHOWN
    assert [item.kind for item in found.differences] == [Kind.HIDDEN]


# --- variables and the plan -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "field", "before", "after"),
    [
        ({"value": "y"}, "default", "x", "y"),
        ({"required": True}, "required", False, True),
        ({"kind": VariableKind.NAMESPACE}, "kind", "String", "Namespace"),
        ({"used": True}, "used", None, True),
        ({"description": "d"}, "description", "", "d"),
    ],
)
def test_what_a_variable_says_is_told(change, field, before, after):
    assert differences(a_plan(variable()), a_plan(variable(**change))) == [
        Difference(Subject.VARIABLE, "v", Kind.CHANGED, field, before, after)
    ]


def test_default_hosts_are_told():
    one, two = (
        variable(kind=VariableKind.HOSTS, value=None, hosts=hosts)
        for hosts in (None, Hosts(ids=(1, 2)))
    )

    assert differences(a_plan(one), a_plan(two)) == [
        Difference(Subject.VARIABLE, "v", Kind.CHANGED, "default", None, {"ids": [1, 2]})
    ]


def test_a_variable_of_another_name_and_the_same_id_was_renamed_and_order_means_nothing():
    before = a_plan(variable("a", id=1), variable("b", id=2), variable("c", id=3))
    after = a_plan(variable("c", id=3), variable("x", id=1), variable("new", id=9, value=""))

    assert differences(before, after) == [
        Difference(Subject.VARIABLE, "x", Kind.RENAMED, before="a", after="x"),
        Difference(Subject.VARIABLE, "b", Kind.REMOVED, before=2),
        Difference(Subject.VARIABLE, "new", Kind.ADDED, after=3),
        Difference(Subject.VARIABLE, "new", Kind.CHANGED, "kind", None, "String"),
    ]


def test_another_name_of_the_job_plan_is_told():
    assert differences(a_plan(), a_plan(name="Deploy")) == [
        Difference(Subject.PLAN, "Deploy", Kind.CHANGED, "name", "Deploy web", "Deploy")
    ]


# --- lines ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ("a\n", "a\n", []),
        ("a", "a\n", [" a", "+"]),
        ("a\n", "a", [" a", "-"]),
        ("a\r\nb", "a\nb", ["-a\r", "+a", " b"]),
        (None, "a\nb\n", ["+a", "+b"]),
        ("a\nb", None, ["-a", "-b"]),
    ],
)
def test_lines_end_with_a_line_feed(before, after, expected):
    lines, further = line_diff(before, after)

    assert [line.sign + line.text for line in lines] == expected
    assert further == 0


def test_only_lines_around_a_change_are_told_with_their_numbers():
    before = [str(number) for number in range(1, 101)]
    after = [*before[:49], "new", *before[49:]]

    lines, _ = line_diff("\n".join(before), "\n".join(after))

    assert [(line.sign, line.number) for line in lines] == [
        *((" ", number) for number in (47, 48, 49)),
        ("+", 50),
        *((" ", number) for number in (51, 52, 53)),
    ]


def test_there_is_an_end_to_what_is_told_and_to_what_is_compared():
    few, many = "a\n" * (MOST_LINES + 5), "b\n" * (MOST_COMPARED + 1)

    assert [len(line_diff("", few)[0]), line_diff("", few)[1]] == [MOST_LINES, 5]
    lines, further = line_diff("b\n", many)
    assert (lines[0].sign, lines[1].sign, further) == ("-", "+", MOST_COMPARED + 2 - MOST_LINES)
