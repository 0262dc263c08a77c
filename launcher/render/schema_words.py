"""The few forms that the schemas of JSON answers are put together from."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from launcher.render.json_text import FORMAT_VERSION

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

__all__ = [
    "COUNT",
    "DIAGNOSTIC_KEYS",
    "NUMBER",
    "TEXT",
    "TIME",
    "VERSION",
    "Schema",
    "described",
    "list_of",
    "object_of",
    "one_of",
    "or_null",
    "ref",
]

Schema = dict[str, Any]

TEXT: Schema = {"type": "string"}
COUNT: Schema = {"type": "integer", "minimum": 0}
NUMBER: Schema = {"type": "integer", "minimum": 1}
TIME: Schema = {"type": "string", "description": "RFC 3339, with an offset."}
VERSION: Schema = {"const": FORMAT_VERSION, "description": "Shapes change only with this version."}


def object_of(properties: Mapping[str, Schema], description: str = "") -> Schema:
    """An object with exactly `properties`, all of them always there."""
    schema: Schema = {"type": "object"}
    if description:
        schema["description"] = description
    schema |= {
        "properties": dict(properties),
        "required": list(properties),
        "additionalProperties": False,
    }
    return schema


def list_of(items: Schema) -> Schema:
    """A list whose entries are all `items`."""
    return {"type": "array", "items": items}


def or_null(schema: Schema) -> Schema:
    """`schema`, or null."""
    return {"anyOf": [schema, {"type": "null"}]}


def one_of(words: Iterable[str]) -> Schema:
    """One of a closed list of words."""
    return {"type": "string", "enum": list(words)}


def ref(name: str) -> Schema:
    """What the document's own definition of that name says."""
    return {"$ref": f"#/definitions/{name}"}


def described(schema: Schema, description: str) -> Schema:
    """`schema` with a word about what it means here."""
    return {**schema, "description": description}


DIAGNOSTIC_KEYS: Mapping[str, Schema] = {
    "code": {"type": "string", "pattern": "^L[0-9]{3}$"},
    "severity": one_of(["error", "warning"]),
    "message": described(TEXT, "The fixed summary, a colon, and the detail in full sentences."),
    "hint": described(or_null(TEXT), "What to do, if there is something to say."),
    "path": described(
        or_null(TEXT), "The file, relative to the workspace; absolute outside of it."
    ),
    "line": described(or_null(NUMBER), "From 1."),
    "column": described(or_null(NUMBER), "From 1, in code points."),
    "end_line": or_null(NUMBER),
    "end_column": described(or_null(NUMBER), "Behind the last character."),
    "pointer": described(or_null(TEXT), "The value in the file, as RFC 6901 writes it."),
}
