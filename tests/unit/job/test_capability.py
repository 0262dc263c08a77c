import httpx
import pytest

from launcher.engine.effects import Done, Refused, Unknown
from launcher.engine.observed import Capability
from launcher.engine.spec import Scope
from tests.support.job_app import JobApp, failure, success

SCOPE = Scope("biz", "2")
CREATED = success({"job_instance_id": 20000000001})


def prove(start, plain=failure(1244012), odd=failure(1240003)):  # noqa: B008 - values
    app = JobApp(operate_job_instance=start, execute_job_plan=[plain, odd])
    return app, app.connect().probe(SCOPE)


@pytest.mark.parametrize("code", [1244006, 1241015])
def test_both_proofs_make_two_phases_and_ask_for_nothing_that_could_run(code):
    app, found = prove(failure(code))

    assert found == Done(Capability.TWO_PHASE)
    scope = {"bk_scope_type": "biz", "bk_scope_id": "2"}
    assert app.asked == [
        ("operate_job_instance", scope | {"job_instance_id": 1, "operation_code": 2}),
        ("execute_job_plan", scope | {"job_plan_id": 9007199254740991, "start_task": False}),
        ("execute_job_plan", scope | {"job_plan_id": 9007199254740991, "start_task": {}}),
    ]


def test_a_server_that_does_not_know_the_code_is_single_phase():
    assert prove(failure(1241002))[1] == Done(Capability.SINGLE_PHASE)


def test_a_door_that_drops_the_field_is_single_phase():
    assert prove(failure(1244006), odd=failure(1244012))[1] == Done(Capability.SINGLE_PHASE)


@pytest.mark.parametrize(
    ("reactions", "outcome"),
    [
        ({"start": failure(9900403)}, Refused),
        ({"start": failure(1243049)}, Refused),
        ({"start": failure(1240002)}, Unknown),
        ({"start": CREATED}, Unknown),
        ({"start": httpx.ReadError("")}, Unknown),
        ({"start": httpx.ConnectError("refused")}, Refused),
        ({"start": httpx.Response(503)}, Unknown),
        ({"start": failure(1244006), "plain": failure(9900403)}, Refused),
        ({"start": failure(1244006), "plain": failure(1240003)}, Refused),
        ({"start": failure(1244006), "plain": CREATED}, Unknown),
        ({"start": failure(1244006), "odd": CREATED}, Unknown),
        ({"start": failure(1244006), "odd": failure(1240002)}, Unknown),
    ],
)
def test_anything_else_proves_nothing(reactions, outcome):
    found = prove(**reactions)[1]

    assert isinstance(found, outcome)
    assert found.message
