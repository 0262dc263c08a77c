"""Ways to break what goes on side by side: what is begun before, beside or after what it must follow on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from launcher.engine import execute, lanes, prepare, run, start
from launcher.engine.effects import Append, Prepare, PrepareRequest, Start, StartRequest
from launcher.engine.events import Kind

if TYPE_CHECKING:
    import pytest


def a_start_is_begun_before_its_record(patch: pytest.MonkeyPatch) -> None:
    send = start._send

    def hasty(now, names, drafts, moment):
        if names and now.stop is None:
            requests = tuple(StartRequest(now.instance(name)) for name in names)
            yield Start(requests, moment.monotonic_s + now.order.limits.start_window_s)
        yield from send(now, names, drafts, moment)

    patch.setattr(start, "_send", hasty)


def a_prepare_is_begun_before_its_record(patch: pytest.MonkeyPatch) -> None:
    flow = prepare.prepare

    def hasty(now, names):
        inner, answer, early = flow(now, names), None, None
        while True:
            try:
                effect = inner.send(answer)
            except StopIteration:
                return
            if isinstance(effect, Append) and effect.drafts[-1].kind is Kind.INTENDED:
                early = yield Prepare(
                    tuple(
                        PrepareRequest(
                            now.launch(item.name).spec,
                            item.data["plan"]["id"],
                            now.marker_text(item.name, item.data["nonce"]),
                        )
                        for item in effect.drafts
                        if item.kind is Kind.INTENDED
                    ),
                    float("inf"),
                )
            if isinstance(effect, Prepare):
                answer = early
            else:
                answer = yield effect

    patch.setattr(execute, "prepare", hasty)


def a_prepare_goes_out_after_its_window(patch: pytest.MonkeyPatch) -> None:
    def patient(requests, _):
        return Prepare(requests, float("inf"))

    patch.setattr(prepare, "Prepare", patient)


def a_launch_is_left_for_being_behind_others(patch: pytest.MonkeyPatch) -> None:
    record = prepare._record

    def strict(now, outcomes, **_):
        now.side_by_side = True
        yield from record(now, outcomes, beside=False)
        now.side_by_side = True

    patch.setattr(prepare, "_record", strict)


def a_start_is_left_for_being_behind_others(patch: pytest.MonkeyPatch) -> None:
    answered = start._answered

    def strict(now, name, attempt, answer, **_):
        return answered(now, name, attempt, answer, beside=False)

    patch.setattr(start, "_answered", strict)
    # And the batches that follow are as many, and as large, as before.
    patch.setattr(run.Run, "side_by_side", property(lambda _: True, lambda *_: None), raising=False)


def what_was_begun_goes_out_after_the_session(patch: pytest.MonkeyPatch) -> None:
    def never(_):
        yield from ()

    patch.setattr(run.Run, "withdraw", never)


def a_stop_of_one_batch_is_none_for_the_others(patch: pytest.MonkeyPatch) -> None:
    move = lanes.Lanes._move

    def deaf(self, flow, names, answer):
        stop, self._run.stop = self._run.stop, None
        yield from move(self, flow, names, answer)
        self._run.stop = self._run.stop or stop

    patch.setattr(lanes.Lanes, "_move", deaf)
    never_over = property(lambda self: self.recorded.session is not None)
    patch.setattr(run.Run, "holds_session", never_over)


def a_launch_is_in_two_batches(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(run.Run, "set_out", lambda *_: None)


def what_was_begun_is_not_awaited(patch: pytest.MonkeyPatch) -> None:
    def gone(_):
        yield from ()

    patch.setattr(lanes.Lanes, "come_home", gone)


def batches_set_out_beside_the_first(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(lanes.Lanes, "has_room", property(lambda self: len(self._waiting) < 3))


def news_of_a_launch_reach_no_other_batch(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(run.Run, "unmoved", lambda _, names: list(names))
    append = run.Run.append

    def deaf(self, drafts, *, insist=False):
        self._news.clear()
        return (yield from append(self, drafts, insist=insist))

    patch.setattr(run.Run, "append", deaf)


def the_newest_attempt_gets_every_answer(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(prepare, "_attempt_with", lambda now, name, _: now.recorded.launches[name].newest)


def the_newest_attempt_is_told_what_was_not_sent(patch: pytest.MonkeyPatch) -> None:
    def newest(now, name, _):
        record = now.recorded.launches.get(name)
        return None if record is None else record.newest

    patch.setattr(start, "_numbered", newest)


def a_full_quota_stops_no_other_batch(patch: pytest.MonkeyPatch) -> None:
    class Greedy(run.Run):
        full = property(lambda _: False, lambda *_: None)

    patch.setattr(execute, "Run", Greedy)
