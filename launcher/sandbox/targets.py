"""Hosts as a launch names them, and the hosts that they turn out to be at its creation.

Source: bk-job, `EsbServerV3DTO`, `JobExecuteCommonV3Processor.convertToServersDTO`,
`TaskInstanceExecuteObjectProcessor`, `HostServiceImpl.getTopoHostsConcurrent`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from launcher.sandbox.codes import Code
from launcher.sandbox.params import bad_request
from launcher.sandbox.plan_definition import NodeKey, Targets
from launcher.sandbox.refusal import Refused
from launcher.sandbox.state import HostSnapshot

if TYPE_CHECKING:
    from collections.abc import Iterable

    from launcher.sandbox.definition import Host
    from launcher.sandbox.params import Params
    from launcher.sandbox.places import Places

__all__ = ["Server", "bind_server", "find_hosts", "missing_groups", "settle", "snapshot"]

_IPV4 = re.compile(r"(?:(?:25[0-5]|2[0-4]\d|1?\d?\d)(?:\.(?!$)|$)){4}", re.ASCII)
_CONCURRENT_NODES = 10


@dataclass(frozen=True, slots=True)
class Server:
    """A `server` object as it came: hosts by id, by (cloud, IP), groups, nodes; nulls kept."""

    host_ids: tuple[int | None, ...]
    ips: tuple[tuple[int | None, str | None] | None, ...]
    groups: tuple[str | None, ...]
    nodes: tuple[tuple[str | None, int | None], ...]

    def is_empty(self) -> bool:
        """It names nothing at all."""
        return not (self.host_ids or self.ips or self.groups or self.nodes)

    def check(self) -> None:
        """Apply the bean validation, to `ip_list` too where it will be ignored.

        Raises:
            Refused: a rule is violated; the text is the rule's.
        """
        for address in self.ips:
            if address is not None:
                _check_address(*address)
        if any(group is None for group in self.groups):
            raise bad_request("DynamicGroup ID cannot be empty")
        for kind, identity in self.nodes:
            if identity is None:
                raise bad_request("Topo node ID can not be empty")
            if kind is None:
                raise bad_request("Topo node type can not be empty")


def bind_server(params: Params) -> Server:
    """The fields of a `server` object that count; `variable` is bound like them and ignored.

    Raises:
        Refused: a field is of the wrong type.
    """
    params.text("variable")
    ips = params.items("ip_list") or []
    groups = params.items("dynamic_group_list") or []
    nodes = params.items("topo_node_list") or []
    return Server(
        host_ids=tuple(params.numbers("host_id_list") or ()),
        ips=tuple(
            None if item is None else (item.integer("bk_cloud_id"), item.text("ip")) for item in ips
        ),
        groups=tuple(item.text("id") for item in groups if item is not None),
        nodes=tuple(
            (item.text("node_type"), item.integer("id")) for item in nodes if item is not None
        ),
    )


def _check_address(cloud: int | None, ip: str | None) -> None:
    if cloud is None or cloud < 0:
        raise bad_request("Invalid BK-Net")
    # The server trims addresses, but only after this rule, which wants the whole text to match.
    if ip is None or not _IPV4.fullmatch(ip):
        raise bad_request("Invalid IP")


def settle(places: Places, server: Server) -> tuple[Targets, tuple[str, ...]]:
    """What `server` selects, and the hosts that the CMDB does not know, as messages name them.

    `host_id_list` wins over `ip_list`. A group written `business:group` is cut to `group`.

    Raises:
        Refused: a list holds a null, which the server stumbles over.
    """
    found: list[int] = []
    unknown: list[str] = []
    if server.host_ids:
        for host_id in server.host_ids:
            if host_id in places.hosts:
                found.append(_not_null(host_id))
            else:
                unknown.append(f"(host_id:{_not_null(host_id)})")
    else:
        for address in server.ips:
            cloud, ip = _not_null_pair(address)
            host = places.addresses.get((cloud, ip))
            if host is None:
                unknown.append(f"(ip:{ip})")
            else:
                found.append(host.id)
    nodes = tuple(NodeKey(type=str(kind), id=_not_null(node)) for kind, node in server.nodes)
    groups = tuple(str(group).rpartition(":")[2] for group in server.groups)
    return Targets(hosts=_unique(found), groups=groups, nodes=nodes), tuple(unknown)


def _not_null(value: int | None) -> int:
    if value is None:
        raise Refused(Code.INTERNAL_ERROR)
    return value


def _not_null_pair(address: tuple[int | None, str | None] | None) -> tuple[int, str]:
    if address is None:
        raise Refused(Code.INTERNAL_ERROR)
    return _not_null(address[0]), str(address[1])


def _unique(ids: Iterable[int]) -> tuple[int, ...]:
    return tuple(dict.fromkeys(ids))


def missing_groups(places: Places, scope: str, targets: Targets) -> tuple[str, ...]:
    """The groups of `targets` that the CMDB does not find or rejects."""
    found = ((name, places.groups.get((scope, name))) for name in targets.groups)
    return tuple(name for name, group in found if group is None or group.broken)


def find_hosts(
    places: Places,
    scope: str,
    targets: Targets,
    *,
    all_nodes: int,
) -> tuple[Host, ...]:
    """The hosts that `targets` stands for now: named ones, then groups, then nodes, no doubles.

    `all_nodes` is how many distinct nodes the whole launch names: from ten on they are looked up
    concurrently, and a lookup that fails counts as no hosts.

    Raises:
        Refused: the CMDB failed on a node, of fewer than ten.
    """
    ids = list(targets.hosts)
    for name in targets.groups:
        group = places.groups.get((scope, name))
        ids.extend(group.hosts if group else ())
    for key in targets.nodes:
        node = places.nodes.get((scope, key.type, key.id))
        if node is not None and node.broken:
            if all_nodes < _CONCURRENT_NODES:
                raise Refused(Code.INTERNAL_ERROR)
            continue
        ids.extend(node.hosts if node else ())
    return tuple(places.hosts[host_id] for host_id in _unique(ids) if host_id in places.hosts)


def snapshot(host: Host) -> HostSnapshot:
    """`host` as an instance remembers it."""
    return HostSnapshot(
        host.id, host.ip, host.cloud, host.cloud_name, host.ipv6, host.agent_id, host.agent
    )
