"""A small JOB behind an in-process transport: answers by operation, and remembers what was asked."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

import httpx

from launcher.job.server import JobServer, connect_transport

Reaction = httpx.Response | Exception | Callable[[Mapping[str, Any]], httpx.Response]


def success(data: Any) -> httpx.Response:
    body = {"code": 0, "result": True, "job_request_id": "req-1", "data": data}
    return httpx.Response(200, content=json.dumps(body))


def failure(code: int, message: str = "no", **more: Any) -> httpx.Response:
    body = {"code": code, "result": False, "job_request_id": "req-1", "message": message}
    return httpx.Response(200, json=body | more)


class JobApp:
    """Reacts to each operation in turn; the last reaction of an operation stays."""

    def __init__(self, **reactions: Reaction | list[Reaction]) -> None:
        self.reactions = {
            name: list(items) if isinstance(items, list) else [items]
            for name, items in reactions.items()
        }
        self.asked: list[tuple[str, dict[str, Any]]] = []
        self.requests: list[httpx.Request] = []
        self.slept: list[float] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        name = request.url.path.rpartition("/")[2]
        values = json.loads(request.content) if request.content else dict(request.url.params)
        self.requests.append(request)
        self.asked.append((name, values))
        queue = self.reactions[name]
        reaction = queue.pop(0) if len(queue) > 1 else queue[0]
        if isinstance(reaction, Exception):
            raise reaction
        return reaction(values) if callable(reaction) else _again(reaction)

    def connect(self, **options: Any) -> JobServer:
        options.setdefault("sleep", self.slept.append)
        options.setdefault("chance", lambda: 1.0)
        return connect_transport(httpx.MockTransport(self), "world-1", **options)

    def bodies(self, name: str) -> list[dict[str, Any]]:
        return [values for asked, values in self.asked if asked == name]


def _again(response: httpx.Response) -> httpx.Response:
    return httpx.Response(response.status_code, headers=response.headers, content=response.content)
