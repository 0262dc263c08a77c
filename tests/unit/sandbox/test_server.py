"""The sandbox over real sockets and inside the process: doors, control side, broken connections."""

from __future__ import annotations

import contextlib
import http.client
import json
import socket
import threading
import time
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from launcher.errors import SurroundingsFailed
from launcher.sandbox.server import serve
from launcher.sandbox.transport import open_transport
from tests.support.sandbox import SCOPE

_CREDENTIALS = {"bk_app_code": "app", "bk_app_secret": "top-secret", "bk_username": "alice"}
_HEADERS = {"X-Bkapi-Authorization": json.dumps(_CREDENTIALS), "Blueking-Language": "en"}
_LAUNCH = {**SCOPE, "job_plan_id": 1001, "start_task": False}
_START = datetime(2026, 11, 22, 12, tzinfo=UTC)


class Clock:
    """A clock that stands still until it is moved."""

    def __init__(self):
        self.now = _START

    def __call__(self):
        return self.now

    def forward(self, seconds):
        self.now += timedelta(seconds=seconds)


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def server(clock):
    with serve(clock=clock) as running:
        yield running


@pytest.fixture(params=["in-process", "served"])
def client(request, clock, tmp_path):
    """A client of the demo world and the store behind it, by both ways of serving."""
    with contextlib.ExitStack() as stack:
        if request.param == "served":
            running = stack.enter_context(serve(clock=clock))
            store, url, transport = running.store, running.url, None
        else:
            transport = open_transport(tmp_path / "s.sqlite", None, clock)
            store, url = transport.store, "http://sandbox"
        yield (
            stack.enter_context(
                httpx.Client(headers=_HEADERS, trust_env=False, base_url=url, transport=transport)
            ),
            store,
        )


def _arm(store, *faults):
    from launcher.sandbox.worldfile import parse_faults  # noqa: PLC0415 - one user

    store.add_faults(parse_faults(json.dumps(faults), "f"))


def _instances(store, clock):
    return store.state(round(clock.now.timestamp() * 1000)).instances


def test_a_launch_at_the_gateway_from_creation_to_success(client, clock):
    http, _ = client
    created = http.post("/api/bk-job/prod/api/v3/execute_job_plan", json=_LAUNCH).json()
    ids = {**SCOPE, "job_instance_id": created["data"]["job_instance_id"]}
    status = "/api/bk-job/prod/api/v3/get_job_instance_status"
    start = {**ids, "operation_code": 2}
    seen = [http.get(status, params=ids).json()["data"]["job_instance"]["status"]]
    assert http.post("/api/v3/operate_job_instance", json=start).json()["code"] == 0
    seen.append(http.get(status, params=ids).json()["data"]["job_instance"]["status"])
    for seconds in (1, 5):
        clock.forward(seconds)
        seen.append(http.get(status, params=ids).json()["data"]["job_instance"]["status"])
    assert seen == [1, 1, 2, 3]
    assert http.post("/api/v3/operate_job_instance", json=start).json()["code"] == 1241015


def test_a_launch_through_esb(client):
    http, store = client
    http.headers.pop("X-Bkapi-Authorization")
    path = "/api/c/compapi/v2/jobv3/execute_job_plan/"
    answer = http.post(path, json={**_LAUNCH, **_CREDENTIALS}).json()
    assert (answer["code"], answer["message"]) == (0, "success")
    assert store.records()[-1]["params"] == {
        **_LAUNCH,
        "bk_app_code": "app",
        "bk_app_secret": "******",
        "bk_username": "alice",
    }


def test_query_texts_are_decoded(client):
    http, _ = client
    params = {**SCOPE, "name": "Deploy web", "length": 5}
    found = http.get("/api/v3/get_job_plan_list", params=params).json()["data"]["data"]
    assert {row["name"] for row in found} == {"Deploy web", "Deploy web with approval"}


def test_a_lost_answer_closes_the_connection_without_a_word(client, clock):
    http, store = client
    _arm(store, {"fault": "answer-lost"})
    with pytest.raises(httpx.RemoteProtocolError):
        http.post("/api/v3/execute_job_plan", json=_LAUNCH)
    assert len(_instances(store, clock)) == 1
    assert http.post("/api/v3/execute_job_plan", json=_LAUNCH).json()["code"] == 0


@pytest.mark.parametrize("after_bytes", [0, 20])
def test_a_reset_shows_as_a_read_error(client, clock, after_bytes):
    http, store = client
    _arm(store, {"fault": "reset", "after_bytes": after_bytes})
    # Whether the kernel hands over what came before the reset is its own affair.
    with pytest.raises((httpx.ReadError, httpx.RemoteProtocolError)):
        http.post("/api/v3/execute_job_plan", json=_LAUNCH)
    assert len(_instances(store, clock)) == 1
    assert http.post("/api/v3/execute_job_plan", json=_LAUNCH).json()["code"] == 0


def test_a_reset_is_a_real_one(server):
    _arm(server.store, {"fault": "reset", "after_bytes": 5})
    connection = http.client.HTTPConnection("127.0.0.1", server.port)
    with contextlib.closing(connection):
        connection.request("POST", "/api/v3/execute_job_plan", json.dumps(_LAUNCH), _HEADERS)
        with pytest.raises(ConnectionResetError), connection.getresponse() as answer:
            answer.read()


def test_a_delay_beyond_the_read_timeout_is_a_timeout_and_takes_effect(client, clock):
    http, store = client
    _arm(store, {"fault": "delay", "seconds": 30}, {"fault": "delay", "seconds": 0.05})
    with pytest.raises(httpx.ReadTimeout):
        http.post("/api/v3/execute_job_plan", json=_LAUNCH, timeout=httpx.Timeout(5, read=0.1))
    assert len(_instances(store, clock)) == 1


def test_a_short_delay_is_waited_out(client):
    http, store = client
    _arm(store, {"fault": "delay", "seconds": 0.2})
    begin = time.monotonic()
    assert http.post("/api/v3/execute_job_plan", json=_LAUNCH).json()["code"] == 0
    assert time.monotonic() - begin >= 0.2


@pytest.mark.parametrize(
    ("fault", "status"),
    [({"fault": "rate-limited"}, 429), ({"fault": "server-error", "status": 504}, 504)],
)
def test_other_statuses_come_through(client, fault, status):
    http, store = client
    _arm(store, fault)
    answer = http.post("/api/v3/execute_job_plan", json=_LAUNCH)
    assert answer.status_code == status
    assert ("Retry-After" in answer.headers) is (status == 429)


def test_many_calls_at_once(client, clock):
    http, store = client

    def launch():
        for _ in range(10):
            assert http.post("/api/v3/execute_job_plan", json=_LAUNCH).json()["code"] == 0

    threads = [threading.Thread(target=launch) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(_instances(store, clock)) == 80


def test_an_in_process_world_keeps_its_id(tmp_path, clock):
    path = tmp_path / "sandbox" / "s.sqlite"
    ids = []
    for _ in range(2):
        transport = open_transport(path, None, clock)
        ids.append(transport.world_id)
        transport.close()
    assert ids[0] == ids[1]


def test_connections_are_kept_alive(server):
    connection = http.client.HTTPConnection("127.0.0.1", server.port)
    for _ in range(3):
        connection.request("GET", "/_sandbox/")
        connection.getresponse().read()
        kept = connection.sock
        assert kept is not None
    connection.close()


def test_only_loopback_is_served(server):
    assert server._listener.server_address[0] == "127.0.0.1"


def _raw(server, data):
    with socket.create_connection(("127.0.0.1", server.port), timeout=10) as connection:
        connection.sendall(data)
        connection.shutdown(socket.SHUT_WR)
        answer = b""
        while part := connection.recv(65536):
            answer += part
    return answer


@pytest.mark.parametrize(
    ("data", "status"),
    [
        pytest.param(b"\r\n\r\n", b"", id="malformed: nothing"),
        pytest.param(b"nonsense\r\n\r\n", b"400", id="malformed: no request line"),
        pytest.param(b"GET / HTTP/9.9\r\n\r\n", b"505", id="malformed: version"),
        pytest.param(b"BREW / HTTP/1.1\r\n\r\n", b"501", id="malformed: method"),
        pytest.param(b"GET /" + b"x" * 70_000 + b" HTTP/1.1\r\n\r\n", b"414", id="malformed: long"),
        pytest.param(b"GET http://[ HTTP/1.0\r\n\r\n", b"404", id="malformed: target"),
        pytest.param(b"GET //x HTTP/1.0\r\n\r\n", b"404", id="malformed: two slashes"),
        pytest.param(
            b"POST / HTTP/1.1\r\nContent-Length: x\r\n\r\n", b"411", id="malformed: length"
        ),
        pytest.param(
            b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
            b"411",
            id="malformed: chunked",
        ),
        pytest.param(
            b"POST / HTTP/1.1\r\nContent-Length: 99999999999\r\n\r\n", b"413", id="malformed: large"
        ),
        pytest.param(b"POST / HTTP/1.1\r\nContent-Length: 9\r\n\r\nx", b"", id="malformed: short"),
        pytest.param(b"HEAD / HTTP/1.1\r\nConnection: close\r\n\r\n", b"404", id="method: HEAD"),
        pytest.param(
            b"PUT /api/v3/execute_job_plan HTTP/1.1\r\nConnection: close\r\n\r\n",
            b"405",
            id="method: PUT",
        ),
    ],
)
def test_malformed_requests_are_answered_and_hurt_nobody(server, data, status):
    answer = _raw(server, data)
    assert answer.split(b" ")[1:2] == ([status] if status else [])
    assert httpx.get(f"{server.url}/_sandbox/", trust_env=False).status_code == 200


def test_stopping_ends_open_connections_and_frees_the_port(clock):
    running = serve(clock=clock)
    with socket.create_connection(("127.0.0.1", running.port)) as idle:
        idle.sendall(b"GET /_sandbox/ HTTP/1.1\r\n\r\n")
        assert idle.recv(65536).startswith(b"HTTP/1.1 200")
        running.stop()
        running.stop()
        while idle.recv(65536):
            pass
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", running.port))
    serve(port=running.port, clock=clock).stop()


def test_stopping_does_not_sit_out_a_delay(clock):
    running = serve(clock=clock)
    _arm(running.store, {"fault": "delay", "seconds": 60})
    url = f"{running.url}/api/v3/get_job_plan_list"

    def call():
        with contextlib.suppress(httpx.TransportError):
            httpx.get(url, params=SCOPE, headers=_HEADERS, trust_env=False)

    caller = threading.Thread(target=call)
    caller.start()
    while not running.store.records():
        caller.join(0.01)
    begin = time.monotonic()
    running.stop()
    caller.join()
    assert time.monotonic() - begin < 5


def test_a_port_that_is_taken_is_told(server, clock):
    with pytest.raises(SurroundingsFailed) as caught:
        serve(port=server.port, clock=clock)
    assert [item.code for item in caught.value.diagnostics] == ["L608"]


@pytest.mark.parametrize("port", [-1, 70_000])
def test_a_port_that_cannot_be_is_told(clock, port):
    with pytest.raises(SurroundingsFailed) as caught:
        serve(port=port, clock=clock)
    assert [item.code for item in caught.value.diagnostics] == ["L608"]


def test_a_served_state_can_be_kept(tmp_path, clock):
    path = tmp_path / "state.sqlite"
    faults = tmp_path / "faults.yaml"
    faults.write_text("- {fault: rate-limited}\n")
    ids, statuses = [], []
    for _ in range(2):
        with serve(None, faults, 0, 2.0, path, clock=clock) as running:
            ids.append(running.store.world_id)
            url = f"{running.url}/api/v3/execute_job_plan"
            answer = httpx.post(url, json=_LAUNCH, headers=_HEADERS, trust_env=False)
            statuses.append(answer.status_code)
    assert ids[0] == ids[1]
    assert statuses == [429, 200]


def test_control_side_instances_tell_how_often_each_began(server, clock):
    with httpx.Client(base_url=server.url, headers=_HEADERS, trust_env=False) as http:
        key = {"name": "LAUNCH_KEY", "value": "marker"}
        body = {**_LAUNCH, "start_task": True, "global_var_list": [key]}
        http.post("/api/v3/execute_job_plan", json=body)
        clock.forward(60)
        (found,) = http.get("/_sandbox/instances").json()["instances"]
    assert found["variables"]["LAUNCH_KEY"] == "marker"
    assert (found["starts_accepted"], found["starts_consumed"], found["began"]) == (1, 1, 1)
    assert (found["job_plan_id"], found["scope"], found["status"]) == (1001, "biz/2", 3)


def test_control_side_requests_hide_credentials(server):
    with httpx.Client(base_url=server.url, headers=_HEADERS, trust_env=False) as http:
        http.post("/api/v3/execute_job_plan", json=_LAUNCH)
        http.get("/nowhere")
        answer = http.get("/_sandbox/requests")
    assert "top-secret" not in answer.text
    launch, nowhere = answer.json()["requests"]
    assert launch == {
        "at_ms": round(_START.timestamp() * 1000),
        "door": "gateway",
        "operation": "execute_job_plan",
        "method": "POST",
        "path": "/api/v3/execute_job_plan",
        "params": _LAUNCH,
        "app_code": "app",
        "user": "alice",
        "status": 200,
        "code": 0,
        "faults": [],
    }
    assert (nowhere["operation"], nowhere["status"]) == (None, 404)


def test_control_side_faults_and_clock(server):
    with httpx.Client(base_url=server.url, headers=_HEADERS, trust_env=False) as http:
        assert http.post("/_sandbox/faults", json=[{"fault": "rate-limited"}]).json() == {
            "armed": 1
        }
        assert http.post("/api/v3/execute_job_plan", json=_LAUNCH).status_code == 429
        before = http.get("/_sandbox/").json()["now"]
        after = http.post("/_sandbox/advance", json={"seconds": 1.5}).json()["now"]
        assert after - before == 1500
        assert http.get("/_sandbox/").json() == {"world": server.store.world_id, "now": after}


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        pytest.param("POST", "faults", b"[{}]", 400, id="control: a fault without a kind"),
        pytest.param("POST", "faults", b"\xff", 400, id="control: faults that are no text"),
        pytest.param("POST", "advance", b"{}", 400, id="control: no seconds"),
        pytest.param("POST", "advance", b"x", 400, id="control: not JSON"),
        pytest.param("POST", "advance", b'{"seconds": true}', 400, id="control: no number"),
        pytest.param("POST", "advance", b'{"seconds": -1}', 400, id="control: backwards"),
        pytest.param("POST", "advance", b'{"seconds": 1e300}', 400, id="control: beyond all time"),
        pytest.param("POST", "instances", b"", 404, id="control: another method"),
        pytest.param("GET", "nothing", b"", 404, id="control: another path"),
    ],
)
def test_control_side_mistakes(server, method, path, body, status):
    url = f"{server.url}/_sandbox/{path}"
    assert httpx.request(method, url, content=body, trust_env=False).status_code == status


@pytest.mark.parametrize("method", ["OPTIONS", "TRACE", "PUT", "PATCH", "DELETE"])
def test_another_method_is_not_allowed(server, method):
    url = f"{server.url}/api/v3/execute_job_plan"
    assert httpx.request(method, url, headers=_HEADERS, trust_env=False).status_code == 405


def test_nesting_as_deep_as_is_taken_is_kept_and_told(server):
    deep = {"a": json.loads("[" * 190 + "]" * 190)}
    with httpx.Client(base_url=server.url, headers=_HEADERS, trust_env=False) as http:
        assert http.post("/api/v3/execute_job_plan", json={**_LAUNCH, **deep}).status_code == 200
        (told,) = http.get("/_sandbox/requests").json()["requests"]
    assert told["params"]["a"] == deep["a"]
