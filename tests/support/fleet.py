"""Launches with needs, in a workspace that launches them on a served sandbox: five of them, or twenty."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

import httpx

from launcher.sandbox.server import serve

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from launcher.sandbox.server import SandboxServer

NEEDS: Mapping[str, tuple[str, ...]] = {
    "db-migrate": (),
    "web-deploy": ("db-migrate",),
    "web-canary": ("db-migrate",),
    "smoke-test": ("web-canary", "web-deploy"),
    "report": (),
}

TWENTY: Mapping[str, tuple[str, ...]] = {
    **{f"alone-{number}": () for number in range(8)},
    "schema": (),
    **{f"web-{number}": ("schema",) for number in range(6)},
    "smoke": ("web-0", "web-3", "web-5"),
    "switch": ("smoke",),
    "report": ("alone-2", "schema"),
    "notify": ("report",),
    "audit": ("alone-0",),
}
"""Nine that can go at once, seven that wait for one of them, and a chain behind these."""

_WORKSPACE = """\
apiVersion: launcher/v1
kind: Workspace
metadata: {{name: fleet}}
spec:
  defaultEnvironment: target
  marker: LAUNCH_KEY
  environments:
    target:
      server: remote
      scope: {{type: biz, id: "2"}}
      ledger: {ledger}
      guards: {{allowSinglePhase: {single}}}
"""

_PLANS = {
    "db-migrate": "plan: {id: 1001}",
    "web-deploy": 'plan: {id: 1000}\n  variables: {package_version: "1.4.2"}',
    "web-canary": 'plan: {id: 1000}\n  variables: {package_version: "1.5.0"}',
    "smoke-test": "plan: {id: 1002}",
    "report": "plan: {id: 1002}",
}


def twenty(directory: Path, *, ledger: str = "file") -> Path:
    """A workspace in `directory` that declares the twenty launches, on three job plans in turn."""
    specs = list(_PLANS.values())
    plans = {name: specs[number % len(specs)] for number, name in enumerate(TWENTY)}
    return _declared(directory, TWENTY, plans, single_phase=False, ledger=ledger)


def a_fleet(directory: Path, *, single_phase: bool = False) -> Path:
    """A workspace in `directory` that declares the five launches."""
    return _declared(directory, NEEDS, _PLANS, single_phase=single_phase)


def _declared(
    directory: Path,
    needs_of: Mapping[str, tuple[str, ...]],
    specs: Mapping[str, str],
    *,
    single_phase: bool,
    ledger: str = "file",
) -> Path:
    plans = directory / "plans"
    plans.mkdir(parents=True)
    workspace = _WORKSPACE.format(single=str(single_phase).lower(), ledger=ledger)
    (directory / "launcher.yaml").write_text(workspace)
    for name, spec in specs.items():
        needs = f"\n  needs: [{', '.join(needs_of[name])}]" if needs_of[name] else ""
        (plans / f"{name}.yaml").write_text(
            f"apiVersion: launcher/v1\nkind: PlanLaunch\nmetadata:\n  name: {name}\n"
            f"spec:\n  {spec}{needs}\n"
        )
    return directory


class Fleet:
    """The served sandbox that a fleet launches on; a context manager.

    Attributes:
        environ: variables that let `launcher` find it, with short times.
    """

    def __init__(
        self,
        faults: Path | None = None,
        speed: float = 50,
        names: Iterable[str] = NEEDS,
    ) -> None:
        self._server: SandboxServer = serve(faults=faults, speed=speed)
        self._names = tuple(names)

    def __enter__(self) -> Self:
        self._server.__enter__()
        self.environ = {
            "PATH": "/usr/bin:/bin",
            "HOME": "/nonexistent",
            "LAUNCHER_URL": f"{self._server.url}/api/bk-job/prod",
            "LAUNCHER_ALLOW_HTTP": "1",
            "BK_APP_CODE": "launcher",
            "BK_APP_SECRET": "app-secret",
            "BK_USERNAME": "admin",
            "LAUNCHER_POLL": "0.05",
            "LAUNCHER_START_WINDOW": "0.5",
            "LAUNCHER_START_GRACE": "0.6",
        }
        return self

    def __exit__(self, *_: object) -> None:
        self._server.stop()

    def arm(self, faults: Iterable[Mapping[str, Any]]) -> None:
        """Arm scripted faults."""
        httpx.post(f"{self._server.url}/_sandbox/faults", json=list(faults)).raise_for_status()

    def instances(self) -> list[dict[str, Any]]:
        """Every instance, as the control side tells it."""
        found: list[dict[str, Any]] = self._get("instances")["instances"]
        return found

    def requests(self) -> list[dict[str, Any]]:
        """Every request that came in."""
        found: list[dict[str, Any]] = self._get("requests")["requests"]
        return found

    def began(self) -> dict[str, int]:
        """How often each launch of the fleet began to run, by its name in the marker."""
        counts = dict.fromkeys(self._names, 0)
        for item in self.instances():
            counts[item["variables"]["LAUNCH_KEY"].split("/")[2]] += item["began"]
        return counts

    def _get(self, what: str) -> dict[str, Any]:
        answer = httpx.get(f"{self._server.url}/_sandbox/{what}").raise_for_status()
        found: dict[str, Any] = answer.json()
        return found
