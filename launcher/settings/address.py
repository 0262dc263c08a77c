"""Where a server is: its address, checked, from a whole URL or from a template and a stage."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import SplitResult, urlsplit

from launcher.diagnostics import Diagnostic
from launcher.job.address import Address, Door
from launcher.settings.problems import bad
from launcher.settings.proxy import ip_of, proxy_for

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["GATEWAY", "address_in"]

GATEWAY = "bk-job"
"""JOB's name on the API gateway. Source: bk-job, charts/bk-job/values.yaml, `bkApiGatewayConfig`."""

_HOST = re.compile(r"[A-Za-z0-9]([A-Za-z0-9._-]{0,252})", re.ASCII)
_PATH = re.compile(r"[A-Za-z0-9._~/-]*", re.ASCII)
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}", re.ASCII)


def address_in(environ: Mapping[str, str], name: str, problems: list[Diagnostic]) -> Address | None:
    """Where `environ` says that the server `name` is; `None` where `problems` says why not."""
    door = environ.get("LAUNCHER_DOOR", Door.GATEWAY)
    if door not in tuple(Door):
        problems.append(Diagnostic("L504", {"door": door}))
    tenant = environ.get("BK_TENANT_ID")
    if tenant is not None and not _NAME.fullmatch(tenant):
        problems.append(bad("BK_TENANT_ID", "it is not the id of a tenant"))
    bundle = environ.get("LAUNCHER_CA_BUNDLE")
    if bundle is not None and not Path(bundle).is_file():
        problems.append(Diagnostic("L506", {"path": bundle, "reason": "there is no such file"}))
    url = _url(environ, name, problems)
    if url is None:
        return None
    proxy = proxy_for(environ, url, problems)
    return Address(url.geturl(), Door.GATEWAY, tenant, bundle, proxy)


def _url(environ: Mapping[str, str], name: str, problems: list[Diagnostic]) -> SplitResult | None:
    variable = "LAUNCHER_URL" if "LAUNCHER_URL" in environ else "BK_API_URL_TMPL"
    text = environ.get(variable)
    if text is None:
        problems.append(Diagnostic("L500", {"server": name, "variables": "BK_API_URL_TMPL"}))
        return None
    if variable == "BK_API_URL_TMPL":
        text = _filled(text, environ.get("LAUNCHER_STAGE", "prod"), problems)
    elif "LAUNCHER_STAGE" in environ:
        problems.append(bad("LAUNCHER_STAGE", "LAUNCHER_URL already holds the stage"))
    parts, reason = _split(text.rstrip("/"))
    if parts is None:
        problems.append(bad(variable, reason))
    elif parts.scheme == "http" and not _may_be_plain(environ, parts):
        problems.append(Diagnostic("L502", {"variable": variable}))
    elif parts.path.endswith("/api/v3"):
        problems.append(bad(variable, "it must end before `/api/v3`"))
    return parts


def _filled(template: str, stage: str, problems: list[Diagnostic]) -> str:
    """Both names of the placeholder are in use. Source: bkapi-client-core, bk-cli."""
    if not _NAME.fullmatch(stage):
        problems.append(bad("LAUNCHER_STAGE", "it is not the name of a stage"))
    url = template.replace("{gateway_name}", GATEWAY).replace("{api_name}", GATEWAY)
    if url == template:
        problems.append(bad("BK_API_URL_TMPL", "it lacks `{gateway_name}`"))
    return f"{url.rstrip('/')}/{stage}"


def _split(url: str) -> tuple[SplitResult | None, str]:
    """The parts of a base address, or why it is none; never quotes it: it may hold a password."""
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname or "", parts.port
    except ValueError:
        return None, "it is not a URL"
    if parts.scheme not in ("http", "https"):
        return None, "it does not start with `https://`"
    if "@" in parts.netloc or parts.query or parts.fragment or "?" in url or "#" in url:
        return None, "it holds a user name, a query or a fragment"
    if not (_HOST.fullmatch(host) or ip_of(host)) or not _PATH.fullmatch(parts.path):
        return None, "its host or its path holds characters that do not belong there"
    return parts, ""


def _may_be_plain(environ: Mapping[str, str], parts: SplitResult) -> bool:
    host = parts.hostname or ""
    address = ip_of(host)
    is_loopback = host == "localhost" if address is None else address.is_loopback
    return is_loopback and environ.get("LAUNCHER_ALLOW_HTTP") == "1"
