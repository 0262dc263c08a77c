"""What the README shows is what one gets."""

from __future__ import annotations

import re
import subprocess

import pytest

from tests.support.command_line import REPOSITORY, a_command_line, with_demo

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
