"""One instance looked at closely, with hosts where JOB can tell of them."""

from __future__ import annotations

from launcher.engine.effects import Done, Unknown
from launcher.engine.observed import InstanceRef
from launcher.engine.results import InstanceResults
from launcher.engine.spec import Scope
from launcher.operations.closely import read_closely
from tests.support.job_app import JobApp, failure, success

INSTANCE = InstanceRef(Scope("biz", "2"), 20_000_000_417)
TROUBLE_INSIDE = 1240002
STATUS = {
    "finished": True,
    "job_instance": {
        "job_instance_id": INSTANCE.id,
        "name": "web",
        "status": 3,
        "create_time": 1_767_600_000_000,
    },
    "step_instance_list": [
        {"step_instance_id": 1, "name": "check", "type": 1, "status": 3, "execute_count": 0}
    ],
}


def on_containers(values):
    """JOB fails on its way to hosts that a step does not have."""
    return failure(TROUBLE_INSIDE) if values.get("return_ip_result") else success(STATUS)


def test_where_job_fails_on_its_way_to_the_hosts_the_steps_are_shown_without():
    found = read_closely(JobApp(get_job_instance_status=on_containers).connect(), INSTANCE)

    assert isinstance(found, Done)
    assert isinstance(found.value, InstanceResults)
    assert not found.value.has_hosts
    assert [step.step.name for step in found.value.steps] == ["check"]


def test_where_job_fails_altogether_that_is_the_answer():
    app = JobApp(get_job_instance_status=failure(TROUBLE_INSIDE))

    found = read_closely(app.connect(), INSTANCE)

    assert isinstance(found, Unknown)
    assert found.code == TROUBLE_INSIDE
