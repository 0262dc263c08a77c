"""Text from outside as YAML: how it stands in the file."""

from __future__ import annotations

import pytest

from launcher.render.yaml_text import comment, key, quoted, scalar, word


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("stable", '"stable"'),
        ('a"b\\', '"a\\"b\\\\"'),
        ("a\tb\r", '"a\\tb\\r"'),
        ("\u202e\u200b\U000e0001", '"\\u202e\\u200b\\U000e0001"'),
        ("变量 \U0001f600", '"变量 \U0001f600"'),
    ],
)
def test_quotes_show_what_is_hidden(text, written):
    assert quoted(text) == scalar(text, "  ") == written


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("a\nb\n", "|\n  a\n  b"),
        ("a\n\n # b", "|-\n  a\n\n   # b"),
    ],
)
def test_lines_stand_as_lines(text, written):
    assert scalar(text, "  ") == written


@pytest.mark.parametrize(
    "text", ["\n", "a\n\n", "\na\n", " a\nb", "a \nb", "a\n\tb", "a\r\nb\n", "a\n "]
)
def test_lines_of_which_something_could_be_missed_are_quoted(text):
    assert scalar(text, "  ") == quoted(text)
    assert "\n" not in scalar(text, "  ")


@pytest.mark.parametrize("name", ["null", "Yes", "n", "12", "a b", "", "-a", "a: b", "变量"])
def test_keys_that_mean_something_else_are_quoted(name):
    assert key(name) == f'"{name}"'


def test_names_and_addresses_stand_as_people_write_them():
    assert key("db-password_2") == "db-password_2"
    assert [word(text) for text in ("blo8go", "10.0.0.11", "1.5", "12")] == [
        "blo8go",
        "10.0.0.11",
        '"1.5"',
        '"12"',
    ]


def test_a_comment_ends_where_it_should():
    assert comment("a\nb: c\u2028d\x85") == "# a\\nb: c\\u2028d\\u0085"
