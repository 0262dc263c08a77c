"""Desired against recorded and observed: what an apply would do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from launcher.diagnostics import Diagnostic
    from launcher.engine.changeset import Changeset

__all__ = ["DiffRequest", "Diffed"]


@dataclass(frozen=True, slots=True)
class DiffRequest:
    """What is to be compared.

    Attributes:
        directory: where to look for the workspace, upwards from here.
        environment: the target; `None` for the workspace's default.
        names: nothing but these launches; empty for all.
        offline: compare with the lockfile and ask nobody.
        base: the revision whose lockfile is compared with, for `offline`; `None` for HEAD.
        as_new: names that are no renames, whatever they look like.
    """

    directory: Path
    environment: str | None = None
    names: tuple[str, ...] = ()
    offline: bool = False
    base: str | None = None
    as_new: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Diffed:
    """What was found.

    Attributes:
        root: the workspace.
        changeset: what an apply would do; its diagnostics have lines and columns.
        diagnostics: what else was found on the way, warnings included, with lines and columns.
    """

    root: Path
    changeset: Changeset
    diagnostics: tuple[Diagnostic, ...]
