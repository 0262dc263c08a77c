"""Every document below this directory, against what is expected of it.

`bad/<kind>/<case>.yaml` stands beside `<case>.expected`: a code and its line:column a line.
`good/<kind>/<case>.yaml` stands beside `<case>.json`, the data that editors read from it.
"""

import json
from pathlib import Path

import pytest

from launcher.catalogue import texts
from launcher.catalogue.english.manifests import ENTRIES
from launcher.diagnostics import Diagnostic
from launcher.errors import InvalidManifests
from launcher.manifest import compose, quick
from launcher.manifest.load import load_bytes, load_data, load_workspace_bytes
from launcher.manifest.nodes import to_data
from launcher.manifest.schemas import PLANLAUNCH, USERCONFIG, WORKSPACE, validator

CASES = Path(__file__).parent
BAD = sorted((CASES / "bad").rglob("*.yaml"))
GOOD = sorted((CASES / "good").rglob("*.yaml"))


def name_of(path: Path) -> str:
    return f"{path.parent.name}/{path.stem}"


def problems_of(path: Path) -> tuple[Diagnostic, ...]:
    content = path.read_bytes()
    if path.parent.name == "manifests":
        return load_bytes("case.yaml", content)[1]
    if path.parent.name == "userconfigs":
        return load_data("case.yaml", content, USERCONFIG)[1]
    try:
        load_workspace_bytes(content, "case.yaml")
    except InvalidManifests as error:
        return error.diagnostics
    return ()


def told(problem: Diagnostic) -> str:
    assert problem.place is not None
    assert problem.place.span is not None
    return f"{problem.code} {problem.place.span.line}:{problem.place.span.column}"


@pytest.mark.parametrize("path", BAD, ids=name_of)
def test_a_bad_document_is_explained_at_its_place(path: Path) -> None:
    expected = path.with_suffix(".expected").read_text().splitlines()
    assert sorted(told(problem) for problem in problems_of(path)) == sorted(expected)


@pytest.mark.parametrize("path", BAD, ids=name_of)
def test_what_is_said_of_a_bad_document_is_complete_and_in_plain_words(path: Path) -> None:
    for problem in problems_of(path):
        words = texts(problem)
        assert words.hint
        for text in (words.summary, words.detail, words.hint):
            assert not {"NoneType", "dict", "str", "int", "bool", "float"} & set(text.split())


@pytest.mark.parametrize("path", GOOD, ids=name_of)
def test_a_good_document_is_read_as_editors_read_it(path: Path) -> None:
    expected = json.loads(path.with_suffix(".json").read_bytes())
    root = compose.compose("case.yaml", path.read_bytes()).root
    assert root is not None
    assert to_data(root) == expected
    assert problems_of(path) == ()
    schemas = {"manifests": PLANLAUNCH, "userconfigs": USERCONFIG, "workspaces": WORKSPACE}
    assert validator(schemas[path.parent.name]).is_valid(expected)


@pytest.mark.parametrize("path", [*GOOD, *BAD], ids=name_of)
def test_the_quick_reader_gives_up_or_reads_the_same(path: Path) -> None:
    read = quick.read_quickly(path.read_bytes())
    if read is not None:
        composed = compose.compose("case.yaml", path.read_bytes())
        assert composed.diagnostics == ()
        assert composed.root is not None
        assert repr(read[0]) == repr(to_data(composed.root))


def test_the_corpus_is_large_and_every_case_states_what_is_expected() -> None:
    assert len(BAD) >= 400
    assert len(GOOD) >= 10
    beside = {path.stem for path in (CASES / "bad").rglob("*.expected")}
    assert beside == {path.stem for path in BAD}


def test_every_code_about_documents_has_a_case_or_is_named_here() -> None:
    seen = {
        line.split()[0]
        for path in (CASES / "bad").rglob("*.expected")
        for line in path.read_text().splitlines()
    }
    elsewhere = {
        "L112": "a file of more than a mebibyte",
        "L114": "a file of more than fifty thousand values",
        "L149": "models and schema disagree: the tests look for such a case",
        "L150": "needs two files",
        "L152": "formatting",
        "L160": "no workspace",
        "L161": "no file",
        "L162": "links",
        "L163": "more than a hundred problems",
    }
    assert set(ENTRIES) - seen == set(elsewhere)
