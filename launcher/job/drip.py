"""An end to whatever drips in: each byte may come in time, and the whole still never ends.

The HTTP library limits the wait for each read only. A head of an answer that comes byte by byte, or answers with
status 100 without end, never get to where the body is counted; so the limit is at the socket.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

import httpx

if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable

    from httpcore import NetworkBackend, NetworkStream

__all__ = ["WITHIN", "LimitedTransport", "TooSlow", "Within"]

WITHIN = "launcher.within"
"""The extension of a request that holds its `Within`."""


class TooSlow(httpx.ReadTimeout):
    """The whole answer has not come in time; the text says so."""


class LimitedTransport(httpx.HTTPTransport):
    """A transport for one request at a time; one with `WITHIN` is given up at that time, whatever still comes."""

    def __init__(self, **options: Any) -> None:  # noqa: ANN401 - handed on
        super().__init__(**options)
        self._limit = _Limit()
        # httpx has no way to hand on what httpcore, below it, has.
        backend = _Backend(self._pool._network_backend, self._limit)  # noqa: SLF001
        self._pool._network_backend = cast("NetworkBackend", backend)  # noqa: SLF001

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """See `httpx.BaseTransport`."""
        self._limit.begin(request.extensions.get(WITHIN))
        return super().handle_request(request)


@dataclass(frozen=True, slots=True)
class Within:
    """How long an exchange may last.

    Attributes:
        monotonic: the clock.
        ends_s: its time at which the exchange is given up.
        whole_s: how long it will have lasted by then.
    """

    monotonic: Callable[[], float]
    ends_s: float
    whole_s: float

    @property
    def reason(self) -> str:
        """What to say when it is over."""
        return f"its answer was not complete after {self.whole_s:.0f} s"


class _Limit:
    """The limit of the exchange that is under way."""

    def __init__(self) -> None:
        self._within: Within | None = None
        self._reads = 0

    def begin(self, within: Within | None) -> None:
        self._within, self._reads = within, 0

    def check(self) -> None:
        """Check that there is time for one more read. The first has a limit of its own; most answers come whole with it.

        Raises:
            TooSlow: there is none.
        """
        self._reads += 1
        within = self._within
        if self._reads > 1 and within is not None and within.monotonic() > within.ends_s:
            raise TooSlow(within.reason)


class _Backend:
    """Makes connections that are read within a limit. See `httpcore.NetworkBackend`."""

    def __init__(self, inner: NetworkBackend, limit: _Limit) -> None:
        self._inner = inner
        self._limit = limit

    def connect_tcp(self, *args: Any, **options: Any) -> _Stream:  # noqa: ANN401 - handed on
        return _Stream(self._inner.connect_tcp(*args, **options), self._limit)

    def sleep(self, seconds: float) -> None:
        self._inner.sleep(seconds)


class _Stream:
    """A connection. See `httpcore.NetworkStream`."""

    def __init__(self, inner: NetworkStream, limit: _Limit) -> None:
        self._inner = inner
        self._limit = limit

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        self._limit.check()
        return self._inner.read(max_bytes, timeout)

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._inner.write(buffer, timeout)

    def close(self) -> None:
        self._inner.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> _Stream:
        return _Stream(self._inner.start_tls(ssl_context, server_hostname, timeout), self._limit)

    def get_extra_info(self, info: str) -> Any:  # noqa: ANN401 - whatever httpcore knows
        return self._inner.get_extra_info(info)
