"""Parameters as the server binds them: JSON bodies leniently, query strings as text.

A body goes through Jackson with its defaults: unknown fields are ignored, a number may come as
text, a float is cut, text may come as a number. A value that cannot be bound is 1240003. Source:
bk-job, `EsbExceptionControllerAdvice`; Jackson's default coercions and its limit on nesting (which
is 1000 there).
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field, replace
from math import isfinite
from typing import TYPE_CHECKING, NoReturn, TypeVar

from launcher.sandbox.codes import Code
from launcher.sandbox.fields import by_name
from launcher.sandbox.refusal import Refused

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from launcher.sandbox.fields import Field, Kind
    from launcher.sandbox.wire import Json

__all__ = ["Params", "bad_request"]

_T = TypeVar("_T")

_LIMITS = {"long": 2**63, "longs": 2**63, "int": 2**31}
_DEEPEST = 200
_WHOLE = re.compile(r"[+-]?[0-9]{1,40}")
_QUERY_FLAGS = {
    "true": True,
    "on": True,
    "yes": True,
    "1": True,
    "false": False,
    "off": False,
    "no": False,
    "0": False,
}


def bad_request(text: str | None = None) -> Refused:
    """1240003, with the text of a violated rule or the general one."""
    return Refused(Code.BAD_REQUEST, text=text)


@dataclass(frozen=True, slots=True)
class Params:
    """The parameters of one call, or one object inside them.

    Attributes:
        values: by name; everything is text if they came in the query.
        from_query: they did.
        fields: the only ones that may be read, and their types.
    """

    values: Mapping[str, Json]
    from_query: bool = False
    fields: Mapping[str, Field] = field(default_factory=dict)

    @classmethod
    def of_query(cls, pairs: Iterable[tuple[str, str]]) -> Params:
        """Query parameters; the first of a repeated name counts."""
        values: dict[str, Json] = {}
        for name, value in pairs:
            values.setdefault(name, value)
        return cls(values, from_query=True)

    @classmethod
    def of_body(cls, body: bytes) -> Params:
        """A JSON body.

        Raises:
            Refused: it is not a JSON object.
        """
        try:
            value = json.loads(body, parse_constant=_no_constant, parse_float=_finite)
            _check_text(value)
        except (ValueError, RecursionError):
            raise bad_request() from None
        if not isinstance(value, dict):
            raise bad_request()
        return cls(value)

    def declared(self, fields: tuple[Field, ...]) -> Params:
        """The same for a reader that may ask for `fields` only."""
        return replace(self, fields=by_name(fields))

    def has(self, name: str) -> bool:
        """`name` was given, be it null."""
        return name in self.values

    def integer(self, name: str) -> int | None:
        """A whole number; `None` if it is absent, null or empty text.

        Raises:
            Refused: it is something else, or does not fit into Java's type.
        """
        return _whole(self.values.get(name), self._field(name, "long", "int").kind)

    def text(self, name: str) -> str | None:
        """Text; `None` if it is absent or null.

        Raises:
            Refused: it is a list or an object.
        """
        self._field(name, "text")
        return self.untyped(name)

    def untyped(self, name: str) -> str | None:
        """The text of a value of whatever type, as those read it who come before the binding.

        Raises:
            Refused: it is a list or an object.
        """
        value = self.values.get(name)
        if isinstance(value, bool):
            return str(value).lower()
        if isinstance(value, list | dict):
            raise bad_request()
        return value if value is None or isinstance(value, str) else json.dumps(value)

    def flag(self, name: str) -> bool | None:
        """True or false; `None` if it is absent, null or empty text.

        Raises:
            Refused: it is something else.
        """
        self._field(name, "flag")
        value = self.values.get(name)
        if value is None or value == "":
            return None
        if isinstance(value, str):
            known = _QUERY_FLAGS if self.from_query else {"true": True, "false": False}
            if value.strip().lower() in known:
                return known[value.strip().lower()]
            raise bad_request()
        if isinstance(value, bool | int):
            return bool(value)
        raise bad_request()

    def items(self, name: str) -> list[Params | None] | None:
        """A list of objects, null elements included; `None` if it is absent or null.

        Raises:
            Refused: it is not a list of objects.
        """
        found = self._field(name, "objects")
        return self._each(name, lambda item: None if item is None else _inner(item, found))

    def numbers(self, name: str) -> list[int | None] | None:
        """A list of whole numbers, null elements included; `None` if it is absent or null.

        Raises:
            Refused: it is not a list of numbers.
        """
        found = self._field(name, "longs")
        return self._each(name, lambda item: _whole(item, found.kind))

    def inner(self, name: str) -> Params | None:
        """An object; `None` if it is absent or null.

        Raises:
            Refused: it is something else.
        """
        found = self._field(name, "object")
        value = self.values.get(name)
        return None if value is None else _inner(value, found)

    def _field(self, name: str, *kinds: Kind) -> Field:
        """The declaration of `name`.

        Raises:
            LookupError: there is none, or it is of another type: a bug of the reader.
        """
        found = self.fields.get(name)
        if found is None or found.kind not in kinds:
            raise LookupError(f"{name} is not declared as {' or '.join(kinds)}")
        return found

    def _each(self, name: str, convert: Callable[[Json], _T]) -> list[_T] | None:
        value = self.values.get(name)
        if value is None:
            return None
        if not isinstance(value, list):
            raise bad_request()
        return [convert(item) for item in value]


def _inner(value: Json, field: Field) -> Params:
    if not isinstance(value, dict):
        raise bad_request()
    return Params(value).declared(field.inner)


def _whole(value: Json, kind: Kind) -> int | None:
    if value is None or (isinstance(value, str) and not value.strip()):
        return None
    if isinstance(value, bool | list | dict):
        raise bad_request()
    if isinstance(value, str) and not _WHOLE.fullmatch(value.strip()):
        raise bad_request()
    number = int(value)
    if not -_LIMITS[kind] <= number < _LIMITS[kind]:
        raise bad_request()
    return number


def _no_constant(_name: str) -> NoReturn:
    raise ValueError("JSON knows neither NaN nor Infinity")


def _finite(text: str) -> float:
    number = float(text)
    if not isfinite(number):
        raise ValueError("a number that no double can hold")
    return number


def _check_text(value: Json) -> None:
    """Refuse what could not be written again: deep nesting, halves of characters.

    Raises:
        ValueError: there is some.
    """
    level, depth = [value], 0
    while level:
        depth += 1
        if depth > _DEEPEST:
            raise ValueError("nested too deeply")
        below: list[Json] = []
        for item in level:
            if isinstance(item, dict):
                below += [*item, *item.values()]
            elif isinstance(item, list):
                below += item
            elif isinstance(item, str):
                item.encode()
        level = below
