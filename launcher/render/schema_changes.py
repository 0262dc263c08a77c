"""What the JSON answers promise of a changeset and of each change in it."""

from __future__ import annotations

from launcher.engine.changeset import Action, Reason
from launcher.engine.drift import Found, Since, Subject
from launcher.engine.drift import Kind as DifferenceKind
from launcher.engine.observed import VariableKind
from launcher.render.schema_words import (
    COUNT,
    NUMBER,
    TEXT,
    TIME,
    VERSION,
    described,
    list_of,
    object_of,
    one_of,
    or_null,
    ref,
)

__all__ = ["CHANGE", "CHANGESET", "DIFFERENCE", "DRIFT", "FIELD", "KEY", "LEDGER"]

DIGEST = r"^v1:sha256:[0-9a-f]{64}$"

KEY = object_of({"revision": NUMBER, "digest": {"type": "string", "pattern": DIGEST}})

FIELD = object_of(
    {
        "path": TEXT,
        "before": described({}, "What ran last; null where it was not set."),
        "after": described({}, "What is declared; null where it is not set any more."),
        "origin": described(or_null(TEXT), "`defaults`, `spec`, `environments.NAME`, …"),
    }
)

DRIFT = object_of(
    {
        "since": one_of(Since),
        "attempt": described(or_null(NUMBER), "The attempt that is compared with."),
        "by": described(or_null(TEXT), "Who changed it last, as JOB says."),
        "at": described(TIME, "When that was."),
        "before": described(TEXT, "The digest of then."),
        "after": described(TEXT, "The digest of now."),
        "found": described(
            one_of(Found),
            "`compared`: see the differences; `nothing-shown`: nothing that JOB shows differs; `not-compared`: what differs is not taken apart; `not-kept`: the content of then is not on record.",
        ),
        "differences": list_of(ref("difference")),
    }
)

DIFFERENCE = object_of(
    {
        "subject": one_of(Subject),
        "name": described(TEXT, "Of the step or the variable as it is now, or of the job plan."),
        "kind": described(
            one_of(DifferenceKind),
            "`hidden`: a sensitive parameter, the default of a cipher, or what stands where a secret was taken out of a text (before and after are `secret`); it is not known whether that changed.",
        ),
        "field": described(or_null(TEXT), "Which fact of it; null for the thing as a whole."),
        "before": described(
            {}, "What it was; an object with `digest`, `bytes` and `lines` where that is too long."
        ),
        "after": described({}, "What it is."),
        "lines": described(
            list_of(object_of({"sign": one_of("-+ "), "line": NUMBER, "text": TEXT})),
            "The lines that differ, with some around them, where it is a text of several lines.",
        ),
        "further": described(COUNT, "How many more lines there are."),
    }
)

CHANGE = object_of(
    {
        "name": TEXT,
        "action": one_of(Action),
        "reason": one_of(Reason),
        "key": or_null(ref("key")),
        "change_digest": {"type": "string", "pattern": DIGEST},
        "manifest": or_null(object_of({"path": TEXT, "line": NUMBER})),
        "plan": object_of(
            {"id": or_null(NUMBER), "name": or_null(TEXT), "digest": or_null(TEXT)},
            "The job plan. Where it was not read, only what the manifest declares: its id or its name.",
        ),
        "fields": described(list_of(ref("field")), "Differences in what would run."),
        "policy": described(list_of(ref("field")), "Differences in when it may run."),
        "needs": list_of(TEXT),
        "wave": NUMBER,
        "by": described(or_null(TEXT), "What blocks or holds it."),
        "until": described(or_null(TEXT), "When a hold ends, if that is known."),
        "attempt": described(or_null(NUMBER), "The newest attempt on record."),
        "instance": described(or_null(NUMBER), "Its job instance."),
        "omitted": described(
            list_of(
                object_of(
                    {
                        "name": TEXT,
                        "kind": one_of(VariableKind),
                        "required": {"type": "boolean"},
                        "used": described(
                            {"type": ["boolean", "null"]},
                            "An enabled step refers to it, as far as JOB can tell.",
                        ),
                        "value": described(
                            {"type": ["string", "object", "null"]},
                            "Text, or hosts as in a manifest; null for a Ciphertext, which JOB never shows, and for no hosts.",
                        ),
                    }
                )
            ),
            "Variables that are left to the job plan, as it holds them now; empty where it was not read.",
        ),
        "drift": described(
            or_null(ref("drift")),
            "What has changed in the job plan since it was pinned, prepared or last started for this launch; null where nothing has, or where it was not read.",
        ),
    }
)

LEDGER = object_of({"lineage": or_null(TEXT), "serial": COUNT, "head": or_null(TEXT)})

CHANGESET = object_of(
    {
        "format_version": VERSION,
        "environment": TEXT,
        "digest": {"type": "string", "pattern": r"^(offline:)?v1:sha256:[0-9a-f]{64}$"},
        "offline": {"type": "boolean"},
        "commit": or_null(TEXT),
        "ledger": LEDGER,
        "changes": list_of(ref("change")),
        "summary": object_of({action.value: COUNT for action in Action}),
        "diagnostics": list_of(ref("diagnostic")),
    }
)
