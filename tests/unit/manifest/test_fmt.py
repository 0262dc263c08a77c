"""The canonical layout: what it does, what it keeps, and what it refuses."""

import pytest

from launcher.manifest import fmt
from launcher.manifest.compose import compose
from launcher.manifest.fmt import formatted
from launcher.manifest.nodes import to_data

HEAD = "apiVersion: launcher/v1\nkind: PlanLaunch\n"


def laid_out(text: str, *, fix: bool = False) -> str:
    done = formatted("plans/web.yaml", text.encode(), fix=fix)
    assert done.diagnostics == ()
    assert done.changed == (done.text != text)
    again = formatted("plans/web.yaml", done.text.encode(), fix=fix)
    assert not again.changed
    return done.text


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        pytest.param("metadata:\n    name:   web\n", "metadata:\n  name: web\n", id="indentation"),
        pytest.param(
            "spec:\n  needs:\n  - a\n  - b\n",
            "spec:\n  needs:\n    - a\n    - b\n",
            id="items are indented",
        ),
        pytest.param("spec: {needs: [ a,b ]}\n", "spec: {needs: [a, b]}\n", id="brackets"),
        pytest.param("spec: {}\n\n\n", "spec: {}\n", id="one line break at the end"),
        pytest.param("spec: {}", "spec: {}\n", id="a line break at the end"),
        pytest.param("spec: {}\r\n", "spec: {}\n", id="line breaks of Windows"),
        pytest.param("---\nspec: {}\n", "spec: {}\n", id="no mark of a document"),
        pytest.param(
            "kind: PlanLaunch\napiVersion: launcher/v1\n",
            "apiVersion: launcher/v1\nkind: PlanLaunch\n",
            id="order of fields",
        ),
        pytest.param(
            "spec:\n  retry:\n    backoff: 1m\n    maxAttempts: 2\n  wait:\n    onTimeout: detach\n    timeout: 1h\n"
            "  suspend: true\n  notBefore: x\n  trigger: once\n  plan: {id: 1}\n",
            "spec:\n  plan: {id: 1}\n  trigger: once\n  notBefore: x\n  suspend: true\n"
            "  wait:\n    timeout: 1h\n    onTimeout: detach\n  retry:\n    maxAttempts: 2\n    backoff: 1m\n",
            id="order of what is policy",
        ),
        pytest.param(
            "kind: Workspace\nspec:\n  environments:\n    a:\n      guards:\n        allowSinglePhase: true\n"
            "        freezes: []\n        maxHosts: 1\n        maxLaunches: 1\n      ledger: git\n"
            "      allowedScopes: []\n      server: x\n",
            "kind: Workspace\nspec:\n  environments:\n    a:\n      server: x\n      allowedScopes: []\n"
            "      ledger: git\n      guards:\n        maxLaunches: 1\n        maxHosts: 1\n        freezes: []\n"
            "        allowSinglePhase: true\n",
            id="order of an environment",
        ),
        pytest.param(
            "spec:\n  variables:\n    b: x\n    a: y\n",
            "spec:\n  variables:\n    b: x\n    a: y\n",
            id="variables keep their order",
        ),
        pytest.param(
            "zebra: 1\nkind: x\napple: 2\n",
            "kind: x\nzebra: 1\napple: 2\n",
            id="unknown fields go last",
        ),
    ],
)
def test_the_layout_is_canonical(written: str, expected: str) -> None:
    assert laid_out(written) == expected


@pytest.mark.parametrize(
    "scalar",
    ["yes", "0o14", "012", "1_000", "1:30", "2026-11-23", "1.10", "~x", "'2'", '"2"', "a#b", "é"],
)
def test_a_value_stays_as_it_is_written(scalar: str) -> None:
    text = f"spec:\n  variables:\n    a: {scalar}\n"
    assert laid_out(text) == text


def test_a_key_behind_a_question_mark_is_laid_out_at_once() -> None:
    written = laid_out("? spec\n: {suspend: true}\nkind: PlanLaunch\napiVersion: launcher/v1\n")
    assert written.splitlines() == [*HEAD.splitlines(), "spec: {suspend: true}"]


def test_text_of_several_lines_keeps_its_form() -> None:
    text = (
        "spec:\n  variables:\n    a: |\n      x\n       y   # no comment\n\n      z\n"
        "    b: |-\n      x\n    c: >\n      folded\n      text\n"
    )
    assert laid_out(text) == text


def test_comments_stay_with_what_they_are_about() -> None:
    written = """\
# yaml-language-server: $schema=x

# about the file
kind: PlanLaunch   # the kind
apiVersion: launcher/v1
spec:
 # about needs
 needs: [a]  # only one

 # about the plan
 plan: {id: 1}
 variables:
   # about a
   a: x
   # about b
   b: y
   # c: z
metadata:
    name: web
# the end
"""
    assert (
        laid_out(written)
        == """\
# yaml-language-server: $schema=x

# about the file
apiVersion: launcher/v1
kind: PlanLaunch   # the kind
metadata:
  name: web
spec:
  # about the plan
  plan: {id: 1}
  variables:
    # about a
    a: x
    # about b
    b: y
    # c: z
  # about needs
  needs: [a] # only one

# the end
"""
    )


def test_fixing_quotes_bare_scalars_where_text_belongs_and_keeps_their_text() -> None:
    written = HEAD + (
        "metadata:\n  name: web\n  labels: {tier: 1, zone: 12, new: true}\n"
        "spec:\n  scope: {type: biz, id: 2}\n  plan: {id: 1000}\n  variables:\n"
        "    version: 1.10 # why\n    notify: true\n    mode: 0o17\n    text: yes\n"
    )
    assert laid_out(written, fix=True) == HEAD + (
        'metadata:\n  name: web\n  labels: {tier: "1", zone: "12", new: "true"}\n'
        'spec:\n  scope: {type: biz, id: "2"}\n  plan: {id: 1000}\n  variables:\n'
        '    version: "1.10" # why\n    notify: "true"\n    mode: "0o17"\n    text: yes\n'
    )


def test_without_fix_a_bare_number_is_left_alone() -> None:
    text = "spec:\n  variables:\n    version: 1.10\n"
    assert laid_out(text) == text


@pytest.mark.parametrize("fix", [False, True])
def test_a_null_cannot_be_laid_out_and_is_told(fix: bool) -> None:  # noqa: FBT001 - a parameter
    content = (HEAD + "metadata: {name: web}\nspec:\n  variables:\n    a:\n").encode()
    done = formatted("plans/web.yaml", content, fix=fix)
    assert (done.text, done.changed) == (content.decode(), False)
    assert [item.code for item in done.diagnostics] == ["L123"]


def test_a_file_that_is_not_read_is_not_laid_out() -> None:
    done = formatted("plans/web.yaml", b"a: 1\na: 2\n", fix=True)
    assert (done.text, done.changed) == ("a: 1\na: 2\n", False)
    assert [item.code for item in done.diagnostics] == ["L104"]


def test_a_comment_that_the_layout_would_lose_keeps_the_file_as_it_is() -> None:
    content = b"spec: {needs: [a, # first\n  b]}\n"
    done = formatted("plans/web.yaml", content, fix=True)
    if done.diagnostics:
        assert [(item.code, item.hint) for item in done.diagnostics] == [("L152", "comment")]
        assert done.text == content.decode()
    else:
        assert "# first" in done.text


def test_a_layout_that_would_change_a_value_keeps_the_file_as_it_is(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(fmt, "_rewritten", lambda text: text.replace("1000", "1001"))
    content = b"spec:\n    plan: {id: 1000}\n"
    done = formatted("plans/web.yaml", content, fix=False)
    assert (done.text, done.changed) == (content.decode(), False)
    assert [(item.code, item.hint) for item in done.diagnostics] == [("L152", "meaning")]


def test_the_meaning_stays() -> None:
    text = "spec:\n  variables: {b: 'x', a: \"y\\n\", c: plain text,\n   d: |\n"
    composed = compose("x", text.encode())
    assert composed.root is None
    text = "spec:\n  variables: {b: 'x', a: \"y\\n\",\n   c: plain text}\nkind: x\n"
    before = compose("x", text.encode()).root
    after = compose("x", laid_out(text).encode()).root
    assert before is not None
    assert after is not None
    assert to_data(before) == to_data(after)
