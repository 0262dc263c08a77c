"""What is trusted lies outside of the repository: whatever lies inside, a pull request could have brought along."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

__all__ = ["inside"]

_MOST_LINKS = 40
"""More than that, no system follows: such a file cannot be opened."""


def inside(path: Path, folders: Iterable[Path]) -> Path | None:
    """The first of `folders` that the way to `path` leads through; `None` where it leads through none.

    A relative path counts from where the process runs.
    """
    roots = [Path(os.path.realpath(folder)) for folder in folders]
    for passed in _passed(path.absolute()):
        for root in roots:
            if root in passed.parents:
                return root
    return None


def _passed(path: Path) -> Iterator[Path]:
    """Every file, folder and link on the way to `path`, each by its real place.

    A link inside the repository leads where a pull request wants, even if that is outside again.
    """
    here, parts, links = Path(path.anchor), list(path.parts[1:]), 0
    while parts:
        part = parts.pop(0)
        if part == "..":
            here = here.parent
            continue
        passed = here / part
        yield passed
        if passed.is_symlink() and links < _MOST_LINKS:
            links += 1
            target = passed.readlink()
            if target.is_absolute():
                here = Path(target.anchor)
            parts = [*target.parts[target.is_absolute() :], *parts]
        else:
            here = passed
