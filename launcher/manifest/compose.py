"""Events to nodes: the exact way through a file, with every position and every rule.

Slower than `launcher.manifest.quick`, which hands over whatever is out of the ordinary. It never
recurses and counts while the events stream, so a budget is reached before it hurts.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from yaml import YAMLError
from yaml.events import (
    AliasEvent,
    CollectionEndEvent,
    CollectionStartEvent,
    DocumentStartEvent,
    MappingStartEvent,
    NodeEvent,
    ScalarEvent,
)

from launcher.diagnostics import Diagnostic, Place, Span, in_order
from launcher.manifest.characters import HIDDEN_IN_VALUE, decoded, named, without_bom
from launcher.manifest.events import parser_of
from launcher.manifest.nodes import Entry, MappingNode, ScalarNode, SequenceNode, kind_of, to_data
from launcher.manifest.scalars import resolved
from launcher.manifest.syntax import refused_directive, syntax_error

if TYPE_CHECKING:
    from yaml._yaml import Mark as CMark
    from yaml.error import Mark
    from yaml.events import Event

    from launcher.manifest.nodes import Node

__all__ = ["MAX_BYTES", "MAX_DEPTH", "MAX_NODES", "Composed", "compose"]

MAX_BYTES = 1024 * 1024
MAX_DEPTH = 32
MAX_NODES = 50_000

_MERGE_KEY = "<<"
_TEXT_TAG = "tag:yaml.org,2002:str"
"""Refused like every tag, but what it asks for is plain, so nothing else need be said."""


@dataclass(frozen=True, slots=True)
class Composed:
    """What a file was composed into.

    Attributes:
        root: the document; `None` where it could not be read to its end.
        diagnostics: what is wrong with its text, in the order of the file.
        whole: every value is known; without it, nothing can be said about the document's shape.
    """

    root: MappingNode | None
    diagnostics: tuple[Diagnostic, ...]
    whole: bool


class _Stop(Exception):
    """Ends the reading of a file: what follows cannot be read, or is too much."""

    def __init__(self, diagnostic: Diagnostic) -> None:
        self.diagnostic = diagnostic
        super().__init__(diagnostic.code)


def compose(path: str, content: bytes) -> Composed:
    """`content` as nodes with positions, and everything that is wrong with its text."""
    if len(content) > MAX_BYTES:
        facts = {"size": f"{len(content):,}", "limit": f"{MAX_BYTES:,}"}
        return Composed(None, (Diagnostic("L112", facts, Place(path)),), whole=False)
    content = without_bom(content)
    text, problems = decoded(path, content)
    if text is None:
        return Composed(None, problems, whole=False)
    if directive := refused_directive(path, text):
        return Composed(None, (directive,), whole=False)
    composer = _Composer(path)
    root = None
    try:
        root = composer.run(content)
    except _Stop as stop:
        composer.problems.append(stop.diagnostic)
    except YAMLError as error:
        composer.problems.append(syntax_error(path, text, error))
    whole = composer.whole and root is not None
    return Composed(root, in_order(composer.problems), whole=whole)


@dataclass(slots=True)
class _Open:
    """A collection whose end has not come yet; of a mapping, keys and values alternate."""

    event: CollectionStartEvent
    children: list[Node] = field(default_factory=list)


@dataclass(slots=True)
class _Composer:
    """Takes events one by one; the collections that are open stand on a stack."""

    path: str
    problems: list[Diagnostic] = field(default_factory=list)
    whole: bool = True
    open: list[_Open] = field(default_factory=list)
    nodes: int = 0
    root: Node | None = None
    documents: int = 0

    def run(self, content: bytes) -> MappingNode:
        """Take every event of `content`.

        Raises:
            _Stop: a budget is reached, or the stream is not one mapping.
            yaml.YAMLError: the text is not YAML.
        """
        source = parser_of(content)
        while (event := source.get_event()) is not None:
            self.take(event)
        return self.only_mapping()

    def take(self, event: Event) -> None:
        """Take the next event."""
        if isinstance(event, NodeEvent):
            self.count(event)
            self.refuse_anchor_and_tag(event)
        if isinstance(event, ScalarEvent):
            self.add(self.scalar(event))
        elif isinstance(event, CollectionStartEvent):
            self.descend(event)
        elif isinstance(event, CollectionEndEvent):
            self.add(self.closed(self.open.pop(), event))
        elif isinstance(event, AliasEvent):
            self.whole = False
            self.add(ScalarNode(f"*{event.anchor}", None, plain=True, span=_span(event)))
        elif isinstance(event, DocumentStartEvent):
            self.begin(event)

    def count(self, event: Event) -> None:
        """Count a node against the budget."""
        self.nodes += 1
        if self.nodes > MAX_NODES:
            raise self.stop("L114", _span(event), limit=f"{MAX_NODES:,}")

    def descend(self, event: CollectionStartEvent) -> None:
        """Open a collection, unless it is one too deep."""
        if len(self.open) == MAX_DEPTH:
            raise self.stop("L113", _span(event), limit=str(MAX_DEPTH))
        self.open.append(_Open(event))

    def begin(self, event: DocumentStartEvent) -> None:
        """Begin a document, unless it is a second one."""
        self.documents += 1
        if self.documents > 1:
            raise self.stop("L109", _span(event))

    def refuse_anchor_and_tag(self, event: NodeEvent) -> None:
        """Report what a node has before its value."""
        if event.anchor is not None:
            is_alias = isinstance(event, AliasEvent)
            name = ("*" if is_alias else "&") + event.anchor
            self.report("L105", _span(event), hint="alias" if is_alias else "anchor", name=name)
        if isinstance(event, ScalarEvent | CollectionStartEvent) and event.tag is not None:
            self.report("L107", _span(event), tag=event.tag)

    def scalar(self, event: ScalarEvent) -> ScalarNode:
        """The value of a scalar."""
        text, plain, span = event.value, not event.style, _span(event)
        hidden = None if plain else HIDDEN_IN_VALUE.search(text)
        if hidden:
            self.report("L102", span, hint="escape", character=named(hidden.group()))
            # Half of a surrogate pair is no text; nothing behind here could write it.
            text = text.encode("utf-8", "replace").decode()
        is_text = not plain or event.tag == _TEXT_TAG
        return ScalarNode(text, text if is_text else resolved(text), plain=plain, span=span)

    def closed(self, done: _Open, end: Event) -> Node:
        """The collection whose end has come."""
        span, flow = Span(*_start(done.event), *_end(end)), bool(done.event.flow_style)
        if not isinstance(done.event, MappingStartEvent):
            return SequenceNode(span, flow, done.children)
        mapping = MappingNode(span, flow)
        for key, value in zip(done.children[::2], done.children[1::2], strict=True):
            self.enter(mapping, key, value)
        return mapping

    def enter(self, mapping: MappingNode, key: Node, value: Node) -> None:
        """Put a key with its value into `mapping`, unless the key cannot stand."""
        if not isinstance(key, ScalarNode):
            self.report("L108", key.span, hint="collection", key="This key")
        elif not isinstance(key.value, str):
            self.report(
                "L108",
                key.span,
                key=f"`{key.text}`" if key.text else "An empty key",
                quoted=f'"{key.text}"',
            )
        elif key.plain and key.text == _MERGE_KEY:
            self.whole = False
            self.report("L106", key.span)
        elif first := mapping.entries.get(key.text):
            self.duplicate(key, first.key)
        else:
            mapping.entries[key.text] = Entry(key, value)

    def duplicate(self, key: ScalarNode, first: ScalarNode) -> None:
        """Report a key that stands twice, with the place of the first."""
        facts = {"key": key.text, "line": str(first.span.line)}
        related = Place(self.path, span=first.span)
        self.problems.append(
            Diagnostic("L104", facts, Place(self.path, span=key.span), related=related)
        )

    def add(self, node: Node) -> None:
        """Put a finished node where it belongs."""
        if self.open:
            self.open[-1].children.append(node)
        else:
            self.root = node

    def only_mapping(self) -> MappingNode:
        """The document, which has to be there and to be a mapping."""
        root = self.root
        if root is None or (isinstance(root, ScalarNode) and root.plain and root.text == ""):
            raise self.stop("L110", Span(1, 1, 1, 1))
        if not isinstance(root, MappingNode):
            raise self.stop("L111", root.span, found=kind_of(to_data(root)))
        return root

    def report(self, code: str, span: Span, *, hint: str = "default", **facts: str) -> None:
        """Remember a problem that does not end the reading."""
        self.problems.append(Diagnostic(code, facts, Place(self.path, span=span), hint))

    def stop(self, code: str, span: Span, **facts: str) -> _Stop:
        """The end of the reading, with its reason."""
        return _Stop(Diagnostic(code, facts, Place(self.path, span=span)))


def _start(event: Event) -> tuple[int, int]:
    return _counted_from_one(event.start_mark)


def _end(event: Event) -> tuple[int, int]:
    return _counted_from_one(event.end_mark)


def _counted_from_one(mark: Mark | CMark | None) -> tuple[int, int]:
    return (mark.line + 1, mark.column + 1) if mark else (1, 1)


def _span(event: Event) -> Span:
    return Span(*_start(event), *_end(event))
