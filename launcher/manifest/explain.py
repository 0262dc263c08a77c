"""Why a document does not fit its schema: the models' errors as diagnostics with positions.

Imported only once something is wrong: it brings pydantic.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import ValidationError

from launcher.diagnostics import Diagnostic, Place, in_order
from launcher.manifest.findings import Finding, diagnostics_of
from launcher.manifest.nodes import ScalarNode, node_at, span_of, to_data
from launcher.manifest.schemas import schema, validator
from launcher.model.base import TAG
from launcher.model.schema import MODELS

if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

    from pydantic_core import ErrorDetails

    from launcher.diagnostics import Pointer
    from launcher.manifest.nodes import MappingNode

__all__ = ["explain"]

_KEY = "[key]"
"""What pydantic ends a route with when it means the key itself."""


def explain(path: str, root: MappingNode, schema_name: str) -> tuple[Diagnostic, ...]:
    """What is wrong with the shape of the document `root`, sorted by place; empty for nothing."""
    data = to_data(root)
    try:
        MODELS[schema_name].model_validate(data)
    except ValidationError as error:
        details = error.errors(include_url=False)
    else:
        return _by_schema(path, root, schema_name, data)
    found: list[Diagnostic] = []
    for detail in _worth_telling(details):
        finding = _finding(detail, root, schema_name)
        found.extend(_placed(path, root, item) for item in diagnostics_of(finding))
    return in_order(found)


def _worth_telling(details: Iterable[ErrorDetails]) -> list[ErrorDetails]:
    """All of `details`, unless the document is of another kind: then the rest says nothing."""
    details = list(details)
    heads = [
        item
        for item in details
        if item["loc"] in (("apiVersion",), ("kind",)) and item["type"] == "literal_error"
    ]
    return heads or details


def _finding(detail: ErrorDetails, root: MappingNode, schema_name: str) -> Finding:
    route = detail["loc"]
    of_key = bool(route) and route[-1] == _KEY and detail["type"] == "shape"
    if of_key:
        route = route[:-1]
    pointer = tuple(part for part in route if not _is_tag(part))
    node = node_at(root, pointer)
    return Finding(
        rule=detail["type"],
        route=route,
        pointer=pointer,
        of_key=of_key,
        value=detail["input"],
        context=detail.get("ctx", {}),
        text=node.text if isinstance(node, ScalarNode) else None,
        schema=schema(schema_name),
        tag=TAG,
    )


def _placed(path: str, root: MappingNode, found: tuple[Diagnostic, Pointer, bool]) -> Diagnostic:
    diagnostic, pointer, of_key = found
    span = span_of(root, pointer, of_key=of_key)
    place = Place(path, pointer, of_key=of_key, span=span)
    return Diagnostic(diagnostic.code, diagnostic.facts, place, diagnostic.hint)


def _by_schema(path: str, root: MappingNode, schema_name: str, data: Any) -> tuple[Diagnostic, ...]:  # noqa: ANN401 - any JSON value
    """What only the schema refuses: models and schema disagree, which the tests look for."""
    return in_order(
        Diagnostic(
            "L149",
            {"message": error.message},
            Place(path, tuple(error.instance_path), span=span_of(root, tuple(error.instance_path))),
        )
        for error in validator(schema_name).iter_errors(data)
    )


def _is_tag(part: str | int) -> bool:
    return isinstance(part, str) and part.startswith(TAG)
