"""An event as one line of JSON, and the chain that the lines form.

A line holds sorted keys without spaces, UTF-8, no line break. Its hash is the SHA-256 of exactly its
bytes, so a chain is checked without encoding anything again, and holds for readers that know
other fields than we do.

Events that are appended together form a *group*: `part` says the position in it and its size, both from 1.
A group counts only when its last line is there, line break included: a write that was cut anywhere
leaves either the whole group or nothing of it.
"""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from json.encoder import encode_basestring
from typing import TYPE_CHECKING, Any

from launcher.engine.events import Draft, Event, Head, Kind
from launcher.engine.spec import LaunchKey

if TYPE_CHECKING:
    from collections.abc import Callable

    from launcher.ledger.port import Author

__all__ = [
    "FORMAT",
    "MAX_LINE",
    "Damage",
    "Part",
    "check_follows",
    "decode",
    "encode",
    "encode_group",
    "json_text",
    "laid_out",
    "rfc3339",
]

FORMAT = 1
"""Version of the line format, written as `v` in every line."""

MAX_LINE = 4 * 1024 * 1024
"""Budget of one line in bytes, its line break included."""

_ID_BYTES = 8

_KINDS = {kind.value: kind for kind in Kind}
_SURROGATE = re.compile("[\ud800-\udfff]")


class Damage(ValueError):
    """A line is not the event that should stand there.

    Attributes:
        code: the diagnostic that tells it.
        facts: what the diagnostic's text needs beside the place.
    """

    def __init__(self, code: str, **facts: str) -> None:
        self.code = code
        self.facts = facts
        super().__init__(code)


@dataclass(frozen=True, slots=True)
class Part:
    """Which of how many events of one append a line is; both count from 1."""

    position: int
    size: int


def rfc3339(time: datetime, *, timespec: str = "microseconds") -> str:
    """`time`, which must be aware, in UTC: `2026-11-22T18:48:07.000000Z`."""
    text = time.astimezone(UTC).isoformat(timespec=timespec)
    return text.removesuffix("+00:00") + "Z"


def encode_group(
    drafts: tuple[Draft, ...],
    head: Head,
    time: datetime,
    author: Author,
    entropy: Callable[[int], str],
) -> tuple[tuple[bytes, ...], tuple[Event, ...]]:
    """The lines that follow on `head`, each with its line break, and the events as they will be read back.

    Args:
        drafts: what to say, in order.
        head: the newest event before them.
        time: when they are appended; one time for the whole group.
        author: who says it.
        entropy: that many random bytes, in hexadecimal; asked once, for the ids of all events.
    """
    frame, time, digits = _Frame(time, author), time.astimezone(UTC), 2 * _ID_BYTES
    random = entropy(_ID_BYTES * len(drafts))
    lines: list[bytes] = []
    events: list[Event] = []
    for position, draft in enumerate(drafts, start=1):
        random_id = random[digits * (position - 1) : digits * position]
        line = frame.line(draft, head, random_id, Part(position, len(drafts)))
        event = Event(
            serial=head.serial + 1,
            id=random_id,
            time=time,
            draft=draft,
            actor=author.actor,
            ci=author.ci,
            commit=author.commit,
            tool=author.tool,
            previous=head.hash,
            hash=_hash_of(line),
        )
        lines.append(line + b"\n")
        events.append(event)
        head = event.head
    return tuple(lines), tuple(events)


def encode(
    draft: Draft, after: Head, time: datetime, author: Author, *, random_id: str, part: Part
) -> bytes:
    """The line of `draft` as the event that follows on `after`, without its line break."""
    return _Frame(time, author).line(draft, after, random_id, part)


class _Frame:
    """What the lines of one append have in common, encoded once: a run of a thousand launches writes five thousand."""

    def __init__(self, time: datetime, author: Author) -> None:
        self._actor = json_text(author.actor)
        self._ci, self._commit = json_text(author.ci), json_text(author.commit)
        self._time, self._tool = json_text(rfc3339(time)), json_text(author.tool)

    def line(self, draft: Draft, after: Head, random_id: str, part: Part) -> bytes:
        """The line of `draft`: its keys stand here in their order."""
        return _writable(
            f'{{"actor":{self._actor},"attempt":{_number(draft.attempt)},"ci":{self._ci},'
            f'"commit":{self._commit},"data":{_COMPACT.encode(draft.data) if draft.data else "{}"},'
            f'"id":{encode_basestring(random_id)},"key":{_key_text(draft.key)},'
            f'"kind":"{draft.kind.value}","name":{_text_or_null(draft.name)},'
            f'"part":[{part.position},{part.size}],"previous":{encode_basestring(after.hash)},'
            f'"serial":{after.serial + 1},"time":{self._time},"tool":{self._tool},"v":{FORMAT}}}'
        ).encode()


def _number(number: int | None) -> str:
    return "null" if number is None else str(number)


def _text_or_null(text: str | None) -> str:
    return "null" if text is None else encode_basestring(text)


def _key_text(key: LaunchKey | None) -> str:
    if key is None:
        return "null"
    return f'{{"digest":{encode_basestring(key.digest)},"revision":{key.revision}}}'


_COMPACT = json.JSONEncoder(
    ensure_ascii=False, sort_keys=True, allow_nan=False, separators=(",", ":")
)


def json_text(data: Any, *, indent: int | None = None) -> str:  # noqa: ANN401 - any JSON value
    """`data` as JSON with sorted keys; always encodable as UTF-8, one line unless `indent` is given."""
    if indent is None:
        return _writable(_COMPACT.encode(data))
    return laid_out(data, "\n", " " * indent)


def laid_out(data: Any, margin: str, step: str) -> str:  # noqa: ANN401 - any JSON value
    """`data` as `json_text` lays it out with the indent `step`, where what is around it begins a line with `margin`."""
    return _writable(_laid_out(data, margin, step))


def _writable(text: str) -> str:
    """`text`, a JSON text, so that UTF-8 can say it: a name that JOB sends may hold half of a surrogate pair."""
    return text if text.isascii() else _SURROGATE.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def _laid_out(data: Any, margin: str, step: str) -> str:  # noqa: ANN401 - any JSON value
    """As json lays it out; its own way of doing that is several times slower, and a lockfile is written often."""
    if type(data) is str:
        return encode_basestring(data)
    if data is None:
        return "null"
    if type(data) is int:
        return str(data)
    if isinstance(data, dict) and data:
        inner = margin + step
        items = [
            f"{encode_basestring(key)}: {_laid_out(value, inner, step)}"
            for key, value in sorted(data.items())
        ]
        return f"{{{inner}{f',{inner}'.join(items)}{margin}}}"
    if isinstance(data, list | tuple) and data:
        inner = margin + step
        laid_out = [_laid_out(value, inner, step) for value in data]
        return f"[{inner}{f',{inner}'.join(laid_out)}{margin}]"
    return _COMPACT.encode(data)


def decode(line: bytes) -> tuple[Event, Part]:
    """The event of a line without its line break, and its part; not checked against the chain.

    Raises:
        Damage: the line is no event, is of a newer format, or its kind is not known here.
    """
    try:
        data = json.loads(line.decode())
    except (ValueError, RecursionError) as error:
        raise Damage("L401", problem=f"it is not JSON ({error})") from error
    if not isinstance(data, dict):
        raise Damage("L401", problem="it is not a JSON object")
    version = data.get("v")
    if type(version) is int and version > FORMAT:
        raise Damage("L403", version=str(version), known=str(FORMAT))
    if type(version) is not int or version != FORMAT:
        raise Damage("L401", problem="it names no format version")
    word = data.get("kind")
    kind = _KINDS.get(word) if isinstance(word, str) else None
    if kind is None:
        raise Damage("L404", kind=str(word))
    try:
        return _event(data, kind, _hash_of(line)), _part(data)
    except KeyError as error:
        raise Damage("L401", problem=f"the field {error} is missing") from error
    except (TypeError, ValueError, OverflowError) as error:
        raise Damage("L401", problem=f"a field has a wrong value ({error})") from error


def _hash_of(line: bytes) -> str:
    return "sha256:" + hashlib.sha256(line).hexdigest()


def check_follows(event: Event, head: Head) -> None:
    """Check that `event` is the one that comes right after `head`.

    Raises:
        Damage: it has another number, or it was written after another event.
    """
    if event.serial != head.serial + 1:
        raise Damage("L402", problem=f"event {event.serial} stands where {head.serial + 1} should")
    if event.previous != head.hash:
        raise Damage(
            "L402", problem=f"event {event.serial} does not hold the hash of the event before it"
        )


def _event(data: dict[str, Any], kind: Kind, digest: str) -> Event:
    time = datetime.fromisoformat(data["time"])
    if time.tzinfo is not UTC:
        time = _in_utc(time)
    payload, ci, serial = data["data"], data["ci"], data["serial"]
    if type(serial) is not int or serial < 1:
        raise ValueError("serial")
    if not isinstance(payload, dict) or not isinstance(ci, dict | None):
        raise TypeError("data or ci is no object")
    attempt = data["attempt"]
    if type(attempt) is not int and attempt is not None:
        raise TypeError("attempt")
    return Event(
        serial=serial,
        id=_text(data, "id"),
        time=time,
        draft=Draft(kind, _text_or_none(data, "name"), _key(data["key"]), attempt, payload),
        actor=_text(data, "actor"),
        ci=ci,
        commit=_text_or_none(data, "commit"),
        tool=_text(data, "tool"),
        previous=_text(data, "previous"),
        hash=digest,
    )


def _in_utc(time: datetime) -> datetime:
    if time.tzinfo is None:
        raise ValueError("time without an offset")
    return time.astimezone(UTC)


def _key(data: Any) -> LaunchKey | None:  # noqa: ANN401 - as read from JSON
    if data is None:
        return None
    revision = data["revision"]
    if type(revision) is not int:
        raise TypeError("revision")
    return LaunchKey(revision, _text(data, "digest"))


def _part(data: dict[str, Any]) -> Part:
    position, size = data["part"]
    if type(position) is not int or type(size) is not int or not 1 <= position <= size:
        raise ValueError("part")
    return Part(position, size)


def _text(data: dict[str, Any], field: str) -> str:
    value = data[field]
    if not isinstance(value, str):
        raise TypeError(f"{field} is no text")
    return value


def _text_or_none(data: dict[str, Any], field: str) -> str | None:
    return None if data[field] is None else _text(data, field)
