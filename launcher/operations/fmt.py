"""Bring manifests into the canonical layout."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from launcher.diagnostics import Diagnostic, in_order
from launcher.errors import InvalidManifests
from launcher.manifest.discovery import discover, find_root
from launcher.manifest.fmt import formatted
from launcher.manifest.load import load_workspace, read_source
from launcher.model.documents import WORKSPACE_FILE
from launcher.operations.rewrite import replace_file
from launcher.operations.validate import covers, paths_inside

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["FmtFile", "FmtResult", "Mode", "fmt"]

Mode = Literal["check", "fix", "show"]
"""Say which files differ; rewrite them, and quote bare numbers; or give the text and write nothing."""


@dataclass(frozen=True, slots=True)
class FmtFile:
    """One file.

    Attributes:
        path: relative to the workspace.
        changed: its layout is not the canonical one (with `fix`: was not, and is now).
        text: the canonical text; as it stands where something is wrong with it.
    """

    path: str
    changed: bool
    text: str


@dataclass(frozen=True, slots=True)
class FmtResult:
    """What was found.

    Attributes:
        root: the workspace.
        files: in the order of their paths; those that cannot be read are not among them.
        diagnostics: what kept files from being brought into the layout, with lines and columns.
    """

    root: Path
    files: tuple[FmtFile, ...]
    diagnostics: tuple[Diagnostic, ...]


def fmt(directory: Path, paths: tuple[str, ...], mode: Mode) -> FmtResult:
    """Lay out the manifests and the workspace file, or `paths` of them; files are written with `fix` alone.

    A file is replaced whole or not at all. One that is wrong stays as it is, and the others go on. The workspace
    file comes first: once it is laid out it may be valid, and only then it tells which files are manifests.

    Raises:
        SurroundingsFailed: there is no workspace, or a file cannot be written.
        WrongUsage: a path is not inside the workspace.
    """
    root = find_root(directory)
    wanted = paths_inside(root, directory, paths) if paths else (".",)
    named = [item for item in wanted if not (root / item).is_dir()]
    work = _Work(root, mode)
    if covers(wanted, WORKSPACE_FILE):
        work.lay_out(WORKSPACE_FILE)
    folders = len(named) < len(wanted)
    others = [path for path in work.manifests() if covers(wanted, path)] if folders else []
    for path in dict.fromkeys((*others, *named)):
        if path != WORKSPACE_FILE:
            work.lay_out(path)
    return FmtResult(root, tuple(work.files), in_order(work.problems))


class _Work:
    """Files laid out so far, and what kept others from it."""

    def __init__(self, root: Path, mode: Mode) -> None:
        self.files: list[FmtFile] = []
        self.problems: list[Diagnostic] = []
        self._root = root
        self._fix = mode == "fix"

    def lay_out(self, path: str) -> None:
        content = read_source(self._root, path)
        if isinstance(content, Diagnostic):
            self.problems.append(content)
            return
        found = formatted(path, content, fix=self._fix)
        self.problems.extend(found.diagnostics)
        self.files.append(FmtFile(path, found.changed, found.text))
        if self._fix and found.changed:
            replace_file(self._root, path, found.text.encode())

    def manifests(self) -> tuple[str, ...]:
        """Which files are manifests; none, and the reason among the problems, where that cannot be known."""
        try:
            return discover(self._root, load_workspace(self._root))
        except InvalidManifests as error:
            self.problems.extend(item for item in error.diagnostics if item not in self.problems)
            return ()
