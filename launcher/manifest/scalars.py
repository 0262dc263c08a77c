"""What a plain scalar means: the core schema of YAML 1.2, as editors read it.

`yes`, `on`, dates, `1_000` and `1:30` are text here; YAML 1.1 made booleans, dates and numbers of
them.

Whoever reads YAML 1.1 takes such a text for something else, and nothing comes of it: it is text here, and refused where a
number belongs. With a number that both know, and one of them as another value, somebody is surprised whatever is read:
`01001` is 1001, and was 513. `in_yaml_1_1` finds those.

Source: YAML 1.2.2, 10.3.2 "Tag Resolution"; yaml.org/type/int.html and float.html for YAML 1.1.
"""

from __future__ import annotations

import math
import re

__all__ = [
    "FIRST_OF_NUMBER",
    "HUGE",
    "WORDS",
    "Scalar",
    "in_yaml_1_1",
    "number_or_text",
    "resolved",
]

Scalar = str | int | float | bool | None

HUGE = 10**19
"""Stands for every whole number of more than 19 digits.

It is beyond whatever a field accepts, as they are, and costs nothing: turning thousands of digits
into a number takes time that grows with their square.
"""

WORDS: dict[str, bool | None] = {
    "": None,
    "~": None,
    "null": None,
    "Null": None,
    "NULL": None,
    "true": True,
    "True": True,
    "TRUE": True,
    "false": False,
    "False": False,
    "FALSE": False,
}
"""Plain scalars that are neither text nor a number."""

FIRST_OF_NUMBER = frozenset("-+.0123456789")
"""The characters that a plain number can start with."""

_DIGITS_AT_MOST = 19
_DECIMAL = re.compile(r"[-+]?[0-9]+")
_PREFIXED = re.compile(r"0o([0-7]+)|0x([0-9a-fA-F]+)")
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")
_OLD_OCTAL = re.compile(r"[-+]?0[0-7]+")
_OLD_NUMBER = re.compile(r"[-+]?(?:0|[1-9][0-9]*|0x[0-9a-fA-F]+|[0-9]*\.[0-9]*(?:[eE][-+][0-9]+)?)")
_NUMBERS = (int, float)
_NOT_FINITE = {
    **{
        sign + word: value
        for word in (".inf", ".Inf", ".INF")
        for sign, value in (("", math.inf), ("+", math.inf), ("-", -math.inf))
    },
    **dict.fromkeys((".nan", ".NaN", ".NAN"), math.nan),
}


def resolved(text: str) -> Scalar:
    """The value of the plain scalar `text`.

    A number written with a fraction of zero is whole (`1.0` is 1), as in JSON.
    """
    if text[:1] in FIRST_OF_NUMBER:
        return number_or_text(text)
    return WORDS.get(text, text)


def number_or_text(text: str) -> Scalar:
    """The value of a plain scalar that starts with one of `FIRST_OF_NUMBER`."""
    if _DECIMAL.fullmatch(text):
        return _whole(text.lstrip("-+"), 10, negative=text[0] == "-")
    if prefixed := _PREFIXED.fullmatch(text):
        octal, hexadecimal = prefixed.groups()
        return _whole(octal, 8) if octal else _whole(hexadecimal, 16)
    if _FLOAT.fullmatch(text):
        number = float(text)
        return int(number) if number.is_integer() and abs(number) < HUGE else number
    return _NOT_FINITE.get(text, text)


def in_yaml_1_1(text: str) -> str | None:
    """What the plain number `text` is in YAML 1.1, in words; `None` where it is the same number, or no number here."""
    if _OLD_OCTAL.fullmatch(text):
        digits = text.lstrip("-+0")
        if len(digits) <= 1:
            return None
        return str(int(text, 8)) if len(digits) <= _DIGITS_AT_MOST else "another number"
    if _OLD_NUMBER.fullmatch(text) or text in _NOT_FINITE or type(resolved(text)) not in _NUMBERS:
        return None
    return "text"


def _whole(digits: str, base: int, *, negative: bool = False) -> int:
    # Leading zeros are allowed in every base and mean nothing.
    significant = digits.lstrip("0")
    number = HUGE if len(significant) > _DIGITS_AT_MOST else int(significant or "0", base)
    return -number if negative else number
