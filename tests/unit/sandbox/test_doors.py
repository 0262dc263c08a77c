"""Transport and authentication: doors, methods, headers, the envelope, the order of checks."""

from __future__ import annotations

import json

import pytest

from launcher.sandbox.routes import OPERATIONS
from tests.support.sandbox import SCOPE, a_plan, a_world, bench

_ESB_ONLY_GATEWAY = {"get_step_instance_detail", "get_step_instance_status"}


def test_methods_and_paths_every_operation_answers_at_the_gateway_with_its_own_method():
    table = bench()
    for name, operation in OPERATIONS.items():
        other = "GET" if operation.method == "POST" else "POST"
        assert table.send(name, **SCOPE).response.status == 200
        assert table.send(name, method=other, **SCOPE).response.status == 405


def test_methods_and_paths_esb_takes_posts_only_and_lacks_two_operations():
    table = bench()
    for name, operation in OPERATIONS.items():
        if operation.system_only:
            continue
        found = table.send(name, door="esb", **SCOPE).response.status
        assert found == (404 if name in _ESB_ONLY_GATEWAY else 200)
    assert table.send("get_job_plan_list", door="esb", method="GET").response.status == 405


@pytest.mark.parametrize(
    ("path", "status"),
    [
        pytest.param("/api/v3/get_job_plan_list", 200, id="paths: no prefix at the gateway"),
        pytest.param("/a/b/c/api/v3/get_job_plan_list", 200, id="paths: any prefix"),
        pytest.param("/api/v3/system/get_job_plan_list", 200, id="paths: the system family"),
        pytest.param("/api/v3/get_latest_service_version", 404, id="paths: version is system only"),
        pytest.param("/api/v3/get_job_plan_list/", 404, id="paths: the gateway has no slash"),
        pytest.param("/api/v3/nothing", 404, id="paths: unknown operation"),
        pytest.param("/", 404, id="paths: nothing at all"),
    ],
)
def test_paths_of_the_gateway(path, status):
    assert bench().send("get_job_plan_list", path=path, **SCOPE).response.status == status


def test_paths_esb_needs_its_trailing_slash_and_has_the_version_at_an_odd_path():
    table = bench()
    without = "/api/c/compapi/v2/jobv3/get_job_plan_list"
    assert table.send("get_job_plan_list", door="esb", path=without).response.status == 404
    odd = "/api/c/compapi/esb/api/v3/get_latest_service_version/"
    answer = table.send("get_latest_service_version", door="esb", path=odd).response
    assert answer.json()["data"] == {"version": "3.12.5"}


@pytest.mark.parametrize(
    ("header", "status"),
    [
        pytest.param("", 401, id="headers: no authorisation"),
        pytest.param("{", 401, id="headers: broken authorisation"),
        pytest.param("[]", 401, id="headers: authorisation is not an object"),
        pytest.param(
            '{"bk_app_code": "a", "bk_app_secret": "s", "bk_username": "\\ud800"}',
            401,
            id="headers: half a character",
        ),
        pytest.param('{"bk_app_code": "a", "bk_username": "u"}', 401, id="headers: no app secret"),
        pytest.param('{"bk_app_secret": "a", "bk_username": "u"}', 401, id="headers: no app code"),
        pytest.param(
            '{"bk_app_code": "a", "bk_app_secret": "s", "bk_token": "t", "bk_ticket": "t"}',
            401,
            id="headers: token and ticket exclude each other",
        ),
        pytest.param('{"access_token": "t"}', 200, id="headers: an access token is enough"),
        pytest.param(
            '{"bk_app_code": "a", "bk_app_secret": "s", "bk_ticket": "t"}',
            200,
            id="headers: a ticket stands for a user",
        ),
    ],
)
def test_credentials_at_the_gateway(header, status):
    sent = {"x-bkapi-authorization": header}
    assert bench().send("get_job_plan_list", headers=sent, **SCOPE).response.status == status


def test_credentials_in_the_query_are_not_taken_at_the_gateway():
    given = {"bk_app_code": "a", "bk_app_secret": "s", "bk_username": "u"}
    no_header = {"x-bkapi-authorization": ""}
    reply = bench().send("get_job_plan_list", headers=no_header, **{**SCOPE, **given})
    assert (reply.response.status, reply.response.body) == (401, b"")


def test_credentials_without_a_user_are_401_with_an_envelope():
    header = {"x-bkapi-authorization": '{"bk_app_code": "a", "bk_app_secret": "s"}'}
    response = bench().send("get_job_plan_list", headers=header, **SCOPE).response
    assert (response.status, response.json()["code"]) == (401, 1247002)


def test_credentials_the_system_family_takes_its_user_from_a_header():
    table = bench()
    header = {
        "x-bkapi-authorization": '{"bk_app_code": "a", "bk_app_secret": "s"}',
        "x-bk-username": "robot",
    }
    table.send("get_latest_service_version", headers=header)
    assert table.replies[-1].record.user == "robot"


def test_credentials_tokens_of_listed_users_are_the_only_ones():
    users = [{"name": "bob", "tokens": ["good"]}]
    table = bench(a_world(users=users))
    for token, status in (("good", 200), ("bad", 401)):
        header = json.dumps({"bk_app_code": "a", "bk_app_secret": "s", "bk_token": token})
        sent = {"x-bkapi-authorization": header}
        assert table.send("get_job_plan_list", headers=sent, **SCOPE).response.status == status


def test_tenant_header_is_needed_where_there_are_tenants():
    scopes = [
        {"type": "biz", "id": "2", "tenant": "red"},
        {"type": "biz", "id": "3", "tenant": "blue"},
    ]
    world = a_world(
        a_plan(),
        scopes=scopes,
        hosts=[{"id": 101, "ip": "10.0.0.11", "scopes": ["biz/2"]}],
        server={"tenants": True},
    )
    table = bench(world)
    missing = table.send("get_job_plan_list", **SCOPE).response
    assert (missing.status, missing.body) == (401, b"")
    assert table.send("get_job_plan_list", door="esb", **SCOPE).response.status == 401
    red = {"x-bk-tenant-id": "red"}
    assert table.code("get_job_plan_list", headers=red) == 0
    assert table.code("get_job_plan_list", headers=red, bk_scope_id="3") == 1243049


@pytest.mark.parametrize(
    ("language", "message"),
    [
        pytest.param("en", "Task instance does not exist", id="headers: en is English"),
        pytest.param("EN", "Task instance does not exist", id="headers: case does not count"),
        pytest.param("zh-cn", "找不到作业实例", id="headers: zh-cn is Chinese"),
        pytest.param("fr", "找不到作业实例", id="headers: anything else is Chinese"),
        pytest.param("", "找不到作业实例", id="headers: absent is Chinese"),
    ],
)
def test_language_of_messages(language, message):
    headers = {"blueking-language": language}
    answer = bench().call("get_job_instance_status", headers=headers, job_instance_id=1)
    assert answer["message"] == message


def test_envelope_a_success_has_neither_message_nor_permission():
    answer = bench().call("get_job_plan_list")
    assert list(answer) == ["code", "result", "job_request_id", "data"]
    assert (answer["code"], answer["result"]) == (0, True)


def test_envelope_a_failure_has_no_data():
    answer = bench().call("get_job_instance_status", job_instance_id=1)
    assert list(answer) == ["code", "result", "job_request_id", "message"]
    assert answer["result"] is False


def test_envelope_request_ids_differ_and_stand_in_a_header():
    table = bench()
    replies = [table.send("get_job_plan_list", **SCOPE) for _ in range(2)]
    ids = [dict(reply.response.headers)["X-Bk-Job-Request-Id"] for reply in replies]
    assert ids[0] != ids[1]
    assert ids == [reply.response.json()["job_request_id"] for reply in replies]


def test_envelope_esb_adds_its_own_message_and_request_id():
    answer = bench().call("get_job_plan_list", door="esb")
    assert answer["message"] == "success"
    assert answer["request_id"] != answer["job_request_id"]


def test_envelope_nulls_inside_data_are_written():
    instance = (table := bench()).prepare()
    job = table.status(instance)["job_instance"]
    assert (job["start_time"], job["end_time"], job["total_time"]) == (None, None, None)


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b"{", id="order-of-checks: malformed JSON"),
        pytest.param(b"[]", id="order-of-checks: not an object"),
        pytest.param(b"", id="order-of-checks: empty body"),
        pytest.param(b'{"a": NaN}', id="order-of-checks: not a number"),
        pytest.param(b"\xff", id="order-of-checks: not UTF-8"),
        pytest.param(b'{"a":' * 100_000, id="order-of-checks: endless nesting"),
        pytest.param(b'{"a": ' + b"9" * 5000 + b"}", id="order-of-checks: endless number"),
        pytest.param(b'{"a": 1e999}', id="order-of-checks: a number beyond all doubles"),
        pytest.param(b'{"a": ["\\ud800"]}', id="order-of-checks: half a character"),
        pytest.param(b'{"\\udc00": 1}', id="order-of-checks: half a character in a name"),
        pytest.param(
            b'{"a": ' + b"[" * 300 + b"]" * 300 + b"}", id="order-of-checks: deep nesting"
        ),
    ],
)
def test_a_body_that_is_not_an_object_is_a_bad_request(body):
    answer = bench().send("execute_job_plan", body=body).response
    assert (answer.status, answer.json()["code"]) == (200, 1240003)


@pytest.mark.parametrize(
    ("params", "code"),
    [
        pytest.param({"bk_scope_type": "farm", "bk_scope_id": "2"}, 1241005, id="scope: bad type"),
        pytest.param({"bk_scope_type": "biz", "bk_scope_id": "9"}, 1243049, id="scope: unknown"),
        pytest.param({"bk_biz_id": "two"}, 1240002, id="scope: bk_biz_id is no number"),
        pytest.param({"bk_biz_id": 2}, 1241005, id="scope: bk_biz_id still works"),
        pytest.param({"bk_biz_id": 8000001}, 1241005, id="scope: old ids of business sets"),
        pytest.param(
            {"bk_biz_id": 9, "bk_scope_type": "biz", "bk_scope_id": "2"},
            1241005,
            id="scope: the scope fields win over bk_biz_id",
        ),
        pytest.param({}, 1240003, id="scope: none in a POST"),
        pytest.param({"bk_scope_type": "biz"}, 1240003, id="scope: no id in a POST"),
        pytest.param({"bk_scope_id": "2"}, 1240003, id="scope: no type in a POST"),
        pytest.param({"bk_scope_type": "biz", "bk_scope_id": " "}, 1240003, id="scope: blank id"),
        pytest.param({"bk_scope_type": "biz", "bk_scope_id": 2}, 1241005, id="scope: id as number"),
    ],
)
def test_scope_of_a_post(params, code):
    """1241005 is the next check, of `job_plan_id`: the scope was found."""
    world = a_world(
        scopes=[
            {"type": "biz", "id": "2"},
            {"type": "biz", "id": "3"},
            {"type": "biz_set", "id": "8000001"},
        ],
    )
    assert bench(world).send("execute_job_plan", **params).response.json()["code"] == code


@pytest.mark.parametrize(
    ("operation", "params", "code"),
    [
        pytest.param("get_job_plan_list", {}, 1240002, id="scope: none in a GET"),
        pytest.param("get_job_plan_list", {"bk_scope_id": "2"}, 1240002, id="scope: half in a GET"),
        pytest.param(
            "get_job_instance_list",
            {"create_time_start": 1, "create_time_end": 2},
            0,
            id="scope: the instance list finds nothing without one",
        ),
        pytest.param(
            "get_step_instance_status",
            {"bk_biz_id": 2, "job_instance_id": 1, "step_instance_id": 1},
            1240003,
            id="scope: the step queries know no bk_biz_id",
        ),
        pytest.param("get_latest_service_version", {}, 0, id="scope: the version needs none"),
    ],
)
def test_scope_of_a_get(operation, params, code):
    assert bench().send(operation, **params).response.json()["code"] == code


def test_scope_tenant_sets_are_scopes_too():
    world = a_world(scopes=[{"type": "tenant_set", "id": "1"}, *_BIZ])
    table = bench(world)
    assert table.code("get_job_plan_list", bk_scope_type="tenant_set", bk_scope_id="1") == 0


_BIZ = [{"type": "biz", "id": "2"}, {"type": "biz", "id": "3"}]


def test_scope_is_looked_up_before_the_body_is_validated():
    unknown = {**SCOPE, "bk_scope_id": "9"}
    sent = bench().send("execute_job_plan", **unknown, global_var_list=[{"id": 0}])
    answer = sent.response.json()
    assert answer["code"] == 1243049


def test_access_to_the_scope_is_checked_before_the_body_is_validated():
    users = [{"name": "alice", "denied": [{"action": "access_business", "scope": "biz/2"}]}]
    table = bench(a_world(users=users))
    assert table.code("execute_job_plan", global_var_list=[{"id": 0}]) == 9900403
    assert table.code("get_job_plan_list") == 9900403
    assert table.code("get_job_plan_list", bk_scope_id="3") == 0


def test_permission_failure_layout():
    users = [
        {
            "name": "alice",
            "display_name": "Alice Liddell",
            "denied": [{"action": "launch_job_plan", "plan": 1000}],
        },
    ]
    answer = bench(a_world(users=users)).call("execute_job_plan", job_plan_id=1000)
    assert answer["code"] == 9900403
    assert answer["message"].startswith("User (Alice Liddell) permission not allowed")
    permission = answer["permission"]
    assert (permission["system_id"], permission["system_name"]) == ("bk_job", "Job")
    assert "url" not in json.dumps(permission)
    (action,) = permission["actions"]
    assert action["id"] == "launch_job_plan"
    plan, host = action["related_resource_types"]
    assert plan["instances"] == [
        [{"id": "1000", "type": "job_plan", "type_name": "Job Plans", "name": "web rollout"}],
    ]
    assert host["system_id"] == "bk_cmdb"
    assert [part["id"] for part in host["instances"][0]] == ["2", "101"]


def test_permission_strangers_can_be_denied_everything():
    table = bench(a_world(users=[{"name": "alice"}], strangers="denied"))
    assert table.code("get_job_plan_list") == 0
    table.user = "mallory"
    assert table.code("get_job_plan_list") == 9900403
