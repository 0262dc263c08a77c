"""Build the HTTP side of a server: certificates, proxy, timeouts, connections, headers."""

from __future__ import annotations

import json
import ssl
from typing import TYPE_CHECKING

import httpx

from launcher import __version__
from launcher.diagnostics import Diagnostic
from launcher.errors import SurroundingsFailed
from launcher.job.address import Door
from launcher.job.bounds import BoundedTransport, Person
from launcher.job.pool import Gate, InProcess, Kept, Once
from launcher.job.transport import POOL_S, Wire

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from launcher.job.address import Address, Credentials

__all__ = ["wire_in_process", "wire_to"]

_NONE = Person()


def wire_to(
    address: Address,
    credentials: Credentials,
    *,
    language: str,
    monotonic: Callable[[], float],
    now: Callable[[], datetime],
    parallelism: int,
    person: Person = _NONE,
) -> Wire:
    """The HTTP side of the server at `address`, behind its door; connects only when something is sent.

    Raises:
        SurroundingsFailed: the file of certificates cannot be used.
    """
    trust = _trust(address)
    headers, fields = _authorisation(credentials, address.door)
    gate = Gate(parallelism, POOL_S)

    def build() -> httpx.BaseTransport:
        return _transport(address, trust)

    return Wire(
        base_url=address.url,
        door=address.door,
        headers=_headers(language, address.tenant) | headers,
        fields=fields,
        kept=Kept(build, gate),
        once=Once(build, gate),
        traced=True,
        direct=address.proxy is None,
        monotonic=monotonic,
        now=now,
        person=person,
    )


def wire_in_process(
    transport: httpx.BaseTransport,
    *,
    base_url: str,
    language: str,
    credentials: Credentials,
    monotonic: Callable[[], float],
    now: Callable[[], datetime],
    person: Person = _NONE,
) -> Wire:
    """The HTTP side of a server that lives in this process, behind `transport`."""
    lender = InProcess(transport)
    headers, fields = _authorisation(credentials, Door.GATEWAY)
    return Wire(
        base_url=base_url,
        door=Door.GATEWAY,
        headers=_headers(language, None) | headers,
        fields=fields,
        kept=lender,
        once=lender,
        traced=False,
        direct=False,
        monotonic=monotonic,
        now=now,
        person=person,
    )


def _transport(address: Address, trust: ssl.SSLContext) -> httpx.BaseTransport:
    proxy: httpx.Proxy | str | None = address.proxy
    if address.proxy is not None and address.proxy.startswith("https:"):
        # It is trusted by the same certificates as the server, and by no others.
        proxy = httpx.Proxy(address.proxy, ssl_context=trust)
    limits = httpx.Limits(max_connections=1, max_keepalive_connections=1)
    return BoundedTransport(trust, proxy, limits)


def _trust(address: Address) -> ssl.SSLContext:
    if address.ca_bundle is None:
        if not address.url.startswith("https:"):
            # Reading all certificates takes as long as ten requests. A context without any trusts nobody.
            return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        return httpx.create_ssl_context(verify=True, trust_env=False)
    try:
        return ssl.create_default_context(cafile=address.ca_bundle)
    except (OSError, ssl.SSLError) as error:
        reason = error.strerror or type(error).__name__
        facts = {"path": address.ca_bundle, "reason": reason}
        raise SurroundingsFailed(Diagnostic("L506", facts)) from error


def _headers(language: str, tenant: str | None) -> dict[str, str]:
    headers = {
        "Accept": "application/json",
        "Accept-Encoding": "identity",
        "User-Agent": f"launcher/{__version__}",
    }
    # Without it, JOB's messages are Chinese. Source: bk-job, JobLangHeaderLocaleResolver.
    headers["Blueking-Language"] = language
    if tenant is not None:
        headers["X-Bk-Tenant-Id"] = tenant
    return headers


def _authorisation(credentials: Credentials, door: Door) -> tuple[dict[str, str], dict[str, str]]:
    """The credentials as headers, and as fields of the body: each door takes them in one place only.

    Source: bk-job, BkApiAuthorization (gateway: neither query nor body); ESB's common arguments (body).
    """
    fields = {
        "bk_app_code": credentials.app_code,
        "bk_app_secret": credentials.app_secret,
        str(credentials.identity): credentials.proof,
    }
    match door:
        case Door.GATEWAY:
            return {"X-Bkapi-Authorization": json.dumps(fields)}, {}
        case Door.ESB:
            return {}, fields
