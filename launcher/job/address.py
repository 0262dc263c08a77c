"""Where a JOB server is and who asks. Imports nothing that speaks HTTP."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from enum import StrEnum
from urllib.parse import urlsplit

__all__ = ["Address", "Credentials", "Door", "Identity", "fingerprint_of", "fingerprint_of_world"]

_DEFAULT_PORTS = {"http": 80, "https": 443}


class Door(StrEnum):
    """The entrances of JOB that this build can use."""

    GATEWAY = "gateway"
    """The API gateway: reads are GET, credentials stand in a header."""
    ESB = "esb"
    """The older one: everything is POST, credentials stand in the body, and two operations are missing."""


class Identity(StrEnum):
    """What proves who asks; the names of the fields are the same at both doors.

    Source: BlueKing API Gateway, the authorisation header's user fields; ESB, the common arguments.
    """

    ACCESS_TOKEN = "access_token"  # noqa: S105 - the name of a field
    TICKET = "bk_ticket"
    TOKEN = "bk_token"  # noqa: S105 - the name of a field
    USERNAME = "bk_username"


@dataclass(frozen=True, slots=True)
class Address:
    """Where a server is.

    Attributes:
        url: base of the API, without a trailing slash: at the gateway up to but not including `/api/v3`, at ESB up to
            but not including `/api/c/compapi`.
        door: which entrance of JOB stands there.
        tenant: sent with every request; `None` where tenants are off.
        ca_bundle: file of certificates to trust instead of the built-in ones.
        proxy: what requests over HTTPS go through, inside a tunnel; may hold a password.

    Raises:
        ValueError: a proxy for plain HTTP, which would see the credentials.
    """

    url: str
    door: Door = Door.GATEWAY
    tenant: str | None = None
    ca_bundle: str | None = None
    proxy: str | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        if self.proxy is not None and not self.url.startswith("https:"):
            raise ValueError("a proxy is for HTTPS only")

    @property
    def origin(self) -> str:
        """Scheme, host and port, normalised: safe to show."""
        parts = urlsplit(self.url)
        port = parts.port or _DEFAULT_PORTS[parts.scheme]
        host = parts.hostname or ""
        return f"{parts.scheme}://{f'[{host}]' if ':' in host else host}:{port}"


@dataclass(frozen=True, slots=True)
class Credentials:
    """Which app asks, and on whose behalf; neither secret is part of its `repr`."""

    app_code: str
    app_secret: str = field(repr=False)
    identity: Identity
    proof: str = field(repr=False)


def fingerprint_of(address: Address) -> str:
    """What a ledger is bound to: SHA-256 of door, origin, base path and tenant."""
    path = urlsplit(address.url).path.rstrip("/")
    return _fingerprint([str(address.door), address.origin, path, address.tenant or ""])


def fingerprint_of_world(world_id: str) -> str:
    """What a ledger is bound to in the sandbox: SHA-256 of the world's random id."""
    return _fingerprint(["sandbox", world_id])


def _fingerprint(parts: list[str]) -> str:
    text = json.dumps(parts, ensure_ascii=False, separators=(",", ":"))
    return "sha256:" + hashlib.sha256(text.encode()).hexdigest()
