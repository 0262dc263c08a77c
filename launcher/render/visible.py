r"""Text from outside, made safe to show: nothing in it is hidden, and nothing in it is obeyed.

Control, bidi and zero-width characters are written as `\u202e`. Sequences that CI systems take for
commands in a log are broken up in the same way: `::error` at GitHub and BK-CI, `##[group]` at GitHub,
Azure, BK-CI and CNB, `##vso[` and `##teamcity[` elsewhere, `section_start:` at GitLab.

Source: actions/runner, `ActionCommand.TryParseV2` (a line that starts with `::`) and `TryParse` (`##[` anywhere in a line);
GitLab docs, "Custom collapsible sections".
"""

from __future__ import annotations

import re
import unicodedata

__all__ = ["COMMAND", "NEVER_RAW", "cells", "escaped", "log_line", "one_line", "visible", "width"]

_FILLERS = (
    "\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u3164\ufe00-\ufe0f\uffa0\U000e0100-\U000e01ef"
)
"""Characters without a width of their own that Unicode does not class as format characters."""

_CONTROL = "\x00-\x1f\x7f-\x9f"
_FORMAT = (
    "\u00ad\u0600-\u0605\u061c\u06dd\u070f\u0890\u0891\u08e2\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f"
    "\ufeff\ufff9-\ufffb\U000110bd\U000110cd\U00013430-\U0001345f\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e007f"
)
_SURROGATES = "\ud800-\udfff"
_NO_CHARACTER = "\ufdd0-\ufdef\ufffe\uffff"

NEVER_RAW = re.compile(f"[{_CONTROL}{_FORMAT}{_FILLERS}{_SURROGATES}{_NO_CHARACTER}]")
"""Every character that is never shown as it is."""

_INSIDE_A_LINE = r"(?<=#)#(?=(?:[A-Za-z]+)?\[)|(?<=section_start):(?=\d)|(?<=section_end):(?=\d)"

COMMAND = re.compile(rf"(?<=:):(?=[A-Za-z])|{_INSIDE_A_LINE}")
"""A character without which a CI system does not take what stands there for a command."""

_COMMAND_IN_A_LOG = re.compile(rf"(?<![\w>)]:)(?<=:):(?=[A-Za-z])|{_INSIDE_A_LINE}")
"""The same in a line with something in front of it: `std::move` is no command there, and is not to be disfigured."""

_LAST_OF_FOUR_DIGITS = 0xFFFF
_SHORT = {"\n": "\\n", "\r": "\\r", "\t": "\\t"}


def escaped(character: str) -> str:
    r"""One character as its code: `\u202e`, or `\U000e0001` beyond the first plane."""
    short = _SHORT.get(character)
    if short is not None:
        return short
    code = ord(character)
    return f"\\u{code:04x}" if code <= _LAST_OF_FOUR_DIGITS else f"\\U{code:08x}"


def visible(text: str) -> str:
    """`text` on one line, with everything that hides or commands written as its code."""
    if text.isascii() and text.isprintable() and ":" not in text and "#" not in text:
        # Nearly every name and number.
        return text
    text = NEVER_RAW.sub(lambda match: escaped(match.group()), text)
    return COMMAND.sub(lambda match: escaped(match.group()), text)


def log_line(line: str) -> str:
    """One line of a job's log, tabs kept; to be shown with something visible in front of it."""
    shown = NEVER_RAW.sub(lambda match: "\t" if match[0] == "\t" else escaped(match[0]), line)
    return _COMMAND_IN_A_LOG.sub(lambda match: escaped(match[0]), shown)


def cells(line: str, tab: int = 4) -> list[str]:
    """What is shown for each character of one source line, in order; tabs as spaces to the next stop."""
    broken = {match.start() for match in COMMAND.finditer(line)}
    shown: list[str] = []
    position = 0
    for index, character in enumerate(line):
        if character == "\t":
            cell = " " * (tab - position % tab)
        elif index in broken or NEVER_RAW.match(character):
            cell = escaped(character)
        else:
            cell = character
        shown.append(cell)
        position += width(cell)
    return shown


def width(text: str) -> int:
    """How many columns of a terminal `text` takes: two for a wide character, none for a combining one."""
    if text.isascii():
        return len(text)
    return sum(_width_of(character) for character in text)


def _width_of(character: str) -> int:
    if unicodedata.combining(character):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def one_line(text: str, limit: int) -> str:
    """`text` made visible and, where it is wider than `limit` columns, cut with an ellipsis."""
    shown = visible(text)
    if width(shown) <= limit:
        return shown
    kept, used = [], 0
    for character in shown:
        used += _width_of(character)
        if used > limit - 1:
            break
        kept.append(character)
    return "".join(kept) + "…"
