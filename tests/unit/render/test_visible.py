"""Text from outside: nothing hidden, nothing obeyed."""

from __future__ import annotations

import json
import unicodedata

import pytest

from launcher.render import json_text
from launcher.render.visible import cells, log_line, one_line, visible, width


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain text, Grüße, 部署", "plain text, Grüße, 部署"),
        ("a\u202eb", "a\\u202eb"),
        ("zero\u200bwidth", "zero\\u200bwidth"),
        ("tag\U000e0041", "tag\\U000e0041"),
        ("variation\ufe01selector", "variation\\ufe01selector"),
        ("\x1b[31mred", "\\u001b[31mred"),
        ("two\nlines\tand\rmore", "two\\nlines\\tand\\rmore"),
        ("lone \ud800", "lone \\ud800"),
        ("::error file=x::boom", ":\\u003aerror file=x:\\u003aboom"),
        ("x ##[group]y", "x #\\u0023[group]y"),
        ("##vso[task.complete]", "#\\u0023vso[task.complete]"),
        ("##teamcity[done]", "#\\u0023teamcity[done]"),
        ("section_start:1560896352:x", "section_start\\u003a1560896352:x"),
        ("section_end:1560896352:x", "section_end\\u003a1560896352:x"),
        ("section_start: at ten", "section_start: at ten"),
        ("fe80::1 and 12:30", "fe80::1 and 12:30"),
        ("## heading", "## heading"),
    ],
)
def test_what_hides_or_commands_is_shown_as_its_code(text, shown):
    assert visible(text) == shown


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        ("a\tb", "a\tb"),
        ("\x1b[31mred\r", "\\u001b[31mred\\r"),
        ("std::move(x), DBI::connect", "std::move(x), DBI::connect"),
        ("Vec<u8>::new()", "Vec<u8>::new()"),
        ("::set-output name=x::y", ":\\u003aset-output name=x::y"),
        ('  "::set-variable name=x', '  ":\\u003aset-variable name=x'),
        ("done ##[endgroup]", "done #\\u0023[endgroup]"),
        ("##vso[task.complete]", "#\\u0023vso[task.complete]"),
        ("section_end:1:x\r\x1b[0K", "section_end\\u003a1:x\\r\\u001b[0K"),
    ],
)
def test_a_line_of_a_log_keeps_its_tabs_and_its_code_and_commands_nothing(line, shown):
    assert log_line(line) == shown


def test_no_control_or_format_character_is_ever_shown_raw():
    for code in range(0x110000):
        if unicodedata.category(chr(code)) in ("Cc", "Cf", "Cs", "Zl", "Zp"):
            assert visible(chr(code)).isascii(), hex(code)


@pytest.mark.parametrize(
    ("text", "columns"), [("abc", 3), ("部署", 4), ("e\u0301", 1), ("\uff46\uff47", 4), ("", 0)]
)
def test_width_counts_columns_of_a_terminal(text, columns):
    assert width(text) == columns


def test_tabs_reach_to_the_next_stop():
    assert cells("a\tb") == ["a", "   ", "b"]
    assert cells("部\tb") == ["部", "  ", "b"]


def test_a_long_text_is_cut_by_width_and_says_so():
    assert one_line("部署部署", 5) == "部署…"
    assert one_line("short", 5) == "short"


def test_json_hides_nothing_and_keeps_the_value():
    value = {"name": "a\u202eb ::error:: ##[group] 部署 \x7f \ud83d\ude00"}
    text = json_text.line(value)
    assert text.endswith("\n")
    assert "\u202e" not in text
    assert "::error" not in text
    assert "##[" not in text
    assert "\x7f" not in text
    assert "部署" in text
    assert json.loads(text) == json.loads(json.dumps(value))
