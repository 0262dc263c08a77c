"""The canonical layout of a file: two spaces, fields in the order of the schema, comments kept.

ruamel.yaml writes the layout; it costs thirty times what reading costs, and is imported here only.
Whatever it does is checked: the result is read again by our own reader and has to mean the same.
"""

from __future__ import annotations

from dataclasses import dataclass
from io import StringIO
from typing import TYPE_CHECKING

from launcher.diagnostics import Diagnostic, Place
from launcher.manifest.characters import without_bom
from launcher.manifest.comments import aligned, belongings, comments
from launcher.manifest.compose import compose
from launcher.manifest.nodes import ScalarNode, SequenceNode, node_at, scalars_of
from launcher.manifest.order import ordered
from launcher.manifest.schemas import PLANLAUNCH, WORKSPACE, schema
from launcher.manifest.sources import LINE_BREAK

if TYPE_CHECKING:
    from collections.abc import Sequence

    from launcher.manifest.nodes import MappingNode, Node

__all__ = ["Formatted", "formatted"]

_NULL = "L123"
_UNQUOTED = "L122"


@dataclass(frozen=True, slots=True)
class Formatted:
    """What formatting a file comes to.

    Attributes:
        text: the file in the canonical layout; as it was if anything stood in the way.
        changed: `text` differs from the file.
        diagnostics: what stood in the way: text that is not read, values that are null, or a layout
            that would have changed the meaning.
    """

    text: str
    changed: bool
    diagnostics: tuple[Diagnostic, ...] = ()


def formatted(path: str, content: bytes, *, fix: bool) -> Formatted:
    """`content` in the canonical layout.

    Args:
        path: what diagnostics call the file.
        content: a manifest or a workspace file.
        fix: also put quotes around numbers and booleans that stand where text belongs, keeping the
            text as it is written. A null has no text to keep and is reported.
    """
    composed = compose(path, content)
    root = composed.root
    if root is None or composed.diagnostics:
        return _kept(content, composed.diagnostics)
    nulls = _nulls(path, root)
    if nulls:
        return _kept(content, nulls)
    try:
        written = _written(path, content, root, fix=fix)
    except _Unfit as unfit:
        return _kept(content, (Diagnostic("L152", {}, Place(path), hint=unfit.hint),))
    return Formatted(written, changed=written.encode() != content)


class _Unfit(Exception):
    """The layout would not say what the file says; `hint` tells in which way."""

    def __init__(self, hint: str) -> None:
        self.hint = hint
        super().__init__(hint)


def _written(path: str, content: bytes, root: MappingNode, *, fix: bool) -> str:
    lines = LINE_BREAK.split(without_bom(content).decode())
    if fix:
        lines = _quoted(path, lines, root)
        root = _recomposed(path, lines)
    written = _laid_out(path, lines, root)
    if any(line.lstrip().startswith("?") for line in lines):
        # A key behind a question mark does not begin its line, so nothing moves before it is written without one.
        plainly = LINE_BREAK.split(written)
        written = _laid_out(path, plainly, _recomposed(path, plainly))
    afterwards = LINE_BREAK.split(written)
    again = _recomposed(path, afterwards)
    if _meaning(again) != _meaning(root):
        raise _Unfit("meaning")
    if comments(afterwards, again) != comments(lines, root):
        raise _Unfit("comment")
    return written


def _kept(content: bytes, diagnostics: tuple[Diagnostic, ...]) -> Formatted:
    return Formatted(content.decode("utf-8", "replace"), changed=False, diagnostics=diagnostics)


def _nulls(path: str, root: MappingNode) -> tuple[Diagnostic, ...]:
    """Nothing in a document can be null, and an empty value has no layout to keep it by."""
    if all(scalar.value is not None for scalar in scalars_of(root)):
        return ()
    return tuple(item for item in _explained(path, root) if item.code == _NULL)


def _explained(path: str, root: MappingNode) -> tuple[Diagnostic, ...]:
    from launcher.manifest.explain import explain  # noqa: PLC0415 - it brings pydantic

    return explain(path, root, _schema_name(root))


def _schema_name(root: MappingNode) -> str:
    kind = node_at(root, ("kind",))
    is_workspace = isinstance(kind, ScalarNode) and kind.text == "Workspace"
    return WORKSPACE if is_workspace else PLANLAUNCH


def _quoted(path: str, lines: Sequence[str], root: MappingNode) -> list[str]:
    """`lines` with quotes around each number or boolean that stands where text belongs."""
    places = [
        item.place.span
        for item in _explained(path, root)
        if item.code == _UNQUOTED and item.place and item.place.span
    ]
    written = list(lines)
    for span in sorted(places, reverse=True):
        line = written[span.line - 1]
        start, end = span.column - 1, span.end_column - 1
        written[span.line - 1] = f'{line[:start]}"{line[start:end]}"{line[end:]}'
    return written


def _laid_out(path: str, lines: Sequence[str], root: MappingNode) -> str:
    arranged = ordered(lines, root, schema(_schema_name(root)))
    before = _recomposed(path, arranged)
    # ruamel.yaml drops the comments above the mark that a document begins, which says nothing here.
    head = [line for line in arranged[: before.span.line] if line.rstrip() != "---"]
    text = _rewritten("\n".join(head + arranged[before.span.line :]))
    spaced = LINE_BREAK.split(text.strip("\n"))
    # Where comments belong is seen from the columns that their author gave them.
    belongs_above = belongings(arranged, before)
    return "\n".join(aligned(spaced, _recomposed(path, spaced), belongs_above)) + "\n"


def _rewritten(text: str) -> str:
    """`text` as ruamel.yaml writes it, with every plain scalar as it stands."""
    from ruamel.yaml import YAML  # noqa: PLC0415 - only this function needs it
    from ruamel.yaml.error import YAMLError  # noqa: PLC0415
    from ruamel.yaml.resolver import VersionedResolver  # noqa: PLC0415

    class NothingImplicit(VersionedResolver):
        """Takes every plain scalar for text, so that none is written in another form."""

        @property
        def versioned_resolver(self) -> dict[str, list[object]]:
            return {}

    yaml = YAML()
    yaml.Resolver = NothingImplicit
    yaml.preserve_quotes = True
    yaml.width = len(text) + 1  # no line is ever folded
    yaml.indent(mapping=2, sequence=4, offset=2)
    written = StringIO()
    try:
        yaml.dump(yaml.load(text), written)
    except YAMLError as error:
        raise _Unfit("parser") from error
    return written.getvalue()


def _recomposed(path: str, lines: Sequence[str]) -> MappingNode:
    root = compose(path, "\n".join(lines).encode()).root
    if root is None:
        raise _Unfit("parser")
    return root


def _meaning(node: Node) -> object:
    """What `node` says, apart from its layout: the text of every value, and whether it is quoted."""
    if isinstance(node, ScalarNode):
        return node.plain, node.text
    if isinstance(node, SequenceNode):
        return [_meaning(item) for item in node.items]
    return {name: _meaning(entry.value) for name, entry in node.entries.items()}
