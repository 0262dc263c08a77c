"""Read what a server answered: HTTP status, then JOB's `result` and `code`, always both.

bk-job answers HTTP 200 to nearly everything, with `result: false` and a code where it failed.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeVar

from pydantic import ValidationError

from launcher.engine.effects import Done, Refused, Unknown
from launcher.job.decoding import Unreadable, decode
from launcher.job.transport import Lost, NotSent, Reply
from launcher.job.verdicts import Signal, Verdict, verdict
from launcher.job.words import cut, say

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from launcher.engine.effects import Outcome
    from launcher.job.calls import Kind

__all__ = ["Answer", "Fault", "Unreadable", "outcome", "read_reply"]

T = TypeVar("T")

_OK = range(200, 300)
_REDIRECTS = range(300, 400)
_SERVER_ERRORS = range(500, 600)
_BY_STATUS = {
    401: (Signal.UNAUTHORISED, "L304"),
    403: (Signal.FORBIDDEN, "L305"),
    404: (Signal.NOT_FOUND, "L306"),
    405: (Signal.WRONG_METHOD, "L306"),
    429: (Signal.TOO_MANY, "L307"),
}


@dataclass(frozen=True, slots=True)
class Answer:
    """JOB answered: code 0 with data, or another code with a message."""

    code: int
    message: str
    data: Any = field(repr=False)
    request_id: str | None


@dataclass(frozen=True, slots=True)
class Fault:
    """There is no answer of JOB, or none that can be read.

    Attributes:
        signal: how the request ended.
        message: the same in a sentence.
        transient: a read may be asked again soon.
        request_id: of whatever came back.
    """

    signal: Signal
    message: str
    transient: bool = False
    request_id: str | None = None


def read_reply(sent: Reply | NotSent | Lost, host: str) -> Answer | Fault:
    """What came back from `host`, as JOB's answer or as the reason why there is none."""
    match sent:
        case NotSent(reason):
            return Fault(Signal.NOT_SENT, say("L301", host=host, reason=reason), transient=True)
        case Lost(reason, slow, request_id):
            message = say("L302", host=host, reason=reason)
            return Fault(Signal.LOST, message, transient=not slow, request_id=request_id)
        case Reply(status, request_id, body) if status in _OK:
            return _envelope(body, host, request_id)
        case Reply():
            return _by_status(sent, host)


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
            return Done(read(found.data))
        except Unreadable as error:
            found = _unreadable(str(error), found.request_id)
        except ValidationError as error:
            # Only the place: the text of the error quotes the answer.
            where = ".".join(str(part) for part in error.errors(include_input=False)[0]["loc"])
            found = _unreadable(f"`{cut(where)}` is missing or of another type", found.request_id)
    return _without_data(kind, found, special or {})


def _without_data(kind: Kind, found: Answer | Fault, special: Mapping[Verdict, T]) -> Outcome[T]:
    signal = found.code if isinstance(found, Answer) else found.signal
    code = found.code if isinstance(found, Answer) else None
    meaning = verdict(kind, signal)
    if meaning in special:
        return Done(special[meaning])
    if meaning is Verdict.UNKNOWN:
        return Unknown(found.message, code, found.request_id)
    return Refused(found.message, code, meaning is Verdict.FULL, found.request_id)


def _envelope(body: bytes, host: str, request_id: str | None) -> Answer | Fault:
    try:
        data = decode(body)
    except Unreadable as error:
        return _unreadable(f"{error}, from {host}", request_id)
    if not isinstance(data, dict):
        return _unreadable(f"it is not an object, from {host}", request_id)
    return _answer(data, _joined(data, request_id))


def _answer(data: Mapping[str, Any], request_id: str | None) -> Answer | Fault:
    code, result = data.get("code"), data.get("result")
    if type(code) is not int or type(result) is not bool:
        return _unreadable("`code` or `result` is missing", request_id)
    if result is not (code == 0):
        return _unreadable("`code` and `result` contradict each other", request_id)
    message = "" if code == 0 else _message(data, code)
    return Answer(code, message, data.get("data"), request_id)


def _message(data: Mapping[str, Any], code: int) -> str:
    message = data.get("message")
    if not isinstance(message, str) or not message.strip():
        message = say("L313", job_code=str(code))
    wanted = _actions(data.get("permission"))
    return cut(message) + (f" [{', '.join(wanted)}]" if wanted else "")


def _actions(permission: Any) -> list[str]:  # noqa: ANN401 - any JSON value
    """Names of the permissions that are missing, by JOB's action ids."""
    actions = permission.get("actions") if isinstance(permission, dict) else None
    items = actions if isinstance(actions, list) else []
    return [str(item["id"])[:64] for item in items if isinstance(item, dict) and "id" in item]


def _by_status(reply: Reply, host: str) -> Fault:
    status, request_id = reply.status, reply.request_id
    if status in _REDIRECTS:
        return Fault(
            Signal.REDIRECT, say("L303", host=host, status=str(status)), request_id=request_id
        )
    if status in _SERVER_ERRORS:
        message = say("L308", host=host, status=str(status), words=_words(reply.body))
        return Fault(Signal.SERVER_ERROR, message, transient=True, request_id=request_id)
    signal, code = _BY_STATUS.get(status, (Signal.OTHER_STATUS, "L310"))
    message = say(code, host=host, status=str(status), words=_words(reply.body))
    return Fault(signal, message, transient=status == 429, request_id=request_id)  # noqa: PLR2004


def _words(body: bytes) -> str:
    """What a gateway says beside its status, if it says it in JSON."""
    try:
        data = decode(body)
    except Unreadable:
        return ""
    message = data.get("message") if isinstance(data, dict) else None
    return f" It says: {cut(message)}" if isinstance(message, str) and message else ""


def _joined(data: Mapping[str, Any], request_id: str | None) -> str | None:
    own = data.get("job_request_id") or data.get("request_id")
    ids = request_id.split(", ") if request_id else []
    if isinstance(own, str):
        ids.append(own[:128])
    return ", ".join(dict.fromkeys(ids)) or None


def _unreadable(reason: str, request_id: str | None) -> Fault:
    return Fault(Signal.UNREADABLE, say("L309", reason=reason), request_id=request_id)
