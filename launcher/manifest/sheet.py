"""The text of a document with the places of its fields, and the surgery on it that `edit` asks for."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from launcher.manifest.comments import Sheet, comments
from launcher.manifest.fields import fields_at
from launcher.manifest.nodes import Entry, MappingNode, ScalarNode, node_at
from launcher.manifest.schemas import schema as schema_of
from launcher.manifest.sources import LINE_BREAK

if TYPE_CHECKING:
    from launcher.diagnostics import Pointer, Span
    from launcher.manifest.nodes import Node

__all__ = ["Page", "written"]

_PLAIN_KEY = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*")
_WORDS = frozenset({"true", "false", "null", "yes", "no", "on", "off", "y", "n"})


class Page:
    """One document as text; every method gives the whole text anew, the page itself stays as it is."""

    def __init__(self, text: str, root: MappingNode, schema: str) -> None:
        self._text = text
        self._root = root
        self._schema = schema_of(schema)
        self._starts = [0, *(found.end() for found in LINE_BREAK.finditer(text))]
        self._lines = LINE_BREAK.split(text)
        self._sheet = Sheet.of(self._lines, root)
        found = LINE_BREAK.search(text)
        self._break = "\n" if found is None else found.group()

    def put(self, pointer: Pointer, value: Any) -> str:  # noqa: ANN401 - a JSON value
        """With `value` at `pointer`; a mapping that has other fields than `value` is exchanged whole."""
        present = node_at(self._root, pointer)
        if present is None:
            return self._inserted(pointer, value)
        changed = _only_difference(present, value, pointer)
        if changed is None:
            return self._text
        route, inner = changed
        node = node_at(self._root, route)
        if node is None:
            return self._inserted(route, inner)
        return self._exchanged(route, node, inner)

    def take(self, pointer: Pointer) -> str:
        """Without the field at `pointer`; comments above it stay, those beside it go along."""
        parent = node_at(self._root, pointer[:-1])
        if not isinstance(parent, MappingNode) or pointer[-1] not in parent.entries:
            return self._text
        name = str(pointer[-1])
        if len(parent.entries) == 1:
            # Nothing is no mapping: an empty one is written out.
            return self._exchanged(pointer[:-1], parent, {})
        if parent.flow:
            return self._taken_from_brackets(parent, name)
        entry = parent.entries[name]
        first, last = entry.key.span.line, _last_line(entry)
        return self._text[: self._starts[first - 1]] + self._text[self._line_end(last) :]

    def comments_beside(self, pointer: Pointer) -> list[str]:
        """The comments on the lines of the field at `pointer`."""
        parent = node_at(self._root, pointer[:-1])
        if not isinstance(parent, MappingNode) or pointer[-1] not in parent.entries:
            return []
        entry = parent.entries[str(pointer[-1])]
        first, last = entry.key.span.line, _last_line(entry)
        blank = [
            line if first <= number <= last else ""
            for number, line in enumerate(self._lines, start=1)
        ]
        return comments(blank, self._root)

    # --- writing ------------------------------------------------------------------------------

    def _inserted(self, pointer: Pointer, value: Any) -> str:  # noqa: ANN401 - a JSON value
        while len(pointer) > 1 and node_at(self._root, pointer[:-1]) is None:
            pointer, value = pointer[:-1], {pointer[-1]: value}
        parent = node_at(self._root, pointer[:-1])
        if not isinstance(parent, MappingNode):
            return self._exchanged(pointer[:-1], parent, {pointer[-1]: value})
        name = str(pointer[-1])
        if not parent.entries:
            return self._exchanged(pointer[:-1], parent, {name: value})
        before = self._before(parent, name, pointer[:-1])
        if parent.flow:
            return self._inserted_in_brackets(parent, name, value, before)
        column = next(iter(parent.entries.values())).key.span.column
        line = f"{' ' * (column - 1)}{_key(name)}: {written(value)}{self._break}"
        if before is None:
            at = self._starts[next(iter(parent.entries.values())).key.span.line - 1]
        else:
            at = self._line_end(self._end_of(parent.entries[before], column))
        if at == len(self._text) and self._text[-1] not in "\r\n":
            return self._text + self._break + line.removesuffix(self._break)
        return self._text[:at] + line + self._text[at:]

    def _inserted_in_brackets(
        self,
        parent: MappingNode,
        name: str,
        value: Any,  # noqa: ANN401 - a JSON value
        before: str | None,
    ) -> str:
        names = list(parent.entries)
        neighbour = parent.entries[before or names[0]]
        is_quoted = self._at(neighbour.key.span)[0] == '"'
        field = f"{_key(name, quoted=is_quoted)}: {written(value, quoted=is_quoted)}"
        line, column = neighbour.key.span.line, neighbour.key.span.column
        alone = not self._lines[line - 1][: column - 1].strip()
        gap = f"{self._break}{' ' * (column - 1)}" if alone else " "
        if before is None:
            at = self._offset(line, column)
            return f"{self._text[:at]}{field},{gap}{self._text[at:]}"
        at = self._end(neighbour.value)
        return f"{self._text[:at]},{gap}{field}{self._text[at:]}"

    def _taken_from_brackets(self, parent: MappingNode, name: str) -> str:
        names = list(parent.entries)
        place = names.index(name)
        if place:
            start = self._end(parent.entries[names[place - 1]].value)
            end = self._end(parent.entries[name].value)
        else:
            first, second = (parent.entries[item].key.span for item in names[:2])
            start = self._offset(first.line, first.column)
            end = self._offset(second.line, second.column)
        return self._text[:start] + self._text[end:]

    def _exchanged(self, pointer: Pointer, node: Node | None, value: Any) -> str:  # noqa: ANN401 - a JSON value
        """With `value` in the place of `node`."""
        parent = node_at(self._root, pointer[:-1])
        if not isinstance(parent, MappingNode) or node is None:
            return self._text
        entry = parent.entries[str(pointer[-1])]
        if isinstance(node, ScalarNode) or node.flow:
            start, end = self._start(node), self._end(node)
            is_quoted = parent.flow and self._at(entry.key.span)[0] == '"'
            return self._text[:start] + written(value, quoted=is_quoted) + self._text[end:]
        # A block goes from the line below its key on; what stands beside the key stays there.
        key = entry.key.span
        colon = self._text.index(":", self._offset(key.end_line, key.end_column)) + 1
        first = self._line_end(key.end_line)
        last = self._line_end(_last_line(entry))
        return f"{self._text[:colon]} {written(value)}{self._text[colon:first]}{self._text[last:]}"

    # --- places -------------------------------------------------------------------------------

    def _before(self, parent: MappingNode, name: str, route: Pointer) -> str | None:
        """The field that `name` is to follow: the last of those that the canonical order has before it."""
        known = fields_at(self._schema, route, "\0")
        rank = {item: place for place, item in enumerate(known)}
        mine = rank.get(name, len(rank))
        earlier = [item for item in parent.entries if rank.get(item, len(rank)) <= mine]
        return earlier[-1] if earlier else None

    def _end_of(self, entry: Entry, column: int) -> int:
        """The last line of an entry of a block whose keys stand at `column`, with the comments that are in it."""
        last = end = _last_line(entry)
        for number in range(last, len(self._lines)):
            comment = self._sheet.comment_column(number)
            if comment is not None and comment > column - 1:
                end = number + 1
            elif comment is not None or self._lines[number].strip():
                break
        return end

    def _offset(self, line: int, column: int) -> int:
        return self._starts[line - 1] + column - 1

    def _line_end(self, line: int) -> int:
        """Behind the break of a line."""
        return self._starts[line] if line < len(self._starts) else len(self._text)

    def _start(self, node: Node) -> int:
        return self._offset(node.span.line, node.span.column)

    def _end(self, node: Node) -> int:
        return self._offset(node.span.end_line, node.span.end_column)

    def _at(self, span: Span) -> str:
        return self._text[self._offset(span.line, span.column) :][:1]


def written(value: Any, *, quoted: bool = False) -> str:  # noqa: ANN401 - a JSON value
    """`value` on one line, text always in quotes; `quoted`: keys too, so that JSON stays JSON."""
    if isinstance(value, dict):
        inner = (
            f"{_key(str(key), quoted=quoted)}: {written(item, quoted=quoted)}"
            for key, item in value.items()
        )
        return "{" + ", ".join(inner) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(written(item, quoted=quoted) for item in value) + "]"
    return json.dumps(value, ensure_ascii=False)


def _key(name: str, *, quoted: bool = False) -> str:
    is_plain = _PLAIN_KEY.fullmatch(name) and name.lower() not in _WORDS
    return name if is_plain and not quoted else json.dumps(name, ensure_ascii=False)


def _only_difference(node: Node, value: Any, pointer: Pointer) -> tuple[Pointer, Any] | None:  # noqa: ANN401 - a JSON value
    """The smallest part that has to be exchanged to make `node` say `value`; `None` where it says so already."""
    if (
        isinstance(node, MappingNode)
        and isinstance(value, dict)
        and set(node.entries) == set(value)
    ):
        parts = [
            found
            for key, item in value.items()
            if (found := _only_difference(node.entries[key].value, item, (*pointer, key)))
        ]
        if not parts:
            return None
        return parts[0] if len(parts) == 1 else (pointer, value)
    if isinstance(node, ScalarNode) and node.value == value and type(node.value) is type(value):
        return None
    return pointer, value


def _last_line(entry: Entry) -> int:
    return max(entry.key.span.end_line, _last_line_of(entry.value))


def _last_line_of(node: Node) -> int:
    """The last line that holds something of a node; a block's own end may be that of the next token."""
    if isinstance(node, ScalarNode):
        behind = node.span.end_column == 1 and node.span.end_line > node.span.line
        return node.span.end_line - behind
    if node.flow:
        return node.span.end_line
    inner = node.entries.values() if isinstance(node, MappingNode) else ()
    items = [item.value for item in inner] if isinstance(node, MappingNode) else node.items
    return max((_last_line_of(item) for item in items), default=node.span.line)
