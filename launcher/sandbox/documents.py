"""World files and fault files as text: read strictly, every problem with its place.

YAML (of which JSON is a part) without aliases and duplicate keys; shapes and types as the
dataclasses say, unknown fields refused.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

import yaml
from pydantic import TypeAdapter, ValidationError

from launcher.diagnostics import Diagnostic, Place, Pointer, Span
from launcher.errors import SurroundingsFailed

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

__all__ = ["Document", "read_text"]

_Shape = TypeVar("_Shape")

_MAX_BYTES = 16 * 1024 * 1024
_MAX_DEPTH = 64
_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def read_text(path: Path) -> str:
    """The text of a file.

    Raises:
        SurroundingsFailed: L601, it cannot be read, is not UTF-8, or is larger than 16 MiB.
    """
    try:
        data = path.read_bytes()
        text = data.decode()
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else None
        facts = {"path": str(path), "reason": reason or "not UTF-8 text"}
        raise SurroundingsFailed(Diagnostic("L601", facts, Place(str(path)))) from error
    if len(data) > _MAX_BYTES:
        facts = {"path": str(path), "reason": "larger than 16 MiB"}
        raise SurroundingsFailed(Diagnostic("L601", facts, Place(str(path))))
    return text


@dataclass(frozen=True)
class Document:
    """One YAML document, with the node tree that tells where everything stands.

    Attributes:
        name: the file, or what stands for it in messages.
    """

    name: str
    data: object
    root: yaml.Node | None

    @classmethod
    def parse(cls, text: str, name: str) -> Document:
        """Read a text.

        Raises:
            SurroundingsFailed: L602, it is not YAML, or uses aliases, or repeats a key.
        """
        loader = None
        try:
            _check_events(text)
            loader = _Loader(text)
            root = loader.get_single_node()
            _check_keys(root)
            data = None if root is None else loader.construct_document(root)
        except (yaml.YAMLError, ValueError, RecursionError) as error:
            raise SurroundingsFailed(_unreadable(error, name)) from error
        finally:
            if loader is not None:
                loader.dispose()
        return cls(name, data, root)

    def bind(self, shape: TypeAdapter[_Shape]) -> _Shape:
        """The document as `shape`.

        Raises:
            SurroundingsFailed: L603 for every field that is unknown, missing or of a wrong type.
        """
        try:
            text = json.dumps(self.data, allow_nan=False)
            return shape.validate_json(text, strict=True)
        except ValidationError as error:
            found = error.errors(include_url=False, include_context=False)
            problems = [self.problem("L603", item["loc"], problem=item["msg"]) for item in found]
            raise SurroundingsFailed(*problems) from error
        except (TypeError, ValueError) as error:
            problem = self.problem("L603", (), problem=str(error))
            raise SurroundingsFailed(problem) from error

    def problem(self, code: str, route: Pointer, **facts: str) -> Diagnostic:
        """A diagnostic at the value that `route` leads to, or as far as it leads."""
        pointer, node = self._follow(route)
        field = "/".join(str(part) for part in pointer) or "the document"
        place = Place(self.name, pointer, span=None if node is None else _span(node))
        return Diagnostic(code, {"field": field, **facts}, place)

    def _follow(self, route: Pointer) -> tuple[Pointer, yaml.Node | None]:
        """Parts of `route` that the document does not have are skipped: tags of a choice."""
        pointer: list[str | int] = []
        data, node = self.data, self.root
        for part in route:
            if isinstance(data, dict) and part in data and isinstance(node, yaml.MappingNode):
                data = data[part]
                node = next(value for key, value in node.value if key.value == str(part))
            elif (
                isinstance(data, list)
                and isinstance(part, int)
                and part < len(data)
                and isinstance(node, yaml.SequenceNode)
            ):
                data, node = data[part], node.value[part]
            else:
                if part == route[-1]:
                    pointer.append(part)
                continue
            pointer.append(part)
        return tuple(pointer), node


def _check_events(text: str) -> None:
    depth = 0
    for event in yaml.parse(text, Loader=_Loader):
        if isinstance(event, yaml.AliasEvent):
            raise _refused("aliases are not read", event.start_mark)
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        if depth > _MAX_DEPTH:
            raise _refused("nested too deeply", event.start_mark)


def _check_keys(root: yaml.Node | None) -> None:
    for node in _nodes(root):
        if not isinstance(node, yaml.MappingNode):
            continue
        seen: set[str] = set()
        for key, _ in node.value:
            if not isinstance(key, yaml.ScalarNode):
                raise _refused("a key must be plain text", key.start_mark)
            if key.value in seen:
                raise _refused(f"the key {key.value} stands here twice", key.start_mark)
            seen.add(key.value)


def _refused(problem: str, mark: Any) -> yaml.MarkedYAMLError:  # noqa: ANN401 - two classes of mark
    return yaml.MarkedYAMLError(None, None, problem, mark)


def _nodes(root: yaml.Node | None) -> Iterator[yaml.Node]:
    pending = [] if root is None else [root]
    while pending:
        node = pending.pop()
        yield node
        if isinstance(node, yaml.MappingNode):
            pending.extend(value for _, value in node.value)
        elif isinstance(node, yaml.SequenceNode):
            pending.extend(node.value)


def _unreadable(error: Exception, name: str) -> Diagnostic:
    span = None
    problem = str(error)
    if isinstance(error, yaml.MarkedYAMLError):
        problem = error.problem or problem
        if error.problem_mark is not None:
            line, column = error.problem_mark.line + 1, error.problem_mark.column + 1
            span = Span(line, column, line, column + 1)
    return Diagnostic("L602", {"problem": problem}, Place(name, (), span=span))


def _span(node: yaml.Node) -> Span:
    start, end = node.start_mark, node.end_mark
    return Span(start.line + 1, start.column + 1, end.line + 1, end.column + 1)
