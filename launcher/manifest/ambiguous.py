"""Numbers that one reader of YAML takes for one thing, and another reader for another."""

from __future__ import annotations

from typing import TYPE_CHECKING

from launcher.diagnostics import Diagnostic, Place
from launcher.manifest.nodes import scalars_of
from launcher.manifest.scalars import in_yaml_1_1

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from launcher.manifest.nodes import MappingNode

__all__ = ["ambiguous_numbers"]

_LONGEST = 60


def ambiguous_numbers(
    path: str, root: MappingNode, told: Iterable[Diagnostic]
) -> Iterator[Diagnostic]:
    """The numbers that a reader of YAML 1.1 takes for something else, where nothing was `told` yet.

    Where text belongs, a number is refused for being one, and quotes say what is meant.
    """
    known = {item.place.span for item in told if item.place is not None}
    for node in scalars_of(root):
        other = in_yaml_1_1(node.text) if node.plain else None
        if other is not None and node.span not in known:
            text = node.text if len(node.text) <= _LONGEST else node.text[:_LONGEST] + "…"
            facts = {"text": text, "number": str(node.value), "other": other}
            yield Diagnostic("L621", facts, Place(path, span=node.span))
