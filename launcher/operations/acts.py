"""Record what needs no session: notes on what JOB says, and the acts of people."""

from __future__ import annotations

from typing import TYPE_CHECKING

from launcher.diagnostics import Diagnostic
from launcher.engine.effects import Appended, HeadMoved, NoAnswer, Overtaken
from launcher.engine.events import Kind
from launcher.engine.fold import fold
from launcher.engine.progress import with_observed
from launcher.errors import RefusedToAct, SurroundingsFailed, WrongUsage

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from launcher.engine.events import Draft
    from launcher.engine.observed import InstanceStatus, Missing
    from launcher.engine.recorded import Recorded
    from launcher.engine.spec import LaunchKey
    from launcher.ledger.port import Ledger
    from launcher.operations.site import Site

__all__ = ["check_reason", "notes_of", "record"]

_TRIES = 5
_NOTES = (Kind.OBSERVED, Kind.SETTLED)


def record(
    site: Site,
    ledger: Ledger,
    recorded: Recorded,
    drafts_of: Callable[[Recorded], tuple[Draft, ...]],
) -> Recorded:
    """Append what `drafts_of` the present asks for; it is asked again whenever others have written meanwhile.

    A note on a launch that others have written of is left out then: they may have read JOB later, and an older answer
    must not take back what has ended. Gives the record with it; nothing is written where nothing is asked for.

    Raises:
        SurroundingsFailed: it is not recorded, or that cannot be known.
        RefusedToAct: others kept writing, and nothing was recorded.
    """
    facts = {"environment": site.environment.name}
    told: set[str | None] = set()
    for _ in range(_TRIES):
        drafts = tuple(
            draft
            for draft in drafts_of(recorded)
            if draft.kind not in _NOTES or draft.name not in told
        )
        if not drafts:
            return recorded
        match ledger.append(drafts, recorded.head):
            case Appended(events):
                return fold(recorded, events)
            case Overtaken(since):
                return fold(recorded, since)
            case HeadMoved(since):
                recorded = fold(recorded, since)
                told |= {event.draft.name for event in since}
            case NoAnswer(message):
                raise SurroundingsFailed(Diagnostic("L567", {**facts, "message": message}))
    raise RefusedToAct(Diagnostic("L566", facts))


def notes_of(
    recorded: Recorded,
    statuses: Mapping[str, InstanceStatus | Missing],
    wanted: Mapping[str, LaunchKey],
    site: Site,
) -> tuple[Recorded, tuple[Draft, ...]]:
    """What the record would say with `statuses` noted, and the notes.

    An answer about an older instance is left out, and one about a launch that others have renamed meanwhile.
    """
    fitting = {
        name: answer
        for name, answer in statuses.items()
        if name in recorded.launches and recorded.launches[name].newest.instance_id == answer.id
    }
    return with_observed(recorded, fitting, site.surroundings.now(), wanted)


def check_reason(option: str, reason: str | None) -> str:
    """The reason that a person gave for `option`.

    Raises:
        WrongUsage: there is none.
    """
    if reason is None or not reason.strip():
        raise WrongUsage(Diagnostic("L539", {"option": option}))
    return reason.strip()
