"""Which server a name means, and what is said of it: by the environment, or by the user configuration.

Address and credentials come from one of the two, never from both: otherwise an address that was meant
for one server would get the credentials of another. A file that wants a variable refers to it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Any

from launcher.diagnostics import Diagnostic
from launcher.job.address import Door
from launcher.settings.outside import inside
from launcher.settings.secretfile import read_secret
from launcher.settings.userfile import SECRETS, expanded
from launcher.settings.values import Given, Source, of_variable

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from launcher.settings.userfile import UserConfiguration

__all__ = ["VARIABLES", "Described", "described", "secrets_in"]

VARIABLES: Mapping[str, tuple[str, ...]] = {
    "url": ("LAUNCHER_URL",),
    "urlTemplate": ("BK_API_URL_TMPL",),
    "stage": ("LAUNCHER_STAGE",),
    "door": ("LAUNCHER_DOOR",),
    "tenant": ("BK_TENANT_ID",),
    "appCode": ("BK_APP_CODE", "BKPAAS_APP_ID"),
    "appSecret": ("BK_APP_SECRET", "BKPAAS_APP_SECRET"),
    "accessToken": ("BK_JOB_ACCESS_TOKEN",),
    "ticket": ("BK_TICKET",),
    "token": ("BK_TOKEN",),
    "username": ("BK_USERNAME",),
}
"""The variables behind each field of a server that the environment describes.

Source: bkpaas runtimes set BKPAAS_APP_ID, BKPAAS_APP_SECRET, BK_API_URL_TMPL and BK_COMPONENT_API_URL.
"""

_ESB_BASE = "BK_COMPONENT_API_URL"
"""The second name of LAUNCHER_URL, for the door `esb` only: its components are below that address."""

_ONLY = "LAUNCHER_SERVER"
_OURS = ("LAUNCHER_STAGE", "LAUNCHER_DOOR", _ONLY)


@dataclass(frozen=True, slots=True)
class Described:
    """A server as it is described.

    Attributes:
        name: what a workspace calls it.
        source: `ENVIRONMENT` or `FILE`: where all of `fields` are from.
        fields: what is said of it, by the names of the user configuration.
        unused: variables about a server that do not count for this one, sorted.
        instead: the user configuration describes a server of that name, too, which does not count.
        outside: folders that its certificates must not lie in.
    """

    name: str
    source: Source
    fields: Mapping[str, Given]
    unused: tuple[str, ...] = ()
    instead: bool = False
    outside: tuple[Path, ...] = ()


def described(
    environ: Mapping[str, str], user: UserConfiguration, name: str, problems: list[Diagnostic]
) -> Described | None:
    """What is said of the server `name`; `None` where `problems` says why there is nothing.

    The environment describes one server as a whole, if it holds an address: the one that LAUNCHER_SERVER
    names, or whichever is asked for. Otherwise the user configuration does.
    """
    has_address = _has_address(environ)
    only = environ.get(_ONLY)
    if has_address and only in (None, name):
        fields = _of_environment(environ, problems)
        also = name in user.servers
        return Described(name, Source.ENVIRONMENT, fields, instead=also, outside=user.outside)
    if name in user.servers:
        half = [item for item in _OURS if item in environ]
        if half and not has_address:
            facts = {"server": name, "variables": ", ".join(half), "config": user.path}
            problems.append(Diagnostic("L507", facts))
        fields = _of_file(environ, user, name, problems)
        unused = _unused(environ, fields)
        return Described(name, Source.FILE, fields, unused, outside=user.outside)
    if not user.servers and not has_address:
        # Nobody describes it yet: what the environment would need is told.
        fields = _of_environment(environ, problems)
        return Described(name, Source.ENVIRONMENT, fields, outside=user.outside)
    problems.append(_unknown(user, name, only if has_address else None))
    return None


def _unknown(user: UserConfiguration, name: str, only: str | None) -> Diagnostic:
    known = sorted({*user.servers, *([only] if only else [])})
    near = get_close_matches(name, known, 1)
    facts = {
        "server": name,
        "known": ", ".join(known),
        "config": user.path or "the user configuration",
        "nearest": "".join(near),
    }
    return Diagnostic("L508", facts, hint="nearest" if near else "default")


def _door(environ: Mapping[str, str]) -> str:
    return environ.get("LAUNCHER_DOOR", Door.GATEWAY)


def _has_address(environ: Mapping[str, str]) -> bool:
    if _door(environ) == Door.ESB and _ESB_BASE in environ:
        return True
    return any(item in environ for key in ("url", "urlTemplate") for item in VARIABLES[key])


def _of_environment(environ: Mapping[str, str], problems: list[Diagnostic]) -> Mapping[str, Given]:
    fields: dict[str, Given] = {}
    for key, names in VARIABLES.items():
        if key == "url" and _door(environ) == Door.ESB:
            names = (*names, _ESB_BASE)  # noqa: PLW2901 - one more for this door
        elif len({environ[item] for item in names if item in environ}) > 1:
            problems.append(Diagnostic("L509", {"first": names[0], "second": names[1]}))
        given = of_variable(environ, *names)
        if given is not None:
            fields[key] = given
    if "url" in fields:
        # A whole address stands for template and stage; platforms set the template for everybody.
        fields.pop("urlTemplate", None)
    return fields


def _unused(environ: Mapping[str, str], fields: Mapping[str, Given]) -> tuple[str, ...]:
    used = {given.variable for given in fields.values()}
    every = {item for names in VARIABLES.values() for item in names} | {_ONLY, _ESB_BASE}
    return tuple(sorted(item for item in every if item in environ and item not in used))


def _of_file(
    environ: Mapping[str, str], user: UserConfiguration, name: str, problems: list[Diagnostic]
) -> Mapping[str, Given]:
    fields: dict[str, Given] = {}
    folder = Path(user.path).parent
    for key, value in user.servers[name].items():
        given = Given(
            f"spec.servers.{name}.{key}",
            value if isinstance(value, str) else "",
            Source.FILE,
            place=user.place("servers", name, key),
        )
        if not isinstance(value, str):
            given = _referred(environ, user, given, value, problems)
        elif key == "caBundle":
            given = replace(given, text=str(expanded(environ, value, folder)))
        fields[key] = given
    return fields


def secrets_in(environ: Mapping[str, str], user: UserConfiguration) -> Iterator[str]:
    """Every secret of every server of the user configuration that can be read: what no report may hold."""
    for name in user.servers:
        for key, given in _of_file(environ, user, name, []).items():
            if key in SECRETS and given.text:
                yield given.text


def _referred(
    environ: Mapping[str, str],
    user: UserConfiguration,
    given: Given,
    reference: Mapping[str, Any],
    problems: list[Diagnostic],
) -> Given:
    """`given` with the value that `reference` leads to; without one where `problems` says why."""
    variable = reference.get("env")
    if variable is not None:
        text, reason = environ.get(variable), "the environment does not hold it"
        given, what = replace(given, variable=variable), f"The variable {variable}"
    else:
        path = expanded(environ, reference["file"], Path(user.path).parent)
        text, reason = _in_file(path, user.outside)
        given, what = replace(given, secret_file=str(path)), f"The file {path}"
    if not text:
        reason = reason or "it is empty"
        facts = {"field": given.name, "what": what, "reason": reason}
        problems.append(Diagnostic("L519", facts, given.place))
        return given
    return replace(given, text=text)


def _in_file(path: Path, outside: tuple[Path, ...]) -> tuple[str | None, str]:
    if inside(path, outside) is not None:
        return None, "its way leads through the repository, where a pull request could change it"
    try:
        return read_secret(path.resolve(strict=True))
    except (OSError, RuntimeError, ValueError):
        return None, "there is no such file"
