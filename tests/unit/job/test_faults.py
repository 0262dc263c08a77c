"""What stands between us and JOB answers: each with a code, a cause and a cure of its own."""

import httpx
import pytest

from launcher.engine.effects import PrepareRequest, Refused, StartRequest, Unknown
from launcher.engine.observed import InstanceRef
from launcher.engine.spec import EffectiveSpec, Scope
from launcher.job.faults import _BY_CODE
from tests.support.job_app import JobApp, failure

SCOPE = Scope("biz", "2")
REF = InstanceRef(SCOPE, 20000000001)
PAGE = "<!DOCTYPE html>\n<html><head><title>\n Sign in &amp; go </title></head></html>"


def gateway(code, name, message="told so", **more):
    return {
        "code": code,
        "code_name": name,
        "message": message,
        "result": False,
        "data": None,
        **more,
    }


def esb(code, message="told so"):
    return {"code": code, "message": message, "result": False, "data": None, "request_id": "esb-7"}


def prepare(response):
    app = JobApp(execute_job_plan=response)
    return app.connect().prepare(PrepareRequest(EffectiveSpec(SCOPE, 1), 1, None), {})


PLATFORM = [
    # status, body, code of ours, what follows for a prepare
    (400, gateway(1640001, "INVALID_ARGS"), "L304", Refused),
    (400, gateway(1640004, "JWT_VERIFY_FAILED"), "L318", Refused),
    (401, gateway(1640100, "UNAUTHORIZED"), "L304", Refused),
    (401, gateway(1640101, "APP_VERIFY_FAILED"), "L304", Refused),
    (401, gateway(1640102, "USER_VERIFY_FAILED"), "L304", Refused),
    (403, gateway(1640301, "APP_NO_PERMISSION"), "L305", Refused),
    (403, gateway(1640302, "IP_NOT_ALLOWED"), "L318", Refused),
    (404, gateway(1640401, "API_NOT_FOUND"), "L306", Refused),
    (413, gateway(1641301, "BODY_SIZE_LIMIT_EXCEED"), "L318", Refused),
    (429, gateway(1642901, "RATE_LIMIT_RESTRICTION"), "L307", Refused),
    (429, gateway(1642902, "RATE_LIMIT_RESTRICTION"), "L307", Refused),
    (429, gateway(1642903, "RATE_LIMIT_RESTRICTION"), "L307", Refused),
    (429, gateway(1642904, "CONCURRENCY_LIMIT_RESTRICTION"), "L307", Refused),
    (500, gateway(1650001, "INTERNAL_SERVER_ERROR"), "L308", Unknown),
    (502, gateway(1650200, "BAD_GATEWAY"), "L308", Unknown),
    (504, gateway(1650401, "REQUEST_BACKEND_TIMEOUT"), "L316", Unknown),
    (508, gateway(1650801, "RECURSIVE_REQUEST_DETECTED"), "L308", Unknown),
    # A gateway may be told to answer 200 to everything.
    (200, gateway(1640001, "INVALID_ARGS"), "L304", Refused),
    (200, gateway(1650401, "REQUEST_BACKEND_TIMEOUT"), "L316", Unknown),
    (200, esb(1306401), "L304", Refused),
    (200, esb(1306402), "L304", Refused),
    (200, esb(1306403), "L305", Refused),
    (200, esb(1306404), "L306", Refused),
    (200, esb(1306405), "L306", Refused),
    (200, esb(1306406), "L318", Refused),
    (200, esb(1306429), "L307", Refused),
    (200, esb(1306000), "L308", Unknown),
    (200, esb(1306201), "L308", Unknown),
    (200, esb(1306208), "L308", Unknown),
]


@pytest.mark.parametrize(
    ("status", "body", "code", "kind"),
    PLATFORM,
    ids=[f"{s}-{b['code']}" for s, b, _, _ in PLATFORM],
)
def test_an_error_of_the_platform_is_told_from_an_answer_of_job(status, body, code, kind):
    found = prepare(httpx.Response(status, json=body))

    assert isinstance(found, kind)
    assert f"({code})" in found.message
    assert f"HTTP status {status}, code {body['code']}" in found.message
    assert "It says: told so" in found.message
    assert found.code is None, "it is no code of JOB, and no refusal of what was asked"
    assert found.request_id == body.get("request_id")


def test_every_code_of_a_platform_that_is_known_by_name_is_tried():
    assert set(_BY_CODE) <= {body["code"] for _, body, _, _ in PLATFORM}


@pytest.mark.parametrize("body", [esb(1640001), gateway(1640001, "X", job_request_id="job-1")])
def test_what_only_looks_like_an_error_of_the_gateway_is_taken_for_jobs(body):
    found = prepare(httpx.Response(200, json=body))

    assert isinstance(found, Unknown)
    assert found.code == 1640001


STATUSES = [
    (httpx.Response(401), "L317", Refused),
    (httpx.Response(401, json={"message": "who are you"}), "L304", Refused),
    (httpx.Response(401, html=PAGE), "L315", Refused),
    (httpx.Response(403, html=PAGE), "L315", Refused),
    (httpx.Response(404, json={"status": 404, "error": "Not Found"}), "L306", Refused),
    (httpx.Response(405), "L306", Refused),
    (httpx.Response(418, html=PAGE), "L315", Unknown),
    (httpx.Response(400, json={"detail": "?"}), "L310", Unknown),
    (httpx.Response(502, html=PAGE), "L308", Unknown),
    (httpx.Response(503), "L308", Unknown),
    (httpx.Response(504), "L316", Unknown),
    (httpx.Response(504, html=PAGE), "L316", Unknown),
    (httpx.Response(302, html=PAGE), "L303", Refused),
    (httpx.Response(200, html=PAGE), "L315", Unknown),
    (httpx.Response(200, content=b"\xef\xbb\xbf \n<html>"), "L315", Unknown),
    (httpx.Response(200, content=b"OK"), "L309", Unknown),
    (httpx.Response(200), "L309", Unknown),
]


@pytest.mark.parametrize(
    ("response", "code", "kind"), STATUSES, ids=[f"{r.status_code}-{c}" for r, c, _ in STATUSES]
)
def test_a_status_without_an_answer_of_job_has_its_own_code(response, code, kind):
    found = prepare(response)

    assert isinstance(found, kind)
    assert f"({code})" in found.message
    assert found.code is None


@pytest.mark.parametrize("status", [200, 403, 502])
def test_a_page_is_told_by_its_title_and_not_quoted_further(status):
    found = prepare(httpx.Response(status, html=PAGE + "hunter2"))

    assert "titled `Sign in & go`" in found.message
    assert "hunter2" not in found.message


V4 = [
    (400, "L319", Unknown),
    (403, "L305", Refused),
    (404, "L306", Refused),
    (409, "L319", Unknown),
]


@pytest.mark.parametrize(("status", "code", "kind"), V4)
def test_an_error_in_the_form_of_the_v4_api_is_put_into_words(status, code, kind):
    error = {"code": "INVALID_ARGUMENT", "message": "bad scope", "data": None}

    found = prepare(httpx.Response(status, json={"error": error, "job_request_id": "v4-1"}))

    assert isinstance(found, kind)
    assert f"({code})" in found.message
    assert "It says: INVALID_ARGUMENT: bad scope" in found.message


@pytest.mark.parametrize("error", [None, [], {}, {"code": 3, "message": None}, ""])
def test_an_error_without_words_is_no_bug_of_ours(error):
    assert "It says" not in prepare(httpx.Response(400, json={"error": error})).message


@pytest.mark.parametrize(
    ("headers", "asks"),
    [
        ({"Retry-After": "90"}, True),
        ({"X-Bkapi-RateLimit-Remaining": "0", "X-Bkapi-RateLimit-Reset": "90"}, True),
        (
            {
                "Retry-After": "90",
                "X-Bkapi-RateLimit-Remaining": "0",
                "X-Bkapi-RateLimit-Reset": "7",
            },
            True,
        ),
        ({"X-Bkapi-RateLimit-Remaining": "3", "X-Bkapi-RateLimit-Reset": "90"}, False),
        ({"X-Bkapi-RateLimit-Remaining": "0"}, False),
    ],
    ids=["any server", "gateway", "both", "something is left", "no time"],
)
def test_how_long_the_server_wants_to_be_left_alone_is_told(headers, asks):
    found = prepare(httpx.Response(429, headers=headers))

    assert ("It asks to be left alone for 1m30s." in found.message) is asks


@pytest.mark.parametrize("response", [httpx.Response(502), failure(1240002)])
def test_a_start_after_which_anything_may_be_true_is_unknown(response):
    app = JobApp(operate_job_instance=response)

    assert isinstance(app.connect().start(StartRequest(REF), float("inf")), Unknown)
