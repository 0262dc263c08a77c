"""What the JSON answers of `status` and `why` promise: where a launch stands, and why."""

from __future__ import annotations

from typing import TYPE_CHECKING

from launcher.engine.changeset import Reason
from launcher.engine.recorded import OperationKind, OutcomeKind
from launcher.render.schema_changes import LEDGER
from launcher.render.schema_looking import DETAIL
from launcher.render.schema_standing import ARCHIVED, CANCELLED_BY, CARRIED_ON_BY, DECIDED, WAITING
from launcher.render.schema_words import (
    COUNT,
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

__all__ = ["ATTEMPT_KEYS", "STATUS", "WHY"]

ATTEMPT_KEYS: Mapping[str, Schema] = {
    "attempt": NUMBER,
    "key": ref("key"),
    "outcome": one_of(OutcomeKind),
    "status": described(or_null(COUNT), "The newest run status of JOB that is on record."),
    "instance": or_null(NUMBER),
    "started": or_null(TIME),
    "finished": or_null(TIME),
    "reason": or_null(TEXT),
    "compared": described(
        or_null(list_of(TEXT)),
        "What was compared before its START; null where it was not verified.",
    ),
    "not_compared": list_of(TEXT),
}

OPERATIONS: Mapping[str, Schema] = {
    "operation": described(
        or_null(
            object_of({"operation": one_of(OperationKind), "at": TIME, "step": or_null(NUMBER)})
        ),
        "Asked for, and not known yet whether JOB took it.",
    ),
    "unsent": described(
        or_null(object_of({"operation": one_of(OperationKind), "at": TIME})),
        "Put on record and certainly never sent: its time had passed, or others had written behind it.",
    ),
}

WHOLE_ATTEMPT: Mapping[str, Schema] = {
    **ATTEMPT_KEYS,
    "request": described(or_null(TEXT), "Why a person asked for it by hand."),
    **OPERATIONS,
    "endings": described(
        list_of(
            object_of(
                {
                    "outcome": one_of(OutcomeKind),
                    "status": or_null(COUNT),
                    "finished": or_null(TIME),
                    "carried_on_by": CARRIED_ON_BY,
                }
            )
        ),
        "How it had ended before somebody carried on with it, oldest first.",
    ),
    "cancelled_by": CANCELLED_BY,
}

HOLD = object_of({"reason": one_of(Reason), "by": or_null(TEXT), "until": or_null(TIME)})

APPROVAL = object_of(
    {"digest": TEXT, "change_digest": TEXT, "actor": TEXT, "at": TIME, "source": TEXT}
)

STATUS = object_of(
    {
        "format_version": VERSION,
        "environment": TEXT,
        "ledger": LEDGER,
        "launches": list_of(
            object_of(
                {
                    "name": TEXT,
                    "declared": or_null(ref("key")),
                    "in_sync": {"type": "boolean"},
                    "archived": {"type": "boolean"},
                    "hold": described(or_null(HOLD), "What keeps it from starting for now."),
                    "decided": DECIDED,
                    "waits_for": WAITING,
                    "stuck": described(
                        or_null(TEXT), "What has not moved for long; only where JOB was asked."
                    ),
                    "approval": described(
                        or_null(APPROVAL), "The newest review of a change that is not done yet."
                    ),
                    "newest": or_null(object_of(WHOLE_ATTEMPT)),
                }
            )
        ),
        "detail": described(
            or_null(DETAIL),
            "How far the instance is, as JOB says; null unless one launch was named.",
        ),
        "orphans": described(
            list_of(
                object_of(
                    {"name": TEXT, "attempt": NUMBER, "instance": NUMBER, "reason": or_null(TEXT)}
                )
            ),
            "Instances that were created and that nothing will ever start.",
        ),
        "diagnostics": list_of(ref("diagnostic")),
    }
)

WHY = object_of(
    {
        "format_version": VERSION,
        "environment": TEXT,
        "change": described(
            or_null(ref("change")),
            "Null for a name that is archived: nothing is decided about it.",
        ),
        "waits_for": WAITING,
        "cancelled_by": CANCELLED_BY,
        "archived": ARCHIVED,
        "rows": described(
            list_of(object_of({"row": NUMBER, "title": TEXT, "fits": {"type": "boolean"}})),
            "The rows of the decision table that were tried, the deciding one last.",
        ),
        **OPERATIONS,
        "diagnostics": list_of(ref("diagnostic")),
    }
)
