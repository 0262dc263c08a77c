"""The repository's other promises."""

from __future__ import annotations

import json
import re
import subprocess

import pytest

from launcher import __version__
from launcher.errors import ExitCode
from launcher.operations import schemas
from tests.support.command_line import REPOSITORY, a_command_line


def tracked_files():
    listed = subprocess.run(
        ["git", "ls-files", "-z"],  # noqa: S607 - git is there
        cwd=REPOSITORY,
        capture_output=True,
        check=True,
    )
    return [REPOSITORY / name for name in listed.stdout.decode().split("\0") if name]


def test_the_committed_schemas_are_those_of_this_version():
    assert schemas.check(REPOSITORY).changed == ()


def test_a_schema_that_drifted_is_named(tmp_path, monkeypatch):
    line = a_command_line(tmp_path, monkeypatch)
    assert line("schema").code == 0
    assert line("schema", "--check").code == 0
    (line.directory / "schemas/diff-v1.json").write_text("{}\n")
    (line.directory / "schemas/workspace-v1.json").unlink()
    result = line("schema", "--check")
    assert result.code == ExitCode.INVALID
    assert "schemas/diff-v1.json is not what this version" in result.err
    assert "it is missing" in result.err
    assert "2 errors in 2 files" in result.err
    others = len(schemas.files()) - 2
    assert line("schema").out.endswith(f"2 written, {others} up to date.\n")


@pytest.mark.parametrize(
    "path", sorted((REPOSITORY / "schemas").glob("*.json")), ids=lambda p: p.name
)
def test_schemas_declare_draft_07_and_use_only_what_2020_12_reads_alike(path):
    schema = json.loads(path.read_text())
    assert schema["$schema"] == "http://json-schema.org/draft-07/schema#"
    text = json.dumps(schema)
    for keyword in (
        "dependencies",
        "$recursiveRef",
        "$defs",
        "prefixItems",
        "unevaluatedProperties",
    ):
        assert f'"{keyword}":' not in text


def test_workflows_pin_actions_and_ask_for_no_more_than_they_need():
    for path in (REPOSITORY / ".github/workflows").glob("*.yml"):
        text = path.read_text()
        assert re.search(r"^permissions: \{\}$", text, re.MULTILINE), path.name
        for action in re.findall(r"uses: (\S+)", text):
            assert re.fullmatch(r"[\w.-]+/[\w./-]+@[0-9a-f]{40}", action), action


def test_the_version_is_the_same_everywhere():
    project = (REPOSITORY / "pyproject.toml").read_text()
    changelog = (REPOSITORY / "CHANGELOG.md").read_text()
    assert f'version = "{__version__}"' in project
    assert f"## {__version__}" in changelog


def test_no_text_speaks_of_how_it_came_about():
    # Spelt apart, so that this file does not hold them.
    words = [
        "design" + ".md",
        "job-" + "api.md",
        "style" + ".md",
        "/" + "work/",
        "iss" + "ue 2",
        "sub" + "agent",
    ]
    banned = re.compile("|".join(re.escape(word) for word in words), re.IGNORECASE)
    for path in tracked_files():
        if path.name == "uv.lock" or not path.is_file():
            continue
        found = banned.findall(path.read_bytes().decode("utf-8", "replace"))
        assert found == [], path.relative_to(REPOSITORY)
