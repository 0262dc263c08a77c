"""Lines 1 to 3 of the protocol: intend, prepare, record the id."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from launcher.diagnostics import Diagnostic
from launcher.engine.approval import still_reviewed
from launcher.engine.changeset import Reason
from launcher.engine.content import with_contents
from launcher.engine.drafts import binding, observed, prepared, trouble
from launcher.engine.effects import (
    Done,
    Instance,
    Mint,
    Moment,
    Outcome,
    Prepare,
    PrepareRequest,
    ReadClock,
    ReadPlans,
    Refused,
    Unknown,
    Unsent,
)
from launcher.engine.events import Draft, Kind
from launcher.engine.holding import may_go_on, may_start_unseen, read_skew
from launcher.engine.observed import Capability, JobPlan
from launcher.engine.plancheck import check_plan, moved_plan
from launcher.engine.recorded import NOT_SENT, UNSTARTED, OutcomeKind, pin_data
from launcher.engine.report import Stop
from launcher.engine.run import Flow, Run, Written
from launcher.engine.spec import recordable_spec
from launcher.engine.supersede import give_up, look_first

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from launcher.engine.observed import PlanPin
    from launcher.engine.planname import PlanAnswer
    from launcher.engine.recorded import Attempt

__all__ = ["prepare"]

_CARRY_ON = frozenset({Reason.PREPARED, Reason.REPLACED, Reason.RETRY})


def prepare(run: Run, names: Sequence[str]) -> Flow[None]:
    """Intend and prepare `names`; what JOB refuses, and what cannot be known, is recorded as such."""
    stale = yield from _stale(run, names)
    names = tuple(name for name in names if name not in stale)
    plans = (yield from _read_plans(run, names)) if names else {}
    # Another batch may have ended the run, or learnt that JOB is full.
    names = () if run.stop is not None or run.full else tuple(run.going(plans))
    if not names:
        return
    minted: tuple[str, ...] = yield Mint(len(names))
    skew_s = yield from read_skew(run, names)
    moment: Moment = yield ReadClock()
    single = run.capability is Capability.SINGLE_PHASE
    nonces = {
        name: nonce
        for name, nonce in zip(names, minted, strict=True)
        if may_go_on(run, name, moment.now, skew_s) and (not single or may_start_unseen(run, name))
    }
    if not nonces:
        return
    drafts: list[Draft] = []
    for name, nonce in nonces.items():
        drafts.extend(_intend(run, name, nonce, plans[name], moment, single=single))
    drafts = with_contents(drafts, plans.values(), run.recorded.contents)
    beside = run.side_by_side and not single
    written = yield from run.append(drafts)
    if written in (Written.AGAIN, Written.STOPPED):
        return
    requests = tuple(
        PrepareRequest(
            run.launch(name).spec, plans[name].pin.id, run.marker_text(name, nonce), start=single
        )
        for name, nonce in nonces.items()
    )
    # A server that does not hold back starts what is prepared, so a prepare has the window of a START.
    deadline_s = moment.monotonic_s + run.order.limits.start_window_s
    late = single and (written is Written.BEHIND or (yield from _is_late(deadline_s)))
    outcomes: Sequence[Outcome[Instance] | Unsent]
    if run.stop is not None or late:
        outcomes = [Unsent()] * len(nonces)
    else:
        run.minted.update(nonces.values())
        outcomes = yield Prepare(requests, deadline_s)
    answers = zip(nonces.values(), outcomes, strict=True)
    yield from _record(run, dict(zip(nonces, answers, strict=True)), beside=beside)


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
    for name in stale & set(run.unmoved(run.pending())):
        run.leave(name, "not looked for", Diagnostic("L243", {"name": name}))
    return stale


def _is_late(deadline_s: float) -> Flow[bool]:
    """Whether the window in which a single-phase request may be sent has passed."""
    moment: Moment = yield ReadClock()
    return moment.monotonic_s > deadline_s


def _read_plans(run: Run, names: Sequence[str]) -> Flow[dict[str, JobPlan]]:
    """The job plans as they read now; a launch whose job plan moved since the diff goes no further."""
    specs = [run.launch(name).spec for name in names]
    answers: tuple[PlanAnswer, ...] = yield ReadPlans(
        tuple((spec.scope, spec.plan) for spec in specs)
    )
    plans: dict[str, JobPlan] = {}
    unmoved = set(run.unmoved(names))
    for name, answer in zip(names, answers, strict=True):
        if name not in unmoved:
            continue
        decided = _decided_plan(run, name)
        problems = check_plan(run.launch(name), answer, run.order.marker)
        if isinstance(answer, Unknown) or (isinstance(answer, Refused) and answer.code is None):
            run.leave(name, "not read", trouble("read the job plan of", name, answer))
        elif not isinstance(answer, Done):
            run.leave(name, "job plan", *problems)
        elif decided is not None and decided != answer.value.pin:
            run.leave(name, "job plan", moved_plan(run.launch(name), decided, answer.value.pin))
        elif problems:
            run.leave(name, "job plan", *problems)
        else:
            plans[name] = answer.value
    return plans


def _decided_plan(run: Run, name: str) -> PlanPin | None:
    """The job plan content that was decided on; what is tried again must be what was tried before."""
    if name in run.again:
        return run.recorded.launches[name].newest.plan
    change = run.changes.get(name)
    return None if change is None else change.plan


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
    data: dict[str, Any] = {
        "nonce": nonce,
        "phase": "single" if single else "two",
        "spec": recordable_spec(launch.spec.to_data()),
        "policy": launch.policy.to_data(),
        "plan": pin_data(plan.pin),
        "manifest": launch.path,
        **_asked(run, name, plan),
    }
    drafts.append(Draft(Kind.INTENDED, name, launch.key, number, data))
    if single:
        drafts.append(Draft(Kind.STARTING, name, launch.key, number))
    return drafts


def _asked(run: Run, name: str, plan: JobPlan) -> dict[str, Any]:
    """What asked for the launch: a digest, the reason and the earlier attempt that are part of it, a person's words.

    What only carries on with an attempt keeps the first three of it while the review that covers them stands.
    """
    change, record = run.changes[name], run.recorded.launches.get(name)
    before = record.newest if record else None
    asked: dict[str, Any] = {"request": run.order.requests.get(name)}
    if before is not None and _carries_on(run, name, before, plan):
        return {
            **asked,
            "change": before.change,
            "because": before.because,
            "follows": before.follows,
        }
    follows = None if change.previous is None else change.previous.number
    return {
        **asked,
        "change": change.digest,
        "because": change.reason.value,
        "follows": follows,
    }


def _carries_on(run: Run, name: str, before: Attempt, plan: JobPlan) -> bool:
    """Whether the next attempt is asked for by nothing but what asked for `before`."""
    if before.key != run.launch(name).key or before.change is None:
        return False
    if name in run.again:
        return True
    approval = run.recorded.approvals.get(name)
    if approval is None or before.change != approval.change:
        return False
    # Where no review is demanded, what it does not cover goes on as well, and must not be recorded under it.
    environment, as_now = run.order.desired.environment, replace(before, plan=plan.pin)
    stands = still_reviewed(run.recorded, environment, run.launch(name), as_now)
    return stands and run.changes[name].reason in _CARRY_ON


def _record(
    run: Run,
    outcomes: Mapping[str, tuple[str, Outcome[Instance] | Unsent]],
    *,
    beside: bool,
) -> Flow[None]:
    late = [name for name, (_, outcome) in outcomes.items() if isinstance(outcome, Unsent)]
    if late:
        run.side_by_side = False
    for name in late:
        # What waited behind others of ours has not failed: it comes round again, with nothing before it.
        if not beside and not run.count_try(name):
            facts = {"name": name, "what": "prepare"}
            run.leave(name, "not sent", Diagnostic("L241", facts))
    if run.room is not None and not any(
        isinstance(outcome, Refused) and outcome.full for _, outcome in outcomes.values()
    ):
        # What has gone through lets more follow, but not all at once.
        run.room = min(2 * run.room, 2 * run.order.limits.parallelism)
    drafts: list[Draft] = []
    for name, (nonce, outcome) in outcomes.items():
        attempt = _attempt_with(run, name, nonce)
        if attempt is None:
            # Another session calls it otherwise now, and finds what was prepared by its marker.
            continue
        drafts.extend(_came_of_it(run, name, attempt, nonce, outcome))
    if drafts:
        yield from run.append([*binding(run, drafts), *drafts], insist=True)


def _came_of_it(
    run: Run,
    name: str,
    attempt: Attempt,
    nonce: str,
    outcome: Outcome[Instance] | Unsent,
) -> list[Draft]:
    single = attempt.single_phase
    match outcome:
        case Done(instance, request_id):
            drafts = [prepared(name, attempt, nonce, instance, request_id)]
            if single:
                run.started.append(name)
                drafts.append(observed(name, attempt, {"start": "accepted"}))
            return drafts
        case Refused(message, code) if code is not None and not outcome.full:
            data = {"stage": "prepare", "message": message, "code": code}
            return [Draft(Kind.REFUSED, name, attempt.key, attempt.number, data)]
        case Refused():
            # Nothing happened, and the same request may go through another time.
            if outcome.full:
                run.full, run.room = True, 1
            else:
                run.leave(name, "not sent", trouble("prepare", name, outcome))
                run.halt(Stop.SERVER)
            return [_void(name, attempt, nonce)]
        case Unsent():
            return [_void(name, attempt, nonce)]
        case Unknown(message):
            if not single:
                return []
            data = {"outcome": OutcomeKind.UNKNOWN.value, "reason": message}
            return [Draft(Kind.SETTLED, name, attempt.key, attempt.number, data)]


def _attempt_with(run: Run, name: str, nonce: str) -> Attempt | None:
    """The attempt that was prepared with `nonce`: the newest, unless a person has put another in its place meanwhile."""
    record = run.recorded.launches.get(name)
    attempts = () if record is None else record.attempts
    return next((item for item in reversed(attempts) if nonce in item.nonces), None)


def _void(name: str, attempt: Attempt, nonce: str) -> Draft:
    start = {"start": NOT_SENT} if attempt.single_phase else {}
    return observed(name, attempt, {"void": nonce, **start})
