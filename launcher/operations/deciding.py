"""What an apply may do: decided with what was asked for by hand, and held against its review."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from launcher.engine.decide import Options
from launcher.operations.acts import notes_of
from launcher.operations.asked import check_asked
from launcher.operations.observe import decide
from launcher.operations.opening import check_names
from launcher.operations.permission import guards_set_aside
from launcher.operations.review import (
    approved_in,
    check_review,
    covered_by,
    is_demanded,
    unreviewed_note,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from launcher.diagnostics import Diagnostic
    from launcher.engine.changeset import Changeset
    from launcher.engine.desired import Desired
    from launcher.engine.recorded import Recorded
    from launcher.operations.applied import ApplyRequest
    from launcher.operations.observe import Decided, Line
    from launcher.operations.review import Review
    from launcher.operations.site import Site

__all__ = ["Permitted", "decide_as_reviewed"]


@dataclass(frozen=True, slots=True)
class Permitted:
    """What may be done.

    Attributes:
        decided: the changeset; changes that a review is missing for are held in it.
        covered: digests of the changes that the review of this run covers, by launch name.
        refusal: what to say where something is held that the run should have done; `None` where nothing is.
    """

    decided: Decided
    covered: Mapping[str, str]
    refusal: Diagnostic | None


def decide_as_reviewed(
    request: ApplyRequest,
    review: Review,
    site: Site,
    line: Line,
    state: tuple[Desired, Recorded],
) -> Permitted:
    """What is to be done with `state`, the desired and the recorded one, as far as it was reviewed.

    Raises:
        RefusedToAct: what was reviewed, or asked for by hand, is not what would be done.
        SurroundingsFailed: JOB could not be asked.
        WrongUsage: a name does not exist.
    """
    desired, recorded = state
    options = _options(request, review, site, desired, recorded)
    covered: dict[str, str] = {}

    def reviewed_in(ahead: Changeset) -> frozenset[str]:
        covered.update(covered_by(review, ahead, recorded))
        found = frozenset(covered.values())
        # With a file, that and nothing else; a digest leaves in force what was approved before.
        return found if review.changes is not None else found | approved_in(recorded)

    named = reviewed_in if review.is_named else None
    decided = decide(line, desired, recorded, options, site, reviewed_in=named)
    check_review(review, covered, decided.changeset)
    noted, _ = notes_of(recorded, decided.statuses, desired.keys, site)
    check_asked(decided.changeset, noted, launch=request.requested, retry=request.retry)
    by_hand = bool(request.requested or request.retry)
    is_due = by_hand or (options.reviewed is not None and not request.refresh_only)
    refusal = unreviewed_note(decided, by_hand=by_hand) if is_due else None
    return Permitted(decided, covered, refusal)


def _options(
    request: ApplyRequest, review: Review, site: Site, desired: Desired, recorded: Recorded
) -> Options:
    known = {*desired.launches, *recorded.launches}
    named = {*(request.only or ()), *request.as_new, *request.requested, *request.retry}
    check_names(named, known, site.environment.name)
    overridden = guards_set_aside(request.override)
    demands = is_demanded(site, overridden) and not review.is_named
    return Options(
        only=request.only,
        as_new=request.as_new,
        reviewed=approved_in(recorded) if demands else None,
        requested=frozenset(request.requested),
        retry=frozenset(request.retry),
        overridden=overridden,
    )
