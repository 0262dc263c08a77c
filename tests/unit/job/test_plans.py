import base64
import copy

import pytest

from launcher.engine.effects import Done, Refused, Unknown
from launcher.engine.observed import (
    JobPlan,
    PlanEntry,
    PlanPin,
    PlanVariable,
    Step,
    TemplateEntry,
    VariableKind,
)
from launcher.engine.spec import Hosts, Scope
from launcher.job.plans import plan_digest
from tests.support.job_app import JobApp, failure, success

SCOPE = Scope("biz", "2")


def encoded(text):
    return base64.b64encode(text.encode()).decode()


def script_step(**changes):
    info = {
        "script_type": 1,
        "script_id": None,
        "script_version_id": None,
        "script_content": encoded("#!/bin/bash\necho ok\n"),
        "script_language": 1,
        "script_param": None,
        "windows_interpreter": None,
        "script_timeout": 300,
        "account": {"id": 4, "name": None, "alias": None},
        "server": {"variable": "HOSTS", "ip_list": None},
        "is_param_sensitive": 0,
        "is_ignore_error": None,
    }
    step = {"id": 3001, "name": "check", "type": 1, "script_info": info | changes}
    return step | {"file_info": None, "approval_info": None}


def plan(**changes):
    host = {"bk_host_id": 101, "bk_cloud_id": 0, "ip": "10.0.0.11", "alive": None}
    data = {
        "bk_biz_id": 2,
        "bk_scope_type": "biz",
        "bk_scope_id": "2",
        "id": 1000123,
        "job_template_id": 1000045,
        "name": "web rollout",
        "creator": "alice",
        "create_time": 1767000000,
        "last_modify_user": "bob",
        "last_modify_time": 1767500000,
        "step_list": [script_step()],
        "global_var_list": [
            {"id": 5011, "name": "LAUNCH_KEY", "value": "", "type": 1, "required": 0},
            {
                "id": 5012,
                "name": "HOSTS",
                "value": None,
                "server": {"ip_list": [host]},
                "type": 3,
                "required": 1,
            },
            {"id": 5013, "name": "TOKEN", "value": "******", "type": 4, "required": 0},
        ],
    }
    return data | changes


def read(data):
    return JobApp(get_job_plan_detail=success(data)).connect().read_plan(SCOPE, 1000123)


def substance_of(data):
    found = read(data)
    assert isinstance(found, Done)
    return found.value.substance


def test_a_job_plan_is_read_in_our_own_words():
    found = read(plan())

    digest = plan_digest(plan())
    assert found == Done(
        JobPlan(
            PlanPin(1000123, "web rollout", digest, "2026-01-04T04:13:20Z"),
            (
                PlanVariable(5011, "LAUNCH_KEY", VariableKind.STRING, required=False, value=""),
                PlanVariable(
                    5012, "HOSTS", VariableKind.HOSTS, required=True, hosts=Hosts(ids=(101,))
                ),
                PlanVariable(5013, "TOKEN", VariableKind.CIPHER, required=False),
            ),
            (
                Step(
                    "check",
                    "script",
                    {
                        "language": "shell",
                        "account": "4",
                        "timeout": "300",
                        "target": "variable HOSTS",
                        "script": "#!/bin/bash\necho ok\n",
                        "parameters": "",
                    },
                    "HOSTS",
                ),
            ),
            template=1000045,
            modified_by="bob",
            substance=substance_of(plan()),
        )
    )
    assert digest.startswith("v1:sha256:")


def changed(path, value):
    data = copy.deepcopy(plan())
    inner = data
    for part in path[:-1]:
        inner = inner[part]
    inner[path[-1]] = value
    return data


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("last_modify_time",), 1767500001),
        (("name",), "other"),
        (("step_list", 0, "script_info", "script_content"), encoded("rm")),
        (("step_list", 0, "script_info", "script_param"), encoded("-v")),
        (("step_list", 0, "script_info", "windows_interpreter"), "py.exe"),
        (("global_var_list", 0, "value"), "x"),
        (("global_var_list", 1, "server", "ip_list", 0, "bk_host_id"), 102),
    ],
)
def test_whatever_changes_in_a_job_plan_changes_its_digest(path, value):
    assert plan_digest(changed(path, value)) != plan_digest(plan())


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("global_var_list", 2, "value"), "hunter2"),
        (("global_var_list", 1, "server", "ip_list", 0, "alive"), 1),
    ],
)
def test_ciphers_and_passing_facts_are_no_part_of_the_digest(path, value):
    assert plan_digest(changed(path, value)) == plan_digest(plan())


def test_a_sensitive_parameter_is_no_part_of_the_digest_nor_of_the_facts():
    one, two = (
        plan(step_list=[script_step(is_param_sensitive=1, script_param=encoded(text))])
        for text in ("hunter2", "hunter3")
    )

    assert plan_digest(one) == plan_digest(two)
    found = read(one)
    assert isinstance(found, Done)
    assert "parameters" not in found.value.steps[0].facts


def test_saving_a_job_plan_again_changes_its_digest_and_not_its_substance():
    saved = plan(last_modify_time=1767500001, last_modify_user="eve")

    assert plan_digest(saved) != plan_digest(plan())
    assert substance_of(saved) == substance_of(plan())
    assert substance_of(plan(name="other")) != substance_of(plan())


def test_a_sensitive_parameter_is_no_part_of_the_substance():
    one, two = (
        plan(step_list=[script_step(is_param_sensitive=1, script_param=encoded(text))])
        for text in ("hunter2", "hunter3")
    )

    assert substance_of(one) == substance_of(two)


def test_a_missing_job_plan_is_refused():
    app = JobApp(get_job_plan_detail=failure(1243009, "Job plan does not exist"))

    found = app.connect().read_plan(SCOPE, 7)

    said = "Job plan does not exist (request req-1)"
    assert found == Refused(said, 1243009, request_id="req-1")


@pytest.mark.parametrize(
    "data",
    [
        plan(id=5),
        plan(last_modify_time=10**18),
        plan(last_modify_time=None),
        plan(step_list=[{"id": 1, "name": "x", "type": 9}]),
        plan(step_list=[{"id": 1, "name": "x", "type": 1, "script_info": None}]),
        plan(step_list=[script_step(script_content="not base64")]),
        plan(step_list=[script_step(script_content="/w==")]),
        plan(global_var_list=[{"id": 1, "name": "x", "type": 7, "required": 0}]),
        plan(name="\ud800"),
        None,
        [],
    ],
    ids=range(11),
)
def test_a_job_plan_that_cannot_be_understood_is_unknown(data):
    found = read(data)

    assert isinstance(found, Unknown)
    assert "(L309)" in found.message


def variable(**changes):
    item = {"id": 1, "name": "x", "value": None, "server": None, "type": 1, "required": 0}
    return plan(global_var_list=[item | changes])


@pytest.mark.parametrize(
    ("data", "value"),
    [
        (variable(value="1.4.2"), "1.4.2"),
        (variable(value=None), ""),
        (variable(type=5, value="([a]=1)"), "([a]=1)"),
        (variable(type=4, value="******"), None),
        (variable(type=3), None),
    ],
    ids=["text", "null", "array", "cipher", "hosts"],
)
def test_the_value_that_an_omitted_variable_gets_is_read_where_job_shows_it(data, value):
    found = read(data)

    assert isinstance(found, Done)
    assert found.value.variables[0].value == value


def test_the_hosts_that_an_omitted_variable_gets_are_read_as_a_manifest_would_say_them():
    server = {
        "ip_list": [
            {"bk_host_id": 102, "bk_cloud_id": 0, "ip": "10.0.0.12"},
            {"bk_host_id": 101, "bk_cloud_id": 0, "ip": "10.0.0.11"},
            {"bk_host_id": None, "bk_cloud_id": 3, "ip": "10.0.0.13"},
        ],
        "dynamic_group_list": [{"id": "2:group"}],
        "topo_node_list": [{"id": 7, "node_type": "module"}],
    }

    found = read(variable(type=3, server=server))

    assert isinstance(found, Done)
    assert found.value.variables[0].hosts == Hosts(
        ids=(101, 102),
        ips=((3, "10.0.0.13"),),
        dynamic_groups=("group",),
        topo_nodes=(("module", 7),),
    )


def test_a_host_variable_of_a_job_plan_may_name_no_host():
    found = read(variable(type=3, server={"ip_list": []}))

    assert isinstance(found, Done)
    assert found.value.variables[0].hosts is None


def row(number, **changes):
    data = {"id": number, "job_template_id": 5, "name": f"plan {number}", "need_update": False}
    return data | {"last_modify_user": "bob", "last_modify_time": 1767500000} | changes


def test_the_job_plans_of_a_scope_are_asked_for_in_one_answer_and_come_by_id():
    page = {"start": -1, "length": -1, "total": 2, "data": [row(9, need_update=True), row(4)]}
    app = JobApp(get_job_plan_list=success(page))

    found = app.connect().list_plans(SCOPE, template=5)

    modified = "2026-01-04T04:13:20Z"
    assert found == Done(
        (
            PlanEntry(4, 5, "plan 4", need_update=False, modified_by="bob", last_modified=modified),
            PlanEntry(9, 5, "plan 9", need_update=True, modified_by="bob", last_modified=modified),
        )
    )
    (asked,) = app.bodies("get_job_plan_list")
    assert asked == {
        "bk_scope_type": "biz",
        "bk_scope_id": "2",
        "start": "-1",
        "length": "-1",
        "job_template_id": "5",
    }


def test_the_templates_of_a_scope_come_by_id():
    page = {"total": 2, "data": [{"id": 9, "name": "web"}, {"id": 4, "name": "database"}]}
    app = JobApp(get_job_template_list=success(page))

    found = app.connect().list_templates(SCOPE)

    assert found == Done((TemplateEntry(4, "database"), TemplateEntry(9, "web")))


@pytest.mark.parametrize("data", [{"data": None}, {"data": []}], ids=["null", "empty"])
def test_a_scope_may_hold_no_job_plan(data):
    assert JobApp(get_job_plan_list=success(data)).connect().list_plans(SCOPE) == Done(())
