"""Requests and replies as values: what came in, what goes out, and how the answer is delivered."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias
from urllib.parse import parse_qsl

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["Delivery", "Json", "Record", "Reply", "Request", "Response"]

Json: TypeAlias = "bool | int | float | str | list[Json] | dict[str, Json] | None"


@dataclass(frozen=True, slots=True)
class Request:
    """One HTTP request.

    Attributes:
        path: without the query, percent-decoded by nobody.
        query: pairs in their order; a name may occur twice.
        headers: by lower-case name.
    """

    method: str
    path: str
    query: tuple[tuple[str, str], ...] = ()
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""

    @classmethod
    def from_target(
        cls,
        method: str,
        target: str,
        headers: Mapping[str, str],
        body: bytes,
    ) -> Request:
        """A request from the target of its request line: `/path?query`."""
        path, _, text = target.partition("?")
        query = tuple(parse_qsl(text, keep_blank_values=True))
        lowered = {name.lower(): value for name, value in headers.items()}
        return cls(method.upper(), path, query, lowered, body)


@dataclass(frozen=True, slots=True)
class Response:
    """One HTTP answer."""

    status: int
    body: bytes = b""
    headers: tuple[tuple[str, str], ...] = ()

    def json(self) -> dict[str, Json]:
        """The body as a JSON object.

        Raises:
            ValueError: the body is empty or not JSON.
        """
        value: dict[str, Json] = json.loads(self.body)
        return value


@dataclass(frozen=True, slots=True)
class Delivery:
    """How an answer reaches the caller.

    Attributes:
        delay_s: real seconds before its first byte.
        cut_after: bytes of the body after which the connection ends; `None` for a whole answer.
            A closed connection (`reset` false) sends nothing at all, no status line either.
        reset: the connection is reset, not closed.
    """

    delay_s: float = 0.0
    cut_after: int | None = None
    reset: bool = False

    @property
    def is_silent(self) -> bool:
        """Not even a status line is sent."""
        return self.cut_after is not None and not self.reset


@dataclass(frozen=True, slots=True)
class Record:
    """A request as the control side shows it; credentials and cipher values are masked."""

    at_ms: int
    door: str | None
    operation: str | None
    method: str
    path: str
    params: Json
    app_code: str | None
    user: str | None
    status: int
    code: int | None
    faults: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Reply:
    """What a request leads to."""

    response: Response
    record: Record
    delivery: Delivery = field(default_factory=Delivery)
