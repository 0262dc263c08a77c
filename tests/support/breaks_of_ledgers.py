"""Ways to break a ledger: what it promises, and the answers by which it keeps runs from going on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from launcher.engine.effects import Appended, NoAnswer, Overtaken
from launcher.engine.fold import fold
from launcher.engine.recorded import Recorded
from tests.support.seeded.record import Record

if TYPE_CHECKING:
    import pytest


def an_append_replaces_what_others_wrote(patch: pytest.MonkeyPatch) -> None:
    def forced(self, drafts, expected, writer):
        del self.events[expected.serial :]
        self._presents = [Recorded(), fold(Recorded(), self.events)]
        return self.write(drafts, writer)

    patch.setattr(Record, "swap", forced)


def an_append_goes_behind_whatever_is_there(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Record, "swap", lambda self, drafts, _, writer: self.write(drafts, writer))


def what_is_acknowledged_is_not_durable(patch: pytest.MonkeyPatch) -> None:
    append = Record.append

    def volatile(self, drafts, expected, writer, t):
        before = len(self.events)
        answer = append(self, drafts, expected, writer, t)
        if isinstance(answer, Appended) and self.chance.random() < 0.02:
            del self.events[before:]
            self._presents = [Recorded(), fold(Recorded(), self.events)]
        return answer

    patch.setattr(Record, "append", volatile)


def an_append_behind_the_head_counts_as_head(patch: pytest.MonkeyPatch) -> None:
    append = Record.append

    def blind(self, drafts, expected, writer, t):
        answer = append(self, drafts, expected, writer, t)
        if isinstance(answer, Overtaken):
            return Appended(answer.since[: len(drafts)])
        return answer

    patch.setattr(Record, "append", blind)


def a_lost_answer_counts_as_not_recorded(patch: pytest.MonkeyPatch) -> None:
    append = Record.append

    def sure(self, drafts, expected, writer, t):
        answer = append(self, drafts, expected, writer, t)
        if isinstance(answer, NoAnswer) and expected.serial < len(self.events):
            return append(self, drafts, self.head, writer, t)
        return answer

    patch.setattr(Record, "append", sure)


def half_of_a_group_is_recorded(patch: pytest.MonkeyPatch) -> None:
    swap = Record.swap

    def torn(self, drafts, expected, writer):
        if len(drafts) > 1 and expected == self.head and self.chance.random() < 0.1:
            self.write(drafts[:1], writer)
            return None
        return swap(self, drafts, expected, writer)

    patch.setattr(Record, "swap", torn)
