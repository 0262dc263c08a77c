"""Connections for many threads: each belongs to one request at a time.

httpx lends one pool to all threads. Under load, a thread that tidies that pool can take a connection
which was just given to another thread for one that the server has closed, and close it under the
other's request; a prepare would then be unknown for no reason. So each transport here has one
connection, and one thread at a time has the transport.

How many requests are in flight is the same limit for all of them, whatever connection they use: a `Gate`.
"""

from __future__ import annotations

import threading
from collections import deque
from contextlib import contextmanager
from typing import TYPE_CHECKING, Protocol

import httpx

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager

__all__ = ["Gate", "InProcess", "Kept", "Lender", "Once"]


class Lender(Protocol):
    """Lends transports; safe for use from many threads."""

    def lend(self) -> AbstractContextManager[httpx.BaseTransport]:
        """A transport for one request.

        Raises:
            PoolTimeout: none became free in time.
        """

    def close(self) -> None:
        """Close all connections; lending afterwards is a bug."""


class Gate:
    """Lets so many requests through at the same time, and of those that wait the urgent ones first."""

    def __init__(self, limit: int, patience_s: float) -> None:
        self._free = limit
        self._patience_s = patience_s
        self._lock = threading.Lock()
        self._urgent: deque[threading.Lock] = deque()
        self._others: deque[threading.Lock] = deque()

    @contextmanager
    def passage(self, *, urgent: bool) -> Iterator[None]:
        """The place of one request, for as long as the context lasts.

        Raises:
            PoolTimeout: none became free in time.
        """
        if not self._enter(self._urgent if urgent else self._others):
            raise httpx.PoolTimeout("no free connection")
        try:
            yield
        finally:
            self._leave()

    def _enter(self, queue: deque[threading.Lock]) -> bool:
        with self._lock:
            if self._free:
                self._free -= 1
                return True
            turn = threading.Lock()
            turn.acquire()
            queue.append(turn)
        if turn.acquire(timeout=self._patience_s):
            return True
        with self._lock:
            # Whoever is not waiting any more was let through at the last moment.
            is_waiting = turn in queue
            if is_waiting:
                queue.remove(turn)
        return not is_waiting

    def _leave(self) -> None:
        with self._lock:
            queue = self._urgent or self._others
            if queue:
                queue.popleft().release()
            else:
                self._free += 1


class Kept:
    """Transports that keep their connection for the next request."""

    def __init__(self, build: Callable[[], httpx.BaseTransport], gate: Gate) -> None:
        self._build = build
        self._gate = gate
        self._lock = threading.Lock()
        self._idle: list[httpx.BaseTransport] = []

    @contextmanager
    def lend(self) -> Iterator[httpx.BaseTransport]:
        """The transport that was given back last, whose connection is the youngest; or a new one."""
        with self._gate.passage(urgent=False):
            with self._lock:
                transport = self._idle.pop() if self._idle else None
            transport = transport or self._build()
            try:
                yield transport
            finally:
                with self._lock:
                    self._idle.append(transport)

    def close(self) -> None:
        """Close what was given back."""
        with self._lock:
            idle, self._idle = self._idle, []
        for transport in idle:
            transport.close()


class Once:
    """Transports with a connection of their own, closed after one request; they go before all others."""

    def __init__(self, build: Callable[[], httpx.BaseTransport], gate: Gate) -> None:
        self._build = build
        self._gate = gate

    @contextmanager
    def lend(self) -> Iterator[httpx.BaseTransport]:
        """One that has not connected yet."""
        with self._gate.passage(urgent=True), self._build() as transport:
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
