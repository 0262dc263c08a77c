"""What is added to the files of others, and what is left to them."""

from __future__ import annotations

import pytest
from yaml import safe_load

from launcher.operations.merging import with_hooks, with_lines


def entry(indent: str) -> str:
    return f"{indent}- repo: local\n{indent}  hooks: [{{id: x}}]\n"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("", "a/\nb\n"),
        ("a/\nb\n", "a/\nb\n"),
        ("c\n", "c\na/\nb\n"),
        ("c", "c\na/\nb\n"),
        ("/a/\n", "/a/\nb\n"),
        ("# a/\n", "# a/\na/\nb\n"),
        ("b\n", "b\na/\n"),
    ],
)
def test_lines_that_are_missing_are_added(before, after):
    assert with_lines(before, ("a/", "b")) == after
    assert with_lines(after, ("a/", "b")) == after


@pytest.mark.parametrize(
    "before",
    [
        "repos:\n- repo: meta\n  hooks: []\n",
        "repos:\n  - repo: meta\n    hooks:\n      - id: a",
        "# ours\nfail_fast: true\nrepos:\n  - repo: meta\n    hooks: [{id: a}]\n# the end\n",
    ],
)
def test_a_hook_is_added_behind_the_others(before):
    after = with_hooks(before, entry)
    assert after is not None
    assert after.startswith(before)
    old, new = safe_load(before), safe_load(after)
    assert new["repos"] == [*old["repos"], {"repo": "local", "hooks": [{"id": "x"}]}]
    assert {**new, "repos": old["repos"]} == old


@pytest.mark.parametrize(
    "before",
    [
        "repos:\n  - repo: meta\n    hooks: []\nfail_fast: true\n",
        "repos: [{repo: meta, hooks: []}]\n",
        "repos: []\n",
        "exclude:\n  - x\n",
        "repos:\n  - repo: [\n",
        "repos:\n  - repo: meta\n    hooks: []\nfiles: |\n  - x\n",
        "- repo: meta\n",
    ],
)
def test_a_file_that_cannot_be_added_to_safely_is_left(before):
    assert with_hooks(before, entry) is None


def test_a_new_file_has_the_hook_alone():
    assert safe_load(with_hooks("", entry) or "") == {
        "repos": [{"repo": "local", "hooks": [{"id": "x"}]}]
    }
