"""One field written, exchanged or taken out, and every other byte as it was."""

import difflib
from pathlib import Path

import pytest

from launcher.manifest.compose import compose
from launcher.manifest.edit import Edited, Put, Take, edited
from launcher.manifest.fmt import formatted
from launcher.manifest.load import load_bytes
from launcher.manifest.nodes import to_data
from launcher.manifest.schemas import PLANLAUNCH

GOOD = [
    path
    for path in sorted((Path(__file__).parents[2] / "cases/good/manifests").glob("*.yaml"))
    if path.stem != "pinned"
]

LAID_OUT = {
    path.stem: found.text
    for path in GOOD
    if not (found := formatted("case.yaml", path.read_bytes(), fix=True)).diagnostics
}

ONE = "v1:sha256:" + "1" * 64
TWO = "v1:sha256:" + "2" * 64
PIN = ("spec", "pin")

HEAD = "apiVersion: launcher/v1\nkind: PlanLaunch\nmetadata: {name: web}\n"


def edit(text: str, *edits) -> Edited:
    return edited("plans/web.yaml", text.encode(), edits, PLANLAUNCH)


def after(text: str, *edits) -> str:
    found = edit(text, *edits)
    assert found.diagnostics == ()
    return found.content.decode()


def changed_lines(before: str, now: str) -> list[str]:
    """The lines that differ, each with its sign; line breaks count."""
    lines = difflib.ndiff(before.splitlines(keepends=True), now.splitlines(keepends=True))
    return [line for line in lines if line[0] in "+-"]


def pinned(digest: str = ONE, at=PIN) -> Put:
    return Put(at, {"digest": digest})


PUTS = {
    "at the end of the spec": (
        "spec:\n  plan: {id: 1000}\n",
        ['+   pin: {digest: "ONE"}\n'],
    ),
    "behind nested values, before what follows the spec": (
        'spec:\n  plan: {id: 1000}\n  variables:\n    a: "1"\n    # b: "2"\n\n\n# where\nenvironments:\n  sandbox: {}\n',
        ['+   pin: {digest: "ONE"}\n'],
    ),
    "before a comment of the same depth": (
        "spec:\n  plan: {id: 1000}  # the web plan\n  # nothing more to say\n",
        ['+   pin: {digest: "ONE"}\n'],
    ),
    "in a layout that is not the canonical one": (
        "spec:\n     needs:   [ a,b ]   # odd\n     plan:   {id:   1000}\n\n\n\nenvironments: { sandbox: { } }\n",
        ['+      pin: {digest: "ONE"}\n'],
    ),
    "without a line break at the end": (
        "spec:\n  plan: {id: 1000}",
        ["-   plan: {id: 1000}", "+   plan: {id: 1000}\n", '+   pin: {digest: "ONE"}'],
    ),
    "with line breaks of another system": (
        "spec:\r\n  plan: {id: 1000}\r\n",
        ['+   pin: {digest: "ONE"}\r\n'],
    ),
    "in brackets": (
        "spec: {plan: {id: 1000}}  # short\n",
        [
            "- spec: {plan: {id: 1000}}  # short\n",
            '+ spec: {plan: {id: 1000}, pin: {digest: "ONE"}}  # short\n',
        ],
    ),
    "as JSON": (
        '{"spec": {\n    "plan": {"id": 1000}\n  }\n}\n',
        [
            '-     "plan": {"id": 1000}\n',
            '+     "plan": {"id": 1000},\n',
            '+     "pin": {"digest": "ONE"}\n',
        ],
    ),
    "behind a text of several lines": (
        "spec:\n  plan: {id: 1000}\n  variables:\n    note: |\n      one\n      two\n\n# the end\n",
        ['+   pin: {digest: "ONE"}\n'],
    ),
    "behind a list": (
        "spec:\n  plan: {id: 1000}\n  needs:\n    - a\n    - b  # both\n",
        ['+   pin: {digest: "ONE"}\n'],
    ),
    "in the place of another, its comment kept": (
        'spec:\n  pin: {digest: "TWO"}  # reviewed\n  plan: {id: 1000}\n',
        [
            '-   pin: {digest: "TWO"}  # reviewed\n',
            '+   pin: {digest: "ONE"}  # reviewed\n',
        ],
    ),
    "in the place of another on lines of its own": (
        "spec:\n  plan: {id: 1000}\n  pin:\n    # by ana\n    digest: TWO  # reviewed\n",
        ["-     digest: TWO  # reviewed\n", '+     digest: "ONE"  # reviewed\n'],
    ),
    "where it stands already": (
        'spec:\n  plan: {id: 1000}\n  pin: {digest: "ONE"}\n',
        [],
    ),
}


@pytest.mark.parametrize(("text", "expected"), PUTS.values(), ids=PUTS)
def test_only_the_field_is_written(text, expected):
    text = text.replace("ONE", ONE).replace("TWO", TWO)
    found = after(text, pinned())

    assert changed_lines(text, found) == [
        line.replace("ONE", ONE).replace("TWO", TWO) for line in expected
    ]


def test_a_mark_of_the_byte_order_stays():
    content = b"\xef\xbb\xbf" + f"{HEAD}spec:\n  plan: {{id: 1000}}\n".encode()

    found = edited("web.yaml", content, [pinned()], PLANLAUNCH).content

    assert found == content + f'  pin: {{digest: "{ONE}"}}\n'.encode()


def test_mappings_that_are_missing_are_made():
    text = "spec: {plan: {id: 1}}\nenvironments:\n  sandbox: {}\n  production: {plan: {id: 2}}\n"

    found = after(text, Put(("environments", "sandbox", "variables", "a b"), "1"))

    assert found == text.replace("sandbox: {}", 'sandbox: {variables: {"a b": "1"}}')


def test_a_field_goes_where_the_canonical_order_has_it():
    text = "spec:\n  variables: {}\n  needs: [a]\n"

    assert after(text, Put(("spec", "plan"), {"id": 7})) == (
        "spec:\n  plan: {id: 7}\n  variables: {}\n  needs: [a]\n"
    )
    assert after(text, Put(("spec", "revision"), 2)) == (
        "spec:\n  variables: {}\n  revision: 2\n  needs: [a]\n"
    )


TAKES = {
    "a line": ('spec:\n  plan: {id: 1}\n  pin: {digest: "x"}\n', "spec:\n  plan: {id: 1}\n"),
    "a block": ("spec:\n  pin:\n    digest: x\n  plan: {id: 1}\n", "spec:\n  plan: {id: 1}\n"),
    "in brackets, last": ("spec: {plan: {id: 1}, pin: {digest: x}}\n", "spec: {plan: {id: 1}}\n"),
    "in brackets, first": ("spec: {pin: {digest: x}, plan: {id: 1}}\n", "spec: {plan: {id: 1}}\n"),
    "the only one of a block": (
        "a: 1\nspec:  # only\n  pin: {digest: x}\n",
        "a: 1\nspec: {}  # only\n",
    ),
    "the only one in brackets": ("spec: {pin: {digest: x}}\n", "spec: {}\n"),
    "with the comment beside it": (
        "spec:\n  plan: {id: 1}\n  pin: {digest: x}  # y\n",
        "spec:\n  plan: {id: 1}\n",
    ),
    "without the comment above it": (
        "spec:\n  plan: {id: 1}\n  # why\n  pin: {digest: x}\n",
        "spec:\n  plan: {id: 1}\n  # why\n",
    ),
    "what is not there": ("spec: {plan: {id: 1}}\n", "spec: {plan: {id: 1}}\n"),
}


@pytest.mark.parametrize(("text", "expected"), TAKES.values(), ids=TAKES)
def test_only_the_field_is_taken_out(text, expected):
    assert after(text, Take(PIN)) == expected


@pytest.mark.parametrize("path", GOOD, ids=lambda path: path.stem)
def test_a_pin_that_is_put_and_taken_again_leaves_no_trace(path):
    text = path.read_bytes().decode()
    root = compose("case.yaml", text.encode()).root
    assert root is not None
    data = to_data(root)
    assert "pin" not in data["spec"]

    put = after(text, pinned())

    document, problems = load_bytes("case.yaml", put.encode())
    assert problems == ()
    assert document is not None
    assert document.data == {**data, "spec": {**data["spec"], "pin": {"digest": ONE}}}
    # All lines but the ones of the field are there, in their order; in brackets the field shares a line.
    assert len([line for line in changed_lines(text, put) if line[0] == "-"]) <= 1
    if data["spec"]:
        assert after(put, Take(PIN)) == text


@pytest.mark.parametrize("text", LAID_OUT.values(), ids=LAID_OUT)
def test_a_file_in_the_canonical_layout_stays_in_it(text):
    found = after(text, pinned())

    assert not formatted("case.yaml", found.encode(), fix=False).changed


def test_a_comment_inside_a_value_is_not_given_up():
    text = "spec:\n  plan: {id: 1}\n  pin:\n    # kept by hand\n    digest: x\n    other: y\n"

    found = edit(text, pinned())

    assert [item.code for item in found.diagnostics] == ["L171"]
    assert found.content == text.encode()


def test_a_file_with_errors_is_left_alone():
    found = edit("spec: {plan: &a {id: 1}}\n", pinned())

    assert [item.code for item in found.diagnostics] == ["L105"]
    assert found.content == b"spec: {plan: &a {id: 1}}\n"
