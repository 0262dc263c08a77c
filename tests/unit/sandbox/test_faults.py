"""Scripted faults, one by one: what the caller sees, and what is true in the world."""

from __future__ import annotations

import pytest

from launcher.sandbox.firing import Occasion, arm, fire
from launcher.sandbox.wire import Delivery
from launcher.sandbox.worldfile import parse_faults
from tests.support.sandbox import NOON_MS, SCOPE, a_plan, a_script, a_world, bench

_WINDOW = {"create_time_start": NOON_MS - 1000, "create_time_end": NOON_MS + 3_600_000}


def _launch(table, **params):
    return table.send("execute_job_plan", **SCOPE, job_plan_id=1000, **params)


@pytest.mark.parametrize(("effect", "rows"), [("before", 0), ("after", 1)])
def test_answer_lost(effect, rows):
    table = bench()
    table.arm({"fault": "answer-lost", "effect": effect})
    reply = _launch(table)
    assert reply.delivery.is_silent
    assert len(table.state.instances) == rows
    assert not _launch(table).delivery.is_silent


@pytest.mark.parametrize(("answer", "status"), [("closed", 200), ("504", 504)])
def test_late_insert(answer, status):
    table = bench()
    table.arm({"fault": "late-insert", "seconds": 90, "answer": answer})
    reply = _launch(table, start_task=False)
    assert (reply.delivery.is_silent, reply.response.status) == (answer == "closed", status)
    instance = 20000000001
    table.wait(89)
    assert table.code("get_job_instance_status", job_instance_id=instance) == 1244006
    assert table.start(instance) == 1244006
    assert table.data("get_job_instance_list", **_WINDOW)["total"] == 0
    table.wait(1)
    assert table.status(instance)["job_instance"]["create_time"] == NOON_MS
    assert table.data("get_job_instance_list", **_WINDOW)["total"] == 1


def test_late_insert_with_start_starts_when_the_row_is_there():
    table = bench()
    table.arm({"fault": "late-insert", "seconds": 90})
    _launch(table)
    table.wait(90)
    assert table.job_status(20000000001) == 1
    table.wait(60)
    assert table.job_status(20000000001) == 3


def test_delay():
    table = bench()
    table.arm({"fault": "delay", "seconds": 2.5})
    assert _launch(table).delivery == Delivery(delay_s=2.5)
    assert len(table.state.instances) == 1


def test_rate_limit():
    table = bench()
    table.arm({"fault": "rate-limited", "retry_after_s": 7})
    response = _launch(table).response
    assert (response.status, dict(response.headers)["Retry-After"]) == (429, "7")
    assert not table.state.instances


@pytest.mark.parametrize(("effect", "rows"), [("before", 0), ("after", 1)])
def test_server_error(effect, rows):
    table = bench()
    table.arm({"fault": "server-error", "status": 503, "effect": effect})
    assert _launch(table).response.status == 503
    assert len(table.state.instances) == rows


def test_reset():
    table = bench()
    table.arm({"fault": "reset", "after_bytes": 10})
    assert _launch(table).delivery == Delivery(cut_after=10, reset=True)
    assert len(table.state.instances) == 1


@pytest.mark.parametrize(
    ("level", "code"), [("system", 1244034), ("scope", 1244032), ("app", 1244033)]
)
def test_quota(level, code):
    table = bench()
    table.arm({"fault": "quota", "level": level})
    assert _launch(table).response.json()["code"] == code
    assert _launch(table).response.json()["code"] == 0


@pytest.mark.parametrize(
    ("action", "operation"),
    [
        ("access_business", "get_job_plan_list"),
        ("launch_job_plan", "execute_job_plan"),
        ("view_job_plan", "get_job_plan_detail"),
    ],
)
def test_permission_denied(action, operation):
    table = bench()
    table.arm({"fault": "permission-denied", "action": action, "when": {"operation": operation}})
    answer = table.call(operation, job_plan_id=1000)
    assert answer["code"] == 9900403
    assert answer["permission"]["actions"][0]["id"] == action
    assert table.code(operation, job_plan_id=1000) == 0


def test_lost_start_is_accepted_and_cured_by_another():
    table = bench()
    table.arm({"fault": "start-lost"})
    instance = table.run()
    assert table.job_status(instance) == 1
    assert table.start(instance) == 0
    table.wait(60)
    found = table.inside(instance)
    assert (found.starts_accepted, found.starts_consumed, found.began) == (2, 1, 1)


def test_late_start():
    table = bench()
    table.arm({"fault": "start-late", "seconds": 100})
    instance = table.run(seconds=100)
    assert table.job_status(instance) == 1
    table.wait(60)
    assert table.job_status(instance) == 3


@pytest.mark.parametrize(("together", "status", "consumed"), [(False, 3, 1), (True, 9, 2)])
def test_duplicate_start(together, status, consumed):
    table = bench()
    table.arm({"fault": "start-duplicated", "together": together})
    instance = table.run()
    found = table.inside(instance)
    assert (found.status, found.starts_consumed, found.began) == (status, consumed, 1)
    assert found.starts_accepted == 1


def test_stuck_start_is_running_with_every_step_at_1_for_ever():
    table = bench()
    table.arm({"fault": "start-stuck"})
    instance = table.run(seconds=3600)
    assert (table.job_status(instance), table.step_statuses(instance)) == (2, [1])
    assert table.start(instance) == 1241015
    assert table.inside(instance).began == 0
    table.operate(instance, 1)
    table.wait(3600)
    assert table.job_status(instance) == 10


def test_start_faults_wait_for_a_start():
    table = bench()
    table.arm({"fault": "start-lost"})
    instance = table.prepare()
    table.operate(instance, 1)
    assert table.state.faults[0].fired == 0
    table.start(instance)
    assert table.state.faults[0].fired == 1


@pytest.mark.parametrize(("older_than_s", "kept"), [(0, []), (50, [20000000002])])
def test_purge(older_than_s, kept):
    table = bench()
    table.prepare()
    table.wait(100)
    table.prepare()
    table.arm({"fault": "purge", "older_than_s": older_than_s})
    assert table.code("get_job_instance_status", job_instance_id=20000000001) == 1244006
    assert list(table.state.instances) == kept


def test_older_server_for_some_calls():
    table = bench()
    table.arm({"fault": "older-server", "times": 2})
    assert table.start(1) == 1241002
    instance = table.prepare()
    table.wait(60)
    assert table.job_status(instance) == 3
    assert table.start(1) == 1244006


def test_esb_drops_start_task():
    table = bench()
    table.arm({"fault": "esb-drops-start-task", "times": "always"})
    through_esb, through_gateway = table.prepare(door="esb"), table.prepare()
    table.wait(60)
    assert (table.job_status(through_esb), table.job_status(through_gateway)) == (3, 1)


def test_error_after_effect():
    table = bench()
    table.arm({"fault": "error-after-effect", "times": 2})
    assert _launch(table, start_task=False).response.json()["code"] == 1240002
    assert table.start(20000000001) == 1240002
    table.wait(60)
    assert table.job_status(20000000001) == 3


def test_queue_down():
    table = bench()
    table.arm({"fault": "queue-down", "times": 2})
    assert _launch(table).response.json()["code"] == 1240002
    assert table.start(20000000001) == 1240002
    table.wait(60)
    assert table.job_status(20000000001) == 1
    assert table.inside(20000000001).starts_accepted == 0


def test_queue_down_leaves_what_a_step_operation_wrote_itself():
    table = bench(a_world(a_plan(a_script(runs=[{"ends": "fail"}]))))
    instance = table.run()
    table.arm({"fault": "queue-down"})
    assert table.operate_step(instance, 8) == 1240002
    table.wait(60)
    assert (table.job_status(instance), table.step_statuses(instance)) == (2, [4])


def test_half_insert_is_an_instance_without_steps():
    table = bench()
    table.arm({"fault": "half-insert"})
    assert _launch(table).response.json()["code"] == 1240002
    assert table.code("get_job_instance_status", job_instance_id=20000000001) == 1244007
    assert table.data("get_job_instance_list", **_WINDOW)["total"] == 1


@pytest.mark.parametrize(
    ("when", "fired"),
    [
        pytest.param({}, [1], id="when: the first call by default"),
        pytest.param({"call": 3}, [3], id="when: the third call"),
        pytest.param({"operation": "get_job_plan_list"}, [], id="when: another operation"),
        pytest.param({"door": "gateway"}, [1], id="when: this door"),
        pytest.param({"door": "esb"}, [], id="when: the other door"),
        pytest.param({"plan": 1000}, [1], id="when: this plan"),
        pytest.param({"plan": 1001}, [], id="when: another plan"),
        pytest.param({"instance": 5}, [1], id="when: this instance"),
        pytest.param({"code": 1}, [], id="when: another operation code"),
    ],
)
@pytest.mark.parametrize(("times", "more"), [(1, 0), (2, 1), ("always", 9)])
def test_occasions(when, fired, times, more):
    script = parse_faults(
        f'[{{"fault": "delay", "seconds": 1, "times": {_json(times)}, "when": {_json(when)}}}]', "f"
    )
    armed = arm(script)
    occasion = Occasion(
        operation="operate_job_instance", door="gateway", plan=1000, instance=5, code=2, starts=True
    )
    seen = []
    for number in range(1, 6):
        armed, firing = fire(armed, occasion)
        seen += [number] if firing else []
    first = fired[0] if fired else 6
    assert seen == [number for number in range(first, 6) if number <= first + more]


def _json(value):
    return str(value).replace("'", '"') if isinstance(value, dict | int) else f'"{value}"'


def test_an_operation_is_told_by_the_plan_of_its_instance():
    table = bench(a_world(a_plan(), a_plan(id=1001, name="other")))
    table.arm({"fault": "start-lost", "when": {"plan": 1001}})
    first, second = table.prepare(1000), table.prepare(1001)
    table.start(first)
    table.start(second)
    table.wait(60)
    assert (table.job_status(first), table.job_status(second)) == (3, 1)


def test_several_faults_fire_on_one_call():
    table = bench()
    table.arm({"fault": "delay", "seconds": 1}, {"fault": "server-error", "effect": "after"})
    reply = _launch(table)
    assert (reply.delivery.delay_s, reply.response.status) == (1, 502)
    assert reply.record.faults == ("delay", "server-error")


def test_faults_do_not_fire_on_requests_that_are_not_let_in():
    table = bench()
    table.arm({"fault": "delay", "seconds": 1})
    table.send("get_job_plan_list", headers={"x-bkapi-authorization": ""})
    assert table.state.faults[0].seen == 0
