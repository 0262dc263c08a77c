"""What goes out through each of JOB's doors, and that nothing of it goes anywhere else."""

import itertools
import json

import pytest

from launcher.engine.effects import Done, Refused
from launcher.job.address import Address, Door
from launcher.job.calls import Kind
from tests.support.job_calls import ASK, DATA, REF, SECRETS, base_of, client
from tests.support.loopback import Loopback, answer, read_request

HEADERS = {"blueking-language": "en", "x-bk-tenant-id": "t1", "accept": "application/json"}
OWN = {"bk_app_code": "launcher", "bk_app_secret": "app-secret-1", "bk_ticket": "ticket-secret-2"}
NAMES = {
    Kind.READ: "get_job_instance_status",
    Kind.PREPARE: "execute_job_plan",
    Kind.START: "operate_job_instance",
    Kind.OPERATE: "operate_step_instance",
}


def parts(request):
    head, _, body = request.decode().partition("\r\n\r\n")
    first, *lines = head.split("\r\n")
    headers = {name.lower(): value for name, value in (line.split(": ", 1) for line in lines)}
    return first, headers, body


def one_request(kind, door):
    def serve(connection):
        received = read_request(connection)
        connection.sendall(answer(DATA[kind]))
        return received

    with Loopback(serve) as other:
        address = Address(base_of(other, door), door, tenant="t1")
        with client(address) as server:
            found = ASK[kind](server)
    (received,) = other.received
    return found, *parts(received)


@pytest.mark.parametrize("kind", Kind)
def test_at_esb_everything_is_posted_with_the_credentials_in_the_body(kind):
    found, first, headers, body = one_request(kind, Door.ESB)

    assert isinstance(found, Done)
    assert first == f"POST /api/c/compapi/v2/jobv3/{NAMES[kind]}/ HTTP/1.1"
    values = json.loads(body)
    assert {name: values[name] for name in OWN} == OWN
    assert (values["bk_scope_type"], values["bk_scope_id"]) == ("biz", "2")
    assert HEADERS.items() <= headers.items()
    assert not any("secret" in item for item in (first, *headers, *headers.values()))


@pytest.mark.parametrize("kind", Kind)
def test_at_the_gateway_the_credentials_are_in_one_header_and_nowhere_else(kind):
    found, first, headers, body = one_request(kind, Door.GATEWAY)

    assert isinstance(found, Done)
    method = "GET" if kind is Kind.READ else "POST"
    assert first.startswith(f"{method} /api/bk-job/prod/api/v3/{NAMES[kind]}")
    assert json.loads(headers.pop("x-bkapi-authorization")) == OWN
    assert HEADERS.items() <= headers.items()
    assert not any("secret" in item for item in (first, body, *headers.values()))


@pytest.mark.parametrize("door", Door)
@pytest.mark.parametrize("kind", Kind)
def test_the_largest_ids_go_out_and_come_back_exact(kind, door):
    found, first, _, body = one_request(kind, door)

    assert isinstance(found, Done)
    if kind in (Kind.READ, Kind.PREPARE):
        assert found.value.id == REF.id == 9223372036854775807
    if kind is not Kind.PREPARE:
        assert "9223372036854775807" in first + body
    if kind is Kind.OPERATE:
        assert json.loads(body)["step_instance_id"] == 9007199254740993


STATUSES = [301, 302, 303, 307, 308]


@pytest.mark.parametrize("door", Door)
@pytest.mark.parametrize("kind", Kind)
@pytest.mark.parametrize("status", STATUSES)
def test_no_request_of_any_kind_reaches_a_second_origin(status, kind, door):
    def good(connection):
        received = read_request(connection)
        connection.sendall(answer(DATA[kind]))
        return received

    with Loopback(good) as second:

        def redirect(connection):
            received = read_request(connection)
            lines = [
                f"HTTP/1.1 {status} Moved",
                f"Location: {base_of(second, door)}",
                f"Refresh: 0; url={second.origin}",
                "Set-Cookie: a=b",
                "Content-Length: 0",
            ]
            connection.sendall("\r\n".join([*lines, "", ""]).encode())
            return received

        with Loopback(redirect) as first, client(Address(base_of(first, door), door)) as server:
            found = ASK[kind](server)

    assert isinstance(found, Refused)
    assert "(L303)" in found.message
    assert len(first.received) == 1, "and it is not asked again"
    assert second.received == []


@pytest.mark.parametrize("door", Door)
def test_a_credential_that_a_server_repeats_is_not_repeated_further(door):
    texts = itertools.cycle([secret.decode() for secret in SECRETS])

    def echo(connection):
        received = read_request(connection)
        body = json.dumps({"message": f"bad bk_app_secret: {next(texts)}"}).encode()
        head = b"HTTP/1.1 403 Forbidden\r\nConnection: close\r\nContent-Length: %d\r\n\r\n" % len(
            body
        )
        connection.sendall(head + body)
        return received

    with Loopback(echo) as other, client(Address(base_of(other, door), door)) as server:
        found = [ASK[Kind.PREPARE](server) for _ in SECRETS]

    assert all("bad bk_app_secret: (secret)" in each.message for each in found)
    assert not any(secret.decode() in repr(found) for secret in SECRETS)
