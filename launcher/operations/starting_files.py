"""The files of a workspace, one by one: written where there is none, added to where that is safe, kept otherwise."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

from launcher.model.documents import SANDBOX
from launcher.operations import schemas
from launcher.operations.merging import with_hooks, with_lines
from launcher.operations.writing import replace_file, write_new
from launcher.render import pipelines, starter
from launcher.render.pipelines import Pipeline

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from launcher.forge.git import Repository
    from launcher.model.documents import WorkspaceDocument
    from launcher.render.starter import Target

__all__ = ["Ci", "Fate", "Starting", "Written"]

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


@dataclass(slots=True)
class Starting:
    """Looks at one file after the other.

    Attributes:
        root: the workspace.
        repository: the git repository around it; `None` without git.
        files: what became of those looked at so far.
    """

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
