"""What requests go through on their way to a server."""

from __future__ import annotations

import ipaddress
from dataclasses import replace
from typing import TYPE_CHECKING
from urllib.parse import SplitResult, urlsplit

from launcher.settings.values import bad, of_variable

if TYPE_CHECKING:
    from collections.abc import Mapping

    from launcher.diagnostics import Diagnostic
    from launcher.settings.servers import Described
    from launcher.settings.values import Given

__all__ = ["ip_of", "proxy_for"]


def proxy_for(
    server: Described, environ: Mapping[str, str], url: SplitResult, problems: list[Diagnostic]
) -> Given | None:
    """The proxy for `url`; plain HTTP goes to loopback only, and that never through a proxy."""
    given = of_variable(environ, "https_proxy", "HTTPS_PROXY") or server.fields.get("proxy")
    host = url.hostname or ""
    if given is None or url.scheme == "http" or _is_exempt(environ, host, url.port or 443):
        return None
    proxy = given.text if "://" in given.text else f"http://{given.text}"
    parts = urlsplit(proxy)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        problems.append(bad(given, "it is not the address of an HTTP proxy"))
        return None
    return replace(given, text=proxy)


def _is_exempt(environ: Mapping[str, str], host: str, port: int) -> bool:
    """Whether NO_PROXY names `host`: by name with its subdomains, by address, network, or `*`."""
    text = environ.get("no_proxy") or environ.get("NO_PROXY") or ""
    return any(_names(item.strip(), host.lower(), port) for item in text.split(",") if item.strip())


def _names(item: str, host: str, port: int) -> bool:
    if item == "*":
        return True
    address = ip_of(host)
    if address is not None:
        try:
            return address in ipaddress.ip_network(item.strip("[]"), strict=False)
        except ValueError:
            return item in (f"{host}:{port}", f"[{host}]:{port}")
    name, _, wanted = item.lower().removeprefix("*").removeprefix(".").partition(":")
    return wanted in ("", str(port)) and (host == name or host.endswith("." + name))


def ip_of(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    """`host` as an address; `None` for a name."""
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None
