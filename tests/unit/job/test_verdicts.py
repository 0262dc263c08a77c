"""Every row of the table of verdicts, through the client as the engine uses it."""

import ssl

import httpx
import pytest

from launcher.engine.effects import (
    Done,
    Instance,
    OperationRequest,
    PrepareRequest,
    Refused,
    StartAnswer,
    StartRequest,
    Unknown,
)
from launcher.engine.observed import InstanceRef, Missing
from launcher.engine.recorded import OperationKind
from launcher.engine.spec import EffectiveSpec, Scope
from launcher.job.calls import Kind
from launcher.job.verdicts import TABLE, Again, Signal, Verdict, again, verdict
from tests.support.job_app import JobApp, failure, success

SCOPE = Scope("biz", "2")
INSTANCE = InstanceRef(SCOPE, 20000000001)
HTML = httpx.Response(200, html="<html>log in</html>")
BLOCKED = {"code": 1640302, "code_name": "IP_NOT_ALLOWED", "message": "no", "result": False}


def distrusted():
    error = httpx.ConnectError("certificate verify failed")
    error.__cause__ = ssl.SSLCertVerificationError(1, "certificate verify failed")
    error.__cause__.verify_code = 18
    error.__cause__.verify_message = "self-signed certificate"
    return error


REACTIONS = {
    Signal.NOT_SENT: httpx.ConnectError("refused"),
    Signal.DISTRUSTED: distrusted(),
    Signal.LOST: httpx.ReadError(""),
    Signal.SLOW: httpx.ReadTimeout(""),
    Signal.TURNED_AWAY: httpx.Response(403, json=BLOCKED),
    Signal.REDIRECT: httpx.Response(302, headers={"Location": "https://evil.example"}),
    Signal.UNAUTHORISED: httpx.Response(401),
    Signal.FORBIDDEN: httpx.Response(403, json={"message": "apply first"}),
    Signal.NOT_FOUND: httpx.Response(404),
    Signal.WRONG_METHOD: httpx.Response(405),
    Signal.TOO_MANY: httpx.Response(429),
    Signal.SERVER_ERROR: httpx.Response(502, html="<html>bad gateway</html>"),
    Signal.OTHER_STATUS: httpx.Response(400, json={"message": "bad"}),
    Signal.UNREADABLE: HTML,
    Signal.OTHER_CODE: failure(4242, "what is this"),
}


PLAN = success(
    {
        "id": 1,
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


def ask(kind, reaction):
    app = JobApp(
        execute_job_plan=reaction,
        operate_job_instance=reaction,
        operate_step_instance=reaction,
        get_job_instance_status=reaction,
        get_job_plan_detail=PLAN,
    )
    server = app.connect()
    match kind:
        case Kind.PREPARE:
            return app, server.prepare(PrepareRequest(EffectiveSpec(SCOPE, 1), 1, None), {})
        case Kind.START:
            return app, server.start(StartRequest(INSTANCE), float("inf"))
        case Kind.OPERATE:
            request = OperationRequest(INSTANCE, OperationKind.CONTINUE, 7)
            return app, server.operate(request, float("inf"))
        case _:
            return app, server.read_status(INSTANCE)


ROWS = [(row, kind) for row in TABLE for kind in sorted(row.kinds)]


@pytest.mark.parametrize(("row", "kind"), ROWS, ids=[f"{r.signal}-{k}" for r, k in ROWS])
def test_a_row_of_the_table_decides_what_the_engine_hears(row, kind):
    reaction = failure(row.signal) if isinstance(row.signal, int) else REACTIONS[row.signal]

    _, found = ask(kind, reaction)

    match row.verdict:
        case Verdict.UNKNOWN:
            assert isinstance(found, Unknown)
        case Verdict.ALREADY:
            assert found == Done(StartAnswer.ALREADY)
        case Verdict.NOT_KNOWN:
            assert found == Done(StartAnswer.NOT_KNOWN)
        case Verdict.MISSING:
            assert found == Done(Missing(INSTANCE.id))
        case Verdict.REFUSED | Verdict.STEPLESS:
            assert isinstance(found, Refused)
            assert not found.full
        case _:
            assert row.verdict is Verdict.FULL
            assert isinstance(found, Refused)
            assert found.full
    if not isinstance(found, Done):
        assert found.message
        told = {Signal.OTHER_CODE: 4242}.get(row.signal) or row.signal
        # A job plan that can be read is there, whatever JOB's code says.
        is_code = isinstance(told, int) and row.again is not Again.CONFIRMED
        assert found.code == (told if is_code else None)


@pytest.mark.parametrize(("row", "kind"), ROWS, ids=[f"{r.signal}-{k}" for r, k in ROWS])
def test_a_row_of_the_table_decides_how_often_the_client_asks(row, kind):
    reaction = failure(row.signal) if isinstance(row.signal, int) else REACTIONS[row.signal]

    app, _ = ask(kind, reaction)

    confirmed = ["execute_job_plan", "get_job_plan_detail", "execute_job_plan"]
    name = app.asked[0][0]
    tries = {Again.NEVER: [name], Again.SOON: [name] * 3, Again.CONFIRMED: confirmed}
    assert [asked for asked, _ in app.asked] == tries[row.again]
    assert len(app.slept) == tries[row.again].count(name) - 1, "it waits before each further try"
    bodies = app.bodies(name)
    assert all(body == bodies[0] for body in bodies), "and asks for exactly the same"


def test_nothing_that_may_have_happened_is_asked_for_again():
    for row in TABLE:
        assert (
            row.again is Again.NEVER or row.kinds == {Kind.READ} or row.verdict is Verdict.REFUSED
        )
        assert row.again is Again.NEVER or row.kinds <= {Kind.READ, Kind.PREPARE}


def test_the_table_decides_each_signal_of_each_kind_once():
    decided = [(kind, row.signal) for row in TABLE for kind in row.kinds]

    assert len(decided) == len(set(decided))
    assert {(kind, signal) for kind in Kind for signal in Signal} <= set(decided)
    assert all(row.source and row.why for row in TABLE)


@pytest.mark.parametrize("kind", [Kind.PREPARE, Kind.START, Kind.OPERATE])
def test_a_code_that_nobody_documents_is_never_a_refusal_of_a_write(kind):
    assert verdict(kind, 999) is Verdict.UNKNOWN
    assert again(kind, 999) is Again.NEVER


@pytest.mark.parametrize(
    "data", [None, {}, {"job_instance_id": None}, {"job_instance_id": 0}, {"job_instance_id": "7"}]
)
@pytest.mark.parametrize("kind", [Kind.PREPARE, Kind.START, Kind.OPERATE])
def test_a_success_without_a_usable_id_is_unknown(kind, data):
    _, found = ask(kind, success(data))

    assert isinstance(found, Unknown)
    assert "(L309)" in found.message


def test_a_start_that_answers_for_another_instance_is_unknown():
    _, found = ask(Kind.START, success({"job_instance_id": 20000000009}))

    assert isinstance(found, Unknown)


@pytest.mark.parametrize(
    "data",
    [
        {"job_instance_id": 20000000009, "step_instance_id": 7},
        {"job_instance_id": INSTANCE.id, "step_instance_id": 8},
        {"job_instance_id": INSTANCE.id, "step_instance_id": None},
    ],
)
def test_an_operation_that_answers_for_another_instance_or_step_is_unknown(data):
    _, found = ask(Kind.OPERATE, success(data))

    assert isinstance(found, Unknown)


def test_an_id_beyond_what_javascript_can_count_survives():
    reaction = success({"job_instance_id": 2**53 + 1, "job_instance_name": "Deploy"})

    assert ask(Kind.PREPARE, reaction)[1] == Done(Instance(2**53 + 1, "Deploy"))


def test_a_redirect_says_that_it_is_one():
    assert "(L303)" in ask(Kind.PREPARE, REACTIONS[Signal.REDIRECT])[1].message


def test_a_missing_permission_is_named():
    permission = {"actions": [{"id": "launch_job_plan"}]}

    _, found = ask(Kind.PREPARE, failure(9900403, "not allowed", permission=permission))

    said = "missing permission launch_job_plan: not allowed (request req-1)"
    assert found == Refused(said, 9900403, request_id="req-1")


def test_the_ids_of_the_gateway_and_of_job_are_kept_and_shown():
    reaction = httpx.Response(
        200,
        headers={"X-Bkapi-Request-Id": "gate", "X-Bk-Job-Request-Id": "trace"},
        json={"code": 1244011, "result": False, "job_request_id": "trace", "message": "illegal"},
    )

    found = ask(Kind.PREPARE, reaction)[1]
    assert found.request_id == "gate, trace"
    assert found.message == "illegal (request gate, trace)"


def test_the_id_of_esb_is_kept_beside_jobs():
    reaction = failure(1244011, "illegal", request_id="esb-1")

    assert ask(Kind.PREPARE, reaction)[1].message == "illegal (request esb-1, req-1)"
