"""An operation that somebody asks for on a launch's instance, and what came of it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from launcher.diagnostics import Diagnostic
    from launcher.engine.observed import InstanceStatus
    from launcher.engine.recorded import OperationKind, Recorded

__all__ = ["Act", "End", "Operated"]


@dataclass(frozen=True, slots=True)
class Act:
    """What is asked for.

    Attributes:
        name: the launch.
        environment: where; for hints.
        kind: what to do to the instance of its newest attempt.
        reason: why; recorded.
        step: name or id of the step that is meant; `None` where there is only one.
        settle: after an instance was told to stop, watch until it has, at most as long as the grace.
    """

    name: str
    environment: str
    kind: OperationKind
    reason: str
    step: str | None = None
    settle: bool = True


class End(StrEnum):
    """How an act ended."""

    DONE = "done"
    """JOB took it: instance or step have moved since."""
    REFUSED = "refused"
    """Nothing happened: it does not fit, or JOB refused it."""
    UNKNOWN = "unknown"
    """It was asked for, and nothing has moved within the grace."""
    UNREAD = "unread"
    """JOB could not be asked how far the instance is; nothing was sent."""
    LEDGER = "ledger"
    """It cannot be known what is recorded; nothing was sent on the strength of it."""
    LEFT = "left"
    """The user asked to stop before it was known; the operation stays pending on record."""


@dataclass(frozen=True, slots=True)
class Operated:
    """What came of an act.

    Attributes:
        end: how it ended.
        recorded: the record, with everything that was appended.
        status: how far the instance was when it was read last; `None` if it could not be.
        step: name of the step it was about; `None` for the whole instance, or where nothing was sent.
        sent: it was asked for now; false where an earlier process had asked, and only what came of it was read.
        diagnostics: why it ended otherwise than well.
    """

    end: End
    recorded: Recorded
    status: InstanceStatus | None = None
    step: str | None = None
    sent: bool = False
    diagnostics: tuple[Diagnostic, ...] = ()
