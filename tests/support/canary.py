"""A workspace that is full of canary secrets, and the search for them in everything it leaves behind."""

from __future__ import annotations

import base64
import json
import os
import re
import socket
import subprocess
import sys
import urllib.request
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import urlsplit

from tests.support.command_line import REPOSITORY, quick_world
from tests.support.loopback import Loopback, read_request

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path
    from types import TracebackType

__all__ = [
    "CANARIES",
    "CORES",
    "Aviary",
    "Parrot",
    "Served",
    "echo",
    "found_in",
    "requests_of",
]

CORES = {
    "a secret variable by env": "cnryENVx7f3a91",
    "a secret variable by file": "cnryFILEx8b2c64",
    "its second line": "cnryLINEx2d9e15",
    "the app's secret": "cnryAPPx5a6f70",
    "the user's token": "cnryUSERx9c1b38",
    "the token for git": "cnryGITx3e8d47",
}
"""What is searched for: a part of each secret that no notation changes."""

_ENV, _FILE, _LINE, _APP, _USER, _GIT = CORES.values()
CANARIES = {
    "env": f'{_ENV} "quoted" \\ & ü/+=',
    "file": f"{_FILE}: <first> 'line'\n{_LINE}\tsecond",
    "app": f"{_APP}+/&=%",
    "user": f"{_USER}-ü&",
    "git": f"{_GIT}/+",
}
"""The secrets as they are, with what notations trip over."""

WORKSPACE = """\
apiVersion: launcher/v1
kind: Workspace
metadata: {name: aviary}
spec:
  marker: LAUNCH_KEY
  defaultEnvironment: live
  environments:
    live: {server: job, scope: {type: biz, id: "2"}, ledger: git}
    plain: {server: job, scope: {type: biz, id: "2"}}
    rehearsal: {server: sandbox, scope: {type: biz, id: "2"}}
"""

MANIFEST = """\
apiVersion: launcher/v1
kind: PlanLaunch
metadata: {name: NAME}
spec:
  plan: {id: 1000}
  variables:
    package_version: "1"
    db_password: {secret: {SOURCE, version: "1"}}
  trigger: manual
environments: {live: {}, plain: {}, rehearsal: {}}
"""

_BASE64_EDGE = 4


def found_in(data: bytes) -> list[str]:
    """Which canaries are in `data`: as they are, as any notation writes them, or in base64."""
    return [what for what, core in CORES.items() if any(form in data for form in _forms(core))]


def _forms(core: str) -> Iterator[bytes]:
    yield core.encode()
    for before in range(3):
        # What stands around the core decides on the characters at its edges.
        coded = base64.b64encode(b"x" * before + core.encode())
        yield coded[_BASE64_EDGE if before else 0 : -_BASE64_EDGE]


@dataclass
class Aviary:
    """A git workspace in a folder of its own, its home, its temporary folder, its remote and its server.

    Attributes:
        url: base address of the JOB server that commands ask.
        told: everything that processes printed, by command line.
    """

    root: Path
    url: str
    told: list[tuple[str, bytes]] = field(default_factory=list)

    @property
    def workspace(self) -> Path:
        return self.root / "workspace"

    @property
    def environ(self) -> dict[str, str]:
        """What a command finds around it: every canary, and nothing of this process but PATH."""
        return {
            "PATH": os.environ["PATH"],
            "PYTHONPATH": str(REPOSITORY),
            "PYTHONDONTWRITEBYTECODE": "1",
            "HOME": str(self.root / "home"),
            "TMPDIR": str(self.root / "tmp"),
            "LANG": "C.UTF-8",
            "USER": "robin",
            "LAUNCHER_URL": f"{self.url}/api/bk-job/prod",
            "LAUNCHER_ALLOW_HTTP": "1",
            "LAUNCHER_POLL": "0.05",
            "LAUNCHER_SANDBOX_WORLD": str(self.root / "quick-world.yaml"),
            "LAUNCHER_SECRETS_DIR": str(self.root.parent / "secrets"),
            "LAUNCHER_SECRET_DB_PASSWORD": CANARIES["env"],
            "LAUNCHER_GIT_TOKEN": CANARIES["git"],
            "BK_APP_CODE": "launcher",
            "BK_APP_SECRET": CANARIES["app"],
            "BK_TOKEN": CANARIES["user"],
        }

    def settle(self) -> Aviary:
        """Make all of it: two launches, one with a secret by `env` and one by `file`."""
        for name in ("home", "tmp", "workspace"):
            (self.root / name).mkdir(parents=True)
        quick_world(self.root)
        secrets = self.root.parent / "secrets" / "db"
        secrets.mkdir(parents=True)
        (secrets / "password").write_text(CANARIES["file"] + "\n")
        self.write("launcher.yaml", WORKSPACE)
        self.manifest("by-env", "env: DB_PASSWORD")
        self.manifest("by-file", "file: db/password")
        self.write(".gitignore", ".launcher/\n")
        self.git("init", "--quiet", "--bare", "../remote.git")
        self.git("init", "--quiet", "--initial-branch=main")
        self.git("remote", "add", "origin", "../remote.git")
        self.commit()
        return self

    def write(self, path: str, text: str) -> None:
        target = self.workspace / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text)

    def manifest(self, name: str, source: str, **changes: str) -> None:
        """Declare a launch with a secret from `source`; `changes` replace words of its manifest."""
        text = MANIFEST.replace("NAME", name, 1).replace("SOURCE", source)
        for before, after in changes.items():
            assert before in text
            text = text.replace(before, after)
        self.write(f"plans/{name}.yaml", text)

    def git(self, *arguments: str, at: str = "workspace") -> bytes:
        who = ("-c", "user.name=robin", "-c", "user.email=robin@example.org")
        done = subprocess.run(  # noqa: S603 - our own words
            ["git", *who, *arguments],  # noqa: S607 - git is where PATH has it
            cwd=self.root / at,
            env={**self.environ, "GIT_CONFIG_NOSYSTEM": "1"},
            check=True,
            capture_output=True,
        )
        return done.stdout

    def commit(self) -> None:
        self.git("add", "--all")
        self.git("commit", "--quiet", "--allow-empty", "-m", "change")

    def __call__(self, *arguments: str, code: str | None = None, **environ: str | None) -> int:
        """Run a command line as a process of its own; gives its exit code.

        Args:
            arguments: of `launcher`.
            code: Python that runs before `launcher` does, in the same process.
            environ: differs from the usual; `None` takes a variable away.
        """
        start = ["-m", "launcher"]
        if code is not None:
            start = ["-c", f"{code}\nfrom launcher.cli.main import main\nmain()\n"]
        around = {name: value for name, value in (self.environ | environ).items() if value}
        done = subprocess.run(  # noqa: S603 - our own program
            [sys.executable, *start, *arguments],
            cwd=self.workspace,
            env=around,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            check=False,
            timeout=120,
        )
        line = f"launcher {' '.join(arguments)} -> {done.returncode}"
        self.told.append((line, done.stdout + b"\n" + done.stderr))
        return done.returncode

    def latest(self) -> str:
        """What the latest process printed, with its command line above."""
        line, said = self.told[-1]
        return f"{line}\n{said.decode()}"

    def leaks(self) -> list[str]:
        """Every place where a canary is, and which."""
        return [
            f"{what} in {place}" for place, data in self._everything() for what in found_in(data)
        ]

    def _everything(self) -> Iterator[tuple[str, bytes]]:
        yield from self.told
        self.commit()
        for path in sorted(self.root.rglob("*")):
            yield f"the name of {path}", str(path.relative_to(self.root)).encode()
            if path.is_file() and not path.is_symlink():
                yield str(path), path.read_bytes()
        for at in ("workspace", "remote.git"):
            # Stored compressed: no search of the files would find anything.
            objects = self.git("cat-file", "--batch-all-objects", "--batch", at=at)
            yield f"the git objects of {at}", objects


def requests_of(url: str) -> list[dict[str, Any]]:
    """The access log of the sandbox at `url`."""
    with urllib.request.urlopen(f"{url}/_sandbox/requests") as answer:  # noqa: S310 - loopback
        found: list[dict[str, Any]] = json.load(answer)["requests"]
    return found


@dataclass
class Served:
    """`launcher sandbox serve` as a process: its address, and what it has printed once it ended."""

    process: subprocess.Popen[bytes]
    url: str

    @classmethod
    def start(cls, aviary: Aviary, *arguments: str) -> Served:
        process = subprocess.Popen(  # noqa: S603 - our own program
            [sys.executable, "-m", "launcher", *arguments],
            cwd=aviary.root,
            env=aviary.environ,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        assert process.stdout is not None
        first = process.stdout.readline().decode()
        match = re.fullmatch(r"listening on (http://\S+)\n", first)
        assert match is not None, first
        return cls(process, match[1])

    def stop(self) -> bytes:
        """End it; gives what it printed."""
        self.process.terminate()
        out, err = self.process.communicate(timeout=60)
        return out + err


class Parrot:
    """A gateway before the sandbox at `url` that answers launches by saying back what was sent.

    Everything else is passed on. `heard` are the launches as they came.
    """

    def __init__(self, url: str, answer: Callable[[bytes], bytes], *, always: bool = False) -> None:
        self._upstream = urlsplit(url)
        self._answer = answer
        self._always = always
        self.heard: list[bytes] = []
        self._loopback = Loopback(self._serve)

    def __enter__(self) -> Self:
        self._loopback.__enter__()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._loopback.__exit__(kind, error, trace)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._loopback.port}"

    def _serve(self, connection: socket.socket) -> bytes:
        request = read_request(connection)
        # A probe launches too, and carries no secret.
        if self._always or b"db_password" in request:
            self.heard.append(request)
            connection.sendall(self._answer(request))
        elif request:
            connection.sendall(self._passed_on(request))
        return request

    def _passed_on(self, request: bytes) -> bytes:
        where = (str(self._upstream.hostname), self._upstream.port or 80)
        with socket.create_connection(where, timeout=10) as upstream:
            upstream.sendall(request)
            reply = read_request(upstream)
        return reply.replace(b"\r\n", b"\r\nConnection: close\r\n", 1)


def echo(
    status: str, kind: str, write: Callable[[str], bytes], *headers: str
) -> Callable[[bytes], bytes]:
    """Answers that hold the request, head and body, as `write` puts it."""

    def answered(request: bytes) -> bytes:
        body = write(request.decode())
        fields = [f"Content-Type: {kind}", f"Content-Length: {len(body)}", "Connection: close"]
        return "\r\n".join([f"HTTP/1.1 {status}", *fields, *headers, "", ""]).encode() + body

    return answered
