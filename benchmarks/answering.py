"""A JOB server that costs nearly nothing: it knows one job plan, and answers each request after a pause.

A process of its own, so that its work is not measured with the client's; it prints its port, and ends
when its standard input does. What it answers is enough for a launch in two phases with read-back. `GET
/_asked` tells how often each operation was asked for; it is not counted and waits for nothing.
"""

from __future__ import annotations

import asyncio
import base64
import json
import sys
import time
from collections import Counter
from typing import Any
from urllib.parse import parse_qsl

PLAN = 1000
NO_PLAN = 9007199254740991
NO_INSTANCE = 1
FIRST = 20000000001
SCRIPT = "#!/bin/sh\necho ok\n"
_STEP = {"script_type": 1, "script_language": 1, "script_timeout": 600, "account": {"id": 4}}
_HOST = {"bk_host_id": 101, "bk_cloud_id": 0, "ip": "10.0.0.11"}
_SERVER = {"server": {"ip_list": [_HOST]}}


class Job:
    """What the server knows.

    Attributes:
        asked: how often each operation was asked for.
    """

    def __init__(self) -> None:
        self.asked: Counter[str] = Counter()
        self._instances: dict[int, tuple[int, list[Any]]] = {}
        self._started: set[int] = set()

    def answer(self, operation: str, values: dict[str, Any]) -> dict[str, Any]:
        """The envelope for one request."""
        self.asked[operation] += 1
        match operation:
            case "get_job_plan_detail":
                return _data(_plan())
            case "execute_job_plan":
                return self._execute(values)
            case "operate_job_instance":
                return self._operate(values)
            case "get_job_instance_status":
                return _data(self._status(int(values["job_instance_id"])))
            case "get_job_instance_global_var_value":
                texts = self._instances[int(values["job_instance_id"])][1]
                return _data({"step_instance_var_list": [{"global_var_list": texts}]})
            case "get_step_instance_detail":
                info = {**_STEP, **_SERVER, "script_content": SCRIPT, "script_param": ""}
                return _data({"id": 11, "type": 1, "name": "check", "script_info": info})
            case "get_step_instance_status":
                group = {"result_type": 5, "host_size": 1, "host_result_list": [_HOST]}
                return _data({"status": 1, "step_result_group_list": [group]})
            case _:
                return _refusal(1240003)

    def _execute(self, values: dict[str, Any]) -> dict[str, Any]:
        if values["job_plan_id"] == NO_PLAN:
            return _refusal(1244012 if values["start_task"] is False else 1240003)
        instance = FIRST + len(self._instances)
        self._instances[instance] = (round(time.time() * 1000), values["global_var_list"])
        return _data({"job_instance_id": instance, "job_instance_name": "check"})

    def _operate(self, values: dict[str, Any]) -> dict[str, Any]:
        instance = values["job_instance_id"]
        if instance not in self._instances:
            return _refusal(1244006)
        if instance in self._started:
            return _refusal(1241015)
        self._started.add(instance)
        return _data({"job_instance_id": instance})

    def _status(self, instance: int) -> dict[str, Any]:
        status = 2 if instance in self._started else 1
        row = {"job_instance_id": instance, "name": "check", "status": status}
        step = {"step_instance_id": instance + 10**9, "name": "check", "type": 1, "status": status}
        return {
            "finished": False,
            "job_instance": {**row, "create_time": self._instances[instance][0]},
            "step_instance_list": [step],
        }


def _plan() -> dict[str, Any]:
    text = base64.b64encode(SCRIPT.encode()).decode()
    info = {**_STEP, **_SERVER, "script_content": text, "script_param": ""}
    return {
        "id": PLAN,
        "name": "check",
        "last_modify_time": 1_795_000_000,
        "step_list": [{"id": 11, "type": 1, "name": "check", "script_info": info}],
        "global_var_list": [
            {"id": number, "name": name, "type": 1, "value": "", "required": 0}
            for number, name in enumerate(("package_version", "LAUNCH_KEY"), start=1)
        ],
    }


def _data(data: object) -> dict[str, Any]:
    return {"code": 0, "result": True, "job_request_id": "0" * 32, "data": data}


def _refusal(code: int) -> dict[str, Any]:
    return {"code": code, "result": False, "job_request_id": "0" * 32, "message": "no"}


class Connection(asyncio.Protocol):
    """One connection; requests on it come one after the other."""

    def __init__(self, job: Job, pause_s: float) -> None:
        self._job = job
        self._pause_s = pause_s
        self._read = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep where to write."""
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        """Answer each whole request, after the pause."""
        self._read += data
        head, end, body = self._read.partition(b"\r\n\r\n")
        length = _length(head)
        if not end or len(body) < length:
            return
        self._read = body[length:]
        target = head.split(b" ", 2)[1].decode()
        path, _, query = target.partition("?")
        values = json.loads(body[:length]) if length else dict(parse_qsl(query))
        if path == "/_asked":
            self._write(dict(self._job.asked))
        else:
            answer = self._job.answer(path.rpartition("/")[2], values)
            asyncio.get_running_loop().call_later(self._pause_s, self._write, answer)

    def _write(self, answer: dict[str, Any]) -> None:
        content = json.dumps(answer).encode()
        head = f"HTTP/1.1 200 OK\r\nContent-Length: {len(content)}\r\n\r\n"
        if isinstance(self._transport, asyncio.WriteTransport):
            self._transport.write(head.encode() + content)


def _length(head: bytes) -> int:
    found = head.lower().partition(b"\r\ncontent-length:")[2]
    return int(found.split(b"\r\n", 1)[0] or 0)


async def _serve(pause_s: float) -> None:
    job, loop = Job(), asyncio.get_running_loop()
    server = await loop.create_server(lambda: Connection(job, pause_s), "127.0.0.1", 0, backlog=256)
    print(server.sockets[0].getsockname()[1], flush=True)
    await loop.run_in_executor(None, sys.stdin.read)
    server.close()


if __name__ == "__main__":
    asyncio.run(_serve(float(sys.argv[1])))
