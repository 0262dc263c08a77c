"""What a request ended with that JOB itself did not answer, each with a cause and a cure of its own.

In front of JOB stand a gateway or ESB, and perhaps proxies. Their errors come with an HTTP status, or with 200 and a
code of theirs in JOB's own envelope, which lacks JOB's trace id. Source: blueking-apigateway-apisix, `errorx.lua`
(`code_name`, 16xxxxx, and a switch that turns the status into 200); blueking-apigateway, `esb/common/errors.py` (1306xxx).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from html import unescape
from typing import TYPE_CHECKING, Any

from launcher.job.breakage import Hindrance
from launcher.job.decoding import Unreadable, decode
from launcher.job.verdicts import Signal
from launcher.job.words import cut, say
from launcher.model.times import duration_text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from launcher.job.transport import Lost, NotSent, Reply

__all__ = ["Fault", "by_platform", "by_status", "lost", "not_sent", "unreadable", "web_page"]

_REDIRECTS = range(300, 400)
_SERVER_ERRORS = range(500, 600)
_UNAUTHORISED, _TIMED_OUT = 401, 504

_BY_HINDRANCE = {
    Hindrance.CONNECTION: (Signal.NOT_SENT, "L301"),
    Hindrance.PROXY: (Signal.NOT_SENT, "L323"),
    Hindrance.TIME: (Signal.DISTRUSTED, "L320"),
    Hindrance.TRUST: (Signal.DISTRUSTED, "L321"),
    Hindrance.NAME: (Signal.DISTRUSTED, "L322"),
}
_BY_STATUS = {
    _UNAUTHORISED: (Signal.UNAUTHORISED, "L304"),
    403: (Signal.FORBIDDEN, "L305"),
    404: (Signal.NOT_FOUND, "L306"),
    405: (Signal.WRONG_METHOD, "L306"),
    429: (Signal.TOO_MANY, "L307"),
}
_BY_CODE = {
    # The gateway; wrong credentials are parameters that are wrong to it.
    1640001: (Signal.UNAUTHORISED, "L304"),
    1640100: (Signal.UNAUTHORISED, "L304"),
    1640101: (Signal.UNAUTHORISED, "L304"),
    1640102: (Signal.UNAUTHORISED, "L304"),
    1640301: (Signal.FORBIDDEN, "L305"),
    1640401: (Signal.NOT_FOUND, "L306"),
    1642901: (Signal.TOO_MANY, "L307"),
    1642902: (Signal.TOO_MANY, "L307"),
    1642903: (Signal.TOO_MANY, "L307"),
    1642904: (Signal.TOO_MANY, "L307"),
    1650401: (Signal.SERVER_ERROR, "L316"),
    # ESB.
    1306401: (Signal.UNAUTHORISED, "L304"),
    1306402: (Signal.UNAUTHORISED, "L304"),
    1306403: (Signal.FORBIDDEN, "L305"),
    1306404: (Signal.NOT_FOUND, "L306"),
    1306405: (Signal.NOT_FOUND, "L306"),
    1306429: (Signal.TOO_MANY, "L307"),
}
_BY_RANGE = (
    (range(1_640_000, 1_650_000), Signal.TURNED_AWAY, "L318"),
    (range(1_650_000, 1_660_000), Signal.SERVER_ERROR, "L308"),
    (range(1_306_400, 1_306_500), Signal.TURNED_AWAY, "L318"),
    (range(1_306_000, 1_306_400), Signal.SERVER_ERROR, "L308"),
)
_ESB = range(1_306_000, 1_307_000)

_TITLE = re.compile(rb"<title[^>]*>([^<]{1,200})", re.IGNORECASE)
_TITLE_WITHIN = 16_384


@dataclass(frozen=True, slots=True)
class Fault:
    """There is no answer of JOB, or none that can be read.

    Attributes:
        signal: how the request ended.
        message: the same in a sentence.
        request_id: of whatever came back.
        retry_after_s: how long the other side asks to be left alone; `None` if it does not.
        too_long: an answer came back, longer than is read.
    """

    signal: Signal
    message: str
    request_id: str | None = None
    retry_after_s: float | None = None
    too_long: bool = False


def not_sent(sent: NotSent, host: str) -> Fault:
    """Nothing left this machine."""
    signal, code = _BY_HINDRANCE[sent.hindrance]
    return Fault(signal, say(code, host=host, reason=sent.reason))


def lost(sent: Lost, host: str) -> Fault:
    """It left, and no whole answer came."""
    signal = Signal.SLOW if sent.slow else Signal.LOST
    message = say("L302", host=host, reason=sent.reason)
    return Fault(signal, message, sent.request_id, too_long=sent.too_long)


def unreadable(reason: str, request_id: str | None) -> Fault:
    """An answer that says nothing that can be relied on."""
    return Fault(Signal.UNREADABLE, say("L309", reason=reason), request_id)


def web_page(reply: Reply, host: str, signal: Signal = Signal.UNREADABLE) -> Fault | None:
    """A page for people where an answer for programs should be; `None` if `reply` is none."""
    if not _is_page(reply.body):
        return None
    title = _title(reply.body)
    facts = {
        "host": host,
        "status": str(reply.status),
        "title": f" titled `{title}`" if title else "",
    }
    return Fault(signal, say("L315", **facts), reply.request_id)


def by_platform(
    data: Mapping[str, Any], reply: Reply, host: str, request_id: str | None
) -> Fault | None:
    """An error of what stands before JOB, in JOB's own form; `None` for an answer of JOB."""
    code, name = data.get("code"), data.get("code_name")
    if type(code) is not int or "job_request_id" in data:
        return None
    if code not in _ESB and not isinstance(name, str):
        return None
    ranges = ((signal, text) for span, signal, text in _BY_RANGE if code in span)
    found = _BY_CODE.get(code) or next(ranges, None)
    if found is None:
        return None
    status = f"{reply.status}, code {code}" + (f" {name[:64]}" if isinstance(name, str) else "")
    facts = {"host": host, "status": status, "words": _words(data)}
    return _fault(found, reply, request_id, facts)


def by_status(reply: Reply, host: str) -> Fault:
    """An answer whose HTTP status is not a success."""
    data = _object(reply.body)
    found = by_platform(data, reply, host, reply.request_id)
    if found is not None:
        return found
    meant = _meant(reply, data)
    if reply.status not in _SERVER_ERRORS and reply.status not in _REDIRECTS:
        page = web_page(reply, host, meant[0])
        if page is not None:
            return page
    words = _words(data) or _page_words(reply.body)
    facts = {"host": host, "status": str(reply.status), "words": words}
    return _fault(meant, reply, reply.request_id, facts)


def _meant(reply: Reply, data: Mapping[str, Any]) -> tuple[Signal, str]:
    if reply.status in _REDIRECTS:
        return Signal.REDIRECT, "L303"
    if reply.status in _SERVER_ERRORS:
        return Signal.SERVER_ERROR, "L316" if reply.status == _TIMED_OUT else "L308"
    if reply.status == _UNAUTHORISED and not reply.body:
        return Signal.UNAUTHORISED, "L317"
    code = "L319" if isinstance(data.get("error"), dict) else "L310"
    return _BY_STATUS.get(reply.status, (Signal.OTHER_STATUS, code))


def _fault(
    meant: tuple[Signal, str], reply: Reply, request_id: str | None, facts: Mapping[str, str]
) -> Fault:
    signal, code = meant
    wait_s = reply.retry_after_s
    asks = "" if wait_s is None else f" It asks to be left alone for {duration_text(wait_s)}."
    message = say(code, **{**facts, "words": facts["words"] + asks})
    return Fault(signal, message, request_id, wait_s)


def _words(data: Mapping[str, Any]) -> str:
    """What is said beside the status: by a gateway, in the form of JOB's v4 API, or by a framework."""
    error = data.get("error")
    if isinstance(error, dict):
        parts = [error.get("code"), error.get("message")]
        said = ": ".join(part for part in parts if isinstance(part, str) and part)
    else:
        said = next((x for x in (data.get("message"), error) if isinstance(x, str) and x), "")
    return f" It says: {cut(said).rstrip('.')}." if said else ""


def _page_words(body: bytes) -> str:
    title = _title(body)
    return f" It sent a web page titled `{title}`." if title else ""


def _is_page(body: bytes) -> bool:
    return body.removeprefix(b"\xef\xbb\xbf").lstrip()[:1] == b"<"


def _title(body: bytes) -> str:
    found = _TITLE.search(body[:_TITLE_WITHIN]) if _is_page(body) else None
    return " ".join(unescape(found[1].decode(errors="replace")).split()) if found else ""


def _object(body: bytes) -> Mapping[str, Any]:
    try:
        data = decode(body)
    except Unreadable:
        return {}
    return data if isinstance(data, dict) else {}
