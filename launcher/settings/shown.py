"""Every setting with its value and where it came from, for people who look. No secret is in it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING
from urllib.parse import urlsplit, urlunsplit

from launcher.errors import SurroundingsFailed
from launcher.job.address import Door
from launcher.settings.address import address_of, certificates, url_of
from launcher.settings.credentials import IDENTITIES, credentials_of
from launcher.settings.proxy import proxy_for
from launcher.settings.servers import described
from launcher.settings.userfile import SECRETS
from launcher.settings.values import Given, Source, of_variable

if TYPE_CHECKING:
    from launcher.diagnostics import Diagnostic, Place
    from launcher.settings.environment import Settings
    from launcher.settings.servers import Described
    from launcher.settings.userfile import UserConfiguration

__all__ = ["GENERAL", "Row", "ServerRows", "general_rows", "server_rows"]

GENERAL = {
    "lang": ("LAUNCHER_LANG", "en"),
    "poll": ("LAUNCHER_POLL", "2s"),
    "startWindow": ("LAUNCHER_START_WINDOW", "5s"),
    "startGrace": ("LAUNCHER_START_GRACE", "120s"),
    "startLimit": ("LAUNCHER_START_LIMIT", "600s"),
    "lockStale": ("LAUNCHER_LOCK_STALE", "120s"),
    "ledgerDir": ("LAUNCHER_LEDGER_DIR", None),
    "secretsDir": ("LAUNCHER_SECRETS_DIR", None),
    "reviewedDigest": ("LAUNCHER_REVIEWED_DIGEST", None),
    "gitRemote": ("LAUNCHER_GIT_REMOTE", None),
    "gitToken": ("LAUNCHER_GIT_TOKEN", None),
    "sandboxWorld": ("LAUNCHER_SANDBOX_WORLD", None),
    "allowHttp": ("LAUNCHER_ALLOW_HTTP", None),
}
"""The variable and the default of each setting that is about no server in particular."""

_SECRET = (*SECRETS, "gitToken")


@dataclass(frozen=True, slots=True)
class Row:
    """One setting as it is shown.

    Attributes:
        name: what the user configuration calls it, or would.
        value: what it is; `None` for a secret, and where it is not set.
        is_secret: its value is never shown.
        is_set: whether there is a value.
        source: what it came from.
        variable: the variable that holds it.
        secret_file: the file that holds it.
        place: where the user configuration says so.
    """

    name: str
    value: str | None
    is_secret: bool
    is_set: bool
    source: Source
    variable: str | None = None
    secret_file: str | None = None
    place: Place | None = None


@dataclass(frozen=True, slots=True)
class ServerRows:
    """What is said of one server.

    Attributes:
        name: what a workspace calls it.
        source: what describes it; `None` where nothing does.
        rows: its settings.
        unused: variables about a server that do not count for this one.
    """

    name: str
    source: Source | None
    rows: tuple[Row, ...]
    unused: tuple[str, ...] = ()


def general_rows(
    settings: Settings, language: str | None, problems: list[Diagnostic]
) -> tuple[Row, ...]:
    """The settings that are about no server; `language` is what the command line asks for."""
    try:
        user = settings.user.content
    except SurroundingsFailed as error:
        problems += error.diagnostics
        user = None
    rows = []
    for name, (variable, default) in GENERAL.items():
        given = of_variable(settings.environ, variable)
        if name == "lang" and language is not None:
            given = Given("--lang", language, Source.FLAG)
        elif given is None and user is not None and name in ("lang", "poll"):
            text = user.lang if name == "lang" else user.poll
            if text is not None:
                given = Given(f"spec.{name}", text, Source.FILE, place=user.place(name))
        rows.append(_row(name, given, default))
    return _with_lines(rows, user)


def server_rows(settings: Settings, name: str, problems: list[Diagnostic]) -> ServerRows:
    """What is said of the server `name`, and in `problems` why it could not be used as it is."""
    try:
        user = settings.user.content
    except SurroundingsFailed as error:
        problems += error.diagnostics
        return ServerRows(name, None, ())
    found_problems: list[Diagnostic] = []
    found = described(settings.environ, user, name, found_problems)
    rows: tuple[Row, ...] = ()
    if found is not None:
        address_of(found, settings.environ, found_problems)
        credentials_of(found, found_problems)
        rows = _with_lines(_rows(found, settings), user)
    problems += user.located(found_problems)
    if found is None:
        return ServerRows(name, None, rows)
    return ServerRows(name, found.source if found.fields else None, rows, found.unused)


def _with_lines(rows: list[Row], user: UserConfiguration | None) -> tuple[Row, ...]:
    if user is None:
        return tuple(rows)
    places = user.with_lines(row.place for row in rows)
    return tuple(replace(row, place=place) for row, place in zip(rows, places, strict=True))


def _rows(server: Described, settings: Settings) -> list[Row]:
    fields, environ = server.fields, settings.environ
    url = url_of(server, environ, [])
    base = fields.get("url") or fields.get("urlTemplate")
    if base is not None and url is not None:
        base = replace(base, text=url.geturl())
    rows = [_row("url", base, None)]
    if "url" not in fields and "urlTemplate" in fields:
        rows.append(_row("stage", fields.get("stage"), "prod"))
    rows += [
        _row("door", fields.get("door"), Door.GATEWAY.value),
        _row("tenant", fields.get("tenant"), None),
        _row("caBundle", certificates(server, environ), None),
        _row("proxy", None if url is None else proxy_for(server, environ, url, []), None),
        _row("appCode", fields.get("appCode"), None),
        _row("appSecret", fields.get("appSecret"), None),
    ]
    rows += [_row(key, fields[key], None) for key in IDENTITIES if key in fields]
    return rows


def _row(name: str, given: Given | None, default: str | None) -> Row:
    is_secret = name in _SECRET
    if given is None:
        return Row(name, default, is_secret, default is not None, Source.DEFAULT)
    return Row(
        name=name,
        value=None if is_secret or not given.text else _without_user(given.text),
        is_secret=is_secret,
        is_set=bool(given.text),
        source=given.source,
        variable=given.variable,
        secret_file=given.secret_file,
        place=given.place,
    )


def _without_user(text: str) -> str:
    """`text` without the user's part, the query and the fragment, if it is a URL: those may be secret."""
    if "://" not in text:
        return text
    try:
        parts = urlsplit(text)
    except ValueError:
        return "…"
    _, at, host = parts.netloc.rpartition("@")
    hidden = "…" if parts.query or parts.fragment else ""
    return urlunsplit((parts.scheme, f"…@{host}" if at else host, parts.path, "", "")) + hidden
