"""Ways to break what people do to an instance, beside the runs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from launcher.engine import operating, patience
from launcher.engine.act_record import ActRecord
from launcher.engine.effects import Operate
from launcher.engine.recorded import Operation
from launcher.engine.run import Written
from tests.support.seeded import people

if TYPE_CHECKING:
    import pytest


def an_operation_is_sent_twice(patch: pytest.MonkeyPatch) -> None:
    ask = operating._Task.ask

    def eager(self, found):
        flow, answer = ask(self, found), None
        while True:
            try:
                effect = flow.send(answer)
            except StopIteration as end:
                return end.value
            answer = yield effect
            if isinstance(effect, Operate):
                answer = yield effect

    patch.setattr(operating._Task, "ask", eager)


def an_operation_goes_unrecorded(patch: pytest.MonkeyPatch) -> None:
    def unrecorded(self, found):
        yield from ()
        self.asked = Operation(found.kind, self._now, self.status.status if self.status else 0)
        return Written.HEAD

    patch.setattr(ActRecord, "intend", unrecorded)


def an_operation_goes_out_after_its_window(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(operating, "Operate", lambda requests, _: Operate(requests, float("inf")))


def an_end_goes_out_after_its_window(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(patience, "Operate", lambda requests, _: Operate(requests, float("inf")))


def an_operation_goes_out_behind_the_head(patch: pytest.MonkeyPatch) -> None:
    intend = ActRecord.intend

    def believing(self, found):
        written = yield from intend(self, found)
        return Written.HEAD if written is Written.BEHIND else written

    patch.setattr(ActRecord, "intend", believing)


def an_operation_is_sent_to_what_has_moved_on(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(operating._Task, "is_as_first_read", lambda *_: True)


def an_operation_rests_on_what_was_read_long_ago(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(ActRecord, "is_fresh", lambda *_: True)


def an_older_answer_takes_back_an_end(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(
        ActRecord,
        "_is_outdated",
        property(lambda _: False, lambda *_: None),
        raising=False,
    )


def a_person_waives_what_runs(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(people, "hindrance", lambda *_: None)
