"""The files that a new workspace begins with, as text."""

from __future__ import annotations

import json
import re
import shlex
from dataclasses import dataclass
from typing import TYPE_CHECKING

from launcher.model.documents import SANDBOX
from launcher.render.yaml_text import quoted

if TYPE_CHECKING:
    from launcher.model.documents import Scope

__all__ = [
    "EXAMPLE",
    "Target",
    "editor_extensions",
    "editor_settings",
    "ignored",
    "pre_commit_hooks",
    "workspace",
]

EXAMPLE = """\
# yaml-language-server: $schema=../schemas/planlaunch-v1.json
# An example that runs in the sandbox, the JOB server that is built in. Delete it once you have launches of your own:
# `launcher import PLAN` writes a manifest for a job plan of yours.
apiVersion: launcher/v1
kind: PlanLaunch
metadata:
  name: example
  title: An example for the sandbox
spec:
  plan: {id: 1001}  # Migrate database
  variables:
    revision: "2026-11-20"
"""


@dataclass(frozen=True, slots=True)
class Target:
    """An environment beside the sandbox.

    Attributes:
        name: the environment's.
        server: what settings outside the repository know the server as.
        scope: where its job plans are.
        ledger: `file` or `git`.
    """

    name: str
    server: str
    scope: Scope
    ledger: str


def workspace(name: str, target: Target | None) -> str:
    """The workspace file: a sandbox to rehearse in, and `target`."""
    text = f"""\
# yaml-language-server: $schema=schemas/workspace-v1.json
apiVersion: launcher/v1
kind: Workspace
metadata:
  name: {name}
spec:
  manifests: ["plans/**/*.yaml"]
  defaultEnvironment: {SANDBOX}
  # A String variable of this name in a job plan lets launcher find an instance again whose id was lost on the way.
  marker: LAUNCH_KEY
  environments:
    {SANDBOX}:
      server: sandbox
      scope: {{type: biz, id: "2"}}
"""
    if target is None:
        return text
    return (
        text
        + f"""\
    {target.name}:
      server: {target.server}
      scope: {{type: {target.scope.type}, id: "{target.scope.id}"}}
      ledger: {target.ledger}
"""
    )


def ignored(sandboxes: tuple[str, ...]) -> tuple[str, ...]:
    """The lines of `.gitignore`; the lockfile of a sandbox is nobody's record."""
    return (".launcher/", *(f"locks/{name}.lock.json" for name in sandboxes))


def editor_settings() -> str:
    """Settings of VS Code: which schema a file has that does not name one itself."""
    schemas = {
        "schemas/planlaunch-v1.json": "plans/**/*.yaml",
        "schemas/workspace-v1.json": "launcher.yaml",
    }
    return json.dumps({"yaml.schemas": schemas}, indent=2) + "\n"


def editor_extensions() -> str:
    """What VS Code is to recommend: without it, it knows no schema of a YAML file."""
    return json.dumps({"recommendations": ["redhat.vscode-yaml"]}, indent=2) + "\n"


def pre_commit_hooks(folder: str, indent: str) -> str:
    """The entry below `repos:`; `folder` is where the workspace is in the repository, empty for its top."""
    command = f"launcher -C {shlex.quote(folder)}" if folder else "launcher"
    files = f"^{re.escape(folder)}/" if folder else ""
    pattern = quoted(files + r".*\.ya?ml$")
    lines = ["- repo: local", "  hooks:"]
    for name, does, words in (
        ("launcher-validate", "launches are valid", "validate"),
        ("launcher-fmt", "launches are in the canonical layout", "fmt --check"),
    ):
        lines += [
            f"    - id: {name}",
            f"      name: {does}",
            f"      entry: {quoted(f'{command} {words}') if folder else f'{command} {words}'}",
            "      language: system",
            f"      files: {pattern}",
            "      pass_filenames: false",
        ]
    return "".join(f"{indent}{line}\n" for line in lines)
