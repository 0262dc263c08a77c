"""Check everything that can be known without a network."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from launcher.diagnostics import Diagnostic, in_order
from launcher.errors import InvalidManifests, WrongUsage
from launcher.manifest.discovery import find_root, search
from launcher.manifest.load import load, load_workspace
from launcher.operations.opening import Workspace, read_declared

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from launcher.operations.opening import Declared

__all__ = ["Validated", "covers", "examine", "paths_inside", "validate"]


@dataclass(frozen=True, slots=True)
class Validated:
    """What was found.

    Attributes:
        root: the workspace.
        files: how many manifests it is about.
        diagnostics: every problem of every file, with lines and columns, sorted by place.
    """

    root: Path
    files: int
    diagnostics: tuple[Diagnostic, ...]


def validate(directory: Path, paths: tuple[str, ...] = ()) -> Validated:
    """As `examine`, for whoever asks nobody."""
    return examine(directory, paths)[0]


def examine(directory: Path, paths: tuple[str, ...] = ()) -> tuple[Validated, Declared | None]:
    """Check the workspace and its manifests; with `paths`, tell only of these files and folders.

    Rules across files see every manifest of the workspace. A file that the workspace's patterns do not
    select is checked by itself. While the workspace file is wrong, nothing tells which files are manifests, and its
    problems are all there is.

    Returns:
        What was found; and what is declared, `None` while the workspace file is wrong.

    Raises:
        SurroundingsFailed: there is no workspace.
        WrongUsage: a path is not inside the workspace.
    """
    root = find_root(directory)
    try:
        workspace = Workspace(root, load_workspace(root))
    except InvalidManifests as error:
        return Validated(root, 0, error.diagnostics), None
    document = workspace.document
    declared = read_declared(workspace)
    selected, _ = search(root, document)
    if not paths:
        return Validated(root, len(selected), declared.diagnostics), declared
    wanted = paths_inside(root, directory, paths)
    named = [path for path in selected if covers(wanted, path)]
    alone = [
        path
        for path in wanted
        if path not in named and path != document.path and not (root / path).is_dir()
    ]
    _, more = load(root, alone)
    about = {*named, *alone, document.path}
    kept = (item for item in declared.diagnostics if item.place is None or item.place.path in about)
    found = Validated(root, len(named) + len(alone), in_order((*kept, *more)))
    return found, declared


def paths_inside(root: Path, directory: Path, paths: Iterable[str]) -> tuple[str, ...]:
    """`paths`, which are relative to `directory`, relative to the workspace.

    Raises:
        WrongUsage: one of them is outside.
    """
    inside: dict[str, None] = {}
    outside: list[Diagnostic] = []
    for text in paths:
        # The last part is kept as it is: a link is what was named, not what it leads to.
        path = directory.absolute() / text
        place = path.parent.resolve() / path.name if path.name not in ("", "..") else path.resolve()
        if place.is_relative_to(root.resolve()):
            inside[place.relative_to(root.resolve()).as_posix()] = None
        else:
            outside.append(Diagnostic("L540", {"path": text, "root": str(root)}))
    if outside:
        raise WrongUsage(*outside)
    return tuple(inside)


def covers(wanted: Iterable[str], path: str) -> bool:
    """Whether `path` is one of `wanted`, or below one of them; `.` is the whole workspace."""
    return any(item in (".", path) or path.startswith(f"{item}/") for item in wanted)
