"""JOB's answer that a job plan does not exist, which it also gives to trouble inside."""

import httpx
import pytest

from launcher.engine.effects import Done, Instance, PrepareRequest, Refused, Unknown, Unsent
from launcher.engine.observed import InstanceRef
from launcher.engine.spec import EffectiveSpec, Scope, SecretReference, Variable
from tests.support.job_app import JobApp, failure, success

SCOPE = Scope("biz", "2")
SPEC = EffectiveSpec(SCOPE, 1000)
CREATED = success({"job_instance_id": 20000000001, "job_instance_name": "Deploy"})
DENIED = failure(1244012, "Job plan does not exist")
PLAN = success(
    {
        "id": 1000,
        "job_template_id": 5,
        "name": "Deploy",
        "creator": "a",
        "create_time": 1,
        "last_modify_user": "a",
        "last_modify_time": 1,
        "global_var_list": [],
        "step_list": [],
    }
)


def prepare(launches, plan=PLAN, *, start=False):
    app = JobApp(execute_job_plan=launches, get_job_plan_detail=plan)
    return app, app.connect().prepare(PrepareRequest(SPEC, 1000, None, start=start), {})


def said(found):
    assert isinstance(found, Refused)
    return found.message


def asked(app):
    return [name for name, _ in app.asked]


def test_a_job_plan_that_is_there_is_asked_for_once_more():
    app, found = prepare([DENIED, CREATED])

    assert found == Done(Instance(20000000001, "Deploy"))
    assert asked(app) == ["execute_job_plan", "get_job_plan_detail", "execute_job_plan"]
    assert app.slept == [3.0]


def test_a_job_plan_that_is_there_and_denied_twice_is_no_refusal_of_the_launch():
    app, found = prepare(DENIED)

    assert isinstance(found, Refused)
    assert found.code is None, "with a code, the attempt would be closed as refused"
    assert "Deploy" in found.message
    assert found.message.endswith("(L324) (request req-1)")
    assert len(app.bodies("execute_job_plan")) == 2


@pytest.mark.parametrize("code", [1243009, 1243026, 1243049])
def test_a_job_plan_that_is_gone_stays_refused(code):
    app, found = prepare(DENIED, failure(code))

    assert found == Refused("Job plan does not exist (request req-1)", 1244012, request_id="req-1")
    assert asked(app) == ["execute_job_plan", "get_job_plan_detail"]


@pytest.mark.parametrize(
    "plan", [httpx.Response(502), failure(1240002), failure(9900403), httpx.ConnectError("refused")]
)
def test_a_job_plan_that_cannot_be_read_is_no_refusal_of_the_launch(plan):
    app, found = prepare(DENIED, plan)

    assert isinstance(found, Refused)
    assert found.code is None
    assert "(L325)" in found.message
    assert len(app.bodies("execute_job_plan")) == 1


def test_what_comes_of_the_second_try_counts():
    assert isinstance(prepare([DENIED, httpx.ReadError("")])[1], Unknown)
    assert prepare([DENIED, failure(1244030)])[1].code == 1244030


def test_what_starts_at_once_is_not_sent_again_even_if_the_job_plan_is_there():
    app, found = prepare([DENIED, CREATED], start=True)

    assert isinstance(found, Refused)
    assert found.code is None
    assert asked(app) == ["execute_job_plan", "get_job_plan_detail"]


def test_a_budget_that_is_spent_allows_no_second_try():
    broken = httpx.Response(502)
    app = JobApp(execute_job_plan=DENIED, get_job_plan_detail=PLAN, get_job_instance_status=broken)
    server = app.connect()
    for _ in range(10):
        server.read_status(InstanceRef(SCOPE, 20000000001))

    found = server.prepare(PrepareRequest(SPEC, 1000, None), {})

    assert "(L324)" in said(found)
    assert len(app.bodies("execute_job_plan")) == 1


def test_a_secret_that_comes_back_with_the_second_answer_is_taken_out():
    reference = SecretReference("env", "PW", "1")
    request = PrepareRequest(EffectiveSpec(SCOPE, 1000, (Variable("pw", reference),)), 1000, None)
    echo = failure(1244030, "no hunter2-long")
    app = JobApp(execute_job_plan=[DENIED, echo], get_job_plan_detail=PLAN)

    found = app.connect().prepare(request, {reference: "hunter2-long"})

    assert said(found) == "no (secret) (request req-1)"


TURNED_AWAY = httpx.Response(429, headers={"Retry-After": "10"})


@pytest.mark.parametrize("first", [TURNED_AWAY, DENIED], ids=["turned away", "denied"])
@pytest.mark.parametrize("ends", ["late", "withdrawn"])
def test_what_is_not_to_be_sent_any_more_is_not_sent_again_after_a_pause(first, ends):
    """Nothing can have come of the first request, and the second never leaves."""
    clock, withdrawn = [0.0], []

    def sleep(seconds):
        if ends == "late":
            clock[0] += seconds + 5
        else:
            withdrawn.append(seconds)

    app = JobApp(execute_job_plan=[first, CREATED], get_job_plan_detail=PLAN)
    server = app.connect(sleep=sleep, monotonic=lambda: clock[0])
    request = PrepareRequest(SPEC, 1000, None)

    assert server.prepare(request, {}, 5.0, lambda: bool(withdrawn)) == Unsent()
    assert len(app.bodies("execute_job_plan")) == 1
