import json

import pytest

from launcher.engine.effects import OperationRequest, PrepareRequest, Refused
from launcher.engine.observed import InstanceRef
from launcher.engine.recorded import OperationKind
from launcher.engine.spec import EffectiveSpec, Hosts, Scope, SecretReference, Variable
from launcher.job.bodies import launch_body, operation_body
from tests.support.job_app import JobApp, success

SCOPE = Scope("biz", "1")
DOCUMENTED = EffectiveSpec(
    SCOPE,
    100,
    (
        Variable("param_name", "param_value"),
        Variable(
            "hosts",
            Hosts(
                ids=(101, 102),
                dynamic_groups=("blo8gojho0skft7pr5q0",),
                topo_nodes=(("module", 1000),),
            ),
            436,
        ),
    ),
)


def test_the_documented_call_is_sent_as_documented():
    app = JobApp(execute_job_plan=success({"job_instance_id": 20000000001}))

    app.connect().prepare(PrepareRequest(DOCUMENTED, 100, ("LAUNCH_KEY", "l/e/n/0")), {})

    assert json.dumps(app.bodies("execute_job_plan")) == json.dumps(
        [
            {
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
                    {"name": "LAUNCH_KEY", "value": "l/e/n/0"},
                ],
                "start_task": False,
            }
        ]
    )


def test_a_request_that_starts_at_once_does_not_name_start_task_at_all():
    assert "start_task" not in launch_body(PrepareRequest(DOCUMENTED, 100, None, start=True), {})


def test_a_callback_is_sent_where_there_is_one():
    spec = EffectiveSpec(SCOPE, 1, (), "https://ops.example.org/hook")

    assert launch_body(PrepareRequest(spec, 1, None), {}) == {
        "bk_scope_type": "biz",
        "bk_scope_id": "1",
        "job_plan_id": 1,
        "global_var_list": [],
        "callback_url": "https://ops.example.org/hook",
        "start_task": False,
    }


def test_secrets_empty_texts_and_addresses_are_written_as_job_reads_them():
    reference = SecretReference("env", "PW", "3")
    spec = EffectiveSpec(
        SCOPE,
        1,
        (
            Variable("password", reference, 7),
            Variable("empty", ""),
            Variable("targets", Hosts(ips=((0, "10.0.0.1"), (3, "10.0.0.2")))),
        ),
    )

    assert launch_body(PrepareRequest(spec, 1, None), {reference: "hunter2"})[
        "global_var_list"
    ] == [
        {"name": "empty", "value": ""},
        {"id": 7, "value": "hunter2"},
        {
            "name": "targets",
            "server": {
                "ip_list": [
                    {"bk_cloud_id": 0, "ip": "10.0.0.1"},
                    {"bk_cloud_id": 3, "ip": "10.0.0.2"},
                ]
            },
        },
    ]


def test_host_ids_beside_addresses_are_refused_because_job_would_drop_the_addresses():
    app = JobApp(execute_job_plan=success({"job_instance_id": 20000000001}))
    spec = EffectiveSpec(SCOPE, 1, (Variable("t", Hosts(ids=(1,), ips=((0, "10.0.0.1"),))),))

    found = app.connect().prepare(PrepareRequest(spec, 1, None), {})

    assert isinstance(found, Refused)
    assert "(L311)" in found.message
    assert app.asked == []


@pytest.mark.parametrize(
    ("kind", "code"),
    [
        (OperationKind.RETRY_FAILED_HOSTS, 2),
        (OperationKind.CONTINUE, 6),
        (OperationKind.END, 9),
        (OperationKind.RESTART, 10),
    ],
)
def test_an_operation_on_a_step_names_it_with_jobs_code(kind, code):
    body = operation_body(OperationRequest(InstanceRef(SCOPE, 20000000417), kind, 902))

    assert body == {
        "bk_scope_type": "biz",
        "bk_scope_id": "1",
        "job_instance_id": 20000000417,
        "step_instance_id": 902,
        "operation_code": code,
    }


@pytest.mark.parametrize(
    ("kind", "step"), [(OperationKind.TERMINATE, 902), (OperationKind.CONTINUE, None)]
)
def test_an_operation_and_its_step_go_together(kind, step):
    with pytest.raises(ValueError, match="of step"):
        operation_body(OperationRequest(InstanceRef(SCOPE, 20000000417), kind, step))
