"""Carry out a changeset: the two-phase protocol as a generator that asks and is told.

It never waits, never catches and never looks at a clock by itself; every such thing is an effect.
So the command line, a simulation and a test drive the same code.

1. open the session, on exactly the head that the changeset was made from; record what was observed
2. rename what is called otherwise now, archive what is gone, supersede what will never be started
3. while something is to be done: move batches of ready launches through intend, prepare, record,
   verify, record, start, a few of them side by side (`lanes`); or look at what runs, and let what has
   failed act again where it may
4. close the session as soon as nothing is left that needs one, and watch on with notes alone
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from launcher.diagnostics import Diagnostic
from launcher.engine.archive import archive, begin
from launcher.engine.effects import Done, Moment, Outcome, Probe, ReadClock, Refused, Unknown
from launcher.engine.lanes import Lanes
from launcher.engine.observed import Capability
from launcher.engine.prepare import prepare
from launcher.engine.recorded import IN_FLIGHT, OutcomeKind
from launcher.engine.report import Order, Report, Stop
from launcher.engine.retry import Retries
from launcher.engine.run import Flow, Run, Written
from launcher.engine.seek import seek
from launcher.engine.start import start
from launcher.engine.watch import Watch

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

__all__ = ["execute"]


def execute(order: Order, said: list[Diagnostic] | None = None) -> Flow[Report]:
    """Yield what to do next; receive how it went; return what happened.

    A run that ends early, for whatever reason, leaves a record from which the next run carries on: an instance
    is started only after its `starting` is durable, and nothing is ever started twice.

    `said`: what the diagnostics of the report are added to as they arise, for whoever tells of them meanwhile.
    """
    run = Run(order, said)
    yield from _open(run)
    watch, retries, lanes = Watch(run), Retries(run), Lanes(run)
    while run.stop is None:
        moment: Moment = yield ReadClock()
        if moment.stop:
            run.halt(Stop.INTERRUPTED)
            break
        yield from watch.pulse.beat(moment)
        yield from retries.take(moment)
        if run.is_over:
            break
        batch = _batch(run, moment.now) if lanes.has_room else []
        if batch and not watch.is_due(moment):
            yield from lanes.set_out(_advance(run, batch, moment.now), batch)
        elif lanes.busy:
            if (yield from lanes.move()):
                watch.expect_news()
        elif run.full and not run.order.wait:
            _leave_to_quota(run)
        elif batch or run.full or retries.waiting() or _to_watch(run):
            run.full = False
            yield from _look(run, watch, retries, moment, at_once=bool(batch))
        else:
            break
    yield from lanes.come_home()
    yield from watch.finish()
    yield from run.close()
    if run.in_flight_left():
        run.halt(Stop.WAITED)
    return run.report()


def _open(run: Run) -> Flow[None]:
    """Open the session, and record what was observed and what follows from it at once."""
    yield from run.open()
    if run.stop is None and run.order.notes:
        written = yield from run.append(run.order.notes)
        if written is Written.AGAIN:
            # What was decided rests on these notes, and somebody else has told of the same launches.
            run.halt(Stop.MOVED)
    if run.stop is None and run.holds_session:
        yield from begin(run)


def _batch(run: Run, now: datetime) -> list[str]:
    """The next launches to move: none that are on their way already.

    The first to be prepared goes alone, because it proves what the server does. While JOB takes no more
    instances, only those that are prepared move.
    """
    ready = run.ready()
    if run.full or not run.held_back or run.room is not None:
        prepared = [name for name in ready if _stands_at(run, name, OutcomeKind.PREPARED, now)]
        if run.full or not run.held_back:
            ready = prepared or ([] if run.full else ready[:1])
        if run.room is not None:
            # One tries whether there is room again, before more are intended that may have to be voided.
            fresh = [name for name in ready if name not in prepared]
            ready = [*prepared, *fresh[: run.room]]
    at_once = 2 if run.side_by_side else 1
    return ready[: at_once * run.order.limits.parallelism]


def _look(run: Run, watch: Watch, retries: Retries, moment: Moment, *, at_once: bool) -> Flow[None]:
    """Look at what runs; without a session, where nothing is left that needs one."""
    if not _needs_session(run) and not retries.may_follow():
        yield from run.close()
    yield from watch.look(moment, at_once=at_once, at_most_s=retries.next_s(moment))
    if run.holds_session:
        yield from archive(run)


def _leave_to_quota(run: Run) -> None:
    """Leave what JOB has no room for to a later run: this one does not wait."""
    for name in run.ready():
        run.leave(name, "quota", Diagnostic("L242", {"name": name}))
    run.full = False


def _to_watch(run: Run) -> list[str]:
    if run.order.wait:
        return run.in_flight()
    return [name for name in run.blank() if not run.recorded.launches[name].newest.start_answered]


def _needs_session(run: Run) -> bool:
    """Whether something may still have to be claimed: a launch that is to be started, a START to be repeated."""
    ahead = [name for name in run.pending() if run.order.wait]
    gone = [
        change.name
        for change in run.order.changeset.changes
        if change.launch is None
        and (record := run.recorded.launches.get(change.name)) is not None
        and record.newest.outcome in IN_FLIGHT
    ]
    return bool(ahead or gone or run.blank())


def _advance(run: Run, names: Sequence[str], now: datetime) -> Flow[None]:
    """Move `names` through lines 1 to 6 of the protocol, from wherever each of them is."""
    if not (yield from _has_capability(run, names, now)):
        return
    lost = [name for name in names if _stands_at(run, name, OutcomeKind.INTENDED, now)]
    if lost:
        yield from seek(run, lost)
    names = [name for name in names if run.is_pending(name)]
    fresh = [name for name in names if not _stands_at(run, name, OutcomeKind.PREPARED, now)]
    if fresh and run.stop is None:
        yield from prepare(run, fresh)
    prepared = [name for name in names if _stands_at(run, name, OutcomeKind.PREPARED, now)]
    if prepared and run.stop is None:
        yield from start(run, prepared, fresh)


def _stands_at(run: Run, name: str, outcome: OutcomeKind, now: datetime) -> bool:
    attempt = run.open_attempt(name, now)
    return attempt is not None and attempt.outcome is outcome


def _not_proven(run: Run, message: str) -> Diagnostic:
    environment = run.order.desired.environment.name
    return Diagnostic("L232", {"message": message, "environment": environment})


def _has_capability(run: Run, names: Sequence[str], now: datetime) -> Flow[bool]:
    """Whether `names` can be prepared; proves once what the server can do, before the first prepare."""
    if run.capability is not None or all(
        _stands_at(run, name, OutcomeKind.PREPARED, now) for name in names
    ):
        return True
    answer: Outcome[Capability] = yield Probe(run.launch(names[0]).spec.scope)
    allowed = run.order.desired.environment.guards.allow_single_phase
    match answer:
        case Done(Capability.SINGLE_PHASE) if not allowed:
            run.halt(Stop.NO_TWO_PHASE, Diagnostic("L231"))
        case Done(capability):
            run.capability = capability
            run.held_back = run.held_back or capability is Capability.SINGLE_PHASE
        case Refused(message) | Unknown(message):
            run.halt(Stop.SERVER, _not_proven(run, message))
    return run.stop is None
