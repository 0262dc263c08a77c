"""Bound a whole exchange with a server, whose parts httpx bounds one by one.

httpx limits how long each read of a socket may take. A status line, headers or a body that drip in byte by byte keep to
that for ever. So sockets are read here through a stream that asks the exchange's own `Bound` first, and waits in slices,
so that a person who wants to stop is not held up either. Source: httpcore's documentation, "Network Backends".
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import httpcore
import httpx

from launcher.model.times import duration_text

if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable, Iterable

__all__ = ["BOUND", "Bound", "BoundedTransport", "Overdue", "Person"]

BOUND = "bound"
"""The request extension that holds a `Bound`."""

_SLICE_S = 0.5
"""How long what a person wants goes unnoticed while a socket is silent."""

_HURRY_S = 5.0
"""How long a read that changes nothing is still waited for once somebody wants to stop."""

_NOBODY_WAITS = "nobody waits for its answer any more"


_SILENT_S = 10.0
"""After how long a silence is worth a word."""


def _never() -> bool:
    return False


def _unheard(*_: object) -> None:
    """Nobody is told."""


@dataclass(frozen=True, slots=True)
class Person:
    """Whoever waits for a run: what they want, and what they are told. Used from any thread.

    Attributes:
        to_stop: they want nothing new to be begun; what has left is awaited.
        to_end: they want nothing to be waited for any more.
        hear_pause: hears of a pause that the other side asks for, in seconds, before it is made.
        hear_silence: hears that an answer has not come for so many seconds, and is still waited for.
    """

    to_stop: Callable[[], bool] = _never
    to_end: Callable[[], bool] = _never
    hear_pause: Callable[[float], object] = _unheard
    hear_silence: Callable[[float], object] = _unheard


class Overdue(Exception):
    """An exchange was given up.

    Attributes:
        reason: why, in words.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Bound:
    """Until when one exchange may go on, which begins now; used by one thread.

    Attributes:
        is_young: nothing was read yet.
    """

    __slots__ = (
        "_hurries",
        "_longest_s",
        "_monotonic",
        "_nobody_waits",
        "_person",
        "_silent_s",
        "_until_s",
        "is_young",
    )

    def __init__(
        self, longest_s: float, monotonic: Callable[[], float], person: Person, *, hurries: bool
    ) -> None:
        """`hurries`: its answer is worth little to somebody who wants to stop."""
        now_s = monotonic()
        self.is_young = True
        self._until_s = now_s + longest_s
        self._silent_s = now_s + _SILENT_S
        self._longest_s = longest_s
        self._monotonic = monotonic
        self._person = person
        self._hurries = hurries
        self._nobody_waits = False

    def check(self) -> None:
        """Go on.

        Raises:
            Overdue: the exchange has taken too long, or nobody waits for it.
        """
        if self._person.to_end():
            raise Overdue(_NOBODY_WAITS)
        now_s = self._monotonic()
        if self._hurries and self._person.to_stop():
            self._hurries, self._nobody_waits = False, True
            self._until_s = min(self._until_s, now_s + _HURRY_S)
        if now_s > self._until_s:
            late = f"its answer was not complete after {duration_text(self._longest_s)}"
            raise Overdue(_NOBODY_WAITS if self._nobody_waits else late)
        if now_s >= self._silent_s:
            self._silent_s = math.inf
            self._person.hear_silence(_SILENT_S)


class _Line:
    """What the streams of one transport go by: it has one exchange at a time."""

    __slots__ = ("bound",)

    def __init__(self) -> None:
        self.bound: Bound | None = None


class _Stream(httpcore.NetworkStream):
    """A connection that is read within bounds."""

    def __init__(self, stream: httpcore.NetworkStream, line: _Line) -> None:
        self._stream = stream
        self._line = line

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        bound = self._line.bound
        if bound is None or timeout is None:
            return self._stream.read(max_bytes, timeout)
        left_s = timeout
        while True:
            # Most answers come with the first read, and cost nothing more than they did.
            if not bound.is_young:
                bound.check()
            bound.is_young = False
            try:
                return self._stream.read(max_bytes, min(left_s, _SLICE_S))
            except httpcore.ReadTimeout:
                left_s -= _SLICE_S
                if left_s <= 0:
                    raise

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, timeout)

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore.NetworkStream:
        return _Stream(self._stream.start_tls(ssl_context, server_hostname, timeout), self._line)

    def get_extra_info(self, info: str) -> Any:  # noqa: ANN401 - as httpcore declares it
        return self._stream.get_extra_info(info)


class _Backend(httpcore.NetworkBackend):
    """Connects as `backend` does."""

    def __init__(self, backend: httpcore.NetworkBackend, line: _Line) -> None:
        self._backend = backend
        self._line = line

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        made = self._backend.connect_tcp(host, port, timeout, local_address, socket_options)
        return _Stream(made, self._line)


class BoundedTransport(httpx.HTTPTransport):
    """One connection, whose exchanges keep to the `Bound` of their request."""

    def __init__(
        self, verify: ssl.SSLContext, proxy: httpx.Proxy | str | None, limits: httpx.Limits
    ) -> None:
        # `trust_env=False`: what the environment says has gone through settings, and only through them.
        super().__init__(verify=verify, proxy=proxy, trust_env=False, limits=limits)
        self._line = _Line()
        # httpcore takes a backend as a parameter, and httpx has no way to hand it one.
        pool = self._pool
        pool._network_backend = _Backend(pool._network_backend, self._line)  # noqa: SLF001

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """As httpx does, within the bound."""
        self._line.bound = request.extensions.get(BOUND)
        return super().handle_request(request)
