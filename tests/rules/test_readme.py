"""What the README shows is what one gets."""

from __future__ import annotations

import os
import re
import shlex
import subprocess

import pytest
from yaml import safe_load

from launcher.operations.sandbox import serve_sandbox
from tests.support.command_line import REPOSITORY, a_command_line, with_demo
from tests.support.workspaces import Place

README = (REPOSITORY / "README.md").read_text()

_VARYING = (
    (r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", "TIME"),
    (r"\d\d:\d\d:\d\dZ", "CLOCK"),
    (r"v1:sha256:[0-9a-f]{64}", "DIGEST"),
    (r"at commit [0-9a-f]{12}", "at COMMIT"),
    (r"ledger serial \d+", "ledger serial N"),
    (r"\d+s$", "DURATION"),
    # How often a running instance is seen depends on the machine.
    (r"(?m)^CLOCK  [a-z-]+: running .*\n", ""),
)


def comparable(text: str) -> str:
    for pattern, instead in _VARYING:
        text = re.sub(pattern, instead, text, flags=re.MULTILINE)
    return text.strip()


def shown_demo() -> str:
    found = re.search(
        r"<!-- demo: begin -->\n```text\n(.*?)```\n<!-- demo: end -->", README, re.DOTALL
    )
    assert found is not None
    return found[1]


@pytest.fixture
def line(tmp_path, monkeypatch):
    line = with_demo(a_command_line(tmp_path, monkeypatch))
    for arguments in (
        ["init", "--quiet"],
        ["add", "--all"],
        ["-c", "user.name=a", "-c", "user.email=a@example.org", "commit", "--quiet", "-m", "x"],
    ):
        subprocess.run(["git", *arguments], cwd=line.directory, check=True)  # noqa: S603, S607 - git is there
    return line


def test_the_demo_prints_what_the_readme_shows(line):
    printed = []
    for command in re.findall(r"^\$ launcher (.*)$", shown_demo(), re.MULTILINE):
        result = line(*command.split())
        assert result.code == 0, result
        told = result.err + result.out if command.startswith("apply") else result.out + result.err
        printed.append(f"$ launcher {command}\n{told}")
    shown = shown_demo()
    shown = shown[shown.index("$ launcher validate") : shown.index("The second apply")]
    assert comparable("\n".join(printed)) == comparable(shown)


def test_the_manifest_of_the_readme_is_valid(empty_with_readme_manifest):
    result = empty_with_readme_manifest("validate")
    assert result.code == 0, result


@pytest.fixture
def empty_with_readme_manifest(tmp_path, monkeypatch):
    line = a_command_line(tmp_path, monkeypatch)
    block = re.search(r"```yaml\n(.*?kind: PlanLaunch.*?)```", README, re.DOTALL)
    assert block is not None
    text = (REPOSITORY / "launcher.yaml").read_text()
    environment = 'server: remote\n      scope: {type: biz, id: "2"}\n'
    text += f"    staging:\n      {environment}    production:\n      {environment}"
    (line.directory / "launcher.yaml").write_text(text)
    plans = line.directory / "plans"
    plans.mkdir()
    (plans / "web-deploy.yaml").write_text(block[1])
    (plans / "db-migrate.yaml").write_text(
        "apiVersion: launcher/v1\nkind: PlanLaunch\nmetadata: {name: db-migrate}\n"
        "spec: {plan: {id: 1}}\nenvironments: {staging: {}, production: {}}\n"
    )
    return line


def test_a_first_hour_goes_as_the_readme_says(tmp_path, monkeypatch):
    found = re.search(
        r"<!-- first hour: begin -->\n```sh\n(.*?)```\n<!-- first hour: end -->", README, re.DOTALL
    )
    assert found is not None
    line = a_command_line(tmp_path, monkeypatch)
    began = 0
    with serve_sandbox(
        world=tmp_path / "quick-world.yaml",
        faults=None,
        port=0,
        speed=1.0,
        state=None,
        surroundings=Place(tmp_path).surroundings,
    ) as server:
        for written in found[1].splitlines():
            words = shlex.split(written, comments=True)
            if words[:1] == ["export"]:
                for name, _, value in (word.partition("=") for word in words[1:]):
                    monkeypatch.setenv(name, value)
            elif words[:1] == ["$EDITOR"]:
                manifest = line.directory / words[1]
                assert "L288" in line("diff", "-e", "production").err
                filled = 'package_version: "1.4.2"'
                manifest.write_text(manifest.read_text().replace('package_version: ""', filled))
            elif words:
                if "BK_API_URL_TMPL" in os.environ:
                    # The same door of a server on this machine.
                    monkeypatch.delenv("BK_API_URL_TMPL")
                    monkeypatch.setenv("LAUNCHER_URL", f"{server.url}/api/bk-job/prod")
                    monkeypatch.setenv("LAUNCHER_ALLOW_HTTP", "1")
                result = line(*words[1:])
                assert result.code == 0, result
                began += 1
    assert began == 7
    assert (line.directory / "plans/deploy-web.yaml").exists()


def test_the_hooks_for_other_repositories_are_commands_that_work(line):
    hooks = safe_load((REPOSITORY / ".pre-commit-hooks.yaml").read_text())
    assert line("schema").code == 0
    for hook in hooks:
        program, *words = hook["entry"].split()
        assert program == "launcher"
        assert line(*words).code == 0, hook["id"]
    assert len(hooks) == 3


def test_every_variable_of_launcher_is_documented():
    pattern = re.compile(r"\"(LAUNCHER_[A-Z_]+[A-Z])\"")
    source = {
        name
        for path in (REPOSITORY / "launcher").rglob("*.py")
        for name in pattern.findall(path.read_text())
    }
    documented = set(re.findall(r"`(LAUNCHER_[A-Z_]+[A-Z])`", README))
    assert "LAUNCHER_URL" in source
    assert source - documented == set()
    assert documented - source == {"LAUNCHER_SECRET_NAME"}
