"""A new workspace: what is written, what is kept, and that everything of it works at once."""

from __future__ import annotations

import json
import re
import subprocess

import pytest
from yaml import safe_load

FILES = [
    ".github/workflows/launcher.yml",
    ".gitignore",
    ".pre-commit-config.yaml",
    ".vscode/extensions.json",
    ".vscode/settings.json",
    "launcher.yaml",
    "plans/example.yaml",
]


def git(line, *arguments):
    command = ("git", "-c", "user.name=ana", "-c", "user.email=ana@example.org", *arguments)
    subprocess.run(command, cwd=line.directory, check=True, capture_output=True)  # noqa: S603 - the test's own words


@pytest.fixture
def cloned(empty):
    """An empty clone of a repository on GitHub."""
    git(empty, "init", "--quiet", "--initial-branch", "main")
    git(empty, "remote", "add", "origin", "https://ana:secret@github.com/acme/launches.git")
    return empty


def written(line):
    found = (path for path in line.directory.rglob("*") if path.is_file())
    names = (path.relative_to(line.directory).as_posix() for path in found)
    return sorted(name for name in names if not name.startswith((".git/", "schemas/")))


def test_in_an_empty_folder_everything_works_at_once(empty):
    result = empty("init")
    assert result.code == 0, result
    assert written(empty) == FILES
    assert "This is no git repository yet" in result.out
    for check in ("validate", "fmt --check", "schema --check", "diff --offline"):
        assert empty(*check.split()).code == 0, check
    assert "1 to launch." in empty("diff").out
    assert "1 succeeded." in empty("apply", "--yes").out
    assert empty("apply", "--yes").out.endswith("Nothing to do. 1 launch in sync.\n")


def test_the_example_is_nothing_to_warn_of(empty):
    git(empty, "init", "--quiet")
    empty("init")
    git(empty, "add", ".")
    git(empty, "commit", "--quiet", "-m", "begin")
    result = empty("apply", "--yes")
    assert result.code == 0, result
    assert "warning" not in result.err


def test_the_next_commands_are_told(empty):
    assert empty("init").out.endswith(
        "Next:\n  launcher diff\n  launcher apply\n  launcher status\n"
    )
    (empty.directory / "launcher.yaml").unlink()
    told = empty("init", "deep/er", "-e", "production", "--scope", "biz/3").out
    assert "\n  launcher -C deep/er import PLAN -e production\n" in told


def test_a_second_time_everything_is_there(empty):
    empty("init")
    before = {name: (empty.directory / name).stat().st_mtime_ns for name in written(empty)}
    result = empty("init")
    assert result.code == 0
    assert result.out.startswith("Everything is there.\n")
    assert {name: (empty.directory / name).stat().st_mtime_ns for name in written(empty)} == before


def test_an_example_that_was_deleted_does_not_come_back(empty):
    empty("init")
    (empty.directory / "plans/example.yaml").unlink()
    (empty.directory / ".gitignore").unlink()
    assert empty("init").out.startswith("wrote .gitignore\n")
    assert not (empty.directory / "plans/example.yaml").exists()


def test_what_others_wrote_is_kept_or_added_to(empty):
    (empty.directory / ".gitignore").write_text("*.pyc\n")
    (empty.directory / ".vscode").mkdir()
    (empty.directory / ".vscode/settings.json").write_text("{}\n")
    (empty.directory / ".pre-commit-config.yaml").write_text("repos: []\n")
    result = empty("init")
    assert (empty.directory / ".gitignore").read_text() == (
        "*.pyc\n.launcher/\nlocks/sandbox.lock.json\n"
    )
    assert (empty.directory / ".vscode/settings.json").read_text() == "{}\n"
    assert (empty.directory / ".pre-commit-config.yaml").read_text() == "repos: []\n"
    assert "added to .gitignore\n" in result.out
    assert "kept .vscode/settings.json, which lacks this; add it by hand:\n  {\n" in result.out
    assert (
        "kept .pre-commit-config.yaml, which lacks this; add it by hand:\n  - repo: local"
        in result.out
    )


def test_git_ignores_the_sandbox_and_nothing_else(cloned):
    cloned("init", "-e", "production", "--scope", "biz/3")
    cloned("apply", "--yes")
    git(cloned, "add", "--all")
    listed = subprocess.run(
        ["git", "ls-files"],  # noqa: S607 - git is there
        cwd=cloned.directory,
        check=True,
        capture_output=True,
        text=True,
    ).stdout.split()
    assert sorted(item for item in listed if not item.startswith("schemas/")) == FILES
    assert (cloned.directory / "locks/sandbox.lock.json").exists()


def workflow(line, path=".github/workflows/launcher.yml"):
    return (line.directory / path).read_text()


def test_an_environment_keeps_its_ledger_where_the_remote_is(cloned):
    result = cloned("init", "-e", "production", "--scope", "biz_set/3", "--server", "bk")
    assert result.code == 0, result
    settings = safe_load((cloned.directory / "launcher.yaml").read_text())["spec"]
    assert settings["defaultEnvironment"] == "sandbox"
    assert settings["environments"]["production"] == {
        "server": "bk",
        "scope": {"type": "biz_set", "id": "3"},
        "ledger": "git",
    }
    assert "\n  launcher ledger init -e production\n" in result.out
    assert "secret" not in result.out + result.err
    assert cloned("validate").code == cloned("fmt", "--check").code == 0
    text = workflow(cloned)
    assert "- run: launcher apply --yes -e production\n" in text
    assert "LAUNCHER_GIT_TOKEN" in text


def test_without_a_remote_ci_launches_nothing_that_it_would_forget(empty):
    result = empty("init", "-e", "production", "--scope", "biz/3")
    assert "ledger: file\n" in (empty.directory / "launcher.yaml").read_text()
    assert "launcher apply" not in workflow(empty)
    assert "which ends with the runner" in workflow(empty)
    assert "production keeps its ledger in this folder" in result.out


@pytest.mark.parametrize("more", [(), ("-e", "production", "--scope", "biz/3")])
def test_the_workflow_of_github_is_sound(cloned, more):
    cloned("init", *more)
    text = workflow(cloned)
    parsed = safe_load(text)
    assert parsed["permissions"] == {}
    assert parsed[True]["push"]["branches"] == ["main"]  # YAML 1.1 reads `on` so
    for job in parsed["jobs"].values():
        assert set(job["permissions"]) == {"contents"}
        assert job["concurrency"]
    for action in re.findall(r"uses: (\S+)", text):
        assert re.fullmatch(r"actions/[a-z-]+@[0-9a-f]{40}", action)
    checks = [step.get("run") for step in parsed["jobs"]["check"]["steps"]]
    where = "production" if more else "sandbox"
    assert checks[-4:] == [
        "launcher validate",
        "launcher fmt --check",
        "launcher schema --check",
        f"launcher diff --offline -e {where}",
    ]
    for check in checks[-4:]:
        assert cloned(*check.split()[1:]).code == 0, check
    assert parsed["env"] == {"LAUNCHER_PIP": ""}
    assert parsed["jobs"]["apply"]["if"] == "github.event_name == 'push'"


def test_gitlab_has_its_own(empty):
    git(empty, "init", "--quiet")
    git(empty, "remote", "add", "origin", "git@gitlab.example.org:acme/launches.git")
    assert empty("init", "-e", "production", "--scope", "biz/3").code == 0
    assert not (empty.directory / ".github").exists()
    parsed = safe_load(workflow(empty, ".gitlab-ci.yml"))
    assert parsed["launcher-check"]["script"][-1] == "launcher diff --offline -e production"
    assert parsed["launcher-apply"]["script"] == ["launcher apply --yes -e production"]
    assert parsed["launcher-apply"]["resource_group"] == "launcher-production"


def test_another_host_gets_no_workflow_unless_asked(empty):
    git(empty, "init", "--quiet")
    git(empty, "remote", "add", "origin", "https://git.example.org/acme/launches.git")
    assert "No CI workflow: --ci github or --ci gitlab writes one." in empty("init").out
    assert not (empty.directory / ".github").exists()
    assert empty("init", "--ci", "github").out.startswith("wrote .github/workflows/launcher.yml\n")


def test_below_the_top_of_a_repository_git_ci_and_hooks_find_the_workspace(cloned):
    result = cloned("init", "ops/it's here")
    assert "wrote ../../.github/workflows/launcher.yml\n" in result.out
    assert cloned("-C", "ops/it's here", "validate").code == 0
    parsed = safe_load(workflow(cloned))
    assert parsed["defaults"]["run"]["working-directory"] == "ops/it's here"
    hooks = safe_load((cloned.directory / ".pre-commit-config.yaml").read_text())["repos"][0][
        "hooks"
    ]
    assert hooks[0]["entry"] == "launcher -C 'ops/it'\"'\"'s here' validate"
    assert re.search(hooks[0]["files"], "ops/it's here/plans/a.yaml")
    assert not re.search(hooks[0]["files"], "ops/other.yaml")


def test_a_workspace_file_never_changes(cloned):
    cloned("init", "--ci", "none")
    before = (cloned.directory / "launcher.yaml").read_text()
    result = cloned("init", "-e", "production", "--scope", "biz/3")
    assert result.code == 0
    assert "warning[L554]" in result.err
    assert result.out.startswith("Nothing was written: see below.\n")
    assert 'production: {server: remote, scope: {type: biz, id: "3"}, ledger: git}' in result.err
    assert (cloned.directory / "launcher.yaml").read_text() == before
    assert not (cloned.directory / ".github").exists()
    line = '    production: {server: remote, scope: {type: biz, id: "3"}, ledger: git}\n'
    (cloned.directory / "launcher.yaml").write_text(before + line)
    assert cloned("init", "-e", "production", "--scope", "biz/3").err == ""
    assert "launcher apply --yes -e production" in workflow(cloned)


@pytest.mark.parametrize(
    "arguments",
    [
        ("--name", "No Name"),
        ("-e", "production"),
        ("--scope", "biz/2"),
        ("-e", "production", "--scope", "biz"),
        ("-e", "production", "--scope", "biz/02"),
        ("-e", "Production", "--scope", "biz/2"),
        ("-e", "sandbox", "--scope", "biz/2"),
        ("-e", "production", "--scope", "biz/2", "--server", "a b"),
    ],
)
def test_what_makes_no_sense_is_refused_and_writes_nothing(empty, arguments):
    assert empty("init", *arguments).code == 64
    assert written(empty) == []


def test_a_folder_inside_a_workspace_begins_no_other(empty):
    empty("init")
    before = written(empty)
    result = empty("init", "plans/web")
    assert result.code == 64
    assert f"help: launcher init {empty.directory}\n" in result.err
    assert written(empty) == before


def test_what_is_refused_makes_no_folder(empty):
    assert empty("init", "new", "--name", "No Name").code == 64
    assert not (empty.directory / "new").exists()


def test_a_workspace_file_that_is_wrong_is_told(empty):
    (empty.directory / "launcher.yaml").write_text("kind: Workspace\n")
    assert empty("init").code == 3


def test_the_name_is_the_folder_s(empty):
    empty("init", "Our Launches!")
    text = (empty.directory / "Our Launches!/launcher.yaml").read_text()
    assert "  name: our-launches\n" in text


def test_editors_find_the_schemas_that_are_there(empty):
    empty("init")
    settings = json.loads((empty.directory / ".vscode/settings.json").read_text())
    for path in settings["yaml.schemas"]:
        assert (empty.directory / path).is_file()
