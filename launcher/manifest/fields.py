"""Which fields a mapping may hold, read from the schema that refused it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ["ADDRESSES", "fields_at"]

ADDRESSES = frozenset(
    {
        "address",
        "appcode",
        "appsecret",
        "baseurl",
        "cabundle",
        "credentials",
        "door",
        "endpoint",
        "gateway",
        "host",
        "password",
        "proxy",
        "stage",
        "ticket",
        "token",
        "uri",
        "url",
        "username",
    }
)
"""Fields, in small letters, by which one would tell an environment where its server is."""


def fields_at(schema: Mapping[str, Any], route: Sequence[str | int], tag: str) -> tuple[str, ...]:
    """The names of the fields of the mapping that `route` leads to, in the order of the schema.

    Empty for a mapping whose keys are free, such as `variables`.

    Args:
        schema: a generated schema.
        route: keys and indexes, and before a mapping that is one of several alternatives the name of
            the field that tells it from the others, marked with `tag`.
        tag: what marks the name of an alternative.
    """
    part: Mapping[str, Any] = schema
    for step in route:
        part = _below(schema, _whole(schema, part), step, tag)
    return tuple(_whole(schema, part).get("properties", {}))


def _below(
    schema: Mapping[str, Any], part: Mapping[str, Any], step: str | int, tag: str
) -> Mapping[str, Any]:
    if isinstance(step, str) and step.startswith(tag):
        told_by = step.removeprefix(tag)
        alternatives = (_whole(schema, item) for item in part.get("oneOf", ()))
        return next((item for item in alternatives if told_by in item.get("required", ())), {})
    if isinstance(step, int):
        items: Mapping[str, Any] = part.get("items", {})
        return items
    named: Mapping[str, Any] = part.get("properties", {}).get(step) or _values(part)
    return named


def _values(part: Mapping[str, Any]) -> Mapping[str, Any]:
    values = part.get("additionalProperties")
    return values if isinstance(values, dict) else {}


def _whole(schema: Mapping[str, Any], part: Mapping[str, Any]) -> Mapping[str, Any]:
    """`part`, or the definition that it refers to."""
    for item in (part, *part.get("allOf", ())):
        if reference := item.get("$ref"):
            definition: Mapping[str, Any] = schema["definitions"][reference.rpartition("/")[2]]
            return definition
    return part
