"""Write the JSON Schemas into a workspace, or check those that are there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from launcher.diagnostics import Diagnostic, Place
from launcher.errors import InvalidManifests, SurroundingsFailed
from launcher.ledger import lockfile_model
from launcher.manifest.discovery import find_root
from launcher.model import schema as model_schema
from launcher.render import schema as answer_schema

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

__all__ = ["FOLDER", "Schemas", "check", "files", "write"]

FOLDER = "schemas"


@dataclass(frozen=True, slots=True)
class Schemas:
    """The schemas of a workspace.

    Attributes:
        root: the workspace; the directory itself where there is none yet.
        paths: all files, relative to `root`, sorted.
        changed: those among them that were written because they differed.
    """

    root: Path
    paths: tuple[str, ...]
    changed: tuple[str, ...]


def files() -> Mapping[str, str]:
    """The text of every schema by its path in a workspace, sorted."""
    texts = {
        **answer_schema.schema_files(),
        **lockfile_model.schema_files(),
        **model_schema.schema_files(),
    }
    return {f"{FOLDER}/{name}": text for name, text in sorted(texts.items())}


def write(directory: Path) -> Schemas:
    """Write every schema that is missing or differs.

    Raises:
        SurroundingsFailed: a file cannot be written; those before it are.
    """
    root = _root(directory)
    texts = files()
    changed = tuple(path for path, text in texts.items() if _text(root / path) != text)
    for path in changed:
        _write(root, path, texts[path])
    return Schemas(root, tuple(texts), changed)


def check(directory: Path) -> Schemas:
    """Find every schema as `write` would leave it.

    Raises:
        InvalidManifests: one is missing or differs.
    """
    root = _root(directory)
    texts = files()
    problems = [
        Diagnostic(
            "L585",
            {"path": path, "reason": "it is missing" if found is None else "its text differs"},
            Place(path),
        )
        for path, text in texts.items()
        if (found := _text(root / path)) != text
    ]
    if problems:
        raise InvalidManifests(*problems)
    return Schemas(root, tuple(texts), ())


def _root(directory: Path) -> Path:
    try:
        return find_root(directory)
    except SurroundingsFailed:
        # A new workspace wants its schemas before its first file.
        return directory.absolute()


def _text(path: Path) -> str | None:
    try:
        return path.read_bytes().decode("utf-8", "replace")
    except OSError:
        return None


def _write(root: Path, path: str, text: str) -> None:
    target = root / path
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(text.encode("utf-8"))
    except OSError as error:
        facts = {"path": path, "reason": error.strerror or str(error)}
        raise SurroundingsFailed(Diagnostic("L586", facts, Place(path))) from error
