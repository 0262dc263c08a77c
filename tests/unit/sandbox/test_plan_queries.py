"""get_job_plan_list, get_job_plan_detail, get_job_template_list, get_latest_service_version."""

from __future__ import annotations

import base64

import pytest

from tests.support.sandbox import a_plan, a_script, a_variable, a_world, bench

_TEMPLATES = [
    {"id": 500, "scope": "biz/2", "name": "web", "modified": 1_767_000_500, "creator": "ann"},
    {"id": 501, "scope": "biz/2", "name": "gone", "deleted": True},
    {"id": 502, "scope": "biz/2", "name": "db_web", "modified": 1_767_000_900},
    {"id": 600, "scope": "biz/3", "name": "web"},
]


def _plans():
    return [
        a_plan(id=1, name="web a", modified=1_767_000_100, creator="ann", modifier="bob"),
        a_plan(id=2, name="web b", modified=1_767_000_300, need_update=True),
        a_plan(id=3, name="web a", template=502, modified=1_767_000_200),
        a_plan(id=4, name="orphan", template=501, modified=1_767_000_400),
        a_plan(id=5, name="elsewhere", template=600),
    ]


def _table(**fields):
    return bench(a_world(*_plans(), templates=_TEMPLATES, **fields))


def _ids(data):
    return [row["id"] for row in data["data"]]


@pytest.mark.parametrize(
    ("params", "found", "total"),
    [
        pytest.param({}, [2, 3, 1], 4, id="plan-list: last changed first, a short page"),
        pytest.param({"name": "web"}, [2, 3, 1], 3, id="plan-list: name is LIKE"),
        pytest.param({"name": "w%b"}, [2, 3, 1], 3, id="plan-list: wildcards in the name"),
        pytest.param({"name": "web_a"}, [3, 1], 2, id="plan-list: an underscore is any character"),
        pytest.param({"job_template_id": 502}, [3], 1, id="plan-list: by template"),
        pytest.param({"creator": "ann"}, [1], 1, id="plan-list: by creator"),
        pytest.param({"creator": "an"}, [], 0, id="plan-list: creator is exact"),
        pytest.param({"last_modify_user": "bob"}, [1], 1, id="plan-list: by last user"),
        pytest.param(
            {"create_time_start": 9, "last_modify_time_end": 1},
            [2, 3, 1],
            4,
            id="plan-list: time filters are ignored",
        ),
        pytest.param({"start": 1, "length": 2}, [2, 3], 4, id="plan-list: a page"),
        pytest.param({"start": 9}, [], 0, id="plan-list: an empty page has total 0"),
        pytest.param(
            {"start": -1, "length": -1}, [2, 3, 1], 4, id="plan-list: -1/-1 is everything"
        ),
        pytest.param({"length": 100_000}, [2, 3, 1], 4, id="plan-list: no largest page"),
        pytest.param({"bk_scope_id": "3"}, [5], 1, id="plan-list: of one scope"),
    ],
)
def test_plan_list(params, found, total):
    data = _table().data("get_job_plan_list", **params)
    assert (_ids(data), data["total"]) == (found, total)


def test_plan_list_a_length_below_1_means_10():
    plans = [a_plan(id=number) for number in range(1, 15)]
    table = bench(a_world(*plans))
    for length, shown in ((0, 10), (-5, 10), (None, 14)):
        params = {} if length is None else {"length": length}
        assert len(table.data("get_job_plan_list", **params)["data"]) == shown


def test_plan_list_item_has_seconds_and_no_permission_is_asked():
    users = [{"name": "alice", "denied": [{"action": "view_job_plan"}]}]
    (row,) = _table(users=users).data("get_job_plan_list", job_template_id=502)["data"]
    assert row == {
        "bk_biz_id": 2,
        "bk_scope_type": "biz",
        "bk_scope_id": "2",
        "id": 3,
        "job_template_id": 502,
        "name": "web a",
        "creator": "admin",
        "create_time": 1_767_000_000,
        "last_modify_user": "admin",
        "last_modify_time": 1_767_000_200,
        "need_update": False,
    }


def test_template_list():
    data = _table().data("get_job_template_list", name="web")
    assert (_ids(data), data["total"]) == ([502, 500], 2)
    assert data["data"][1] == {
        "bk_biz_id": 2,
        "bk_scope_type": "biz",
        "bk_scope_id": "2",
        "id": 500,
        "name": "web",
        "creator": "ann",
        "create_time": 1_767_000_000,
        "last_modify_user": "admin",
        "last_modify_time": 1_767_000_500,
        "description": None,
    }
    assert _ids(_table().data("get_job_template_list", name="gone")) == []


@pytest.mark.parametrize(
    ("params", "code"),
    [
        pytest.param({}, 1240003, id="plan-detail: GET without id"),
        pytest.param({"door": "esb"}, 1241007, id="plan-detail: POST without id"),
        pytest.param({"job_plan_id": 0}, 1241007, id="plan-detail: zero"),
        pytest.param({"job_plan_id": 77}, 1243009, id="plan-detail: unknown"),
        pytest.param({"job_plan_id": 5}, 1243009, id="plan-detail: another scope"),
        pytest.param({"job_plan_id": 4}, 1243026, id="plan-detail: template gone"),
    ],
)
def test_plan_detail_rules(params, code):
    assert _table().code("get_job_plan_detail", **params) == code


def test_plan_detail_needs_view_job_plan():
    users = [{"name": "alice", "denied": [{"action": "view_job_plan", "plan": 1}]}]
    table = _table(users=users)
    assert table.code("get_job_plan_detail", job_plan_id=1) == 9900403
    assert table.code("get_job_plan_detail", job_plan_id=2) == 0


def test_plan_detail_of_steps():
    steps = [
        a_script(param="-p secret", param_sensitive=True, variable="HOSTS"),
        a_script("off", enabled=False),
        {"type": "approval", "id": 1, "name": "approve", "message": "go?", "users": ["bob"]},
    ]
    data = bench(a_world(a_plan(*steps))).data("get_job_plan_detail", job_plan_id=1000)
    assert (data["id"], data["job_template_id"]) == (1000, 500)
    assert "job_plan_id" not in data
    assert "need_update" not in data
    assert [step["name"] for step in data["step_list"]] == ["check", "off", "approve"]
    assert all("enable" not in key for step in data["step_list"] for key in step)
    script = data["step_list"][0]["script_info"]
    assert base64.b64decode(script["script_content"]) == b"echo ok\n"
    assert base64.b64decode(script["script_param"]) == b"-p secret"
    assert (script["is_param_sensitive"], script["is_ignore_error"]) == (1, None)
    assert script["account"] == {"id": 4, "name": None, "alias": None}
    assert script["server"] == {
        "variable": "HOSTS",
        "ip_list": None,
        "dynamic_group_list": None,
        "topo_node_list": None,
    }
    assert data["step_list"][2]["approval_info"]["approval_user"]["user_list"] == ["bob"]
    assert data["step_list"][1]["script_info"]["server"]["ip_list"][0]["bk_host_id"] == 101


def test_plan_detail_of_a_file_step_has_the_real_keys():
    step = {
        "type": "file",
        "id": 3500,
        "name": "push",
        "sources": [{"files": ["/a"]}],
        "path": "/data/",
        "account": 4,
        "targets": {"hosts": [101]},
    }
    data = bench(a_world(a_plan(step))).data("get_job_plan_detail", job_plan_id=1000)
    info = data["step_list"][0]["file_info"]
    assert list(info) == [
        "file_source_list",
        "file_destination",
        "timeout",
        "source_speed_limit",
        "destination_speed_limit",
        "transfer_mode",
        "is_ignore_error",
    ]
    assert info["file_source_list"][0]["file_type"] == 2
    assert info["timeout"] == 7200


def test_plan_detail_of_variables():
    variables = [
        a_variable("TEXT", value="v", required=True, description="d"),
        a_variable("TOKEN", "cipher", value="secret"),
        a_variable("NO_TOKEN", "cipher"),
        a_variable("SPACE", "namespace", value="n"),
        a_variable("MAP", "associative-array", value="m"),
        a_variable("LIST", "index-array", value="l"),
        a_variable("HOSTS", "hosts", targets={"hosts": [101], "groups": ["g"]}),
    ]
    data = bench(a_world(a_plan(variables=variables))).data("get_job_plan_detail", job_plan_id=1000)
    found = {item["name"]: item for item in data["global_var_list"]}
    assert [item["type"] for item in data["global_var_list"]] == [1, 4, 4, 2, 5, 6, 3]
    assert found["TEXT"] == {
        "id": variables[0]["id"],
        "name": "TEXT",
        "value": "v",
        "server": None,
        "description": "d",
        "type": 1,
        "required": 1,
        "used": False,
    }
    assert {found["TOKEN"]["value"], found["NO_TOKEN"]["value"]} == {"******"}
    hosts = found["HOSTS"]
    assert hosts["value"] is None
    assert hosts["server"]["ip_list"][0]["bk_host_id"] == 101
    assert hosts["server"]["dynamic_group_list"] == [{"id": "g"}]
    assert "host_id_list" not in hosts["server"]
    assert all("changeable" not in item for item in data["global_var_list"])


@pytest.mark.parametrize(
    ("step", "used"),
    [
        pytest.param(a_script(script="echo $VAR"), True, id="used: in the script"),
        pytest.param(a_script(script="echo ${VAR}"), True, id="used: in braces"),
        pytest.param(a_script(script="echo VAR $VARS"), False, id="used: another name"),
        pytest.param(a_script(param="${VAR}"), True, id="used: in the parameters"),
        pytest.param(a_script(variable="VAR"), True, id="used: as a target"),
        pytest.param(a_script(script="echo $VAR", enabled=False), False, id="used: disabled step"),
        pytest.param({"type": "approval", "id": 1, "name": "$VAR"}, False, id="used: approval"),
    ],
)
def test_plan_detail_used(step, used):
    plan = a_plan(step, variables=[a_variable("VAR")])
    data = bench(a_world(plan)).data("get_job_plan_detail", job_plan_id=1000)
    assert data["global_var_list"][0]["used"] is used


def test_service_version_needs_its_own_permission():
    users = [{"name": "alice", "denied": [{"action": "service_state_access"}]}]
    table = bench(a_world(users=users, server={"version": "3.9.7"}))
    assert table.code("get_latest_service_version") == 9900403
    table.user = "bob"
    assert table.data("get_latest_service_version") == {"version": "3.9.7"}
