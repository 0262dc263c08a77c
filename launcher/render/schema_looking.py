"""What the answers of `logs` and `doctor`, and the detail of `status`, promise; see `schema`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from launcher.engine.results import Result
from launcher.errors import ExitCode
from launcher.render.doctor import State
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

__all__ = ["DETAIL", "DOCTOR", "LOGS", "LOG_EVENTS"]

_RUN: Mapping[str, Schema] = {
    "status": described({"type": "integer"}, "JOB's number."),
    "words": described(TEXT, "What the number means, for people."),
    "started": or_null(TIME),
    "ended": or_null(TIME),
}

_INSTANCE: Mapping[str, Schema] = {
    "name": TEXT,
    "attempt": NUMBER,
    "instance": NUMBER,
    **_RUN,
    "finished": described({"type": "boolean"}, "Not final: a person may retry it on JOB's pages."),
}

_STEP: Mapping[str, Schema] = {
    "number": described(NUMBER, "From 1, in the order of the job plan."),
    "id": described(NUMBER, "Of the step within its instance."),
    "step": described(TEXT, "Its name."),
    "kind": described(TEXT, "`script`, `file` or `approval`."),
    "executions": described(COUNT, "How often it was executed again."),
    **_RUN,
}

_HOST: Mapping[str, Schema] = {
    "host": or_null(NUMBER),
    "cloud": or_null(COUNT),
    "ip": TEXT,
    **_RUN,
    "result": described(one_of(Result), "What the number comes to."),
    "exit_code": or_null({"type": "integer"}),
    "tag": described(TEXT, "What the script called its result; empty for nothing."),
}

_FILE = object_of(
    {
        "source": described(TEXT, "Address of the host it came from; empty for none."),
        "source_path": TEXT,
        "target_path": TEXT,
        "status": or_null({"type": "integer"}),
        "size": TEXT,
        "progress": TEXT,
        "text": TEXT,
    }
)

_LOG: Mapping[str, Schema] = {
    **_HOST,
    "text": described(TEXT, "What the host has printed, as it is: nothing is made visible in it."),
    "files": described(list_of(_FILE), "One for each file that came to the host."),
    "too_long": described({"type": "boolean"}, "The log is longer than can be read."),
}

DETAIL = object_of(
    {
        **_INSTANCE,
        "steps": list_of(
            object_of(
                {
                    **_STEP,
                    "hosts": described(
                        or_null(list_of(object_of(_HOST))),
                        "Of its latest execution; null where JOB could not be asked for hosts.",
                    ),
                }
            )
        ),
    }
)

LOGS = object_of(
    {
        "format_version": VERSION,
        "environment": TEXT,
        **_INSTANCE,
        "steps": list_of(object_of({**_STEP, "hosts": list_of(object_of(_LOG))})),
        "diagnostics": list_of(ref("diagnostic")),
    }
)

DOCTOR = object_of(
    {
        "format_version": VERSION,
        "environment": described(or_null(TEXT), "Null where there is none to look at."),
        "checks": list_of(
            object_of(
                {
                    "name": described(TEXT, "What was looked at; a name may come more than once."),
                    "state": one_of(State),
                    "message": TEXT,
                    "code": described(
                        or_null({"type": "string", "pattern": "^L[0-9]{3}$"}),
                        "For `launcher explain`.",
                    ),
                    "hint": described(or_null(TEXT), "What to do; null where nothing is."),
                }
            )
        ),
        "summary": object_of({state.value: COUNT for state in State}),
    }
)


def _event(kind: str, properties: Mapping[str, Schema], description: str) -> Schema:
    return object_of({"type": {"const": kind}, "time": TIME, **properties}, description)


LOG_EVENTS = (
    _event("version", {"format_version": VERSION, "launcher": TEXT}, "Always the first line."),
    _event("instance", _INSTANCE, "The instance, as it stood at first."),
    _event("step", _STEP, "A step without anything to read."),
    _event(
        "log",
        {
            **_STEP,
            "anew": described(
                {"type": "boolean"},
                "It begins from the start: what came before of this host and step does not count.",
            ),
            "log": described(object_of(_LOG), "`text` and `files` hold what is new."),
        },
        "What one host has printed since it was told of last.",
    ),
    _event("waiting", {"name": TEXT, "environment": TEXT}, "The instance waits for a person."),
    _event("trouble", {"message": TEXT}, "JOB gave no answer; it is asked again."),
    _event("diagnostic", DIAGNOSTIC_KEYS, "Something that went wrong, or is worth a word."),
    _event(
        "summary",
        {
            "exit_code": {"type": "integer", "enum": [int(code) for code in ExitCode]},
            "environment": or_null(TEXT),
            "instance": or_null(object_of(_INSTANCE)),
        },
        "Always the last line, after an error or an interrupt as well.",
    ),
)
