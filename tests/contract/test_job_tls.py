"""Certificates that are good, and those that are not: nothing is sent before one is, and the reason is told."""

import itertools
import ssl
from datetime import UTC, datetime, timedelta

import pytest
import trustme

from launcher.engine.effects import Done, Refused, Unknown
from launcher.job.address import Address, Door
from launcher.job.calls import Kind
from tests.support.job_calls import ASK, DATA, base_of, client
from tests.support.loopback import Loopback, answer, dripping, read_request

DAY = timedelta(days=1)


@pytest.fixture(scope="module")
def authority():
    return trustme.CA()


@pytest.fixture(scope="module")
def bundle(authority, tmp_path_factory):
    path = tmp_path_factory.mktemp("ca") / "ca.pem"
    authority.cert_pem.write_to_path(path)
    return str(path)


def showing(certificate):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    certificate.configure_cert(context)
    return context


def signing_itself(tmp_path):
    """A certificate that nobody but itself vouches for."""
    own = trustme.CA()
    chain, key = tmp_path / "own.pem", tmp_path / "own.key"
    own.cert_pem.write_to_path(chain)
    own.private_key_pem.write_to_path(key)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(chain, key)
    return context


def good(kind):
    def serve(connection):
        received = read_request(connection)
        if received:
            connection.sendall(answer(DATA[kind]))
        return received

    return serve


def ask(kind, door, context, bundle):
    with (
        Loopback(good(kind), context) as other,
        client(Address(base_of(other, door), door, ca_bundle=bundle)) as server,
    ):
        found = ASK[kind](server)
    return found, other.received


@pytest.mark.parametrize("door", Door)
@pytest.mark.parametrize("kind", Kind)
def test_an_authority_of_ones_own_works_by_path(authority, bundle, kind, door):
    context = showing(authority.issue_cert("localhost"))

    found, received = ask(kind, door, context, bundle)

    assert isinstance(found, Done)
    assert len(received) == 1


def test_a_head_that_drips_through_tls_is_given_up(authority, bundle):
    context, clock = showing(authority.issue_cert("localhost")), itertools.count(0, 50)
    serve = dripping(b"HTTP/1.1 200 OK\r\nX-Long: ", b"a")
    with (
        Loopback(serve, context) as other,
        client(Address(other.url, ca_bundle=bundle), monotonic=lambda: next(clock)) as server,
    ):
        found = ASK[Kind.PREPARE](server)

    assert isinstance(found, Unknown)
    assert "after 2m" in found.message


def out_of_date(authority, since, until):
    now = datetime.now(UTC)  # noqa: TID251 - certificates are checked against the real time
    return showing(authority.issue_cert("localhost", not_before=now + since, not_after=now + until))


BAD = {
    "expired": (lambda ca, _: out_of_date(ca, -9 * DAY, -2 * DAY), "L320", "has expired"),
    "not yet valid": (lambda ca, _: out_of_date(ca, 2 * DAY, 9 * DAY), "L320", "not yet valid"),
    "signs itself": (lambda _, path: signing_itself(path), "L321", "self-signed certificate"),
    "of an unknown authority": (
        lambda _, __: showing(trustme.CA().issue_cert("localhost")),
        "L321",
        "unable to get local issuer certificate",
    ),
    "another name": (
        lambda ca, _: showing(ca.issue_cert("job.example")),
        "L322",
        "not valid for 'localhost'",
    ),
}


@pytest.mark.parametrize("door", Door)
@pytest.mark.parametrize("kind", Kind)
@pytest.mark.parametrize("flaw", BAD)
def test_a_bad_certificate_is_refused_with_what_is_wrong_with_it(
    authority, bundle, tmp_path, flaw, kind, door
):
    make, code, reason = BAD[flaw]

    found, received = ask(kind, door, make(authority, tmp_path), bundle)

    assert isinstance(found, Refused)
    assert f"({code})" in found.message
    assert reason in found.message.replace("self signed", "self-signed")
    assert received == [b""], "nothing was sent, and it was not tried again"


def test_an_address_that_a_certificate_does_not_name_is_another_host(authority, bundle):
    with Loopback(good(Kind.READ), showing(authority.issue_cert("localhost"))) as other:
        address = Address(other.url.replace("localhost", "127.0.0.1"), ca_bundle=bundle)
        with client(address) as server:
            found = ASK[Kind.READ](server)

    assert "(L322)" in found.message


def test_without_a_bundle_only_public_authorities_are_trusted(authority):
    context = showing(authority.issue_cert("localhost"))

    found, received = ask(Kind.READ, Door.GATEWAY, context, None)

    assert "(L321)" in found.message
    assert received == [b""]
