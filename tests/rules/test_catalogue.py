"""The catalogue: every code is used, every code that is used is there, every text can be filled in."""

from __future__ import annotations

import ast
import re
from string import Formatter

import pytest

from launcher.catalogue import catalogue
from launcher.catalogue.english.reasons import REASONS
from launcher.engine.changeset import Reason
from tests.support.command_line import REPOSITORY

_CODE = re.compile("L[1-7][0-9]{2}")
_TEXTS = REPOSITORY / "launcher" / "catalogue" / "english"


def used_codes():
    """Every code that stands as a text of its own in the source, with the files it stands in."""
    found: dict[str, set[str]] = {}
    for path in (REPOSITORY / "launcher").rglob("*.py"):
        if path.is_relative_to(_TEXTS):
            continue
        for node in ast.walk(ast.parse(path.read_bytes())):
            text = node.value if isinstance(node, ast.Constant) else None
            if isinstance(text, str) and _CODE.fullmatch(text):
                found.setdefault(text, set()).add(path.name)
    return found


def test_every_code_in_the_source_has_its_texts():
    assert sorted(set(used_codes()) - set(catalogue())) == []


def test_every_code_of_the_catalogue_is_used():
    assert sorted(set(catalogue()) - set(used_codes())) == []


class Anything(dict[str, str]):
    def __missing__(self, key):
        return f"<{key}>"


@pytest.mark.parametrize("code", catalogue())
def test_every_text_can_be_filled_in_and_reads_as_one(code):
    entry = catalogue()[code]
    for text in (entry.detail, *entry.hints.values()):
        filled = text.format_map(Anything())
        assert "{" not in re.sub(r"\{(id|env|secret|hosts|value|unset)\b[^}]*\}?", "", filled) or (
            "{{" in text
        ), text
    assert entry.summary[0].isupper() or entry.summary.startswith(("`", "git "))
    assert not entry.summary.endswith(".")
    assert "{" not in entry.summary, "a summary holds no user data"
    assert entry.cause
    assert entry.cure


@pytest.mark.parametrize("code", catalogue())
def test_cause_and_cure_are_shown_as_they_stand(code):
    for text in (catalogue()[code].cause, catalogue()[code].cure):
        assert not re.findall(r"(?<!\{)\{\w+\}", text), "nobody fills it in"


def test_every_field_is_a_plain_name():
    for code, entry in catalogue().items():
        for text in (entry.detail, *entry.hints.values()):
            for _, name, spec, conversion in Formatter().parse(text):
                if name is not None:
                    assert name.isidentifier(), f"{code}: {name!r}"
                    assert not spec, code
                    assert conversion is None, code


def test_every_reason_has_its_words():
    assert sorted(REASONS) == sorted(Reason)
