"""A job plan that has changed, for people."""

from __future__ import annotations

import pytest

from launcher.engine.drift import UNDER_MASK, Difference, Drift, Found, Kind, Since, Subject
from launcher.engine.linediff import Line
from launcher.engine.observed import PlanPin
from launcher.render.drift import MOST_DIFFERENCES, MOST_LINES, drift_lines
from launcher.render.paint import PLAIN

NOW = PlanPin(1000, "Deploy \u202eweb", "v1:sha256:1", "2026-11-20T10:00:00Z")
HEAD = r'job plan 1000 "Deploy \u202eweb" was changed'


def shown(*differences, by="bob", since=Since.RAN, attempt=3, found=Found.COMPARED):
    drift = Drift(NOW, by, since, attempt, "v1:sha256:0", found, differences)
    return list(drift_lines(drift, PLAIN))


def changed(before, after, field="account", lines=(), further=0):
    return Difference(Subject.STEP, "a", Kind.CHANGED, field, before, after, tuple(lines), further)


def test_the_first_line_says_who_when_and_since_when():
    assert shown() == [
        f"{HEAD} by bob at 2026-11-20T10:00:00Z, since it last ran here (attempt 3)."
    ]
    (line,) = shown(by="", since=Since.PINNED, attempt=None, found=Found.NOT_KEPT)
    assert line == (
        f"{HEAD} at 2026-11-20T10:00:00Z, since it was pinned; "
        "what changed is not known: the ledger does not hold the content of then."
    )
    for found in Found:
        assert shown(found=found)[0].endswith(".")


KEPT_SHORT = {"digest": "v1:sha256:" + "ab" * 32, "bytes": 99_999, "lines": 1200}


@pytest.mark.parametrize(
    ("item", "line"),
    [
        (changed("4", "5"), 'step "a": account "4" → "5"'),
        (changed(None, "5"), 'step "a": account "5"'),
        (changed("4", None), 'step "a": account "4" → not set'),
        (changed(before=False, after=True), 'step "a": account no → yes'),
        (changed("x", "\n::error::"), r'step "a": account "x" → "\n:\u003aerror::"'),
        (
            changed(KEPT_SHORT, "x"),
            'step "a": account (too long to keep: 1200 lines, abababababab…) → "x"',
        ),
        (Difference(Subject.STEP, "a", Kind.ADDED, after=2), 'step "a": added as step 2'),
        (Difference(Subject.VARIABLE, "v", Kind.ADDED, after=2), "variable v: added"),
        (Difference(Subject.STEP, "a", Kind.REMOVED, before=2), 'step "a": removed (was step 2)'),
        (
            Difference(Subject.STEP, "a", Kind.MOVED, before=2, after=1),
            'step "a": moved from step 2 to step 1',
        ),
        (
            Difference(Subject.PLAN, "b", Kind.CHANGED, "name", "a", "b"),
            'job plan: name "a" → "b"',
        ),
        (
            Difference(Subject.STEP, "a", Kind.HIDDEN, "parameters", "sensitive", "sensitive"),
            'step "a": parameters not shown; changed or not: unknown',
        ),
        (
            Difference(Subject.STEP, "a", Kind.HIDDEN, "parameters", None, "sensitive"),
            'step "a": parameters not shown',
        ),
        (
            Difference(Subject.STEP, "a", Kind.HIDDEN, "script", UNDER_MASK, UNDER_MASK),
            'step "a": script: what stands in the place of (secret) is not shown; changed or not: unknown',
        ),
    ],
)
def test_each_difference_is_a_line(item, line):
    assert shown(item)[1:] == [f"  {line}"]


def test_lines_of_a_text_have_their_numbers_and_hide_nothing():
    lines = [Line(" ", 9, "\tif x"), Line("-", 10, "\x1b[2Jold\r"), Line("+", 10, "")]

    assert shown(changed("a\n", "b\n", "script", lines))[1:] == [
        '  step "a": script',
        "      9       if x",
        r"     10 - \u001b[2Jold\r",
        "     10 +",
    ]


def test_there_is_an_end_to_what_is_shown():
    lines = [Line("+", number, "x") for number in range(1, MOST_LINES + 6)]
    many = [changed("4", "5")] * (MOST_DIFFERENCES + 2)

    assert shown(changed(None, "x", "script", lines, further=7))[-1] == "        … 12 further lines"
    assert shown(*many)[-1] == "  … 2 further differences"
    assert len(shown(changed(None, "x" * 9999))[1]) < 200
