"""Where the JSON Schemas are, and validators made from them.

The wheel carries them as `launcher/schemas/`; in a checkout they are in `schemas/` at the top, where
editors and CI find them too.
"""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

from jsonschema_rs import Draft7Validator

__all__ = ["DIFF", "PLANLAUNCH", "USERCONFIG", "WORKSPACE", "schema", "schema_path", "validator"]

PLANLAUNCH = "planlaunch-v1.json"
WORKSPACE = "workspace-v1.json"
USERCONFIG = "userconfig-v1.json"
DIFF = "diff-v1.json"

_PACKAGE = Path(__file__).resolve().parent.parent


def schema_path(name: str) -> Path:
    """The file that holds the schema called `name`, such as `planlaunch-v1.json`."""
    shipped = _PACKAGE / "schemas" / name
    return shipped if shipped.is_file() else _PACKAGE.parent / "schemas" / name


@cache
def schema(name: str) -> dict[str, Any]:
    """The schema called `name`; never change it in place.

    Raises:
        FileNotFoundError: there is none: the installation is broken.
    """
    loaded: dict[str, Any] = json.loads(schema_path(name).read_bytes())
    return loaded


@cache
def validator(name: str) -> Draft7Validator:
    """A validator of the schema called `name`, made once."""
    return Draft7Validator(schema(name))
