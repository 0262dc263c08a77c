"""The sandbox inside the process: an `httpx` transport over a stored world.

Faults that cut a connection show as the errors that a network would raise; a delay beyond the
request's read timeout shows as that timeout, at the time when it would.
"""

from __future__ import annotations

import threading
from datetime import UTC, datetime
from email.utils import formatdate
from typing import TYPE_CHECKING

import httpx

from launcher.sandbox.store import StateStore
from launcher.sandbox.wire import Request
from launcher.sandbox.world import World
from launcher.sandbox.worldfile import read_definition

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from launcher.sandbox.wire import Reply

__all__ = ["SandboxTransport", "http_date", "milliseconds", "open_transport"]

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def milliseconds(moment: datetime) -> int:
    """Epoch milliseconds of an aware `moment`."""
    return (moment - _EPOCH) // _MILLISECOND


_MILLISECOND = datetime(1970, 1, 1, 0, 0, 0, 1000, tzinfo=UTC) - _EPOCH


def http_date(epoch_ms: int) -> str:
    """A time as an HTTP header tells it, in whole seconds."""
    return formatdate(epoch_ms // 1000, usegmt=True)


def open_transport(
    path: Path,
    world_file: Path | None,
    clock: Callable[[], datetime],
) -> SandboxTransport:
    """The sandbox whose state is kept in `path`, made there if it is missing.

    Args:
        path: the state file; several processes may have it open.
        world_file: what the world holds; `None` for the demo world.
        clock: the real time, aware.

    Raises:
        SurroundingsFailed: the world file or the state file cannot be used (L601 to L609).
    """
    world = World(read_definition(world_file))
    return SandboxTransport(StateStore(world, path), clock)


class SandboxTransport(httpx.BaseTransport):
    """Answers requests from a world; safe for threads.

    Attributes:
        store: the world's state, for whoever wants to look behind the API.
        world_id: tells this world from every other, for as long as its state is kept.
    """

    def __init__(self, store: StateStore, clock: Callable[[], datetime]) -> None:
        self.store = store
        self.world_id = store.world_id
        self._clock = clock

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Answer one request.

        Raises:
            httpx.RemoteProtocolError: the connection was closed without an answer.
            httpx.ReadError: it was reset within the answer.
            httpx.ReadTimeout: the answer would come after the request's read timeout.
            SurroundingsFailed: L607, the state cannot be read or written.
        """
        target = request.url.raw_path.decode("ascii")
        body = request.read()
        asked = Request.from_target(request.method, target, dict(request.headers), body)
        reply = self.store.exchange(asked, milliseconds(self._clock()))
        _deliver(reply, request)
        return httpx.Response(
            reply.response.status,
            headers=[*reply.response.headers, ("Date", http_date(reply.record.at_ms))],
            content=reply.response.body,
            request=request,
        )

    def close(self) -> None:
        """Close the state file."""
        self.store.close()


def _deliver(reply: Reply, request: httpx.Request) -> None:
    timeout = request.extensions.get("timeout", {}).get("read")
    delay_s = reply.delivery.delay_s
    if timeout is not None and delay_s > timeout:
        _pause(timeout)
        raise httpx.ReadTimeout("The read operation timed out", request=request)
    _pause(delay_s)
    if reply.delivery.is_silent:
        message = "Server disconnected without sending a response."
        raise httpx.RemoteProtocolError(message, request=request)
    if reply.delivery.reset:
        raise httpx.ReadError("[Errno 104] Connection reset by peer", request=request)


def _pause(seconds: float) -> None:
    if seconds > 0:
        threading.Event().wait(seconds)
