"""Explain the decision on one launch."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from launcher.diagnostics import Diagnostic
    from launcher.engine.changeset import Change

__all__ = ["Explained"]


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
