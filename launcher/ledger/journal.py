"""The journal: groups of lines in one file, and what a crash can have left at its end.

What may be dropped, and nothing else: bytes after the last whole group that can be explained by one
write that never ended. Such a write leaves a beginning of its group, or, after a loss of power, a
group with holes of NUL bytes. A line that is complete, free of NUL and still wrong was changed by
someone, and is refused wherever it stands.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO

from launcher.ledger.codec import MAX_LINE, Damage, Part, check_follows, decode

if TYPE_CHECKING:
    from collections.abc import Iterator

    from launcher.engine.events import Event, Head

__all__ = ["DamagedLine", "Group", "groups"]


class DamagedLine(Exception):
    """The journal holds something else than what was appended.

    Attributes:
        line: its number, from 1; the line of an event has its serial.
        damage: what is wrong with it.
    """

    def __init__(self, line: int, damage: Damage) -> None:
        self.line = line
        self.damage = damage
        super().__init__(line)


@dataclass(frozen=True, slots=True)
class Group:
    """The events of one append.

    Attributes:
        events: in order, checked against the chain.
        end: offset of the byte after the last of them.
    """

    events: tuple[Event, ...]
    end: int


def groups(file: BinaryIO, head: Head, offset: int) -> Iterator[Group]:
    """The groups that follow on `head`, from `offset` on; an unfinished write at the end is left out.

    Raises:
        DamagedLine: a line is not what was appended.
    """
    file.seek(offset)
    pending: list[Event] = []
    while line := file.readline(MAX_LINE + 1):
        number = head.serial + 1
        if not line.endswith(b"\n"):
            if len(line) > MAX_LINE:
                raise DamagedLine(number, Damage("L401", problem="it is longer than any event"))
            return
        offset += len(line)
        try:
            event, part = decode(line[:-1])
        except Damage as damage:
            if _is_hole(line) and _only_one_write_left(file, number - len(pending)):
                return
            raise DamagedLine(number, damage) from damage
        _check_place(event, part, head, pending)
        head = event.head
        pending.append(event)
        if part.position == part.size:
            yield Group(tuple(pending), offset)
            pending = []


def _check_place(event: Event, part: Part, head: Head, pending: list[Event]) -> None:
    try:
        check_follows(event, head)
    except Damage as damage:
        raise DamagedLine(head.serial + 1, damage) from damage
    if part.position != len(pending) + 1:
        problem = (
            f"event {event.serial} is part {part.position} of its group, not {len(pending) + 1}"
        )
        raise DamagedLine(event.serial, Damage("L402", problem=problem))


def _is_hole(line: bytes) -> bool:
    """Whether a write that was not yet flushed may have left `line` like this."""
    return b"\0" in line


def _only_one_write_left(file: BinaryIO, first: int) -> bool:
    """Whether all further lines are holes, cut off, or of the group that begins with serial `first`."""
    while line := file.readline(MAX_LINE + 1):
        if not line.endswith(b"\n"):
            return len(line) <= MAX_LINE
        try:
            event, part = decode(line[:-1])
        except Damage:
            if not _is_hole(line):
                return False
        else:
            if event.serial - part.position + 1 != first:
                return False
    return True
