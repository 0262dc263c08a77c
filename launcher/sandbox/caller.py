"""Who calls: the app and the user that a request's credentials stand for.

The gateway reads the header `X-Bkapi-Authorization` only, ESB the body only. Where no user of a
world has tokens, any token stands for its first user. Source: bk-job, `BkApiAuthorization`,
`CheckOpenApiJwtGatewayFilterFactory`; the gateway's and ESB's own checks are theirs, not JOB's, and
are answered here with 401.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from launcher.sandbox.params import Params
from launcher.sandbox.refusal import Refused

if TYPE_CHECKING:
    from collections.abc import Mapping

    from launcher.sandbox.definition import Definition
    from launcher.sandbox.routes import Entrance
    from launcher.sandbox.wire import Json, Request

__all__ = ["MASK", "SECRETS", "Caller", "identify", "is_english"]

MASK = "******"
SECRETS = frozenset({"bk_app_secret", "access_token", "bk_token", "bk_ticket"})
"""Credentials that are never shown."""

_TOKENS = ("access_token", "bk_token", "bk_ticket")
_ROBOT = "admin"


@dataclass(frozen=True, slots=True)
class Caller:
    """Who calls; a part that the credentials do not tell is `None`."""

    app_code: str | None
    user: str | None


def identify(
    definition: Definition,
    entrance: Entrance,
    request: Request,
    body: Mapping[str, Json],
) -> Caller | None:
    """The caller; `None` if the credentials are missing, contradictory or unknown."""
    given = body if entrance.door == "esb" else _from_header(request)
    if given is None or (given.get("bk_token") and given.get("bk_ticket")):
        return None
    token = next((given[name] for name in _TOKENS if given.get(name)), None)
    app_code = given.get("bk_app_code") or None
    if (app_code is None or not given.get("bk_app_secret")) and not given.get("access_token"):
        return None
    user = given.get("bk_username") if token is None else _owner(definition, str(token))
    if token is not None and user is None:
        return None
    if entrance.system:
        user = request.headers.get("x-bk-username") or user
    return Caller(None if app_code is None else str(app_code), str(user) if user else None)


def is_english(request: Request) -> bool:
    """The caller asked for English messages; everybody else gets Chinese."""
    return request.headers.get("blueking-language", "").lower() == "en"


def _from_header(request: Request) -> Mapping[str, Json] | None:
    try:
        return Params.of_body(request.headers.get("x-bkapi-authorization", "").encode()).values
    except Refused:
        return None


def _owner(definition: Definition, token: str) -> str | None:
    if any(user.tokens for user in definition.users):
        return next((user.name for user in definition.users if token in user.tokens), None)
    return definition.users[0].name if definition.users else _ROBOT
