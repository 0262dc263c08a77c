"""Files to checked documents: all problems of all files at once.

A good file costs one read, libyaml, and a check by a compiled validator. Only a bad one is composed
again with positions and explained by the models, which are imported at that moment.
"""

from __future__ import annotations

import gc
import os
import stat
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, Any

from launcher.diagnostics import Diagnostic, Place, in_order
from launcher.errors import InvalidManifests
from launcher.manifest.ambiguous import ambiguous_numbers
from launcher.manifest.compose import MAX_BYTES, compose
from launcher.manifest.locate import locate_in
from launcher.manifest.nodes import span_of, to_data
from launcher.manifest.quick import read_quickly
from launcher.manifest.rules import broken_rules
from launcher.manifest.schemas import PLANLAUNCH, WORKSPACE, validator
from launcher.model.documents import (
    WORKSPACE_FILE,
    ManifestDocument,
    WorkspaceDocument,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from pathlib import Path

__all__ = [
    "MOST_PROBLEMS",
    "load",
    "load_bytes",
    "load_contents",
    "load_data",
    "load_workspace",
    "load_workspace_bytes",
    "read_source",
]

MOST_PROBLEMS = 100
"""How many problems of one file are told: a generated file can have one on every line."""

_NAME = ("metadata", "name")
# Opened without waiting, because a pipe would wait for a writer for ever.
_FLAGS = os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC
_PIECE_BYTES = 64 * 1024


def load_workspace(root: Path) -> WorkspaceDocument:
    """The workspace file in `root`.

    Raises:
        InvalidManifests: it cannot be read or is invalid; the diagnostics have lines and columns.
    """
    content = read_source(root, WORKSPACE_FILE)
    if isinstance(content, Diagnostic):
        raise InvalidManifests(content)
    return load_workspace_bytes(content)


def load_workspace_bytes(content: bytes, path: str = WORKSPACE_FILE) -> WorkspaceDocument:
    """The workspace that `content` holds; `path` is what diagnostics call it.

    Raises:
        InvalidManifests: as for `load_workspace`.
    """
    data, _, problems = _checked(path, content, WORKSPACE)
    if data is None:
        raise InvalidManifests(*_first(path, problems))
    workspace = WorkspaceDocument.from_data(path, data)
    broken = locate_in(broken_rules(workspace), lambda _: content)
    if broken:
        raise InvalidManifests(*_first(path, broken))
    return workspace


def load(
    root: Path, paths: Iterable[str]
) -> tuple[tuple[ManifestDocument, ...], tuple[Diagnostic, ...]]:
    """The manifests at `paths` below `root`, and everything that is wrong with any of them.

    Returns the documents that are valid by themselves, in the order of `paths`, and the diagnostics,
    sorted by place. With any diagnostic nothing may be decided from the documents: one that is
    missing was not deleted, and two of one name are both there.
    """
    return _loaded(paths, partial(read_source, root))


def load_contents(
    contents: Mapping[str, bytes],
) -> tuple[tuple[ManifestDocument, ...], tuple[Diagnostic, ...]]:
    """As `load`, for files that are not in a directory, such as those of a commit, by path."""
    return _loaded(contents, contents.__getitem__)


def load_bytes(path: str, content: bytes) -> tuple[ManifestDocument | None, tuple[Diagnostic, ...]]:
    """The manifest that `content` holds, or what is wrong with it; `path` is what it is called."""
    data, line, problems = _checked(path, content, PLANLAUNCH)
    return (None if data is None else ManifestDocument(path, data, line)), _first(path, problems)


def load_data(
    path: str, content: bytes, schema_name: str
) -> tuple[dict[str, Any] | None, tuple[Diagnostic, ...]]:
    """The document in `content` as plain values, or what is wrong with it by the schema called `schema_name`."""
    data, _, problems = _checked(path, content, schema_name)
    return data, _first(path, problems)


def read_source(root: Path, path: str) -> bytes | Diagnostic:
    """The bytes of `path` below `root`, at most one more than a document may have."""
    try:
        descriptor = os.open(os.path.join(root, path), _FLAGS)  # noqa: PTH118 - paths cost as much as the reading
        try:
            if not stat.S_ISREG(os.fstat(descriptor).st_mode):
                return Diagnostic("L161", {"reason": "it is not a regular file"}, Place(path))
            return _content(descriptor)
        finally:
            os.close(descriptor)
    except FileNotFoundError:
        return Diagnostic("L161", {"reason": "it does not exist"}, Place(path), hint="missing")
    except OSError as error:
        return Diagnostic("L161", {"reason": error.strerror or str(error)}, Place(path))


def _content(descriptor: int) -> bytes:
    """What `read_source` gives; a file object would cost more than the reading."""
    content = os.read(descriptor, _PIECE_BYTES)
    while 0 < len(content) <= MAX_BYTES:
        piece = os.read(descriptor, min(_PIECE_BYTES, MAX_BYTES + 1 - len(content)))
        if not piece:
            break
        content += piece
    return content


def _loaded(
    paths: Iterable[str], read: Callable[[str], bytes | Diagnostic]
) -> tuple[tuple[ManifestDocument, ...], tuple[Diagnostic, ...]]:
    problems: list[Diagnostic] = []
    documents: list[ManifestDocument] = []
    with _collector_resting():
        for path in dict.fromkeys(paths):
            content = read(path)
            if isinstance(content, Diagnostic):
                problems.append(content)
                continue
            document, found = load_bytes(path, content)
            problems.extend(found)
            if document is not None:
                documents.append(document)
    # Read again rather than kept: hardly ever needed, and never for more than a few files.
    again = partial(_only_bytes, read)
    return tuple(documents), in_order([*problems, *locate_in(_repeated_names(documents), again)])


@contextmanager
def _collector_resting() -> Iterator[None]:
    """Leave the cycle collector out: documents and nodes have no cycles.

    It would walk through all documents again and again while they become more, which costs a third
    of the time for ten thousand of them.
    """
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


def _first(path: str, problems: tuple[Diagnostic, ...]) -> tuple[Diagnostic, ...]:
    """As many of a file's `problems` as anyone reads, and a word about the others."""
    if len(problems) <= MOST_PROBLEMS:
        return problems
    more = Diagnostic("L163", {"shown": str(MOST_PROBLEMS), "all": str(len(problems))}, Place(path))
    return in_order([more, *problems[:MOST_PROBLEMS]])


def _checked(
    path: str, content: bytes, schema_name: str
) -> tuple[dict[str, Any] | None, int, tuple[Diagnostic, ...]]:
    """The data of a good document with the line of its name, or what is wrong with it."""
    read = read_quickly(content)
    if read is not None and validator(schema_name).is_valid(read[0]):
        return *read, ()
    return _checked_exactly(path, content, schema_name)


def _checked_exactly(
    path: str, content: bytes, schema_name: str
) -> tuple[dict[str, Any] | None, int, tuple[Diagnostic, ...]]:
    composed = compose(path, content)
    if composed.root is None or not composed.whole:
        return None, 0, composed.diagnostics
    data = to_data(composed.root)
    problems = composed.diagnostics
    if not validator(schema_name).is_valid(data):
        from launcher.manifest.explain import explain  # noqa: PLC0415 - it brings pydantic

        problems = in_order([*problems, *explain(path, composed.root, schema_name)])
    problems = in_order([*problems, *ambiguous_numbers(path, composed.root, problems)])
    if problems:
        return None, 0, problems
    return data, span_of(composed.root, _NAME, of_key=True).line, ()


def _repeated_names(documents: Iterable[ManifestDocument]) -> Iterator[Diagnostic]:
    first: dict[str, ManifestDocument] = {}
    for document in sorted(documents, key=lambda item: item.path):
        other = first.setdefault(document.name, document)
        if other is not document:
            yield Diagnostic(
                "L150",
                {"name": document.name, "path": other.path, "line": str(other.line)},
                Place(document.path, _NAME),
                related=Place(other.path, _NAME),
            )


def _only_bytes(read: Callable[[str], bytes | Diagnostic], path: str) -> bytes | None:
    content = read(path)
    return None if isinstance(content, Diagnostic) else content
