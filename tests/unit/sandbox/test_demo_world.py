"""The built-in demo world answers the calls that the demo and the documents make."""

from __future__ import annotations

import json

import httpx

from launcher.sandbox.server import serve

_AUTHORISATION = json.dumps(
    {"bk_app_code": "launcher", "bk_app_secret": "secret", "bk_username": "admin"},
)
_DOCUMENTED = {
    "bk_scope_type": "biz",
    "bk_scope_id": "1",
    "job_plan_id": 100,
    "global_var_list": [
        {
            "id": 436,
            "server": {
                "dynamic_group_list": [{"id": "blo8gojho0skft7pr5q0"}],
                "host_id_list": [101, 102],
                "topo_node_list": [{"id": 1000, "node_type": "module"}],
            },
        },
        {"name": "param_name", "value": "param_value"},
    ],
}


def test_the_documented_call_works_over_a_socket():
    with serve() as server:
        headers = {"X-Bkapi-Authorization": _AUTHORISATION}
        url = f"{server.url}/api/bk-job/prod/api/v3/execute_job_plan"
        answer = httpx.post(url, json=_DOCUMENTED, headers=headers, trust_env=False).json()
        seen = httpx.get(f"{server.url}/_sandbox/instances", trust_env=False).json()
    assert answer["data"]["job_instance_id"] == 20000000001
    (instance,) = seen["instances"]
    assert instance["hosts"]["hosts"] == [101, 102, 103]
    assert instance["variables"]["param_name"] == "param_value"
