"""Servers that the settings come to when one of them is other than it was, for whoever looks for one of old.

Nothing here decides what is asked: it explains, after the fact, which setting has led elsewhere.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from launcher.errors import SurroundingsFailed
from launcher.job.address import Door
from launcher.settings.address import address_of
from launcher.settings.servers import VARIABLES, described
from launcher.settings.userfile import UserConfiguration
from launcher.settings.values import Source

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from launcher.job.address import Address
    from launcher.settings.environment import Settings
    from launcher.settings.servers import Described

__all__ = ["Likely", "likely_servers", "setting_names"]

_ADDRESS = ("url", "urlTemplate")


@dataclass(frozen=True, slots=True)
class Likely:
    """A server that is described here, and not by what counts now.

    Attributes:
        address: where it is.
        name: what the description calls it.
        source: `ENVIRONMENT` or `FILE`: where the description is from.
    """

    address: Address
    name: str
    source: Source


def likely_servers(settings: Settings, name: str) -> Iterator[Likely]:
    """What the environment describes as `name` at either door, then every server of the user configuration."""
    environ, user = settings.environ, _user(settings)
    nobody = UserConfiguration("")
    for door in Door:
        at_door = {**environ, "LAUNCHER_DOOR": str(door), "LAUNCHER_SERVER": name}
        yield from _found(at_door, nobody, name)
    without = _without_address(environ)
    for other in user.servers:
        yield from _found(without, user, other)


def setting_names(settings: Settings, server: str) -> Mapping[str, str]:
    """Where door, stage, tenant and address of `server` are set, or would be, by those words."""
    found = described(settings.environ, _user(settings), server, [])
    keys = {"door": "door", "stage": "stage", "tenant": "tenant"}
    if found is None:
        return {**keys, "address": "url"}
    given = next((key for key in _ADDRESS if key in found.fields), "url")
    if given == "url":
        keys["stage"] = given  # a whole address holds its stage
    return {word: _name(found, key) for word, key in {**keys, "address": given}.items()}


def _name(server: Described, key: str) -> str:
    if key in server.fields:
        return server.fields[key].name
    is_file = server.source is Source.FILE
    return f"spec.servers.{server.name}.{key}" if is_file else VARIABLES[key][0]


def _found(environ: Mapping[str, str], user: UserConfiguration, name: str) -> Iterator[Likely]:
    server = described(environ, user, name, [])
    address = None if server is None else address_of(server, environ, [])
    if server is not None and address is not None:
        yield Likely(address, name, server.source)


def _without_address(environ: Mapping[str, str]) -> Mapping[str, str]:
    own = {item for names in VARIABLES.values() for item in names} | {"BK_COMPONENT_API_URL"}
    return {name: value for name, value in environ.items() if name not in own}


def _user(settings: Settings) -> UserConfiguration:
    try:
        return settings.user.content
    except SurroundingsFailed:
        # Whoever needs it is told; as an explanation it only gives nothing.
        return UserConfiguration("")
