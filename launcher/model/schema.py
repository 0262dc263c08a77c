"""JSON Schemas of the models, in the part of the language that draft-07 and 2020-12 read alike.

They declare draft-07, because that is what editors know best. Where the two drafts differ, this
module writes what both understand: definitions are found by their full pointer, and a reference
never stands beside another keyword, which draft-07 would ignore.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from pydantic.json_schema import GenerateJsonSchema

from launcher.model.planlaunch import PlanLaunch
from launcher.model.userconfig import UserConfig
from launcher.model.workspace import Workspace

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pydantic import BaseModel
    from pydantic.json_schema import JsonSchemaValue
    from pydantic_core import core_schema

__all__ = ["MODELS", "generate", "render", "schema_files", "schema_of"]

DRAFT = "http://json-schema.org/draft-07/schema#"

MODELS: Mapping[str, type[BaseModel]] = {
    "planlaunch-v1.json": PlanLaunch,
    "userconfig-v1.json": UserConfig,
    "workspace-v1.json": Workspace,
}
"""The model behind each generated file of `schemas/`."""


def schema_files() -> Mapping[str, str]:
    """The text of each generated file of `schemas/`, by file name."""
    return {name: render(schema) for name, schema in generate().items()}


def generate() -> Mapping[str, dict[str, Any]]:
    """The JSON Schema of each model, by file name."""
    return {name: schema_of(model) for name, model in MODELS.items()}


def render(schema: Mapping[str, Any]) -> str:
    """`schema` as text: stable, so that the committed file changes only when a model does."""
    return json.dumps(schema, indent=2, ensure_ascii=False) + "\n"


class _Portable(GenerateJsonSchema):
    """Writes what draft-07 and 2020-12 read alike."""

    def default_schema(self, schema: core_schema.WithDefaultSchema) -> JsonSchemaValue:
        """A default of `None` only says that a field may be left out; editors need not show it."""
        if schema.get("default") is None:
            return self.generate_inner(schema["schema"])
        return super().default_schema(schema)

    def dict_schema(self, schema: core_schema.DictSchema) -> JsonSchemaValue:
        """A mapping whose keys have a shape: the shape stands under `propertyNames`.

        Pydantic's own `patternProperties` lets a key pass that fits no pattern.
        """
        written: JsonSchemaValue = {"type": "object"}
        keys = self.generate_inner(schema["keys_schema"])
        written["propertyNames"] = {"pattern": keys["pattern"]}
        written["additionalProperties"] = self.generate_inner(schema["values_schema"])
        if "min_length" in schema:
            written["minProperties"] = schema["min_length"]
        return written


def schema_of(model: type[BaseModel]) -> dict[str, Any]:
    """The JSON Schema of `model`, in the part of the language that both drafts read alike."""
    raw = model.model_json_schema(schema_generator=_Portable, ref_template="#/definitions/{model}")
    definitions = raw.pop("$defs")
    body = {"$schema": DRAFT, **raw, "definitions": dict(sorted(definitions.items()))}
    portable: dict[str, Any] = _portable(body)
    return portable


def _portable(node: Any) -> Any:  # noqa: ANN401 - any part of a JSON document
    if isinstance(node, list):
        return [_portable(item) for item in node]
    if not isinstance(node, dict):
        return node
    written = {key: _portable(value) for key, value in node.items()}
    reference = written.pop("$ref", None)
    if not isinstance(reference, str):
        return written if reference is None else {"$ref": reference, **written}
    return {"allOf": [{"$ref": reference}], **written} if written else {"$ref": reference}
