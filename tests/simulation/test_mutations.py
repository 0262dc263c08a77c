"""The engine broken on purpose, one promise at a time: the simulation must see each of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from launcher.engine import archive, prepare, progress, rows, run, seek, start, supersede, watch
from launcher.engine import execute as execution
from launcher.engine.changeset import Action, Reason
from launcher.engine.effects import Refused, Start, StartExpired, Unknown
from launcher.engine.events import Draft, Kind
from launcher.engine.observed import Missing, Status
from launcher.engine.recorded import IN_FLIGHT, NOT_SENT, UNSTARTED, LaunchRecord, OutcomeKind
from launcher.engine.rows import Verdict
from launcher.engine.verify import Same
from tests.support.lives import TROUBLE, first_broken

LIVES = 800

Break = Callable[[pytest.MonkeyPatch], None]


def start_goes_out_behind_the_head(patch):
    append = run.Run.append

    def believing(self, drafts, *, insist=False):
        written = yield from append(self, drafts, insist=insist)
        return run.Written.HEAD if written is run.Written.BEHIND else written

    patch.setattr(run.Run, "append", believing)


def start_goes_out_after_its_window(patch):
    patch.setattr(start, "Start", lambda requests, _: Start(requests, float("inf")))


def start_is_repeated_without_grace(patch):
    may = watch.Watch._may_start_again
    patch.setattr(
        watch.Watch,
        "_may_start_again",
        lambda self, name, answer, now_s: may(self, name, answer, now_s + 1000),
    )


def start_is_repeated_for_what_nobody_wants(patch):
    def may(self, name, _answer, now_s):
        seen, limits = self._blank.get(name), self.run.order.limits
        attempt = self.run.recorded.launches[name].newest
        is_due = seen is not None and now_s - seen.since_s >= limits.start_grace_s
        return is_due and attempt.starts < limits.max_starts and self.run.holds_session

    patch.setattr(watch.Watch, "_may_start_again", may)


def a_lost_start_counts_as_never_sent(patch):
    answered = start._answered

    def forgetful(now, name, answer):
        return answered(now, name, StartExpired() if isinstance(answer, Unknown) else answer)

    patch.setattr(start, "_answered", forgetful)


def status_9_is_always_a_failure(patch):
    notes_on = progress.notes_on

    def sure(name, attempt, answer):
        return notes_on(name, replace(attempt, starts=1, start_answered=True), answer)

    patch.setattr(progress, "notes_on", sure)
    patch.setattr(watch, "notes_on", sure)


def an_instance_of_others_is_adopted(patch):
    def greedy(_run, _name, _attempt, candidates):
        blank = [item for item in candidates if item.status == Status.BLANK]
        return min(blank, key=lambda item: item.id, default=None)

    patch.setattr(seek, "_ours", greedy)
    patch.setattr(start, "verify", lambda *_, **__: Same((), ()))


def an_instance_of_ours_that_began_is_overlooked(patch):
    patch.setattr(seek, "_begun", lambda *_: None)


def a_lost_prepare_counts_as_refused(patch):
    came = prepare._came_of_it

    def sure(now, name, nonce, outcome):
        lost = isinstance(outcome, Unknown)
        return came(now, name, nonce, Refused("no", 1) if lost else outcome)

    patch.setattr(prepare, "_came_of_it", sure)


def what_is_refused_is_asked_for_again(patch):
    patch.setattr(rows, "ROWS", tuple(row for row in rows.ROWS if row[2] is not rows._failed))


def a_lost_prepare_is_never_looked_for(patch):
    def blind(*_):
        yield from ()

    patch.setattr(execution, "seek", blind)


def a_vanished_instance_is_launched_anew(patch):
    notes_on = progress.notes_on

    def hasty(name, attempt, answer):
        if not isinstance(answer, Missing):
            return notes_on(name, attempt, answer)
        data = {"outcome": OutcomeKind.NOT_RAN.value, "reason": "gone"}
        return (Draft(Kind.SETTLED, name, attempt.key, attempt.number, data),)

    patch.setattr(progress, "notes_on", hasty)
    patch.setattr(watch, "notes_on", hasty)


def an_unknown_outcome_is_launched_anew(patch):
    kept = tuple(row for row in rows.ROWS if row[2] is not rows._outcome_unknown)
    patch.setattr(rows, "ROWS", kept)


def nothing_is_verified(patch):
    patch.setattr(start, "verify", lambda *_, **__: Same((), ()))


def what_is_back_in_sync_is_not_superseded(patch):
    def lax(case):
        synced = case.launch and case.record and case.record.is_in_sync(case.launch.key)
        return Verdict(Action.NONE, Reason.IN_SYNC) if synced else None

    _replace_row(patch, rows._in_sync, lax)


def any_success_of_the_key_counts_as_in_sync(patch):
    def once(self, key):
        attempt = self.newest_of(key)
        return attempt is not None and attempt.outcome is OutcomeKind.SUCCEEDED

    patch.setattr(LaunchRecord, "is_in_sync", once)


def needs_are_ignored(patch):
    patch.setattr(run.Run, "unmet", lambda *_: None)
    _replace_row(patch, rows._needs, lambda _: None)


def suspension_is_ignored(patch):
    _replace_row(patch, rows._held, lambda _: None)


def a_running_launch_is_archived(patch):
    patch.setattr(archive, "IN_FLIGHT", frozenset())


def a_busy_launch_is_launched_over(patch):
    _replace_row(
        patch,
        rows._in_flight,
        lambda case: (
            Verdict(Action.RESUME, Reason.RUNNING)
            if case.launch
            and case.record
            and case.record.newest.key == case.launch.key
            and case.record.newest.outcome in IN_FLIGHT
            else None
        ),
    )


def claims_are_made_outside_the_session(patch):
    patch.setattr(run.Run, "_stop_if_overtaken", lambda *_: False)


def a_prepared_instance_is_given_up_unseen(patch):
    def blind(_run, names):
        yield from ()
        return frozenset(
            name for name in names if supersede._newest(_run, name).outcome in UNSTARTED
        )

    patch.setattr(prepare, "look_first", blind)
    patch.setattr(archive, "look_first", blind)


def the_batch_is_not_stopped_by_a_server_that_starts_at_once(patch):
    judged = supersede.started_by_other

    def unseen(now, name, attempt, status, *, is_fresh):
        judged(now, name, attempt, status, is_fresh=is_fresh)
        return [Draft(Kind.OBSERVED, name, attempt.key, attempt.number, {"start": NOT_SENT})]

    patch.setattr("launcher.engine.start.started_by_other", unseen)


def _replace_row(patch, old, new):
    changed = tuple((number, title, new if row is old else row) for number, title, row in rows.ROWS)
    patch.setattr(rows, "ROWS", changed)


BREAKS: tuple[Break, ...] = (
    start_goes_out_behind_the_head,
    start_goes_out_after_its_window,
    start_is_repeated_without_grace,
    start_is_repeated_for_what_nobody_wants,
    a_lost_start_counts_as_never_sent,
    status_9_is_always_a_failure,
    an_instance_of_others_is_adopted,
    an_instance_of_ours_that_began_is_overlooked,
    a_lost_prepare_counts_as_refused,
    what_is_refused_is_asked_for_again,
    a_lost_prepare_is_never_looked_for,
    a_vanished_instance_is_launched_anew,
    an_unknown_outcome_is_launched_anew,
    nothing_is_verified,
    what_is_back_in_sync_is_not_superseded,
    any_success_of_the_key_counts_as_in_sync,
    needs_are_ignored,
    suspension_is_ignored,
    a_running_launch_is_archived,
    a_busy_launch_is_launched_over,
    claims_are_made_outside_the_session,
    a_prepared_instance_is_given_up_unseen,
    the_batch_is_not_stopped_by_a_server_that_starts_at_once,
)


@pytest.mark.parametrize("break_it", BREAKS, ids=lambda item: item.__name__)
def test_the_simulation_sees_that(break_it, monkeypatch):
    break_it(monkeypatch)
    assert first_broken(LIVES) is not None


def test_it_sees_nothing_where_nothing_is_broken():
    assert first_broken(LIVES, faults=TROUBLE) is None
