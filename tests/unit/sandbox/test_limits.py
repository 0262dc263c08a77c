"""The quota of running jobs, and the history that expires."""

from __future__ import annotations

import pytest

from tests.support.sandbox import a_plan, a_script, a_world, bench

_DAY_S = 86_400


def _launch(table, **params):
    return table.code("execute_job_plan", job_plan_id=1000, start_task=False, **params)


@pytest.mark.parametrize(
    ("quota", "code"),
    [
        pytest.param({"system": 1}, 1244034, id="quota: system"),
        pytest.param({"scope": 1}, 1244032, id="quota: scope"),
        pytest.param({"app": 1}, 1244033, id="quota: app"),
        pytest.param({"system": 1, "scope": 1, "app": 1}, 1244034, id="quota: system first"),
        pytest.param({"scope": 1, "app": 1}, 1244032, id="quota: scope before app"),
        pytest.param({}, 0, id="quota: off by default"),
    ],
)
def test_quota_reached_means_refused_and_unstarted_instances_count(quota, code):
    table = bench(a_world(server={"quota": quota}))
    assert _launch(table) == 0
    assert _launch(table) == code
    assert len(table.state.instances) == (1 if code else 2)


def test_quota_of_a_scope_and_an_app_count_their_own():
    other = a_plan(id=2000, template=600)
    table = bench(a_world(a_plan(), other, server={"quota": {"scope": 1}}))
    assert _launch(table) == 0
    launch = {"job_plan_id": 2000, "bk_scope_id": "3"}
    # Host 101 of the plan is not in biz 3, which is found out after the quota.
    assert table.code("execute_job_plan", **launch) == 1244002
    table = bench(a_world(server={"quota": {"app": 1}}))
    assert _launch(table) == 0
    another = '{"bk_app_code": "b", "bk_app_secret": "s", "bk_username": "u"}'
    assert _launch(table, headers={"x-bkapi-authorization": another}) == 0


def test_quota_is_released_when_the_job_finishes():
    table = bench(a_world(server={"quota": {"scope": 1}}))
    table.run()
    assert _launch(table) == 0


def test_quota_forgets_an_unstarted_instance_after_60_to_70_minutes():
    table = bench(a_world(server={"quota": {"scope": 1}}))
    table.wait(60)
    assert _launch(table) == 0
    table.wait(3600)
    assert _launch(table) == 1244032
    table.wait(599)
    assert _launch(table) == 0


def test_quota_is_taken_again_by_a_retry():
    step = a_script(runs=[{"ends": "fail"}, {"takes_s": 500}])
    table = bench(a_world(a_plan(step), server={"quota": {"scope": 1}}))
    instance = table.run()
    assert table.operate_step(instance, 8) == 0
    assert _launch(table) == 1244032


def test_quota_is_not_checked_at_start():
    table = bench(a_world(server={"quota": {"scope": 1}}))
    instance = table.prepare()
    table.wait(4200)
    assert _launch(table) == 0
    assert table.start(instance) == 0


def test_retention_deletes_old_instances_daily_at_04_whatever_their_status():
    table = bench(a_world(server={"keep_days": 30}))
    instance = table.prepare()
    table.wait(30 * _DAY_S)
    assert table.job_status(instance) == 1
    # Noon plus 30 days is past; the next 04:00 is sixteen hours later.
    table.wait(15.9 * 3600)
    assert table.job_status(instance) == 1
    table.wait(0.2 * 3600)
    for operation in ("get_job_instance_status", "get_job_instance_global_var_value"):
        assert table.code(operation, job_instance_id=instance) == 1244006
    assert table.start(instance) == 1244006
    assert table.prepare() == instance + 1
