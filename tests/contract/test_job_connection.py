"""The JOB client over real sockets: what left, what came back, and what follows from it."""

from __future__ import annotations

import contextlib
import gzip
import itertools
import json
import socket
import threading
from concurrent.futures import ThreadPoolExecutor

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
    Unsent,
)
from launcher.engine.observed import InstanceRef
from launcher.engine.recorded import OperationKind
from launcher.engine.spec import EffectiveSpec, Scope, SecretReference, Variable
from launcher.errors import SurroundingsFailed
from launcher.job.address import Address, Credentials, Identity
from launcher.job.bounds import Person
from launcher.job.server import connect
from tests.support.loopback import Loopback, answer, dripping, read_request, reset

SCOPE = Scope("biz", "2")
REF = InstanceRef(SCOPE, 20000000417)
PREPARE = PrepareRequest(EffectiveSpec(SCOPE, 1000), 1000, None)
CREATED = {"job_instance_id": REF.id, "job_instance_name": "web"}
CREDENTIALS = Credentials("launcher", "app-secret-1", Identity.TICKET, "ticket-secret-2")
STATUS = {
    "finished": False,
    "job_instance": {"job_instance_id": REF.id, "name": "web", "status": 1, "create_time": 1},
    "step_instance_list": [],
}


@contextlib.contextmanager
def client(url, **options):
    tenant = options.pop("tenant", None)
    proxy = options.pop("proxy", None)
    address = Address(url, tenant=tenant, proxy=proxy)
    server = connect(address, CREDENTIALS, sleep=lambda _: None, **options)
    try:
        yield server
    finally:
        server.close()


def answering(data, *, repeat=1):
    def serve(connection):
        received = b""
        for _ in range(repeat):
            request = read_request(connection)
            if not request:
                break
            received += request
            connection.sendall(answer(data))
        return received

    return serve


def closing(connection):
    return read_request(connection)


def resetting(connection):
    received = read_request(connection)
    reset(connection)
    return received


def each(server):
    return (
        server.prepare(PREPARE, {}),
        server.start(StartRequest(REF), float("inf")),
        server.read_status(REF),
    )


def test_nothing_is_sent_where_nobody_listens():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]

    with client(f"http://127.0.0.1:{port}") as server:
        for found in each(server):
            assert isinstance(found, Refused)
            assert "(L301)" in found.message


def test_nothing_is_sent_before_the_server_has_shown_its_certificate():
    def no_tls(connection):
        received = connection.recv(65536)
        connection.sendall(b"HTTP/1.1 400 this is no TLS\r\n\r\n")
        return received

    with Loopback(no_tls) as other:
        url = other.url.replace("http:", "https:")
        with client(url) as server:
            assert all(isinstance(found, Refused) for found in each(server))
    assert not any(b"app-secret-1" in data for data in other.received)


@pytest.mark.parametrize("ending", [closing, resetting])
def test_a_connection_that_ends_after_the_request_leaves_it_unknown(ending):
    with Loopback(ending) as other, client(other.url) as server:
        prepared, started, _ = each(server)

    assert isinstance(prepared, Unknown)
    assert isinstance(started, Unknown)
    sent = [data for data in other.received if data.startswith(b"POST")]
    assert len(sent) == 2, "what can change something is sent once"


@pytest.mark.parametrize("length", [True, False], ids=["with length", "until the end"])
def test_an_answer_cut_at_any_byte_is_never_a_refusal(length):
    whole = answer(CREATED, length=length, head="Content-Type: application/json")
    cuts = iter(range(len(whole) + 1))

    def cut(connection):
        read_request(connection)
        connection.sendall(whole[: next(cuts)])
        return b""

    with Loopback(cut) as other, client(other.url) as server:
        found = [server.prepare(PREPARE, {}) for _ in range(len(whole) + 1)]

    assert found[-1] == Done(Instance(REF.id, "web"))
    assert {type(outcome) for outcome in found[:-1]} == {Unknown}


def test_a_read_asks_in_the_query_and_connections_are_used_again():
    with Loopback(answering(STATUS, repeat=2)) as other, client(other.url) as server:
        assert isinstance(server.read_status(REF), Done)
        assert isinstance(server.read_status(REF), Done)

    (received,) = other.received
    query = "bk_scope_type=biz&bk_scope_id=2&job_instance_id=20000000417"
    assert (
        received.count(f"GET /api/bk-job/prod/api/v3/get_job_instance_status?{query} ".encode())
        == 2
    )


def test_each_start_has_a_connection_of_its_own():
    with Loopback(answering(CREATED, repeat=9)) as other, client(other.url) as server:
        for _ in range(3):
            assert server.start(StartRequest(REF), float("inf")) == Done(StartAnswer.ACCEPTED)

    assert len(other.received) == 3


def test_each_operation_has_a_connection_of_its_own():
    request = OperationRequest(REF, OperationKind.TERMINATE)
    with Loopback(answering(CREATED, repeat=9)) as other, client(other.url) as server:
        assert [server.operate(request, float("inf")) for _ in range(3)] == [Done(None)] * 3

    assert len(other.received) == 3
    body = json.loads(other.received[0].partition(b"\r\n\r\n")[2])
    assert body == {
        "bk_scope_type": "biz",
        "bk_scope_id": "2",
        "job_instance_id": REF.id,
        "operation_code": 1,
    }


def start_with_clock(*times):
    clock = itertools.chain(times, itertools.repeat(times[-1]))
    serving = Loopback(answering(CREATED))
    with serving as other, client(other.url, monotonic=lambda: next(clock)) as server:
        return server.start(StartRequest(REF), 5.0), other


def test_a_start_after_its_deadline_does_not_even_connect():
    found, other = start_with_clock(5.1)

    assert found == Unsent()
    assert other.received == []


def test_a_start_that_is_late_at_the_socket_sends_no_byte():
    # The clock is read before it waits for its turn and after, for the whole exchange, and before the first byte.
    found, other = start_with_clock(0.0, 0.0, 0.0, 5.1)

    assert found == Unsent()
    assert other.received == [b""], "connected, and nothing sent"


def test_a_start_that_becomes_late_after_its_headers_sends_no_body_and_is_unknown():
    found, other = start_with_clock(0.0, 0.0, 0.0, 0.0, 5.1)

    assert isinstance(found, Unknown)
    assert other.received[0].endswith(b"\r\n\r\n")


def test_a_start_in_time_is_sent():
    assert start_with_clock(0.0, 0.0, 0.0, 0.0, 5.0)[0] == Done(StartAnswer.ACCEPTED)


@pytest.mark.parametrize("step", [None, 7])
@pytest.mark.parametrize(
    ("times", "received"),
    [((5.1,), []), ((0.0, 0.0, 0.0, 5.1), [b""])],
    ids=["before it connects", "at the socket"],
)
def test_an_operation_that_is_late_sends_no_byte(step, times, received):
    clock = iter(times)
    kind = OperationKind.TERMINATE if step is None else OperationKind.CONTINUE
    with (
        Loopback(answering(CREATED)) as other,
        client(other.url, monotonic=lambda: next(clock)) as server,
    ):
        found = server.operate(OperationRequest(REF, kind, step), 5.0)

    assert found == Unsent()
    assert other.received == received


@pytest.mark.parametrize("what", ["start", "prepare", "operate"])
def test_what_waits_for_its_turn_when_it_is_withdrawn_is_not_sent(what):
    held, asked, withdrawn = threading.Event(), threading.Event(), threading.Event()
    waits = threading.Event()

    def asking():
        # What it is told the first time is settled before anything is withdrawn.
        before = withdrawn.is_set()
        waits.set()
        return before

    def serve(connection):
        received = read_request(connection)
        asked.set()
        assert held.wait(10)
        connection.sendall(answer(STATUS))
        return received + read_request(connection)

    with (
        Loopback(serve) as other,
        client(other.url, parallelism=1) as server,
        ThreadPoolExecutor(2) as pool,
    ):
        first = pool.submit(server.read_status, REF)
        assert asked.wait(10)
        if what == "start":
            second = pool.submit(server.start, StartRequest(REF), float("inf"), asking)
        elif what == "operate":
            request = OperationRequest(REF, OperationKind.TERMINATE)
            second = pool.submit(server.operate, request, float("inf"), asking)
        else:
            second = pool.submit(server.prepare, PREPARE, {}, float("inf"), asking)
        assert waits.wait(10)
        withdrawn.set()
        held.set()
        assert isinstance(first.result(10), Done)
        assert second.result(10) == Unsent()

    assert b"POST" not in b"".join(other.received)


@pytest.mark.parametrize("times", [0, 1, 2])
def test_what_is_withdrawn_before_its_first_byte_leaves_is_not_sent(times):
    """It is asked before it waits for its turn, after, and when it is handed to the socket."""
    answers = itertools.chain([False] * times, itertools.cycle([True]))
    with Loopback(answering(CREATED)) as other, client(other.url) as server:
        found = server.start(StartRequest(REF), float("inf"), lambda: next(answers))

    assert found == Unsent()
    assert b"".join(other.received) == b""


def test_what_is_withdrawn_once_it_is_on_its_way_goes_on():
    answers = itertools.chain([False] * 3, itertools.cycle([True]))
    with Loopback(answering(CREATED)) as other, client(other.url) as server:
        found = server.start(StartRequest(REF), float("inf"), lambda: next(answers))

    assert found == Done(StartAnswer.ACCEPTED)


def endless(connection):
    received = read_request(connection)
    connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
    with contextlib.suppress(OSError):
        while True:
            connection.sendall(b" " * 65536)
    return received


def test_an_answer_without_end_is_given_up():
    with Loopback(endless) as other, client(other.url) as server:
        found = server.prepare(PREPARE, {})

    assert isinstance(found, Unknown)
    assert "16777216" in found.message


@pytest.mark.parametrize(
    ("start", "again"),
    [
        (b"HTTP/1.1 200 OK\r\n\r\n", b" "),
        (b"HTTP/1.1 200 OK\r\nX-Long: ", b"a"),
        (b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
    ],
    ids=["body", "head", "head after head"],
)
def test_an_answer_that_drips_is_given_up(start, again):
    clock = itertools.count(0, 50)
    drip = dripping(start, again)

    with Loopback(drip) as other, client(other.url, monotonic=lambda: next(clock)) as server:
        found = server.prepare(PREPARE, {})

    assert isinstance(found, Unknown)
    assert "after 2m" in found.message


def test_a_start_whose_answer_drips_is_given_up_and_unknown():
    clock = itertools.count(0, 50)
    drip = dripping(b"HTTP/1.1 200 OK\r\n", b"X: y\r\n")

    with Loopback(drip) as other, client(other.url, monotonic=lambda: next(clock)) as server:
        found = server.start(StartRequest(REF), float("inf"))

    assert isinstance(found, Unknown)
    assert "after 2m" in found.message


def test_a_connection_that_was_given_up_is_not_used_again():
    """What would still come on it is no answer to anything."""
    steps = iter([50.0] * 40)
    clock = itertools.accumulate(itertools.chain([0.0], steps))
    serve = iter([dripping(b"HTTP/1.1 200 OK\r\nX-Long: ", b"a"), answering(CREATED)])

    def each_one(connection):
        return next(serve)(connection)

    with Loopback(each_one) as other, client(other.url, monotonic=lambda: next(clock)) as server:
        assert isinstance(server.prepare(PREPARE, {}), Unknown)
        assert server.prepare(PREPARE, {}) == Done(Instance(REF.id, "web"))


def test_what_has_not_left_once_a_run_is_to_end_never_does():
    person = Person(to_end=lambda: True)
    with Loopback(answering(CREATED)) as other, client(other.url, person=person) as server:
        found = each(server)

    assert [type(outcome) for outcome in found] == [Refused] * 3
    assert b"".join(other.received) == b""


@pytest.mark.parametrize("what", ["prepare", "start", "read"])
def test_a_silent_answer_is_not_waited_for_once_a_run_is_to_end(what):
    """In a moment: not only when the server would have been given up."""
    asked, over = threading.Event(), threading.Event()

    def silent(connection):
        received = read_request(connection)
        asked.set()
        assert over.wait(10)
        return received

    person = Person(to_end=asked.is_set)
    asks = {
        "prepare": lambda server: server.prepare(PREPARE, {}),
        "start": lambda server: server.start(StartRequest(REF), float("inf")),
        "read": lambda server: server.read_status(REF),
    }
    with Loopback(silent) as other, client(other.url, person=person) as server:
        found = asks[what](server)
        over.set()

    assert isinstance(found, Unknown)
    assert "nobody waits" in found.message
    assert b"".join(other.received).count(b"HTTP/1.1\r\n") == 1


def test_a_compressed_answer_is_not_unpacked():
    def bomb(connection):
        received = read_request(connection)
        body = gzip.compress(b" " * 10_000_000)
        head = f"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: {len(body)}\r\n\r\n"
        connection.sendall(head.encode() + body)
        return received

    with Loopback(bomb) as other, client(other.url) as server:
        assert isinstance(server.prepare(PREPARE, {}), Unknown)


def test_proxies_that_only_the_process_knows_of_are_not_used(monkeypatch):
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")

    with Loopback(answering(CREATED)) as other, client(other.url) as server:
        assert isinstance(server.prepare(PREPARE, {}), Done)


def test_many_threads_share_one_server_and_never_spoil_each_others_connections():
    with (
        Loopback(answering(STATUS, repeat=9999)) as other,
        client(other.url, parallelism=4) as server,
        ThreadPoolExecutor(16) as pool,
    ):
        found = list(pool.map(lambda _: server.read_status(REF), range(400)))
    assert {type(outcome) for outcome in found} == {Done}
    assert len(other.received) <= 4, "no more connections than asked for, and none lost"


def test_no_secret_shows_in_what_is_printed_or_said():
    reference = SecretReference("env", "PW", "1")
    spec = EffectiveSpec(SCOPE, 1, (Variable("pw", reference),))

    def echo(connection):
        received = read_request(connection)
        body = b'{"code": 1244011, "result": false, "message": "bad value hunter2-long"}'
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(body) + body)
        return received

    with Loopback(echo) as other, client(other.url) as server:
        found = server.prepare(PrepareRequest(spec, 1, None), {reference: "hunter2-long"})
        shown = repr((server, CREDENTIALS, Address("https://x", proxy="http://u:pw-secret@p:1")))

    assert b"hunter2-long" in other.received[0]
    assert found == Refused("bad value (secret)", 1244011)
    assert "secret" not in shown.replace("app_secret", "")


def test_certificates_that_cannot_be_used_are_told_before_anything_is_sent(tmp_path):
    bundle = tmp_path / "ca.pem"
    bundle.write_text("not a certificate")

    with pytest.raises(SurroundingsFailed, match="L506"):
        connect(Address("https://job.example", ca_bundle=str(bundle)), CREDENTIALS)
