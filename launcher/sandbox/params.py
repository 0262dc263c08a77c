"""Parameters as the server binds them: JSON bodies leniently, query strings as text.

A body goes through Jackson with its defaults: unknown fields are ignored, a number may come as
text, a float is cut, text may come as a number. A value that cannot be bound is 1240003. Source:
bk-job, `EsbExceptionControllerAdvice`; Jackson's default coercions.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, NoReturn, TypeVar

from launcher.sandbox.codes import Code
from launcher.sandbox.refusal import Refused

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from launcher.sandbox.wire import Json

__all__ = ["Params", "bad_request"]

_T = TypeVar("_T")

_LONG = 2**63
_INT = 2**31
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
    """

    values: Mapping[str, Json]
    from_query: bool = False

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
            value = json.loads(body, parse_constant=_no_constant)
        except (ValueError, RecursionError):
            raise bad_request() from None
        if not isinstance(value, dict):
            raise bad_request()
        return cls(value)

    def has(self, name: str) -> bool:
        """`name` was given, be it null."""
        return name in self.values

    def integer(self, name: str, *, bits: int = 64) -> int | None:
        """A whole number; `None` if it is absent, null or empty text.

        Raises:
            Refused: it is something else, or does not fit into `bits`.
        """
        limit = _LONG if bits == 64 else _INT  # noqa: PLR2004 - Java's two integers
        number = _whole(self.values.get(name))
        if number is not None and not -limit <= number < limit:
            raise bad_request()
        return number

    def text(self, name: str) -> str | None:
        """Text; `None` if it is absent or null.

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
        return self._each(name, lambda item: None if item is None else _inner(item))

    def numbers(self, name: str) -> list[int | None] | None:
        """A list of whole numbers, null elements included; `None` if it is absent or null.

        Raises:
            Refused: it is not a list of numbers.
        """
        return self._each(name, _whole)

    def inner(self, name: str) -> Params | None:
        """An object; `None` if it is absent or null.

        Raises:
            Refused: it is something else.
        """
        value = self.values.get(name)
        return None if value is None else _inner(value)

    def _each(self, name: str, convert: Callable[[Json], _T]) -> list[_T] | None:
        value = self.values.get(name)
        if value is None:
            return None
        if not isinstance(value, list):
            raise bad_request()
        return [convert(item) for item in value]


def _inner(value: Json) -> Params:
    if not isinstance(value, dict):
        raise bad_request()
    return Params(value)


def _whole(value: Json) -> int | None:
    if value is None or (isinstance(value, str) and not value.strip()):
        return None
    if isinstance(value, bool | list | dict):
        raise bad_request()
    try:
        return int(value)
    except (ValueError, OverflowError):
        raise bad_request() from None


def _no_constant(_name: str) -> NoReturn:
    raise ValueError("JSON knows neither NaN nor Infinity")
