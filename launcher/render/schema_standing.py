"""What the answers of `status` and `why` promise of what a launch waits for and of its past; see `schema`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from launcher.engine.changeset import Action, Reason
from launcher.engine.recorded import OperationKind
from launcher.render.schema_words import (
    TEXT,
    TIME,
    described,
    list_of,
    object_of,
    one_of,
    or_null,
    ref,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from launcher.render.schema_words import Schema

__all__ = ["ARCHIVED", "CANCELLED_BY", "CARRIED_ON_BY", "DECIDED", "WAITING"]

_DECIDED: Mapping[str, Schema] = {
    "action": one_of(Action),
    "reason": one_of(Reason),
    "by": described(or_null(TEXT), "What blocks or holds it."),
    "until": described(or_null(TEXT), "When a hold ends, if that is known."),
}

DECIDED = described(
    or_null(object_of(_DECIDED)),
    "As a diff would decide on it without reading any job plan; null where it is not declared.",
)

WAITING = described(
    or_null(
        object_of(
            {
                "blocked": described(
                    {"type": "boolean"},
                    "True where an apply does not reach it: something that it needs does not come to a good end by itself.",
                ),
                "needs": list_of(
                    object_of(
                        {
                            "name": TEXT,
                            **_DECIDED,
                            "roots": described(
                                list_of(TEXT),
                                "What this need waits for in the end; empty where it waits for no other launch.",
                            ),
                        }
                    )
                ),
            }
        )
    ),
    "The launches that it needs, are not in sync, and keep it from starting; null where there are none.",
)

_ASKED = or_null(
    object_of(
        {
            "operation": one_of(OperationKind),
            "at": described(TIME, "When it was recorded, before it was sent."),
            "actor": TEXT,
            "reason": or_null(TEXT),
            "timeout": described(
                or_null(TEXT), "The `wait.timeout` that was over; null where a person asked."
            ),
            "in_doubt": described({"type": "boolean"}, "Nobody can say whether JOB took it."),
        }
    )
)

CARRIED_ON_BY = described(
    _ASKED, "The operation of launcher that had it go on; null where it was none of ours."
)

CANCELLED_BY = described(
    _ASKED,
    "The operation of launcher that ended a cancelled attempt; null for other outcomes, and where it was none of ours.",
)

ARCHIVED = described(
    or_null(
        object_of(
            {
                "name": TEXT,
                "at": or_null(TIME),
                "actor": or_null(TEXT),
                "commit": or_null(TEXT),
                "newest": ref("attempt"),
            }
        )
    ),
    "Who archived the name, and when, null where that was in a ledger that is not there any more; null unless it is archived.",
)
