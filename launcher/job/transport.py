"""Send one request and tell what came of it: an answer, nothing sent, or sent and lost.

Whether a byte of a request left is seen in httpcore's trace. A transport in this process has no
trace: there, only httpx's own connection errors mean that nothing was handed over.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import httpx

from launcher.job.bounds import BOUND, Bound, Overdue
from launcher.job.breakage import CONNECT_S, Hindrance, hindrance_of, reason_of
from launcher.job.calls import Kind
from launcher.job.retry_after import retry_after_s, time_told

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from launcher.job.address import Door
    from launcher.job.bounds import Person
    from launcher.job.calls import Call
    from launcher.job.pool import Lender

__all__ = ["MAX_BODY", "POOL_S", "Expired", "Lost", "NotSent", "Reply", "Wire"]

MAX_BODY = 16 * 1024 * 1024
"""Bytes of an answer that are read; a longer one is not an answer."""

_WRITE_S = 20.0
_READ_S = 65.0
"""The gateway itself gives up after 60 s. Source: bk-job, bk-api-gateway/v3/definition.yaml."""
_READ_START_S = 20.0
POOL_S = 65.0
"""How long a request waits for a free connection."""
_WHOLE_S = 120.0
"""For a whole exchange, head and body: each byte of an answer may come in time, and it still never ends."""

_ALONE = (Kind.START, Kind.OPERATE)
"""What can neither be asked again nor be looked for afterwards by a marker."""

_HANDED_OVER = ("http11.send_request_headers.started", "http11.send_request_body.started")
_NEVER_HANDED_OVER = (
    httpx.ConnectError,
    httpx.ConnectTimeout,
    httpx.PoolTimeout,
    httpx.ProxyError,
    httpx.UnsupportedProtocol,
)


@dataclass(frozen=True, slots=True)
class Reply:
    """A whole answer, whatever it says.

    Attributes:
        status: of HTTP.
        request_id: what its headers call it.
        body: as it came.
        retry_after_s: how long it asks to be left alone; `None` if it does not.
    """

    status: int
    request_id: str | None
    body: bytes
    retry_after_s: float | None = None


@dataclass(frozen=True, slots=True)
class NotSent:
    """No byte of the request left."""

    reason: str
    hindrance: Hindrance = Hindrance.CONNECTION


@dataclass(frozen=True, slots=True)
class Lost:
    """The request left, at least in part, and no whole answer came back.

    Attributes:
        reason: what broke.
        slow: it was given up after a long wait, so asking again would take as long.
        request_id: of the answer that broke off.
        too_long: there is an answer, and it is longer than `MAX_BODY`.
    """

    reason: str
    slow: bool = False
    request_id: str | None = None
    too_long: bool = False


class Expired(Exception):
    """The deadline had passed, or the request was withdrawn, when it was about to be handed to the socket."""


class _Watch:
    """Sees whether a request is on its way, and stops one that would come too late."""

    __slots__ = ("_deadline_s", "_monotonic", "_withdrawn", "sent")

    def __init__(
        self,
        monotonic: Callable[[], float],
        deadline_s: float | None,
        withdrawn: Callable[[], bool] | None,
    ) -> None:
        self._monotonic = monotonic
        self._deadline_s = deadline_s
        self._withdrawn = withdrawn
        self.sent = False

    def __call__(self, event: str, info: Mapping[str, Any]) -> None:
        # A proxy is first asked for a tunnel, by a request of its own that holds nothing of ours.
        if event in _HANDED_OVER and info["request"].method != b"CONNECT":
            self.hand_over()

    def hand_over(self) -> None:
        """The next byte is the request's. After the headers, a late body is held back as well."""
        self.check()
        self.sent = True

    def check(self) -> None:
        """Stop what is late, or withdrawn; once a part has left, only being late counts.

        Raises:
            Expired: it is.
        """
        late = self._deadline_s is not None and self._monotonic() > self._deadline_s
        if late or (not self.sent and self._withdrawn is not None and self._withdrawn()):
            raise Expired


class Wire:
    """One server's HTTP side; safe for use from many threads.

    Attributes:
        base_url: where the server is, as `Address.url`.
        door: which entrance stands there.
        skew_s: how far the server's clock is ahead of ours, in seconds and to within one, as the newest answer that
            told the time says; `None` before there is one.
    """

    def __init__(
        self,
        *,
        base_url: str,
        door: Door,
        headers: Mapping[str, str],
        fields: Mapping[str, str],
        kept: Lender,
        once: Lender,
        traced: bool,
        direct: bool,
        monotonic: Callable[[], float],
        now: Callable[[], datetime],
        person: Person,
    ) -> None:
        """`headers` go with every request, `fields` into every JSON body.

        `traced`: the transports tell what they hand over. `direct`: they connect to the server itself, not to a proxy.
        """
        self.skew_s: float | None = None
        self.base_url = base_url
        self.door = door
        self._headers = httpx.Headers(headers)
        self._fields = dict(fields)
        self._kept = kept
        self._once = once
        self._traced = traced
        self._direct = direct
        self._urls: dict[str, httpx.URL] = {}
        self._monotonic = monotonic
        self._now = now
        self._person = person

    def __repr__(self) -> str:
        return f"Wire({self.base_url!r})"

    def send(
        self,
        call: Call,
        values: Mapping[str, Any],
        *,
        deadline_s: float | None = None,
        withdrawn: Callable[[], bool] | None = None,
    ) -> Reply | NotSent | Lost:
        """Ask for `call` with `values` once.

        A START, and an operation, gets a connection of its own: one that has been idle may be dead without our knowing.

        Raises:
            Expired: `deadline_s` had passed, or it was `withdrawn`, before a byte of the request left.
        """
        watch = _Watch(self._monotonic, deadline_s, withdrawn)
        watch.check()
        lender = self._once if call.kind in _ALONE else self._kept
        try:
            with lender.lend() as transport:
                # It may have waited long for its turn. Asked again when it is handed over.
                watch.check()
                if self._person.to_end():
                    return NotSent("nobody waits for it any more")
                return self._exchange(transport, self._request(call, values, watch), watch)
        except httpx.HTTPError as error:
            if self._nothing_left(watch, error):
                return NotSent(reason_of(error), hindrance_of(error))
            return Lost(reason_of(error), slow=isinstance(error, httpx.TimeoutException))
        except Overdue as error:
            return Lost(error.reason, slow=True) if watch.sent else NotSent(error.reason)
        except Expired:
            if watch.sent:
                return Lost("it was stopped after the headers, because its time had passed")
            raise

    def close(self) -> None:
        """Close all connections; further calls are a bug."""
        self._kept.close()
        self._once.close()

    def _request(self, call: Call, values: Mapping[str, Any], watch: _Watch) -> httpx.Request:
        method = call.methods[self.door]
        bound = Bound(_WHOLE_S, self._monotonic, self._person, hurries=call.kind is Kind.READ)
        extensions: dict[str, Any] = {"trace": watch, "timeout": _timeouts(call), BOUND: bound}
        url, params = self._url(call), None
        if method == "GET" and self._direct:
            # Taking a whole URL apart again for each request would cost a sixth of all that a call costs. Whoever asks
            # a proxy needs the whole one.
            extensions["target"] = b"%b?%b" % (
                url.raw_path,
                str(httpx.QueryParams(values)).encode(),
            )
        elif method == "GET":
            params = dict(values)
        return httpx.Request(
            method,
            url,
            params=params,
            json={**values, **self._fields} if method == "POST" else None,
            headers=self._headers,
            extensions=extensions,
        )

    def _url(self, call: Call) -> httpx.URL:
        found = self._urls.get(call.name)
        if found is None:
            found = self._urls[call.name] = httpx.URL(self.base_url + call.path(self.door))
        return found

    def _exchange(
        self, transport: httpx.BaseTransport, request: httpx.Request, watch: _Watch
    ) -> Reply | Lost:
        if not self._traced:
            watch.hand_over()
        before = self._now()
        # Not through `httpx.Client`: redirects, cookies and its kinds of authentication are not wanted, and cost
        # as much as all the rest.
        response = transport.handle_request(request)
        after = self._now()
        self._note_time(response, before + (after - before) / 2)
        try:
            return self._whole(response, after)
        finally:
            response.close()

    def _note_time(self, response: httpx.Response, here: datetime) -> None:
        """Compare the time that `response` tells with `here`, the middle of the call by our clock."""
        there = time_told(response.headers.get("Date", ""))
        if there is not None:
            self.skew_s = (there - here).total_seconds()

    def _whole(self, response: httpx.Response, now: datetime) -> Reply | Lost:
        request_id = _request_id(response.headers)
        if response.headers.get("Content-Encoding", "identity").lower() != "identity":
            return Lost("its answer is compressed, which was not asked for", request_id=request_id)
        body = bytearray()
        for chunk in response.iter_bytes():
            body += chunk
            if len(body) > MAX_BODY:
                reason = f"its answer is longer than {MAX_BODY} bytes"
                return Lost(reason, slow=True, request_id=request_id, too_long=True)
        asked_s = retry_after_s(response.headers, now)
        return Reply(response.status_code, request_id, bytes(body), asked_s)

    def _nothing_left(self, watch: _Watch, error: httpx.HTTPError) -> bool:
        return not watch.sent if self._traced else isinstance(error, _NEVER_HANDED_OVER)


def _timeouts(call: Call) -> dict[str, float]:
    read_s = _READ_START_S if call.kind in _ALONE else _READ_S
    return {"connect": CONNECT_S, "write": _WRITE_S, "read": read_s, "pool": POOL_S}


def _request_id(headers: httpx.Headers) -> str | None:
    """Whoever reads a server's logs asks for these: the gateway's id, then JOB's."""
    found = (headers.get("X-Bkapi-Request-Id"), headers.get("X-Bk-Job-Request-Id"))
    return ", ".join(item[:128] for item in found if item) or None
