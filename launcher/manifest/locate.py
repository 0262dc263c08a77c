"""Routes to lines and columns: a file is composed again only once something is wrong with it."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from launcher.diagnostics import in_order
from launcher.manifest.compose import compose
from launcher.manifest.nodes import span_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

    from launcher.diagnostics import Diagnostic, Place
    from launcher.manifest.nodes import MappingNode

__all__ = ["locate", "locate_in"]


def locate(diagnostics: Iterable[Diagnostic], root: Path) -> tuple[Diagnostic, ...]:
    """`diagnostics` with lines and columns, sorted by place.

    A place that has them, has no pointer, or whose file below `root` cannot be read, stays as it is.
    """
    return locate_in(diagnostics, partial(_content, root))


def locate_in(
    diagnostics: Iterable[Diagnostic], content_of: Callable[[str], bytes | None]
) -> tuple[Diagnostic, ...]:
    """As `locate`, for files that are not in a directory: `content_of` gives the bytes of a path."""
    roots: dict[str, MappingNode | None] = {}

    def located(place: Place | None) -> Place | None:
        if place is None or place.span is not None or place.pointer is None:
            return place
        if place.path not in roots:
            content = content_of(place.path)
            roots[place.path] = None if content is None else compose(place.path, content).root
        node = roots[place.path]
        if node is None:
            return place
        return replace(place, span=span_of(node, place.pointer, of_key=place.of_key))

    return in_order(
        replace(item, place=located(item.place), related=located(item.related))
        for item in diagnostics
    )


def _content(root: Path, path: str) -> bytes | None:
    try:
        return (root / path).read_bytes()
    except OSError:
        return None
