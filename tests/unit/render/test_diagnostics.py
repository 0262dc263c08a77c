"""Diagnostics for people: the place, the source line, the caret."""

from __future__ import annotations

import pytest

from launcher.diagnostics import Diagnostic, Place, Span
from launcher.render.diagnostics import View, headline, render_diagnostic, render_diagnostics
from launcher.render.paint import Paint


def unknown_environment(line=3, column=5, end=12, path="plans/a.yaml", **facts):
    place = Place(path, ("environments", "stagin"), span=Span(line, column, line, end))
    known = {"environment": "stagin", "known": "sandbox, staging", "nearest": "staging"}
    return Diagnostic("L201", known | facts, place, hint="nearest")


def shown_with(source, diagnostic, **view):
    return render_diagnostic(
        diagnostic, View(sources=lambda _: source.split("\n") if source else None, **view)
    )


def test_a_diagnostic_shows_code_place_source_detail_and_hint():
    source = "environments:\n  sandbox: {}\n    stagin: {}"
    assert shown_with(source, unknown_environment(end=11)) == (
        "error[L201]: Unknown environment\n"
        "  --> plans/a.yaml:3:5\n"
        "   |\n"
        " 3 |     stagin: {}\n"
        "   |     ^^^^^^\n"
        "The workspace declares no environment `stagin`.\n"
        "help: Did you mean `staging`?\n"
    )


def test_a_file_that_is_gone_is_shown_by_its_place_alone():
    text = shown_with("", unknown_environment())
    assert "  --> plans/a.yaml:3:5\nThe workspace" in text


def caret_of(source, column, end, line=1):
    text = shown_with(source, unknown_environment(line=line, column=column, end=end))
    lines = text.splitlines()
    return lines[3].partition("| ")[2], lines[4].partition("| ")[2]


@pytest.mark.parametrize(
    ("source", "column", "end", "caret"),
    [
        ("abc: def", 6, 9, "     ^^^"),
        ("部署: def", 5, 8, "      ^^^"),
        ("\tkey: x", 2, 5, "    ^^^"),
        ("a\u202ekey: x", 3, 6, "       ^^^"),
        ("key:", 5, 5, "    ^"),
    ],
    ids=["plain", "wide", "tab", "hidden", "behind the end"],
)
def test_the_caret_stands_under_the_exact_column(source, column, end, caret):
    _, below = caret_of(source, column, end)
    assert below == caret


def test_a_span_over_several_lines_is_marked_to_the_end_of_the_first():
    place = Place("a.yaml", span=Span(1, 3, 4, 1))
    text = shown_with("- [1,\n2", Diagnostic("L202", {"name": "a", "environment": "b"}, place))
    assert "   |   ^^^\n" in text


def test_a_long_line_is_cut_around_what_is_meant():
    source = "x" * 500 + "HERE" + "y" * 500
    shown, below = caret_of(source, 501, 505)
    assert len(shown) <= 102
    assert shown.startswith("…")
    assert shown.endswith("…")
    assert shown[below.index("^") : below.index("^") + below.count("^")] == "HERE"


def test_facts_and_paths_from_outside_cannot_hide_or_command():
    diagnostic = unknown_environment(path="plans/\u202eevil.yaml", environment="\n::error::x")
    text = shown_with("", diagnostic)
    assert "\u202e" not in text
    assert "\n::error" not in text
    assert "\\n:\\u003aerror" in text


def test_all_are_shown_together_by_place_with_a_count():
    first, second = unknown_environment(line=9), unknown_environment(line=2)
    text = render_diagnostics([first, second])
    assert text.index(":2:5") < text.index(":9:5")
    assert text.endswith("\n2 errors in 1 file\n")
    assert render_diagnostics([]) == ""


def test_the_related_place_is_shown_with_its_line():
    related = Place("b.yaml", span=Span(1, 1, 1, 4))
    found = Diagnostic("L202", {"name": "a", "environment": "b"}, Place("a.yaml"), related=related)
    text = render_diagnostic(found, View(sources=lambda _: ["name: x"]))
    assert "  see b.yaml:1:1\n   |\n 1 | name: x\n   | ^^^\n" in text


def test_paths_are_named_from_where_the_reader_stands():
    text = shown_with("", unknown_environment(), name=lambda path: f"../{path}")
    assert "--> ../plans/a.yaml:3:5" in text


def test_colour_adds_escapes_and_nothing_else():
    source = "a\nb\n    stagin: {}"
    plain = shown_with(source, unknown_environment())
    painted = shown_with(source, unknown_environment(), paint=Paint(enabled=True))
    assert "\x1b[1;31m" in painted
    for code in ("1;31", "36", "32", "1", "2", "33", "0"):
        painted = painted.replace(f"\x1b[{code}m", "")
    assert painted == plain


def test_a_headline_is_one_line():
    assert headline(unknown_environment()) == (
        "error[L201]: Unknown environment: The workspace declares no environment `stagin`."
    )
