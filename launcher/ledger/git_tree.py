"""What stands in the tree of a ledger's branch, and the part of it that was read.

The events stand in *segments*, `events/<serial of the first>.jsonl`, in the lines that `codec` describes. A segment
grows by appends until it is full; a group may reach over several, because one commit holds all of it or nothing.
`snapshot.json` is the lockfile of an earlier moment or of this one, as its `serial` and `head` say.
Nothing else belongs there.
"""

from __future__ import annotations

import io
import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from launcher.ledger.chain import Chain
from launcher.ledger.codec import MAX_LINE, Damage, decode
from launcher.ledger.journal import DamagedLine, groups
from launcher.ledger.lockfile import lockfile_of, render

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from launcher.engine.events import Event, Head
    from launcher.engine.recorded import Recorded

__all__ = [
    "SEGMENT_SIZE",
    "SNAPSHOT",
    "Blob",
    "ForeignTree",
    "Grown",
    "Segment",
    "Tree",
    "events_in",
    "snapshot_of",
    "tree_of",
]

SEGMENT_SIZE = 256 * 1024
"""Bytes that a segment holds at most, unless one single event is larger."""

SNAPSHOT = "snapshot.json"

_SNAPSHOT_SIZE = 64 * 1024 * 1024
_SEGMENT_NAME = re.compile(r"events/([0-9]{12})\.jsonl", re.ASCII)
_PLAIN_FILE = "100644"


class ForeignTree(Exception):
    """The tree is not one that launcher writes.

    Attributes:
        problem: what is wrong with it, with the path where that is one.
    """

    def __init__(self, problem: str) -> None:
        self.problem = problem
        super().__init__(problem)


@dataclass(frozen=True, slots=True)
class Blob:
    """A file of a tree, as git lists it.

    Attributes:
        mode: git's file mode.
        oid: git's name of the content.
        size: in bytes; `None` for what is no file.
        path: from the top of the tree.
    """

    mode: str
    oid: str
    size: int | None
    path: str


@dataclass(frozen=True, slots=True)
class Segment:
    """A file with events.

    Attributes:
        first: serial of its first event.
        oid: git's name of its content.
    """

    first: int
    oid: str

    @property
    def path(self) -> str:
        """Where it stands in the tree."""
        return f"events/{self.first:012d}.jsonl"


@dataclass(frozen=True, slots=True)
class Grown:
    """The segments that an append changes or adds, the last one first known to be changed.

    Attributes:
        kept: how many segments stay as they are.
        firsts: serial of the first event of each that follows.
        contents: what each of these holds afterwards.
    """

    kept: int
    firsts: tuple[int, ...]
    contents: tuple[bytes, ...]

    @property
    def files(self) -> dict[str, bytes]:
        """Content by path."""
        paths = (Segment(first, "").path for first in self.firsts)
        return dict(zip(paths, self.contents, strict=True))


def tree_of(listing: Sequence[Blob]) -> tuple[tuple[Segment, ...], Blob | None]:
    """The segments of a tree in order, and its snapshot if it has one.

    Raises:
        ForeignTree: something else stands in it, or something is too large.
    """
    segments: list[Segment] = []
    snapshot = None
    for blob in listing:
        match = _SEGMENT_NAME.fullmatch(blob.path)
        if blob.mode != _PLAIN_FILE or blob.size is None:
            raise ForeignTree(f"{blob.path} is no plain file")
        if blob.path != SNAPSHOT and match is None:
            raise ForeignTree(f"{blob.path} does not belong there")
        if blob.size > (_SNAPSHOT_SIZE if match is None else SEGMENT_SIZE + MAX_LINE):
            raise ForeignTree(f"{blob.path} is too large")
        if match is None:
            snapshot = blob
        else:
            segments.append(Segment(int(match[1]), blob.oid))
    if not segments:
        raise ForeignTree("it holds no events")
    segments.sort(key=lambda item: item.first)
    if segments[0].first != 1:
        raise ForeignTree(f"the events before {segments[0].path} are missing")
    return tuple(segments), snapshot


def snapshot_of(recorded: Recorded, environment: str) -> bytes | None:
    """What `snapshot.json` holds for `recorded`; `None` where there is nothing to say yet."""
    if recorded.lineage is None:
        return None
    return render(lockfile_of(recorded, environment)).encode()


def events_in(contents: Sequence[bytes]) -> Iterator[Event]:
    """The events of `contents`, which were checked before."""
    for content in contents:
        for line in content.removesuffix(b"\n").split(b"\n"):
            event, _ = decode(line)
            yield event


class Tree(Chain):
    """The accepted part of a ledger's branch.

    Attributes:
        segments: those that were read, in order.
    """

    def _empty(self) -> None:
        super()._empty()
        self.segments: tuple[Segment, ...] = ()
        self._last = b""

    def forget(self) -> None:
        """Drop what was read, but not how far it went."""
        self._empty()

    def unread(self, segments: tuple[Segment, ...]) -> tuple[Segment, ...]:
        """Those of `segments` that have to be read: all but the ones at the beginning that were read before."""
        known = len(self.segments)
        same = 0
        while same < min(known, len(segments)) and self.segments[same] == segments[same]:
            same += 1
        grew = same == known - 1 and len(segments) >= known
        return segments[same:] if same == known or grew else segments

    def take(self, segments: tuple[Segment, ...], contents: Sequence[bytes]) -> bool:
        """Take in the tree that holds `segments`; `contents` are those of `unread(segments)`.

        False where what was read before is not continued by them: `forget`, and take all of it.

        Raises:
            DamagedLine: a line is not what was appended.
            ForeignTree: the segments do not fit together.
        """
        kept = len(segments) - len(contents)
        if kept == len(self.segments):
            new = b"".join(contents)
        elif kept == len(self.segments) - 1 and contents[0].startswith(self._last):
            new = b"".join((contents[0][len(self._last) :], *contents[1:]))
        elif self.segments:
            return False
        else:
            new = b"".join(contents)
        _check_bounds(segments[kept:], contents)
        self._add(_events_of(new, self.recorded.head))
        if not self._ends_with(segments, contents):
            found = self.recorded.head.serial
            self._empty()
            raise ForeignTree(f"the last segment ends with event {found}, and not where it should")
        self.segments = segments
        if contents:
            self._last = contents[-1]
        return True

    def grown(self, lines: Sequence[bytes]) -> Grown:
        """The segments after an append of `lines`, each with its line break."""
        kept, first, content = max(len(self.segments) - 1, 0), 1, bytearray(self._last)
        if self.segments:
            first = self.segments[-1].first
        firsts, contents = [], []
        for serial, line in enumerate(lines, self.recorded.head.serial + 1):
            if content and len(content) + len(line) > SEGMENT_SIZE:
                firsts.append(first)
                contents.append(bytes(content))
                first, content = serial, bytearray()
            content += line
        firsts.append(first)
        contents.append(bytes(content))
        if self.segments and contents[0] == self._last:
            # The last segment was full: it stays as it is.
            return Grown(kept + 1, tuple(firsts[1:]), tuple(contents[1:]))
        return Grown(kept, tuple(firsts), tuple(contents))

    def accept(
        self, events: tuple[Event, ...], recorded: Recorded, grown: Grown, oids: Sequence[str]
    ) -> None:
        """Take in one group of `events`, just recorded by the segments `grown`, which git calls `oids`."""
        self._accept(events, recorded)
        added = (Segment(first, oid) for first, oid in zip(grown.firsts, oids, strict=True))
        self.segments = (*self.segments[: grown.kept], *added)
        self._last = grown.contents[-1]

    def holding(self, head: Head) -> tuple[Segment, ...]:
        """The segments with the events after `head`."""
        starts = [item.first for item in self.segments]
        before = sum(first <= head.serial + 1 for first in starts)
        return self.segments[max(before - 1, 0) :]

    def content_of_last(self) -> bytes:
        """What the last segment holds; empty where there is none."""
        return self._last

    def check_snapshot(self, content: bytes, environment: str) -> None:
        """Check that a snapshot speaks of this record, at this moment or an earlier one.

        Raises:
            ForeignTree: it does not.
        """
        try:
            data = json.loads(content)
            told = (data["environment"], data["lineage"], data["serial"], data["head"])
        except (ValueError, RecursionError, TypeError, KeyError) as error:
            raise ForeignTree(f"{SNAPSHOT} is not a lockfile") from error
        where, lineage, serial, digest = told
        if where != environment:
            raise ForeignTree(f"{SNAPSHOT} speaks of the environment {where}")
        known = self.hash_at(serial) if type(serial) is int else None
        if lineage != self.recorded.lineage or known is None or known != digest:
            raise ForeignTree(
                f"{SNAPSHOT} speaks of an event {serial} that the segments do not hold"
            )

    def _ends_with(self, segments: tuple[Segment, ...], contents: Sequence[bytes]) -> bool:
        """Whether the last segment's name agrees with the serials in it."""
        if not contents:
            return True
        return segments[-1].first + contents[-1].count(b"\n") - 1 == self.recorded.head.serial


def _check_bounds(segments: Sequence[Segment], contents: Sequence[bytes]) -> None:
    for number, (segment, content) in enumerate(zip(segments, contents, strict=True)):
        if not content.endswith(b"\n"):
            raise ForeignTree(f"{segment.path} ends in the middle of a line")
        following = segment.first + content.count(b"\n")
        if number + 1 < len(segments) and segments[number + 1].first != following:
            raise ForeignTree(f"{segments[number + 1].path} does not follow on {segment.path}")


def _events_of(content: bytes, head: Head) -> Iterator[Event]:
    """The events of whole groups that follow on `head`; a commit never holds a part of one."""
    file, end = io.BytesIO(content), 0
    for group in groups(file, head, 0):
        end = group.end
        head = group.events[-1].head
        yield from group.events
    if end != len(content):
        problem = "the branch ends in the middle of an append"
        raise DamagedLine(head.serial + 1, Damage("L402", problem=problem))
