"""Let a launch count as done without running."""

from __future__ import annotations

from typing import TYPE_CHECKING

from launcher.engine.byhand import waiver
from launcher.operations.acts import check_reason
from launcher.operations.byhand import find_case
from launcher.operations.observe import Line

if TYPE_CHECKING:
    from pathlib import Path

    from launcher.engine.events import Draft
    from launcher.engine.recorded import Recorded
    from launcher.operations.byhand import ByHand
    from launcher.operations.surroundings import Surroundings

__all__ = ["waive"]


def waive(
    directory: Path,
    environment: str | None,
    name: str,
    *,
    reason: str | None,
    surroundings: Surroundings,
) -> ByHand:
    """Record that what is declared under `name` counts as done, though nothing of it has run.

    Needs no session. A run that is about to start it finds the record moved and does not.

    Args:
        directory: where to look for the workspace.
        environment: the target; `None` for the default.
        name: the launch.
        reason: why it need not run.
        surroundings: time, chance and the person.

    Raises:
        RefusedToAct: it is not declared, is on its way, unknown, renamed, or counts as done already; or the ledger
            is lost, or a newer commit was applied. Nothing was recorded.
        SurroundingsFailed: it cannot be recorded, or JOB could not be asked about an instance prepared for it.
        InvalidManifests: what is declared cannot be read.
        WrongUsage: there is no such launch, or no reason.
    """
    why = check_reason("waive", reason)
    case = find_case(directory, environment, name, surroundings)
    recorded = case.recall()
    with Line(case.site, case.ledger, 1) as line:
        case.check_unstarted(line, recorded)

    def drafts(present: Recorded) -> tuple[Draft, ...]:
        return (waiver(case.launch(present), present.launches.get(name), why),)

    return case.end(recorded, drafts)
