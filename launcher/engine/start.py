"""Lines 4 to 6 of the protocol: verify, record that START is on its way, start.

One START is in flight for an instance, ever. It is sent only if the record of it is the head of
the ledger, and only within the window that began before that record was asked for; otherwise it
is known never to have left, and that is recorded too.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from launcher.diagnostics import Diagnostic
from launcher.engine.drafts import answer_data, of_attempt, trouble
from launcher.engine.effects import (
    Done,
    Moment,
    Outcome,
    ReadBack,
    ReadClock,
    ReadPlans,
    Refused,
    Start,
    StartAnswer,
    StartRequest,
    Unknown,
    Unsent,
)
from launcher.engine.events import Draft, Kind
from launcher.engine.holding import (
    broken_guard,
    looks_into_instances,
    may_go_on,
    read_skew,
    what_holds,
)
from launcher.engine.observed import Missing, Status
from launcher.engine.recorded import NOT_SENT
from launcher.engine.report import Stop
from launcher.engine.run import Flow, Run, Written
from launcher.engine.supersede import started_by_other
from launcher.engine.verify import Different, Gone, NotBlank, Same, verify

if TYPE_CHECKING:
    from collections.abc import Sequence

    from launcher.engine.observed import FrozenCopy
    from launcher.engine.planname import PlanAnswer
    from launcher.engine.recorded import Attempt
    from launcher.engine.spec import PlanReference

__all__ = ["start", "start_again"]


@dataclass(frozen=True, slots=True)
class Forbidden:
    """A guard refuses it: a full sentence, and how to say it."""

    message: str
    diagnostic: Diagnostic


def start(run: Run, names: Sequence[str], fresh: Sequence[str]) -> Flow[None]:
    """Verify the prepared instances of `names` and start those that are what was approved.

    `fresh` are those that this run has prepared itself: one of them that does not stand at status 1 shows that
    the server does not hold instances back.
    """
    instances = tuple(run.instance(name) for name in names)
    copies: tuple[Outcome[FrozenCopy | Missing], ...] = yield ReadBack(instances)
    specs = [run.launch(name).spec for name in names]
    plans: tuple[PlanAnswer, ...] = yield ReadPlans(
        tuple((spec.scope, spec.plan) for spec in specs)
    )
    skew_s = yield from read_skew(run, names)
    moment: Moment = yield ReadClock()
    drafts: list[Draft] = []
    good: list[str] = []
    going = set(run.going(names))
    for name, copy, plan in zip(names, copies, plans, strict=True):
        if name not in going:
            continue
        attempt = run.recorded.launches[name].newest
        judged = _judge(run, name, attempt, copy, plan)
        if isinstance(judged, Same):
            # One that an earlier run has prepared says nothing about the server of today.
            run.held_back = run.held_back or name in fresh
            if not may_go_on(run, name, moment.now, skew_s):
                continue
            good.append(name)
        drafts.extend(_tell(run, name, attempt, judged, is_fresh=name in fresh))
    if run.stop is not None:
        good = []
    yield from _send(run, good, drafts, moment)


def start_again(run: Run, names: Sequence[str]) -> Flow[bool]:
    """Send another START for those of `names`, at status 1 for the whole grace, that nothing holds now.

    Gives whether there were any.
    """
    good = list(names)
    if looks_into_instances(run):
        good = yield from _within_guards(run, names)
    skew_s = yield from read_skew(run, good)
    moment: Moment = yield ReadClock()
    held = {name: what_holds(run, name, moment.now, skew_s) for name in good}
    for name, reason in held.items():
        if reason is not None:
            run.say_once(f"{name} {reason[0]}", reason[1])
    good = [name for name in good if held[name] is None]
    if good:
        yield from _send(run, good, [], moment)
    return bool(good)


def _within_guards(run: Run, names: Sequence[str]) -> Flow[list[str]]:
    """Those of `names` whose instance no guard refuses; what cannot be read counts as refused."""
    copies: tuple[Outcome[FrozenCopy | Missing], ...] = yield ReadBack(
        tuple(run.instance(name) for name in names)
    )
    plans: tuple[PlanAnswer, ...] = yield ReadPlans(
        tuple((run.launch(name).spec.scope, _prepared_plan(run, name)) for name in names)
    )
    good: list[str] = []
    for name, copy, plan in zip(names, copies, plans, strict=True):
        if not isinstance(copy, Done) or isinstance(copy.value, Missing):
            continue
        if copy.value.status.status != Status.BLANK or not isinstance(plan, Done):
            continue
        broken = broken_guard(run, name, copy.value, plan.value)
        if broken is None:
            good.append(name)
        else:
            run.say_once(f"{name} guard", broken[1])
    return good


def _prepared_plan(run: Run, name: str) -> PlanReference:
    """What the instance was made from: its name may stand for another job plan since the first START."""
    pin = run.recorded.launches[name].newest.plan
    return run.launch(name).spec.plan if pin is None else pin.id


def _judge(
    run: Run,
    name: str,
    attempt: Attempt,
    copy: Outcome[FrozenCopy | Missing],
    plan: PlanAnswer,
) -> Same | Different | Forbidden | NotBlank | Gone | None:
    for answer in (copy, plan):
        if not isinstance(answer, Done):
            run.leave(name, "not verified", trouble("verify", name, answer))
            return None
    if not isinstance(copy, Done) or not isinstance(plan, Done):
        return None
    judged = verify(
        attempt,
        run.launch(name).spec,
        copy.value,
        plan.value,
        marker=_marker(run, name, attempt),
        clock_skew_s=run.order.limits.clock_skew_s,
    )
    if isinstance(judged, Same) and not isinstance(copy.value, Missing):
        broken = broken_guard(run, name, copy.value, plan.value)
        return judged if broken is None else _forbidden(*broken)
    return judged


def _forbidden(message: str, why: Diagnostic) -> Forbidden:
    """The attempt ends here, so an apply that sets the guard aside would not take it up again: `retry` does."""
    return Forbidden(message, replace(why, hint="refused"))


def _marker(run: Run, name: str, attempt: Attempt) -> tuple[str, str] | None:
    """The marker that the prepare of `attempt` has sent."""
    return run.marker_text(attempt.named or name, attempt.nonces[-1]) if attempt.nonces else None


def _tell(
    run: Run,
    name: str,
    attempt: Attempt,
    judged: Same | Different | Forbidden | NotBlank | Gone | None,
    *,
    is_fresh: bool,
) -> list[Draft]:
    match judged:
        case None:
            return []
        case Same(compared, not_compared):
            data = {"compared": list(compared), "not_compared": list(not_compared)}
            return [
                of_attempt(Kind.VERIFIED, name, attempt, data),
                of_attempt(Kind.STARTING, name, attempt, {}),
            ]
        case Different(message):
            return [
                of_attempt(Kind.REFUSED, name, attempt, {"stage": "verify", "message": message})
            ]
        case Forbidden(message, diagnostic):
            run.diagnostics.append(diagnostic)
            return [of_attempt(Kind.REFUSED, name, attempt, {"stage": "guard", "message": message})]
        case Gone():
            if not run.count_try(name):
                run.leave(name, "instance gone", Diagnostic("L239", {"name": name}))
            reason = "JOB does not know the un-started instance any more"
            return [of_attempt(Kind.SUPERSEDED, name, attempt, {"reason": reason})]
        case NotBlank(status):
            return started_by_other(run, name, attempt, status, is_fresh=is_fresh)


def _send(run: Run, names: Sequence[str], drafts: Sequence[Draft], moment: Moment) -> Flow[None]:
    """Record `drafts` (and a `starting` where they hold none), then START `names`, then record the answers.

    The window in which a START may be sent begins at `moment`, before its record is asked for.
    """
    told = {draft.name for draft in drafts if draft.kind is Kind.STARTING}
    wanted = [
        *drafts,
        *(
            of_attempt(Kind.STARTING, name, run.recorded.launches[name].newest, {})
            for name in names
            if name not in told
        ),
    ]
    wanted = [draft for draft in wanted if draft.kind is not Kind.STARTING or _may(draft, names)]
    if not wanted:
        return
    numbers = {name: run.recorded.launches[name].newest.number for name in names}
    written = yield from run.append(wanted)
    if written in (Written.AGAIN, Written.STOPPED) or not names:
        return
    answers: Sequence[Outcome[StartAnswer] | Unsent]
    beside = run.side_by_side
    if written is Written.BEHIND or run.stop is not None:
        answers, beside = [Unsent()] * len(names), False
    else:
        deadline = moment.monotonic_s + run.order.limits.start_window_s
        requests = tuple(StartRequest(run.instance(name)) for name in names)
        answers = yield Start(requests, deadline)
        if Unsent() in answers:
            run.side_by_side = False
    came = [
        _answered(run, name, attempt, answer, beside=beside)
        for name, answer in zip(names, answers, strict=True)
        # What another session calls otherwise now is its own to see after.
        if (attempt := _numbered(run, name, numbers[name])) is not None
    ]
    if came:
        yield from run.append(came, insist=True)


def _heard(name: str, attempt: Attempt, start: str, request_id: str | None) -> Draft:
    """The record of what JOB answered to a START, or of an answer that says nothing."""
    data = {"start": start, **answer_data(request_id)}
    return of_attempt(Kind.OBSERVED, name, attempt, data)


def _may(draft: Draft, names: Sequence[str]) -> bool:
    return draft.name in names or draft.data.get("by") == "other"


def _numbered(run: Run, name: str, number: int) -> Attempt | None:
    """That attempt, which a person may have put another one behind meanwhile."""
    record = run.recorded.launches.get(name)
    attempts = () if record is None else record.attempts
    return next((item for item in reversed(attempts) if item.number == number), None)


def _answered(
    run: Run,
    name: str,
    attempt: Attempt,
    answer: Outcome[StartAnswer] | Unsent,
    *,
    beside: bool,
) -> Draft:
    match answer:
        case Done(StartAnswer.NOT_KNOWN as value, request_id):
            # Such a server starts what it creates, so this is no refusal: what came of it is still to be seen.
            run.halt(Stop.NOT_HELD_BACK, Diagnostic("L244", {"name": name}))
            return _heard(name, attempt, value.value, request_id)
        case Done(value, request_id):
            if name not in run.started:
                run.started.append(name)
            return _heard(name, attempt, value.value, request_id)
        case Unknown(request_id=request_id):
            return _heard(name, attempt, "lost", request_id)
        case Refused(message, code) if code is not None and attempt.starts == 1:
            data = {"stage": "start", "message": message, "code": code}
            return of_attempt(Kind.REFUSED, name, attempt, data)
        case Refused():
            run.leave(name, "not sent", trouble("start", name, answer))
            run.halt(Stop.SERVER)
            return of_attempt(Kind.OBSERVED, name, attempt, {"start": NOT_SENT})
        case Unsent():
            # What waited behind others of ours has not failed: it comes round again, with nothing before it.
            if not beside and not run.count_try(name):
                facts = {"name": name, "what": "START"}
                run.leave(name, "not sent", Diagnostic("L241", facts))
            return of_attempt(Kind.OBSERVED, name, attempt, {"start": NOT_SENT})
