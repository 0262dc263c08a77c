"""One field of a file written, exchanged or taken out, and nothing else touched: for commands that edit manifests.

Only the text of that field changes; every other line stays byte for byte, whatever its layout. A new field goes where
the canonical layout has it. What comes out is read again: it has to say what was asked for, with every comment that
stood there before, those beside a field that is taken out excepted.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from launcher.diagnostics import Diagnostic, Place
from launcher.manifest.characters import BOM, without_bom
from launcher.manifest.comments import comments
from launcher.manifest.compose import compose
from launcher.manifest.nodes import MappingNode, to_data
from launcher.manifest.sheet import Page
from launcher.manifest.sources import LINE_BREAK

if TYPE_CHECKING:
    from collections.abc import Sequence

    from launcher.diagnostics import Pointer

__all__ = ["Edit", "Edited", "Put", "Take", "edited"]


@dataclass(frozen=True, slots=True)
class Put:
    """Let the field at `pointer` have a value; mappings that are not there yet are made.

    Attributes:
        pointer: keys from the top of the document, no indexes of lists.
        value: JSON value without null.
    """

    pointer: Pointer
    value: Any


@dataclass(frozen=True, slots=True)
class Take:
    """Take the field at `pointer` out, if it is there."""

    pointer: Pointer


Edit = Put | Take


@dataclass(frozen=True, slots=True)
class Edited:
    """What came of it.

    Attributes:
        content: the whole file; as it was where anything stood in the way.
        diagnostics: what stood in the way.
    """

    content: bytes
    diagnostics: tuple[Diagnostic, ...] = ()


class _Unfit(Exception):
    """The file is written in a way that does not let one field be exchanged alone."""


def edited(path: str, content: bytes, edits: Sequence[Edit], schema: str) -> Edited:
    """`content` after `edits`, one after the other.

    Args:
        path: what diagnostics call the file.
        content: a file without errors.
        edits: what to change.
        schema: the name of the schema whose order of fields the layout follows.
    """
    composed = compose(path, content)
    if composed.root is None or composed.diagnostics:
        return Edited(content, composed.diagnostics)
    now = content
    for edit in edits:
        try:
            now = _after(path, now, edit, schema)
        except _Unfit as unfit:
            facts = {"field": ".".join(map(str, edit.pointer)), "problem": str(unfit)}
            return Edited(content, (Diagnostic("L171", facts, Place(path)),))
    return Edited(now)


def _after(path: str, content: bytes, edit: Edit, schema: str) -> bytes:
    text = without_bom(content).decode()
    root = _root(path, text)
    page = Page(text, root, schema)
    if isinstance(edit, Put):
        wanted = _with(to_data(root), edit.pointer, edit.value)
        written = page.put(edit.pointer, edit.value)
    else:
        wanted = _without(to_data(root), edit.pointer)
        written = page.take(edit.pointer)
    again = _root(path, written)
    if to_data(again) != wanted:
        raise _Unfit("the result would be read as something else")
    lost = Counter(comments(LINE_BREAK.split(text), root))
    lost.subtract(comments(LINE_BREAK.split(written), again))
    if any(lost.values()) and not (isinstance(edit, Take) and _are_beside(lost, page, edit)):
        raise _Unfit("a comment would be lost")
    mark = BOM if content.startswith(BOM) else b""
    return mark + written.encode()


def _root(path: str, text: str) -> MappingNode:
    composed = compose(path, text.encode())
    if composed.root is None or composed.diagnostics:
        raise _Unfit("the result could not be read again")
    return composed.root


def _are_beside(lost: Counter[str], page: Page, edit: Edit) -> bool:
    """Whether every comment of `lost` stood on a line of the field that is taken out."""
    beside = Counter(page.comments_beside(edit.pointer))
    return all(count >= 0 for count in lost.values()) and lost <= beside


def _with(data: Any, pointer: Pointer, value: Any) -> Any:  # noqa: ANN401 - JSON values
    if not pointer:
        return value
    inner = data if isinstance(data, dict) else {}
    return {**inner, pointer[0]: _with(inner.get(pointer[0]), pointer[1:], value)}


def _without(data: Any, pointer: Pointer) -> Any:  # noqa: ANN401 - JSON values
    if not isinstance(data, dict) or pointer[0] not in data:
        return data
    if len(pointer) == 1:
        return {key: value for key, value in data.items() if key != pointer[0]}
    return {**data, pointer[0]: _without(data[pointer[0]], pointer[1:])}
