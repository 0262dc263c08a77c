"""Ways to break a run: what it sends, when, and what it records of it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from launcher.engine import archive, execute, prepare, run, seek, start, supersede, watch
from launcher.engine.effects import Append, Appended, Refused, Start, Unknown, Unsent
from launcher.engine.events import Draft, Kind
from launcher.engine.fold import fold
from launcher.engine.observed import Status
from launcher.engine.recorded import NOT_SENT, UNSTARTED
from launcher.engine.report import Stop
from launcher.engine.standing import Standing
from launcher.engine.verify import Same

if TYPE_CHECKING:
    import pytest


def start_goes_out_behind_the_head(patch: pytest.MonkeyPatch) -> None:
    append = run.Run.append

    def believing(self, drafts, *, insist=False):
        written = yield from append(self, drafts, insist=insist)
        return run.Written.HEAD if written is run.Written.BEHIND else written

    patch.setattr(run.Run, "append", believing)


def start_goes_out_after_its_window(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(start, "Start", lambda requests, _: Start(requests, float("inf")))


def start_is_repeated_without_grace(patch: pytest.MonkeyPatch) -> None:
    may = watch.Watch._may_start_again
    patch.setattr(
        watch.Watch,
        "_may_start_again",
        lambda self, name, answer, now_s: may(self, name, answer, now_s + 1000),
    )


def start_is_repeated_for_what_nobody_wants(patch: pytest.MonkeyPatch) -> None:
    def may(self, name, _answer, now_s):
        seen, limits = self._blank.get(name), self.run.order.limits
        attempt = self.run.recorded.launches[name].newest
        is_due = seen is not None and now_s - seen.since_s >= limits.start_grace_s
        declared = name in self.run.order.desired.launches and attempt.instance_id is not None
        return is_due and declared and attempt.starts < limits.max_starts and self.run.holds_session

    patch.setattr(watch.Watch, "_may_start_again", may)
    patch.setattr(start, "what_holds", lambda *_: None)


def start_asks_for_no_hold(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(start, "may_go_on", lambda *_: True)
    patch.setattr(start, "what_holds", lambda *_: None)


def a_lost_start_counts_as_never_sent(patch: pytest.MonkeyPatch) -> None:
    answered = start._answered

    def forgetful(now, name, attempt, answer, *, beside):
        sent = Unsent() if isinstance(answer, Unknown) else answer
        return answered(now, name, attempt, sent, beside=beside)

    patch.setattr(start, "_answered", forgetful)


def a_record_without_an_answer_counts(patch: pytest.MonkeyPatch) -> None:
    append = run.Run.append

    def hopeful(self, drafts, *, insist=False):
        wanted = tuple(drafts)
        written = yield from append(self, wanted, insist=insist)
        starts = any(item.kind is Kind.STARTING and not item.data for item in wanted)
        if starts and written is run.Written.STOPPED and self.stop is Stop.LEDGER:
            self.stop = None
            return run.Written.HEAD
        return written

    patch.setattr(run.Run, "append", hopeful)


def nothing_is_verified(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(start, "verify", lambda *_, **__: Same((), ()))


def an_instance_of_others_is_adopted(patch: pytest.MonkeyPatch) -> None:
    def greedy(_run, _name, _attempt, candidates):
        blank = [item for item in candidates if item.status == Status.BLANK]
        return min(blank, key=lambda item: item.id, default=None)

    patch.setattr(seek, "_ours", greedy)
    patch.setattr(start, "verify", lambda *_, **__: Same((), ()))


def one_that_has_begun_is_adopted(patch: pytest.MonkeyPatch) -> None:
    ours = seek._ours

    def lax(now, name, attempt, candidates):
        blank = tuple(replace(item, status=Status.BLANK) for item in candidates)
        return ours(now, name, attempt, blank)

    patch.setattr(seek, "_ours", lax)
    patch.setattr(seek, "_begun", lambda *_: None)
    patch.setattr(start, "verify", lambda *_, **__: Same((), ()))


def one_of_ours_that_began_is_overlooked(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(seek, "_begun", lambda *_: None)


def a_lost_prepare_counts_as_refused(patch: pytest.MonkeyPatch) -> None:
    came = prepare._came_of_it

    def sure(now, name, attempt, nonce, outcome):
        lost = isinstance(outcome, Unknown)
        return came(now, name, attempt, nonce, Refused("no", 1) if lost else outcome)

    patch.setattr(prepare, "_came_of_it", sure)


def a_lost_prepare_is_never_looked_for(patch: pytest.MonkeyPatch) -> None:
    def blind(*_):
        yield from ()

    patch.setattr(execute, "seek", blind)


def an_answer_is_never_recorded(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(prepare, "_came_of_it", lambda *_: [])


def a_prepared_one_is_given_up_unseen(patch: pytest.MonkeyPatch) -> None:
    def blind(now, names):
        yield from ()
        return frozenset(
            name for name in names if supersede._newest(now, name).outcome in UNSTARTED
        )

    patch.setattr(prepare, "look_first", blind)
    patch.setattr(archive, "look_first", blind)


def others_notes_are_passed_over(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(run, "touched", lambda _: set())


def what_somebody_carried_on_with_is_launched_over(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Standing, "_went_on", lambda *_: False)


def claims_are_made_outside_the_session(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(run.Run, "_stop_if_overtaken", lambda *_: False)


def a_moved_head_opens_all_the_same(patch: pytest.MonkeyPatch) -> None:
    def stubborn(self):
        while True:
            outcome = yield Append(self.order.opening, self.recorded.head)
            if not hasattr(outcome, "since") and not isinstance(outcome, Appended):
                self.halt(Stop.LEDGER)
                return
            events = outcome.events if isinstance(outcome, Appended) else outcome.since
            self.recorded = fold(self.recorded, events)
            if self.holds_session:
                return

    patch.setattr(run.Run, "open", stubborn)


def a_server_that_starts_at_once_is_trusted(patch: pytest.MonkeyPatch) -> None:
    judged = supersede.started_by_other

    def unseen(now, name, attempt, status, *, is_fresh):
        judged(now, name, attempt, status, is_fresh=is_fresh)
        return [Draft(Kind.OBSERVED, name, attempt.key, attempt.number, {"start": NOT_SENT})]

    patch.setattr(start, "started_by_other", unseen)


def a_running_launch_is_archived(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(archive, "IN_FLIGHT", frozenset())


def the_session_is_never_closed(patch: pytest.MonkeyPatch) -> None:
    def left_open(_):
        yield from ()

    patch.setattr(run.Run, "close", left_open)
