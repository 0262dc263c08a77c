"""Put a new text in the place of a file of the workspace, whole or not at all."""

from __future__ import annotations

from typing import TYPE_CHECKING

from launcher.diagnostics import Diagnostic, Place
from launcher.errors import InvalidManifests, SurroundingsFailed
from launcher.manifest.edit import edited
from launcher.manifest.load import load_bytes, read_source
from launcher.manifest.schemas import PLANLAUNCH
from launcher.operations.draft import write_draft

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from launcher.manifest.edit import Edit
    from launcher.model.documents import ManifestDocument

__all__ = ["edit_manifest", "replace_file"]


def edit_manifest(root: Path, path: str, edits: Sequence[Edit]) -> tuple[ManifestDocument, bool]:
    """The manifest at `path` after `edits`, which are written into its file, and whether anything had to be.

    Raises:
        InvalidManifests: the file has errors, now or with the edits in it, or they cannot be made without touching
            something else; it is left as it is.
        SurroundingsFailed: it was changed meanwhile, or cannot be written.
    """
    content = read_source(root, path)
    if isinstance(content, Diagnostic):
        raise InvalidManifests(content)
    found = edited(path, content, edits, PLANLAUNCH)
    document, problems = load_bytes(path, found.content)
    if found.diagnostics or document is None:
        raise InvalidManifests(*(found.diagnostics or problems))
    if found.content == content:
        return document, False
    if read_source(root, path) != content:
        raise SurroundingsFailed(Diagnostic("L172", {}, Place(path)))
    replace_file(root, path, found.content)
    return document, True


def replace_file(root: Path, path: str, content: bytes) -> None:
    """Let the file at `path` below `root` hold `content`; its mode stays.

    Raises:
        SurroundingsFailed: it cannot be written; it is as it was.
    """
    # What a link leads to is rewritten, not the link; discovery has checked that it stays inside.
    target = (root / path).resolve()
    try:
        draft = write_draft(target, content)
        try:
            draft.chmod(target.stat().st_mode)
            draft.replace(target)
        except OSError:
            draft.unlink(missing_ok=True)
            raise
    except OSError as error:
        facts = {"path": path, "problem": error.strerror or str(error)}
        raise SurroundingsFailed(Diagnostic("L544", facts, Place(path))) from error
