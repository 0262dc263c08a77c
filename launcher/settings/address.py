"""Where a server is: its address, checked, from a whole URL or from a template and a stage."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import SplitResult, urlsplit

from launcher.diagnostics import Diagnostic
from launcher.job.address import Address, Door
from launcher.settings.credentials import missing
from launcher.settings.outside import inside
from launcher.settings.proxy import ip_of, proxy_for
from launcher.settings.values import bad, of_variable

if TYPE_CHECKING:
    from collections.abc import Mapping

    from launcher.settings.servers import Described
    from launcher.settings.values import Given

__all__ = ["GATEWAY", "address_of", "certificates", "url_of"]

GATEWAY = "bk-job"
"""JOB's name on the API gateway. Source: bk-job, charts/bk-job/values.yaml, `bkApiGatewayConfig`."""

_BELOW = {Door.GATEWAY: "/api/v3", Door.ESB: "/api/c/compapi"}
"""What follows the base of each door."""

_HOST = re.compile(r"[A-Za-z0-9]([A-Za-z0-9._-]{0,252})", re.ASCII)
_PATH = re.compile(r"[A-Za-z0-9._~/-]*", re.ASCII)
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}", re.ASCII)


def address_of(
    server: Described, environ: Mapping[str, str], problems: list[Diagnostic]
) -> Address | None:
    """Where `server` is; `None` where `problems` says why nobody can tell.

    Certificates and proxy of the environment go before those of the user configuration.
    """
    door = _door(server, problems)
    tenant = _tenant(server, door, problems)
    bundle = certificates(server, environ)
    if bundle is not None and (reason := _unusable(Path(bundle.text), server.outside)):
        facts = {"path": bundle.text, "reason": reason}
        problems.append(Diagnostic("L506", facts, bundle.place))
    url = url_of(server, environ, problems)
    if url is None:
        return None
    proxy = proxy_for(server, environ, url, problems)
    return Address(
        url.geturl(),
        door,
        tenant,
        None if bundle is None else bundle.text,
        None if proxy is None else proxy.text,
    )


def certificates(server: Described, environ: Mapping[str, str]) -> Given | None:
    """The file of certificates for `server`, if there is one to be used."""
    return of_variable(environ, "LAUNCHER_CA_BUNDLE") or server.fields.get("caBundle")


def _unusable(bundle: Path, outside: tuple[Path, ...]) -> str:
    """Why `bundle` cannot say who is trusted; empty where it can."""
    if inside(bundle, outside) is not None:
        return "its way leads through the repository, where a pull request could change it"
    return "" if bundle.is_file() else "there is no such file"


def url_of(
    server: Described, environ: Mapping[str, str], problems: list[Diagnostic]
) -> SplitResult | None:
    """The base address of `server`; `None` where `problems` says why there is none."""
    fields, door = server.fields, _door(server, [])
    given, stage = fields.get("url"), fields.get("stage")
    if given is not None:
        text = given.text
        if stage is not None:
            problems.append(bad(stage, f"{given.name} already holds the stage"))
        if "urlTemplate" in fields:
            problems.append(bad(fields["urlTemplate"], f"it stands beside {given.name}"))
    elif "urlTemplate" not in fields:
        problems.append(missing(server, "urlTemplate" if door is Door.GATEWAY else "url"))
        return None
    elif door is Door.ESB:
        given = fields["urlTemplate"]
        problems.append(Diagnostic("L548", {"variable": given.name}, given.place))
        return None
    else:
        given = fields["urlTemplate"]
        text = _filled(given, stage, problems)
    return _checked(given, text, door, environ, problems)


def _checked(
    given: Given,
    text: str,
    door: Door,
    environ: Mapping[str, str],
    problems: list[Diagnostic],
) -> SplitResult | None:
    parts, reason = _split(text.rstrip("/"))
    if parts is None:
        problems.append(bad(given, reason))
    elif parts.scheme == "http" and not _may_be_plain(environ, parts):
        problems.append(Diagnostic("L502", {"variable": given.name}, given.place))
    elif f"{parts.path}/".endswith(f"{_BELOW[door]}/") or (
        door is Door.ESB and f"{_BELOW[door]}/" in parts.path
    ):
        problems.append(bad(given, f"it must end before `{_BELOW[door]}`"))
    return parts


def _door(server: Described, problems: list[Diagnostic]) -> Door:
    given = server.fields.get("door")
    if given is None:
        return Door.GATEWAY
    if given.text not in tuple(Door):
        problems.append(Diagnostic("L504", {"door": given.text}, given.place))
        return Door.GATEWAY
    door = Door(given.text)
    stage = server.fields.get("stage")
    if door is Door.ESB and stage is not None and "url" not in server.fields:
        problems.append(bad(stage, "the door `esb` has no stages"))
    return door


def _tenant(server: Described, door: Door, problems: list[Diagnostic]) -> str | None:
    given = server.fields.get("tenant")
    if given is None:
        return None
    if not _NAME.fullmatch(given.text):
        problems.append(bad(given, "it is not the id of a tenant"))
    elif door is Door.ESB:
        # Source: bk-job, `OpenApiJwtServiceImpl`: with tenants on, nobody is let in by this door.
        problems.append(bad(given, "the door `esb` knows no tenants"))
    return given.text


def _filled(given: Given, stage: Given | None, problems: list[Diagnostic]) -> str:
    """Both names of the placeholder are in use. Source: bkapi-client-core, bk-cli."""
    if stage is not None and not _NAME.fullmatch(stage.text):
        problems.append(bad(stage, "it is not the name of a stage"))
    url = given.text.replace("{gateway_name}", GATEWAY).replace("{api_name}", GATEWAY)
    if url == given.text:
        problems.append(bad(given, "it lacks `{gateway_name}`"))
    return f"{url.rstrip('/')}/{stage.text if stage else 'prod'}"


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
