"""Who asks: the application, and the one user it asks for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from launcher.diagnostics import Diagnostic
from launcher.job.address import Credentials, Identity
from launcher.settings.servers import VARIABLES
from launcher.settings.values import Source

if TYPE_CHECKING:
    from launcher.settings.servers import Described

__all__ = ["IDENTITIES", "credentials_of", "missing"]

IDENTITIES = {
    "accessToken": Identity.ACCESS_TOKEN,
    "ticket": Identity.TICKET,
    "token": Identity.TOKEN,
    "username": Identity.USERNAME,
}
"""What proves who asks, by the name of the field."""


def credentials_of(server: Described, problems: list[Diagnostic]) -> Credentials | None:
    """Who asks `server`; `None` where `problems` says why nobody can."""
    fields = server.fields
    lacking = [key for key in ("appCode", "appSecret") if key not in fields]
    if lacking:
        problems.append(missing(server, *lacking))
    proofs = [key for key in IDENTITIES if key in fields]
    if len(proofs) != 1:
        problems.append(_not_one(server, proofs))
    if lacking or len(proofs) != 1:
        return None
    return Credentials(
        fields["appCode"].text,
        fields["appSecret"].text,
        IDENTITIES[proofs[0]],
        fields[proofs[0]].text,
    )


def missing(server: Described, *keys: str) -> Diagnostic:
    """`server` lacks the fields `keys`."""
    names = ", ".join(_called(server, key) for key in keys)
    facts = {"server": server.name, "variables": names, "where": _where(server)}
    return Diagnostic("L500", facts, hint=_hint(server))


def _not_one(server: Described, proofs: list[str]) -> Diagnostic:
    *most, last = (_called(server, key) for key in IDENTITIES)
    facts = {
        "server": server.name,
        "choices": f"{', '.join(most)} and {last}",
        "found": ", ".join(_called(server, key) for key in proofs) or "none",
    }
    return Diagnostic("L503", facts, hint=_hint(server))


def _called(server: Described, key: str) -> str:
    return VARIABLES[key][0] if server.source is Source.ENVIRONMENT else f"`{key}`"


def _where(server: Described) -> str:
    if server.source is Source.ENVIRONMENT:
        return "the environment"
    return "its entry in the user configuration"


def _hint(server: Described) -> str:
    if server.source is Source.FILE:
        return "file"
    return "instead" if server.instead else "default"
