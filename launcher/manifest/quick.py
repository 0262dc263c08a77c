"""The quick way through a good file: libyaml's nodes to plain values, positions dropped.

It never judges: whatever is out of the ordinary makes it give up, and `launcher.manifest.compose`
looks at the same bytes again, with every position. A file that this module reads is read the same
by the other; the tests hold them together.
"""

from __future__ import annotations

import operator
from typing import Any

from yaml import YAMLError
from yaml.nodes import MappingNode, ScalarNode

from launcher.manifest.characters import NEVER_RAW, without_bom
from launcher.manifest.events import CParser
from launcher.manifest.scalars import (
    FIRST_OF_NUMBER,
    WORDS,
    Scalar,
    in_yaml_1_1,
    number_or_text,
)

__all__ = ["read_quickly"]

_MAX_BYTES = 32 * 1024
"""Below this, no text can hold more nodes than a document may: it takes two bytes for three."""

_MAX_BRACKETS = 400
_MAX_DEPTH = 32
_INDICATORS = bytes.maketrans(b"-?:\t", b"    ")
_DEEP = b" " * 200
_GIVES_UP_ON = (b"&", b"*", b"!", b"\\", b"%")
"""Anchors, aliases, tags, escapes and directives need one of these."""


class _GivenUp(Exception):
    """This document is for the exact reader."""


if CParser is not None:

    class _NodeParser(CParser):
        """libyaml's composer with PyYAML's resolver left out.

        The composer calls these three for every node. Nothing is to be done in the last two, so they
        are C functions that take as many arguments and do next to nothing.
        """

        def resolve(self, *_: object) -> None:
            """No tag: what a plain scalar means is decided by us."""

        descend_resolver = operator.is_
        ascend_resolver = tuple


def read_quickly(content: bytes) -> tuple[dict[str, Any], int] | None:
    """The document in `content` and the line of its `metadata.name`, or `None`.

    `None` says nothing about `content`: it may be good, bad, or only unusual.
    """
    content = without_bom(content)
    if CParser is None or not _is_ordinary(content):
        return None
    try:
        root = _NodeParser(content).get_single_node()
        return _mapping(root, 1), _line_of_name(root)
    except (YAMLError, _GivenUp):
        return None


def _is_ordinary(content: bytes) -> bool:
    """Whether the composer, which recurses and counts nothing, is safe on `content`.

    Flow collections need a bracket each. A block collection starts behind blanks and indicators
    only, each deeper than the one around it, so a line without a long run of those bounds the rest.
    """
    if len(content) > _MAX_BYTES or any(sign in content for sign in _GIVES_UP_ON):
        return False
    if content.count(b"[") + content.count(b"{") > _MAX_BRACKETS:
        return False
    if _DEEP in content.translate(_INDICATORS):
        return False
    return content.isascii() or _has_ordinary_characters(content)


def _has_ordinary_characters(content: bytes) -> bool:
    try:
        return not NEVER_RAW.search(content.decode("utf-8"))
    except UnicodeDecodeError:
        return False


def _mapping(node: object, depth: int) -> dict[str, Any]:
    # Written out rather than taken apart: a call for each scalar would double the time.
    if type(node) is not MappingNode or depth > _MAX_DEPTH:
        raise _GivenUp
    data: dict[str, Any] = {}
    for key, value in node.value:
        if type(key) is not ScalarNode:
            raise _GivenUp
        name = key.value
        if name in data or (
            not key.style and (name[:1] in FIRST_OF_NUMBER or name in WORDS or name == "<<")
        ):
            raise _GivenUp
        if type(value) is ScalarNode:
            text = value.value
            if value.style:
                data[name] = text
            elif text[:1] in FIRST_OF_NUMBER:
                data[name] = _number_or_text(text)
            else:
                data[name] = WORDS.get(text, text)
        else:
            data[name] = _collection(value, depth + 1)
    return data


def _collection(node: Any, depth: int) -> Any:  # noqa: ANN401 - any JSON value
    if type(node) is MappingNode:
        return _mapping(node, depth)
    if depth > _MAX_DEPTH:
        raise _GivenUp
    data = []
    for item in node.value:
        if type(item) is not ScalarNode:
            data.append(_collection(item, depth + 1))
        elif item.style:
            data.append(item.value)
        elif item.value[:1] in FIRST_OF_NUMBER:
            data.append(_number_or_text(item.value))
        else:
            data.append(WORDS.get(item.value, item.value))
    return data


def _number_or_text(text: str) -> Scalar:
    # What most numbers look like comes first: the question costs as much as the answer.
    if not (text.isdecimal() and text[0] != "0") and in_yaml_1_1(text) is not None:
        raise _GivenUp
    return number_or_text(text)


def _line_of_name(root: Any) -> int:  # noqa: ANN401 - a mapping node
    for key, value in root.value:
        if key.value == "metadata" and type(value) is MappingNode:
            for inner, _ in value.value:
                if inner.value == "name":
                    line: int = inner.start_mark.line
                    return line + 1
    return 1
