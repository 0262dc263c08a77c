"""The sandbox's own OpenAPI document: every operation at every entrance, with its answers.

Made of the tables that requests go through: `routes` says what is where, `fields` what may be sent,
`answers` what comes back, `codes` which codes there are.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from launcher.sandbox.answers import ANSWERS, PERMISSION, listed, shape
from launcher.sandbox.codes import Code
from launcher.sandbox.fields import PARAMETERS
from launcher.sandbox.routes import OPERATIONS, Entrance, Route, path_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from launcher.sandbox.answers import Schema
    from launcher.sandbox.fields import Field

__all__ = ["components", "envelope", "openapi"]

_ENTRANCES = (Entrance("gateway"), Entrance("gateway", system=True), Entrance("esb"))
_LONG, _INT = 2**63, 2**31
_TEXT: Schema = {"type": "string"}
_CREDENTIALS: dict[str, Schema] = {
    "bk_app_code": _TEXT,
    "bk_app_secret": _TEXT,
    "bk_token": _TEXT,
    "bk_username": _TEXT,
}
_AUTHORISATION = (
    "A JSON object: bk_app_code and bk_app_secret with bk_token, bk_ticket or bk_username;"
    " or access_token."
)


def openapi(version: str) -> Schema:
    """The document.

    Args:
        version: of the program that serves it.
    """
    paths: Schema = {}
    for route in _routes():
        paths[path_of(route)] = {route.method.lower(): _operation(route)}
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "BlueKing JOB v3, as launcher's sandbox has it",
            "version": version,
            "description": "What fails in JOB is HTTP 200 with `result` false and a `code`."
            " Messages are English with `Blueking-Language: en`, else Chinese.",
        },
        "servers": [{"url": "/"}],
        "paths": paths,
        "components": components()
        | {
            "securitySchemes": {
                "gateway": {
                    "type": "apiKey",
                    "in": "header",
                    "name": "X-Bkapi-Authorization",
                    "description": _AUTHORISATION,
                }
            }
        },
    }


def _routes() -> Iterator[Route]:
    for operation in OPERATIONS.values():
        for entrance in _ENTRANCES:
            route = Route(entrance, operation)
            if route.is_registered:
                yield route


def _operation(route: Route) -> Schema:
    name, entrance = route.operation.name, route.entrance
    family = "system" if entrance.system else entrance.door
    described: Schema = {
        "operationId": f"{family}_{name}",
        "summary": name,
        "tags": [family],
        "responses": _responses(route),
    }
    if entrance.door == "gateway":
        described["security"] = [{"gateway": []}]
    fields = PARAMETERS[name]
    if route.method == "GET":
        described["parameters"] = [_in_query(field) for field in fields]
    else:
        described["requestBody"] = _body(fields, through_esb=entrance.door == "esb")
    return described


def _in_query(field: Field) -> Schema:
    told: Schema = {
        "name": field.name,
        "in": "query",
        "required": field.required,
        "schema": _schema(field),
    }
    return {**told, "description": field.help} if field.help else told


def _body(fields: tuple[Field, ...], *, through_esb: bool) -> Schema:
    schema = _object(fields)
    if through_esb:
        required = [*_required(fields), "bk_app_code", "bk_app_secret"]
        schema = {
            **schema,
            "properties": {**_CREDENTIALS, **_properties(fields)},
            "required": list(required),
        }
    return {"required": True, "content": {"application/json": {"schema": schema}}}


def _object(fields: tuple[Field, ...]) -> Schema:
    """An object that tolerates other fields, as the server does."""
    body: Schema = {"type": "object", "properties": dict(_properties(fields))}
    required = _required(fields)
    return {**body, "required": list(required)} if required else body


def _properties(fields: tuple[Field, ...]) -> dict[str, Schema]:
    told = {}
    for field in fields:
        schema = _schema(field)
        told[field.name] = {**schema, "description": field.help} if field.help else schema
    return told


def _required(fields: tuple[Field, ...]) -> list[str]:
    return [field.name for field in fields if field.required]


def _schema(field: Field) -> Schema:
    match field.kind:
        case "long" | "longs" | "int":
            schema = _number(field)
            return listed(schema) if field.kind == "longs" else schema
        case "text":
            return {**_TEXT, "enum": list(field.choices)} if field.choices else _TEXT
        case "flag":
            return {"type": "boolean"}
        case "object":
            return _object(field.inner)
        case "objects":
            return listed(_object(field.inner))


def _number(field: Field) -> Schema:
    limit = _INT if field.kind == "int" else _LONG
    schema: Schema = {"type": "integer", "format": "int32" if limit == _INT else "int64"}
    if field.choices:
        return {**schema, "enum": list(field.choices)}
    least = -limit if field.least is None else field.least
    return {**schema, "minimum": least, "maximum": field.most or limit - 1}


def _responses(route: Route) -> Schema:
    schema = envelope(route.operation.name, through_esb=route.entrance.door == "esb")
    return {
        "200": {
            "description": "The answer; `code` tells whether it is a success.",
            "content": {"application/json": {"schema": schema}},
        },
        "401": {"description": "No valid credentials: an empty body. No user: code 1247002."},
    }


def envelope(operation: str, *, through_esb: bool) -> Schema:
    """The schema of an HTTP 200 of `operation`: a success with its data, or a refusal.

    It refers to `components`.
    """
    added = {"message": _TEXT, "request_id": _TEXT} if through_esb else {}
    success = shape(
        code={"type": "integer", "const": 0},
        result={"type": "boolean", "const": True},
        job_request_id=_TEXT,
        data=_ref(operation),
        **added,
    )
    return {"oneOf": [success, _ref("refusal_esb" if through_esb else "refusal")]}


def components() -> Schema:
    """The schemas that others refer to, as `#/components/schemas/NAME`."""
    return {
        "schemas": {
            "permission": PERMISSION,
            "refusal": _refusal(),
            "refusal_esb": _refusal(request_id=_TEXT),
            **ANSWERS,
        }
    }


def _refusal(**added: Schema) -> Schema:
    codes = sorted(int(code) for code in Code if code is not Code.MISSING_USER)
    return shape(
        ("permission",),
        code={"type": "integer", "enum": list(codes)},
        result={"type": "boolean", "const": False},
        job_request_id=_TEXT,
        message=_TEXT,
        permission=_ref("permission"),
        **added,
    )


def _ref(name: str) -> Schema:
    return {"$ref": f"#/components/schemas/{name}"}
