"""Write what a workspace begins with; whatever is there already stays as it is."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

from launcher.diagnostics import Diagnostic, Place
from launcher.errors import SurroundingsFailed
from launcher.forge.git import find_repository
from launcher.manifest.load import load_workspace
from launcher.model.documents import SANDBOX, WORKSPACE_FILE
from launcher.operations import schemas
from launcher.operations.merging import with_hooks, with_lines
from launcher.operations.writing import check_name, replace_file, write_new
from launcher.render import pipelines, starter
from launcher.render.pipelines import Pipeline
from launcher.render.starter import Target

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from launcher.forge.git import Repository
    from launcher.model.documents import Environment, Scope, WorkspaceDocument
    from launcher.operations.surroundings import Surroundings

__all__ = ["Ci", "Fate", "InitRequest", "Initialised", "Written", "init"]

_EXAMPLE = "plans/example.yaml"
_PRE_COMMIT = ".pre-commit-config.yaml"
_GITHUB = ".github/workflows/launcher.yml"
_GITLAB = ".gitlab-ci.yml"


class Ci(StrEnum):
    """The CI system that a workflow is written for."""

    GITHUB = "github"
    GITLAB = "gitlab"
    NONE = "none"


class Fate(StrEnum):
    """What became of a file."""

    WRITTEN = "wrote"
    EXTENDED = "added to"
    THERE = "there"
    """It holds what is needed already."""
    KEPT = "kept"
    """It holds something else, which stays; what it lacks is to be added by hand."""


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
class Written:
    """What became of one file, or of a folder of files.

    Attributes:
        path: as seen from the workspace.
        fate: what became of it.
        to_add: what has to be added by hand.
    """

    path: str
    fate: Fate
    to_add: str = ""


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
        WrongUsage: a name is none.
    """
    root = _made(request.directory.absolute())
    repository = find_repository(root, surroundings.environ)
    address = None if repository is None else repository.remote_address()
    work = _Work(root, repository)
    wanted = _target(request, has_remote=bool(address) or request.ci in (Ci.GITHUB, Ci.GITLAB))
    name = request.name or _name_of(root)
    check_name(name, "workspace")
    is_new = work.add(WORKSPACE_FILE, starter.workspace(name, wanted))
    document = load_workspace(root)
    target, problems = _agreed(document, wanted)
    if is_new:
        # Later its place may have been taken by launches that mean something.
        work.add(_EXAMPLE, starter.EXAMPLE)
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
    check_name(request.environment, "environment")
    check_name(request.server, "server")
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


@dataclass(slots=True)
class _Work:
    """Files looked at so far."""

    root: Path
    repository: Repository | None
    files: list[Written] = field(default_factory=list)

    @property
    def top(self) -> Path:
        """Where git, CI and pre-commit look for their files."""
        return self.root if self.repository is None else self.repository.root.resolve()

    @property
    def folder(self) -> str:
        """Where the workspace is below `top`; empty for the top itself."""
        inside = self.root.relative_to(self.top).as_posix()
        return "" if inside == "." else inside

    def add(self, path: str, text: str, *, at_top: bool = False, marks: str | None = None) -> bool:
        """Write a file that is missing; `marks` is what one that serves holds, `None` for whatever is there."""
        base = self.top if at_top else self.root
        if write_new(base, path, text):
            self._note(path, Fate.WRITTEN, at_top=at_top)
            return True
        serves = marks is None or marks in _text(base, path)
        self._note(path, Fate.THERE if serves else Fate.KEPT, "" if serves else text, at_top=at_top)
        return False

    def add_schemas(self) -> None:
        """Write the schemas; generated files are brought up to date, as `launcher schema` does."""
        done = schemas.write(self.root)
        fate = Fate.WRITTEN if done.changed else Fate.THERE
        self.files.append(Written(f"{schemas.FOLDER}/ ({len(done.paths)} schemas)", fate))

    def ignore(self, document: WorkspaceDocument) -> None:
        """Tell git what is nobody's record."""
        sandboxes = tuple(item.name for item in document.environments.values() if item.is_sandbox)
        self._merge(".gitignore", lambda text: with_lines(text, starter.ignored(sandboxes)))

    def hook(self) -> None:
        """Let pre-commit look at manifests."""

        def extended(text: str) -> str | None:
            if "launcher-validate" in text:
                return text
            return with_hooks(text, lambda indent: starter.pre_commit_hooks(self.folder, indent))

        to_add = starter.pre_commit_hooks(self.folder, "")
        self._merge(_PRE_COMMIT, extended, to_add, at_top=True)

    def pipeline(self, ci: Ci, document: WorkspaceDocument, target: Target | None) -> None:
        """Write the CI workflow."""
        if ci is Ci.NONE:
            return
        branch = None if self.repository is None else self.repository.main_branch()
        sandboxes = [item.name for item in document.environments.values() if item.is_sandbox]
        if target is None and not sandboxes:
            return
        about = Pipeline(branch or "main", self.folder, target, next(iter(sandboxes), SANDBOX))
        if ci is Ci.GITHUB:
            self.add(_GITHUB, pipelines.github(about), at_top=True)
        else:
            self.add(_GITLAB, pipelines.gitlab(about), at_top=True, marks="launcher validate")

    def _merge(
        self,
        path: str,
        extend: Callable[[str], str | None],
        to_add: str = "",
        *,
        at_top: bool = False,
    ) -> None:
        """Write a file, or add what it lacks; one that cannot be added to safely is kept."""
        base = self.top if at_top else self.root
        fresh = extend("")
        if fresh is not None and write_new(base, path, fresh):
            self._note(path, Fate.WRITTEN, at_top=at_top)
            return
        before = _text(base, path)
        after = extend(before)
        if after is None:
            self._note(path, Fate.KEPT, to_add, at_top=at_top)
        elif after == before:
            self._note(path, Fate.THERE, at_top=at_top)
        else:
            replace_file(base, path, after)
            self._note(path, Fate.EXTENDED, at_top=at_top)

    def _note(self, path: str, fate: Fate, to_add: str = "", *, at_top: bool) -> None:
        up = "../" * len([part for part in self.folder.split("/") if part]) if at_top else ""
        self.files.append(Written(up + path, fate, to_add))


def _text(base: Path, path: str) -> str:
    try:
        return (base / path).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return ""
