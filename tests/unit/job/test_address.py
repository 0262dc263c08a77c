import pytest

from launcher.job.address import Address, Door, fingerprint_of, fingerprint_of_world
from tests.support.job_app import JobApp

HERE = Address("https://job.example/api/bk-job/prod")


def test_a_fingerprint_stays_what_it_was_because_ledgers_are_bound_to_it():
    assert fingerprint_of(HERE) == (
        "sha256:a37dd9bcc185ec3a7a945e0ed6f8853db209a3442428fe3b86b16f4307090564"
    )


@pytest.mark.parametrize(
    "same",
    [
        Address("https://JOB.example:443/api/bk-job/prod"),
        Address("https://job.example/api/bk-job/prod/"),
        Address(HERE.url, ca_bundle="/ca.pem", proxy="http://proxy:1"),
    ],
)
def test_how_a_server_is_written_or_reached_is_no_part_of_it(same):
    assert fingerprint_of(same) == fingerprint_of(HERE)


@pytest.mark.parametrize(
    "other",
    [
        Address("https://job2.example/api/bk-job/prod"),
        Address("https://job.example:8443/api/bk-job/prod"),
        Address("https://job.example/api/bk-job/stag"),
        Address(HERE.url, tenant="t1"),
    ],
)
def test_another_origin_path_or_tenant_is_another_server(other):
    assert fingerprint_of(other) != fingerprint_of(HERE)


def test_a_world_is_told_apart_by_its_id():
    assert JobApp().connect().fingerprint == fingerprint_of_world("world-1")
    assert fingerprint_of_world("world-1") != fingerprint_of_world("world-2")


def test_a_proxy_is_never_for_plain_http():
    with pytest.raises(ValueError, match="HTTPS"):
        Address("http://127.0.0.1:80", proxy="http://proxy.example:3128")


def test_the_two_doors_of_a_server_are_two_servers_to_a_ledger():
    one, other = Address("https://x", Door.GATEWAY), Address("https://x", Door.ESB)

    assert fingerprint_of(one) != fingerprint_of(other)
