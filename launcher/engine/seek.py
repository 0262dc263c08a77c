"""Look for what a lost prepare may have left behind.

An attempt that was intended and of which no instance is known may have left an un-started
instance. It is looked for once, by the marker; if it is not found, a new nonce is recorded and
another one is prepared. A twin that turns up later stays un-started for ever.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from launcher.engine.drafts import binding, prepared, trouble
from launcher.engine.effects import Done, Find, Instance, Moment, Outcome, ReadClock, Search
from launcher.engine.events import Draft, Kind
from launcher.engine.observed import Candidate, Status
from launcher.engine.recorded import OutcomeKind
from launcher.engine.supersede import started_by_other

if TYPE_CHECKING:
    from collections.abc import Sequence

    from launcher.engine.recorded import Attempt
    from launcher.engine.run import Flow, Run

__all__ = ["seek"]


def seek(run: Run, names: Sequence[str]) -> Flow[None]:
    """Look for the instances of attempts that were intended and never got an id.

    Afterwards each of them is prepared, or unknown after too many lost prepares, or as it was: then another
    prepare follows. One that could not be looked for is left for a later run. One that was found begun is never
    prepared again: it counts as started by somebody else.
    """
    attempts = {name: run.attempt(name) for name in names}
    lost = {name: item for name, item in attempts.items() if item is not None and item.nonces}
    moment: Moment = yield ReadClock()
    searches = {name: _search(run, name, item, moment) for name, item in lost.items()}
    wanted = {name: search for name, search in searches.items() if search is not None}
    answers: tuple[Outcome[tuple[Candidate, ...]], ...] = ()
    if wanted:
        answers = yield Find(tuple(wanted.values()))
    found: dict[str, Outcome[tuple[Candidate, ...]]] = dict(zip(wanted, answers, strict=True))
    drafts: list[Draft] = []
    for name in run.unmoved(lost):
        attempt = lost[name]
        drafts.extend(_sought(run, name, attempt, found.get(name, Done(()))))
    if drafts:
        yield from run.append([*binding(run, drafts), *drafts])


def _search(run: Run, name: str, attempt: Attempt, moment: Moment) -> Search | None:
    marker = run.marker_text(attempt.named or name, attempt.nonces[-1])
    if marker is None or attempt.plan is None:
        return None
    skew = timedelta(seconds=run.order.limits.clock_skew_s)
    return Search(
        scope=run.launch(name).spec.scope,
        plan_id=attempt.plan.id,
        plan_name=attempt.plan.name,
        since=attempt.intended_at - skew,
        until=moment.now + skew,
        marker=marker,
    )


def _sought(
    run: Run, name: str, attempt: Attempt, answer: Outcome[tuple[Candidate, ...]]
) -> list[Draft]:
    if not isinstance(answer, Done):
        run.leave(name, "not looked for", trouble("look for the instance of", name, answer))
        return []
    begun = _begun(run, attempt, answer.value)
    if begun is not None:
        return _began_by_itself(run, name, attempt, begun)
    ours = _ours(run, name, attempt, answer.value)
    if ours is not None:
        return [prepared(name, attempt, attempt.nonces[-1], _instance(attempt, ours))]
    if len(attempt.nonces) < run.order.limits.max_prepares:
        return []
    reason = f"{len(attempt.nonces)} prepares were sent, and no answer with an id came back"
    data = {"outcome": OutcomeKind.UNKNOWN.value, "reason": reason}
    return [Draft(Kind.SETTLED, name, attempt.key, attempt.number, data)]


def _ours(
    run: Run, name: str, attempt: Attempt, candidates: Sequence[Candidate]
) -> Candidate | None:
    marker = run.marker_text(attempt.named or name, attempt.nonces[-1])
    ours = (
        item
        for item in candidates
        if marker is not None
        and item.marker == marker[1]
        and item.status == Status.BLANK
        and item.has_steps
    )
    return min(ours, key=lambda item: item.id, default=None)


def _begun(run: Run, attempt: Attempt, candidates: Sequence[Candidate]) -> Candidate | None:
    """An instance of this attempt that has left status 1 although no START of ours was ever recorded."""
    begun = (
        item
        for item in candidates
        if item.status != Status.BLANK and _nonce(run, item) in attempt.nonces
    )
    return min(begun, key=lambda item: item.id, default=None)


def _nonce(run: Run, candidate: Candidate) -> str | None:
    """The nonce that its marker carries, whatever the launch was named when it was sent."""
    root, _, nonce = (candidate.marker or "").rpartition("/")
    is_ours = run.order.marker is not None and root.startswith(run.marker_root)
    return nonce if is_ours else None


def _began_by_itself(run: Run, name: str, attempt: Attempt, candidate: Candidate) -> list[Draft]:
    """What is recorded of it: another prepare would run the launch a second time."""
    nonce = next(item for item in attempt.nonces if item == _nonce(run, candidate))
    return [
        prepared(name, attempt, nonce, _instance(attempt, candidate)),
        *started_by_other(run, name, attempt, candidate.status, is_fresh=nonce in run.minted),
    ]


def _instance(attempt: Attempt, candidate: Candidate) -> Instance:
    return Instance(candidate.id, attempt.plan.name if attempt.plan else "")
