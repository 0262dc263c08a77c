"""Text from outside as YAML that means exactly that text, whatever it holds."""

from __future__ import annotations

import re

from launcher.render.visible import NEVER_RAW, escaped, visible

__all__ = ["comment", "key", "quoted", "scalar", "word"]

_PLAIN_KEY = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*")
_WORD = re.compile(r"(?:null|true|false|yes|no|on|off|y|n)", re.IGNORECASE)
"""Keys that YAML 1.1 or 1.2 takes for something else than text."""

_ADDRESS = re.compile(r"[0-9]+(\.[0-9]+){3}")

_NEEDS_ESCAPE = re.compile(rf'["\\]|{NEVER_RAW.pattern}')


def quoted(text: str) -> str:
    """`text` between double quotes on one line; what is hidden or reorders is written as its code."""
    return f'"{_NEEDS_ESCAPE.sub(_escape, text)}"'


def scalar(text: str, indent: str) -> str:
    """`text` as the value of a key: lines as lines where nothing about them could be missed, quoted otherwise.

    `indent` is that of the lines that follow.
    """
    if not _reads_as_block(text):
        return quoted(text)
    body = text.removesuffix("\n")
    lines = [f"{indent}{line}" if line else "" for line in body.split("\n")]
    return "\n".join(["|" if text.endswith("\n") else "|-", *lines])


def key(name: str) -> str:
    """`name` as a key."""
    return name if _PLAIN_KEY.fullmatch(name) and not _WORD.fullmatch(name) else quoted(name)


def word(text: str) -> str:
    """`text` as a value that people write without quotes, such as an id or an address, if it can be."""
    return text if _ADDRESS.fullmatch(text) else key(text)


def comment(text: str) -> str:
    """`text` as a comment that ends where it should: on one line, everything in it made visible."""
    return f"# {visible(text)}"


def _escape(match: re.Match[str]) -> str:
    character = match.group()
    return "\\" + character if character in '"\\' else escaped(character)


def _reads_as_block(text: str) -> bool:
    body = text.removesuffix("\n")
    lines = body.split("\n")
    return (
        len(lines) > 1
        and lines[0] != ""
        and lines[-1] != ""
        and not lines[0].startswith(" ")
        and not any(line.endswith(" ") or NEVER_RAW.search(line) for line in lines)
    )
