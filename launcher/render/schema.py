"""What the JSON answers promise, as JSON Schemas that draft-07 and 2020-12 read alike.

Written beside the code that makes the answers (`documents`, `events` and others), and held against real answers by the tests.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from launcher.engine.candidates import Clue
from launcher.engine.changeset import Action, Reason
from launcher.engine.drift import Found, Since, Subject
from launcher.engine.drift import Kind as DifferenceKind
from launcher.engine.observed import VariableKind
from launcher.engine.recorded import OperationKind, OutcomeKind
from launcher.engine.report import Stop
from launcher.errors import ExitCode
from launcher.render.schema_editing import IMPORTED, PINNED
from launcher.render.schema_looking import DETAIL, DOCTOR, LOG_EVENTS, LOGS
from launcher.render.schema_standing import ARCHIVED, CANCELLED_BY, CARRIED_ON_BY, DECIDED, WAITING
from launcher.render.schema_words import COUNT, DIAGNOSTIC_KEYS, NUMBER, TEXT, TIME, VERSION, Schema
from launcher.render.schema_words import described as _described
from launcher.render.schema_words import list_of as _list
from launcher.render.schema_words import object_of as _object
from launcher.render.schema_words import one_of as _one_of
from launcher.render.schema_words import or_null as _or_null
from launcher.render.schema_words import ref as _ref

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["schema_files"]

_DRAFT = "http://json-schema.org/draft-07/schema#"
_DIGEST = r"^v1:sha256:[0-9a-f]{64}$"


def schema_files() -> Mapping[str, str]:
    """The text of each schema, by its file name in `schemas/`."""
    schemas = {
        "act-v1.json": _answer(
            "What `launcher cancel`, `confirm` and `retry --failed-hosts` print with `-o json`.",
            _ACTED,
        ),
        "apply-event-v1.json": _apply_event(),
        "candidates-v1.json": _answer("What `launcher resolve NAME -o json` prints.", _CANDIDATES),
        "config-v1.json": _answer("What `launcher config show -o json` prints.", _CONFIG),
        "diff-v1.json": _answer("What `launcher diff -o json` prints.", _CHANGESET),
        "doctor-v1.json": _answer("What `launcher doctor -o json` prints.", DOCTOR),
        "import-v1.json": _answer("What `launcher import -o json` prints.", IMPORTED),
        "logs-v1.json": _answer("What `launcher logs -o json` prints.", LOGS),
        "logs-event-v1.json": _document(
            "One line of `launcher logs -o jsonl`.", {"anyOf": list(LOG_EVENTS)}
        ),
        "pin-v1.json": _answer("What `launcher pin -o json` prints.", PINNED),
        "render-v1.json": _answer("What `launcher render -o json` prints.", _RENDERED),
        "status-v1.json": _answer("What `launcher status -o json` prints.", _STATUS),
        "validate-v1.json": _answer("What `launcher validate -o json` prints.", _VALIDATED),
        "why-v1.json": _answer("What `launcher why -o json` prints.", _WHY),
    }
    return {
        name: json.dumps(schema, indent=2, ensure_ascii=False) + "\n"
        for name, schema in schemas.items()
    }


_KEY = _object({"revision": NUMBER, "digest": {"type": "string", "pattern": _DIGEST}})

_FIELD = _object(
    {
        "path": TEXT,
        "before": _described({}, "What ran last; null where it was not set."),
        "after": _described({}, "What is declared; null where it is not set any more."),
        "origin": _described(_or_null(TEXT), "`defaults`, `spec`, `environments.NAME`, …"),
    }
)

_DRIFT = _object(
    {
        "since": _one_of(Since),
        "attempt": _described(_or_null(NUMBER), "The attempt that is compared with."),
        "by": _described(_or_null(TEXT), "Who changed it last, as JOB says."),
        "at": _described(TIME, "When that was."),
        "before": _described(TEXT, "The digest of then."),
        "after": _described(TEXT, "The digest of now."),
        "found": _described(
            _one_of(Found),
            "`compared`: see the differences; `nothing-shown`: nothing that JOB shows differs; `not-compared`: what differs is not taken apart; `not-kept`: the content of then is not on record.",
        ),
        "differences": _list(_ref("difference")),
    }
)

_DIFFERENCE = _object(
    {
        "subject": _one_of(Subject),
        "name": _described(TEXT, "Of the step or the variable as it is now, or of the job plan."),
        "kind": _described(
            _one_of(DifferenceKind),
            "`hidden`: a sensitive parameter or the default of a cipher, of which it is not known whether it changed.",
        ),
        "field": _described(_or_null(TEXT), "Which fact of it; null for the thing as a whole."),
        "before": _described(
            {}, "What it was; an object with `digest`, `bytes` and `lines` where that is too long."
        ),
        "after": _described({}, "What it is."),
        "lines": _described(
            _list(_object({"sign": _one_of("-+ "), "line": NUMBER, "text": TEXT})),
            "The lines that differ, with some around them, where it is a text of several lines.",
        ),
        "further": _described(COUNT, "How many more lines there are."),
    }
)

_CHANGE = _object(
    {
        "name": TEXT,
        "action": _one_of(Action),
        "reason": _one_of(Reason),
        "key": _or_null(_ref("key")),
        "change_digest": {"type": "string", "pattern": _DIGEST},
        "manifest": _or_null(_object({"path": TEXT, "line": NUMBER})),
        "plan": _object(
            {"id": _or_null(NUMBER), "name": _or_null(TEXT), "digest": _or_null(TEXT)},
            "The job plan. Where it was not read, only what the manifest declares: its id or its name.",
        ),
        "fields": _described(_list(_ref("field")), "Differences in what would run."),
        "policy": _described(_list(_ref("field")), "Differences in when it may run."),
        "needs": _list(TEXT),
        "wave": NUMBER,
        "by": _described(_or_null(TEXT), "What blocks or holds it."),
        "until": _described(_or_null(TEXT), "When a hold ends, if that is known."),
        "attempt": _described(_or_null(NUMBER), "The newest attempt on record."),
        "instance": _described(_or_null(NUMBER), "Its job instance."),
        "omitted": _described(
            _list(
                _object(
                    {
                        "name": TEXT,
                        "kind": _one_of(VariableKind),
                        "required": {"type": "boolean"},
                        "used": _described(
                            {"type": ["boolean", "null"]},
                            "An enabled step refers to it, as far as JOB can tell.",
                        ),
                        "value": _described(
                            {"type": ["string", "object", "null"]},
                            "Text, or hosts as in a manifest; null for a Ciphertext, which JOB never shows, and for no hosts.",
                        ),
                    }
                )
            ),
            "Variables that are left to the job plan, as it holds them now; empty where it was not read.",
        ),
        "drift": _described(
            _or_null(_ref("drift")),
            "What has changed in the job plan since it was pinned, prepared or last started for this launch; null where nothing has, or where it was not read.",
        ),
    }
)

_LEDGER = _object({"lineage": _or_null(TEXT), "serial": COUNT, "head": _or_null(TEXT)})

_CHANGESET = _object(
    {
        "format_version": VERSION,
        "environment": TEXT,
        "digest": {"type": "string", "pattern": r"^(offline:)?v1:sha256:[0-9a-f]{64}$"},
        "offline": {"type": "boolean"},
        "commit": _or_null(TEXT),
        "ledger": _LEDGER,
        "changes": _list(_ref("change")),
        "summary": _object({action.value: COUNT for action in Action}),
        "diagnostics": _list(_ref("diagnostic")),
    }
)

_ATTEMPT_KEYS: Mapping[str, Schema] = {
    "attempt": NUMBER,
    "key": _ref("key"),
    "outcome": _one_of(OutcomeKind),
    "status": _described(_or_null(COUNT), "The newest run status of JOB that is on record."),
    "instance": _or_null(NUMBER),
    "started": _or_null(TIME),
    "finished": _or_null(TIME),
    "reason": _or_null(TEXT),
    "compared": _described(
        _or_null(_list(TEXT)), "What was compared before its START; null where it was not verified."
    ),
    "not_compared": _list(TEXT),
}

_OPERATIONS: Mapping[str, Schema] = {
    "operation": _described(
        _or_null(
            _object({"operation": _one_of(OperationKind), "at": TIME, "step": _or_null(NUMBER)})
        ),
        "Asked for, and not known yet whether JOB took it.",
    ),
    "unsent": _described(
        _or_null(_object({"operation": _one_of(OperationKind), "at": TIME})),
        "Put on record and certainly never sent: its time had passed, or others had written behind it.",
    ),
}

_WHOLE_ATTEMPT: Mapping[str, Schema] = {
    **_ATTEMPT_KEYS,
    "request": _described(_or_null(TEXT), "Why a person asked for it by hand."),
    **_OPERATIONS,
    "endings": _described(
        _list(
            _object(
                {
                    "outcome": _one_of(OutcomeKind),
                    "status": _or_null(COUNT),
                    "finished": _or_null(TIME),
                    "carried_on_by": CARRIED_ON_BY,
                }
            )
        ),
        "How it had ended before somebody carried on with it, oldest first.",
    ),
    "cancelled_by": CANCELLED_BY,
}

_HOLD = _object({"reason": _one_of(Reason), "by": _or_null(TEXT), "until": _or_null(TIME)})

_APPROVAL = _object(
    {"digest": TEXT, "change_digest": TEXT, "actor": TEXT, "at": TIME, "source": TEXT}
)

_STATUS = _object(
    {
        "format_version": VERSION,
        "environment": TEXT,
        "ledger": _LEDGER,
        "launches": _list(
            _object(
                {
                    "name": TEXT,
                    "declared": _or_null(_ref("key")),
                    "in_sync": {"type": "boolean"},
                    "archived": {"type": "boolean"},
                    "hold": _described(_or_null(_HOLD), "What keeps it from starting for now."),
                    "decided": DECIDED,
                    "waits_for": WAITING,
                    "stuck": _described(
                        _or_null(TEXT), "What has not moved for long; only where JOB was asked."
                    ),
                    "approval": _described(
                        _or_null(_APPROVAL), "The newest review of a change that is not done yet."
                    ),
                    "newest": _or_null(_object(_WHOLE_ATTEMPT)),
                }
            )
        ),
        "detail": _described(
            _or_null(DETAIL),
            "How far the instance is, as JOB says; null unless one launch was named.",
        ),
        "orphans": _described(
            _list(
                _object(
                    {"name": TEXT, "attempt": NUMBER, "instance": NUMBER, "reason": _or_null(TEXT)}
                )
            ),
            "Instances that were created and that nothing will ever start.",
        ),
        "diagnostics": _list(_ref("diagnostic")),
    }
)

_VALIDATED = _object(
    {
        "format_version": VERSION,
        "valid": _described(
            {"type": "boolean"}, "Nothing is wrong with the manifests, as far as it was looked at."
        ),
        "files": _described(COUNT, "How many manifests were read."),
        "diagnostics": _list(_ref("diagnostic")),
        "online": _described(
            _or_null(_object({"environment": TEXT, "launches": COUNT, "job_plans": COUNT})),
            "With `--online`: how many launches were held against how many job plans. Null where JOB was not asked.",
        ),
    }
)

_RENDERED = _object(
    {
        "format_version": VERSION,
        "launches": _list(
            _object(
                {
                    "name": TEXT,
                    "environment": TEXT,
                    "manifest": TEXT,
                    "key": _ref("key"),
                    "spec": _described({"type": "object"}, "Effective spec and policy."),
                    "origins": {"type": "object", "additionalProperties": TEXT},
                }
            )
        ),
    }
)

_WHY = _object(
    {
        "format_version": VERSION,
        "environment": TEXT,
        "change": _described(
            _or_null(_ref("change")),
            "Null for a name that is archived: nothing is decided about it.",
        ),
        "waits_for": WAITING,
        "cancelled_by": CANCELLED_BY,
        "archived": ARCHIVED,
        "rows": _described(
            _list(_object({"row": NUMBER, "title": TEXT, "fits": {"type": "boolean"}})),
            "The rows of the decision table that were tried, the deciding one last.",
        ),
        **_OPERATIONS,
        "diagnostics": _list(_ref("diagnostic")),
    }
)

_ACTED = _object(
    {
        "format_version": VERSION,
        "environment": TEXT,
        "name": TEXT,
        "operation": _one_of(OperationKind),
        "sent": _described(
            {"type": "boolean"}, "False where it had been asked for before, and has shown since."
        ),
        "step": _described(_or_null(TEXT), "The step it was about; null for the whole instance."),
        "newest": _ref("attempt"),
        "lockfile": TEXT,
        "diagnostics": _list(_ref("diagnostic")),
    }
)

_CANDIDATES = _object(
    {
        "format_version": VERSION,
        "environment": TEXT,
        "name": TEXT,
        "newest": _ref("attempt"),
        "candidates": _described(
            _list(
                _object(
                    {
                        "instance": NUMBER,
                        "status": COUNT,
                        "created": _or_null(TIME),
                        "operator": _or_null(TEXT),
                        "for": _list(_one_of(Clue)),
                        "against": _list(_one_of(Clue)),
                    }
                )
            ),
            "Instances that the attempt may have run as, newest first.",
        ),
        "commands": _described(_list(TEXT), "What ends the unknown outcome, ready to copy."),
        "diagnostics": _list(_ref("diagnostic")),
    }
)

_SETTINGS = _list(
    _object(
        {
            "name": _described(TEXT, "As the user configuration calls it, or would."),
            "value": _described(_or_null(TEXT), "Null for a secret, and where it is not set."),
            "secret": {"type": "boolean"},
            "set": {"type": "boolean"},
            "source": _one_of(["flag", "environment", "file", "default"]),
            "variable": _described(_or_null(TEXT), "The variable that holds the value."),
            "secret_file": _described(_or_null(TEXT), "The file that holds the value."),
            "path": _described(_or_null(TEXT), "The user configuration, where that says so."),
            "line": _or_null(NUMBER),
        }
    )
)

_CONFIG = _object(
    {
        "format_version": VERSION,
        "user_config": _object(
            {
                "path": _described(_or_null(TEXT), "Where it is looked for."),
                "variable": _described(_or_null(TEXT), "The variable that names it."),
                "exists": {"type": "boolean"},
                "servers": _described(_list(TEXT), "The names that it describes."),
            }
        ),
        "environment": _described(
            _or_null(TEXT), "The environment that is meant: as asked for, or the default one."
        ),
        "settings": _described(_SETTINGS, "What is about no server in particular."),
        "servers": _described(
            _list(
                _object(
                    {
                        "name": TEXT,
                        "environments": _described(
                            _list(TEXT), "Those of the workspace that name it."
                        ),
                        "sandbox": {"type": "boolean"},
                        "usable": _described(
                            {"type": "boolean"}, "A run could use it as it is described."
                        ),
                        "source": _described(
                            _or_null(_one_of(["environment", "file"])),
                            "What describes it as a whole; null where nothing does.",
                        ),
                        "settings": _SETTINGS,
                        "unused": _described(
                            _list(TEXT), "Variables about a server that do not count for this one."
                        ),
                    }
                )
            ),
            "Each server once, that of `environment` first; one alone with `-e` or `--server`.",
        ),
        "diagnostics": _described(
            _list(_ref("diagnostic")),
            "Why a run with the first of the servers could not use the settings as they are.",
        ),
    }
)

_FAILURE = _object(
    {"format_version": VERSION, "diagnostics": _list(_ref("diagnostic"))},
    "Printed instead where there is no answer; the exit code says what kind of failure it is.",
)

_DEFINITIONS: Mapping[str, Schema] = {
    "attempt": _object(_ATTEMPT_KEYS),
    "change": _CHANGE,
    "changeset": _CHANGESET,
    "diagnostic": _object(DIAGNOSTIC_KEYS),
    "difference": _DIFFERENCE,
    "drift": _DRIFT,
    "field": _FIELD,
    "key": _KEY,
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


# --- the lines of apply -----------------------------------------------------------------------


def _event(kind: str, properties: Mapping[str, Schema], description: str) -> Schema:
    return _object({"type": {"const": kind}, "time": TIME, **properties}, description)


_MOVED: Mapping[str, Schema] = {"name": TEXT, "attempt": NUMBER, "instance": _or_null(NUMBER)}

_EVENTS = (
    _event("version", {"format_version": VERSION, "launcher": TEXT}, "Always the first line."),
    _event(
        "planned",
        {"changeset": _ref("changeset")},
        "What is to be done, before anything is sent.",
    ),
    _event(
        "effect",
        {"effect": TEXT, "names": _list(TEXT), "refused": COUNT, "unknown": COUNT},
        "Something was asked of the outside and has been answered.",
    ),
    _event(
        "observed",
        {**_MOVED, "status": _or_null(COUNT), "outcome": _one_of(OutcomeKind)},
        "An attempt was seen to move on, and that is on record.",
    ),
    _event(
        "settled",
        {**_MOVED, "outcome": _one_of(OutcomeKind)},
        "An attempt has come to its end, and that is on record.",
    ),
    _event("diagnostic", DIAGNOSTIC_KEYS, "Something that went wrong, or is worth a word."),
    _event(
        "summary",
        {
            "exit_code": {"type": "integer", "enum": [int(code) for code in ExitCode]},
            "environment": _or_null(TEXT),
            "digest": _or_null(TEXT),
            "stop": _or_null(_one_of(Stop)),
            "started": _list(TEXT),
            "blocked": {"type": "object", "additionalProperties": TEXT},
            "launches": _list(_object({"name": TEXT, **_ATTEMPT_KEYS})),
            "lockfile": _or_null(TEXT),
        },
        "Always the last line, after an error or a signal as well.",
    ),
)


def _apply_event() -> Schema:
    return _document("One line of `launcher apply -o jsonl`.", {"anyOf": list(_EVENTS)})
