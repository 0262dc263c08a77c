"""The layers hold, and nothing heavy is loaded before it is needed."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib

import pytest

from tests.support.command_line import REPOSITORY


def loaded_by(*arguments: str, cwd=REPOSITORY) -> tuple[set[str], subprocess.CompletedProcess[str]]:
    """The modules that a command line loads, by a process of its own."""
    script = (
        "import atexit, sys\n"
        "atexit.register(lambda: print('LOADED', *sys.modules, file=sys.stderr))\n"
        f"sys.argv[1:] = {list(arguments)!r}\n"
        "from launcher.cli.main import main\n"
        "main()\n"
    )
    done = subprocess.run(  # noqa: S603 - our own program
        [sys.executable, "-c", script],
        cwd=cwd,
        capture_output=True,
        text=True,
        check=False,
        env={"PATH": "/usr/bin:/bin"},
    )
    told = done.stderr.rpartition("LOADED ")[2].split()
    return {module.partition(".")[0] for module in told}, done


def test_version_loads_not_even_click():
    loaded, done = loaded_by("--version")
    assert done.stdout == "launcher 0.1.0\n"
    assert not loaded & {
        "click",
        "httpx",
        "pydantic",
        "jsonschema",
        "jsonschema_rs",
        "ruamel",
        "yaml",
        "rich",
    }


@pytest.mark.parametrize("arguments", [("--help",), ("apply", "--help"), ("lock", "--help")])
def test_help_loads_nothing_but_click(arguments):
    loaded, done = loaded_by(*arguments)
    assert done.returncode == 0, done
    assert "click" in loaded
    assert not loaded & {
        "httpx",
        "pydantic",
        "jsonschema",
        "jsonschema_rs",
        "ruamel",
        "yaml",
        "rich",
    }


def test_validating_good_manifests_loads_neither_client_nor_models():
    loaded, done = loaded_by("validate")
    assert done.returncode == 0, done
    assert done.stdout == "4 manifests are valid.\n"
    assert not loaded & {"httpx", "pydantic", "rich", "jsonschema", "ruamel"}


def test_the_check_of_loaded_modules_can_fail():
    loaded, done = loaded_by("schema", "--check")
    assert done.returncode in (0, 3)
    assert "pydantic" in loaded


def test_every_dependency_is_used():
    project = tomllib.loads((REPOSITORY / "pyproject.toml").read_text())["project"]
    names = [re.split("[><=~]", item)[0] for item in project["dependencies"]]
    # zoneinfo reads tzdata where the machine has no zones of its own.
    modules = {"pyyaml": "yaml", "tzdata": "zoneinfo"}
    source = "\n".join(path.read_text() for path in (REPOSITORY / "launcher").rglob("*.py"))
    for name in names:
        module = modules.get(name, name.replace("-", "_"))
        assert re.search(rf"^\s*(?:import|from) {re.escape(module)}\b", source, re.MULTILINE), name


def test_the_layers_hold():
    done = subprocess.run(
        [sys.executable, "-c", "from importlinter.cli import lint_imports_command as run; run()"],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout
    assert "5 kept, 0 broken" in done.stdout
