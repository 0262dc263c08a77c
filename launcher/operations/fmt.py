"""Bring manifests into the canonical layout."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from launcher.diagnostics import Diagnostic, Place, in_order
from launcher.errors import SurroundingsFailed
from launcher.manifest.discovery import discover
from launcher.manifest.fmt import formatted
from launcher.manifest.load import read_source
from launcher.operations.opening import open_workspace
from launcher.operations.validate import paths_inside

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

    A file is replaced whole or not at all. One that is wrong stays as it is, and the others go on.

    Raises:
        SurroundingsFailed: there is no workspace, or a file cannot be written.
        InvalidManifests: the workspace's settings are invalid, or a folder cannot be listed.
        WrongUsage: a path is not inside the workspace.
    """
    workspace = open_workspace(directory)
    root = workspace.root
    every = (workspace.document.path, *discover(root, workspace.document))
    files: list[FmtFile] = []
    problems: list[Diagnostic] = []
    for path in _chosen(root, directory, paths, every):
        content = read_source(root, path)
        if isinstance(content, Diagnostic):
            problems.append(content)
            continue
        found = formatted(path, content, fix=mode == "fix")
        problems.extend(found.diagnostics)
        files.append(FmtFile(path, found.changed, found.text))
        if mode == "fix" and found.changed:
            _replace(root, path, found.text)
    return FmtResult(root, tuple(files), in_order(problems))


def _chosen(
    root: Path, directory: Path, paths: tuple[str, ...], every: tuple[str, ...]
) -> tuple[str, ...]:
    if not paths:
        return every
    chosen: dict[str, None] = {}
    for path in paths_inside(root, directory, paths):
        if (root / path).is_dir():
            below = "" if path == "." else f"{path}/"
            chosen.update(dict.fromkeys(item for item in every if item.startswith(below)))
        else:
            chosen[path] = None
    return tuple(chosen)


def _replace(root: Path, path: str, text: str) -> None:
    # What a link leads to is rewritten, not the link; discovery has checked that it stays inside.
    target = (root / path).resolve()
    draft = target.with_name(f".{target.name}.{os.getpid()}.new")
    try:
        draft.write_text(text, encoding="utf-8", newline="")
        draft.chmod(target.stat().st_mode)
        draft.replace(target)
    except OSError as error:
        draft.unlink(missing_ok=True)
        facts = {"path": path, "problem": error.strerror or str(error)}
        raise SurroundingsFailed(Diagnostic("L544", facts, Place(path))) from error
