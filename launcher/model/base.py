"""What every model shares: strictness, fields that may be absent, and shapes of text."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    GetJsonSchemaHandler,
)
from pydantic.alias_generators import to_camel
from pydantic_core import PydanticCustomError, PydanticKnownError, core_schema

if TYPE_CHECKING:
    from collections.abc import Callable

    from pydantic import GetCoreSchemaHandler

__all__ = [
    "MAX_ID",
    "TAG",
    "Absentable",
    "Attempts",
    "DistinctList",
    "FromOne",
    "FromZero",
    "Id",
    "ManifestModel",
    "NonEmptyList",
    "Shape",
    "one_of",
    "only_boolean",
]

MAX_ID = 2**63 - 1
"""The largest id that JOB's signed 64-bit integers hold."""

TAG = "\0"
"""Starts the name of each alternative, so that none can be mistaken for a key of a document."""

Item = TypeVar("Item")


class ManifestModel(BaseModel):
    """A mapping of a document: unknown fields are refused and no value is converted."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        strict=True,
        alias_generator=to_camel,
        # Absence is said by leaving a field out; a default is not a value someone wrote.
        validate_default=False,
    )


@dataclass(frozen=True, slots=True)
class _NotNull:
    """Makes `T | None` mean that the field may be left out, while a written `null` is refused.

    The server takes `null` for a value and wipes the job plan's default with it, so `null` must
    never be another way to say nothing.
    """

    def __get_pydantic_core_schema__(
        self, source: object, handler: GetCoreSchemaHandler
    ) -> core_schema.CoreSchema:
        schema = handler(source)
        if schema["type"] != "nullable":
            raise TypeError("a field that may be absent is written Absentable[T]")
        inner: core_schema.CoreSchema = schema["schema"]
        return inner


Absentable = Annotated[Item | None, _NotNull()]
"""A field that may be left out; `None` stands for that and is never accepted from a document."""


@dataclass(frozen=True, slots=True)
class Shape:
    r"""Text that has to match a pattern, for use in `Annotated[str, Shape(...)]`.

    Attributes:
        rule: what the text is, as one word; the explanation of a bad document goes by it.
        pattern: in the part of regular expressions that ECMA 262, Python and Rust read alike. One
            for the whole text ends in `$(?!\n)`, because Python's `$` alone also matches before a final line break.
    """

    rule: str
    pattern: str

    def __get_pydantic_core_schema__(
        self, source: object, handler: GetCoreSchemaHandler
    ) -> core_schema.CoreSchema:
        return core_schema.no_info_after_validator_function(self._checked, handler(source))

    def __get_pydantic_json_schema__(
        self, schema: core_schema.CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        written: dict[str, Any] = handler(schema)
        return {**written, "pattern": self.pattern}

    def _checked(self, text: str) -> str:
        if re.search(self.pattern, text):
            return text
        raise PydanticCustomError("shape", "does not have the shape", {"rule": self.rule})


def _distinct(items: list[Item]) -> list[Item]:
    for index, item in enumerate(items):
        if item in items[:index]:
            raise PydanticCustomError("repeated", "stands twice", {"index": index})
    return items


DistinctList = Annotated[
    list[Item], AfterValidator(_distinct), Field(json_schema_extra={"uniqueItems": True})
]
"""A list in which no entry stands twice."""

NonEmptyList = Annotated[list[Item], Field(min_length=1)]


def _whole(value: object) -> object:
    """`1.0` is the whole number 1 in JSON, and so to a JSON Schema."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


FromOne = Annotated[int, Field(ge=1, le=MAX_ID), BeforeValidator(_whole)]
FromZero = Annotated[int, Field(ge=0, le=MAX_ID), BeforeValidator(_whole)]

Attempts = Annotated[int, Field(ge=1, le=10), BeforeValidator(_whole)]
"""Attempts of one launch; more would only repeat what fails."""

Id = FromOne
"""An id that JOB or the CMDB gave."""


def only_boolean(value: object) -> object:
    """Refuse a number where `true` belongs: to Python 1 equals it, to JSON it does not."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        raise PydanticKnownError("bool_type")
    return value


def one_of(what: str, names: tuple[str, ...]) -> Callable[[object], object]:
    """A validator that lets a mapping pass only if it holds exactly one of `names`.

    Without it, a mapping with none or several would be explained as a bad case of one alternative.
    """

    def counted(value: object) -> object:
        if isinstance(value, dict):
            present = [name for name in names if name in value]
            if len(present) != 1:
                context = {"what": what, "present": present, "names": names}
                raise PydanticCustomError("alternatives", "holds not exactly one", context)
        return value

    return counted
