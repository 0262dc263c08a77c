"""Repositories over HTTPS on loopback, to be fetched by those who give the right password."""

from __future__ import annotations

import os
import ssl
import subprocess
import threading
from base64 import b64decode
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any, Self

import trustme

if TYPE_CHECKING:
    from pathlib import Path
    from types import TracebackType

__all__ = ["GitServer"]


class GitServer:
    """Serves the bare repositories below a folder through git's own `http-backend`, until it is left.

    What is asked for below `/moved/` is sent on to where it is.

    Attributes:
        given: user and password, as they came with each request; `None` where none came.
        authority: a file with the certificate that its own is vouched for by.
    """

    def __init__(self, folder: Path, password: str) -> None:
        self.folder = folder
        self.password = password
        self.given: list[str | None] = []
        authority = trustme.CA()
        self.authority = folder / "authority.pem"
        authority.cert_pem.write_to_path(self.authority)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        authority.issue_cert("localhost").configure_cert(context)
        self._http = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._http.socket = context.wrap_socket(self._http.socket, server_side=True)
        self._thread = threading.Thread(target=self._http.serve_forever, args=(0.01,))

    def address(self, name: str) -> str:
        return f"https://localhost:{self._http.server_port}/{name}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._http.shutdown()
        self._thread.join()
        self._http.server_close()

    def answer(self, given: str | None, environ: dict[str, str], body: bytes) -> bytes:
        """What comes after `HTTP/1.1 `."""
        self.given.append(given)
        moved, _, place = environ["PATH_INFO"].removeprefix("/").partition("/")
        if moved == "moved":
            to = f"{self.address(place)}?{environ['QUERY_STRING']}".encode()
            return b"302 Found\r\nLocation: %s\r\nContent-Length: 0\r\n\r\n" % to
        if given is None or given.partition(":")[2] != self.password:
            head = b'401 Unauthorized\r\nWWW-Authenticate: Basic realm="git"\r\n'
            return head + b"Content-Length: 0\r\n\r\n"
        done = subprocess.run(
            ["git", "http-backend"],  # noqa: S607 - as users have it
            env={
                "PATH": os.environ["PATH"],
                "GIT_PROJECT_ROOT": str(self.folder),
                "GIT_HTTP_EXPORT_ALL": "1",
                **environ,
            },
            input=body,
            capture_output=True,
            check=True,
            timeout=60,
        )
        head, _, content = done.stdout.partition(b"\r\n\r\n")
        return b"200 OK\r\n%s\r\nContent-Length: %d\r\n\r\n%s" % (head, len(content), content)

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        server = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self._serve()

            def do_POST(self) -> None:
                self._serve()

            def _serve(self) -> None:
                path, _, query = self.path.partition("?")
                body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
                environ = {
                    "REQUEST_METHOD": self.command,
                    "PATH_INFO": path,
                    "QUERY_STRING": query,
                    "CONTENT_TYPE": self.headers.get("Content-Type", ""),
                    "HTTP_CONTENT_ENCODING": self.headers.get("Content-Encoding", ""),
                    "GIT_PROTOCOL": self.headers.get("Git-Protocol", ""),
                }
                kind, _, given = self.headers.get("Authorization", "").partition(" ")
                who = b64decode(given).decode() if kind.lower() == "basic" else None
                self.wfile.write(b"HTTP/1.1 " + server.answer(who, environ, body))
                self.close_connection = True

            def log_message(self, *_: Any) -> None:
                """Nobody listens."""

        return Handler
