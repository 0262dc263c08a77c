"""The sandbox on loopback: both doors and the control side, over real sockets."""

from __future__ import annotations

import contextlib
import socket
import struct
import sys
import threading
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

from launcher.diagnostics import Diagnostic
from launcher.errors import SurroundingsFailed
from launcher.sandbox.control import PREFIX, control
from launcher.sandbox.envelope import platform_error
from launcher.sandbox.store import StateStore
from launcher.sandbox.transport import http_date, milliseconds
from launcher.sandbox.wire import Delivery, Request
from launcher.sandbox.world import World
from launcher.sandbox.worldfile import read_definition, read_faults

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path
    from types import TracebackType
    from typing import Self

    from launcher.sandbox.wire import Response

__all__ = ["SandboxServer", "serve"]

_HOST = "127.0.0.1"
_MAX_BODY = 16 * 1024 * 1024
_IDLE_S = 60
_RESET_ON_CLOSE = struct.pack("ii", 1, 0)


def serve(
    world_file: Path | None = None,
    faults: Path | None = None,
    port: int = 0,
    speed: float = 1.0,
    state: Path | None = None,
    *,
    clock: Callable[[], datetime] = lambda: datetime.now(UTC),  # noqa: TID251 - the edge
) -> SandboxServer:
    """A sandbox that answers on loopback until it is stopped.

    Args:
        world_file: what the world holds; `None` for the demo world.
        faults: a file of scripted faults, armed when the state is new.
        port: 0 for any free one.
        speed: 2 makes every lag and every step half as long.
        state: where the state is kept; `None` forgets it at the end.
        clock: the real time, aware.

    Raises:
        SurroundingsFailed: a file cannot be used (L601 to L609), or the port cannot (L608).
    """
    world = World(read_definition(world_file), speed)
    script = read_faults(faults)
    store = StateStore(world, state, script)
    try:
        return SandboxServer(store, port, clock)
    except (OSError, OverflowError) as error:
        store.close()
        reason = error.strerror if isinstance(error, OSError) else "not from 0 to 65535"
        facts = {"port": str(port), "reason": reason or str(error)}
        raise SurroundingsFailed(Diagnostic("L608", facts)) from error


class SandboxServer:
    """A running server; as a context manager it stops at the end.

    Attributes:
        store: the world's state.
        port: the port it listens on.
    """

    def __init__(self, store: StateStore, port: int, clock: Callable[[], datetime]) -> None:
        self.store = store
        self._listener = _Listener(store, port, clock)
        self.port: int = self._listener.server_address[1]
        self._thread = threading.Thread(
            target=self._listener.serve_forever,
            kwargs={"poll_interval": 0.05},
            daemon=True,
        )
        self._thread.start()

    @property
    def url(self) -> str:
        """The base address, without a trailing slash; the gateway's paths begin below it."""
        return f"http://{_HOST}:{self.port}"

    def stop(self) -> None:
        """Stop listening, end open connections, close the state. A second call does nothing."""
        if self._thread.is_alive():
            self._listener.shutdown()
            self._thread.join()
            self._listener.end_connections()
            self._listener.server_close()
            self.store.close()

    def wait(self) -> None:
        """Wait until somebody stops the server."""
        self._thread.join()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()


class _Listener(ThreadingHTTPServer):
    daemon_threads = False
    block_on_close = True
    request_queue_size = 128

    def __init__(self, store: StateStore, port: int, clock: Callable[[], datetime]) -> None:
        self.store = store
        self.clock = clock
        self.stopping = threading.Event()
        self.resetting: set[socket.socket] = set()
        self._open: set[socket.socket] = set()
        self._guard = threading.Lock()
        super().__init__((_HOST, port), _Handler)

    def opened(self, connection: socket.socket) -> None:
        with self._guard:
            self._open.add(connection)
            if self.stopping.is_set():
                connection.shutdown(socket.SHUT_RDWR)

    def closed(self, connection: socket.socket) -> None:
        with self._guard:
            self._open.discard(connection)

    def end_connections(self) -> None:
        """Wake every thread that waits for a request or sits out a delay."""
        with self._guard:
            self.stopping.set()
            for connection in self._open:
                with contextlib.suppress(OSError):
                    connection.shutdown(socket.SHUT_RDWR)

    def shutdown_request(self, request: socket.socket | tuple[bytes, socket.socket]) -> None:
        """Close a connection; one that is to be reset must not say goodbye first."""
        if isinstance(request, socket.socket) and request in self.resetting:
            self.resetting.discard(request)
            request.close()
        else:
            super().shutdown_request(request)

    def handle_error(self, request: object, client_address: object) -> None:
        """A caller that goes away in the middle is no news; anything else is a bug to be seen."""
        if not isinstance(sys.exception(), OSError):
            super().handle_error(request, client_address)  # type: ignore[arg-type]


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_version = "sandbox"
    sys_version = ""
    timeout = _IDLE_S
    # Head and body are two writes; a body that waits for the head's acknowledgement is 40 ms late.
    disable_nagle_algorithm = True
    default_request_version = "HTTP/1.0"  # so that a broken request line gets a status line too
    server: _Listener
    _world_ms: int | None = None

    def setup(self) -> None:
        super().setup()
        self.server.opened(self.connection)

    def finish(self) -> None:
        self.server.closed(self.connection)
        super().finish()

    def do_GET(self) -> None:
        self._serve()

    do_POST = do_PUT = do_DELETE = do_PATCH = do_HEAD = do_GET  # noqa: N815 - the base class's names
    do_OPTIONS = do_TRACE = do_GET  # noqa: N815 - as above

    def _serve(self) -> None:
        self._world_ms = None
        body = self._body()
        if body is None:
            return
        request = Request.from_target(self.command, self.path, dict(self.headers), body)
        now_ms = milliseconds(self.server.clock())
        if request.path.startswith(PREFIX):
            self._send(control(self.server.store, request, now_ms), Delivery())
            return
        reply = self.server.store.exchange(request, now_ms)
        self._world_ms = reply.record.at_ms
        self._send(reply.response, reply.delivery)

    def _body(self) -> bytes | None:
        """The body; `None` after an answer that refuses it."""
        length = self.headers.get("Content-Length", "0")
        if self.headers.get("Transfer-Encoding") or not length.isascii() or not length.isdigit():
            self._refuse(411)
            return None
        if len(length) > len(str(_MAX_BODY)) or int(length) > _MAX_BODY:
            self._refuse(413)
            return None
        body = self.rfile.read(int(length))
        if len(body) < int(length):
            self.close_connection = True
            return None
        return body

    def _refuse(self, status: int) -> None:
        self.close_connection = True
        self._send(platform_error(status, self.path), Delivery())

    def _send(self, response: Response, delivery: Delivery) -> None:
        if delivery.delay_s > 0:
            self.server.stopping.wait(delivery.delay_s)
        if delivery.is_silent:
            self.close_connection = True
            return
        self.send_response(response.status)
        for name, value in response.headers:
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(response.body)))
        if self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()
        body = b"" if self.command == "HEAD" else response.body
        self.wfile.write(body[: delivery.cut_after])
        if delivery.reset:
            self.wfile.flush()
            self.close_connection = True
            self.server.resetting.add(self.connection)
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET_ON_CLOSE)

    def date_time_string(self, timestamp: float | None = None) -> str:
        """The world's time, which a caller compares with its own."""
        if timestamp is not None:
            return super().date_time_string(timestamp)
        world_ms = self._world_ms
        return http_date(milliseconds(self.server.clock()) if world_ms is None else world_ms)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name
        """Say nothing: the control side has the requests."""
