"""What the environment says, read once, checked, and frozen.

Addresses, certificates, proxies and credentials come from here only, never from a repository.
`from_environment` reads what every run needs; `server` reads what only a real JOB server needs, and
only then. An empty variable counts as absent. Importing this module costs no HTTP library.
"""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING
from urllib.parse import SplitResult, urlsplit

from launcher.diagnostics import Diagnostic
from launcher.errors import SurroundingsFailed
from launcher.job.address import Address, Credentials, Door, Identity
from launcher.model.times import seconds_of

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["GATEWAY", "SECRET_PREFIX", "Settings"]

GATEWAY = "bk-job"
"""JOB's name on the API gateway. Source: bk-job, charts/bk-job/values.yaml, `bkApiGatewayConfig`."""

SECRET_PREFIX = "LAUNCHER_SECRET_"  # noqa: S105 - the name of variables
"""`env: NAME` in a manifest reads the variable of this prefix and NAME, and no other."""

_SHORTEST_S, _LONGEST_S = 0.05, 86_400.0

_DURATIONS = {
    "start_window_s": ("LAUNCHER_START_WINDOW", 5.0),
    "start_grace_s": ("LAUNCHER_START_GRACE", 120.0),
    "start_limit_s": ("LAUNCHER_START_LIMIT", 600.0),
    "lock_stale_s": ("LAUNCHER_LOCK_STALE", 120.0),
    "poll_s": ("LAUNCHER_POLL", 2.0),
}
_DIGEST = re.compile(r"(offline:)?v1:sha256:[0-9a-f]{64}", re.ASCII)
_HOST = re.compile(r"[A-Za-z0-9]([A-Za-z0-9._-]{0,252})", re.ASCII)
_PATH = re.compile(r"[A-Za-z0-9._~/-]*", re.ASCII)
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}", re.ASCII)
_IDENTITIES = {
    "BK_JOB_ACCESS_TOKEN": Identity.ACCESS_TOKEN,
    "BK_TICKET": Identity.TICKET,
    "BK_TOKEN": Identity.TOKEN,
    "BK_USERNAME": Identity.USERNAME,
}


@dataclass(frozen=True, slots=True)
class Settings:
    """The environment's settings; durations in seconds.

    Attributes:
        start_window_s: how long after the append of `starting` a START may still be sent.
        start_grace_s: how long an instance must stay at status 1 before a second START.
        start_limit_s: how long it may stay there before the outcome is unknown.
        lock_stale_s: how long a session may be silent before another may take over.
        poll_s: the shortest pause between two looks at running instances.
        ledger_dir: where `file` ledgers are kept instead of `.launcher/ledger`.
        secrets_dir: where secrets with `file` are read, and nowhere else.
        reviewed_digest: the changeset digest that was reviewed.
        git_remote: name or address of the remote that `git` ledgers are kept on; `None` for the repository's own.
        git_token: what git authenticates with there over HTTPS; `None` for what git finds itself.
    """

    start_window_s: float = 5.0
    start_grace_s: float = 120.0
    start_limit_s: float = 600.0
    lock_stale_s: float = 120.0
    poll_s: float = 2.0
    ledger_dir: Path | None = None
    secrets_dir: Path | None = None
    reviewed_digest: str | None = None
    git_remote: str | None = None
    git_token: str | None = field(default=None, repr=False)
    _environ: Mapping[str, str] = field(default_factory=dict, repr=False, compare=False)

    @classmethod
    def from_environment(cls, environ: Mapping[str, str]) -> Settings:
        """What `environ` says.

        Raises:
            SurroundingsFailed: values that cannot be used, all of them at once.
        """
        given = {name: value for name, value in environ.items() if value}
        problems: list[Diagnostic] = []
        durations = {
            attribute: _duration(given, variable, default, problems)
            for attribute, (variable, default) in _DURATIONS.items()
        }
        if not problems:
            problems += _contradictions(durations)
        found = cls(
            **durations,
            ledger_dir=_folder(given, "LAUNCHER_LEDGER_DIR", problems),
            secrets_dir=_folder(given, "LAUNCHER_SECRETS_DIR", problems),
            reviewed_digest=_digest(given, problems),
            git_remote=given.get("LAUNCHER_GIT_REMOTE"),
            git_token=_token(given, problems),
            _environ=MappingProxyType(given),
        )
        if problems:
            raise SurroundingsFailed(*problems)
        return found

    def secret(self, name: str) -> str | None:
        """The value of the variable that `env: name` means; `None` if it is absent or empty."""
        return self._environ.get(SECRET_PREFIX + name)

    def server(self, name: str) -> tuple[Address, Credentials]:
        """Where the server that a workspace calls `name` is, and who asks there.

        Every name but `sandbox` means the one server that the environment describes.

        Raises:
            SurroundingsFailed: what is missing or cannot be used, all of it at once.
        """
        problems: list[Diagnostic] = []
        address = _address(self._environ, name, problems)
        credentials = _credentials(self._environ, name, problems)
        if address is None or credentials is None or problems:
            raise SurroundingsFailed(*problems)
        return address, credentials


# --- what every run needs ---------------------------------------------------------------------


def _duration(
    given: Mapping[str, str], variable: str, default_s: float, problems: list[Diagnostic]
) -> float:
    text = given.get(variable)
    if text is None:
        return default_s
    seconds = seconds_of(text.strip())
    if seconds is None:
        problems.append(_bad(variable, f"`{text}` is not a duration like `90`, `30s` or `10m`"))
        return default_s
    if not _SHORTEST_S <= seconds <= _LONGEST_S:
        problems.append(_bad(variable, f"`{text}` is not between 50ms and 24h"))
        return default_s
    return seconds


def _contradictions(durations: Mapping[str, float]) -> list[Diagnostic]:
    """A second START must never be near while a first one may still be sent."""
    pairs = (("start_window_s", "start_grace_s"), ("start_grace_s", "start_limit_s"))
    return [
        Diagnostic("L505", {"short": _DURATIONS[short][0], "long": _DURATIONS[long][0]})
        for short, long in pairs
        if durations[short] >= durations[long]
    ]


def _folder(given: Mapping[str, str], variable: str, problems: list[Diagnostic]) -> Path | None:
    text = given.get(variable)
    if text is None:
        return None
    path = Path(text)
    if not path.is_absolute() or "\0" in text:
        problems.append(_bad(variable, "it is not an absolute path"))
    return path


def _digest(given: Mapping[str, str], problems: list[Diagnostic]) -> str | None:
    text = given.get("LAUNCHER_REVIEWED_DIGEST")
    if text is not None and not _DIGEST.fullmatch(text):
        problems.append(_bad("LAUNCHER_REVIEWED_DIGEST", "it is not `v1:sha256:` and 64 digits"))
    return text


def _token(given: Mapping[str, str], problems: list[Diagnostic]) -> str | None:
    token = given.get("LAUNCHER_GIT_TOKEN")
    if token is not None and not (token.isascii() and token.isprintable()):
        problems.append(_bad("LAUNCHER_GIT_TOKEN", "it holds characters that no token has"))
    return token


def _bad(variable: str, reason: str) -> Diagnostic:
    return Diagnostic("L501", {"variable": variable, "reason": reason})


# --- what a real server needs ------------------------------------------------------------------


def _address(environ: Mapping[str, str], name: str, problems: list[Diagnostic]) -> Address | None:
    door = environ.get("LAUNCHER_DOOR", Door.GATEWAY)
    if door not in tuple(Door):
        problems.append(Diagnostic("L504", {"door": door}))
    tenant = environ.get("BK_TENANT_ID")
    if tenant is not None and not _NAME.fullmatch(tenant):
        problems.append(_bad("BK_TENANT_ID", "it is not the id of a tenant"))
    bundle = environ.get("LAUNCHER_CA_BUNDLE")
    if bundle is not None and not Path(bundle).is_file():
        problems.append(Diagnostic("L506", {"path": bundle, "reason": "there is no such file"}))
    url = _url(environ, name, problems)
    if url is None:
        return None
    proxy = _proxy(environ, url, problems)
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
        problems.append(_bad("LAUNCHER_STAGE", "LAUNCHER_URL already holds the stage"))
    parts, reason = _split(text.rstrip("/"))
    if parts is None:
        problems.append(_bad(variable, reason))
    elif parts.scheme == "http" and not _may_be_plain(environ, parts):
        problems.append(Diagnostic("L502", {"variable": variable}))
    elif parts.path.endswith("/api/v3"):
        problems.append(_bad(variable, "it must end before `/api/v3`"))
    return parts


def _filled(template: str, stage: str, problems: list[Diagnostic]) -> str:
    """Both names of the placeholder are in use. Source: bkapi-client-core, bk-cli."""
    if not _NAME.fullmatch(stage):
        problems.append(_bad("LAUNCHER_STAGE", "it is not the name of a stage"))
    url = template.replace("{gateway_name}", GATEWAY).replace("{api_name}", GATEWAY)
    if url == template:
        problems.append(_bad("BK_API_URL_TMPL", "it lacks `{gateway_name}`"))
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
    if not (_HOST.fullmatch(host) or _ip(host)) or not _PATH.fullmatch(parts.path):
        return None, "its host or its path holds characters that do not belong there"
    return parts, ""


def _may_be_plain(environ: Mapping[str, str], parts: SplitResult) -> bool:
    host = parts.hostname or ""
    address = _ip(host)
    is_loopback = host == "localhost" if address is None else address.is_loopback
    return is_loopback and environ.get("LAUNCHER_ALLOW_HTTP") == "1"


def _ip(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None


def _credentials(
    environ: Mapping[str, str], name: str, problems: list[Diagnostic]
) -> Credentials | None:
    missing = [item for item in ("BK_APP_CODE", "BK_APP_SECRET") if item not in environ]
    if missing:
        problems.append(Diagnostic("L500", {"server": name, "variables": ", ".join(missing)}))
    proofs = [item for item in _IDENTITIES if item in environ]
    if len(proofs) != 1:
        facts = {"server": name, "found": ", ".join(proofs) or "none"}
        problems.append(Diagnostic("L503", facts))
    if missing or len(proofs) != 1:
        return None
    proof = proofs[0]
    return Credentials(
        environ["BK_APP_CODE"], environ["BK_APP_SECRET"], _IDENTITIES[proof], environ[proof]
    )


def _proxy(environ: Mapping[str, str], url: SplitResult, problems: list[Diagnostic]) -> str | None:
    """The proxy for `url`; plain HTTP goes to loopback only, and that never through a proxy."""
    variable = "https_proxy" if "https_proxy" in environ else "HTTPS_PROXY"
    proxy = environ.get(variable)
    host = url.hostname or ""
    if proxy is None or url.scheme == "http" or _is_exempt(environ, host, url.port or 443):
        return None
    proxy = proxy if "://" in proxy else f"http://{proxy}"
    parts = urlsplit(proxy)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        problems.append(_bad(variable, "it is not the address of an HTTP proxy"))
        return None
    return proxy


def _is_exempt(environ: Mapping[str, str], host: str, port: int) -> bool:
    """Whether NO_PROXY names `host`: by name with its subdomains, by address, network, or `*`."""
    text = environ.get("no_proxy") or environ.get("NO_PROXY") or ""
    return any(_names(item.strip(), host.lower(), port) for item in text.split(",") if item.strip())


def _names(item: str, host: str, port: int) -> bool:
    if item == "*":
        return True
    address = _ip(host)
    if address is not None:
        try:
            return address in ipaddress.ip_network(item.strip("[]"), strict=False)
        except ValueError:
            return item in (f"{host}:{port}", f"[{host}]:{port}")
    name, _, wanted = item.lower().removeprefix("*").removeprefix(".").partition(":")
    return wanted in ("", str(port)) and (host == name or host.endswith("." + name))
