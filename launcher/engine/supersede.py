"""Give up an attempt that was never started, after one last look at its instance.

Nothing that was prepared starts by itself, as far as launcher goes. But a server that does not hold
instances back, or a person, may have started one; to give it up unseen would run the launch twice.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from launcher.diagnostics import Diagnostic
from launcher.engine.effects import Done, Outcome, ReadStatus, StartAnswer
from launcher.engine.events import Draft, Kind
from launcher.engine.observed import InstanceStatus, Missing, Status
from launcher.engine.recorded import UNSTARTED, OutcomeKind
from launcher.engine.report import Stop

if TYPE_CHECKING:
    from collections.abc import Iterable

    from launcher.engine.recorded import Attempt
    from launcher.engine.run import Flow, Run

__all__ = ["give_up", "look_first", "started_by_other"]


def look_first(run: Run, names: Iterable[str]) -> Flow[frozenset[str]]:
    """Those of `names` whose newest attempt may be given up: its instance still stands at status 1, or is gone.

    One that was started by somebody else is recorded as started; one that could not be read, or of which somebody
    else has told meanwhile, is left as it is.
    """
    unstarted = [name for name in names if _newest(run, name).outcome in UNSTARTED]
    known = [name for name in unstarted if _newest(run, name).outcome is OutcomeKind.PREPARED]
    answers: tuple[Outcome[InstanceStatus | Missing], ...] = ()
    if known:
        answers = yield ReadStatus(tuple(run.instance(name) for name in known))
    kept: set[str] = set()
    drafts: list[Draft] = []
    unmoved = set(run.unmoved(known))
    for name, answer in zip(known, answers, strict=True):
        if not isinstance(answer, Done) or name not in unmoved:
            kept.add(name)
        elif isinstance(answer.value, InstanceStatus) and answer.value.status != Status.BLANK:
            kept.add(name)
            attempt, status = _newest(run, name), answer.value.status
            drafts.extend(started_by_other(run, name, attempt, status, is_fresh=False))
    if drafts:
        yield from run.append(drafts)
    return frozenset(unstarted) - kept


def give_up(name: str, attempt: Attempt, reason: str) -> Draft:
    """The record that `attempt` will never be started."""
    return Draft(Kind.SUPERSEDED, name, attempt.key, attempt.number, {"reason": reason})


def started_by_other(
    run: Run, name: str, attempt: Attempt, status: int, *, is_fresh: bool
) -> list[Draft]:
    """What is recorded of an instance that has left status 1 without our START.

    One that this run has just created shows that the server does not hold instances back, and ends the run.
    """
    if is_fresh:
        run.halt(Stop.NOT_HELD_BACK, Diagnostic("L235", {"name": name}))
    else:
        run.diagnostics.append(Diagnostic("L240", {"name": name}))
    data = {"start": StartAnswer.ALREADY.value, "status": status}
    return [
        Draft(Kind.STARTING, name, attempt.key, attempt.number, {"by": "other"}),
        Draft(Kind.OBSERVED, name, attempt.key, attempt.number, data),
    ]


def _newest(run: Run, name: str) -> Attempt:
    return run.recorded.launches[name].newest
