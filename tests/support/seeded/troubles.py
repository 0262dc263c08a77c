"""What can go wrong, and how likely it is in one life."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from random import Random

__all__ = ["Troubles", "drawn"]


@dataclass(slots=True)
class Troubles:
    """How likely each kind of trouble is, from 0 to 1, each time it could happen.

    Attributes:
        lost_before: the request never reached JOB, and nobody can tell.
        lost_after: JOB did it, and the answer was lost.
        late: with an answer lost, JOB does it only later.
        refused: JOB refuses to create an instance, for good.
        connection_refused: nothing was sent: no connection, or a 429.
        full: the quota is full.
        read_lost: a read got no answer, or a 5xx.
        start_lost: a START is lost in JOB's queue.
        backlog: JOB's queue stands still for a while.
        doubled: a START is consumed twice.
        meeting: two STARTs that are consumed at once end the instance with status 9.
        bad_ending: the instance does not succeed.
        tampered: the instance holds other content than was asked for.
        forgotten: JOB has deleted the instance.
        others: another client creates an instance of the same job plan.
        not_held_back: the server starts an instance that was to be held back.
        plan_edited: somebody edits a job plan.
        meddling: somebody starts, ends or retries an instance on JOB's pages.
        ack_lost: events are recorded, and the answer is lost.
        ack_late: no answer, and the events are recorded later if the head has not moved by then.
        append_refused: no answer, and nothing is recorded.
        slow_append: an append takes seconds.
        read_stale: a read shows an older head.
        moved_partly: an append that finds the head moved tells only of the first new events.
        interjected: a note of others comes right before an append.
        overtaken: a note of others comes right after an append.
        unlocked: a person ends the open session by hand.
        paused: a process is not scheduled for a while.
        jumps: a wall clock is set, forwards or backwards.
        dies: a process dies, before or after an effect took hold.
        stopped: the user asks a run to stop.
    """

    lost_before: float = 0.0
    lost_after: float = 0.0
    late: float = 0.0
    refused: float = 0.0
    connection_refused: float = 0.0
    full: float = 0.0
    read_lost: float = 0.0
    start_lost: float = 0.0
    backlog: float = 0.0
    doubled: float = 0.0
    meeting: float = 0.0
    bad_ending: float = 0.0
    tampered: float = 0.0
    forgotten: float = 0.0
    others: float = 0.0
    not_held_back: float = 0.0
    plan_edited: float = 0.0
    meddling: float = 0.0
    ack_lost: float = 0.0
    ack_late: float = 0.0
    append_refused: float = 0.0
    slow_append: float = 0.0
    read_stale: float = 0.0
    moved_partly: float = 0.0
    interjected: float = 0.0
    overtaken: float = 0.0
    unlocked: float = 0.0
    paused: float = 0.0
    jumps: float = 0.0
    dies: float = 0.0
    stopped: float = 0.0

    def __bool__(self) -> bool:
        return any(getattr(self, item.name) for item in fields(self))


_USUAL = {
    "late": 0.3,
    "meeting": 0.7,
    "refused": 0.04,
    "tampered": 0.04,
    "forgotten": 0.02,
    "not_held_back": 0.04,
    "plan_edited": 0.02,
    "meddling": 0.03,
    "ack_lost": 0.02,
    "ack_late": 0.02,
    "append_refused": 0.02,
    "unlocked": 0.01,
    "jumps": 0.03,
    "dies": 0.015,
    "stopped": 0.01,
    "backlog": 0.1,
    "paused": 0.04,
}
"""How likely a trouble is in a life that has it; 0.1 where nothing is said."""

_ALWAYS = ("dies", "paused")
_LIGHT = ("lost_before", "lost_after", "read_lost", "interjected", "overtaken", "read_stale")
"""What every network does, and nothing else."""


def drawn(chance: Random) -> tuple[Troubles, bool]:
    """The troubles of one life, a random part of all, and whether they are light.

    A part rather than all at once: too much trouble keeps a run from ever getting to where more can go wrong.
    """
    light = chance.random() < 0.2
    names = _LIGHT if light else tuple(item.name for item in fields(Troubles))
    share = chance.choice((0.2, 0.4, 0.7))
    much = 0.5 if light else chance.choice((1.0, 1.0, 2.0))
    found = Troubles()
    for name in names:
        if chance.random() < share:
            setattr(found, name, min(0.9, much * _USUAL.get(name, 0.1)))
    for name in _ALWAYS:
        if chance.random() < 0.8:
            setattr(found, name, _USUAL[name])
    if found.bad_ending and chance.random() < 0.4:
        # Some jobs fail whenever they run.
        found.bad_ending = 0.7
    if found.not_held_back:
        # Of an instance that begins unheld nobody can know, if it is then nowhere to be found.
        found.late = found.jumps = found.forgotten = found.plan_edited = 0.0
    return found, light
