"""The log calls, get_step_instance_status and get_step_instance_detail."""

from __future__ import annotations

import pytest

from tests.support.sandbox import NOON_MS, a_plan, a_script, a_variable, a_world, bench

_APPROVAL = {"type": "approval", "id": 1, "name": "approve", "message": "go?", "users": ["bob"]}
_FILE = {
    "type": "file",
    "id": 3500,
    "name": "push",
    "sources": [{"files": ["/a"], "account": 4, "targets": {"hosts": [102]}}],
    "path": "/data/",
    "account": 4,
    "targets": {"hosts": [101]},
    "runs": [{"takes_s": 1, "log": "copied\n"}],
}
_RUNS = [
    {
        "takes_s": 1,
        "log": "{ip} said {host_id}\n",
        "hosts": [
            {"id": 102, "status": 104, "exit_code": 3, "log": "bad\n"},
            {"id": 103, "status": 9, "log": ""},
        ],
    },
    {"log": "second\n"},
]
_SCRIPT = a_script(targets={"hosts": [101, 102, 103]}, runs=_RUNS)


def _ran(*steps):
    table = bench(a_world(a_plan(*steps)))
    instance = table.run()
    return (
        table,
        instance,
        {
            "job_instance_id": instance,
            "step_instance_id": table.step_id(instance),
        },
    )


@pytest.mark.parametrize("operation", ["get_job_instance_ip_log", "get_step_instance_status"])
def test_ids_are_needed_in_a_query(operation):
    table, instance, ids = _ran(_SCRIPT)
    assert table.code(operation, job_instance_id=instance) == 1240003
    assert table.code(operation, step_instance_id=ids["step_instance_id"]) == 1240003


@pytest.mark.parametrize(
    ("params", "door", "code"),
    [
        pytest.param({"job_instance_id": 0}, "gateway", 1244006, id="ip-log: zero in a GET"),
        pytest.param({"job_instance_id": 0}, "esb", 1240003, id="ip-log: zero in a POST"),
        pytest.param({"step_instance_id": 0}, "esb", 1240003, id="ip-log: step zero in a POST"),
        pytest.param({"bk_host_id": None}, "esb", 1241007, id="ip-log: no host"),
        pytest.param(
            {"bk_host_id": None, "ip": "10.0.0.11"}, "esb", 1241007, id="ip-log: no cloud"
        ),
        pytest.param({"job_instance_id": 5}, "gateway", 1244006, id="ip-log: unknown instance"),
        pytest.param({"step_instance_id": 5}, "gateway", 1244006, id="ip-log: unknown step, sic"),
    ],
)
def test_ip_log_request_rules(params, door, code):
    table, _, ids = _ran(_SCRIPT)
    given = {**ids, "bk_host_id": 101, **params}
    assert table.code("get_job_instance_ip_log", door=door, **given) == code


def test_ip_log_by_host_id_and_by_address():
    table, _, ids = _ran(_SCRIPT)
    by_id = table.data("get_job_instance_ip_log", **ids, bk_host_id=101)
    assert by_id == {
        "log_type": 1,
        "bk_host_id": 101,
        "bk_cloud_id": None,
        "ip": None,
        "log_content": "10.0.0.11 said 101\n",
        "file_logs": None,
    }
    by_address = table.data("get_job_instance_ip_log", **ids, bk_cloud_id=0, ip="10.0.0.12")
    assert (by_address["log_content"], by_address["ip"]) == ("bad\n", "10.0.0.12")


@pytest.mark.parametrize("host", [103, 301, 999])
def test_ip_log_without_output_is_a_success_with_null(host):
    table, _, ids = _ran(_SCRIPT)
    assert table.data("get_job_instance_ip_log", **ids, bk_host_id=host)["log_content"] is None


def test_ip_log_shows_the_latest_execution_only():
    table, instance, ids = _ran(_SCRIPT)
    table.operate_step(instance, 8)
    assert table.data("get_job_instance_ip_log", **ids, bk_host_id=101)["log_content"] is None
    table.wait(60)
    log = table.data("get_job_instance_ip_log", **ids, bk_host_id=101)["log_content"]
    assert log == "second\n"


def test_ip_log_of_a_file_step_drops_addresses_and_sizes():
    table, _, ids = _ran(_FILE)
    data = table.data("get_job_instance_ip_log", **ids, bk_host_id=101)
    assert (data["log_type"], data["log_content"]) == (2, None)
    (log,) = data["file_logs"]
    assert (log["mode"], log["src_path"], log["dest_path"]) == (1, "/a", "/data/")
    assert (log["src_ip"]["bk_host_id"], log["src_ip"]["ip"]) == (102, None)
    assert (log["dest_ip"]["bk_host_id"], log["size"], log["process"]) == (101, None, None)


def test_ip_log_of_a_manual_step_has_no_type():
    table, _, ids = _ran(_APPROVAL)
    assert table.data("get_job_instance_ip_log", **ids, bk_host_id=101)["log_type"] is None


def test_batch_log_lists_only_hosts_with_logs():
    table, instance, ids = _ran(_SCRIPT)
    hosts = [101, 103, 999]
    data = table.data("batch_get_job_instance_ip_log", **ids, host_id_list=hosts)
    assert data == {
        "job_instance_id": instance,
        "step_instance_id": ids["step_instance_id"],
        "log_type": 1,
        "script_task_logs": [
            {
                "host_id": 101,
                "bk_host_id": 101,
                "bk_cloud_id": 0,
                "ip": "10.0.0.11",
                "ipv6": None,
                "log_content": "10.0.0.11 said 101\n",
            },
        ],
        "file_task_logs": None,
    }
    none = table.data("batch_get_job_instance_ip_log", **ids, host_id_list=[999])
    assert none["script_task_logs"] is None


def test_batch_log_of_a_file_step_has_whole_addresses():
    table, _, ids = _ran(_FILE)
    data = table.data("batch_get_job_instance_ip_log", **ids, host_id_list=[101])
    assert data["script_task_logs"] is None
    (entry,) = data["file_task_logs"]
    assert entry["file_logs"][0]["src_ip"]["ip"] == "10.0.0.12"


@pytest.mark.parametrize(
    ("params", "hosts"),
    [
        pytest.param({"ip_list": [{"bk_host_id": 102}]}, [102], id="batch-log: ip_list with id"),
        pytest.param(
            {"ip_list": [{"bk_cloud_id": 0, "ip": "10.0.0.12"}]}, [102], id="batch-log: address"
        ),
        pytest.param(
            {"host_id_list": [101], "ip_list": [{"bk_host_id": 102}]},
            [101],
            id="batch-log: host_id_list wins",
        ),
        pytest.param({"host_id_list": [101, *range(900, 1399)]}, [101], id="batch-log: 500 hosts"),
    ],
)
def test_batch_log_selection(params, hosts):
    table, _, ids = _ran(_SCRIPT)
    logs = table.data("batch_get_job_instance_ip_log", **ids, **params)["script_task_logs"]
    assert [log["host_id"] for log in logs] == hosts


@pytest.mark.parametrize(
    ("params", "code"),
    [
        pytest.param({}, 1241007, id="batch-log: no hosts"),
        pytest.param({"host_id_list": []}, 1241007, id="batch-log: empty list"),
        pytest.param({"host_id_list": list(range(501))}, 1241007, id="batch-log: 501 hosts"),
        pytest.param({"ip_list": [None]}, 1240002, id="batch-log: null element"),
        pytest.param({"job_instance_id": 0}, 1240003, id="batch-log: id zero"),
        pytest.param(
            {"step_instance_id": 5, "host_id_list": [1]}, 1244006, id="batch-log: no step"
        ),
    ],
)
def test_batch_log_request_rules(params, code):
    table, _, ids = _ran(_SCRIPT)
    assert table.code("batch_get_job_instance_ip_log", **{**ids, **params}) == code


def test_step_status_before_the_start_is_one_waiting_group_with_the_resolved_hosts():
    groups = [{"id": "g", "scope": "biz/2", "hosts": [102, 103]}]
    step = a_script(targets={"groups": ["g"]})
    table = bench(a_world(a_plan(step), groups=groups))
    instance = table.prepare()
    ids = {"job_instance_id": instance, "step_instance_id": table.step_id(instance)}
    data = table.data("get_step_instance_status", **ids)
    assert data["status"] == 1
    (group,) = data["step_result_group_list"]
    assert (group["result_type"], group["result_type_desc"]) == (5, "Waiting")
    assert (group["tag"], group["host_size"]) == (None, 2)
    assert group["host_result_list"][0] == {
        "bk_host_id": 102,
        "ip": "10.0.0.12",
        "ipv6": None,
        "bk_agent_id": None,
        "bk_cloud_id": 0,
        "bk_cloud_name": None,
        "status": 5,
        "status_desc": "Waiting",
        "tag": None,
        "exit_code": 0,
        "start_time": None,
        "end_time": None,
        "total_time": 0,
    }


def test_step_status_groups_hosts_by_state():
    table, _, ids = _ran(_SCRIPT)
    data = table.data("get_step_instance_status", **ids)
    assert (data["type"], data["status"], data["create_time"]) == (1, 4, NOON_MS)
    found = {
        group["result_type"]: [host["bk_host_id"] for host in group["host_result_list"]]
        for group in data["step_result_group_list"]
    }
    assert found == {9: [101, 103], 104: [102]}


@pytest.mark.parametrize(
    ("params", "found"),
    [
        pytest.param({"status": 104}, [(104, 1, 1)], id="step-status: by group"),
        pytest.param({"keyword": "bad"}, [(104, 1, 1)], id="step-status: by log"),
        pytest.param({"search_ip": "0.13"}, [(9, 1, 1)], id="step-status: by address"),
        pytest.param({"tag": "x"}, None, id="step-status: empty groups are left out"),
        pytest.param(
            {"max_host_num_per_group": 1}, [(9, 2, 1), (104, 1, 1)], id="step-status: truncated"
        ),
        pytest.param({"execute_count": 7}, None, id="step-status: an execution that never was"),
        pytest.param({"batch": 0}, [(9, 2, 2), (104, 1, 1)], id="step-status: all batches"),
    ],
)
def test_step_status_can_be_narrowed(params, found):
    table, _, ids = _ran(_SCRIPT)
    groups = table.data("get_step_instance_status", **ids, **params).get("step_result_group_list")
    shown = groups and [
        (group["result_type"], group["host_size"], len(group["host_result_list"]))
        for group in groups
    ]
    assert shown == found


def test_step_status_tells_earlier_executions():
    table, instance, ids = _ran(_SCRIPT)
    table.operate_step(instance, 8)
    table.wait(60)
    first = table.data("get_step_instance_status", **ids, execute_count=0)
    latest = table.data("get_step_instance_status", **ids)
    assert [group["result_type"] for group in first["step_result_group_list"]] == [9, 104]
    assert [group["result_type"] for group in latest["step_result_group_list"]] == [9]


@pytest.mark.parametrize(
    ("params", "code"),
    [
        pytest.param({"job_instance_id": 0}, 1240003, id="step-status: instance id zero"),
        pytest.param({"step_instance_id": 0}, 1240003, id="step-status: step id zero"),
        pytest.param({"job_instance_id": 5}, 1244006, id="step-status: unknown instance"),
        pytest.param({"step_instance_id": 5}, 1244007, id="step-status: unknown step"),
    ],
)
@pytest.mark.parametrize("operation", ["get_step_instance_status", "get_step_instance_detail"])
def test_step_query_rules(operation, params, code):
    table, _, ids = _ran(_SCRIPT)
    assert table.code(operation, **{**ids, **params}) == code


def test_step_status_of_a_manual_step_is_unsupported():
    table, _, ids = _ran(_APPROVAL)
    assert table.code("get_step_instance_status", **ids) == 1241003


def test_step_detail_is_plain_text_with_the_selection_and_masks_a_sensitive_parameter():
    hosts = a_variable("HOSTS", "hosts", targets={"hosts": [101], "groups": ["g"]})
    step = a_script(
        variable="HOSTS", param="-p secret", param_sensitive=True, ignore_error=True, timeout_s=300
    )
    groups = [{"id": "g", "scope": "biz/2", "hosts": [102]}]
    table = bench(a_world(a_plan(step, variables=[hosts]), groups=groups))
    instance = table.prepare()
    ids = {"job_instance_id": instance, "step_instance_id": table.step_id(instance)}
    assert table.data("get_step_instance_detail", **ids) == {
        "id": ids["step_instance_id"],
        "name": "check",
        "type": 1,
        "script_info": {
            "script_type": 1,
            "script_id": None,
            "script_version_id": None,
            "script_content": "echo ok\n",
            "script_language": 1,
            "script_param": "******",
            "windows_interpreter": None,
            "script_timeout": 300,
            "account": {"id": 4, "name": "root", "alias": None},
            "server": {
                "variable": "HOSTS",
                "ip_list": [
                    {
                        "bk_host_id": 101,
                        "bk_cloud_id": 0,
                        "bk_cloud_name": None,
                        "ip": "10.0.0.11",
                        "ipv6": None,
                        "bk_agent_id": "agent-101",
                        "alive": 1,
                    },
                ],
                "dynamic_group_list": [{"id": "g"}],
                "topo_node_list": None,
            },
            "is_param_sensitive": 1,
            "is_ignore_error": 1,
        },
        "file_info": None,
        "approval_info": None,
    }


def test_step_detail_an_sql_step_is_of_type_1():
    table, _, ids = _ran(a_script(language=6))
    assert table.data("get_step_instance_detail", **ids)["type"] == 1
    assert table.data("get_step_instance_status", **ids)["type"] == 4


def test_step_detail_of_an_approval_shows_only_its_message():
    table, _, ids = _ran(_APPROVAL)
    data = table.data("get_step_instance_detail", **ids)
    assert (data["type"], data["approval_info"]["approval_message"]) == (3, "go?")
    assert data["approval_info"]["approval_user"] is None


def test_step_detail_of_a_file_step_and_its_stumbling_block():
    table, _, ids = _ran(_FILE)
    info = table.data("get_step_instance_detail", **ids)["file_info"]
    assert info["file_source_list"][0]["server"]["ip_list"][0]["bk_host_id"] == 102
    assert info["file_destination"]["path"] == "/data/"
    local = {**_FILE, "sources": [{"files": ["/a"]}]}
    table, _, ids = _ran(local)
    assert table.code("get_step_instance_detail", **ids) == 1240002
