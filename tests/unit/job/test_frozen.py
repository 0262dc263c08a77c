from datetime import UTC, datetime

import httpx

from launcher.engine.effects import Done, Refused, Unknown
from launcher.engine.observed import (
    FrozenCopy,
    Host,
    InstanceRef,
    InstanceStatus,
    Missing,
    Step,
    StepStatus,
)
from launcher.engine.spec import Scope
from tests.support.job_app import JobApp, failure, success

REF = InstanceRef(Scope("biz", "2"), 20000000417)
KINDS = {1: "script", 2: "file", 3: "approval", 4: "script"}


def step_row(number, kind):
    return {"step_instance_id": number, "name": f"s{number}", "type": kind, "status": 1}


def status_of(*steps, **changes):
    row = {
        "job_instance_id": REF.id,
        "name": "web rollout",
        "status": 1,
        "create_time": 1767600000123,
        "start_time": None,
        "end_time": None,
    }
    return success(
        {"finished": False, "job_instance": row | changes, "step_instance_list": list(steps)}
    )


def in_our_words(*steps):
    created = datetime(2026, 1, 5, 8, 0, 0, 123000, tzinfo=UTC)
    rows = tuple(StepStatus(number, f"s{number}", KINDS[kind], 1) for number, kind in steps)
    return InstanceStatus(REF.id, "web rollout", 1, False, created, None, None, rows)  # noqa: FBT003


def variables(*entries):
    lists = [{"step_instance_id": 1, "global_var_list": list(items)} for items in entries]
    return success({"job_instance_id": REF.id, "step_instance_var_list": lists})


def detail(values):
    number = int(values["step_instance_id"])
    bodies = {
        1: {"type": 1, "script_info": {"script_type": 1, "script_content": "echo\n"}},
        2: {"type": 2, "file_info": {"file_source_list": []}},
        3: {"type": 3, "approval_info": {"approval_message": "go?"}},
    }
    return success({"id": number, "name": f"s{number}"} | bodies[number])


def hosts_of(*numbers, result_type=5, status=1, size=None):
    hosts = [{"bk_host_id": n, "bk_cloud_id": 0, "ip": f"10.0.0.{n}"} for n in numbers]
    group = {"result_type": result_type, "host_size": len(hosts) if size is None else size}
    groups = [group | {"host_result_list": hosts}] if numbers else None
    return success({"status": status, "step_result_group_list": groups})


def frozen_app(**changes):
    reactions = {
        "get_job_instance_status": status_of(step_row(1, 1), step_row(2, 2), step_row(3, 3)),
        "get_job_instance_global_var_value": variables(
            [{"name": "KEY", "value": "sent", "type": 1}, {"name": "none", "value": None}],
            [{"name": "KEY", "value": "changed", "type": 1}],
        ),
        "get_step_instance_detail": detail,
        "get_step_instance_status": [hosts_of(7, 3), hosts_of(3, 5)],
    }
    return JobApp(**reactions | changes)


def test_a_frozen_copy_holds_status_texts_steps_and_hosts():
    app = frozen_app()

    found = app.connect().read_back(REF)

    assert isinstance(found, Done)
    assert isinstance(found.value, FrozenCopy)
    assert found.value.status == in_our_words((1, 1), (2, 2), (3, 3))
    assert found.value.texts == {"KEY": "sent"}
    assert found.value.hosts == tuple(Host(n, 0, f"10.0.0.{n}") for n in (3, 5, 7))
    assert found.value.steps is not None
    assert [(step.name, step.kind) for step in found.value.steps] == [
        ("s1", "script"),
        ("s2", "file"),
        ("s3", "approval"),
    ]
    assert found.value.steps[2] == Step("s3", "approval", {"message": "go?"})
    asked = [int(values["step_instance_id"]) for values in app.bodies("get_step_instance_status")]
    assert asked == [1, 2], "a step that waits for a person has no hosts to read"


def test_a_plan_without_script_steps_shows_no_texts():
    found = frozen_app(get_job_instance_global_var_value=variables()).connect().read_back(REF)

    assert isinstance(found, Done)
    assert isinstance(found.value, FrozenCopy)
    assert found.value.texts is None


def test_a_file_step_that_job_fails_on_leaves_the_steps_unread():
    def fails_on_files(values):
        return failure(1240002) if values["step_instance_id"] == "2" else detail(values)

    found = frozen_app(get_step_instance_detail=fails_on_files).connect().read_back(REF)

    assert isinstance(found, Done)
    assert isinstance(found.value, FrozenCopy)
    assert found.value.steps is None
    assert found.value.hosts is not None


def test_a_script_step_that_job_fails_on_leaves_everything_unknown():
    found = frozen_app(get_step_instance_detail=failure(1240002)).connect().read_back(REF)

    assert found == Unknown("no (request req-1)", 1240002, "req-1")


def test_hosts_that_are_not_all_listed_are_unknown():
    app = frozen_app(get_step_instance_status=hosts_of(1, size=2))

    assert isinstance(app.connect().read_back(REF), Unknown)


def test_hosts_of_a_step_that_has_started_or_of_containers_are_not_told():
    started = hosts_of(1, status=3, result_type=9)
    container = success(
        {
            "status": 1,
            "step_result_group_list": [
                {"result_type": 5, "host_size": 1, "host_result_list": [{"bk_host_id": None}]}
            ],
        }
    )
    for reaction in (started, container):
        found = frozen_app(get_step_instance_status=reaction).connect().read_back(REF)
        assert isinstance(found, Done)
        assert isinstance(found.value, FrozenCopy)
        assert found.value.hosts is None


def test_an_instance_that_is_gone_is_missing():
    app = frozen_app(get_job_instance_status=failure(1244006))

    assert app.connect().read_back(REF) == Done(Missing(REF.id))


def test_times_come_in_utc_and_the_status_as_it_is():
    app = JobApp(
        get_job_instance_status=status_of(
            status=99, start_time=1767600031000, end_time=1767600034500
        )
    )

    found = app.connect().read_status(REF)

    assert isinstance(found, Done)
    assert isinstance(found.value, InstanceStatus)
    assert found.value.status == 99
    assert found.value.started == datetime(2026, 1, 5, 8, 0, 31, tzinfo=UTC)
    assert found.value.ended == datetime(2026, 1, 5, 8, 0, 34, 500000, tzinfo=UTC)


def test_a_status_of_another_instance_or_with_an_absurd_time_is_unknown():
    for changes in ({"job_instance_id": 1}, {"create_time": 10**30}, {"status": "1"}):
        app = JobApp(get_job_instance_status=status_of(**changes))
        assert isinstance(app.connect().read_status(REF), Unknown)


def test_an_instance_without_steps_is_refused_where_its_status_is_asked_for():
    app = JobApp(get_job_instance_status=failure(1244007, "no steps"))

    assert app.connect().read_status(REF) == Refused(
        "no steps (request req-1)", 1244007, request_id="req-1"
    )


def test_a_read_is_asked_again_after_a_pause_and_no_more_than_twice():
    trouble = [httpx.ConnectError("refused"), httpx.Response(502), status_of()]
    app = JobApp(get_job_instance_status=trouble)

    assert isinstance(app.connect().read_status(REF), Done)
    assert app.slept == [0.5, 2.0]

    app = JobApp(get_job_instance_status=httpx.Response(502))
    assert isinstance(app.connect().read_status(REF), Unknown)
    assert len(app.asked) == 3


def test_a_clear_answer_and_a_long_wait_are_not_asked_for_again():
    for reaction in (failure(9900403), httpx.ReadTimeout("")):
        app = JobApp(get_job_instance_status=reaction)
        app.connect().read_status(REF)
        assert len(app.asked) == 1
