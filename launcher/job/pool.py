"""Connections for many threads: each belongs to one request at a time.

httpx lends one pool to all threads. Under load, a thread that tidies that pool can take a connection
which was just given to another thread for one that the server has closed, and close it under the
other's request; a prepare would then be unknown for no reason. So each transport here has one
connection, and one thread at a time has the transport.
"""

from __future__ import annotations

import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Protocol

import httpx

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager

__all__ = ["InProcess", "Kept", "Lender", "Once"]


class Lender(Protocol):
    """Lends transports; safe for use from many threads."""

    def lend(self) -> AbstractContextManager[httpx.BaseTransport]:
        """A transport for one request.

        Raises:
            PoolTimeout: none became free in time.
        """

    def close(self) -> None:
        """Close all connections; lending afterwards is a bug."""


class Kept:
    """Transports that keep their connection for the next request; at most `limit` at once."""

    def __init__(
        self, build: Callable[[], httpx.BaseTransport], limit: int, patience_s: float
    ) -> None:
        self._build = build
        self._free = threading.BoundedSemaphore(limit)
        self._patience_s = patience_s
        self._lock = threading.Lock()
        self._idle: list[httpx.BaseTransport] = []

    @contextmanager
    def lend(self) -> Iterator[httpx.BaseTransport]:
        """The transport that was given back last, whose connection is the youngest; or a new one."""
        if not self._free.acquire(timeout=self._patience_s):
            raise httpx.PoolTimeout("no free connection")
        try:
            with self._lock:
                transport = self._idle.pop() if self._idle else None
            transport = transport or self._build()
            try:
                yield transport
            finally:
                with self._lock:
                    self._idle.append(transport)
        finally:
            self._free.release()

    def close(self) -> None:
        """Close what was given back."""
        with self._lock:
            idle, self._idle = self._idle, []
        for transport in idle:
            transport.close()


class Once:
    """Transports with a connection of their own, closed after one request."""

    def __init__(self, build: Callable[[], httpx.BaseTransport]) -> None:
        self._build = build

    @contextmanager
    def lend(self) -> Iterator[httpx.BaseTransport]:
        """One that has not connected yet."""
        with self._build() as transport:
            yield transport

    def close(self) -> None:
        """Nothing stays open."""


class InProcess:
    """One transport for everybody, without connections."""

    def __init__(self, transport: httpx.BaseTransport) -> None:
        self._transport = transport

    @contextmanager
    def lend(self) -> Iterator[httpx.BaseTransport]:
        """The transport."""
        yield self._transport

    def close(self) -> None:
        """Close the transport."""
        self._transport.close()
