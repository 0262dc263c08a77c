"""Proxies as the environment names them: a tunnel or nothing, and no credential outside it."""

import base64
import itertools
import ssl
from contextlib import ExitStack, contextmanager
from dataclasses import replace

import pytest
import trustme

from launcher.engine.effects import Done, Refused
from launcher.job.address import Door
from launcher.job.calls import Kind
from launcher.settings import Settings
from tests.support.job_calls import ASK, DATA, SECRETS, base_of, client
from tests.support.loopback import Loopback, answer, dripping, read_request
from tests.support.tunnel import tunnelling


@pytest.fixture(scope="module")
def authority():
    return trustme.CA()


@pytest.fixture
def bundle(authority, tmp_path):
    path = tmp_path / "ca.pem"
    authority.cert_pem.write_to_path(path)
    return str(path)


def address_of(environ, url, door):
    """The address that the environment says, at `door`."""
    fixed = {"BK_APP_CODE": "launcher", "BK_APP_SECRET": "s", "BK_TICKET": "t"}
    given = Settings.from_environment({**fixed, "LAUNCHER_URL": url, **environ})
    return replace(given.server("production")[0], door=door)


def showing(authority):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost").configure_cert(context)
    return context


@contextmanager
def behind_a_proxy(authority, kind, tls=None, **options):

    def serve(connection):
        received = read_request(connection)
        if received:
            connection.sendall(answer(DATA[kind]))
        return received

    with ExitStack() as stack:
        target = stack.enter_context(Loopback(serve, showing(authority)))
        proxy = stack.enter_context(Loopback(tunnelling(target.port, **options), tls))
        yield target, proxy


@pytest.mark.parametrize("variable", ["HTTPS_PROXY", "https_proxy"])
@pytest.mark.parametrize("door", Door)
@pytest.mark.parametrize("kind", Kind)
def test_a_proxy_carries_a_tunnel_and_sees_no_credential(authority, bundle, kind, door, variable):
    with behind_a_proxy(authority, kind) as (target, proxy):
        environ = {"LAUNCHER_CA_BUNDLE": bundle, variable: f"http://127.0.0.1:{proxy.port}"}
        with client(address_of(environ, base_of(target, door), door)) as server:
            found = ASK[kind](server)

    assert isinstance(found, Done)
    (through,) = proxy.received
    assert through.startswith(f"CONNECT localhost:{target.port} HTTP/1.1\r\n".encode())
    assert not any(secret in through for secret in SECRETS)
    assert b"bk_app_code" not in through
    assert b"/api" not in through, "not even the path"
    (arrived,) = target.received
    assert all(secret in arrived for secret in SECRETS)


def test_a_proxy_whose_answer_drips_is_given_up_and_nothing_was_sent(bundle):
    clock = itertools.count(0, 50)
    with Loopback(dripping(b"HTTP/1.1 200 OK\r\nX-Long: ", b"a")) as proxy:
        environ = {"LAUNCHER_CA_BUNDLE": bundle, "HTTPS_PROXY": f"http://127.0.0.1:{proxy.port}"}
        address = address_of(environ, "https://localhost:1/api/bk-job/prod", Door.GATEWAY)
        with client(address, monotonic=lambda: next(clock)) as server:
            found = ASK[Kind.START](server)

    assert isinstance(found, Refused)
    assert "after 2m" in found.message


@pytest.mark.parametrize("exempt", ["localhost", "LOCALHOST:{port}", "example.org, *"])
def test_a_host_that_is_exempt_is_reached_without_the_proxy(authority, bundle, exempt):
    with behind_a_proxy(authority, Kind.READ) as (target, proxy):
        environ = {
            "LAUNCHER_CA_BUNDLE": bundle,
            "HTTPS_PROXY": f"http://127.0.0.1:{proxy.port}",
            "NO_PROXY": exempt.format(port=target.port),
        }
        with client(address_of(environ, target.url, Door.GATEWAY)) as server:
            found = ASK[Kind.READ](server)

    assert isinstance(found, Done)
    assert proxy.received == []


def test_a_host_that_only_ends_like_an_exempt_one_goes_through_the_proxy(authority, bundle):
    with behind_a_proxy(authority, Kind.READ) as (target, proxy):
        environ = {
            "LAUNCHER_CA_BUNDLE": bundle,
            "HTTPS_PROXY": f"http://127.0.0.1:{proxy.port}",
            "NO_PROXY": "host, ocalhost",
        }
        with client(address_of(environ, target.url, Door.GATEWAY)) as server:
            assert isinstance(ASK[Kind.READ](server), Done)

    assert len(proxy.received) == 1


def test_a_proxy_that_wants_a_password_gets_it_and_the_server_does_not(authority, bundle):
    wanted = "Basic " + base64.b64encode(b"me:proxy-pw-3").decode()
    with behind_a_proxy(authority, Kind.PREPARE, wants=wanted) as (target, proxy):
        url = f"http://me:proxy-pw-3@127.0.0.1:{proxy.port}"
        environ = {"LAUNCHER_CA_BUNDLE": bundle, "HTTPS_PROXY": url}
        with client(address_of(environ, target.url, Door.GATEWAY)) as server:
            found = ASK[Kind.PREPARE](server)

    assert isinstance(found, Done)
    (arrived,) = target.received
    assert b"roxy-" not in arrived


@pytest.mark.parametrize("door", Door)
@pytest.mark.parametrize("kind", Kind)
def test_a_proxy_that_gives_no_tunnel_is_told_and_learns_nothing(authority, bundle, kind, door):
    with behind_a_proxy(authority, kind, wants="Basic eA==") as (target, proxy):
        url = f"http://me:proxy-pw-3@127.0.0.1:{proxy.port}"
        environ = {"LAUNCHER_CA_BUNDLE": bundle, "HTTPS_PROXY": url}
        with client(address_of(environ, base_of(target, door), door)) as server:
            found = ASK[kind](server)

    assert isinstance(found, Refused)
    assert "(L323)" in found.message
    assert "407 Proxy Authentication Required" in found.message
    assert "proxy-pw-3" not in found.message
    assert target.received == []
    assert not any(secret in data for data in proxy.received for secret in SECRETS)


def test_a_certificate_is_checked_inside_the_tunnel_as_well(authority):
    with behind_a_proxy(authority, Kind.PREPARE) as (target, proxy):
        environ = {"HTTPS_PROXY": f"http://127.0.0.1:{proxy.port}"}
        with client(address_of(environ, target.url, Door.GATEWAY)) as server:
            found = ASK[Kind.PREPARE](server)

    assert "(L321)" in found.message
    assert target.received == [b""]


def test_a_proxy_over_tls_is_trusted_by_the_same_bundle_and_by_no_other(authority, bundle):
    with behind_a_proxy(authority, Kind.READ, tls=showing(authority)) as (target, proxy):
        environ = {"LAUNCHER_CA_BUNDLE": bundle, "HTTPS_PROXY": f"https://localhost:{proxy.port}"}
        with client(address_of(environ, target.url, Door.GATEWAY)) as server:
            assert isinstance(ASK[Kind.READ](server), Done)

    stranger = showing(trustme.CA())
    with behind_a_proxy(authority, Kind.READ, tls=stranger) as (target, proxy):
        environ = {"LAUNCHER_CA_BUNDLE": bundle, "HTTPS_PROXY": f"https://localhost:{proxy.port}"}
        with client(address_of(environ, target.url, Door.GATEWAY)) as server:
            found = ASK[Kind.READ](server)

    assert "(L321)" in found.message
    assert (target.received, proxy.received) == ([], [b""])
