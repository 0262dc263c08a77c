"""Five launches with needs, in a workspace that launches them on a served sandbox."""

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
      guards: {{allowSinglePhase: {single}}}
"""

_PLANS = {
    "db-migrate": "plan: {id: 1001}",
    "web-deploy": 'plan: {id: 1000}\n  variables: {package_version: "1.4.2"}',
    "web-canary": 'plan: {id: 1000}\n  variables: {package_version: "1.5.0"}',
    "smoke-test": "plan: {id: 1002}",
    "report": "plan: {id: 1002}",
}


def a_fleet(directory: Path, *, single_phase: bool = False) -> Path:
    """A workspace in `directory` that declares the five launches."""
    plans = directory / "plans"
    plans.mkdir(parents=True)
    workspace = _WORKSPACE.format(single=str(single_phase).lower())
    (directory / "launcher.yaml").write_text(workspace)
    for name, spec in _PLANS.items():
        needs = f"\n  needs: [{', '.join(NEEDS[name])}]" if NEEDS[name] else ""
        (plans / f"{name}.yaml").write_text(
            f"apiVersion: launcher/v1\nkind: PlanLaunch\nmetadata:\n  name: {name}\n"
            f"spec:\n  {spec}{needs}\n"
        )
    return directory


class Fleet:
    """The served sandbox that the fleet launches on; a context manager.

    Attributes:
        environ: variables that let `launcher` find it, with short times.
    """

    def __init__(self, faults: Path | None = None, speed: float = 50) -> None:
        self._server: SandboxServer = serve(faults=faults, speed=speed)

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
        """How often each launch began to run, by its name in the marker."""
        counts = dict.fromkeys(NEEDS, 0)
        for item in self.instances():
            counts[item["variables"]["LAUNCH_KEY"].split("/")[2]] += item["began"]
        return counts

    def _get(self, what: str) -> dict[str, Any]:
        answer = httpx.get(f"{self._server.url}/_sandbox/{what}").raise_for_status()
        found: dict[str, Any] = answer.json()
        return found
