"""One append to a ledger's branch on its way, and what its commit says to people."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from launcher.engine.events import Event
    from launcher.engine.recorded import Recorded
    from launcher.ledger.git_tree import Grown

__all__ = ["Writing", "import_stream", "message_of", "name_of", "person_of"]

_SHOWN = 3
_NAME_SIZE = 60
_UNFIT = re.compile(r"[^\w .@+-]")


@dataclass(slots=True)
class Writing:
    """One append on its way.

    Attributes:
        events: as they will be read back.
        recorded: what the ledger adds up to with them.
        grown: the segments that change.
        files: content by path, those of `grown` first.
        message: of the commit.
        time: of the commit.
        parent: the commit it was made on.
        made: the commit, and git's names of the contents of `files`.
    """

    events: tuple[Event, ...]
    recorded: Recorded
    grown: Grown
    files: Mapping[str, bytes]
    message: str
    time: datetime
    parent: str | None = None
    made: tuple[str, tuple[str, ...]] | None = None


def message_of(events: tuple[Event, ...], append_id: str) -> str:
    """What was appended, in words; `[skip ci]` lets no pipeline start, `append_id` is random."""
    kinds = dict.fromkeys(item.draft.kind.value for item in events)
    names = list(dict.fromkeys(item.draft.name for item in events if item.draft.name))
    about = ", ".join(_UNFIT.sub("", name)[:_NAME_SIZE] for name in names[:_SHOWN])
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    subject = ", ".join(kinds) + (f": {about}{more}" if about else "")
    first, last = events[0].serial, events[-1].serial
    serials = f"Event {first}." if first == last else f"Events {first} to {last}."
    return f"ledger: {subject} [skip ci]\n\n{serials}\n\nLauncher-Append: {append_id}\n"


def name_of(actor: str) -> str:
    """The actor, as far as a commit can name them."""
    return _UNFIT.sub("", actor)[:_NAME_SIZE].strip() or "launcher"


def person_of(name: str, time: datetime) -> str:
    """Who committed at `time`, as git writes it."""
    return f"{name} <launcher@localhost> {int(time.timestamp())} +0000"


def import_stream(
    ref: str, parent: str | None, files: Mapping[str, bytes], message: str, person: str
) -> bytes:
    """What lets git write a commit on `parent` that changes `files`, and tell its name and theirs; `ref` is moved to it.

    Source: git-fast-import(1). One process writes the contents, the trees and the commit.
    """
    lines = [f"feature done\nreset {ref}\n".encode()]
    lines += [
        f"blob\nmark :{number}\n".encode() + _data(content)
        for number, content in enumerate(files.values(), 2)
    ]
    lines.append(
        f"commit {ref}\nmark :1\nauthor {person}\ncommitter {person}\n".encode()
        + _data(message.encode())
    )
    if parent is not None:
        lines.append(f"from {parent}\n".encode())
    lines += [f"M 100644 :{number} {path}\n".encode() for number, path in enumerate(files, 2)]
    lines += [f"get-mark :{number}\n".encode() for number in range(1, len(files) + 2)]
    lines.append(b"done\n")
    return b"".join(lines)


def _data(content: bytes) -> bytes:
    return b"data %d\n%s\n" % (len(content), content)
