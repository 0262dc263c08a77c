"""Where a workspace is, and which of its files are manifests."""

from __future__ import annotations

import os
import re
from fnmatch import translate
from functools import cache
from typing import TYPE_CHECKING

from launcher.diagnostics import Diagnostic, Place
from launcher.errors import InvalidManifests, SurroundingsFailed
from launcher.model.documents import WORKSPACE_FILE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from launcher.model.documents import WorkspaceDocument

__all__ = ["discover", "find_root", "search", "selects"]

_ANY_DEPTH = "**"


def find_root(start: Path) -> Path:
    """The nearest directory at or above `start` that holds the workspace file.

    Raises:
        SurroundingsFailed: there is none.
    """
    begin = start.absolute()
    for directory in (begin, *begin.parents):
        if (directory / WORKSPACE_FILE).is_file():
            return directory
    raise SurroundingsFailed(Diagnostic("L160", {"file": WORKSPACE_FILE, "start": str(begin)}))


def discover(root: Path, workspace: WorkspaceDocument) -> tuple[str, ...]:
    """The manifests below `root`: paths relative to it, with forward slashes, sorted.

    A pattern that matches nothing is fine. A name that starts with a dot is matched only by a pattern
    that writes the dot, and `**` does not follow symbolic links to directories. What matches and is
    no directory is listed even if it cannot be read, so that it never looks deleted.

    Raises:
        InvalidManifests: a directory cannot be listed, or a symbolic link leads out of `root`.
    """
    found, problems = search(root, workspace)
    if problems:
        raise InvalidManifests(*problems)
    return found


def search(
    root: Path, workspace: WorkspaceDocument
) -> tuple[tuple[str, ...], tuple[Diagnostic, ...]]:
    """As `discover`, with what stood in the way beside what was found all the same.

    With any problem nothing may be decided from the paths: one that is missing was not deleted.
    """
    walk = _Walk(str(root))
    for pattern in workspace.manifests:
        walk.match("", pattern.split("/"))
    return tuple(sorted(walk.found)), tuple(walk.problems.values())


def selects(pattern: str, path: str) -> bool:
    """Whether `pattern` matches `path`, both relative to the workspace, without looking at files."""
    return _selects(pattern.split("/"), path.split("/"))


def _selects(parts: Sequence[str], names: Sequence[str]) -> bool:
    # One row of answers for each part: whether it and all before it match the first n names.
    row = [True] + [False] * len(names)
    for part in parts:
        if part == _ANY_DEPTH:
            row = _spread(row, names)
        else:
            fits = _fits(part)
            row = [False, *(row[n] and fits(name) for n, name in enumerate(names))]
    return row[-1]


def _spread(row: Sequence[bool], names: Sequence[str]) -> list[bool]:
    reached, spread = False, []
    for n, before in enumerate(row):
        reached = before or (reached and not names[n - 1].startswith("."))
        spread.append(reached)
    return spread


class _Walk:
    """Follows patterns through the directories below a root.

    Attributes:
        found: what matched, relative to the root.
        problems: what stood in the way, by path.
    """

    def __init__(self, root: str) -> None:
        self.found: set[str] = set()
        self.problems: dict[str, Diagnostic] = {}
        self._root = root
        self._inside = os.path.join(os.path.realpath(root), "")  # noqa: PTH118 - text all along: paths of ten thousand files
        self._seen: set[tuple[str, tuple[str, ...]]] = set()

    def match(self, directory: str, parts: Sequence[str]) -> None:
        """Match `parts` of a pattern against what is in `directory`."""
        pending = [(directory, tuple(parts))]
        while pending:
            task = pending.pop()
            if task not in self._seen:
                self._seen.add(task)
                pending.extend(self._step(*task))

    def _step(
        self, directory: str, parts: tuple[str, ...]
    ) -> Iterator[tuple[str, tuple[str, ...]]]:
        part, rest = parts[0], parts[1:]
        if part == _ANY_DEPTH and rest:
            yield directory, rest
        wanted = "*" if part == _ANY_DEPTH else part
        fits = _fits(wanted)
        for entry in self._entries(directory):
            if not fits(entry.name):
                continue
            path = directory + entry.name
            if self._is_directory(entry):
                if part == _ANY_DEPTH and not entry.is_symlink():
                    yield path + "/", parts
                elif part != _ANY_DEPTH and rest:
                    yield path + "/", rest
            elif not rest:
                self._add(path, entry)

    def _add(self, path: str, entry: os.DirEntry[str]) -> None:
        if entry.is_symlink() and self._leaves(path):
            return
        self.found.add(path)

    def _entries(self, directory: str) -> list[os.DirEntry[str]]:
        path = os.path.join(self._root, directory)  # noqa: PTH118 - see above
        if directory and self._leaves(directory.rstrip("/")):
            return []
        try:
            with os.scandir(path) as entries:
                return list(entries)
        except (FileNotFoundError, NotADirectoryError):
            return []
        except OSError as error:
            self._report("L161", directory, reason=error.strerror or "it cannot be listed")
            return []

    def _leaves(self, path: str) -> bool:
        target = os.path.realpath(os.path.join(self._root, path))  # noqa: PTH118 - see above
        if (target + os.sep).startswith(self._inside):
            return False
        self._report("L162", path, target=target)
        return True

    def _report(self, code: str, path: str, **facts: str) -> None:
        self.problems[path] = Diagnostic(code, facts, Place(path))

    @staticmethod
    def _is_directory(entry: os.DirEntry[str]) -> bool:
        try:
            return entry.is_dir()
        except OSError:
            return False


@cache
def _fits(part: str) -> Callable[[str], bool]:
    """Whether a name fits one part of a pattern."""
    compiled = re.compile(translate(part)).match
    hidden_too = part.startswith(".")

    def fits(name: str) -> bool:
        return (hidden_too or not name.startswith(".")) and compiled(name) is not None

    return fits
