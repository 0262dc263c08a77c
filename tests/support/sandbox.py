"""A sandbox world on the bench: call it, let time pass, look inside."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from functools import cache
from typing import TYPE_CHECKING, Any

import jsonschema_rs

from launcher.sandbox.openapi import components, envelope
from launcher.sandbox.routes import OPERATIONS
from launcher.sandbox.wire import Reply, Request
from launcher.sandbox.world import World
from launcher.sandbox.worldfile import parse_definition, parse_faults

if TYPE_CHECKING:
    from launcher.sandbox.definition import Definition
    from launcher.sandbox.faults import Fault
    from launcher.sandbox.state import Instance, State

__all__ = [
    "NOON_MS",
    "SCOPE",
    "Bench",
    "a_plan",
    "a_script",
    "a_variable",
    "a_world",
    "bench",
    "conforms",
]

NOON_MS = 1_795_348_800_000
"""2026-11-22 12:00 UTC, when every bench begins."""

SCOPE: dict[str, Any] = {"bk_scope_type": "biz", "bk_scope_id": "2"}

_HOSTS = [
    {"id": 101, "ip": "10.0.0.11", "scopes": ["biz/2"], "agent_id": "agent-101"},
    {"id": 102, "ip": "10.0.0.12", "scopes": ["biz/2"]},
    {"id": 103, "ip": "10.0.0.13", "scopes": ["biz/2"]},
    {"id": 301, "ip": "10.3.0.1", "scopes": ["biz/3"]},
]


def a_variable(name: str, kind: str = "string", **fields: Any) -> dict[str, Any]:
    """A variable of a plan; its id follows from its name unless given."""
    return {"id": 5000 + sum(map(ord, name)), "name": name, "type": kind, **fields}


def a_script(name: str = "check", **fields: Any) -> dict[str, Any]:
    """A script step on host 101 that takes a second."""
    step = {
        "type": "script",
        "id": 3000 + sum(map(ord, name)),
        "name": name,
        "script": "echo ok\n",
        "account": 4,
        **fields,
    }
    return step if "variable" in step else {"targets": {"hosts": [101]}, **step}


def a_plan(*steps: dict[str, Any], **fields: Any) -> dict[str, Any]:
    """Plan 1000 of biz 2, with one script step unless others are given."""
    return {
        "id": 1000,
        "template": 500,
        "name": "web rollout",
        "steps": list(steps) or [a_script()],
        **fields,
    }


def a_world(*plans: dict[str, Any], **fields: Any) -> Definition:
    """A world with biz 1 to 3, four hosts, and plan 1000 unless others are given."""
    body = {
        "id": "bench",
        "scopes": [
            {"type": "biz", "id": "1", "name": "one"},
            {"type": "biz", "id": "2", "name": "demo"},
            {"type": "biz", "id": "3", "name": "other"},
        ],
        "templates": [
            {"id": 500, "scope": "biz/2", "name": "web"},
            {"id": 600, "scope": "biz/3", "name": "web"},
        ],
        "hosts": _HOSTS,
        "accounts": [{"id": 4, "name": "root"}],
        "plans": list(plans) or [a_plan()],
        **fields,
    }
    return parse_definition(json.dumps(body), "bench")


@dataclass
class Bench:
    """A world with its state and a clock that moves only when told to."""

    world: World
    state: State
    now_ms: int = NOON_MS
    user: str = "alice"
    replies: list[Reply] = field(default_factory=list)

    def wait(self, seconds: float) -> Bench:
        """Let time pass."""
        self.now_ms += round(seconds * 1000)
        return self

    def as_user(self, name: str) -> Bench:
        """Let somebody else call from now on."""
        self.user = name
        return self

    def send(
        self,
        operation: str,
        *,
        door: str = "gateway",
        headers: dict[str, str] | None = None,
        method: str | None = None,
        path: str | None = None,
        body: bytes | None = None,
        **params: Any,
    ) -> Reply:
        """One request with credentials; scope and parameters as given, nothing added."""
        known = OPERATIONS.get(operation)
        method = method or ("POST" if door == "esb" or known is None else known.method)
        credentials = {"bk_app_code": "app", "bk_app_secret": "s", "bk_username": self.user}
        sent = {"blueking-language": "en"}
        if door == "gateway":
            family = "system/" if known and known.system_only else ""
            path = path or f"/api/bk-job/prod/api/v3/{family}{operation}"
            sent["x-bkapi-authorization"] = json.dumps(credentials)
        else:
            path = path or f"/api/c/compapi/v2/jobv3/{operation}/"
            params = {**credentials, **params}
        query: tuple[tuple[str, str], ...] = ()
        if method == "GET":
            query = tuple((name, _query_text(value)) for name, value in params.items())
        elif body is None:
            body = json.dumps(params).encode()
        request = Request(method, path, query, {**sent, **(headers or {})}, body or b"")
        self.state, reply = self.world.answer(self.state, request, self.now_ms)
        self.replies.append(reply)
        conforms(reply)
        return reply

    def call(self, operation: str, **params: Any) -> dict[str, Any]:
        """The envelope that answers a call in biz 2; HTTP must be 200."""
        reply = self.send(operation, **{**SCOPE, **params})
        assert reply.response.status == 200, reply
        return reply.response.json()

    def data(self, operation: str, **params: Any) -> Any:
        """The `data` of a call that must succeed."""
        answer = self.call(operation, **params)
        assert answer["code"] == 0, answer
        return answer["data"]

    def code(self, operation: str, **params: Any) -> int:
        """The `code` of a call."""
        code: int = self.call(operation, **params)["code"]
        return code

    def prepare(self, plan: int = 1000, **params: Any) -> int:
        """Create an un-started instance; gives its id."""
        created = self.data("execute_job_plan", job_plan_id=plan, start_task=False, **params)
        instance: int = created["job_instance_id"]
        return instance

    def start(self, instance: int, **params: Any) -> int:
        """Ask for a START; gives the code."""
        return self.operate(instance, 2, **params)

    def operate(self, instance: int, operation: int, **params: Any) -> int:
        """Operate on an instance; gives the code."""
        return self.code(
            "operate_job_instance",
            job_instance_id=instance,
            operation_code=operation,
            **params,
        )

    def operate_step(self, instance: int, operation: int, step: int = 0, **params: Any) -> int:
        """Operate on the step at that position; gives the code."""
        return self.code(
            "operate_step_instance",
            job_instance_id=instance,
            step_instance_id=self.step_id(instance, step),
            operation_code=operation,
            **params,
        )

    def run(self, plan: int = 1000, seconds: float = 60, **params: Any) -> int:
        """Create, start and wait; gives the instance's id."""
        instance = self.prepare(plan, **params)
        assert self.start(instance) == 0
        self.wait(seconds)
        return instance

    def status(self, instance: int, **params: Any) -> dict[str, Any]:
        """What get_job_instance_status tells."""
        data: dict[str, Any] = self.data(
            "get_job_instance_status", job_instance_id=instance, **params
        )
        return data

    def job_status(self, instance: int) -> int:
        """The job's state."""
        status: int = self.status(instance)["job_instance"]["status"]
        return status

    def step_statuses(self, instance: int) -> list[int]:
        """The steps' states in order."""
        return [step["status"] for step in self.status(instance)["step_instance_list"]]

    def inside(self, instance: int) -> Instance:
        """The instance as the world holds it, brought to the present."""
        self.state = self.world.advance(self.state, self.now_ms)
        return self.state.instances[instance]

    def step_id(self, instance: int, step: int = 0) -> int:
        """The id of the step at that position."""
        return self.state.instances[instance].steps[step].id

    def texts(self, instance: int) -> dict[str, Any]:
        """The String variables that read back from the first script step."""
        data = self.data("get_job_instance_global_var_value", job_instance_id=instance)
        first = data["step_instance_var_list"][0]["global_var_list"]
        return {item["name"]: item["value"] for item in first}

    def arm(self, *faults: dict[str, Any]) -> Bench:
        """Arm scripted faults."""
        parsed: tuple[Fault, ...] = parse_faults(json.dumps(faults), "faults")
        fresh = self.world.initial(*parsed).faults
        self.state = replace(self.state, faults=self.state.faults + fresh)
        return self


def bench(definition: Definition | None = None, *, speed: float = 1.0) -> Bench:
    """A bench with `definition`, or the usual world."""
    world = World(definition or a_world(), speed)
    return Bench(world, world.initial())


@cache
def _validator(operation: str, *, through_esb: bool) -> jsonschema_rs.Validator:
    schema = envelope(operation, through_esb=through_esb)
    return jsonschema_rs.validator_for({**schema, "components": components()})


def conforms(reply: Reply) -> None:
    """Hold an answer of JOB's own against what the OpenAPI document says of it."""
    told = reply.record
    if told.operation is None or reply.response.status != 200 or reply.delivery.is_silent:
        return
    _validator(told.operation, through_esb=told.door == "esb").validate(reply.response.json())


def _query_text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
