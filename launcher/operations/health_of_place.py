"""The health of what is here: workspace, manifests, variables, git, and who runs us."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from launcher.diagnostics import Diagnostic
from launcher.engine.desired import Desired, desired
from launcher.errors import LauncherError, RefusedToAct
from launcher.forge.detect import detect
from launcher.forge.git import find_repository
from launcher.operations.health import check_of, checks_of, well
from launcher.operations.opening import is_error, open_workspace, read_declared
from launcher.operations.permission import check_permitted
from launcher.operations.site import Site
from launcher.render.doctor import State
from launcher.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from launcher.forge.git import Repository
    from launcher.model.documents import Environment
    from launcher.operations.opening import Workspace
    from launcher.operations.surroundings import Surroundings
    from launcher.render.doctor import Check

__all__ = ["Place", "look_at_place"]


@dataclass(frozen=True, slots=True)
class Place:
    """What is here.

    Attributes:
        settings: what the variables say, without those that cannot be used.
        site: everything that is known about a run; `None` where there is no environment to run in.
        desired: what is declared there; `None` where it cannot be read.
        checks: what was found.
        environ: the environment variables.
    """

    settings: Settings
    site: Site | None
    desired: Desired | None
    checks: tuple[Check, ...]
    environ: Mapping[str, str]


def look_at_place(directory: Path, environment: str | None, surroundings: Surroundings) -> Place:
    """What is here, as far as it can be read."""
    workspace, checks = _workspace(directory)
    target, found = _environment(workspace, environment)
    checks += found
    wanted, found = _manifests(workspace, target)
    checks += found
    settings, found = _settings(surroundings)
    checks += found
    root = directory if workspace is None else workspace.root
    repository, found = _git(root, target, surroundings)
    checks += found
    if workspace is None or target is None:
        return Place(settings, None, wanted, tuple(checks), surroundings.environ)
    site = Site(
        workspace=workspace,
        environment=target,
        settings=settings,
        forge=detect(surroundings.environ),
        repository=repository,
        commit=None if repository is None else repository.head(),
        surroundings=surroundings,
    )
    return Place(settings, site, wanted, (*checks, _ci(site)), surroundings.environ)


def _workspace(directory: Path) -> tuple[Workspace | None, list[Check]]:
    try:
        found = open_workspace(directory)
    except LauncherError as error:
        return None, checks_of("workspace", error)
    names = ", ".join(sorted(found.document.environments))
    return found, [well("workspace", f"{found.document.name} in {found.root}, with {names}")]


def _environment(
    workspace: Workspace | None, name: str | None
) -> tuple[Environment | None, list[Check]]:
    if workspace is None:
        return None, []
    try:
        found = workspace.environment(name)
    except LauncherError as error:
        return None, checks_of("environment", error)
    scope = f"{found.scope.type} {found.scope.id}"
    said = f"{found.name}: server {found.server}, scope {scope}, ledger {found.ledger}"
    return found, [well("environment", said)]


def _manifests(
    workspace: Workspace | None, target: Environment | None
) -> tuple[Desired | None, list[Check]]:
    if workspace is None:
        return None, []
    declared = read_declared(workspace)
    if not declared.is_valid:
        count = sum(map(is_error, declared.diagnostics))
        problem = Diagnostic("L368", {"count": str(count)})
        return None, [check_of("manifests", problem)]
    said = f"{len(declared.manifests)} valid"
    if target is None:
        return None, [well("manifests", said)]
    found = desired(workspace.document, declared.manifests, target.name)
    return found, [well("manifests", f"{said}, {len(found.launches)} for {target.name}")]


def _settings(surroundings: Surroundings) -> tuple[Settings, list[Check]]:
    """What the variables say; those that cannot be used are left out, so that the others can be looked at."""
    environ = dict(surroundings.environ)
    checks: list[Check] = []
    while True:
        try:
            found = Settings.from_environment(environ)
        except LauncherError as error:
            checks += checks_of("settings", error)
            facts = [item.facts for item in error.diagnostics]
            bad = {it[key] for it in facts for key in ("variable", "short", "long") if key in it}
            if not bad & environ.keys():
                return Settings(), checks
            environ = {name: value for name, value in environ.items() if name not in bad}
        else:
            return found, checks or [well("settings", "every variable of launcher can be used")]


def _git(
    root: Path, target: Environment | None, surroundings: Surroundings
) -> tuple[Repository | None, list[Check]]:
    try:
        found = find_repository(root, surroundings.environ)
        if found is None:
            return None, [check_of("git", Diagnostic("L370", {"path": str(root)}), State.WARNING)]
        commit = found.head()
    except LauncherError as error:
        return None, checks_of("git", error)
    said = f"{found.root} at commit {commit[:12]}" if commit else f"{found.root}, without a commit"
    if not found.is_shallow():
        return found, [well("git", said)]
    # A ledger on a branch is fetched by itself; what is missing is the history that commits are compared by.
    facts = {"path": str(found.root), "environment": target.name if target else "ENV"}
    return found, [check_of("git", Diagnostic("L371", facts), State.WARNING)]


def _ci(site: Site) -> Check:
    """Whether an apply would be refused for where it runs."""
    try:
        check_permitted(site)
    except RefusedToAct as error:
        proposed = site.forge.proposal is not None
        return check_of("ci", error.diagnostics[0], State.WARNING if proposed else State.PROBLEM)
    if not site.forge.is_ci:
        return well("ci", "not in CI")
    if site.forge.proposal is not None:
        return well("ci", f"{site.forge.name}, for {site.forge.proposal}; the sandbox allows it")
    return well("ci", f"{site.forge.name}; an apply may run here")
