"""Bytes to text: UTF-8 without characters that hide or reorder what a reviewer sees."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING

from launcher.diagnostics import Diagnostic, Place, Span
from launcher.manifest.sources import LINE_BREAK

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["BOM", "HIDDEN_IN_VALUE", "NEVER_RAW", "decoded", "named", "without_bom"]

BOM = b"\xef\xbb\xbf"

_BIDI = "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"
_CONTROL = "\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f"
_BREAKS_OF_YAML_1_1 = "\x85\u2028\u2029"
"""Line breaks to a YAML 1.1 scanner, characters like any other to YAML 1.2 and to editors."""
NEVER_RAW = re.compile(f"[{_CONTROL}{_BREAKS_OF_YAML_1_1}{_BIDI}\ufeff\ufffe\uffff]")
HIDDEN_IN_VALUE = re.compile(f"[{_CONTROL}{_BIDI}\ud800-\udfff]")
"""What no value may hold, not even by way of an escape."""

_AT_MOST = 20


def without_bom(content: bytes) -> bytes:
    """`content` without the mark that some editors put before UTF-8."""
    return content.removeprefix(BOM)


def decoded(path: str, content: bytes) -> tuple[str | None, tuple[Diagnostic, ...]]:
    """The text of `content`, or what is wrong with its characters, at most twenty of them."""
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError as error:
        return None, (_not_utf8(path, content, error),)
    if found := tuple(_hidden(path, text)):
        return None, found
    return text, ()


def named(character: str) -> str:
    """`character` as its code point and its name: `U+202E RIGHT-TO-LEFT OVERRIDE`."""
    name = unicodedata.name(character, _CONTROL_NAMES.get(character, "a control character"))
    return f"U+{ord(character):04X} {name}"


_CONTROL_NAMES = {
    "\x00": "NUL",
    "\x07": "BEL",
    "\x08": "BACKSPACE",
    "\x1b": "ESCAPE",
    "\x7f": "DELETE",
    "\x85": "NEXT LINE",
}


def _not_utf8(path: str, content: bytes, error: UnicodeDecodeError) -> Diagnostic:
    before = content[: error.start].decode("utf-8")
    utf16 = content[:2] in (b"\xff\xfe", b"\xfe\xff")
    facts = {"byte": f"0x{content[error.start]:02X}", "offset": str(error.start)}
    place = Place(path, span=_span_behind(before))
    return Diagnostic("L100", facts, place, hint="utf16" if utf16 else "default")


def _hidden(path: str, text: str) -> Iterator[Diagnostic]:
    for count, match in enumerate(NEVER_RAW.finditer(text)):
        if count == _AT_MOST:
            return
        place = Place(path, span=_span_behind(text[: match.start()]))
        yield Diagnostic("L102", {"character": named(match.group())}, place, hint="raw")


def _span_behind(before: str) -> Span:
    """The span of the one character that follows `before`."""
    lines = LINE_BREAK.split(before)
    line, column = len(lines), len(lines[-1]) + 1
    return Span(line, column, line, column + 1)
