"""A document with positions: what a file is composed into once something is wrong with it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

    from launcher.diagnostics import Pointer, Span
    from launcher.manifest.scalars import Scalar

__all__ = [
    "Entry",
    "MappingNode",
    "Node",
    "ScalarNode",
    "SequenceNode",
    "kind_of",
    "node_at",
    "scalars_of",
    "span_of",
    "to_data",
]


@dataclass(slots=True)
class ScalarNode:
    """One value.

    Attributes:
        text: the text between quotes, or the plain text.
        value: what it means.
        plain: it stands without quotes, on its own.
        span: from its first to behind its last character.
    """

    text: str
    value: Scalar
    plain: bool
    span: Span


@dataclass(slots=True)
class SequenceNode:
    """A list; `flow` if it is written in brackets."""

    span: Span
    flow: bool
    items: list[Node] = field(default_factory=list)


@dataclass(slots=True)
class Entry:
    """One key of a mapping with its value."""

    key: ScalarNode
    value: Node


@dataclass(slots=True)
class MappingNode:
    """A mapping; of a key that stands twice only the first is kept. `flow`: written in brackets."""

    span: Span
    flow: bool
    entries: dict[str, Entry] = field(default_factory=dict)


Node = ScalarNode | SequenceNode | MappingNode


def to_data(node: Node) -> Any:  # noqa: ANN401 - any JSON value
    """The plain values of `node`, whose depth the composer has bounded."""
    if isinstance(node, ScalarNode):
        return node.value
    if isinstance(node, SequenceNode):
        return [to_data(item) for item in node.items]
    return {name: to_data(entry.value) for name, entry in node.entries.items()}


def kind_of(value: object) -> str:
    """What `value` is, in words that people know from YAML."""
    match value:
        case bool():
            return "a boolean"
        case int():
            return "a number"
        case float():
            return "a number with a fraction"
        case str():
            return "text"
        case list():
            return "a list"
        case dict():
            return "a mapping"
        case _:
            return "nothing"


def scalars_of(node: Node) -> Iterator[ScalarNode]:
    """Every scalar of `node`, keys included, in the order of the file."""
    if isinstance(node, ScalarNode):
        yield node
    elif isinstance(node, SequenceNode):
        for item in node.items:
            yield from scalars_of(item)
    else:
        for entry in node.entries.values():
            yield entry.key
            yield from scalars_of(entry.value)


def node_at(root: Node, pointer: Pointer) -> Node | None:
    """The node that `pointer` leads to, or `None` where there is nothing."""
    node: Node | None = root
    for part in pointer:
        node = _child(node, part)
        if node is None:
            return None
    return node


def span_of(root: Node, pointer: Pointer, *, of_key: bool = False) -> Span:
    """The span of the value at `pointer`, or of its key; of the nearest that exists around it."""
    known = [root]
    for part in pointer:
        child = _child(known[-1], part)
        if child is None:
            return _key_span(known, pointer[: len(known) - 1])
        known.append(child)
    return _key_span(known, pointer) if of_key else known[-1].span


def _key_span(known: list[Node], pointer: Pointer) -> Span:
    """The span of the nearest key above the last of `known`, which `pointer` leads to."""
    for depth in range(len(pointer), 0, -1):
        parent, part = known[depth - 1], pointer[depth - 1]
        if isinstance(parent, MappingNode) and isinstance(part, str):
            return parent.entries[part].key.span
        if isinstance(parent, SequenceNode):
            return known[depth].span
    return known[0].span


def _child(node: Node | None, part: str | int) -> Node | None:
    if isinstance(node, MappingNode) and isinstance(part, str) and part in node.entries:
        return node.entries[part].value
    if isinstance(node, SequenceNode) and isinstance(part, int) and part < len(node.items):
        return node.items[part]
    return None
