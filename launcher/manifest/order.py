"""The canonical order of fields, kept by moving whole lines, so that comments go along."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from launcher.manifest.comments import Sheet
from launcher.manifest.fields import fields_at
from launcher.manifest.nodes import MappingNode

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from launcher.diagnostics import Pointer

__all__ = ["ordered"]


def ordered(lines: Sequence[str], root: MappingNode, schema: Mapping[str, Any]) -> list[str]:
    """`lines` with the fields of each mapping in the order of `schema`.

    Free keys, such as names of variables, keep their order, and unknown fields go last. A mapping in
    brackets or in a list keeps its order too. Comments directly above a key move with it; what stands
    above the first key of the file stays at the top, and what ends the file stays at its end.
    """
    sheet = Sheet.of(lines, root)
    stop = len(lines)
    while stop and (not lines[stop - 1].strip() or sheet.comment_column(stop - 1) == 0):
        stop -= 1
    return _Sorter(sheet, schema).sorted_block(root, (), 0, stop) + list(lines[stop:])


class _Sorter:
    """Rearranges the lines of one document."""

    def __init__(self, sheet: Sheet, schema: Mapping[str, Any]) -> None:
        self._sheet = sheet
        self._schema = schema

    def sorted_block(self, node: MappingNode, route: Pointer, begin: int, stop: int) -> list[str]:
        """The lines from `begin` to before `stop`, which hold the entries of `node`."""
        lines = self._sheet.lines
        if not self._is_movable(node):
            return list(lines[begin:stop])
        names = list(node.entries)
        starts = [self._first_line(node, name) for name in names]
        if not route:
            # What stands above the first key is about the file.
            starts[0] = node.entries[names[0]].key.span.line - 1
        parts = {
            name: self._part(node, name, route, start, end)
            for name, start, end in zip(names, starts, [*starts[1:], stop], strict=True)
        }
        head = list(lines[begin : starts[0]])
        known = fields_at(self._schema, route, "\0")
        rank = {name: place for place, name in enumerate(known)}
        in_order = sorted(names, key=lambda name: rank.get(name, len(rank)))
        return head + [line for name in in_order for line in parts[name]]

    def _part(
        self, node: MappingNode, name: str, route: Pointer, start: int, stop: int
    ) -> list[str]:
        """The lines of one entry, its own fields in order."""
        entry = node.entries[name]
        first = entry.key.span.line
        value = entry.value
        if isinstance(value, MappingNode) and self._is_movable(value):
            inner = self.sorted_block(value, (*route, name), first, stop)
            return [*self._sheet.lines[start:first], *inner]
        return list(self._sheet.lines[start:stop])

    def _is_movable(self, node: MappingNode) -> bool:
        """Whether every key of `node` begins a line, and there is something to be moved."""
        if node.flow or not node.entries:
            return False
        spans = [entry.key.span for entry in node.entries.values()]
        return all(self._sheet.content_column(span.line - 1) == span.column - 1 for span in spans)

    def _first_line(self, node: MappingNode, name: str) -> int:
        """The line from 0 where an entry begins: its key's, or that of the comments above it."""
        key = node.entries[name].key.span
        line = key.line - 1
        while line > 0:
            column = self._sheet.comment_column(line - 1)
            if column is None or column > key.column - 1:
                break
            line -= 1
        return line
