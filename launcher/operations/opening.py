"""Find a workspace, read what it declares, choose a target. Imports nothing heavy."""

from __future__ import annotations

from dataclasses import dataclass
from difflib import get_close_matches
from typing import TYPE_CHECKING

from launcher.catalogue import entry
from launcher.diagnostics import Diagnostic, Severity, in_order
from launcher.engine.crossfile import check
from launcher.engine.desired import Desired, desired
from launcher.errors import InvalidManifests, WrongUsage
from launcher.manifest.discovery import find_root, search
from launcher.manifest.load import load, load_workspace
from launcher.manifest.locate import locate

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from launcher.model.documents import Environment, ManifestDocument, WorkspaceDocument

__all__ = [
    "Declared",
    "Workspace",
    "check_names",
    "desired_in",
    "is_error",
    "open_workspace",
    "read_declared",
]

_UNKNOWN_NEED = "L206"


@dataclass(frozen=True, slots=True)
class Workspace:
    """A workspace that was found.

    Attributes:
        root: its folder.
        document: its settings.
    """

    root: Path
    document: WorkspaceDocument

    def environment(self, name: str | None) -> Environment:
        """The target called `name`; the default for `None`.

        Raises:
            WrongUsage: there is no such environment.
        """
        known = self.document.environments
        wanted = self.document.default_environment if name is None else name
        if wanted in known:
            return known[wanted]
        near = get_close_matches(wanted, sorted(known), 1)
        facts = {"name": wanted, "known": ", ".join(sorted(known)), "nearest": "".join(near)}
        raise WrongUsage(Diagnostic("L522", facts, hint="nearest" if near else "known"))


@dataclass(frozen=True, slots=True)
class Declared:
    """What the manifests of a workspace say.

    Attributes:
        manifests: those that are valid by themselves.
        diagnostics: everything that is wrong, warnings included, with lines and columns.
    """

    manifests: tuple[ManifestDocument, ...]
    diagnostics: tuple[Diagnostic, ...]

    @property
    def is_valid(self) -> bool:
        """Whether something may be decided from it."""
        return not any(map(is_error, self.diagnostics))


def open_workspace(directory: Path) -> Workspace:
    """The workspace at or above `directory`.

    Raises:
        SurroundingsFailed: there is none.
        InvalidManifests: its settings are invalid.
    """
    root = find_root(directory)
    return Workspace(root, load_workspace(root))


def read_declared(workspace: Workspace) -> Declared:
    """Every manifest, and every problem of any of them, or of the way to them."""
    root, document = workspace.root, workspace.document
    paths, in_the_way = search(root, document)
    manifests, wrong = load(root, paths)
    problems = (*in_the_way, *wrong)
    across: Iterable[Diagnostic] = check(document, manifests)
    if problems:
        # A need that points at a file with errors is no mistake of the one that needs it.
        across = (item for item in across if item.code != _UNKNOWN_NEED)
    return Declared(manifests, in_order((*problems, *locate(across, root))))


def desired_in(
    workspace: Workspace, environment: Environment
) -> tuple[Desired, tuple[Diagnostic, ...]]:
    """What is desired in `environment`, and warnings.

    Raises:
        InvalidManifests: a file cannot be read, or a rule is broken: nothing may be decided, because what
            cannot be read would look deleted.
    """
    declared = read_declared(workspace)
    if not declared.is_valid:
        raise InvalidManifests(*declared.diagnostics)
    return desired(workspace.document, declared.manifests, environment.name), declared.diagnostics


def is_error(diagnostic: Diagnostic) -> bool:
    """Whether it stops what was asked."""
    return entry(diagnostic.code).severity is Severity.ERROR


def check_names(names: Iterable[str], known: Iterable[str], environment: str) -> None:
    """Check that every one of `names` is known, declared or on record.

    Raises:
        WrongUsage: some are not.
    """
    all_known = set(known)
    if strange := [name for name in names if name not in all_known]:
        raise unknown_names(strange, all_known, environment)


def unknown_names(names: Iterable[str], known: Iterable[str], environment: str) -> WrongUsage:
    """That none of `names` is known, each with what it may have been meant for."""
    all_known = sorted(set(known))
    problems = []
    for name in names:
        near = get_close_matches(name, all_known, 1)
        facts = {"name": name, "environment": environment, "nearest": "".join(near)}
        problems.append(Diagnostic("L523", facts, hint="nearest" if near else "default"))
    return WrongUsage(*problems)
