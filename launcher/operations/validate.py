"""Check everything that can be known without a network."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from launcher.diagnostics import Diagnostic

__all__ = ["Validated"]


@dataclass(frozen=True, slots=True)
class Validated:
    """What was found.

    Attributes:
        root: the workspace.
        files: how many manifests were read.
        diagnostics: every problem of every file, with lines and columns, sorted by place.
    """

    root: Path
    files: int
    diagnostics: tuple[Diagnostic, ...]
