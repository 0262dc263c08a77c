"""Batches side by side: while JOB answers one of them, the next is recorded and asked for.

A lane is one batch on its way through lines 1 to 6 of the protocol. It goes on until it asks JOB for something; that is
begun, and another lane goes on meanwhile, or a new one sets out. So the connections are busy while a record is
written, and nothing else happens at the same time: one lane moves at a time, and what it does between two questions to
JOB is done in one piece. In particular

- there is one writer: every append stands on the head that the one before it has left;
- a START is begun right after the append of its `starting` has come back with ours as the head. Nothing can be learnt
  in between, and its window was taken before that append. What other lanes append behind it is ours, too, and takes
  nothing back: the record of the START is durable, and nobody else has written before it;
- what is learnt by any append counts for all lanes. If our session is gone, the ledger does not answer, or the run ends
  for another reason, no lane begins anything that changes something; what was begun and has not left yet is withdrawn at
  once (`Run.withdraw`); what has left is awaited and, where the session allows it, recorded. `starting` without an answer is what the next
  run polls, `intended` without an id is what it looks for;
- what others tell of a launch while its batch waits for JOB takes it out of the batch (`Run.unmoved`), and it is
  decided again, as if the batch itself had found the head moved.

A prepare has the window of a START, counted from before the record of its intention was asked for: whoever takes the
session over and finds no instance prepares anew, and a server that does not hold instances back would run both. One that
waited too long for a connection is not sent, and recorded as such; neither is such a START. It comes round again, and
from then on batches follow one another and hold no more than can leave at once (`Run.side_by_side`): a slow server is
no reason to leave a launch behind.

The first prepare of a run goes alone, because it proves what the server does. Where JOB had no room, one batch tries
whether there is some again. In single phase, too, batches follow one another.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from launcher.engine.effects import Await, Begin, Call
from launcher.engine.observed import Capability

if TYPE_CHECKING:
    from collections.abc import Sequence

    from launcher.engine.run import Flow, Run

__all__ = ["Lanes"]


class Lanes:
    """The batches of a run that are under way."""

    def __init__(self, run: Run) -> None:
        self._run = run
        self._waiting: dict[int, tuple[Flow[None], Sequence[str]]] = {}
        self._tickets = 0

    @property
    def busy(self) -> bool:
        """Whether any batch is under way."""
        return bool(self._waiting)

    @property
    def has_room(self) -> bool:
        """Whether another batch may set out."""
        run = self._run
        alone = not run.held_back or run.full or run.room is not None or not run.side_by_side
        alone = alone or run.capability is Capability.SINGLE_PHASE
        return len(self._waiting) < (1 if alone else run.order.limits.lanes)

    def set_out(self, flow: Flow[None], names: Sequence[str]) -> Flow[None]:
        """Let the batch of `names`, which goes the way of `flow`, go as far as its first question to JOB."""
        self._run.set_out(names)
        yield from self._move(flow, names, None)

    def move(self) -> Flow[bool]:
        """Wait until JOB has answered one batch, and let it go as far as its next question; whether that is a START."""
        claimed = len(self._run.claimed)
        ticket, answers = yield Await()
        flow, names = self._waiting.pop(ticket)
        yield from self._move(flow, names, answers)
        return len(self._run.claimed) > claimed

    def come_home(self) -> Flow[None]:
        """See every batch that is under way to its end; no other one sets out."""
        yield from self._run.withdraw()
        while self.busy:
            yield from self.move()
            yield from self._run.withdraw()

    def _move(self, flow: Flow[None], names: Sequence[str], answer: Any) -> Flow[None]:  # noqa: ANN401 - as its effect promises
        while True:
            try:
                effect = flow.send(answer)
            except StopIteration:
                self._run.come_back(names)
                return
            if isinstance(effect, Call):
                self._tickets += 1
                self._waiting[self._tickets] = flow, names
                yield Begin(self._tickets, effect)
                return
            answer = yield effect
