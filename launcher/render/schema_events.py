"""What the lines of `apply -o jsonl` promise."""

from __future__ import annotations

from typing import TYPE_CHECKING

from launcher.engine.recorded import OutcomeKind
from launcher.engine.report import Stop
from launcher.errors import ExitCode
from launcher.render.schema_status import ATTEMPT_KEYS
from launcher.render.schema_words import (
    COUNT,
    DIAGNOSTIC_KEYS,
    NUMBER,
    TEXT,
    TIME,
    VERSION,
    Schema,
    list_of,
    object_of,
    one_of,
    or_null,
    ref,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["EVENTS"]


def _event(kind: str, properties: Mapping[str, Schema], description: str) -> Schema:
    return object_of({"type": {"const": kind}, "time": TIME, **properties}, description)


MOVED: Mapping[str, Schema] = {"name": TEXT, "attempt": NUMBER, "instance": or_null(NUMBER)}

EVENTS = (
    _event("version", {"format_version": VERSION, "launcher": TEXT}, "Always the first line."),
    _event(
        "planned",
        {"changeset": ref("changeset")},
        "What is to be done, before anything is sent.",
    ),
    _event(
        "effect",
        {"effect": TEXT, "names": list_of(TEXT), "refused": COUNT, "unknown": COUNT},
        "Something was asked of the outside and has been answered.",
    ),
    _event(
        "observed",
        {**MOVED, "status": or_null(COUNT), "outcome": one_of(OutcomeKind)},
        "An attempt was seen to move on, and that is on record.",
    ),
    _event(
        "settled",
        {**MOVED, "outcome": one_of(OutcomeKind)},
        "An attempt has come to its end, and that is on record.",
    ),
    _event("diagnostic", DIAGNOSTIC_KEYS, "Something that went wrong, or is worth a word."),
    _event(
        "summary",
        {
            "exit_code": {"type": "integer", "enum": [int(code) for code in ExitCode]},
            "environment": or_null(TEXT),
            "digest": or_null(TEXT),
            "stop": or_null(one_of(Stop)),
            "started": list_of(TEXT),
            "blocked": {"type": "object", "additionalProperties": TEXT},
            "launches": list_of(object_of({"name": TEXT, **ATTEMPT_KEYS})),
            "lockfile": or_null(TEXT),
        },
        "Always the last line, after an error or a signal as well.",
    ),
)
