"""Explain the decision on one launch."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from launcher.operations.diff import DiffRequest, diff
from launcher.operations.opening import unknown_names

if TYPE_CHECKING:
    from pathlib import Path

    from launcher.diagnostics import Diagnostic
    from launcher.engine.changeset import Change
    from launcher.operations.surroundings import Surroundings

__all__ = ["Explained", "why"]


@dataclass(frozen=True, slots=True)
class Explained:
    """Why one launch has its action.

    Attributes:
        root: the workspace.
        environment: the target.
        change: the decision, with the rows that were tried; what would unblock it stands in
            `launcher.catalogue.english.reasons` under its reason.
        diagnostics: what speaks against it, and warnings.
    """

    root: Path
    environment: str
    change: Change
    diagnostics: tuple[Diagnostic, ...]


def why(
    directory: Path, environment: str | None, name: str, *, surroundings: Surroundings
) -> Explained:
    """Why `name` has its action, among everything else that is declared: its needs are decided as an apply would.

    Raises:
        WrongUsage: no such launch is declared, and none that is on record would be touched.
        LauncherError: as for `diff`.
    """
    found = diff(DiffRequest(directory, environment, as_applied=True), surroundings)
    changeset = found.changeset
    change = changeset.change(name)
    if change is None:
        known = [item.name for item in changeset.changes]
        raise unknown_names([name], known, changeset.environment)
    about = [
        item
        for item in (*changeset.diagnostics, *found.diagnostics)
        if item.facts.get("name", name) == name
    ]
    return Explained(found.root, changeset.environment, change, tuple(about))
