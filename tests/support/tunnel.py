"""A proxy that gives tunnels: what a client says to it, and what goes through it."""

from __future__ import annotations

import select
import socket
import ssl
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["tunnelling"]


def tunnelling(port: int, *, wants: str | None = None) -> Callable[[socket.socket], bytes]:
    """Serve `CONNECT` with a tunnel to `port` on loopback, whatever host is asked for; gives all that the client sent.

    `wants` is the value that `Proxy-Authorization` must have.
    """

    def serve(connection: socket.socket) -> bytes:
        head = _head(connection)
        if not head.startswith(b"CONNECT "):
            return head
        if wants is not None and f"\r\nproxy-authorization: {wants}\r\n".encode() not in _lower(
            head
        ):
            connection.sendall(
                b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n"
            )
            return head
        with socket.create_connection(("127.0.0.1", port), timeout=10) as upstream:
            connection.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
            return head + _relay(connection, upstream)

    return serve


def _lower(head: bytes) -> bytes:
    return head.replace(b"Proxy-Authorization:", b"proxy-authorization:")


def _head(connection: socket.socket) -> bytes:
    data = b""
    while not data.endswith(b"\r\n\r\n"):
        more = connection.recv(1)
        if not more:
            break
        data += more
    return data


def _relay(client: socket.socket, upstream: socket.socket) -> bytes:
    """Pass bytes both ways until one side ends; gives those of the client."""
    seen = b""
    while True:
        # What a TLS socket has already unpacked is not seen by `select`.
        waiting = isinstance(client, ssl.SSLSocket) and client.pending() > 0
        ready, _, _ = select.select([client, upstream], [], [], 0 if waiting else 10)
        if not (ready or waiting):
            raise TimeoutError("neither side said anything")
        for source in {client, *ready} if waiting else ready:
            try:
                data = source.recv(65536)
            except ConnectionError:
                return seen
            if not data:
                return seen
            if source is client:
                seen += data
            (upstream if source is client else client).sendall(data)
