"""Workspaces on disk, and use cases run in them against the sandbox, in virtual time."""

from __future__ import annotations

import hashlib
import json
import subprocess
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from launcher.operations.applied import Applied, ApplyRequest
from launcher.operations.apply import apply
from launcher.operations.diff import Diffed, DiffRequest, diff
from launcher.operations.surroundings import Surroundings
from launcher.operations.why import Explained, why
from launcher.sandbox.control import PREFIX, control
from launcher.sandbox.transport import SandboxTransport, milliseconds, open_transport
from launcher.sandbox.wire import Request
from launcher.sandbox.worldfile import parse_faults

if TYPE_CHECKING:
    from collections.abc import Callable

    from launcher.diagnostics import Diagnostic
    from launcher.engine.changeset import Changeset
    from launcher.operations.progress import Progress

WORKSPACE = """\
apiVersion: launcher/v1
kind: Workspace
metadata: {name: payments}
spec:
  marker: LAUNCH_KEY
  defaultEnvironment: sandbox
  environments:
    sandbox: {server: sandbox, scope: {type: biz, id: "2"}}
"""
SINGLE_PHASE = """\
apiVersion: launcher/v1
kind: Workspace
metadata: {name: payments}
spec:
  defaultEnvironment: sandbox
  environments:
    sandbox:
      server: sandbox
      scope: {type: biz, id: "2"}
      guards: {allowSinglePhase: true}
"""


@dataclass(slots=True)
class Clock:
    """Time that passes only while somebody sleeps."""

    now: datetime = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
    slept_s: float = 0

    def sleep(self, seconds: float) -> None:
        self.slept_s += seconds
        self.now += timedelta(seconds=seconds)


@dataclass
class Place:
    """A workspace in a folder, and everything that a run of it needs."""

    root: Path
    clock: Clock = field(default_factory=Clock)
    environ: dict[str, str] = field(default_factory=dict)
    heard: list[Progress] = field(default_factory=list)
    remarks: list[Diagnostic] = field(default_factory=list)
    signal: int | None = None
    drawn: int = 0
    host: str = "build-1"
    pid: int = 4242

    def write(self, path: str, text: str) -> Path:
        target = self.root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text)
        return target

    def entropy(self, count: int) -> str:
        self.drawn += 1
        seed = f"{self.root}/{self.pid}/{self.drawn}".encode()
        return hashlib.sha256(seed).hexdigest()[: 2 * count]

    @property
    def surroundings(self) -> Surroundings:
        return Surroundings(
            environ=self.environ,
            now=lambda: self.clock.now,
            monotonic=lambda: self.clock.slept_s,
            sleep=self.clock.sleep,
            stop=lambda: self.signal,
            entropy=self.entropy,
            actor="ana",
            host=self.host,
            pid=self.pid,
            tool="0.1.0",
            remark=self.remarks.append,
        )

    def apply(self, confirm: Callable[[Changeset], bool] = lambda _: True, **asked: Any) -> Applied:
        request = ApplyRequest(self.root, **asked)
        return apply(request, self.surroundings, confirm=confirm, progress=self.heard.append)

    def diff(self, **asked: Any) -> Diffed:
        return diff(DiffRequest(self.root, **asked), self.surroundings)

    def why(self, name: str) -> Explained:
        """The decision on a launch; not for an archived name, about which there is none."""
        found = why(self.root, None, name, surroundings=self.surroundings)
        assert isinstance(found, Explained)
        return found

    def instances(self, environment: str = "sandbox") -> list[dict[str, Any]]:
        """The instances of the sandbox behind `environment`, in order."""
        return self.told("instances", environment)

    def requests(self, environment: str = "sandbox") -> list[dict[str, Any]]:
        """The requests that the sandbox behind `environment` got, in order."""
        return self.told("requests", environment)

    def told(self, what: str, environment: str) -> list[dict[str, Any]]:
        """`instances` or `requests` of the sandbox behind `environment`."""
        path = self.root / ".launcher" / "sandbox" / f"{environment}.sqlite"
        if not path.exists():
            return []
        transport = open_transport(path, self._world_file, lambda: self.clock.now)
        try:
            return told(transport, what, self.clock.now)
        finally:
            transport.close()

    @property
    def _world_file(self) -> Path | None:
        named = self.environ.get("LAUNCHER_SANDBOX_WORLD")
        return Path(named) if named else None

    def arm(self, *faults: dict[str, Any], environment: str = "sandbox") -> None:
        """Script these faults for the sandbox behind `environment`, in the place of those that are left."""
        path = self.root / ".launcher" / "sandbox" / f"{environment}.sqlite"
        transport = open_transport(path, self._world_file, lambda: self.clock.now)
        try:
            with transport.store._transaction() as state:
                transport.store._save(replace(state, faults=()))
            transport.store.add_faults(parse_faults(json.dumps(faults), "faults.json"))
        finally:
            transport.close()

    def git(self, *arguments: str) -> str:
        command = ("git", "-c", "user.name=ana", "-c", "user.email=ana@example.org", *arguments)
        done = subprocess.run(command, cwd=self.root, check=True, capture_output=True, text=True)  # noqa: S603 - the test's own words
        return done.stdout.strip()

    def commit(self, message: str = "change") -> str:
        self.git("add", "--all")
        self.git("commit", "--quiet", "--allow-empty", "-m", message)
        return self.git("rev-parse", "HEAD")


def told(transport: SandboxTransport, what: str, now: datetime) -> list[dict[str, Any]]:
    """`instances` or `requests` of a sandbox, as its control side tells them."""
    request = Request("GET", f"{PREFIX}{what}")
    reply = control(transport.store, request, milliseconds(now))
    found: list[dict[str, Any]] = json.loads(reply.body)[what]
    return found


def a_manifest(
    name: str = "db-migrate", *, plan: int = 1001, title: str | None = None, **spec: Any
) -> str:
    """A manifest as text; `spec` goes into its `spec`."""
    metadata = {"name": name} | ({"title": title} if title else {})
    document = {
        "apiVersion": "launcher/v1",
        "kind": "PlanLaunch",
        "metadata": metadata,
        "spec": {"plan": {"id": plan}, **spec},
    }
    return json.dumps(document, indent=2) + "\n"


def a_place(root: Path, *manifests: str, workspace: str = WORKSPACE) -> Place:
    """A workspace at `root` with these manifests, without git."""
    place = Place(root)
    place.write("launcher.yaml", workspace)
    for number, text in enumerate(manifests):
        place.write(f"plans/m{number}.yaml", text)
    return place
