"""What hosts have printed, and how they fared, as JOB's answers say it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from launcher.engine.effects import Done, Refused, Unknown
from launcher.engine.observed import InstanceRef, Missing, StepStatus
from launcher.engine.results import (
    FileLog,
    HostKey,
    HostLog,
    HostResult,
    Result,
    StepResults,
    result_at,
)
from launcher.engine.spec import Scope
from launcher.job.transport import MAX_BODY
from tests.support.job_app import JobApp, failure, success

INSTANCE = InstanceRef(Scope("biz", "2"), 20_000_000_417)
STEP = 20_000_000_901


def a_host(number: int) -> HostKey:
    return HostKey(number, 0, f"10.0.{number // 256}.{number % 256}")


def printed(values, **more):
    """An answer in which every host that was asked about says its id."""
    logs = [
        {"bk_host_id": host, "log_content": f"I am {host}\n"} for host in values["host_id_list"]
    ]
    return success({"script_task_logs": logs, "file_task_logs": None} | more)


def read(app: JobApp, hosts, step: int = STEP):
    return list(app.connect().read_logs(INSTANCE, step, hosts))


def logs(app: JobApp) -> list[dict[str, Any]]:
    return app.bodies("batch_get_job_instance_ip_log")


# --- logs ---------------------------------------------------------------------------------------


def test_at_most_500_hosts_are_asked_about_at_once_each_of_them_once():
    app = JobApp(batch_get_job_instance_ip_log=printed)
    hosts = [a_host(number) for number in range(1, 1002)]

    answers = read(app, hosts)

    assert [len(body["host_id_list"]) for body in logs(app)] == [500, 500, 1]
    found = [log for answer in answers for log in answer.value]
    assert found == [HostLog(host, f"I am {host.id}\n") for host in hosts]


def test_the_request_names_scope_instance_step_and_hosts():
    app = JobApp(batch_get_job_instance_ip_log=printed)

    read(app, [a_host(101), a_host(102)])

    assert app.requests[0].method == "POST"
    assert logs(app) == [
        {
            "bk_scope_type": "biz",
            "bk_scope_id": "2",
            "job_instance_id": INSTANCE.id,
            "step_instance_id": STEP,
            "host_id_list": [101, 102],
        }
    ]


def test_hosts_without_an_id_are_asked_about_by_address_and_never_beside_ids():
    by_address = {"ip": "10.0.0.9", "bk_cloud_id": 3, "log_content": "here\n"}
    app = JobApp(
        batch_get_job_instance_ip_log=[printed, success({"script_task_logs": [by_address]})]
    )
    nameless = HostKey(None, 3, "10.0.0.9")

    answers = read(app, [nameless, a_host(101)])

    assert [set(body) & {"host_id_list", "ip_list"} for body in logs(app)] == [
        {"host_id_list"},
        {"ip_list"},
    ]
    assert logs(app)[1]["ip_list"] == [{"bk_cloud_id": 3, "ip": "10.0.0.9"}]
    assert answers[1] == Done((HostLog(nameless, "here\n"),))


def test_a_host_that_has_printed_nothing_has_an_empty_log():
    app = JobApp(batch_get_job_instance_ip_log=success({"script_task_logs": None}))

    assert read(app, [a_host(101)]) == [Done((HostLog(a_host(101)),))]


def test_files_come_with_their_way():
    entry = {
        "mode": 1,
        "src_ip": {"bk_host_id": 110, "ip": "10.0.0.20"},
        "src_path": "/data/web.tgz",
        "dest_path": "/tmp/",  # noqa: S108 - a path on another machine
        "status": 9,
        "log_content": "arrived\n",
        "size": "1.0 KB",
        "process": "100%",
    }
    rows = [
        {"bk_host_id": 101, "file_logs": [entry, {}]},
        {"bk_host_id": 102, "file_logs": None},
    ]
    app = JobApp(batch_get_job_instance_ip_log=success({"file_task_logs": rows}))
    files = (
        FileLog("10.0.0.20", "/data/web.tgz", "/tmp/", 9, "1.0 KB", "100%", "arrived\n"),  # noqa: S108
        FileLog("", "", "", None, "", "", ""),
    )

    (answer,) = read(app, [a_host(101), a_host(102)])

    assert answer == Done((HostLog(a_host(101), files=files), HostLog(a_host(102))))


def too_long_for_more_than(most: int):
    def answer(values):
        if len(values["host_id_list"]) > most:
            return httpx.Response(200, content=b" " * (MAX_BODY + 1))
        return printed(values)

    return answer


def test_an_answer_that_is_too_long_is_asked_for_again_for_half_as_many_hosts():
    app = JobApp(batch_get_job_instance_ip_log=too_long_for_more_than(3))
    hosts = [a_host(number) for number in range(1, 9)]

    answers = read(app, hosts)

    assert [len(body["host_id_list"]) for body in logs(app)] == [8, 4, 2, 2, 2, 2]
    assert [log.host for answer in answers for log in answer.value] == hosts


def test_a_single_log_that_is_too_long_is_told_of_and_the_others_are_read():
    app = JobApp(batch_get_job_instance_ip_log=too_long_for_more_than(0))

    answers = read(app, [a_host(1), a_host(2)])

    assert answers == [
        Done((HostLog(a_host(1), too_long=True),)),
        Done((HostLog(a_host(2), too_long=True),)),
    ]


def test_nothing_more_is_asked_once_jobs_answer_is_none():
    app = JobApp(batch_get_job_instance_ip_log=failure(9900403, "not allowed"))
    hosts = [a_host(number) for number in range(1, 502)]

    (answer,) = read(app, hosts)

    assert isinstance(answer, Refused)
    assert answer.code == 9900403


def test_an_instance_that_job_has_forgotten_is_missing():
    app = JobApp(batch_get_job_instance_ip_log=failure(1244006))

    assert read(app, [a_host(1)]) == [Done(Missing(INSTANCE.id))]


@pytest.mark.parametrize("other", [{"job_instance_id": 7}, {"step_instance_id": 7}])
def test_an_answer_about_something_else_is_no_answer(other):
    app = JobApp(batch_get_job_instance_ip_log=lambda values: printed(values, **other))

    (answer,) = read(app, [a_host(1)])

    assert isinstance(answer, Unknown)


# --- results ------------------------------------------------------------------------------------


def status_with(hosts, **more):
    row = {
        "job_instance_id": INSTANCE.id,
        "name": "web rollout",
        "status": 4,
        "create_time": 1_767_600_000_000,
    }
    step = {
        "step_instance_id": STEP,
        "name": "check",
        "type": 1,
        "status": 4,
        "execute_count": 1,
        "start_time": 1_767_600_001_000,
        "end_time": None,
        "step_ip_result_list": hosts,
    }
    return success({"finished": True, "job_instance": row, "step_instance_list": [step | more]})


def results(app: JobApp):
    found = app.connect().read_results(INSTANCE)
    assert isinstance(found, Done)
    return found.value


def test_hosts_are_asked_for_and_come_with_their_result():
    host = {
        "bk_host_id": 101,
        "ip": "10.0.0.11",
        "bk_cloud_id": 0,
        "status": 104,
        "tag": "canary",
        "exit_code": 3,
        "error_code": 0,
        "start_time": 1_767_600_001_000,
        "end_time": 1_767_600_002_000,
    }
    nearly_nothing = {"bk_host_id": None, "ip": None, "status": 5, "tag": None}
    app = JobApp(get_job_instance_status=status_with([host, nearly_nothing]))

    found = results(app)

    assert app.asked[0][1]["return_ip_result"] == "true"
    first, second = (datetime(2026, 1, 5, 8, 0, second, tzinfo=UTC) for second in (1, 2))
    assert found.has_hosts
    assert found.steps == (
        StepResults(
            StepStatus(STEP, "check", "script", 4, 1),
            first,
            None,
            (
                HostResult(HostKey(101, 0, "10.0.0.11"), 104, 3, "canary", first, second),
                HostResult(HostKey(None, None, ""), 5),
            ),
        ),
    )


def test_steps_without_a_list_of_hosts_do_not_tell_of_hosts():
    assert not results(JobApp(get_job_instance_status=status_with(None))).has_hosts


def test_an_instance_that_is_gone_has_no_results():
    assert results(JobApp(get_job_instance_status=failure(1244006))) == Missing(INSTANCE.id)


@pytest.mark.parametrize(
    ("result", "statuses"),
    [
        (Result.SUCCEEDED, {3, 9}),
        (Result.UNFINISHED, {5, 7}),
        (Result.FAILED, {0, 1, 2, 11, 12, 13, 15, 16, 17, 18, 101, 104, 202, 303, 403, 404, 500}),
    ],
)
def test_a_status_comes_to_one_of_three(result, statuses):
    assert {result_at(status) for status in statuses} == {result}


def test_a_status_that_nobody_knows_has_failed():
    assert result_at(4711) is Result.FAILED
