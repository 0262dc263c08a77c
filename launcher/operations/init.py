"""Write what a workspace begins with; whatever is there already stays as it is."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from launcher.diagnostics import Diagnostic, Place
from launcher.errors import SurroundingsFailed, WrongUsage
from launcher.forge.git import find_repository
from launcher.manifest.load import load_workspace
from launcher.model.documents import SANDBOX, WORKSPACE_FILE
from launcher.operations.starting_files import Ci, Starting
from launcher.operations.writing import check_name
from launcher.render import starter
from launcher.render.starter import Target

if TYPE_CHECKING:
    from pathlib import Path

    from launcher.model.documents import Environment, Scope, WorkspaceDocument
    from launcher.operations.starting_files import Written
    from launcher.operations.surroundings import Surroundings

__all__ = ["InitRequest", "Initialised", "init"]

EXAMPLE = "plans/example.yaml"


@dataclass(frozen=True, slots=True)
class InitRequest:
    """What is asked for.

    Attributes:
        directory: the folder of the workspace; made if it is missing.
        name: the workspace's name; `None` for the folder's.
        environment: a target beside the sandbox; `None` for none.
        server: what settings know its server as.
        scope: where its job plans are; given with `environment`.
        ci: the CI system; `None` for the one that the git remote tells of.
    """

    directory: Path
    name: str | None = None
    environment: str | None = None
    server: str = "remote"
    scope: Scope | None = None
    ci: Ci | None = None


@dataclass(frozen=True, slots=True)
class Initialised:
    """What was done.

    Attributes:
        root: the workspace.
        files: in the order they were looked at.
        target: the environment beside the sandbox; `None` for none.
        default: the name of the default environment.
        is_repository: git is there to keep the workspace in.
        ci: the CI system that a workflow is there for.
        remote: the address of the git remote has been seen.
        diagnostics: what was asked for and not done, as warnings.
    """

    root: Path
    files: tuple[Written, ...]
    target: Target | None
    default: str
    is_repository: bool
    ci: Ci
    remote: bool
    diagnostics: tuple[Diagnostic, ...]


def init(request: InitRequest, surroundings: Surroundings) -> Initialised:
    """Write what is missing of a workspace; a second time finds everything there.

    CI workflow and pre-commit hooks go to the top of the git repository, where alone they are looked for.

    Raises:
        SurroundingsFailed: a file cannot be written, those before it are; or git failed.
        InvalidManifests: a workspace file is there and is invalid.
        WrongUsage: a name is none, or the folder is inside another workspace. Nothing is written then.
    """
    name = request.name or _name_of(request.directory.resolve())
    _check(request, name)
    root = _made(request.directory.absolute())
    repository = find_repository(root, surroundings.environ)
    address = None if repository is None else repository.remote_address()
    work = Starting(root, repository)
    wanted = _target(request, has_remote=bool(address) or request.ci in (Ci.GITHUB, Ci.GITLAB))
    is_new = work.add(WORKSPACE_FILE, starter.workspace(name, wanted))
    document = load_workspace(root)
    target, problems = _agreed(document, wanted)
    if is_new:
        # Later its place may have been taken by launches that mean something.
        work.add(EXAMPLE, starter.EXAMPLE)
    work.add_schemas()
    work.add(".vscode/settings.json", starter.editor_settings(), marks="planlaunch-v1.json")
    work.add(".vscode/extensions.json", starter.editor_extensions(), marks="redhat.vscode-yaml")
    work.ignore(document)
    work.hook()
    ci = _ci_of(address) if request.ci is None else request.ci
    if not problems:
        # A workflow is never written again, so it waits for the environment that it is to be about.
        work.pipeline(ci, document, target)
    return Initialised(
        root,
        tuple(work.files),
        target,
        document.default_environment,
        repository is not None,
        ci,
        bool(address),
        problems,
    )


def _check(request: InitRequest, name: str) -> None:
    check_name(name, "workspace")
    check_name(request.server, "server")
    if request.environment is not None:
        check_name(request.environment, "environment")
    here = request.directory.resolve()
    for above in here.parents:
        # The nearest workspace file counts, so a second one below would take the first one's manifests away.
        if (above / WORKSPACE_FILE).exists() and not (here / WORKSPACE_FILE).exists():
            raise WrongUsage(Diagnostic("L558", {"folder": str(here), "root": str(above)}))


def _made(directory: Path) -> Path:
    try:
        directory.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        facts = {"path": str(directory), "reason": error.strerror or str(error)}
        raise SurroundingsFailed(Diagnostic("L586", facts)) from error
    return directory.resolve()


def _name_of(root: Path) -> str:
    return re.sub(r"[^a-z0-9]+", "-", root.name.lower()).strip("-")[:63].strip("-") or "workspace"


def _target(request: InitRequest, *, has_remote: bool) -> Target | None:
    if request.environment is None or request.scope is None:
        return None
    survives = has_remote and request.server != SANDBOX
    return Target(request.environment, request.server, request.scope, "git" if survives else "file")


def _agreed(
    document: WorkspaceDocument, wanted: Target | None
) -> tuple[Target | None, tuple[Diagnostic, ...]]:
    """The target as the workspace file has it, which may be older than what is wanted."""
    known = document.environments
    if wanted is not None and wanted.name not in known:
        facts = {
            "path": WORKSPACE_FILE,
            "environment": wanted.name,
            "server": wanted.server,
            "type": wanted.scope.type,
            "id": wanted.scope.id,
            "ledger": wanted.ledger,
        }
        return None, (Diagnostic("L554", facts, Place(WORKSPACE_FILE)),)
    real = [item for item in known.values() if not item.is_sandbox]
    chosen = known[wanted.name] if wanted is not None else next(iter(real), None)
    if chosen is None or chosen.is_sandbox:
        return None, ()
    return _as_target(chosen), ()


def _as_target(environment: Environment) -> Target:
    return Target(environment.name, environment.server, environment.scope, environment.ledger)


def _ci_of(address: str | None) -> Ci:
    """The CI system behind the remote at `address`; GitHub's while there is none."""
    if not address or "github" in address.lower():
        return Ci.GITHUB
    return Ci.GITLAB if "gitlab" in address.lower() else Ci.NONE
