"""Show an expected failure: in words on standard error, and as JSON where JSON was asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from launcher.errors import SurroundingsFailed
from launcher.manifest.discovery import find_root
from launcher.render import documents, json_text
from launcher.render.diagnostics import render_diagnostics

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from launcher.cli.face import Face
    from launcher.diagnostics import Diagnostic
    from launcher.errors import LauncherError

__all__ = ["show_diagnostics", "show_failure", "workspace_above"]


def show_failure(error: LauncherError, face: Face) -> None:
    """Say what `error` tells. An answer in JSON is then a document with nothing but diagnostics."""
    if face.output == "json":
        face.answer.write(json_text.document(documents.failure(error.diagnostics)))
    show_diagnostics(error.diagnostics, face, workspace_above(face.directory))


def show_diagnostics(
    diagnostics: Iterable[Diagnostic], face: Face, root: Path | None, *, below: bool = False
) -> None:
    """Say them on standard error, with the source lines of the workspace at `root`.

    `below`: an answer in words stands above; a blank line keeps the two apart.
    """
    text = render_diagnostics(diagnostics, face.view(root))
    if text:
        face.aside.write(f"\n{text}" if below else text)


def workspace_above(directory: Path) -> Path | None:
    """The nearest workspace from `directory` upwards; `None` without one."""
    try:
        return find_root(directory)
    except SurroundingsFailed:
        return None
