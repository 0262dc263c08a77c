import base64

import pytest

from launcher.job.steps import frozen_step, plan_step
from launcher.job.wire import StepDetail


def encoded(text):
    return base64.b64encode(text.encode()).decode()


def host(number, **changes):
    return {"bk_host_id": number, "bk_cloud_id": 0, "ip": f"10.0.0.{number}"} | changes


def script(**changes):
    info = {
        "script_type": 1,
        "script_content": "echo ok\n",
        "script_language": 4,
        "script_param": "-v",
        "script_timeout": 60,
        "account": {"id": 4},
        "server": {"ip_list": [host(1), host(2)]},
        "is_param_sensitive": 0,
    }
    return {"id": 1, "name": "check", "type": 1, "script_info": info | changes}


def in_plan(**changes):
    step = script(**changes)
    for field in ("script_content", "script_param"):
        if step["script_info"][field] is not None:
            step["script_info"][field] = encoded(step["script_info"][field])
    return plan_step(StepDetail.model_validate(step))


def in_instance(**changes):
    return frozen_step(StepDetail.model_validate(script(**changes)))


GROUPS = {"dynamic_group_list": [{"id": "2:abc"}, {"id": "xyz"}]}
NODES = {"topo_node_list": [{"id": 7, "node_type": "module"}, {"id": 6, "node_type": "set"}]}


@pytest.mark.parametrize(
    ("plan", "instance"),
    [
        ({}, {}),
        ({"script_param": None}, {"script_param": ""}),
        ({"script_timeout": None}, {"script_timeout": 1000}),
        ({"script_timeout": 0}, {"script_timeout": 259200}),
        ({"script_timeout": 999999}, {"script_timeout": 259200}),
        ({}, {"account": {"id": 4, "name": "root", "alias": "r"}}),
        ({}, {"is_ignore_error": 1}),
        ({"windows_interpreter": "py.exe"}, {}),
        (
            {"script_param": "pw", "is_param_sensitive": 1},
            {"script_param": "******", "is_param_sensitive": 1},
        ),
        (
            {"server": {"variable": "HOSTS"}},
            {"server": {"variable": "HOSTS", "ip_list": [host(1)]}},
        ),
        ({}, {"server": {"ip_list": [host(2, alive=1), host(1, ip="10.9.9.9")]}}),
        (
            {"server": GROUPS | NODES},
            {
                "server": {
                    "dynamic_group_list": [{"id": "xyz"}, {"id": "abc"}],
                    "topo_node_list": NODES["topo_node_list"][::-1],
                }
            },
        ),
        (
            {"script_type": 2, "script_content": None, "script_id": "s", "script_version_id": 9},
            {"script_type": 2, "script_id": "s", "script_version_id": 9},
        ),
    ],
    ids=range(13),
)
def test_a_step_is_the_same_in_a_job_plan_and_in_its_instance(plan, instance):
    assert in_plan(**plan) == in_instance(**instance)


@pytest.mark.parametrize(
    "difference",
    [
        {"script_content": "rm -rf /\n"},
        {"script_language": 1},
        {"script_param": "-q"},
        {"script_timeout": 61},
        {"account": {"id": 5}},
        {"server": {"ip_list": [host(1)]}},
        {"server": {"ip_list": [host(1), host(2)], **NODES}},
        {"server": {"variable": "HOSTS"}},
        {"is_param_sensitive": 1},
        {"script_type": 2, "script_id": "s", "script_version_id": 9},
    ],
    ids=range(10),
)
def test_whatever_would_run_otherwise_makes_another_step(difference):
    assert in_plan() != in_instance(**difference)


def file_step(**changes):
    source = {"file_list": ["/a", "/b"], "account": {"id": 4}, "server": {"ip_list": [host(1)]}}
    destination = {"path": "/opt", "account": {"id": 5}, "server": {"variable": "HOSTS"}}
    info = {
        "file_source_list": [source],
        "file_destination": destination,
        "timeout": 600,
        "source_speed_limit": 10,
        "destination_speed_limit": 20,
        "transfer_mode": 2,
    }
    return {"id": 2, "name": "copy", "type": 2, "file_info": info | changes}


def files(**changes):
    return frozen_step(StepDetail.model_validate(file_step(**changes)))


def test_a_file_step_tells_what_goes_where():
    step = files()

    assert (step.name, step.kind, step.target_variable) == ("copy", "file", "HOSTS")
    assert step.facts == {
        "sources": '[[["/a", "/b"], "4", "host 1"]]',
        "path": "/opt",
        "account": "5",
        "target": "variable HOSTS",
        "timeout": "600",
        "limits": "10 and 20",
        "mode": "2",
    }


def test_speed_limits_that_job_swaps_on_the_way_are_the_same():
    assert files() == files(source_speed_limit=20, destination_speed_limit=10)


@pytest.mark.parametrize(
    "difference",
    [
        {"file_source_list": []},
        {"file_destination": {"path": "/etc", "account": {"id": 5}}},
        {"transfer_mode": 1},
        {"timeout": 601},
        {"source_speed_limit": 11},
    ],
    ids=range(5),
)
def test_whatever_would_be_copied_otherwise_makes_another_step(difference):
    assert files() != files(**difference)


def test_an_approval_step_is_told_apart_by_its_message():
    def approval(message):
        info = {"approval_message": message, "approval_type": 1}
        data = {"id": 3, "name": "ok?", "type": 3, "approval_info": info}
        return plan_step(StepDetail.model_validate(data))

    assert approval(None) == approval("")
    assert approval("go?") != approval("stop?")
    assert approval("go?").kind == "approval"
    assert approval("go?").target_variable is None


def test_what_only_a_job_plan_tells_is_kept_apart_and_not_compared_with_an_instance():
    with_interpreter = in_plan(windows_interpreter="py.exe")

    assert with_interpreter.more == {"interpreter": "py.exe"}
    assert with_interpreter == in_instance()
    assert in_plan(windows_interpreter=None).more == {}


def test_the_text_of_a_cited_script_is_told_where_it_can_be_read():
    cited = {"script_type": 2, "script_id": "s1", "script_version_id": 7}

    assert in_plan(**cited).more == {"script text": "echo ok\n"}
    info = script(**cited)
    info["script_info"] |= {"script_content": "not Base64!", "script_param": ""}
    assert plan_step(StepDetail.model_validate(info)).more == {}


def test_it_is_said_that_parameters_are_sensitive_and_they_are_told_nowhere():
    step = in_plan(script_param="hunter2", is_param_sensitive=1)

    assert step.hides_parameters
    assert "hunter2" not in str(step)


def test_who_is_asked_for_an_approval_is_told_in_a_job_plan_only():
    info = {
        "approval_message": "go?",
        "approval_type": 2,
        "approval_user": {"user_list": ["bob"], "role_list": []},
        "notify_channel": ["mail"],
    }
    step = {"id": 1, "name": "ask", "type": 3, "approval_info": info}

    found = plan_step(StepDetail.model_validate(step))

    assert found.facts == {"message": "go?"}
    assert found.more == {
        "asks": "all of them",
        "approvers": '{"role_list": [], "user_list": ["bob"]}',
        "channels": '["mail"]',
    }


def test_which_speed_limit_is_which_is_told_in_a_job_plan_only():
    files = {"source_speed_limit": 5, "destination_speed_limit": 3, "transfer_mode": 1}
    found = plan_step(
        StepDetail.model_validate({"id": 1, "name": "push", "type": 2, "file_info": files})
    )

    assert found.facts["limits"] == "3 and 5"
    assert found.more["limits"] == "source 5, destination 3"
