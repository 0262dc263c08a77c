"""Lines 1 to 3 of the protocol: intend, prepare, record the id.

An attempt that was intended and of which no instance is known may have left an un-started
instance behind. It is looked for once, by the marker; if it is not found, a new nonce is recorded
and another one is prepared. A twin that turns up later stays un-started for ever.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from launcher.diagnostics import Diagnostic
from launcher.engine.effects import (
    Done,
    Find,
    Instance,
    Mint,
    Moment,
    Outcome,
    Prepare,
    PrepareRequest,
    ReadClock,
    ReadPlans,
    Refused,
    Search,
    StartExpired,
    Unknown,
)
from launcher.engine.events import Draft, Kind
from launcher.engine.observed import Candidate, Capability, JobPlan, Status
from launcher.engine.plancheck import check_plan
from launcher.engine.recorded import NOT_SENT, UNSTARTED, OutcomeKind, pin_data
from launcher.engine.report import Stop
from launcher.engine.run import Flow, Run, Written
from launcher.engine.spec import recordable_spec
from launcher.engine.supersede import give_up, look_first, started_by_other

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from launcher.engine.recorded import Attempt

__all__ = ["prepare", "seek", "trouble"]


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
    for name, attempt in lost.items():
        drafts.extend(_sought(run, name, attempt, found.get(name, Done(()))))
    if drafts:
        yield from run.append([*_binding(run, drafts), *drafts])


def _search(run: Run, name: str, attempt: Attempt, moment: Moment) -> Search | None:
    marker = run.marker_text(name, attempt.nonces[-1])
    if marker is None or attempt.plan is None:
        return None
    skew = timedelta(seconds=run.order.limits.clock_skew_s)
    spec = run.launch(name).spec
    return Search(
        scope=spec.scope,
        plan_id=spec.plan_id,
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
    begun = _begun(run, name, attempt, answer.value)
    if begun is not None:
        return _began_by_itself(run, name, attempt, begun)
    ours = _ours(run, name, attempt, answer.value)
    if ours is not None:
        return [_prepared(name, attempt, attempt.nonces[-1], _instance(attempt, ours))]
    if len(attempt.nonces) < run.order.limits.max_prepares:
        return []
    reason = f"{len(attempt.nonces)} prepares were sent, and no answer with an id came back"
    data = {"outcome": OutcomeKind.UNKNOWN.value, "reason": reason}
    return [Draft(Kind.SETTLED, name, attempt.key, attempt.number, data)]


def _ours(
    run: Run, name: str, attempt: Attempt, candidates: Sequence[Candidate]
) -> Candidate | None:
    marker = run.marker_text(name, attempt.nonces[-1])
    ours = (
        item
        for item in candidates
        if marker is not None
        and item.marker == marker[1]
        and item.status == Status.BLANK
        and item.has_steps
    )
    return min(ours, key=lambda item: item.id, default=None)


def _begun(
    run: Run, name: str, attempt: Attempt, candidates: Sequence[Candidate]
) -> Candidate | None:
    """An instance of this attempt that has left status 1 although no START of ours was ever recorded."""
    markers = {run.marker_text(name, nonce) for nonce in attempt.nonces}
    texts = {marker[1] for marker in markers if marker is not None}
    begun = (item for item in candidates if item.marker in texts and item.status != Status.BLANK)
    return min(begun, key=lambda item: item.id, default=None)


def _began_by_itself(run: Run, name: str, attempt: Attempt, candidate: Candidate) -> list[Draft]:
    """What is recorded of it: another prepare would run the launch a second time."""
    nonce = next(
        item
        for item in attempt.nonces
        if run.marker_text(name, item) == (run.order.marker, candidate.marker)
    )
    return [
        _prepared(name, attempt, nonce, _instance(attempt, candidate)),
        *started_by_other(run, name, attempt, candidate.status, is_fresh=nonce in run.minted),
    ]


def _instance(attempt: Attempt, candidate: Candidate) -> Instance:
    return Instance(candidate.id, attempt.plan.name if attempt.plan else "")


def prepare(run: Run, names: Sequence[str]) -> Flow[None]:
    """Intend and prepare `names`; what JOB refuses, and what cannot be known, is recorded as such."""
    stale = yield from _stale(run, names)
    names = tuple(name for name in names if name not in stale)
    plans = (yield from _read_plans(run, names)) if names else {}
    names = tuple(plans)
    if not names:
        return
    nonces: tuple[str, ...] = yield Mint(len(names))
    moment: Moment = yield ReadClock()
    single = run.capability is Capability.SINGLE_PHASE
    drafts: list[Draft] = []
    for name, nonce in zip(names, nonces, strict=True):
        drafts.extend(_intend(run, name, nonce, plans[name], moment, single=single))
    written = yield from run.append(drafts)
    if written in (Written.AGAIN, Written.STOPPED):
        return
    requests = tuple(
        PrepareRequest(run.launch(name).spec, run.marker_text(name, nonce), start=single)
        for name, nonce in zip(names, nonces, strict=True)
    )
    late = single and (written is Written.BEHIND or (yield from _is_late(run, moment.monotonic_s)))
    outcomes: Sequence[Outcome[Instance] | StartExpired]
    if run.stop is not None or late:
        outcomes = [StartExpired()] * len(names)
    else:
        run.minted.update(nonces)
        outcomes = yield Prepare(requests)
    yield from _record(run, dict(zip(names, zip(nonces, outcomes, strict=True), strict=True)))


def _stale(run: Run, names: Sequence[str]) -> Flow[frozenset[str]]:
    """Those that go no further: the instance to be replaced runs, or could not be read."""
    prepared = [
        name
        for name in names
        if (attempt := run.attempt(name)) is not None and attempt.outcome is OutcomeKind.PREPARED
    ]
    if not prepared:
        return frozenset()
    free = yield from look_first(run, prepared)
    if run.stop is not None:
        return frozenset(names)
    stale = frozenset(prepared) - free
    for name in stale & set(run.pending()):
        run.leave(name, "not looked for", Diagnostic("L243", {"name": name}))
    return stale


def _is_late(run: Run, since_s: float) -> Flow[bool]:
    """Whether the window in which a single-phase request may be sent has passed."""
    moment: Moment = yield ReadClock()
    return moment.monotonic_s - since_s > run.order.limits.start_window_s


def _read_plans(run: Run, names: Sequence[str]) -> Flow[dict[str, JobPlan]]:
    """The job plans as they read now; a launch whose job plan moved since the diff goes no further."""
    specs = [run.launch(name).spec for name in names]
    answers: tuple[Outcome[JobPlan], ...] = yield ReadPlans(
        tuple((spec.scope, spec.plan_id) for spec in specs)
    )
    plans: dict[str, JobPlan] = {}
    for name, answer in zip(names, answers, strict=True):
        change = run.order.changeset.change(name)
        problems = check_plan(run.launch(name), answer)
        if isinstance(answer, Unknown) or (isinstance(answer, Refused) and answer.code is None):
            run.leave(name, "not read", trouble("read the job plan of", name, answer))
        elif not isinstance(answer, Done):
            run.leave(name, "job plan", *problems)
        elif change is not None and change.plan is not None and change.plan != answer.value.pin:
            facts = {"name": name, "plan": answer.value.pin.name}
            run.leave(name, "job plan", Diagnostic("L233", facts, run.launch(name).place("plan")))
        elif problems:
            run.leave(name, "job plan", *problems)
        else:
            plans[name] = answer.value
    return plans


def _intend(
    run: Run, name: str, nonce: str, plan: JobPlan, moment: Moment, *, single: bool
) -> list[Draft]:
    launch = run.launch(name)
    going_on = run.open_attempt(name, moment.now)
    stale = run.attempt(name)
    drafts: list[Draft] = []
    if going_on is None and stale is not None and stale.outcome in UNSTARTED:
        drafts.append(give_up(name, stale, "another launch took its place"))
    number = run.next_number(name) if going_on is None else going_on.number
    change = run.order.changeset.change(name)
    data: dict[str, Any] = {
        "nonce": nonce,
        "phase": "single" if single else "two",
        "spec": recordable_spec(launch.spec.to_data()),
        "policy": launch.policy.to_data(),
        "plan": pin_data(plan.pin),
        "manifest": launch.path,
        "change": change.digest if change else None,
    }
    drafts.append(Draft(Kind.INTENDED, name, launch.key, number, data))
    if single:
        drafts.append(Draft(Kind.STARTING, name, launch.key, number))
    return drafts


def _record(
    run: Run, outcomes: Mapping[str, tuple[str, Outcome[Instance] | StartExpired]]
) -> Flow[None]:
    drafts: list[Draft] = []
    for name, (nonce, outcome) in outcomes.items():
        drafts.extend(_came_of_it(run, name, nonce, outcome))
    if drafts:
        yield from run.append([*_binding(run, drafts), *drafts], insist=True)


def _binding(run: Run, drafts: Sequence[Draft]) -> list[Draft]:
    """What binds the ledger to its server, before the first instance that it names."""
    is_first = run.recorded.server is None and any(item.kind is Kind.PREPARED for item in drafts)
    return [Draft(Kind.BOUND, data={"server": run.order.fingerprint})] if is_first else []


def _came_of_it(
    run: Run, name: str, nonce: str, outcome: Outcome[Instance] | StartExpired
) -> list[Draft]:
    attempt = run.recorded.launches[name].newest
    single = attempt.single_phase
    match outcome:
        case Done(instance):
            drafts = [_prepared(name, attempt, nonce, instance)]
            if single:
                run.started.append(name)
                drafts.append(_observed(name, attempt, {"start": "accepted"}))
            return drafts
        case Refused(message, code) if code is not None and not outcome.full:
            data = {"stage": "prepare", "message": message, "code": code}
            return [Draft(Kind.REFUSED, name, attempt.key, attempt.number, data)]
        case Refused():
            # Nothing happened, and the same request may go through another time.
            if outcome.full:
                run.full = True
            else:
                run.leave(name, "not sent", trouble("prepare", name, outcome))
                run.halt(Stop.SERVER)
            return [_void(name, attempt, nonce)]
        case StartExpired():
            if not run.count_try(name):
                run.leave(name, "not sent", Diagnostic("L241", {"name": name}))
            return [_void(name, attempt, nonce)]
        case Unknown(message):
            if not single:
                return []
            data = {"outcome": OutcomeKind.UNKNOWN.value, "reason": message}
            return [Draft(Kind.SETTLED, name, attempt.key, attempt.number, data)]


def _void(name: str, attempt: Attempt, nonce: str) -> Draft:
    start = {"start": NOT_SENT} if attempt.single_phase else {}
    return _observed(name, attempt, {"void": nonce, **start})


def _prepared(name: str, attempt: Attempt, nonce: str, instance: Instance) -> Draft:
    data = {"nonce": nonce, "instance": {"id": instance.id, "name": instance.name}}
    return Draft(Kind.PREPARED, name, attempt.key, attempt.number, data)


def _observed(name: str, attempt: Attempt, data: Mapping[str, Any]) -> Draft:
    return Draft(Kind.OBSERVED, name, attempt.key, attempt.number, data)


def trouble(what: str, name: str, outcome: Refused | Unknown) -> Diagnostic:
    """What to say when JOB could not be asked, or did not answer, while something was done for `name`."""
    code = "" if outcome.code is None else f" (JOB code {outcome.code})"
    return Diagnostic("L238", {"what": what, "name": name, "message": outcome.message + code})
