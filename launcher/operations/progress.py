"""What a use case tells while it is at work, as values."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

    from launcher.diagnostics import Diagnostic
    from launcher.engine.changeset import Changeset
    from launcher.engine.recorded import OutcomeKind

__all__ = ["EffectDone", "Note", "Observed", "Planned", "Progress", "Settled"]


@dataclass(frozen=True, slots=True)
class Planned:
    """The changeset is made; nothing has been sent yet.

    Attributes:
        changeset: what is to be done.
        time: when it was made.
        warnings: what is worth a word before anything is done, with lines and columns.
    """

    changeset: Changeset
    time: datetime
    warnings: tuple[Diagnostic, ...] = ()


@dataclass(frozen=True, slots=True)
class EffectDone:
    """Something was asked of the outside and has been answered, one way or another.

    Attributes:
        kind: `append`, `probe`, `read-plans`, `prepare`, `read-back`, `start`, `operate`, `read-status` or `find`.
        names: what it was about: launches, where the engine names them; kinds of events for `append`.
        refused: how many of its calls were refused.
        unknown: how many answers were lost.
        time: when it was answered.
    """

    kind: str
    names: tuple[str, ...]
    refused: int
    unknown: int
    time: datetime


@dataclass(frozen=True, slots=True)
class Observed:
    """An instance was seen at a new run status, and that is on record.

    Attributes:
        name: the launch.
        attempt: its number.
        instance: the instance's id; `None` where it is not known.
        status: the run status of JOB; `None` where a START was answered and nothing else is known.
        outcome: what the attempt's outcome is now.
        time: when it was recorded.
    """

    name: str
    attempt: int
    instance: int | None
    status: int | None
    outcome: OutcomeKind
    time: datetime


@dataclass(frozen=True, slots=True)
class Settled:
    """An attempt has come to its end, and that is on record; fields as for `Observed`."""

    name: str
    attempt: int
    instance: int | None
    outcome: OutcomeKind
    time: datetime


@dataclass(frozen=True, slots=True)
class Note:
    """Something worth a word that does not stop the run."""

    diagnostic: Diagnostic
    time: datetime


Progress = EffectDone | Note | Observed | Planned | Settled
