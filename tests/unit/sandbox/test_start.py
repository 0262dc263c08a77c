"""operate_job_instance: START is only a message, terminate too; what is counted."""

from __future__ import annotations

import pytest

from tests.support.sandbox import a_plan, a_script, a_world, bench

_APPROVAL = {"type": "approval", "id": 1, "name": "approve"}


@pytest.mark.parametrize(
    ("params", "code"),
    [
        pytest.param({"job_instance_id": None}, 1241002, id="operate: no id"),
        pytest.param({"job_instance_id": 0}, 1241002, id="operate: id zero"),
        pytest.param({"operation_code": None}, 1241002, id="operate: no code"),
        pytest.param({"operation_code": 3}, 1241002, id="operate: unknown code"),
        pytest.param({"operation_code": "x"}, 1240003, id="operate: code is no number"),
        pytest.param({"job_instance_id": 1}, 1244006, id="operate: unknown instance"),
        pytest.param({"bk_scope_id": "3"}, 1244006, id="operate: instance of another scope"),
        pytest.param({}, 0, id="operate: START of an un-started instance"),
    ],
)
def test_request_rules(params, code):
    table = bench()
    known = {"job_instance_id": table.prepare(), "operation_code": 2}
    assert table.code("operate_job_instance", **{**known, **params}) == code


def test_start_changes_nothing_by_itself_and_the_response_has_a_null_name():
    table = bench(a_world(server={"start_lag_s": 5}))
    instance = table.prepare()
    data = table.data("operate_job_instance", job_instance_id=instance, operation_code=2)
    assert data == {
        "job_instance_id": instance,
        "job_instance_name": None,
        "step_instance_id": None,
    }
    table.wait(4.9)
    assert table.job_status(instance) == 1
    table.wait(0.1)
    assert table.job_status(instance) == 2


def test_start_again_while_queued_succeeds_and_the_second_message_is_dropped():
    table = bench(a_world(server={"start_lag_s": 5}))
    instance = table.prepare()
    assert table.start(instance) == 0
    table.wait(1)
    assert table.start(instance) == 0
    table.wait(60)
    assert table.job_status(instance) == 3
    found = table.inside(instance)
    assert (found.starts_accepted, found.starts_consumed, found.began) == (2, 1, 1)


def test_start_messages_consumed_at_one_moment_make_the_job_abnormal_though_it_ran_once():
    server = {"start_lag_s": 5, "start_together": True}
    table = bench(a_world(a_plan(a_script(runs=[{"takes_s": 3, "log": "ran"}])), server=server))
    instance = table.prepare()
    table.start(instance)
    table.start(instance)
    table.wait(60)
    status = table.status(instance, return_ip_result=True)
    assert status["job_instance"]["status"] == 9
    assert status["step_instance_list"][0]["status"] == 9
    assert status["step_instance_list"][0]["step_ip_result_list"][0]["status"] == 9
    found = table.inside(instance)
    assert (found.starts_accepted, found.starts_consumed, found.began) == (2, 2, 1)


def test_start_together_alone_is_harmless():
    table = bench(a_world(server={"start_together": True}))
    assert table.job_status(table.run()) == 3


def test_start_messages_at_one_moment_only_notify_twice_where_a_person_is_asked_first():
    table = bench(a_world(a_plan(_APPROVAL, a_script()), server={"start_together": True}))
    instance = table.prepare()
    table.start(instance)
    table.start(instance)
    table.wait(5)
    assert table.step_statuses(instance) == [7, 1]


@pytest.mark.parametrize("seconds", [0.3, 60])
def test_start_of_anything_begun_is_1241015_with_the_plain_id(seconds):
    table = bench()
    instance = table.run(seconds=seconds)
    answer = table.call("operate_job_instance", job_instance_id=instance, operation_code=2)
    assert answer["code"] == 1241015
    assert answer["message"].endswith("job_instance_id=20000000001")


def test_start_is_open_to_anyone_with_access_and_checks_no_permission_again():
    users = [{"name": "bob", "denied": [{"action": "launch_job_plan"}]}]
    table = bench(a_world(users=users))
    instance = table.prepare()
    table.user = "bob"
    assert table.start(instance) == 0


def test_two_phase_an_unstarted_instance_stays_for_ever_with_its_steps_at_1():
    table = bench()
    instance = table.prepare()
    table.wait(3600)
    status = table.status(instance)
    assert status["finished"] is False
    assert status["job_instance"]["status"] == 1
    assert status["job_instance"]["start_time"] is None
    (step,) = status["step_instance_list"]
    assert (step["status"], step["execute_count"], step["start_time"]) == (1, 0, None)


@pytest.mark.parametrize("code", [1, 2])
def test_older_server_knows_no_start_and_starts_at_once(code):
    table = bench(a_world(server={"two_phase": False}))
    instance = table.prepare()
    table.wait(60)
    assert table.job_status(instance) == 3
    expected = {1: 1244006, 2: 1241002}
    assert table.operate(1, code) == expected[code]


def test_two_phase_proof_through_calls_that_change_nothing():
    newer, older = bench(), bench(a_world(server={"two_phase": False}))
    far = 9007199254740991
    for table, start, broken in ((newer, 1244006, 1240003), (older, 1241002, 1244012)):
        assert table.start(1) == start
        assert table.code("execute_job_plan", job_plan_id=far, start_task=False) == 1244012
        assert table.code("execute_job_plan", job_plan_id=far, start_task={}) == broken
        assert not table.state.instances


def test_esb_may_drop_start_task():
    table = bench(a_world(server={"esb_start_task": False}))
    instance = table.prepare(door="esb")
    table.wait(60)
    assert table.job_status(instance) == 3
    assert table.job_status(table.prepare()) == 1


@pytest.mark.parametrize(
    ("seconds", "code"),
    [
        pytest.param(None, 1241003, id="terminate: un-started"),
        pytest.param(0.5, 0, id="terminate: running"),
        pytest.param(60, 1241003, id="terminate: finished"),
    ],
)
def test_terminate_needs_a_job_that_runs(seconds, code):
    table = bench(a_world(a_plan(a_script(runs=[{"takes_s": 5}]))))
    instance = table.prepare()
    if seconds is not None:
        table.start(instance)
        table.wait(seconds)
    assert table.operate(instance, 1) == code


def test_terminate_goes_over_10_to_11():
    world = a_world(a_plan(a_script(runs=[{"takes_s": 50}])), server={"stop_lag_s": 2})
    table = bench(world)
    instance = table.run(seconds=5)
    assert table.operate(instance, 1) == 0
    assert table.job_status(instance) == 2
    table.wait(2)
    assert (table.job_status(instance), table.step_statuses(instance)) == (10, [10])
    table.wait(2)
    status = table.status(instance, return_ip_result=True)
    assert (status["finished"], status["job_instance"]["status"]) == (True, 11)
    assert status["step_instance_list"][0]["step_ip_result_list"][0]["status"] == 403


def test_terminate_during_a_confirmation_stays_at_10_until_somebody_confirms():
    table = bench(a_world(a_plan(_APPROVAL, a_script())))
    instance = table.run()
    assert table.operate(instance, 1) == 0
    table.wait(3600)
    assert (table.job_status(instance), table.step_statuses(instance)) == (10, [7, 1])
    assert table.operate_step(instance, 9) == 0
    table.wait(5)
    assert table.job_status(instance) == 13


def test_progress_steps_run_one_after_the_other_and_the_job_ends_with_the_last():
    steps = [a_script(name, runs=[{"takes_s": 10}]) for name in ("one", "two")]
    table = bench(a_world(a_plan(*steps), server={"start_lag_s": 0}))
    instance = table.run(seconds=0)
    seen = []
    for _ in range(5):
        seen.append((table.job_status(instance), table.step_statuses(instance)))
        table.wait(5)
    assert seen == [
        (2, [2, 1]),
        (2, [2, 1]),
        (2, [3, 2]),
        (2, [3, 2]),
        (3, [3, 3]),
    ]


@pytest.mark.parametrize(
    ("ends", "job", "steps"),
    [
        pytest.param("fail", 4, [4, 1], id="progress: a failed step ends the job"),
        pytest.param("abnormal", 9, [9, 1], id="progress: an abnormal step"),
        pytest.param("abandoned", 14, [14, 1], id="progress: evicted by the operator"),
        pytest.param("never", 2, [2, 1], id="progress: a step that never ends"),
    ],
)
def test_progress_other_ends(ends, job, steps):
    table = bench(a_world(a_plan(a_script(runs=[{"ends": ends}]), a_script("next"))))
    instance = table.run()
    assert (table.job_status(instance), table.step_statuses(instance)) == (job, steps)
    assert table.status(instance)["finished"] is (job != 2)


def test_progress_an_ignored_error_goes_on():
    step = a_script(runs=[{"ends": "fail"}], ignore_error=True)
    table = bench(a_world(a_plan(step, a_script("next"))))
    instance = table.run()
    assert (table.job_status(instance), table.step_statuses(instance)) == (3, [6, 3])


def test_progress_does_not_depend_on_how_often_one_looks():
    steps = [a_script(str(number), runs=[{"takes_s": 7}]) for number in range(3)]
    often, once = (bench(a_world(a_plan(*steps))) for _ in range(2))
    watched, alone = often.run(seconds=0), once.run(seconds=0)
    for _ in range(300):
        often.wait(0.1)
        often.job_status(watched)
    once.wait(30)
    assert often.status(watched) == once.status(alone)


def test_progress_speed_shortens_steps_and_lags_but_not_the_clock():
    world = a_world(a_plan(a_script(runs=[{"takes_s": 100}])), server={"start_lag_s": 10})
    table = bench(world, speed=100)
    instance = table.run(seconds=1.1)
    job = table.status(instance)["job_instance"]
    assert (job["status"], job["total_time"]) == (3, 1000)
    assert job["start_time"] - job["create_time"] == 100


def test_an_approval_can_be_confirmed_by_somebody_after_a_while():
    table = bench(a_world(a_plan({**_APPROVAL, "confirmed_after_s": 10}, a_script())))
    instance = table.run(seconds=5)
    assert table.job_status(instance) == 7
    table.wait(20)
    assert table.step_statuses(instance) == [3, 3]


@pytest.mark.parametrize(
    ("ends", "status"),
    [("success", 3), ("fail", 4), ("abnormal", 9), ("abandoned", 14)],
)
def test_callback_is_due_whenever_the_engine_finishes_the_job(ends, status):
    table = bench(a_world(a_plan(a_script(runs=[{"ends": ends}]))))
    instance = table.run(callback_url="https://o.org/hook")
    assert [item.status for item in table.inside(instance).callbacks] == [status]


def test_callback_is_due_again_after_a_retry_and_never_without_an_address():
    step = a_script(runs=[{"ends": "fail"}, {"ends": "success"}])
    table = bench(a_world(a_plan(step)))
    called, silent = table.run(callback_url="https://o.org/hook"), table.run()
    for instance in (called, silent):
        assert table.operate_step(instance, 8) == 0
    table.wait(60)
    assert [item.status for item in table.inside(called).callbacks] == [4, 3]
    assert table.inside(silent).callbacks == ()
