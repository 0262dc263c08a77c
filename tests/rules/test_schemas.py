"""One truth for shapes: models, committed schemas and every validator hold the same verdict."""

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import given, settings
from pydantic import ValidationError

from launcher.manifest.schemas import (
    PLANLAUNCH,
    USERCONFIG,
    WORKSPACE,
    schema,
    schema_path,
    validator,
)
from launcher.model.schema import MODELS, schema_files
from tests.support.documents import VALUES, changed_at, mutations, routes

ROOT = Path(__file__).parents[2]
CASES = ROOT / "tests" / "cases"
KINDS = {"manifests": PLANLAUNCH, "userconfigs": USERCONFIG, "workspaces": WORKSPACE}


def good(kind: str) -> list[Any]:
    return [
        json.loads(path.read_bytes()) for path in sorted((CASES / "good" / kind).glob("*.json"))
    ]


def is_valid_by_model(name: str, data: Any) -> bool:
    try:
        MODELS[name].model_validate(data)
    except ValidationError:
        return False
    return True


def verdicts(name: str, data: Any) -> dict[str, bool]:
    """What each judge says of `data`."""
    return {
        "model": is_valid_by_model(name, data),
        "jsonschema-rs": validator(name).is_valid(data),
        "draft-07": jsonschema.Draft7Validator(schema(name)).is_valid(data),
        "2020-12": jsonschema.Draft202012Validator(schema(name)).is_valid(data),
    }


def test_the_committed_schemas_are_those_of_the_models() -> None:
    for name, text in schema_files().items():
        assert schema_path(name) == ROOT / "schemas" / name
        assert schema_path(name).read_text() == text


@pytest.mark.parametrize("name", KINDS.values())
def test_a_schema_is_sound_in_both_drafts_and_uses_nothing_that_they_read_differently(
    name: str,
) -> None:
    document = schema(name)
    assert document["$schema"] == "http://json-schema.org/draft-07/schema#"
    jsonschema.Draft7Validator.check_schema(document)
    jsonschema.Draft202012Validator.check_schema(document)
    differing = {"$defs", "dependencies", "additionalItems", "prefixItems", "unevaluatedProperties"}

    def look(node: Any) -> None:
        if isinstance(node, dict):
            assert not differing & set(node)
            assert "$ref" not in node or set(node) == {"$ref"}
            assert not isinstance(node.get("items"), list)
            for value in node.values():
                look(value)
        elif isinstance(node, list):
            for value in node:
                look(value)

    look(document)


@pytest.mark.parametrize("name", KINDS.values())
def test_every_field_has_what_editors_show(name: str) -> None:
    document = schema(name)
    parts = {"the document": document, **document["definitions"]}
    for part, body in parts.items():
        assert body.get("description"), part
        for field, shown in body["properties"].items():
            referred = [
                document["definitions"][item["$ref"].rpartition("/")[2]]
                for item in shown.get("allOf", [shown] if "$ref" in shown else ())
            ]
            for key in ("title", "description"):
                assert any(key in item for item in (shown, *referred)), (part, field, key)
        assert body["additionalProperties"] is False, part


@pytest.mark.parametrize("name", KINDS.values())
def test_every_example_in_a_schema_is_valid_where_it_stands(name: str) -> None:
    document = schema(name)

    def look(node: Any) -> None:
        if isinstance(node, dict):
            for example in (
                node.get("examples", ()) if isinstance(node.get("examples"), list) else ()
            ):
                judge = jsonschema.Draft7Validator({**node, "definitions": document["definitions"]})
                judge.validate(example)
            for key, value in node.items():
                if key != "examples":
                    look(value)
        elif isinstance(node, list):
            for value in node:
                look(value)

    look(document)


@pytest.mark.parametrize("kind", KINDS)
def test_every_good_document_passes_every_judge(kind: str) -> None:
    for data in good(kind):
        assert set(verdicts(KINDS[kind], data).values()) == {True}


@pytest.mark.parametrize("kind", KINDS)
def test_judges_agree_on_every_value_in_every_place(kind: str) -> None:
    """Model and jsonschema-rs only: the other two are too slow for this many documents."""
    for data in good(kind):
        for route in routes(data):
            for value in VALUES if route else ():
                changed = changed_at(data, route, value)
                by_model = is_valid_by_model(KINDS[kind], changed)
                assert validator(KINDS[kind]).is_valid(changed) == by_model, (route, value)


@settings(max_examples=400, deadline=None)
@given(data=mutations(good("manifests")))
def test_judges_agree_on_changed_manifests(data: Any) -> None:
    found = verdicts(PLANLAUNCH, data)
    assert len(set(found.values())) == 1, found


@settings(max_examples=400, deadline=None)
@given(data=mutations(good("workspaces")))
def test_judges_agree_on_changed_workspaces(data: Any) -> None:
    found = verdicts(WORKSPACE, data)
    assert len(set(found.values())) == 1, found


@settings(max_examples=400, deadline=None)
@given(data=mutations(good("userconfigs")))
def test_judges_agree_on_changed_user_configurations(data: Any) -> None:
    found = verdicts(USERCONFIG, data)
    assert len(set(found.values())) == 1, found
