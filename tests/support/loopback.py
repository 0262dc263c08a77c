"""A listener on loopback whose every connection runs one function; remembers what it received."""

from __future__ import annotations

import contextlib
import json
import socket
import struct
import threading
from typing import TYPE_CHECKING, Any, Self

if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable
    from types import TracebackType

__all__ = ["Loopback", "answer", "dripping", "read_request", "reset"]


class Loopback:
    """Accepts connections until it is left; `serve` gets each of them, one thread a connection.

    With `tls`, it gets those whose client accepts the certificate; of the others nothing is received.
    """

    def __init__(
        self, serve: Callable[[socket.socket], bytes], tls: ssl.SSLContext | None = None
    ) -> None:
        self._serve = serve
        self._tls = tls
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._last: tuple[str, int] | None = None
        self._threads: list[threading.Thread] = []
        self.received: list[bytes] = []
        self.port: int = self._listener.getsockname()[1]

    @property
    def origin(self) -> str:
        """By name over TLS, as certificates are made out."""
        if self._tls is None:
            return f"http://127.0.0.1:{self.port}"
        return f"https://localhost:{self.port}"

    @property
    def url(self) -> str:
        return f"{self.origin}/api/bk-job/prod"

    def __enter__(self) -> Self:
        self._accepter = threading.Thread(target=self._accept)
        self._accepter.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        # Connections are accepted in their order: ours comes last, and everything before it is served.
        with socket.socket() as last:
            last.bind(("127.0.0.1", 0))
            self._last = last.getsockname()
            last.connect(("127.0.0.1", self.port))
            self._accepter.join()
        self._listener.close()
        for thread in self._threads:
            thread.join()

    def _accept(self) -> None:
        while True:
            connection, peer = self._listener.accept()
            if peer == self._last:
                connection.close()
                return
            thread = threading.Thread(target=self._handle, args=(connection,))
            self._threads.append(thread)
            thread.start()

    def _handle(self, connection: socket.socket) -> None:
        connection.settimeout(10)
        with connection:
            if self._tls is None:
                self.received.append(self._serve(connection))
                return
            try:
                secure = self._tls.wrap_socket(connection, server_side=True)
            except OSError:
                self.received.append(b"")
                return
            with secure:
                self.received.append(self._serve(secure))


def read_request(connection: socket.socket) -> bytes:
    """One whole HTTP request; less, if the other side stops before."""
    data = b""
    while True:
        head, end, body = data.partition(b"\r\n\r\n")
        if end and len(body) >= _length(head):
            return data
        more = connection.recv(65536)
        if not more:
            return data
        data += more


def answer(data: Any, *, length: bool = True, head: str = "") -> bytes:
    """A whole HTTP answer in JOB's envelope; without a length it ends where the connection ends."""
    body = json.dumps({"code": 0, "result": True, "data": data}).encode()
    lines = ["HTTP/1.1 200 OK", *([head] if head else [])]
    lines.append(f"Content-Length: {len(body)}" if length else "Connection: close")
    return "\r\n".join([*lines, "", ""]).encode() + body


def dripping(start: bytes, again: bytes) -> Callable[[socket.socket], bytes]:
    """Sends `start`, and `again` without end, to whoever has asked."""

    def drip(connection: socket.socket) -> bytes:
        received = read_request(connection)
        with contextlib.suppress(OSError):
            connection.sendall(start)
            while True:
                connection.sendall(again)
        return received

    return drip


def reset(connection: socket.socket) -> None:
    """End a connection with a reset instead of an orderly end."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def _length(head: bytes) -> int:
    for line in head.split(b"\r\n"):
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length":
            return int(value)
    return 0
