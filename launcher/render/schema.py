"""What the JSON answers promise, as JSON Schemas that draft-07 and 2020-12 read alike.

Written beside the code that makes the answers (`documents`, `events` and others), and held against real answers by the tests.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from launcher.engine.candidates import Clue
from launcher.engine.recorded import OperationKind
from launcher.render.schema_changes import CHANGE, CHANGESET, DIFFERENCE, DRIFT, FIELD, KEY
from launcher.render.schema_config import CONFIG
from launcher.render.schema_editing import IMPORTED, PINNED
from launcher.render.schema_events import EVENTS
from launcher.render.schema_looking import DOCTOR, LOG_EVENTS, LOGS
from launcher.render.schema_status import ATTEMPT_KEYS, STATUS, WHY
from launcher.render.schema_words import (
    COUNT,
    DIAGNOSTIC_KEYS,
    NUMBER,
    TEXT,
    TIME,
    VERSION,
    Schema,
    described,
    list_of,
    object_of,
    one_of,
    or_null,
    ref,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["schema_files"]

_DRAFT = "http://json-schema.org/draft-07/schema#"


def schema_files() -> Mapping[str, str]:
    """The text of each schema, by its file name in `schemas/`."""
    schemas = {
        "act-v1.json": _answer(
            "What `launcher cancel`, `confirm` and `retry --failed-hosts` print with `-o json`.",
            _ACTED,
        ),
        "apply-event-v1.json": _document(
            "One line of `launcher apply -o jsonl`.", {"anyOf": list(EVENTS)}
        ),
        "candidates-v1.json": _answer("What `launcher resolve NAME -o json` prints.", _CANDIDATES),
        "config-v1.json": _answer("What `launcher config show -o json` prints.", CONFIG),
        "diff-v1.json": _answer("What `launcher diff -o json` prints.", CHANGESET),
        "doctor-v1.json": _answer("What `launcher doctor -o json` prints.", DOCTOR),
        "import-v1.json": _answer("What `launcher import -o json` prints.", IMPORTED),
        "logs-v1.json": _answer("What `launcher logs -o json` prints.", LOGS),
        "logs-event-v1.json": _document(
            "One line of `launcher logs -o jsonl`.", {"anyOf": list(LOG_EVENTS)}
        ),
        "pin-v1.json": _answer("What `launcher pin -o json` prints.", PINNED),
        "render-v1.json": _answer("What `launcher render -o json` prints.", _RENDERED),
        "status-v1.json": _answer("What `launcher status -o json` prints.", STATUS),
        "validate-v1.json": _answer("What `launcher validate -o json` prints.", _VALIDATED),
        "why-v1.json": _answer("What `launcher why -o json` prints.", WHY),
    }
    return {
        name: json.dumps(schema, indent=2, ensure_ascii=False) + "\n"
        for name, schema in schemas.items()
    }


_VALIDATED = object_of(
    {
        "format_version": VERSION,
        "valid": described(
            {"type": "boolean"}, "Nothing is wrong with the manifests, as far as it was looked at."
        ),
        "files": described(COUNT, "How many manifests were read."),
        "diagnostics": list_of(ref("diagnostic")),
        "online": described(
            or_null(object_of({"environment": TEXT, "launches": COUNT, "job_plans": COUNT})),
            "With `--online`: how many launches were held against how many job plans. Null where JOB was not asked.",
        ),
    }
)

_RENDERED = object_of(
    {
        "format_version": VERSION,
        "launches": list_of(
            object_of(
                {
                    "name": TEXT,
                    "environment": TEXT,
                    "manifest": TEXT,
                    "key": ref("key"),
                    "spec": described({"type": "object"}, "Effective spec and policy."),
                    "origins": {"type": "object", "additionalProperties": TEXT},
                }
            )
        ),
    }
)

_ACTED = object_of(
    {
        "format_version": VERSION,
        "environment": TEXT,
        "name": TEXT,
        "operation": one_of(OperationKind),
        "sent": described(
            {"type": "boolean"}, "False where it had been asked for before, and has shown since."
        ),
        "step": described(or_null(TEXT), "The step it was about; null for the whole instance."),
        "newest": ref("attempt"),
        "lockfile": TEXT,
        "diagnostics": list_of(ref("diagnostic")),
    }
)

_CANDIDATES = object_of(
    {
        "format_version": VERSION,
        "environment": TEXT,
        "name": TEXT,
        "newest": ref("attempt"),
        "candidates": described(
            list_of(
                object_of(
                    {
                        "instance": NUMBER,
                        "status": COUNT,
                        "created": or_null(TIME),
                        "operator": or_null(TEXT),
                        "for": list_of(one_of(Clue)),
                        "against": list_of(one_of(Clue)),
                    }
                )
            ),
            "Instances that the attempt may have run as, newest first.",
        ),
        "commands": described(list_of(TEXT), "What ends the unknown outcome, ready to copy."),
        "diagnostics": list_of(ref("diagnostic")),
    }
)

_FAILURE = object_of(
    {"format_version": VERSION, "diagnostics": list_of(ref("diagnostic"))},
    "Printed instead where there is no answer; the exit code says what kind of failure it is.",
)

_DEFINITIONS: Mapping[str, Schema] = {
    "attempt": object_of(ATTEMPT_KEYS),
    "change": CHANGE,
    "changeset": CHANGESET,
    "diagnostic": object_of(DIAGNOSTIC_KEYS),
    "difference": DIFFERENCE,
    "drift": DRIFT,
    "field": FIELD,
    "key": KEY,
}


def _answer(title: str, schema: Schema) -> Schema:
    return _document(title, {"anyOf": [schema, _FAILURE]})


def _document(title: str, body: Schema) -> Schema:
    used = _used(body)
    return {
        "$schema": _DRAFT,
        "title": title,
        **body,
        "definitions": {name: _DEFINITIONS[name] for name in sorted(used)},
    }


def _used(schema: Schema) -> set[str]:
    """The definitions that `schema` refers to, and those that these refer to."""
    text = json.dumps(schema)
    direct = {name for name in _DEFINITIONS if f'"#/definitions/{name}"' in text}
    return direct.union(*(_used(_DEFINITIONS[name]) for name in direct))
