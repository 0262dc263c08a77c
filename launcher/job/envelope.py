"""Read what a server answered: HTTP status, then JOB's `result` and `code`, always both.

bk-job answers HTTP 200 to nearly everything, with `result: false` and a code where it failed.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, TypeVar

from pydantic import ValidationError

from launcher.engine.effects import Done, Refused, Unknown
from launcher.job.decoding import Unreadable, decode
from launcher.job.faults import (
    Fault,
    by_platform,
    by_status,
    lost,
    not_sent,
    unreadable,
    web_page,
)
from launcher.job.permission import missing_permissions
from launcher.job.transport import Lost, NotSent, Reply
from launcher.job.verdicts import Signal, Verdict, verdict
from launcher.job.words import cut, say

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from launcher.engine.effects import Outcome
    from launcher.job.calls import Kind

__all__ = ["Answer", "Fault", "Unreadable", "outcome", "read_reply", "signal_of", "with_id"]

T = TypeVar("T")

_OK = range(200, 300)


@dataclass(frozen=True, slots=True)
class Answer:
    """JOB answered: code 0 with data, or another code with a message."""

    code: int
    message: str
    data: Any = field(repr=False)
    request_id: str | None


def read_reply(
    sent: Reply | NotSent | Lost, host: str, redact: Callable[[str], str] = str
) -> Answer | Fault:
    """What came back from `host`, as JOB's answer or as the reason why there is none.

    `redact` takes secrets out of the words that came along, before they are cut to a length: half a secret would not
    be known again.
    """
    found = _read(sent, host)
    if not isinstance(sent, Reply):
        return found
    if isinstance(found, Answer) and found.code == 0:
        # Of a success only its id is kept as text.
        return replace(found, request_id=found.request_id and redact(found.request_id))
    said = _read(replace(sent, body=_without_secrets(sent.body, redact)), host)
    # Only its words: what is taken out of a body must not change what the answer means.
    return replace(found, message=said.message, request_id=said.request_id)


def _without_secrets(body: bytes, redact: Callable[[str], str]) -> bytes:
    """`body` with each of its texts redacted: a text in JSON may itself hold JSON, and escapes pile up."""
    try:
        return json.dumps(_each_text(decode(body), redact)).encode()
    except Unreadable:
        text = redact(body.decode(errors="surrogateescape"))
        return text.encode(errors="surrogateescape")


def _each_text(data: Any, redact: Callable[[str], str]) -> Any:  # noqa: ANN401 - any JSON value
    match data:
        case str():
            return redact(data)
        case list():
            return [_each_text(item, redact) for item in data]
        case dict():
            return {redact(key): _each_text(item, redact) for key, item in data.items()}
        case _:
            return data


def _read(sent: Reply | NotSent | Lost, host: str) -> Answer | Fault:
    match sent:
        case NotSent():
            return not_sent(sent, host)
        case Lost():
            return lost(sent, host)
        case Reply(status) if status in _OK:
            return _envelope(sent, host)
        case Reply():
            return by_status(sent, host)


def signal_of(found: Answer | Fault) -> Signal | int:
    """What the table of verdicts knows `found` by."""
    return found.code if isinstance(found, Answer) else found.signal


def outcome(
    kind: Kind,
    found: Answer | Fault,
    read: Callable[[Any], T],
    special: Mapping[Verdict, T] | None = None,
) -> Outcome[T]:
    """What `found` means for a call of `kind`.

    `read` turns the data of a success into a value, and may raise `Unreadable` or pydantic's
    `ValidationError`. `special` holds the values of verdicts that are answers in their own right.
    """
    if isinstance(found, Answer) and found.code == 0:
        try:
            return Done(read(found.data), found.request_id)
        except Unreadable as error:
            found = unreadable(str(error), found.request_id)
        except ValidationError as error:
            # Only the place: the text of the error quotes the answer.
            where = ".".join(str(part) for part in error.errors(include_input=False)[0]["loc"])
            found = unreadable(f"`{cut(where)}` is missing or of another type", found.request_id)
    return _without_data(kind, found, special or {})


def _without_data(kind: Kind, found: Answer | Fault, special: Mapping[Verdict, T]) -> Outcome[T]:
    code = found.code if isinstance(found, Answer) else None
    meaning = verdict(kind, signal_of(found))
    if meaning in special:
        return Done(special[meaning], found.request_id)
    message = with_id(found.message, found.request_id)
    if meaning is Verdict.UNKNOWN:
        return Unknown(message, code, found.request_id)
    return Refused(message, code, meaning is Verdict.FULL, found.request_id)


def with_id(message: str, request_id: str | None) -> str:
    """Whoever runs the server finds the request in its logs by these ids."""
    return message if request_id is None else f"{message} (request {request_id})"


def _envelope(reply: Reply, host: str) -> Answer | Fault:
    page = web_page(reply, host)
    if page is not None:
        return page
    try:
        data = decode(reply.body)
    except Unreadable as error:
        return unreadable(f"{error}, from {host}", reply.request_id)
    if not isinstance(data, dict):
        return unreadable(f"it is not an object, from {host}", reply.request_id)
    request_id = _joined(data, reply.request_id)
    return by_platform(data, reply, host, request_id) or _answer(data, request_id)


def _answer(data: Mapping[str, Any], request_id: str | None) -> Answer | Fault:
    code, result = data.get("code"), data.get("result")
    if type(code) is not int or type(result) is not bool:
        return unreadable("`code` or `result` is missing", request_id)
    if result is not (code == 0):
        return unreadable("`code` and `result` contradict each other", request_id)
    message = "" if code == 0 else _message(data, code)
    return Answer(code, message, data.get("data"), request_id)


def _message(data: Mapping[str, Any], code: int) -> str:
    message = data.get("message")
    if not isinstance(message, str) or not message.strip():
        message = say("L313", job_code=str(code))
    wanted = missing_permissions(data.get("permission"))
    # First what can be applied for: JOB's own sentence is the same for everything.
    return (f"missing permission {cut(wanted)}: " if wanted else "") + cut(message)


def _joined(data: Mapping[str, Any], request_id: str | None) -> str | None:
    """All ids of an answer: the gateway's and JOB's from its headers, then ESB's and JOB's from its body."""
    ids = request_id.split(", ") if request_id else []
    for name in ("request_id", "job_request_id"):
        own = data.get(name)
        if isinstance(own, str) and own:
            ids.append(own[:128])
    return ", ".join(dict.fromkeys(ids)) or None
