"""A JOB on loopback that cuts the connection at a chosen byte of a chosen answer; the request takes effect."""

from __future__ import annotations

import json
import socket
import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

from launcher.sandbox.transport import milliseconds
from launcher.sandbox.wire import Request
from launcher.sandbox.world import World
from launcher.sandbox.worldfile import read_definition
from tests.support.loopback import read_request, reset

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime
    from types import TracebackType

    from launcher.sandbox.state import Instance
    from launcher.sandbox.wire import Response

__all__ = ["PREPARE", "START", "Cut", "CuttingServer"]

PREPARE = "execute_job_plan"
START = "operate_job_instance"

_NO_PLAN = 9007199254740991
_NO_INSTANCE = 1


@dataclass(frozen=True, slots=True)
class Cut:
    """Where a connection ends.

    Attributes:
        operation: the first answer to it is cut; what only proves the server's capability is none.
        offset: bytes of the answer that are sent, from the status line on.
        reset: end with a reset instead of an orderly end.
    """

    operation: str
    offset: int
    reset: bool = False


class CuttingServer:
    """A world behind real sockets, both with keep-alive; a context manager.

    Attributes:
        asked: operations asked for since the last `renew`, in order; proofs of capability are left out.
        lengths: bytes of the newest answer, by operation.
    """

    def __init__(self, clock: Callable[[], datetime], speed: float = 50) -> None:
        self._clock = clock
        self._world = World(read_definition(None), speed)
        self._guard = threading.Lock()
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=128)
        self._connections: set[socket.socket] = set()
        self._threads: list[threading.Thread] = []
        self.port: int = self._listener.getsockname()[1]
        self.lengths: dict[str, int] = {}
        self.renew()

    @property
    def environ(self) -> dict[str, str]:
        """Variables that let `launcher` find it, with short times."""
        return {
            "PATH": "/usr/bin:/bin",
            "HOME": "/nonexistent",
            "LAUNCHER_URL": f"http://127.0.0.1:{self.port}/api/bk-job/prod",
            "LAUNCHER_ALLOW_HTTP": "1",
            "BK_APP_CODE": "launcher",
            "BK_APP_SECRET": "app-secret",
            "BK_USERNAME": "admin",
            "LAUNCHER_POLL": "0.05",
            "LAUNCHER_START_WINDOW": "0.5",
            "LAUNCHER_START_GRACE": "0.6",
        }

    def renew(self, cut: Cut | None = None) -> None:
        """Forget everything, and cut one answer from now on."""
        with self._guard:
            self._state = self._world.initial()
            self._cut = cut
            self.asked: list[str] = []

    @property
    def was_cut(self) -> bool:
        """Whether the connection was cut since the last `renew`."""
        return self._cut is None

    def instances(self) -> list[Instance]:
        """Every instance as it is now, by id."""
        with self._guard:
            now_ms = milliseconds(self._clock())
            self._state = self._world.advance(self._state, now_ms)
            return [item for _, item in sorted(self._state.instances.items())]

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
        # Shutting it down wakes the accepter, and likewise whoever waits for a request.
        self._listener.shutdown(socket.SHUT_RDWR)
        self._accepter.join()
        self._listener.close()
        with self._guard:
            for connection in self._connections:
                connection.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join()

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            self._threads = [item for item in self._threads if item.is_alive()]
            thread = threading.Thread(target=self._serve, args=(connection,))
            self._threads.append(thread)
            thread.start()

    def _serve(self, connection: socket.socket) -> None:
        with self._guard:
            self._connections.add(connection)
        try:
            with connection:
                connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                while data := read_request(connection):
                    answer, cut = self._answer(data)
                    if cut is None:
                        connection.sendall(answer)
                        continue
                    connection.sendall(answer[: cut.offset])
                    if cut.reset:
                        reset(connection)
                    return
        except ConnectionError:
            return  # the other side went away, as killed processes do
        finally:
            with self._guard:
                self._connections.discard(connection)

    def _answer(self, data: bytes) -> tuple[bytes, Cut | None]:
        head, _, body = data.partition(b"\r\n\r\n")
        lines = head.decode("latin-1").split("\r\n")
        method, target, _ = lines[0].split(" ")
        headers = dict(line.split(": ", 1) for line in lines[1:])
        request = Request.from_target(method, target, headers, body)
        operation = request.path.rpartition("/")[2]
        with self._guard:
            now_ms = milliseconds(self._clock())
            self._state, reply = self._world.answer(self._state, request, now_ms)
            answer = _bytes(reply.response)
            if _proves(body):
                return answer, None
            self.asked.append(operation)
            self.lengths[operation] = len(answer)
            cut = self._cut if self._cut and self._cut.operation == operation else None
            if cut is not None:
                self._cut = None
            return answer, cut


def _bytes(response: Response) -> bytes:
    lines = [
        f"HTTP/1.1 {response.status} OK",
        *(f"{name}: {text}" for name, text in response.headers),
    ]
    lines.append(f"Content-Length: {len(response.body)}")
    return "\r\n".join([*lines, "", ""]).encode() + response.body


def _proves(body: bytes) -> bool:
    values: dict[str, Any] = json.loads(body) if body else {}
    return values.get("job_plan_id") == _NO_PLAN or values.get("job_instance_id") == _NO_INSTANCE
