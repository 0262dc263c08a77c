"""Settings with where each came from, as text and as JSON. Secrets are only said to be set."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from launcher.render.documents import diagnostics
from launcher.render.json_text import FORMAT_VERSION
from launcher.render.paint import PLAIN
from launcher.render.table import table
from launcher.render.visible import visible

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from launcher.diagnostics import Diagnostic
    from launcher.render.paint import Paint

__all__ = ["Configuration", "ServerSettings", "Setting", "config_data", "render_config"]

_NAMED = "LAUNCHER_CONFIG"
_DESCRIBED_BY = {
    "environment": "described by variables of the environment",
    "file": "described by the user configuration",
}


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting.

    Attributes:
        name: as the user configuration calls it, or would.
        value: `None` for a secret, and where it is not set.
        is_secret: it is never shown.
        is_set: whether there is a value.
        source: `flag`, `environment`, `file` or `default`.
        variable: the variable that holds it.
        secret_file: the file that holds it.
        path: the user configuration, where that says so.
        line: the line there.
    """

    name: str
    value: str | None
    is_secret: bool
    is_set: bool
    source: str
    variable: str | None = None
    secret_file: str | None = None
    path: str | None = None
    line: int | None = None


@dataclass(frozen=True, slots=True)
class ServerSettings:
    """One server.

    Attributes:
        name: what a workspace calls it.
        is_sandbox: it is built in.
        source: `environment` or `file`; `None` where nothing describes it.
        settings: what is said of it.
        unused: variables about a server that do not count for it.
        environments: those of the workspace that name it.
        usable: a run could use it as it is described.
    """

    name: str
    is_sandbox: bool
    source: str | None
    settings: Sequence[Setting]
    unused: Sequence[str]
    environments: Sequence[str] = ()
    usable: bool = True


@dataclass(frozen=True, slots=True)
class Configuration:
    """Everything that is shown.

    Attributes:
        path: where the user configuration is looked for; `None` for nowhere.
        is_named: LAUNCHER_CONFIG names it.
        exists: whether it is there.
        described: the names of servers that it describes.
        environment: the environment that is meant.
        general: settings that are about no server.
        servers: the servers that are meant.
    """

    path: str | None
    is_named: bool
    exists: bool
    described: Sequence[str]
    environment: str | None
    general: Sequence[Setting]
    servers: Sequence[ServerSettings]


def render_config(shown: Configuration, paint: Paint = PLAIN) -> str:
    """The answer of `config show` for people."""
    blocks = [_file(shown), _settings(shown.general, paint)]
    blocks += [_server(item, paint) for item in shown.servers]
    return "\n".join(blocks)


def _file(shown: Configuration) -> str:
    if shown.path is None:
        return "User configuration: none\n"
    notes = [_NAMED] if shown.is_named else []
    notes += [] if shown.exists else ["not there"]
    text = f"User configuration: {visible(shown.path)}"
    text += f" ({', '.join(notes)})\n" if notes else "\n"
    if shown.described:
        text += f"Servers in it: {', '.join(map(visible, shown.described))}\n"
    return text


def _server(server: ServerSettings, paint: Paint) -> str:
    title = f"Server {paint.bold(visible(server.name))}"
    if server.environments:
        names = ", ".join(paint.bold(visible(item)) for item in server.environments)
        title += f" of environment{'s' if len(server.environments) > 1 else ''} {names}"
    if server.is_sandbox:
        return f"{title}: built in, without an address and credentials\n"
    described = _DESCRIBED_BY.get(server.source or "", "not described")
    text = f"{title}, {described}\n"
    if server.settings:
        text += "\n" + _settings(server.settings, paint)
    if server.unused:
        text += (
            f"\n{paint.careful('Not used for it:')} {', '.join(server.unused)}. Such variables count only "
            "beside an address of the environment.\n"
        )
    if not server.usable:
        text += (
            f"\n{paint.careful('A run could not use it')} as it is described.{_asked_for(server)}\n"
        )
    return text


def _asked_for(server: ServerSettings) -> str:
    """The command that tells why."""
    if not server.environments:
        return ""
    return f" Why:\n  launcher config show -e {visible(server.environments[0])}"


def _settings(settings: Sequence[Setting], paint: Paint) -> str:
    rows = [("SETTING", "VALUE", "FROM")]
    rows += [(item.name, _value(item), _origin(item)) for item in settings]
    # What is as everybody has it stands back.
    stays: Callable[[int, str], str] = lambda number, text: (  # noqa: E731 - two columns share it
        paint.faint(text) if number and settings[number - 1].source == "default" else text
    )
    return table(rows, paints={1: stays, 2: stays})


def _value(item: Setting) -> str:
    if item.is_secret:
        return "(set)" if item.is_set else "(not set)"
    return "-" if item.value is None else visible(item.value)


def _origin(item: Setting) -> str:
    if item.source == "file":
        where = f"{item.path}:{item.line}"
        by = item.variable or item.secret_file
        return visible(f"{where}, which names {by}" if by else where)
    if item.source == "flag":
        return "--lang"
    return item.variable or item.source


def config_data(shown: Configuration, found: Iterable[Diagnostic]) -> dict[str, Any]:
    """The answer of `config show` in JSON."""
    return {
        "format_version": FORMAT_VERSION,
        "user_config": {
            "path": shown.path,
            "variable": _NAMED if shown.is_named else None,
            "exists": shown.exists,
            "servers": list(shown.described),
        },
        "environment": shown.environment,
        "settings": [_data(item) for item in shown.general],
        "servers": [_server_data(item) for item in shown.servers],
        "diagnostics": diagnostics(found),
    }


def _server_data(server: ServerSettings) -> dict[str, Any]:
    return {
        "name": server.name,
        "environments": list(server.environments),
        "sandbox": server.is_sandbox,
        "usable": server.usable,
        "source": server.source,
        "settings": [_data(item) for item in server.settings],
        "unused": list(server.unused),
    }


def _data(item: Setting) -> dict[str, Any]:
    return {
        "name": item.name,
        "value": item.value,
        "secret": item.is_secret,
        "set": item.is_set,
        "source": item.source,
        "variable": item.variable,
        "secret_file": item.secret_file,
        "path": item.path,
        "line": item.line,
    }
