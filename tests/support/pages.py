"""JOB's own pages: what people do there, beside launcher."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import launcher.sandbox
from launcher.sandbox.routes import OPERATIONS
from launcher.sandbox.transport import milliseconds, open_transport
from launcher.sandbox.wire import Request

if TYPE_CHECKING:
    from tests.support.workspaces import Place

__all__ = ["FAILS_ONCE", "Pages", "fails_once"]

FAILS_ONCE = 1004
"""The job plan that fails at its first execution, in the world of `fails_once`."""

_DEMO = Path(launcher.sandbox.__file__).parent / "demo.yaml"
_FAILS = 'runs: [{takes_s: 1, ends: fail, exit_code: 3, log: "no space left on {ip}\\n"}]'
_RETRY_FAILED_HOSTS = 2
_START = 2


def fails_once(place: Place) -> Place:
    """`place` with a world in which `FAILS_ONCE` succeeds once its failed hosts are retried."""
    text = _DEMO.read_text()
    assert text.count(_FAILS) == 1
    world = place.write(
        ".launcher/world.yaml", text.replace(_FAILS, _FAILS[:-1] + ", {takes_s: 1}]")
    )
    place.environ["LAUNCHER_SANDBOX_WORLD"] = str(world)
    return place


@dataclass
class Pages:
    """What `user` does with the sandbox behind `place`."""

    place: Place
    user: str = "bo"
    environment: str = "sandbox"

    def run(self, plan: int = 1001, *, start: bool = True, scope: str = "2") -> int:
        """Run a job plan; the id of its instance."""
        asked = {"job_plan_id": plan, "start_task": start, "bk_scope_id": scope}
        found: int = self.call("execute_job_plan", **asked)["job_instance_id"]
        return found

    def start(self, instance: int) -> None:
        """Start an instance that was created un-started."""
        self.call("operate_job_instance", job_instance_id=instance, operation_code=_START)

    def retry_failed_hosts(self, instance: int) -> None:
        """Execute the failed step of `instance` again on the hosts on which it failed."""
        status = self.call("get_job_instance_status", job_instance_id=instance)
        (failed,) = (item for item in status["step_instance_list"] if item["status"] == 4)
        self.call(
            "operate_step_instance",
            job_instance_id=instance,
            step_instance_id=failed["step_instance_id"],
            operation_code=_RETRY_FAILED_HOSTS,
        )

    def call(self, operation: str, **asked: Any) -> Any:
        """The `data` of a call that must succeed."""
        now = self.place.clock.now
        state = self.place.root / ".launcher" / "sandbox" / f"{self.environment}.sqlite"
        state.parent.mkdir(parents=True, exist_ok=True)
        named = self.place.environ.get("LAUNCHER_SANDBOX_WORLD")
        transport = open_transport(state, Path(named) if named else None, lambda: now)
        try:
            reply = transport.store.exchange(self._request(operation, asked), milliseconds(now))
        finally:
            transport.close()
        answer = json.loads(reply.response.body)
        assert answer["code"] == 0, answer
        return answer["data"]

    def _request(self, operation: str, asked: dict[str, Any]) -> Request:
        method = OPERATIONS[operation].method
        credentials = {"bk_app_code": "app", "bk_app_secret": "s", "bk_username": self.user}
        headers = {"x-bkapi-authorization": json.dumps(credentials)}
        params = {"bk_scope_type": "biz", "bk_scope_id": "2", **asked}
        path = f"/api/bk-job/prod/api/v3/{operation}"
        if method == "GET":
            query = tuple((name, str(value)) for name, value in params.items())
            return Request(method, path, query, headers)
        return Request(method, path, (), headers, json.dumps(params).encode())
