"""execute_job_plan: the request's own rules, target resolution, the order of refusals."""

from __future__ import annotations

import pytest

from tests.support.sandbox import a_plan, a_script, a_variable, a_world, bench

_HOSTS = a_variable("HOSTS", "hosts", targets={"hosts": [101]})


def _launch(*plans, **params):
    return bench(a_world(*plans)).code("execute_job_plan", **{"job_plan_id": 1000, **params})


@pytest.mark.parametrize(
    ("params", "code"),
    [
        pytest.param({"job_plan_id": None}, 1241005, id="launch: job_plan_id null"),
        pytest.param({"job_plan_id": 0}, 1241005, id="launch: job_plan_id zero"),
        pytest.param({"job_plan_id": -5}, 1241005, id="launch: job_plan_id negative"),
        pytest.param({"job_plan_id": "1000"}, 0, id="launch: a number may come as text"),
        pytest.param({"job_plan_id": "x"}, 1240003, id="launch: job_plan_id is no number"),
        pytest.param({"job_plan_id": {}}, 1240003, id="launch: job_plan_id is an object"),
        pytest.param({"job_plan_id": 2**63}, 1240003, id="launch: job_plan_id overflows"),
        pytest.param({"job_plan_id": 7}, 1244012, id="launch: unknown plan"),
        pytest.param({"bk_scope_id": "3"}, 1244012, id="launch: plan of another scope"),
        pytest.param({"start_task": {}}, 1240003, id="launch: start_task is an object"),
        pytest.param({"unknown": {}}, 0, id="launch: an unknown field is ignored"),
        pytest.param({"global_var_list": {}}, 1240003, id="launch: variables are no list"),
        pytest.param({"global_var_list": [1]}, 1240003, id="launch: a variable is no object"),
        pytest.param({"global_var_list": [{"id": 0}]}, 1240003, id="launch: variable id below 1"),
        pytest.param({"global_var_list": [None]}, 1240002, id="launch: a null variable"),
        pytest.param({"global_var_list": [{"value": "x"}]}, 1241005, id="launch: no id, no name"),
        pytest.param({"global_var_list": [{"name": " "}]}, 1241005, id="launch: blank name"),
    ],
)
def test_request_rules(params, code):
    assert _launch(**params) == code


@pytest.mark.parametrize(
    ("url", "code"),
    [
        pytest.param("", 0, id="callback: empty"),
        pytest.param("  ", 0, id="callback: blank"),
        pytest.param("https://ops.example.org/hook", 0, id="callback: https"),
        pytest.param("http://10.0.0.1:8080", 0, id="callback: http with a port"),
        pytest.param("ftp://ops.example.org", 1240003, id="callback: another scheme"),
        pytest.param("https:///hook", 1240003, id="callback: no host"),
        pytest.param("https://me@ops.example.org/", 1240003, id="callback: userinfo"),
        pytest.param("ops.example.org/hook", 1240003, id="callback: no scheme"),
        pytest.param("https://ops.example.org/a b", 1240003, id="callback: not a URI"),
        pytest.param("https://o.org/" + "x" * 1024, 1240002, id="callback: beyond the column"),
    ],
)
def test_callback_url(url, code):
    assert _launch(callback_url=url) == code


def test_callback_url_too_long_leaves_no_instance():
    table = bench()
    table.code("execute_job_plan", job_plan_id=1000, callback_url="https://o.org/" + "x" * 1024)
    assert not table.state.instances


@pytest.mark.parametrize(
    ("url", "code"),
    [
        pytest.param("https://ops.org/hooks", 0, id="white-list: the base itself"),
        pytest.param("https://ops.org/hooks/1", 0, id="white-list: below the base"),
        pytest.param("https://ops.org:443/hooks", 0, id="white-list: the effective port counts"),
        pytest.param("https://ops.org/hooks2", 1240003, id="white-list: only at a slash"),
        pytest.param("http://ops.org/hooks", 1240003, id="white-list: another scheme"),
        pytest.param("https://x.ops.org/hooks", 1240003, id="white-list: another host"),
    ],
)
def test_callback_white_list(url, code):
    table = bench(a_world(server={"callback_white_list": ["https://ops.org/hooks"]}))
    assert table.code("execute_job_plan", job_plan_id=1000, callback_url=url) == code


@pytest.mark.parametrize(
    ("server", "text"),
    [
        pytest.param({"ip_list": [{"ip": "10.0.0.11"}]}, "Invalid BK-Net", id="server: no cloud"),
        pytest.param(
            {"ip_list": [{"bk_cloud_id": -1, "ip": "10.0.0.11"}]},
            "Invalid BK-Net",
            id="server: negative cloud",
        ),
        pytest.param({"ip_list": [{"bk_cloud_id": 0}]}, "Invalid IP", id="server: no IP"),
        pytest.param(
            {"ip_list": [{"bk_cloud_id": 0, "ip": " 10.0.0.11"}]},
            "Invalid IP",
            id="server: an IP with a blank",
        ),
        pytest.param(
            {"ip_list": [{"bk_cloud_id": 0, "ip": "fe80::1"}]}, "Invalid IP", id="server: no IPv6"
        ),
        pytest.param(
            {"host_id_list": [101], "ip_list": [{"bk_cloud_id": 0, "ip": "10.0.0.256"}]},
            "Invalid IP",
            id="server: ip_list is validated though ignored",
        ),
        pytest.param(
            {"dynamic_group_list": [{}]},
            "DynamicGroup ID cannot be empty",
            id="server: a group without id",
        ),
        pytest.param(
            {"topo_node_list": [{"node_type": "set"}]},
            "Topo node ID can not be empty",
            id="server: a node without id",
        ),
        pytest.param(
            {"topo_node_list": [{"id": 1}]},
            "Topo node type can not be empty",
            id="server: a node without type",
        ),
    ],
)
def test_server_rules(server, text):
    items = [{"name": "anything", "server": server}]
    answer = bench().call("execute_job_plan", job_plan_id=1000, global_var_list=items)
    assert (answer["code"], answer["message"]) == (1240003, text)


def _with_hosts(server, **world):
    plan = a_plan(a_script(variable="HOSTS"), variables=[_HOSTS])
    table = bench(a_world(plan, **world))
    items = [{"name": "HOSTS", "server": server}]
    answer = table.call(
        "execute_job_plan", job_plan_id=1000, start_task=False, global_var_list=items
    )
    if answer["code"]:
        return answer["code"], answer["message"]
    (step,) = table.inside(answer["data"]["job_instance_id"]).steps
    return 0, [host.id for host in step.hosts]


_GROUPS = [
    {"id": "g1", "scope": "biz/2", "hosts": [102, 103]},
    {"id": "empty", "scope": "biz/2"},
    {"id": "rejected", "scope": "biz/2", "broken": True},
    {"id": "elsewhere", "scope": "biz/3", "hosts": [301]},
    {"id": "foreign", "scope": "biz/2", "hosts": [301]},
]
_NODES = [
    {"type": "module", "id": 1, "scope": "biz/2", "hosts": [103]},
    {"type": "module", "id": 2, "scope": "biz/2", "hosts": [102], "broken": True},
]


def _node(number):
    return {"id": number, "node_type": "module"}


@pytest.mark.parametrize(
    ("server", "found"),
    [
        pytest.param({"host_id_list": [102, 102]}, [102], id="targets: no doubles"),
        pytest.param(
            {"ip_list": [{"bk_cloud_id": 0, "ip": "10.0.0.12"}]}, [102], id="targets: by address"
        ),
        pytest.param(
            {"ip_list": [{"bk_cloud_id": 0, "ip": "10.0.0.12", "bk_host_id": 103}]},
            [102],
            id="targets: bk_host_id of an address is ignored",
        ),
        pytest.param(
            {"host_id_list": [101], "ip_list": [{"bk_cloud_id": 0, "ip": "10.0.0.12"}]},
            [101],
            id="targets: ids make addresses ignored",
        ),
        pytest.param(
            {
                "host_id_list": [102],
                "dynamic_group_list": [{"id": "g1"}],
                "topo_node_list": [_node(1)],
            },
            [102, 103],
            id="targets: groups and nodes add to the static hosts",
        ),
        pytest.param(
            {"dynamic_group_list": [{"id": "2:g1"}]}, [102, 103], id="targets: business:group"
        ),
        pytest.param(
            {"variable": "x", "host_id_list": [103]}, [103], id="targets: variable ignored"
        ),
    ],
)
def test_targets_are_resolved_at_creation(server, found):
    assert _with_hosts(server, groups=_GROUPS, nodes=_NODES) == (0, found)


@pytest.mark.parametrize(
    ("server", "code"),
    [
        pytest.param(
            {"dynamic_group_list": [{"id": "none"}]}, 1211003, id="targets: no such group"
        ),
        pytest.param({"dynamic_group_list": [{"id": "rejected"}]}, 1211003, id="targets: rejected"),
        pytest.param(
            {"dynamic_group_list": [{"id": "elsewhere"}]},
            1211003,
            id="targets: other scope's group",
        ),
        pytest.param({"dynamic_group_list": [{"id": "empty"}]}, 1244028, id="targets: empty group"),
        pytest.param({"topo_node_list": [_node(9)]}, 1244028, id="targets: a node without hosts"),
        pytest.param({"topo_node_list": [_node(2)]}, 1240002, id="targets: a node lookup fails"),
        pytest.param(
            {"topo_node_list": [_node(2), *map(_node, range(10, 19))]},
            1244028,
            id="targets: from ten nodes on a failing lookup counts as no hosts",
        ),
        pytest.param({"host_id_list": [999]}, 1244030, id="targets: unknown host"),
        pytest.param({"host_id_list": [None]}, 1240002, id="targets: null host"),
        pytest.param({"host_id_list": [301]}, 1244002, id="targets: host of another scope"),
        pytest.param(
            {"dynamic_group_list": [{"id": "foreign"}]}, 1244002, id="targets: foreign by group"
        ),
    ],
)
def test_targets_that_are_refused(server, code):
    assert _with_hosts(server, groups=_GROUPS, nodes=_NODES)[0] == code


def test_targets_unknown_hosts_are_named_in_the_message():
    address = {"bk_cloud_id": 0, "ip": "10.9.9.9"}
    assert "(ip:10.9.9.9)" in _with_hosts({"ip_list": [address]})[1]
    assert "(host_id:999)" in _with_hosts({"host_id_list": [999]})[1]


def test_targets_of_unused_host_variables_are_resolved_too():
    spare = a_variable("SPARE", "hosts")
    table = bench(a_world(a_plan(variables=[spare])))
    for server, code in (
        ({"dynamic_group_list": [{"id": "none"}]}, 1211003),
        ({"host_id_list": [999]}, 1244030),
        # Only hosts that a step uses must be in the scope.
        ({"host_id_list": [301]}, 0),
    ):
        items = [{"name": "SPARE", "server": server}]
        found = table.code("execute_job_plan", job_plan_id=1000, global_var_list=items)
        assert found == code


def test_targets_an_agent_that_is_off_does_not_block_and_shows_later():
    hosts = [
        {"id": 101, "ip": "10.0.0.11", "scopes": ["biz/2"], "agent": "offline"},
        {"id": 102, "ip": "10.0.0.12", "scopes": ["biz/2"], "agent": "missing"},
    ]
    step = a_script(targets={"hosts": [101, 102]})
    table = bench(a_world(a_plan(step), hosts=hosts))
    instance = table.run()
    (step_data,) = table.status(instance, return_ip_result=True)["step_instance_list"]
    assert step_data["status"] == 4
    assert [host["status"] for host in step_data["step_ip_result_list"]] == [310, 18]


def _file(sources, **fields):
    return {
        "type": "file",
        "id": 3500,
        "name": "push",
        "sources": sources,
        "path": "/data/",
        "account": 4,
        "targets": {"hosts": [101]},
        **fields,
    }


_SOURCE = {"files": ["/a", "/b"], "targets": {"hosts": [102]}}


@pytest.mark.parametrize(
    ("plan", "server", "code"),
    [
        pytest.param(a_plan(steps=[]), {}, 1244011, id="order: no steps"),
        pytest.param(a_plan(a_script(enabled=False)), {}, 1244011, id="order: no enabled step"),
        pytest.param(
            a_plan(a_script(disabled_script=True)), {}, 1244014, id="order: banned script"
        ),
        pytest.param(a_plan(a_script(account=77)), {}, 1244003, id="order: account gone"),
        pytest.param(a_plan(a_script(variable="NO")), {}, 1244008, id="order: host variable gone"),
        pytest.param(
            a_plan(a_script(variable="T"), variables=[a_variable("T")]),
            {},
            1244008,
            id="order: not a host variable",
        ),
        pytest.param(a_plan(a_script(dangerous=True)), {}, 1244019, id="order: dangerous script"),
        pytest.param(
            a_plan(a_script(targets={"containers": ["c"]})), {}, 1241011, id="order: containers"
        ),
        pytest.param(a_plan(a_script(targets={})), {}, 1244028, id="order: empty target"),
        pytest.param(
            a_plan(_file([{"files": ["/a"], "targets": {}}])), {}, 1244029, id="order: empty source"
        ),
        pytest.param(a_plan(_file([_SOURCE])), {}, 0, id="order: a file step"),
        pytest.param(
            a_plan(_file([_SOURCE], targets={"hosts": [101, 102]})),
            {"max_file_tasks": 3},
            1244021,
            id="limits: sources x files x targets",
        ),
        pytest.param(
            a_plan(_file([_SOURCE])), {"max_file_tasks": 2}, 0, id="limits: equal is allowed"
        ),
        pytest.param(
            a_plan(a_script(targets={"hosts": [101, 102]})),
            {"max_script_hosts": 1},
            1244022,
            id="limits: hosts of a script step",
        ),
        pytest.param(
            a_plan(a_script(account=77)), {"quota": {"scope": 0}}, 1244003, id="order: build first"
        ),
        pytest.param(
            a_plan(a_script(dangerous=True)),
            {"quota": {"scope": 0}},
            1244032,
            id="order: quota next",
        ),
        pytest.param(
            a_plan(a_script(dangerous=True, targets={})),
            {},
            1244019,
            id="order: rules before hosts",
        ),
    ],
)
def test_order_of_work_and_first_failure(plan, server, code):
    table = bench(a_world(plan, server=server))
    assert table.code("execute_job_plan", job_plan_id=1000) == code
    assert len(table.state.instances) == (0 if code else 1)


def test_limits_numbers_in_messages_have_thousands_separators():
    step = _file([{**_SOURCE, "files": [f"/{number}" for number in range(1200)]}])
    table = bench(a_world(a_plan(step), server={"max_file_tasks": 1100}))
    assert table.call("execute_job_plan", job_plan_id=1000)["message"].endswith(":1,100")


def test_only_enabled_steps_become_step_instances():
    table = bench(a_world(a_plan(a_script("on"), a_script("off", enabled=False))))
    steps = table.status(table.prepare())["step_instance_list"]
    assert [step["name"] for step in steps] == ["on"]


def test_permission_only_the_last_steps_hosts_are_checked():
    first, last = a_script("first"), a_script("last", targets={"hosts": [102]})
    plan = a_plan(first, last)
    for host, code in ((101, 0), (102, 9900403)):
        users = [{"name": "alice", "denied": [{"action": "launch_job_plan", "host": host}]}]
        table = bench(a_world(plan, users=users))
        assert table.code("execute_job_plan", job_plan_id=1000) == code


def test_permission_an_approval_at_the_end_does_not_hide_the_last_script_step():
    approval = {"type": "approval", "id": 1, "name": "approve"}
    users = [{"name": "alice", "denied": [{"action": "launch_job_plan", "host": 101}]}]
    table = bench(a_world(a_plan(a_script(), approval), users=users))
    assert table.code("execute_job_plan", job_plan_id=1000) == 9900403


def test_permission_a_step_account_must_be_allowed():
    users = [{"name": "alice", "denied": [{"action": "use_account", "account": 4}]}]
    answer = bench(a_world(users=users)).call("execute_job_plan", job_plan_id=1000)
    assert answer["code"] == 9900403
    assert [action["id"] for action in answer["permission"]["actions"]] == ["use_account"]


def test_permission_a_plan_of_approvals_only_needs_none():
    approval = {"type": "approval", "id": 1, "name": "approve"}
    users = [{"name": "alice", "denied": [{"action": "launch_job_plan"}]}]
    table = bench(a_world(a_plan(approval), users=users))
    assert table.code("execute_job_plan", job_plan_id=1000) == 0


def test_response_of_a_launch():
    data = bench().data("execute_job_plan", job_plan_id=1000, start_task=False)
    assert data == {
        "job_instance_id": 20000000001,
        "job_instance_name": "web rollout",
        "step_instance_id": None,
    }


def test_start_task_null_answers_an_error_and_leaves_an_unstarted_instance():
    table = bench()
    assert table.code("execute_job_plan", job_plan_id=1000, start_task=None) == 1240002
    table.wait(60)
    (instance,) = table.state.instances.values()
    assert table.job_status(instance.id) == 1


def test_start_task_is_true_by_default():
    table = bench()
    instance = table.data("execute_job_plan", job_plan_id=1000)["job_instance_id"]
    assert table.job_status(instance) == 1
    table.wait(60)
    assert table.job_status(instance) == 3


def test_identity_two_identical_launches_are_two_instances():
    table = bench()
    assert table.prepare() == 20000000001
    assert table.prepare() == 20000000002
