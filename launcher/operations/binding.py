"""Whether a server is the one that the ledger is bound to, and what is different where it is another.

The ledger keeps a fingerprint, from which nothing can be read back. But most who get here have changed one
setting, so its former values are tried: door, stage and tenant of this server, then whatever else is
described. What none of them explains is another address, or more than one change at once.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import product
from typing import TYPE_CHECKING
from urllib.parse import urlsplit, urlunsplit

from launcher.diagnostics import Diagnostic
from launcher.errors import LauncherError, RefusedToAct
from launcher.job.address import Door, fingerprint_of, fingerprint_of_world
from launcher.model.documents import SANDBOX
from launcher.operations.server import open_sandbox, sandbox_state
from launcher.settings.likely import likely_servers, setting_names
from launcher.settings.values import Source

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from launcher.engine.recorded import Recorded
    from launcher.job.address import Address
    from launcher.operations.site import Site
    from launcher.settings.likely import Likely

__all__ = ["check_same_server", "find_other_server"]

_STAGES = ("prod", "stag", "stage", "staging", "test", "dev")
"""What stages of an API gateway are often called."""

_TENANTS = (None, "default", "system")
"""None, and what tenants are often called. Source of `default`: bk-job, `CheckTenantGatewayFilterFactory`."""

_NAMES = {"door": "the door", "stage": "the stage", "tenant": "the tenant"}


@dataclass(frozen=True, slots=True)
class _Difference:
    """What is different.

    Attributes:
        text: in words.
        settings: those that make the difference, or may make it; empty where launcher.yaml names another server.
        is_known: they do make it.
    """

    text: str
    settings: tuple[str, ...] = ()
    is_known: bool = True


def check_same_server(site: Site, recorded: Recorded, fingerprint: str) -> None:
    """Check that the ledger is bound to this server, or to none yet.

    Raises:
        RefusedToAct: it is bound to another one.
    """
    problems = find_other_server(site, recorded, fingerprint)
    if problems:
        raise RefusedToAct(*problems)


def find_other_server(site: Site, recorded: Recorded, fingerprint: str) -> tuple[Diagnostic, ...]:
    """Why this server may not be used with this ledger (`OTHER_SERVER`); empty if it may.

    Instance ids mean nothing on another server. A ledger that is not bound yet takes any.
    """
    bound = recorded.server
    if bound in (None, fingerprint):
        return ()
    name = site.environment.server
    address = None if site.environment.is_sandbox else site.settings.server(name)[0]
    found = _difference(site, bound, address)
    facts = {
        "environment": site.environment.name,
        "server": SANDBOX if address is None else _shown(address),
        "difference": found.text,
        "settings": ", ".join(dict.fromkeys(found.settings)),
    }
    return (Diagnostic("L435", facts, hint=_hint(found, address)),)


def _hint(found: _Difference, address: Address | None) -> str:
    if found.settings:
        return "default" if found.is_known else "unknown"
    return "sandbox" if address is None else "workspace"


def _shown(address: Address) -> str:
    tenant = "no tenant" if address.tenant is None else f"tenant `{address.tenant}`"
    return f"{address.url}, door `{address.door}`, {tenant}"


def _difference(site: Site, bound: str, address: Address | None) -> _Difference:
    where = setting_names(site.settings, site.environment.server)
    if address is not None:
        for parts, other in _neighbours(address):
            if fingerprint_of(other) == bound:
                return _of_parts(parts, address, other, where)
    for likely in likely_servers(site.settings, site.environment.server):
        if fingerprint_of(likely.address) == bound:
            return _of_likely(site, likely, address, where)
    if address is None:
        return _Difference(
            "The ledger's is another world of the sandbox, which is gone since this one was made, or a server "
            "outside of this machine that launcher.yaml named before"
        )
    if _is_sandbox_of(site, bound):
        return _Difference(
            f"The ledger's is the sandbox of this workspace, and launcher.yaml names the server `{site.environment.server}`"
        )
    return _Difference(
        "Door, stage or tenant alone do not make the difference: the address differs, or several of them do",
        tuple(where.values()),
        is_known=False,
    )


def _neighbours(address: Address) -> Iterator[tuple[tuple[str, ...], Address]]:
    """Servers that differ from `address` in door, stage or tenant, each with the parts that differ."""
    tenants = dict.fromkeys((address.tenant, *_TENANTS))
    for door, url, tenant in product(Door, _stages(address), tenants):
        yield _differing(address, door, url, tenant)


def _differing(
    address: Address, door: Door, url: str, tenant: str | None
) -> tuple[tuple[str, ...], Address]:
    other = replace(address, door=door, url=url, tenant=tenant)
    same = {
        "door": door is address.door,
        "stage": url == address.url,
        "tenant": tenant == address.tenant,
    }
    return tuple(part for part, is_same in same.items() if not is_same), other


def _stages(address: Address) -> list[str]:
    """The address itself, and the same with each other stage."""
    parts = urlsplit(address.url)
    head, slash, _ = parts.path.rpartition("/")
    if address.door is not Door.GATEWAY or not slash:
        return [address.url]
    paths = [f"{head}/{stage}" for stage in _STAGES]
    others = [urlunsplit(parts._replace(path=path)) for path in paths]
    return list(dict.fromkeys([address.url, *others]))


def _of_parts(
    parts: tuple[str, ...], here: Address, other: Address, where: Mapping[str, str]
) -> _Difference:
    said = [
        f"{_NAMES[part]}: the ledger's has {_part(other, part)}, this has {_part(here, part)}"
        for part in parts
    ]
    return _Difference(
        f"What differs is {'; and '.join(said)}", tuple(where[part] for part in parts)
    )


def _part(address: Address, part: str) -> str:
    if part == "door":
        return f"`{address.door}`"
    if part == "stage":
        return f"`{urlsplit(address.url).path.rpartition('/')[2]}`"
    return "none" if address.tenant is None else f"`{address.tenant}`"


def _of_likely(
    site: Site, likely: Likely, here: Address | None, where: Mapping[str, str]
) -> _Difference:
    wanted, named = site.environment.server, f"The ledger's is {_shown(likely.address)}"
    if likely.source is Source.ENVIRONMENT:
        return _Difference(
            f"{named}: what variables of the environment describe with the door `{likely.address.door}`",
            (where["door"],) if here is not None else (),
        )
    described = f"{named}: the server `{likely.name}` of the user configuration"
    if likely.name != wanted or here is None:
        return _Difference(f"{described}, and launcher.yaml names `{wanted}`")
    return _Difference(
        f"{described}, in whose place variables of the environment count", (where["address"],)
    )


def _is_sandbox_of(site: Site, bound: str) -> bool:
    """Whether the ledger is bound to the sandbox that this environment once had; its world may still be kept."""
    if not sandbox_state(site).is_file():
        return False
    try:
        transport = open_sandbox(site)
    except LauncherError:
        # It cannot be told: the sandbox is not what was asked for, so nobody is kept from anything.
        return False
    try:
        return fingerprint_of_world(transport.world_id) == bound
    finally:
        transport.close()
